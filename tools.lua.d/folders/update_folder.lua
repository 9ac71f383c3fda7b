local folders, pick = use "tallyfy.folders", use "tallyfy.pick"

-- The parent it shall have: { } for none; nil and the error.
local function parent_of(folder, all, text)
  if text == nil then return { id = folder.parent_id } end
  if not text:match("%S") then return {} end
  local parent, err = folders.pick(all, text, "parent_id")
  if not parent then return nil, err end
  if parent.kind ~= folder.kind then
    return nil, { code = "invalid_value", field = "parent_id", message = ("%s is a folder for %s, %s one for %s."):format(
      parent.path, folders.plain(parent.kind), folder.path, folders.plain(folder.kind)),
      hint = "Choose a folder of the same kind." }
  end
  if folders.is_within(all, parent, folder) then
    return nil, { code = "invalid_value", field = "parent_id",
      message = ("%s cannot go into %s: that is itself or below it."):format(folder.path, parent.path) }
  end
  return parent
end

tool "update_folder" {
  title  = "Update folder";
  about  = "Renames a folder or moves it into another of its kind. What is left out stays.";
  effect = "change";
  input  = {
    text "folder_id" { "The folder: its id, name or path", min = 1, max = 400 };
    text "name"      { "New name, at most 32 characters", min = 1, max = 32, pattern = "\\S", optional = true };
    text "parent_id" { "The folder it goes into: id, name or path; empty for the top", max = 400, optional = true };
  };
  output = {
    id   "id"   { "The folder's id" };
    text "name" { "Its name" };
  };
  run = function (args, call)
    local something, nothing = pick.something(args, { "name", "parent_id" })
    if not something then return nil, nothing end
    local folder, all = folders.one(call, args.folder_id, "folder_id")
    if not folder then return nil, all end
    local parent, err = parent_of(folder, all, args.parent_id)
    if not parent then return nil, err end
    local changed, failure = call.api:put("/organizations/{org}/folders/{folder_id}", { folder_id = folder.id,
      body = { name = pick.trimmed(args.name) or folder.name, parent_id = parent.id or json.null } })
    if not changed then return nil, failure end
    local above = parent.path or (parent.id and folder.path:match("^(.*) / [^/]*$"))
    return { text = ("%s is now %s."):format(folder.path, above and above .. " / " .. changed.name or changed.name),
      data = folders.row(changed) }
  end;
}
