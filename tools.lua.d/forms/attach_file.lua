local file_fields, parts, pick = use "tallyfy.file_fields", use "tallyfy.field_parts", use "tallyfy.pick"

tool "attach_file" {
  title  = "Attach a file by its address";
  about  = "Puts a file with a web address into a file field of a task, or of a process's kick-off form, beside those that are "
        .. "there. The address is stored, not a copy: it must stay readable for the people of the process. upload_file stores "
        .. "a copy.";
  effect = "change";
  input  = {
    text "task_id"  { "The task: its id or title; left out for the kick-off form", min = 1, max = 600, optional = true };
    text "run_id"   { "Its process: id or name; needed when only the title is known and it is not unique", max = 550,
                      optional = true };
    text "field_id" { "The file field: its id, alias or label; left out where there is only one", min = 1, max = 500,
                      optional = true };
    text "url"      { "The address, http or https", min = 8, max = 2000 };
    text "filename" { "The name to show; left out, the end of the address", min = 1, max = 180, optional = true };
  };
  output = {
    text "task_id"  { "The task", optional = true };
    text "task"     { "Its title", optional = true };
    text "run_id"   { "The process", optional = true };
    text "run"      { "Its name, where it is the kick-off form", optional = true };
    text "field_id" { "The field" };
    text "field"    { "Its label" };
    list "files"    { "All files in it now", items = object {} };
    flag "added"    { "false: it was there already" };
  };
  run = function (args, call)
    local url = pick.trimmed(args.url)
    if not parts.is_address(url) then
      return nil, { code = "invalid_value", field = "url", message = ("%q is no web address."):format(url),
        hint = "It begins with https:// or http:// and has no spaces." }
    end
    local place, err = file_fields.read(call, args)
    if not place then return nil, err end
    if file_fields.has(place, url) then
      return { text = ("%q has that file already; nothing was sent."):format(place.field.label),
        data = file_fields.data(place, { added = false }) }
    end
    local list, failure = file_fields.add(call, place, { url = url, filename = args.filename })
    if not list then return nil, failure end
    return { text = ("Attached %s to %q %s: %d in it now."):format(list[#list].filename, place.field.label, place.words, #list),
      data = file_fields.data(place, { files = list, added = true }) }
  end;
}
