-- What happens only because time passes (api.md 28.3, default chosen): an open visible expiring task is completed
-- as expired at its deadline, by nobody. There is no timer: each request first lets happen what was due by its own
-- moment, so X-Practice-Now in the future makes tasks expire for good.
-- With the switches auto_complete and auto_archive, old tasks and finished processes are tidied up as well.
local activity = require "practice.engine.activity"
local completion = require "practice.engine.completion"
local status = require "practice.engine.status"
local time = require "practice.time"

local expiry = {}

local archive_after_weeks = 52

local function is_due(task, now)
  return task.deadline and task.deadline < now and task.expired_at_deadline ~= task.deadline
    and status.is_open(task) and status.is_visible(task)
    and not (task.run and (task.run.archived_at or task.run.has_issue))
end

-- The due task with the earliest deadline: its rules may show, hide or move the others.
local function next_due(organization, now)
  local first
  for task in pairs(organization.expiring) do
    if is_due(task, now) and (not first or task.deadline < first.deadline
      or (task.deadline == first.deadline and task.increment_id < first.increment_id)) then
      first = task
    end
  end
  return first
end

-- Somebody has to stand for the organisation where rules ask for one; the activity names nobody.
local function act_of(world, organization, moment)
  return { world = world, organization = organization, now = moment }
end

-- True when something expired.
local function expire(world, organization, now)
  local task = next_due(organization, now)
  local any = task ~= nil
  while task do
    -- A task reopened after it expired stays open until it gets another deadline.
    task.expired_at_deadline = task.deadline
    completion.expire(act_of(world, organization, task.deadline), task)
    task = next_due(organization, now)
  end
  return any
end

local function archive_finished(world, organization, now)
  for _, run in ipairs(organization.runs.list) do
    if run.status == "complete" and run.completed_at
      and time.add(run.completed_at, archive_after_weeks, "weeks") <= now then
      run.archived_at = now
      status.refresh(run, now)
      activity.note(act_of(world, organization, now), "archived", "run", run)
    end
  end
end

-- Nobody approves by forgetting: approvals stay open.
local function complete_forgotten(world, organization, now)
  local months = organization.auto_complete_task_months or 2
  for _, task in ipairs(organization.tasks.list) do
    local locked = task.run and (task.run.archived_at or task.run.has_issue)
    if task.deadline and task.task_type ~= "approval" and status.is_open(task) and status.is_visible(task)
      and not locked and not task.problem
      and time.add(task.deadline, months, "months") <= now then
      completion.expire(act_of(world, organization, now), task)
    end
  end
end

-- Lets happen what was due by <now>; true when anything may have changed. The tidying looks at everything, so it
-- is done once a day.
function expiry.advance(world, now)
  local changed = false
  for _, organization in ipairs(world.organizations) do
    if next(organization.expiring) then changed = expire(world, organization, now) or changed end
    local switches, day = world.switches, time.midnight(now)
    if (switches.auto_complete or switches.auto_archive) and organization.tidied_on ~= day then
      organization.tidied_on, changed = day, true
      if switches.auto_complete then complete_forgotten(world, organization, now) end
      if switches.auto_archive then archive_finished(world, organization, now) end
    end
  end
  return changed
end

return expiry
