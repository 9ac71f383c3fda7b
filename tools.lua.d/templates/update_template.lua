local folders, groups, members = use "tallyfy.folders", use "tallyfy.groups", use "tallyfy.members"
local once, pick, preview = use "tallyfy.once", use "tallyfy.pick", use "tallyfy.preview"
local shape, templates, who = use "tallyfy.shape", use "tallyfy.templates", use "tallyfy.who"

-- Names to ids where the API wants ids.
local function settled(call, data)
  local changes = {}
  for key, value in pairs(data) do changes[key] = value end
  if data.title then changes.title = pick.trimmed(data.title) end
  for _, bucket in ipairs { "users", "groups" } do
    changes[bucket] = nil
    if data[bucket] and data[bucket] ~= json.null then
      local ids, err = (bucket == "users" and members or groups).ids(call, data[bucket], bucket)
      if not ids then return nil, err end
      changes[bucket] = ids
    end
  end
  local folder = data.default_folder
  if type(folder) == "string" and folder ~= "" then
    local found, failure = folders.one(call, folder, "default_folder", "run")
    if not found then return nil, failure end
    changes.default_folder = found.id
  end
  return changes
end

-- Tallyfy drops what it does not take, with a success: what was sent and is not there afterwards.
local function not_taken(changes, now)
  local ignored = json.array()
  for key, value in pairs(changes) do
    local kind, stands = type(value), now[key]
    if stands == json.null or stands == nil then stands = "" end
    if (kind == "string" or kind == "boolean") and stands ~= value then ignored[#ignored + 1] = key end
  end
  table.sort(ignored)
  return ignored
end

-- Who has access, by name: one bucket, of the template or as it would be.
local function access_words(call, bucket, list)
  local set = { users = {}, guests = {}, groups = {} }
  set[bucket] = pick.ids(list)
  return set[bucket] and who.words(call, set) or "not known"
end

-- A folder is shown as it was called, for what is stored is its id.
local function difference(call, template, data, changes)
  local rows, names = {}, {}
  for key in pairs(changes) do names[#names + 1] = key end
  table.sort(names)
  for _, key in ipairs(names) do
    local was, will = template[key], changes[key]
    if key == "users" or key == "groups" then
      was, will = access_words(call, key, was), access_words(call, key, will)
    elseif key == "default_folder" then
      local found = type(was) == "string" and was ~= "" and folders.one(call, was, key, "run")
      was, will = found and found.name or was, data.default_folder
    end
    rows[#rows + 1] = { preview.label(key), was = was == nil and json.null or was, will = will }
  end
  return rows
end

tool "update_template" {
  title  = "Update template";
  about  = "Changes a template's settings or who may see it. What is left out stays; users and groups that are given are the "
        .. "whole list from then on ([] empties it).";
  effect = "change";
  input  = {
    text   "template_id"   { "The template: its id or title", min = 1, max = 250 };
    object "template_data" { "What to change, at least one", fields = {
      text "title"                      { "Title", min = 1, max = 250, pattern = "\\S", optional = true };
      text "summary"                    { "What it is for", max = 2000, optional = true };
      text "guidance"                   { "Guidance, HTML", max = 30000, optional = true };
      text "icon"                       { "Icon, such as fa-user", max = 255, optional = true };
      text "alias"                      { "Alias", max = 250, optional = true };
      text "webhook"                    { "URL told about its processes; \"\" removes it", max = 2000, optional = true };
      flag "is_public"                  { "Whether it is public", optional = true };
      flag "is_featured"                { "Whether it is featured", optional = true };
      flag "auto_naming"                { "Whether processes are named by its format", optional = true };
      flag "folderize_process"          { "Whether processes get a folder of their own", optional = true };
      flag "allow_launcher_change_name" { "Whether the launcher may name the process", optional = true };
      flag "is_pinned"                  { "Whether it is pinned", optional = true };
      text "default_folder"             { "Folder for its processes: id, name or path", max = 500, optional = true };
      text "kickoff_title"              { "Heading of the kick-off form", max = 500, optional = true };
      text "kickoff_description"        { "Text above the kick-off form, HTML", max = 30000, optional = true };
      list "users"  { "All members with access: ids, e-mail addresses or names",
                      items = any { types = { "integer", "string" } }, max = 500, optional = true };
      list "groups" { "All groups with access: ids or names", items = text { max = 200 }, max = 500, optional = true };
    } };
  };
  output = {
    text   "template_id" { "The template" };
    text   "template"    { "Its title" };
    object "settings"    { "All of it but steps, fields and rules" };
    list   "ignored"     { "What Tallyfy did not take over", of = "text" };
  };
  preview = function (args, call)
    local reading = once.call(call)
    local template, err = templates.one(reading, args.template_id)
    if not template then return nil, err end
    local changes, wrong = settled(reading, args.template_data)
    if not changes then return nil, wrong end
    return preview.of(("%q"):format(template.title), difference(reading, template, args.template_data, changes))
  end;
  run = function (args, call)
    local template, err = templates.one(call, args.template_id)
    if not template then return nil, err end
    local changes, wrong = settled(call, args.template_data)
    if not changes then return nil, wrong end
    if next(changes) == nil then
      return nil, { code = "missing_value", field = "template_data", message = "Nothing to change was given.",
        hint = "Give at least one setting, such as title or users." }
    end
    local now, failure = templates.put(call, template, changes)
    if not now then return nil, failure end
    local ignored = not_taken(changes, now)
    local count = 0
    for _ in pairs(changes) do count = count + 1 end
    local text = ("Changed %s of the template %s."):format(shape.count(count - #ignored, "setting"), now.title)
    if #ignored > 0 then
      text = text .. (" Tallyfy did not take over: %s."):format(table.concat(ignored, ", "))
    end
    return templates.answer(now, text, { settings = templates.row(now), ignored = ignored })
  end;
}
