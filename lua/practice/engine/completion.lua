-- Completing and reopening tasks, with all that follows: rules, deadlines that refer to the task, the
-- state of the process (api.md 18, 28.5, 28.6). The right to do it is checked before; here are the
-- business rules.
local deadlines = require "practice.engine.deadlines"
local lists = require "practice.lists"
local owners = require "practice.engine.owners"
local problem = require "practice.problem"
local rules = require "practice.engine.rules"
local status = require "practice.engine.status"
local json = require "json"
local values = require "practice.engine.values"

local completion = {}

local function refuse_archived(task)
  if task.archived_at or (task.run and task.run.archived_at) then
    problem.refused("This task is archived.")
  end
end

local function refuse_impossible(task, decision)
  refuse_archived(task)
  if task.status == "completed" then problem.refused("This task is already completed.") end
  if task.status == "auto-skipped" then problem.refused("This task is hidden and cannot be completed.") end
  if task.task_type == "approval" and decision == nil then
    problem.invalid { is_approved = json.array({ "The is_approved field is required for approval tasks." }) }
  end
end

local function refuse_unfinished(task)
  local errors = {}
  values.require(task.fields, task.taskdata, function (field, message)
    errors[field.id] = json.array({ message })
  end)
  if next(errors) then problem.invalid(errors) end
  if task.problem or (task.run and task.run.has_issue) then
    problem.refused("Resolve the open issue before completing this task.")
  end
end

-- True when <member> was the last one missing. Without the flag, anybody's word is enough; an
-- administrator's is enough always.
local function is_last_word(act, task, member)
  if not task.everyone_must_complete then return true end
  if act.member.role == "admin" then return true end
  lists.add_once(task.completed_by, member.id)
  for _, id in ipairs(owners.members(act.organization, task.owners)) do
    if not lists.has(task.completed_by, id) then return false end
  end
  return #owners.guests(act.organization, task.owners) == 0
end

local function decision_of(task, given)
  local decides = task.task_type == "approval" or task.task_type == "expiring"
    or task.task_type == "expiring_email"
  if not decides then return nil end
  if given == nil then return true end -- acknowledged
  return given
end

-- Completes <task> in the name of <completer> (a member). <decision> is is_approved: true, false or nil.
-- Returns the other tasks that rules changed.
function completion.complete(act, task, decision, completer)
  refuse_impossible(task, decision)
  refuse_unfinished(task)
  task.last_updated = act.now
  if not is_last_word(act, task, completer) then
    task.status = "in-progress"
    return {}
  end
  task.status, task.completed_at, task.completer_id = "completed", act.now, completer.id
  task.is_approved = decision_of(task, decision)
  if not task.run then return {} end
  deadlines.follow(task.run, task)
  if task.is_oneoff_task then
    status.refresh(task.run, act.now)
    return {}
  end
  return rules.run(act, task.run, { name = "completed", task = task })
end

-- Reopens <task>; values stay. Returns the other tasks that rules changed.
function completion.reopen(act, task)
  refuse_archived(task)
  if task.status ~= "completed" then problem.refused("This task is not completed.") end
  rules.clear_completion(task, act.now)
  if not task.run then return {} end
  if task.is_oneoff_task then
    status.refresh(task.run, act.now)
    return {}
  end
  return rules.run(act, task.run, { name = "reopened", task = task })
end

return completion
