-- States of tasks and processes and what follows from them: progress, overdue, due soon (api.md 28.3,
-- 28.6).
local time = require "practice.time"

local status = {}

function status.is_open(task)
  return task.status ~= "completed"
end

function status.is_visible(task)
  return task.status ~= "auto-skipped" and not task.archived_at
end

-- Overdue: open, visible, deadline before now.
function status.is_overdue(task, now)
  return task.deadline ~= nil and status.is_open(task) and status.is_visible(task) and task.deadline < now
end

-- Due soon: open, visible, deadline within the next 24 hours, their end included.
function status.is_due_soon(task, now)
  return task.deadline ~= nil and status.is_open(task) and status.is_visible(task)
    and task.deadline >= now and task.deadline <= now + time.day
end

local labels = {
  ["not-started"] = "Not started", ["in-progress"] = "In progress", ["completed"] = "Completed",
  ["auto-skipped"] = "Auto skipped",
}

function status.label(task, now)
  if status.is_overdue(task, now) then return "Overdue" end
  if status.is_due_soon(task, now) then return "Due soon" end
  return labels[task.status]
end

local matches = {
  active = status.is_open,
  active_visible = function (task) return status.is_open(task) and status.is_visible(task) end,
  inprogress = function (task) return task.status == "in-progress" end,
  completed = function (task) return task.status == "completed" end,
  overdue = status.is_overdue,
  due_soon = status.is_due_soon,
  hasproblem = function (task) return task.problem end,
}
matches.incomplete, matches.complete, matches["in-progress"] =
  matches.active_visible, matches.completed, matches.inprogress
for word in pairs(labels) do
  matches[word] = matches[word] or function (task) return task.status == word end
end

-- The test behind a filter word of the status query, or nil for an unknown word.
function status.filter(word)
  return matches[word]
end

-- How a process stands, from its visible tasks. Archived tasks do not count; hidden ones only with the switch
-- hidden_tasks_count (api.md 27).
function status.progress(run)
  local complete, total = 0, 0
  local hidden_too = run.organization.world and run.organization.world.switches.hidden_tasks_count
  for _, task in ipairs(run.tasks) do
    if status.is_visible(task) or (hidden_too and not task.archived_at) then
      total = total + 1
      if not status.is_open(task) then complete = complete + 1 end
    end
  end
  return { complete = complete, total = total, percent = total > 0 and complete * 100 // total or 0 }
end

-- The latest deadline of a visible task, or nil.
function status.due_date(run)
  local latest
  for _, task in ipairs(run.tasks) do
    if task.deadline and status.is_visible(task) and (not latest or task.deadline > latest) then
      latest = task.deadline
    end
  end
  return latest
end

-- How many tasks of a process pass <test>(task, now).
function status.count(run, test, now)
  local count = 0
  for _, task in ipairs(run.tasks) do
    if test(task, now) then count = count + 1 end
  end
  return count
end

local function is_complete(run)
  if not run.prerun_completed_at then return false end
  -- Without steps (a form, a document) the kick-off is all; with every step hidden the process stays
  -- active.
  if #run.tasks == 0 then return true end
  local visible = 0
  for _, task in ipairs(run.tasks) do
    if status.is_visible(task) then
      if status.is_open(task) then return false end
      visible = visible + 1
    end
  end
  return visible > 0
end

local function has_problem(run)
  for _, task in ipairs(run.tasks) do
    if task.problem then return true end
  end
  return false
end

-- Recomputes run.status, in this order: archived, issue, problem, complete, active.
function status.refresh(run, now)
  run.last_updated = now
  if run.archived_at then
    run.status = "archived" -- completed_at stays, for the day it is activated again
    return
  end
  if run.has_issue then
    run.status = "issue"
  elseif has_problem(run) then
    run.status = "problem"
  elseif is_complete(run) then
    run.status, run.completed_at = "complete", run.completed_at or now
    return
  else
    run.status = "active"
  end
  run.completed_at = nil
end

return status
