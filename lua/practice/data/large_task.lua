-- Tasks of the large organisation's processes. A task has its own id, state, dates, values and comments; all else it
-- takes from its step through a metatable. Owners of tasks of the same step are one set, which the engine replaces
-- and never changes.
local json = require "json"
local status = require "practice.engine.status"
local store = require "practice.store"
local time = require "practice.time"

local large_task = {}

-- What a completed task holds: an answer for each required field.
local function answers_of(task, fields)
  local values = {}
  for _, field in ipairs(fields) do
    if field.field_type == "radio" then
      values[field.id] = field.options[task.increment_id % 10 == 0 and 2 or 1].text
    else
      values[field.id] = ("R-%06d"):format(task.increment_id)
    end
  end
  return values
end

-- An issue where the process has one, and a remark on some of the others.
local function say_something(task)
  local remark = task.problem and "<p>The site has not answered for three days.</p>"
    or task.increment_id % 40 == 0 and "<p>Done together with the last one.</p>"
  if not remark then return end
  task.threads[1] = {
    id = task.id:reverse(), label = task.problem and "problem" or "comment", state = "hide-for-guests",
    content = remark, author_id = task.owners.users[1] or task.starter_id, sent_to = {},
    created_at = task.last_updated,
  }
end

-- The metatable of the tasks of one step, and the owners they share.
local function kind_of(step)
  local shared = {
    step = step, step_id = step.id, title = step.title, summary = step.summary, alias = step.alias,
    task_type = step.step_type, position = step.position, fields = step.captures, problem = false,
    allow_guest_owners = step.allow_guest_owners, max_assignable = step.max_assignable,
    is_soft_start_date = step.is_soft_start_date,
    can_complete_only_assignees = step.can_complete_only_assignees,
    everyone_must_complete = step.everyone_must_complete, prevent_guest_comment = step.prevent_guest_comment,
    top_secret = step.top_secret, send_chromeless = step.send_chromeless, webhook = step.webhook,
  }
  local owners = { users = json.array({ step.assignees[1] }), guests = json.array({}), groups = json.array({}) }
  return { __index = shared }, owners
end

local function kinds_of(context, checklist)
  local kinds = context.kinds[checklist]
  if kinds then return kinds end
  kinds = {}
  for i, step in ipairs(checklist.steps) do
    local meta, owners = kind_of(step)
    kinds[i] = { meta = meta, owners = owners, keys = store.owner_keys(owners), step_id = step.id,
      days = step.deadline.value * time.day,
      approval = step.step_type == "approval" or nil, fields = step.captures }
  end
  context.kinds[checklist] = kinds
  return kinds
end

-- The moment a step was done: in the order of the steps, never after now.
local function done_at(context, start, place, age_limit)
  return math.min(start + place * 18 * time.hour + place * 60, age_limit, context.now)
end

-- Whether this process found something to correct: only then the step for it is shown.
local function has_findings(number)
  return number % 10 == 0
end

-- Makes the tasks of <run>, of which the first <done> steps are completed. <word> is the state of the process.
function large_task.add_all(context, run, checklist, done, word)
  local organization, start = context.organization, run.created_at
  local last = start
  for place, kind in ipairs(kinds_of(context, checklist)) do
    context.made = context.made + 1
    local number = context.first_number + context.made
    local record = setmetatable({
      id = context.task_id(number), increment_id = number, run = run, status = "not-started",
      starter_id = run.started_by, started_at = start, created_at = start, last_updated = start,
      deadline = context.working(start + kind.days), taskdata = {}, threads = {}, completed_by = {},
    }, kind.meta)
    if place == 15 and not has_findings(number - 1) then
      record.status = "auto-skipped"
    elseif place <= done then
      last = done_at(context, start, place, context.now - 60)
      record.status, record.completed_at, record.last_updated = "completed", last, last
      record.completer_id, record.is_approved = kind.owners.users[1], kind.approval
      if #kind.fields > 0 then record.taskdata = answers_of(record, kind.fields) end
    elseif place == done + 1 and word == "problem" then
      record.status, record.problem = "in-progress", true
    end
    store.set_owners(organization, record, kind.owners, kind.keys)
    say_something(record)
    organization.tasks:add(record)
    run.tasks[place], run.task_by_step[kind.step_id] = record, record
  end
  run.last_updated = last
  if word == "active" and status.progress(run).complete == status.progress(run).total then
    run.status, run.completed_at = "complete", last
  end
end

return large_task
