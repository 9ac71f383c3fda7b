-- Spells out the short template forms of data/templates.lua into whole records.
local json = require "json"
local lists = require "practice.lists"
local past = require "practice.data.organizations".past

local blueprints = {}

-- "Employee onboarding" with 400012 as "employee-onboarding-400012".
local function alias(build, kind, text)
  local slug = text:gsub("{{.-}}", ""):lower():gsub("[^%w]+", "-"):gsub("^%-+", ""):gsub("%-+$", "")
  return ("%s-%d"):format(slug, build.ids:count(kind) + (kind == "field alias" and 300000 or 200000))
end

local function options_of(texts)
  local options = json.array({})
  for id, text in ipairs(texts or {}) do options[id] = { id = id, text = text } end
  return options
end

local function columns_of(labels)
  local columns = json.array({})
  for id, label in ipairs(labels or {}) do columns[id] = { id = id, label = label } end
  return columns
end

-- <owner> = { checklist_id = } or { step_id =, of_checklist = }
local function field_of(build, row, position, owner, names, created)
  local field = {
    id = build.ids:id("field"), field_type = row[2], label = row[3], alias = alias(build, "field alias",
      row[3]),
    position = position, required = row.required or false, options = options_of(row.options),
    columns = columns_of(row.columns), default_value_enabled = false, collect_time = false,
    field_validation = json.array(row.validation or {}), created_at = created, last_updated = created,
  }
  for key, value in pairs(owner) do field[key] = value end
  names[row[1]] = field
  return field
end

-- {{key}} of the short form becomes {{alias}}.
local function link_variables(text, names)
  return text and (text:gsub("{{([%w_-]+)}}", function (key)
    return names[key] and "{{" .. names[key].alias .. "}}" or nil
  end))
end

local function members_of(build, org_key, keys)
  return lists.map(keys or {}, function (key) return build.member[org_key][key].id end)
end

local function groups_of(build, org_key, keys)
  return lists.map(keys or {}, function (key) return build.group[org_key][key].id end)
end

-- A step without what refers to other steps.
local function step_of(build, org_key, checklist, row, position, names)
  local id = build.ids:id("step")
  local step = {
    id = id, checklist_id = checklist.id, title = link_variables(row[2], names), alias = alias(build,
      "step alias", row[2]),
    summary = link_variables(row.about, names) or ("<p>%s</p>"):format(link_variables(row[2], names)),
    step_type = row.type or "task", position = position, assignees = members_of(build, org_key, row.who),
    guests = json.array(row.guests or {}), groups = groups_of(build, org_key, row.groups),
    roles = json.array({}), owner_id = checklist.owner_id, assign_run_starter = not row.nobody_by_default,
    max_assignable = 0, allow_guest_owners = true, everyone_must_complete = row.everyone or false,
    can_complete_only_assignees = row.only_assignees or false, prevent_guest_comment = false,
    top_secret = false, send_chromeless = false, is_soft_start_date = true, captures = json.array({}),
    created_at = checklist.created_at, last_updated = checklist.last_updated,
  }
  for i, field in ipairs(row.fields or {}) do
    local owner = { step_id = id, of_checklist = checklist.id }
    step.captures[i] = field_of(build, field, i, owner, names, checklist.created_at)
  end
  return step
end

local function add_steps(build, org_key, checklist, data, names, steps)
  for position, row in ipairs(data.steps) do
    checklist.steps[position] = step_of(build, org_key, checklist, row, position, names)
    steps[row[1]] = checklist.steps[position]
  end
  for position, row in ipairs(data.steps) do
    local due = row.due
    checklist.steps[position].deadline = {
      value = due[1], unit = due[2], option = due.option or "from",
      step = due.step and steps[due.step].id or "start_run",
    }
  end
end

local function condition_of(build, row, position, names, steps)
  local key = row[1]:match("^step (.+)$")
  local condition = {
    id = build.ids:id("condition"), operation = row[2], statement = key and "any_time" or row[3],
    logic = "and", position = position,
  }
  if key then
    condition.conditionable_id, condition.conditionable_type = steps[key].id, "Step"
  else
    local field = names[row[1]]
    condition.conditionable_id = field.id
    condition.conditionable_type = field.checklist_id and "Prerun" or "Capture"
  end
  return condition
end

local action_types = { show = "visibility", hide = "visibility", reopen = "status" }

local function rule_of(build, row, names, steps, created)
  local rule = {
    id = build.ids:id("rule"), automated_alias = row[1], conditions = json.array({}),
      then_actions = json.array({}),
    created_at = created,
  }
  for i, condition in ipairs(row.when) do rule.conditions[i] = condition_of(build, condition, i, names,
    steps) end
  for i, action in ipairs(row.act) do
    rule.then_actions[i] = {
      id = build.ids:id("action"), action_type = action_types[action[1]], action_verb = action[1],
      target_step_id = steps[action[2]].id, position = i,
    }
  end
  return rule
end

local function checklist_of(build, org_key, data, position)
  local owner = build.member[org_key][data.owner]
  local created = past(build, 180 - 7 * position, data.title)
  local folder = build.folder[org_key][data.folder]
  return {
    id = build.ids:id("checklist"), increment_id = 40 + build.ids:count("checklist number"),
      title = data.title,
    summary = data.summary, alias = alias(build, "checklist alias", data.title), type = "procedure",
    status = data.status or "published", starred = data.pinned or false, is_pinned = data.pinned or false,
    icon = data.icon, folder_id = folder and folder.id, owner_id = owner.id,
      kickoff_title = data.kickoff_title,
    users = members_of(build, org_key, data.users), groups = groups_of(build, org_key, data.groups),
    auto_naming = data.naming ~= nil, allow_launcher_change_name = true, can_add_oot = true,
    started_processes = 0, prerun = json.array({}), steps = json.array({}),
      automated_actions = json.array({}),
    created_at = created, last_updated = past(build, 60 - 5 * position, data.title .. " update"),
    archived_at = data.archived and past(build, 30, data.title .. " archive") or nil,
  }
end

-- Adds the templates of one organisation. build.template[org][key] = { checklist, names (fields by
-- key), steps (by key) }.
function blueprints.add(build, organization, org_key, list)
  build.template[org_key] = {}
  for position, data in ipairs(list) do
    local checklist = checklist_of(build, org_key, data, position)
    local names, steps = {}, {}
    for i, row in ipairs(data.kickoff or {}) do
      checklist.prerun[i] = field_of(build, row, i, { checklist_id = checklist.id }, names,
        checklist.created_at)
    end
    add_steps(build, org_key, checklist, data, names, steps)
    checklist.default_process_name_format = link_variables(data.naming, names)
    for i, row in ipairs(data.rules or {}) do
      checklist.automated_actions[i] = rule_of(build, row, names, steps, checklist.created_at)
    end
    organization.checklists:add(checklist)
    build.template[org_key][data.key] = { checklist = checklist, names = names, steps = steps }
  end
end

return blueprints
