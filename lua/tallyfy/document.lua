-- document.lua - a template as one JSON document: what export_template gives and import_template takes.
--   { format, template {settings}, kickoff [field], steps [step with fields], rules [rule] }
-- Steps and fields are named by keys (their aliases), so {{alias}} in texts, deadlines and rules refer inside the document
-- and mean the same anywhere; people are e-mail addresses, groups names. Empty values are left out. Not in it, because it
-- belongs to the organization or to one person: ids, owner, folders, tags, stars and pins, who may see it without an
-- account, and what was launched.
local checks, groups, pick = use "tallyfy.field_checks", use "tallyfy.groups", use "tallyfy.pick"

local document = { format = "tallyfy-template/1" }

document.settings = { "title", "type", "summary", "guidance", "icon", "webhook", "explanation_video", "public_cover",
  "kickoff_title", "kickoff_description", "default_process_name_format", "auto_naming", "allow_launcher_change_name",
  "folderize_process", "folder_changeable_by_launcher", "tag_process", "can_add_oot", "users", "groups" }
document.step_keys = { "title", "step_type", "summary", "webhook", "deadline", "start_date", "bp_to_launch", "roles",
  "max_assignable", "assign_run_starter", "allow_guest_owners", "can_complete_only_assignees", "everyone_must_complete",
  "prevent_guest_comment", "skip_start_process", "top_secret", "send_chromeless", "role_changes_every_time",
  "is_soft_start_date", "assignees", "guests", "groups" }
document.people = { users = true, assignees = true, guests = true, groups = true }
document.condition_keys = { "conditionable_type", "conditionable_id", "operation", "statement", "column_contains_name",
  "logic" }
document.action_keys = { "action_type", "action_verb", "target_step_id", "actionable_id", "actionable_type", "deadline",
  "assignees", "webhook_url", "alias_name" }

