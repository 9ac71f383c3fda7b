-- What follows from something that happened to a process or a task, in this order (api.md 21, default chosen):
-- rules run; then the task's webhook, the rules' webhooks in rule order, and last the process's own when all is
-- done. Payloads show the process as it is after the rules.
local activity = require "practice.engine.activity"
local hooks = require "practice.engine.hooks"
local rules = require "practice.engine.rules"
local status = require "practice.engine.status"

local consequences = {}

-- Recomputes the state of a process and tells of its completion.
function consequences.settle(act, run)
  status.refresh(run, act.now)
  if run.status ~= "complete" then
    if run.status == "active" then run.told_complete = nil end
    return
  end
  if run.told_complete then return end
  run.told_complete = true
  activity.note(act, "completed", "run", run)
  hooks.process(act, run, "process.completed")
end

local function nothing() end

-- Runs the rules for <event>; before() sends what comes before their webhooks, after() what comes between
-- them and the completion of the process. Returns the tasks that rules changed.
local function ripple(act, run, event, before, after)
  local pass = rules.run(act, run, event)
  status.refresh(run, act.now)
  before = before or nothing
  before()
  for _, rule in ipairs(pass.executed) do
    activity.note(act, "executed", "run", run, { type = "execution", text = rule.automated_alias })
  end
  for _, emit in ipairs(pass.emits) do
    activity.note(act, "emitted", "run", run, { source = "Webhook", text = emit.alias_name })
    hooks.rule(act, run, emit)
  end
  for _, task in ipairs(pass.assigned) do hooks.event(act, "task.assigned", { task = task }) end
  after = after or nothing
  after()
  consequences.settle(act, run)
  return pass.changed
end

-- The rules' webhooks come before the process payload: api.md 28.1 has them in this order.
function consequences.launched(act, run)
  activity.note(act, "created", "run", run)
  ripple(act, run, { name = "launch" }, nil, function () hooks.process(act, run, "process.launched") end)
end

function consequences.completed(act, task)
  activity.note(act, "completed", "task", task)
  local function tell() hooks.task_completed(act, task) end
  if task.run and not task.is_oneoff_task then
    return ripple(act, task.run, { name = "completed", task = task }, tell)
  end
  if task.run then status.refresh(task.run, act.now) end
  tell()
  if task.run then consequences.settle(act, task.run) end
  return {}
end

function consequences.reopened(act, task)
  activity.note(act, "uncompleted", "task", task)
  if not task.run then return {} end
  if not task.is_oneoff_task then return ripple(act, task.run, { name = "reopened", task = task }) end
  consequences.settle(act, task.run)
  return {}
end

-- <changed> = { [field id] = true }
function consequences.values_saved(act, task, changed)
  activity.note(act, "updated", "task", task, { field = "taskdata" })
  if not task.run then return {} end
  if task.is_oneoff_task then
    consequences.settle(act, task.run)
    return {}
  end
  return ripple(act, task.run, { name = "values", task = task, changed = changed })
end

function consequences.kickoff_changed(act, run)
  activity.note(act, "updated", "run", run, { field = "prerun" })
  return ripple(act, run, { name = "kickoff" })
end

function consequences.owners_changed(act, task)
  activity.note(act, "owners-updated", "task", task)
  hooks.event(act, "task.assigned", { task = task })
  if not task.run then return {} end
  if task.is_oneoff_task then
    consequences.settle(act, task.run)
    return {}
  end
  return ripple(act, task.run, { name = "owners", task = task })
end

return consequences
