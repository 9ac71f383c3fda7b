-- Tasks: listing, reading, editing, completing, reopening, one-off tasks, comments (api.md 18 and 19).
local access = require "practice.access"
local answers = require "practice.answers"
local check = require "practice.check"
local completion = require "practice.engine.completion"
local deadlines = require "practice.engine.deadlines"
local includes = require "practice.includes"
local json = require "json"
local lists = require "practice.lists"
local owners = require "practice.engine.owners"
local problem = require "practice.problem"
local runs = require "practice.runs"
local rules = require "practice.engine.rules"
local saving = require "practice.engine.saving"
local shapes = require "practice.shapes"
local status = require "practice.engine.status"
local store = require "practice.store"
local task_lists = require "practice.task_lists"
local work_shapes = require "practice.shapes_work"
local work = require "practice.engine.work"

local tasks = {}

local task_types = { "task", "approval", "expiring", "email", "expiring_email" }
local labels = { "comment", "problem", "resolve", "improvement", "advice" }
local states = { "hide-for-guests", "open", "collapsed" }

-- A task by id; <run> narrows it to a process, <one_off> to tasks that are no step of one.
local function find(request, id, run, one_off)
  local task = type(id) == "string" and request.organization.tasks:get(id)
  if not task or (run and task.run ~= run) or (one_off and not task.is_oneoff_task)
    or not access.sees_task(request.organization, request.member, task) then
    problem.not_found()
  end
  return task
end

local function require_action(request, task)
  if not access.acts_on_task(request.organization, request.member, task) then
    problem.forbidden("You are not allowed to act on this task.")
  end
end

-- A single read: the summary is part of it.
local function view_of(request, task)
  local view = includes.render("task", task, request)
  view.summary = work_shapes.task_summary(task)
  return view
end

-- {} when rules changed nothing, else the other tasks; one-off tasks lack the key.
local function with_changes(request, task, changed)
  local view = view_of(request, task)
  if not task.is_oneoff_task then
    view.tasks_changed_by_rules = #changed > 0
      and { data = lists.map(changed, work_shapes.changed_task) } or {}
  end
  return answers.one(view)
end

local function list_of_run(request)
  return task_lists.of_run(request, runs.find(request))
end

local function get_of_run(request)
  return answers.one(view_of(request, find(request, request.params.task_id, runs.find(request))))
end

local function get(request)
  return answers.one(view_of(request, find(request, request.params.task_id)))
end

-- The id of the task a completion names; 422 when the key is missing.
local function task_named(body)
  local id = body:required("task_id")
  body:done()
  return id
end

local function complete(request, run, one_off)
  local body = check.new(request:body())
  local task = find(request, task_named(body), run, one_off)
  require_action(request, task)
  local decision = body:flag("is_approved")
  local completer = request.member
  local override = body:integer("override_user")
  if override then
    completer = store.member(request.organization, override)
    if not completer then body:fail("override_user", "The selected override_user is invalid.") end
  end
  body:done()
  return with_changes(request, task, completion.complete(request, task, decision, completer))
end

local function reopen(request, run, one_off)
  local task = find(request, request.params.task_id, run, one_off)
  require_action(request, task)
  return with_changes(request, task, completion.reopen(request, task))
end

local function complete_of_run(request) return complete(request, runs.find(request), false) end
local function complete_one_off(request) return complete(request, nil, true) end
local function reopen_of_run(request) return reopen(request, runs.find(request), false) end
local function reopen_one_off(request) return reopen(request, nil, true) end

-- An owners object of the body, checked; keys of errors are owners.users and so on.
local function owners_of(request, body, given)
  return owners.read(request, given, function (bucket, message)
    body:fail("owners." .. bucket, message)
  end)
end

local function one_off_fields(body)
  return {
    title = body:required("title") and body:text("title", 600),
    task_type = body:required("task_type") and body:choice("task_type", task_types),
    deadline = body:required("deadline") and body:moment("deadline"),
    summary = body:text("summary") or body:text("description"), started_at = body:moment("started_at"),
    max_assignable = body:integer("max_assignable"),
    prevent_guest_comment = body:flag("prevent_guest_comment"),
    everyone_must_complete = body:flag("everyone_must_complete"),
    can_complete_only_assignees = body:flag("can_complete_only_assignees"),
    is_soft_start_date = body:flag("is_soft_start_date"), top_secret = body:flag("top_secret"),
    webhook = body:text("webhook"),
  }
end

-- The process a one-off task is to be attached to, or nil.
local function run_named(request, body)
  local id = body:text("run_id")
  if not id or id == "" then return nil end
  local run = request.organization.runs:get(id)
  if not run or run.archived_at or not access.sees_run(request.organization, request.member, run) then
    body:fail("run_id", "The selected run_id is invalid.")
  end
  return run
end

local function owners_given(request, body)
  local given = body:required("owners") and body:object("owners")
  if not given then return owners.none() end
  local set = owners_of(request, body, given)
  if owners.is_empty(set) and not body.failed then body:fail("owners", "The owners field is required.") end
  return set
