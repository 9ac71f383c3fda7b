-- Completing and reopening tasks, with all that follows: rules, deadlines that refer to the task, the
-- state of the process (api.md 18, 28.5, 28.6). The right to do it is checked before; here are the
-- business rules.
local consequences = require "practice.engine.consequences"
local deadlines = require "practice.engine.deadlines"
local json = require "json"
local linked = require "practice.engine.linked"
local lists = require "practice.lists"
local owners = require "practice.engine.owners"
local problem = require "practice.problem"
local rules = require "practice.engine.rules"
local values = require "practice.engine.values"

local completion = {}

-- Refuses every change to a task of something archived, or of a process with an open issue of its own.
function completion.refuse_locked(task)
  if task.archived_at or (task.run and task.run.archived_at) then
    problem.refused("This task is archived.")
  end
  if task.run and task.run.has_issue then
    problem.refused("Resolve the open issue of the process before changing its tasks.")
  end
end

-- Sources differ on completing twice (api.md 27): 422, or with the switch all events happen again.
local function refuse_impossible(act, task, decision)
  completion.refuse_locked(task)
  if task.status == "completed" and not act.world.switches.repeat_completion then
    problem.refused("This task is already completed.")
  end
  if task.status == "auto-skipped" then problem.refused("This task is hidden and cannot be completed.") end
  if task.task_type == "approval" and decision == nil then
    problem.invalid { is_approved = json.array({ "The is_approved field is required for approval tasks." }) }
  end
end

local function refuse_unfinished(task)
  local errors = {}
  local function fail(field, message) errors[field.id] = json.array({ message }) end
  values.require(task.fields, task.taskdata, fail)
  values.require_all_checked(task.fields, task.taskdata, fail)
  if next(errors) then problem.invalid(errors) end
  if task.problem then problem.refused("Resolve the open issue before completing this task.") end
end

-- True when <member> was the last one missing. Without the flag, anybody's word is enough; an
-- administrator's is enough always (default chosen). Refuses a word that counts for nothing.
local function is_last_word(act, task, member)
  if not task.everyone_must_complete or act.member.role == "admin" then return true end
  local people = owners.members(act.organization, task.owners)
  if not lists.has(people, member.id) then
    problem.refused("Each assignee of this task completes it for oneself, and you are none of them.")
  end
  if lists.has(task.completed_by, member.id) then
    problem.refused("You have completed your part of this task already.")
  end
  lists.add_once(task.completed_by, member.id)
  for _, id in ipairs(people) do
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

-- Completes <task> in the name of <completer> (a member, or nil when the clock does it). <decision> is
-- is_approved: true, false or nil. Returns the other tasks that rules changed.
local function finish(act, task, decision, completer)
  task.status, task.completed_at = "completed", act.now
  task.completer_id = completer and completer.id
  task.last_updated, task.is_approved = act.now, decision_of(task, decision)
  if task.run then deadlines.follow(task.run, task) end
  local changed = consequences.completed(act, task)
  linked.start(act, task)
  return changed
end

function completion.complete(act, task, decision, completer)
  refuse_impossible(act, task, decision)
  refuse_unfinished(task)
  if task.status ~= "completed" and not is_last_word(act, task, completer) then
    task.status, task.last_updated = "in-progress", act.now
    return {}
  end
  return finish(act, task, decision, completer)
end

-- The clock passed the deadline of an expiring task: nobody completed it, and it counts as expired.
function completion.expire(act, task)
  return finish(act, task, false, nil)
end

-- Reopens <task>; values stay. Returns the other tasks that rules changed.
function completion.reopen(act, task)
  completion.refuse_locked(task)
  if task.status ~= "completed" then problem.refused("This task is not completed.") end
  rules.clear_completion(task, act.now)
  return consequences.reopened(act, task)
end

return completion
