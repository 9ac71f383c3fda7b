tool "remove_object_from_folder" {
  title  = "Remove object from folder";
  about  = "Takes a process or template out of a folder; itself it stays. Needs the number of the membership.";
  effect = "remove";
  input  = {
    whole "folder_object_id" { "The `id` that add_object_to_folder answered: a number, not the id of folder or item",
                               min = 1 };
  };
  output = {
    whole "folder_object_id" { "What was given" };
    flag  "removed"          { "Always true" };
  };
  run = function (args, call)
    local gone, err = call.api:delete("/organizations/{org}/folders-objects/{folder_object_id}", {
      folder_object_id = args.folder_object_id })
    if gone then
      return { text = "Taken out of the folder.", data = { folder_object_id = args.folder_object_id, removed = true } }
    end
    if err.status ~= 404 then return nil, err end
    return nil, { code = "not_found", field = "folder_object_id", message = ("Nothing is filed under %d."):format(
      args.folder_object_id), hint = "add_object_to_folder with the same folder and item answers the right number." }
  end;
}
