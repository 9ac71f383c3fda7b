local page, shape = use "tallyfy.page", use "tallyfy.shape"

local row_noise = { guidance = true, prerun = true, automated_actions = true, steps = true, linked_tasks = true }

-- Folder names can be nested: every one that matches, exactly or without regard to case.
local function folders_named(folders, name, found)
  for _, folder in ipairs(folders) do
    if folder.name == name or (type(folder.name) == "string" and folder.name:lower() == name:lower()) then
      found[#found + 1] = folder
    end
    local children = folder.children
    if children and children ~= json.null then folders_named(children.data or children, name, found) end
  end
  return found
end

local function folder_id(call, folder)
  if folder:match("^%x+$") and #folder == 32 then return folder end
  local folders, err = call.api:get("/organizations/{org}/folders", { query = { folder_type = "checklist", with = "children" } })
  if not folders then return nil, err end
  local found = folders_named(folders, folder, {})
  if #found == 1 then return found[1].id end
  return nil, { code = #found == 0 and "not_found" or "ambiguous", field = "folder",
    message = ("%s folder for templates is called %q."):format(#found == 0 and "No" or "More than one", folder),
    hint = "Use the folder's id." }
end

tool "get_all_templates" {
  title  = "Get all templates";
  about  = "Lists the templates (the blueprints that processes are launched from), 20 to a page, pinned ones first, then "
        .. "the most recently changed. get_template shows one with its steps.";
  effect = "read";
  input  = {
    whole "page"   { "Which page, from 1", min = 1, default = 1 };
    text  "folder" { "Only templates in this folder: its id or name", min = 1, max = 200, optional = true };
  };
  run = function (args, call)
    local query = {}
    if args.folder then
      local id, err = folder_id(call, args.folder)
      if not id then return nil, err end
      query.folder = id
    end
    local data, text = page.read(call, "/organizations/{org}/checklists", {
      page = args.page, query = query, noun = "template",
      row = function (template) return shape.object(template, { drop = row_noise, cut = 500 }) end })
    if not data then return nil, text end
    return { text = text, data = data }
  end;
}