end

-- Keeps one task; attached to a process it counts there.
local function keep(request, fields, run, set)
  local task = work.one_off_task(request, fields)
  if run then work.attach(run, task) end
  work.keep_task(request, task, set)
  if run then status.refresh(run, request.now) end
  return task
end

-- One task for each person, groups expanded, in the process named by run_id or else in one of their own
-- on the system template. Returns the first.
local function fan_out(request, fields, run, set)
  local first
  run = run or work.system_run(request, fields.title)
  for _, id in ipairs(owners.members(request.organization, set)) do
    local one = owners.none()
    one.users[1] = id
    local task = keep(request, fields, run, one)
    first = first or task
  end
  for _, email in ipairs(owners.guests(request.organization, set)) do
    local one = owners.none()
    one.guests[1] = email
    local task = keep(request, fields, run, one)
    first = first or task
  end
  return first
end

local function create(request)
  local body = check.new(request:body())
  local fields = one_off_fields(body)
  local run = run_named(request, body)
  local set = owners_given(request, body)
  local separate = body:flag("separate_task_for_each_assignee")
  body:done()
  local limit = { allow_guest_owners = true, max_assignable = fields.max_assignable or 0 }
  local bucket, message = owners.objection(request.organization, limit, set)
  if bucket and not separate then problem.invalid { ["owners." .. bucket] = json.array({ message }) } end
  fields.deadline = deadlines.to_working_time(request.organization, fields.deadline)
  local task = (separate and fan_out or keep)(request, fields, run, set)
  local view = view_of(request, task)
  if separate then view.run = work_shapes.run(task.run, request.now) end
  return answers.one(view, 201)
end

local function apply_owners(request, body, task)
  local given = body:object("owners")
  if not given then return function () return {} end end
  local set = owners_of(request, body, given)
  local bucket, message = owners.objection(request.organization, task, set)
  if bucket then body:fail("owners." .. bucket, message) end
  return function ()
    owners.settle(request, task, set)
    if task.is_oneoff_task then return {} end
    return rules.run(request, task.run, { name = "owners", task = task })
  end
end

-- Hiding and showing by hand; completing through here is not possible and ignored.
local function apply_status(task, word)
  if word == "auto-skipped" then
    task.status, task.hidden_by_hand = word, true
  elseif word == "not-started" and task.status == "auto-skipped" then
    task.status, task.hidden_by_hand = word, nil
  elseif word == "in-progress" and task.status == "not-started" then
    task.status = word
  end
end

-- PUT on a task of a process: everything optional, keys that are absent stay as they are.
local function update_of_run(request)
  local run = runs.find(request)
  local task = find(request, request.params.task_id, run)
  require_action(request, task)
  local body = check.new(request:body())
  local title, summary = body:text("title", 600), body:text("summary")
  local deadline, word = body:moment("deadline"), body:text("status")
  local data, settle_owners = body:object("taskdata"), apply_owners(request, body, task)
  body:done()
  if task.status == "completed" then
    problem.refused("A completed task cannot be changed: reopen it first.")
  end
  if data then saving.task_values(request, task, data) end
  settle_owners()
  task.title, task.summary = title or task.title, summary or task.summary
  if deadline then deadlines.set(run, task, deadline, request.organization) end
  apply_status(task, word)
  task.last_updated = request.now
  status.refresh(run, request.now)
  return answers.one(view_of(request, task))
end

-- A comment; labelled "problem" it opens an issue, which reopens a completed task.
local function comment(request)
  local task = find(request, request.params.task_id)
  local body = check.new(request:body())
  local content = body:required("content") and body:text("content")
  local label, state = body:choice("label", labels), body:choice("state", states)
  body:done()
  local thread = work.thread(request, task, { content = content, label = label, state = state })
  if label == "problem" then
    task.problem = true
    if task.status == "completed" then rules.clear_completion(task, request.now) end
    if task.run then status.refresh(task.run, request.now) end
  end
  return answers.one(shapes.thread(thread, request.organization, request.now))
end

tasks.routes = {
  { "GET", "/organizations/{org}/tasks", task_lists.of_organization },
  { "POST", "/organizations/{org}/tasks", create, role = "standard" },
  { "GET", "/organizations/{org}/tasks/{task_id}", get },
  { "POST", "/organizations/{org}/tasks/{task_id}/comment", comment },
  { "POST", "/organizations/{org}/completed-tasks", complete_one_off },
  { "DELETE", "/organizations/{org}/completed-tasks/{task_id}", reopen_one_off },
  { "GET", "/organizations/{org}/runs/{run_id}/tasks", list_of_run },
  { "GET", "/organizations/{org}/runs/{run_id}/tasks/{task_id}", get_of_run },
  { "PUT", "/organizations/{org}/runs/{run_id}/tasks/{task_id}", update_of_run },
  { "POST", "/organizations/{org}/runs/{run_id}/completed-tasks", complete_of_run },
  { "DELETE", "/organizations/{org}/runs/{run_id}/completed-tasks/{task_id}", reopen_of_run },
}

return tasks