document.field_keys = {}
for _, key in ipairs(checks.keys) do
  if key ~= "position" and key ~= "list" then document.field_keys[#document.field_keys + 1] = key end
end

-- False is as absent for these; but a default that is off must say so.
local function is_quiet(raw, name)
  if raw[name] ~= false then return false end
  return name == "collect_time" or name == "use_wysiwyg_editor"
    or (name == "default_value_enabled" and document.is_empty(raw.default_value))
end

-- A copy of a table or a view as tables, all the way down; anything else as it is.
function document.copy(value)
  if json.is_array(value) then
    local list = json.array()
    for index, inner in ipairs(value) do list[index] = document.copy(inner) end
    return list
  end
  if not pick.is_object(value) then return value end
  local result = {}
  for key, inner in pairs(value) do result[key] = document.copy(inner) end
  return result
end

local function is_empty(value)
  if value == nil or value == json.null or value == "" then return true end
  if json.is_array(value) then return #value == 0 end
  if not pick.is_object(value) then return false end
  local count = 0
  for _ in pairs(value) do count = count + 1 end -- a view has no next()
  return count == 0
end
document.is_empty = is_empty

-- Options and columns as plain texts where their ids are 1, 2, 3... and nothing else is said of them.
local function entries(list, key)
  local texts, objects, is_plain = json.array(), json.array(), true
  for index, entry in ipairs(pick.list(list) or {}) do
    texts[index] = entry[key]
    objects[index] = { id = entry.id, [key] = entry[key], required = entry.required == true or nil }
    is_plain = is_plain and entry.id == index and entry.required ~= true
  end
  return is_plain and texts or objects
end

-- A field as the document has it, from what the API shows or what fields.new made.
function document.field(raw, key)
  local field = { key = key }
  for _, name in ipairs(document.field_keys) do
    local value = raw[name]
    if name == "options" or name == "columns" then value = entries(value, name == "options" and "text" or "label") end
    if not is_empty(value) and not is_quiet(raw, name) then field[name] = document.copy(value) end
  end
  field.required = raw.required == true
  return field
end

-- The lists of the organization that give ids their names; read only when somebody is named.
local function directory(call, template, steps)
  local function anybody(key, of_settings)
    if #(pick.list(template[of_settings]) or {}) > 0 or #(pick.list(template.automated_actions) or {}) > 0 then return true end
    for _, step in ipairs(steps) do
      if #(pick.list(step[key]) or {}) > 0 then return true end
    end
  end
  local names = { users = {}, groups = {} }
  if anybody("assignees", "users") then
    local roster, err = call.api:get("/organizations/{org}/users-list")
    if not roster then return nil, err end
    for _, member in ipairs(roster) do names.users[member.id] = member.email end
  end
  if anybody("groups", "groups") then
    local all, err = groups.all(call)
    if not all then return nil, err end
    for _, group in ipairs(all) do names.groups[group.id] = group.name end
  end
  return names
end

-- What has no name any more stays an id.
local function named_list(list, names)
  local result = json.array()
  for index, id in ipairs(pick.list(list) or {}) do result[index] = names and names[id] or id end
  return result
end

local function named_people(raw, names)
  local result = {}
  for _, bucket in ipairs { "users", "guests", "groups" } do
    local list = named_list(raw[bucket], names[bucket])
    if #list > 0 then result[bucket] = list end
  end
  return result
end

local function copied(raw, keys)
  local copy = {}
  for _, name in ipairs(keys) do
    if not is_empty(raw[name]) then copy[name] = document.copy(raw[name]) end
  end
  return copy
end

-- Aliases as keys; an id where there is none, or where another one has it. <index> learns both ways.
local function key_of(index, kind, raw)
  local key = type(raw.alias) == "string" and raw.alias ~= "" and not index[kind][raw.alias] and raw.alias or raw.id
  index[kind][key], index.key[raw.id] = raw, key
end

local function by_position(list)
  local sorted = pick.list(list) or json.array()
  table.sort(sorted, function (a, b) return (a.position or 0) < (b.position or 0) end)
  return sorted
end

local function step_of(raw, names, index)
  local step = copied(raw, document.step_keys)
  step.key = index.key[raw.id]
  step.assignees = named_list(raw.assignees, names.users)
  step.guests, step.groups = named_list(raw.guests), named_list(raw.groups, names.groups)
  if step.deadline then step.deadline.step = index.key[step.deadline.step] or step.deadline.step end
  step.fields = json.array()
  for place, field in ipairs(by_position(raw.captures)) do
    step.fields[place] = document.field(field, index.key[field.id])
  end
  return step
end

local function rule_of(raw, names, index)
  local rule = { alias = raw.automated_alias, conditions = json.array(), then_actions = json.array() }
  for place, condition in ipairs(by_position(raw.conditions)) do
    local one = copied(condition, document.condition_keys)
    one.conditionable_id = index.key[one.conditionable_id] or one.conditionable_id
    one.logic = one.logic or "and"
    rule.conditions[place] = one
  end
  for place, action in ipairs(by_position(raw.then_actions)) do
    local one = copied(action, document.action_keys)
    one.target_step_id = index.key[one.target_step_id] or one.target_step_id
    one.actionable_id = index.key[one.actionable_id] or one.actionable_id
    if one.assignees then one.assignees = named_people(one.assignees, names) end
    if is_empty(one.assignees) then one.assignees = nil end
    rule.then_actions[place] = one
  end
  return rule
end

-- The document of a template as the API shows it (with=steps,automated_actions,prerun), and its index: step, field and
-- rule hold the API's own by key (rules by place), key gives the key of an id. nil and the error when it cannot be read.
function document.of(call, template)
  local unread = not pick.list(template.steps) or not pick.list(template.prerun) or not pick.list(template.automated_actions)
  if unread then
    return nil, { code = "unknown_state", field = "template_id", hint = "Try again in a moment.",
      message = ("The steps, fields or rules of %s cannot be read."):format(template.title) }
  end
  local steps, prerun, rules = by_position(template.steps), by_position(template.prerun), pick.list(template.automated_actions)
  local names, err = directory(call, template, steps)
  if not names then return nil, err end
  local index = { step = {}, field = {}, rule = rules, key = {} }
  for _, field in ipairs(prerun) do key_of(index, "field", field) end
  for _, step in ipairs(steps) do
    key_of(index, "step", step)
    for _, field in ipairs(by_position(step.captures)) do key_of(index, "field", field) end
  end
  local doc = { format = document.format, template = copied(template, document.settings), kickoff = json.array(),
    steps = json.array(), rules = json.array() }
  doc.template.users = named_list(template.users, names.users)
  doc.template.groups = named_list(template.groups, names.groups)
  for place, field in ipairs(prerun) do doc.kickoff[place] = document.field(field, index.key[field.id]) end
  for place, step in ipairs(steps) do doc.steps[place] = step_of(step, names, index) end
  for place, rule in ipairs(rules) do doc.rules[place] = rule_of(rule, names, index) end
  return doc, index
end

-- {{key}} with what <replace> gives for the key; nil leaves it.
function document.with_variables(text, replace)
  return (text:gsub("{{%s*([%w_-]+)%s*}}", function (key)
    local other = replace(key)
    return other and "{{" .. other .. "}}" or nil
  end))
end

-- The document in the API's shape with keys in the place of ids: what the modules for templates and rules can read.
function document.as_template(doc)
  local template = { id = "document", title = doc.template.title, steps = json.array(), automated_actions = json.array() }
  local function field_of(field, place)
    local raw = document.copy(field)
    raw.id, raw.alias, raw.position, raw.options = field.key, field.key, place, json.array()
    for index, option in ipairs(field.options or {}) do
      raw.options[index] = type(option) == "string" and { id = index, text = option } or option
    end
    raw.columns = json.array()
    for index, column in ipairs(field.columns or {}) do
      raw.columns[index] = type(column) == "string" and { id = index, label = column } or column
    end
    return raw
  end
  template.prerun = json.array()
  for place, field in ipairs(doc.kickoff) do template.prerun[place] = field_of(field, place) end
  for place, step in ipairs(doc.steps) do
    local raw = { id = step.key, alias = step.key, title = step.title, step_type = step.step_type or "task",
      position = place, captures = json.array() }
    for index, field in ipairs(step.fields) do raw.captures[index] = field_of(field, index) end
    template.steps[place] = raw
  end
  return template
end

return document
