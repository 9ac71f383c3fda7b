-- Templates as records: making their parts, changing them, copying them. What a process was launched with is
-- frozen: it holds on to the lists and records of its template as they were (engine/work.lua). So nothing here
-- changes a list or a part in place once it can have been launched: a change puts a new one in its stead.
local json = require "json"
local lists = require "practice.lists"

local blueprint = {}

-- "Employee onboarding" as "employee-onboarding-500012": readable, and never given twice.
function blueprint.alias(ids, text)
  local slug = text:gsub("{{.-}}", ""):lower():gsub("[^%w]+", "-"):gsub("^%-+", ""):gsub("%-+$", "")
  return ("%s-%d"):format(slug:sub(1, 60), 500000 + ids:count("made alias"))
end

-- A new record that is <record> with <changes>; json.null clears.
function blueprint.changed(record, changes)
  local out = {}
  for key, value in pairs(record) do out[key] = value end
  for key, value in pairs(changes) do out[key] = lists.given(value) end
  return out
end

-- The list with <new> in the place of <old>; new = nil takes it out.
function blueprint.replaced(list, old, new)
  local out = json.array({})
  for _, one in ipairs(list) do
    if one ~= old then
      out[#out + 1] = one
    elseif new then
      out[#out + 1] = new
    end
  end
  return out
end

function blueprint.touch(checklist, act)
  checklist.last_updated, checklist.last_updated_by = act.now, act.member.id
end

-- A template without parts; <fields> are checked already.
function blueprint.checklist(act, fields)
  local ids = act.world.ids
  local checklist = {
    id = ids:id("checklist"), increment_id = 400 + ids:count("made checklist"),
    alias = blueprint.alias(ids, fields.title), type = "procedure", status = "published", starred = false,
    is_pinned = false, owner_id = act.member.id, created_by = act.member.id, last_updated_by = act.member.id,
    auto_naming = false, allow_launcher_change_name = true, can_add_oot = true, started_processes = 0,
    users = json.array({}), groups = json.array({}), prerun = json.array({}), steps = json.array({}),
    automated_actions = json.array({}), created_at = act.now, last_updated = act.now,
  }
  for key, value in pairs(fields) do checklist[key] = value end
  return checklist
end

-- A step at the end of a template, with the documented defaults (default chosen: api.md 14).
function blueprint.step(act, checklist, fields)
  local ids, organization = act.world.ids, act.organization
  local default = organization.default_deadline or { value = 5, type = "days" }
  local step = {
    id = ids:id("step"), checklist_id = checklist.id, alias = blueprint.alias(ids, fields.title),
    step_type = "task", position = #checklist.steps + 1, owner_id = act.member.id, max_assignable = 0,
    assign_run_starter = true, allow_guest_owners = true, is_soft_start_date = true,
    everyone_must_complete = false, can_complete_only_assignees = false, prevent_guest_comment = false,
    top_secret = false, send_chromeless = false, assignees = json.array({}), guests = json.array({}),
    groups = json.array({}), roles = json.array({}), captures = json.array({}),
    deadline = { value = default.value, unit = default.type, option = "from", step = "start_run" },
    created_at = act.now, last_updated = act.now,
  }
  for key, value in pairs(fields) do step[key] = value end
  checklist.steps = lists.map(checklist.steps)
  checklist.steps[#checklist.steps + 1] = step
  blueprint.touch(checklist, act)
  return step
end

-- Puts <step> with <changes> in its own place. Returns the new record.
function blueprint.change_step(act, checklist, step, changes)
  local new = blueprint.changed(step, changes)
  new.last_updated = act.now
  checklist.steps = blueprint.replaced(checklist.steps, step, new)
  blueprint.touch(checklist, act)
  return new
end

-- Gives steps the positions of their order; a step whose position changes becomes a new record.
local function renumber(checklist, steps)
  checklist.steps = json.array({})
  for i, step in ipairs(steps) do
    checklist.steps[i] = step.position == i and step or blueprint.changed(step, { position = i })
  end
end

-- Moves a step to a place, counted from 1; the others shift.
function blueprint.move_step(act, checklist, step, position)
  local steps = blueprint.replaced(checklist.steps, step)
  table.insert(steps, math.max(1, math.min(position, #steps + 1)), step)
  renumber(checklist, steps)
  blueprint.touch(checklist, act)
  return lists.filter(checklist.steps, function (one) return one.id == step.id end)[1]
end

function blueprint.remove_step(act, checklist, step)
  renumber(checklist, blueprint.replaced(checklist.steps, step))
  blueprint.touch(checklist, act)
end

-- A kick-off field (owner = { checklist_id = }) or a capture ({ step_id =, of_checklist = }).
function blueprint.field(act, owner, fields)
  local ids = act.world.ids
  local field = {
    id = ids:id("field"), alias = blueprint.alias(ids, fields.label), created_at = act.now,
    last_updated = act.now, options = json.array({}), columns = json.array({}),
    field_validation = json.array({}), default_value_enabled = false, collect_time = false,
  }
  for key, value in pairs(owner) do field[key] = value end
  for key, value in pairs(fields) do field[key] = lists.given(value) end
  return field
end

-- Captures of a step in their order, each with its position; unchanged ones stay the same records.
function blueprint.ordered_fields(fields)
  local out = json.array({})
  for i, field in ipairs(fields) do
    out[i] = field.position == i and field or blueprint.changed(field, { position = i })
  end
  return out
end

-- True when some rule of the template names the step or field <id>.
function blueprint.is_used_by_rule(checklist, id)
  for _, rule in ipairs(checklist.automated_actions) do
    for _, condition in ipairs(rule.conditions) do
      if condition.conditionable_id == id then return true end
    end
    for _, action in ipairs(rule.then_actions) do
      if action.target_step_id == id or action.actionable_id == id then return true end
    end
  end
  return false
end

-- True when another step's deadline counts from this one.
function blueprint.is_used_by_deadline(checklist, id)
  for _, step in ipairs(checklist.steps) do
    if step.id ~= id and step.deadline.step == id then return true end
  end
  return false
end

-- Drops the collected values of a field in every process of its template.
function blueprint.drop_values(organization, checklist, field)
  for _, run in ipairs(organization.runs.list) do
    if run.checklist_id == checklist.id then
      run.prerun[field.id] = nil
      if field.step_id then
        local task = run.task_by_step[field.step_id]
        if task and task.taskdata[field.id] ~= nil then
          task.taskdata = lists.copy(task.taskdata)
          task.taskdata[field.id] = nil
        end
      end
    end
  end
end

return blueprint
