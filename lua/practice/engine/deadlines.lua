-- When tasks are due (api.md 28.3): calendar amounts in UTC, then moved forward, never back, to a
-- working day of the organisation.
local time = require "practice.time"
local zones = require "practice.zones"

local deadlines = {}

local day_names = { "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday" }
local start_of_work = 9 * time.hour
local fallback_days = 5
local max_chain = 50 -- steps that refer to steps; beyond it they go in a circle

-- A moment on a non-working day moves to 09:00 of the next working day, in the organisation's zone.
function deadlines.to_working_time(organization, seconds)
  local moved = seconds + zones.offset(organization.timezone, seconds)
  for _ = 1, 7 do
    if organization.working_days[day_names[time.weekday(moved)]] then
      return moved - zones.offset(organization.timezone, moved)
    end
    moved = time.midnight(moved) + time.day + start_of_work
  end
  return seconds -- no working day at all: leave it
end

local raw -- forward: deadlines refer to deadlines

-- The moment a step's deadline counts from, and the sign of its amount; nil for what cannot be computed.
local function base_of(run, deadline, depth)
  if deadline.option == "from" and deadline.step == "start_run" then return run.created_at, 1 end
  local other = run.task_by_step[deadline.step]
  if not other or depth > max_chain then return nil end
  if deadline.option == "from" then return other.completed_at or raw(run, other, depth + 1), 1 end
  if deadline.option == "prior_to" then return raw(run, other, depth + 1), -1 end
end

function raw(run, task, depth)
  if task.deadline_fixed then return task.deadline end
  local deadline = task.step.deadline
  local base, sign = base_of(run, deadline, depth)
  if not base then return time.add(run.created_at, fallback_days, "days") end
  return time.add(base, sign * deadline.value, deadline.unit) or base
end

-- The deadline of a task of a process, from its step.
function deadlines.of_task(run, task)
  return deadlines.to_working_time(run.organization, raw(run, task, 0))
end

-- The deadline a one-off task gets when the organisation's default is asked for.
function deadlines.default(organization, now)
  local default = organization.default_deadline
  return deadlines.to_working_time(organization, time.add(now, default.value, default.type))
end

-- After <task> was completed or got another deadline: open tasks that refer to it follow, unless someone
-- set theirs by hand.
function deadlines.follow(run, task, depth)
  depth = depth or 0
  if not task.step_id or depth > max_chain then return end
  for _, other in ipairs(run.tasks) do
    local refers = other.step and other.step.deadline.step == task.step_id
    if refers and other ~= task and other.status ~= "completed" and not other.deadline_fixed then
      local before = other.deadline
      other.deadline = deadlines.of_task(run, other)
      if other.deadline ~= before then deadlines.follow(run, other, depth + 1) end
    end
  end
end

-- Writes a deadline that a person or a rule chose.
function deadlines.set(run, task, seconds, organization)
  task.deadline = deadlines.to_working_time(organization, seconds)
  task.deadline_fixed = true
  if run then deadlines.follow(run, task) end
end

return deadlines
