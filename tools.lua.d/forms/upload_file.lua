local file_fields, files = use "tallyfy.file_fields", use "tallyfy.files"
local shape = use "tallyfy.shape"

local function problem(code, field, message, hint)
  return nil, { code = code, field = field, message = message, hint = hint }
end

-- Where the bytes come from: exactly one of the three. Gives { name, content or base64, argument }.
local function wanted(args)
  local given = {}
  for _, name in ipairs { "text", "content", "from" } do
    if args[name] then given[#given + 1] = name end
  end
  if #given ~= 1 then
    return problem(#given == 0 and "missing_value" or "invalid_value", given[2] or "content",
      #given == 0 and "There is nothing to upload." or ("Both %s and %s are given."):format(given[1], given[2]),
      "Give one: text, content (base64), or from (a file that Tallyfy has).")
  end
  if given[1] ~= "from" and not args.filename then
    return problem("missing_value", "filename", "The file needs a name.", "With its ending, such as report.pdf.")
  end
  local base64 = args.content and (args.content:match("^data:[^,]*;base64,(.*)$") or args.content)
  return { name = args.filename, content = args.text, base64 = base64, argument = given[1] }
end

-- The file that <from> means, read whole.
local function fetch(call, file, from)
  local asset, err = files.facts(call, from, "from")
  if not asset then return nil, err end
  if asset.source == "url" then
    return problem("refused", "from", ("%s is only a link."):format(asset.filename), "attach_file takes its address.")
  end
  file.content, err = files.bytes(call, asset)
  if not file.content then
    err.field = err.field or "from"
    return nil, err
  end
  file.name = file.name or asset.filename
  return true
end

-- Into the field as it is now, which may be another than before the upload.
local function attach(call, place, asset)
  local now, err = file_fields.again(call, place)
  local list
  if now then list, err = file_fields.add(call, now, asset) end
  if list then return list, now end
  err.message = ("%s was uploaded as file %s, but it is not known to be in %q: %s"):format(asset.filename, asset.id,
    place.field.label, err.message)
  err.hint = ("Look with get_task. If it is missing, %s takes { id = %q, filename = %q } beside what is there."):format(
    place.run and "complete_kickoff_form (prerun)" or "update_task (taskdata)", asset.id, asset.filename)
  return nil, err
end

tool "upload_file" {
  title  = "Upload a file";
  about  = "Stores a file in Tallyfy and puts it into a file field of a task, or of a process's kick-off form, beside those that "
        .. "are there. The bytes come as text, as base64, or from another file that Tallyfy has, which is copied without "
        .. "passing through you. One call takes about 700 KB of bytes; from takes more. Twice uploads twice.";
  effect = "add";
  input  = {
    text "task_id"  { "The task: its id or title; left out for the kick-off form", min = 1, max = 600, optional = true };
    text "run_id"   { "Its process: id or name; alone it means the kick-off form", max = 550, optional = true };
    text "field_id" { "The file field: its id, alias or label; left out where there is only one", min = 1, max = 500,
                      optional = true };
    text "filename" { "Its name with ending; left out only with from", min = 1, max = 180, optional = true };
    text "text"     { "The contents of a text file", max = 1000000, optional = true };
    text "content"  { "The bytes as base64", max = 1000000, encoding = "base64", optional = true };
    text "from"     { "A file to copy: the id or full_url in the value of a file field", min = 1, max = 2000, optional = true };
  };
  output = {
    text  "id"       { "The new file: get_file shows it" };
    text  "filename" { "Its name in Tallyfy" };
    text  "task_id"  { "The task", optional = true };
    text  "task"     { "Its title", optional = true };
    text  "run_id"   { "The process", optional = true };
    text  "run"      { "Its name, where it is the kick-off form", optional = true };
    text  "field_id" { "The field" };
    text  "field"    { "Its label" };
    list  "files"    { "All files in it now", items = object {} };
  };
  run = function (args, call)
    local file, err = wanted(args)
    if not file then return nil, err end
    local place, unclear = file_fields.read(call, args)
    if not place then return nil, unclear end
    local fine, missing = true, nil
    if args.from then fine, missing = fetch(call, file, args.from) end
    if not fine then return nil, missing end
    local asset, failure = files.upload(call, place, file)
    if not asset then return nil, failure end
    local list, now = attach(call, place, asset)
    if not list then return nil, now end
    return { text = ("Uploaded %s into %q %s: %s in it now."):format(asset.filename, place.field.label, place.words,
      shape.count(#list, "file")), data = file_fields.data(now, { id = asset.id, filename = asset.filename, files = list }) }
  end;
}
