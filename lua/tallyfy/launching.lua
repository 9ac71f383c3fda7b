-- launching.lua - from what people write to the body that launches a process: kick-off values by label, people, groups,
-- tags and folders by name, steps by title, dates in words. Tallyfy drops the keys of steps and fields that it does not
-- know with a success, so everything is settled here, before anything is sent.
local dates, folders, groups = use "tallyfy.dates", use "tallyfy.folders", use "tallyfy.groups"
local kickoff, members, named = use "tallyfy.kickoff", use "tallyfy.members", use "tallyfy.named"
local owners, pick, tags = use "tallyfy.owners", use "tallyfy.pick", use "tallyfy.tags"
local templates = use "tallyfy.templates"

local launching = {}

local function problem(code, message, field, hint)
  return nil, { code = code, message = message, field = field, hint = hint }
end

-- The template by id or name, with what a launch needs; or nil and the error.
function launching.template(call, text)
  local id, err = named.template_or_id(call, pick.trimmed(text), "template_id")
  if not id then return nil, err end
  local template, failure = call.api:get("/organizations/{org}/checklists/{template_id}", {
    template_id = id, query = { with = "prerun,steps" } })
  if template or failure.status ~= 404 then return template, failure end
  return problem("not_found", ("There is no template %s."):format(id), "template_id",
    "It may be archived. get_all_templates lists the active ones.")
end

-- Objects keyed by id may come as a list of such objects, which is merged.
local function merged(given, field)
  if not given or not json.is_array(given) then return given end
  local result = {}
  for index, item in ipairs(given) do
    if not pick.is_object(item) then
      return problem("invalid_value", ("%s[%d] must be an object with ids as keys."):format(field, index), field)
    end
    for key, value in pairs(item) do result[key] = value end
  end
  return result
end

local function override(call, step, given, notes)
  if not pick.is_object(given) then
    return problem("invalid_value", ("The entry of %q in tasks must be an object."):format(step.title), "tasks",
      "Write { deadline, owners }.")
  end
  local result = {}
  for key, value in pairs(given) do
    if key == "deadline" then
      local due, words = dates.due(call, value, "tasks")
      if not due then return nil, words end
      result.deadline = due
      notes[#notes + 1] = ("%s is due %s."):format(step.title, words)
    elseif key == "owners" and pick.is_object(value) then
      local set, err = owners.resolve(call, value, "tasks.owners")
      if not set then return nil, err end
      result.owners = set
    else
      return problem("unknown_field", ("A step cannot be launched with %q."):format(tostring(key)), "tasks",
        "There are deadline, and owners: { users, guests, groups }.")
    end
  end
  return result
end

-- Keys in one order, so that the same mistake is told each time.
local function keys_of(object)
  local keys = {}
  for key in pairs(object) do keys[#keys + 1] = tostring(key) end
  table.sort(keys)
  return keys
end

-- What steps get in the template's place, by step id.
local function steps_of(call, template, given, notes)
  if not given then return nil end
  local result = {}
  for _, key in ipairs(keys_of(given)) do
    local step, err = templates.step(template, key, "tasks")
    if not step then return nil, err end
    if result[step.id] then return problem("invalid_value", ("The step %q is there twice."):format(step.title), "tasks") end
    result[step.id], err = override(call, step, given[key], notes)
    if not result[step.id] then return nil, err end
  end
  return result
end

-- Who gets each role: people by name or id.
local function roles_of(call, given)
  if not given then return nil end
  local result = {}
  for _, key in ipairs(keys_of(given)) do
    if not pick.is_object(given[key]) then
      return problem("invalid_value", ("The role %s takes { users, guests, groups }."):format(key), "roles")
    end
    local set, err = owners.resolve(call, given[key], "roles." .. key)
    if not set then return nil, err end
    result[key] = set
  end
  return result
end

local function folder_ids(call, list)
  if not list or #list == 0 then return nil end
  local all, err = folders.all(call, { "run" })
  if not all then return nil, err end
  local ids, seen = json.array(), {}
  for _, text in ipairs(list) do
    local folder, failure = folders.pick(all, text, "folders")
    if not folder then return nil, failure end
    if not seen[folder.id] then seen[folder.id], ids[#ids + 1] = true, folder.id end
  end
  return ids
end

local function owner_of(call, who)
  if not who then return nil end
  local ids, err = members.ids(call, { who }, "owner_id")
  if not ids then return nil, err end
  return ids[1]
end

-- Everyone and everything that goes along, written into <body>.
local function companions(call, args, body)
  local err
  body.owner_id, err = owner_of(call, args.owner_id)
  if err then return nil, err end
  if args.tags then
    body.tags, err = tags.ids(call, args.tags, "tags")
    if not body.tags then return nil, err end
  end
  body.folders, err = folder_ids(call, args.folders)
  if err then return nil, err end
  if args.users then
    body.users, err = members.ids(call, args.users, "users")
    if not body.users then return nil, err end
  end
  if args.groups then
    body.groups, err = groups.ids(call, args.groups, "groups")
    if not body.groups then return nil, err end
  end
  if args.parent_id then
    body.parent_id, err = named.process_or_id(call, pick.trimmed(args.parent_id), "parent_id")
    if not body.parent_id then return nil, err end
  end
  return body
end

-- The body that launches <template> with <args> (those of launch_process), and notes on how dates were understood; or
-- nil and the error.
function launching.body(call, template, args)
  local list = pick.list(template.prerun)
  if not list then
    return problem("unknown_state", ("The kick-off form of %q cannot be read, so nothing was sent."):format(template.title),
      "template_id", "Try again in a moment.")
  end
  local prerun, wrong = kickoff.values(call, list, args.prerun)
  if not prerun then return nil, wrong end
  local body = { checklist_id = template.id, name = pick.trimmed(args.name), summary = args.summary, prerun = prerun.body,
    is_public = args.is_public }
  local overrides, err = merged(args.tasks, "tasks")
  if err then return nil, err end
  body.tasks, err = steps_of(call, template, overrides, prerun.notes)
  if err then return nil, err end
  local roles, unfit = merged(args.roles, "roles")
  if unfit then return nil, unfit end
  body.roles, err = roles_of(call, roles)
  if err then return nil, err end
  local complete, failure = companions(call, args, body)
  if not complete then return nil, failure end
  return body, prerun.notes
end

return launching
