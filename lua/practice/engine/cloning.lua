-- Copies a template with everything in it: new ids and aliases everywhere, and what names a step, a field or an
-- alias names the copy's own.
local blueprint = require "practice.engine.blueprint"
local json = require "json"
local lists = require "practice.lists"

local cloning = {}

-- {{old-alias}} as {{new-alias}}.
local function relink(text, aliases)
  return text and (text:gsub("{{%s*([%w_-]+)%s*}}", function (alias)
    return aliases[alias] and "{{" .. aliases[alias] .. "}}" or nil
  end))
end

local function copy_field(act, field, owner, map, aliases)
  local copy = blueprint.field(act, owner, lists.copy(field))
  copy.id, copy.alias = act.world.ids:id("field"), blueprint.alias(act.world.ids, field.label)
  copy.created_at, copy.last_updated = act.now, act.now
  for key, value in pairs(owner) do copy[key] = value end
  map[field.id], aliases[field.alias] = copy.id, copy.alias
  return copy
end

local function copy_step(act, step, checklist, map, aliases)
  local copy = lists.copy(step)
  copy.id, copy.alias = act.world.ids:id("step"), blueprint.alias(act.world.ids, step.title)
  copy.checklist_id, copy.created_at, copy.last_updated = checklist.id, act.now, act.now
  map[step.id] = copy.id
  local owner = { step_id = copy.id, of_checklist = checklist.id }
  copy.captures = lists.map(step.captures, function (field)
    return copy_field(act, field, owner, map, aliases)
  end)
  return copy
end

local function copy_rule(act, rule, map)
  local copy = lists.copy(rule)
  copy.id, copy.created_at, copy.last_updated = act.world.ids:id("rule"), act.now, act.now
  for _, condition in ipairs(copy.conditions) do
    condition.id = act.world.ids:id("condition")
    condition.conditionable_id = map[condition.conditionable_id] or condition.conditionable_id
  end
  for _, action in ipairs(copy.then_actions) do
    action.id = act.world.ids:id("action")
    action.target_step_id = map[action.target_step_id] or action.target_step_id
    action.actionable_id = map[action.actionable_id] or action.actionable_id
  end
  return copy
end

-- Once all new names are known.
local function relink_steps(steps, map, aliases)
  for _, step in ipairs(steps) do
    step.title, step.summary = relink(step.title, aliases), relink(step.summary, aliases)
    step.deadline.step = map[step.deadline.step] or step.deadline.step
  end
end

-- People of another organisation mean nothing there.
local function forget_people(checklist)
  checklist.users, checklist.groups = json.array({}), json.array({})
  checklist.folder_id, checklist.default_folder = nil, nil
  for _, step in ipairs(checklist.steps) do
    step.assignees, step.groups = json.array({}), json.array({})
  end
end

local not_copied = {
  "id", "alias", "increment_id", "prerun", "steps", "automated_actions", "started_processes", "created_at",
  "last_updated", "archived_at", "owner_id", "created_by", "last_updated_by", "threads", "starred", "is_pinned",
}

-- A copy of <checklist> called <title> in act.organization, which may be another one.
function cloning.checklist(act, checklist, title, from_elsewhere)
  local fields = lists.copy(checklist)
  for _, key in ipairs(not_copied) do fields[key] = nil end
  fields.title = title
  local copy, map, aliases = blueprint.checklist(act, fields), {}, {}
  copy.prerun = lists.map(checklist.prerun, function (field)
    return copy_field(act, field, { checklist_id = copy.id }, map, aliases)
  end)
  copy.steps = lists.map(checklist.steps, function (step)
    return copy_step(act, step, copy, map, aliases)
  end)
  relink_steps(copy.steps, map, aliases)
  copy.default_process_name_format = relink(copy.default_process_name_format, aliases)
  copy.automated_actions = lists.map(checklist.automated_actions, function (rule)
    return copy_rule(act, rule, map)
  end)
  if from_elsewhere then forget_people(copy) end
  return act.organization.checklists:add(copy)
end

-- A copy of a step at the end of its template: fields and assignees, not the rules (default chosen).
function cloning.step(act, checklist, step)
  local map, aliases = {}, {}
  local copy = copy_step(act, step, checklist, map, aliases)
  copy.position = #checklist.steps + 1
  checklist.steps = lists.map(checklist.steps)
  checklist.steps[#checklist.steps + 1] = copy
  blueprint.touch(checklist, act)
  return copy
end

return cloning
