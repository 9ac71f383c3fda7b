local dates, kickoff, shape = use "tallyfy.dates", use "tallyfy.kickoff", use "tallyfy.shape"

-- Roles come keyed by role id; a list of such objects is merged.
local function merged_roles(roles)
  if not roles or not json.is_array(roles) then return roles end
  local result = {}
  for index, item in ipairs(roles) do
    if type(item) ~= "userdata" or item == json.null or json.is_array(item) then
      return nil, { code = "invalid_value", field = "roles",
        message = ("roles[%d] must be an object with role ids as keys."):format(index) }
    end
    for key, value in pairs(item) do result[key] = value end
  end
  return result
end

-- Deadlines of steps come in words; everything else of an override stays as it is.
local function settled_steps(call, tasks, notes)
  if not tasks then return nil end
  local result = {}
  for step, override in pairs(tasks) do
    local changed = json.table(override)
    if type(changed) == "table" and type(changed.deadline) == "string" then
      local due, words = dates.due(call, changed.deadline, "tasks")
      if not due then return nil, words end
      changed.deadline = due
      notes[#notes + 1] = ("Step %s is due %s."):format(step, words)
    end
    result[step] = changed
  end
  return result
end

tool "launch_process" {
  title  = "Launch process";
  about  = "Starts a process from a template. Kick-off values go into `prerun` by the field's label, alias or id; choices "
        .. "by text or id, dates in words. Everything is checked before anything is sent. Calling it twice starts two processes.";
  effect = "add";
  input  = {
    id     "template_id" { "The template to start from" };
    text   "name"        { "Name of the new process", min = 1, max = 550, pattern = "\\S" };
    text   "summary"     { "Description", max = 2000, optional = true };
    id     "owner_id"    { "The member who will own the process; you, if left out", kind = "integer", optional = true };
    any    "prerun"      { "Kick-off values, keyed by the field's label, alias or id", types = { "object", "array" },
                           optional = true };
    list   "tags"        { "Ids of tags to attach", of = "id", optional = true };
    list   "folders"     { "Ids of folders to put it in", of = "id", optional = true };
    list   "users"       { "Ids of members who may see it", items = id { kind = "integer" }, optional = true };
    list   "groups"      { "Ids of groups who may see it", of = "id", optional = true };
    flag   "is_public"   { "Whether anybody with the link may see it", optional = true };
    object "tasks"       { "Per step id: { deadline, owners } in place of the template's; deadlines in words", optional = true };
    any    "roles"       { "Per role id: { users, guests, groups }", types = { "object", "array" }, optional = true };
    id     "parent_id"   { "The process this one belongs to", optional = true };
  };
  run = function (args, call)
    local template, err = call.api:get("/organizations/{org}/checklists/{template_id}", {
      template_id = args.template_id, query = { with = "prerun" } })
    if not template then return nil, err end
    local fields = template.prerun and (template.prerun.data or template.prerun) or {}
    local prerun, wrong = kickoff.values(call, fields, args.prerun)
    if not prerun then return nil, wrong end
    local steps, unread = settled_steps(call, args.tasks, prerun.notes)
    if unread then return nil, unread end
    local roles, unfit = merged_roles(args.roles)
    if unfit then return nil, unfit end

    local run, failure = call.api:post("/organizations/{org}/runs", { body = {
      checklist_id = args.template_id, name = args.name:match("^%s*(.-)%s*$"), summary = args.summary,
      owner_id = args.owner_id, prerun = prerun.body, tags = args.tags, folders = args.folders, users = args.users,
      groups = args.groups, is_public = args.is_public, tasks = steps, roles = roles, parent_id = args.parent_id,
    } })
    if not run then return nil, failure end
    local text = ("Launched: %s, from the template %s."):format(run.name, template.title)
    if #prerun.notes > 0 then text = text .. " " .. table.concat(prerun.notes, " ") end
    return { text = text, data = shape.object(run) }
  end;
}
