local folders, shape = use "tallyfy.folders", use "tallyfy.shape"

tool "delete_folder" {
  title  = "Delete folder";
  about  = "Deletes a folder for good. What lies in it stays, without a folder; folders in it move up.";
  effect = "remove";
  input  = {
    text "folder_id" { "The folder: its id, name or path", min = 1, max = 400 };
  };
  output = {
    text "id"       { "The folder's id" };
    text "name"     { "Its name" };
    flag "deleted"  { "Always true" };
    list "moved_up" { "The folders that were in it", of = "object" };
  };
  run = function (args, call)
    local folder, all = folders.one(call, args.folder_id, "folder_id")
    if not folder then return nil, all end
    local inside = json.array()
    for _, other in ipairs(all) do
      if other.parent_id == folder.id then inside[#inside + 1] = { id = other.id, name = other.name } end
    end
    local gone, failure = call.api:delete("/organizations/{org}/folders/{folder_id}", { folder_id = folder.id })
    if not gone then return nil, failure end
    local text = ("Deleted the folder %s for %s."):format(folder.path, folders.plain(folder.kind))
    if #inside > 0 then text = text .. (" %s in it moved up."):format(shape.count(#inside, "folder")) end
    return { text = text, data = { id = folder.id, name = folder.name, deleted = true, moved_up = inside } }
  end;
}
