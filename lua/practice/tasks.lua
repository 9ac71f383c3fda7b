-- Tasks: listing, reading, editing those of processes, completing, reopening (api.md 18). One-off tasks are made and
-- changed in one_offs.lua.
local access = require "practice.access"
local answers = require "practice.answers"
local check = require "practice.check"
local completion = require "practice.engine.completion"
local includes = require "practice.includes"
local lists = require "practice.lists"
local problem = require "practice.problem"
local runs = require "practice.runs"
local saving = require "practice.engine.saving"
local store = require "practice.store"
local task_forms = require "practice.task_forms"
local task_lists = require "practice.task_lists"
local work_shapes = require "practice.shapes_work"
local work = require "practice.engine.work"

local tasks = {}

-- A task by id; <run> narrows it to a process, <one_off> to tasks that are no step of one.
function tasks.find(request, id, run, one_off)
  local task = type(id) == "string" and request.organization.tasks:get(id)
  if not task or (run and task.run ~= run) or (one_off and not task.is_oneoff_task)
    or not access.sees_task(request.organization, request.member, task) then
    problem.not_found()
  end
  return task
end

function tasks.require_action(request, task)
  if not access.acts_on_task(request.organization, request.member, task) then
    problem.forbidden("You are not allowed to act on this task.")
  end
end

-- A single read: the summary is part of it.
function tasks.view(request, task)
  local view = includes.render("task", task, request)
  view.summary = work_shapes.task_summary(task)
  return view
end

-- {} when rules changed nothing, else the other tasks; one-off tasks lack the key.
local function with_changes(request, task, changed)
  local view = tasks.view(request, task)
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
  return answers.one(tasks.view(request, tasks.find(request, request.params.task_id, runs.find(request))))
end

local function get(request)
  return answers.one(tasks.view(request, tasks.find(request, request.params.task_id)))
end

-- The id of the task a completion names; 422 when the key is missing.
local function task_named(body)
  local id = body:required("task_id")
  body:done()
  return id
end

local function complete(request, run, one_off)
  local body = check.new(request:body())
  local task = tasks.find(request, task_named(body), run, one_off)
  tasks.require_action(request, task)
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
  local task = tasks.find(request, request.params.task_id, run, one_off)
  tasks.require_action(request, task)
  return with_changes(request, task, completion.reopen(request, task))
end

local function complete_of_run(request) return complete(request, runs.find(request), false) end
local function complete_one_off(request) return complete(request, nil, true) end
local function reopen_of_run(request) return reopen(request, runs.find(request), false) end
local function reopen_one_off(request) return reopen(request, nil, true) end

-- PUT on a task of a process: everything optional, keys that are absent stay as they are; an owners object that is
-- there replaces all three buckets.
local function update_of_run(request)
  local run = runs.find(request)
  local task = tasks.find(request, request.params.task_id, run)
  tasks.require_action(request, task)
  local body = check.new(request:body())
  local fields, word = task_forms.plain(body), body:text("status")
  local position, data = body:integer("position"), body:object("taskdata")
  local set = task_forms.owners_given(request, body, task, fields)
  body:done()
  completion.refuse_locked(task)
  if task.status == "completed" then
    problem.refused("A completed task cannot be changed: reopen it first.")
  end
  if data then saving.task_values(request, task, data) end
  if set then task_forms.reassign(request, task, set) end
  if position then work.move_task(run, task, position) end
  task_forms.apply(request, task, fields, word)
  return answers.one(tasks.view(request, task))
end

tasks.routes = {
  { "GET", "/organizations/{org}/tasks", task_lists.of_organization },
  { "GET", "/organizations/{org}/tasks/{task_id}", get },
  { "POST", "/organizations/{org}/completed-tasks", complete_one_off },
  { "DELETE", "/organizations/{org}/completed-tasks/{task_id}", reopen_one_off },
  { "GET", "/organizations/{org}/runs/{run_id}/tasks", list_of_run },
  { "GET", "/organizations/{org}/runs/{run_id}/tasks/{task_id}", get_of_run },
  { "PUT", "/organizations/{org}/runs/{run_id}/tasks/{task_id}", update_of_run },
  { "POST", "/organizations/{org}/runs/{run_id}/completed-tasks", complete_of_run },
  { "DELETE", "/organizations/{org}/runs/{run_id}/completed-tasks/{task_id}", reopen_of_run },
}

return tasks
