local folders, named = use "tallyfy.folders", use "tallyfy.named"

local kinds = {
  run = { type = "Run", find = named.process_or_id, path = "/organizations/{org}/runs/{object_id}", title = "name",
    missing = "search_all finds processes." },
  checklist = { type = "Checklist", find = named.template_or_id, path = "/organizations/{org}/checklists/{object_id}",
    title = "title", missing = "get_all_templates lists templates; archived ones cannot be filed." },
}

-- The template or process, and the folder it is in now where it can be in one only.
local function object_of(call, kind, text)
  local id, err = kind.find(call, text:match("^%s*(.-)%s*$"), "object_id")
  if not id then return nil, err end
  local object, failure = call.api:get(kind.path, { object_id = id, query = {
    with = kind.type == "Checklist" and "folder" or nil } })
  if not object and failure.status == 404 then
    return nil, { code = "not_found", field = "object_id", message = ("There is none with the id %s."):format(id),
      hint = kind.missing }
  end
  return object, failure
end

tool "add_object_to_folder" {
  title  = "Add object to folder";
  about  = "Puts a process or template into a folder of its kind. A template is in one folder at most: it leaves the old "
        .. "one. The answer's id takes it out again with remove_object_from_folder.";
  effect = "change";
  input  = {
    text "folder_id"   { "The folder: its id, name or path", min = 1, max = 400 };
    text "object_id"   { "The process or template: its id or name", min = 1, max = 550 };
    text "object_type" { "run for a process; checklist or template for a template", min = 1, max = 40 };
  };
  output = {
    whole "id"          { "The membership, for remove_object_from_folder", optional = true };
    text  "folder_id"   { "The folder" };
    text  "folder"      { "Its path" };
    text  "object_id"   { "The process or template" };
    text  "object"      { "Its name" };
    text  "object_type" { "run or checklist" };
  };
  run = function (args, call)
    local word, err = folders.kind(args.object_type, "object_type")
    if not word then return nil, err end
    local folder, unknown = folders.one(call, args.folder_id, "folder_id", word)
    if not folder then return nil, unknown end
    local kind = kinds[word]
    local object, missing = object_of(call, kind, args.object_id)
    if not object then return nil, missing end
    local relation, failure = call.api:post("/organizations/{org}/folders/add-object", { body = {
      folder_id = folder.id, subject_id = object.id, subject_type = kind.type } })
    if not relation then return nil, failure end
    local old = object.folder and object.folder ~= json.null and (object.folder.data or object.folder) or nil
    local name = object[kind.title]
    local text = ("%s is in %s now."):format(name, folder.path)
    if old and old.id ~= folder.id then text = ("%s is in %s now, no longer in %s."):format(name, folder.path, old.name) end
    return { text = text, data = { id = relation ~= true and relation.id or nil, folder_id = folder.id,
      folder = folder.path, object_id = object.id, object = name, object_type = word } }
  end;
}
