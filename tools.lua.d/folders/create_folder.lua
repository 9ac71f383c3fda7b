local folders, pick = use "tallyfy.folders", use "tallyfy.pick"

tool "create_folder" {
  title  = "Create folder";
  about  = "Makes a folder, for templates or for processes: which of them never changes afterwards.";
  effect = "add";
  input  = {
    text "name"        { "Name, at most 32 characters", min = 1, max = 32, pattern = "\\S" };
    text "folder_type" { "checklist (for templates) or run (for processes)", max = 40, default = "checklist" };
    text "parent_id"   { "The folder it goes into, of the same kind: its id, name or path", max = 400, optional = true };
  };
  output = {
    id   "id"   { "The folder's id" };
    text "name" { "Its name" };
  };
  run = function (args, call)
    local kind, err = folders.kind(args.folder_type, "folder_type")
    if not kind then return nil, err end
    local parent
    if args.parent_id and args.parent_id:match("%S") then
      local found, failure = folders.one(call, args.parent_id, "parent_id", kind)
      if not found then return nil, failure end
      parent = found
    end
    local folder, refusal = call.api:post("/organizations/{org}/folders", { body = {
      name = pick.trimmed(args.name), folder_type = kind, parent_id = parent and parent.id } })
    if not folder then return nil, refusal end
    return { data = folders.row(folder), text = ("Created the folder %s for %s."):format(
      parent and parent.path .. " / " .. folder.name or folder.name, folders.plain(kind)) }
  end;
}
