-- The helper routes of an older generation that Power Automate uses (api.md 24). They keep their own names:
-- name and description where the API says title and summary.
local access = require "practice.access"
local answers = require "practice.answers"
local blueprint = require "practice.engine.blueprint"
local check = require "practice.check"
local checklists = require "practice.checklists"
local deadlines = require "practice.engine.deadlines"
local json = require "json"
local lists = require "practice.lists"
local owners = require "practice.engine.owners"
local people = require "practice.people"
local problem = require "practice.problem"
local steps = require "practice.steps"
local time = require "practice.time"
local work = require "practice.engine.work"

local connector = {}

local types = { "task", "approval", "email", "expiring" }

local function view(task)
  return answers.one({
    id = task.id, title = task.title, alias = lists.or_null(task.alias),
    deadline = task.deadline and time.iso(task.deadline) or json.null,
    description = lists.or_null(task.summary), owner_id = task.starter_id,
  })
end

local function create(request)
  local body = check.new(request:body())
  local fields = {
    title = body:required("name") and body:text("name", 600),
    task_type = body:required("task_type") and body:choice("task_type", types),
    deadline = body:required("deadline") and body:moment("deadline"), summary = body:text("description"),
  }
  local set = owners.read(request, body:object("owners") or {}, function (bucket, message)
    body:fail("owners." .. bucket, message)
  end)
  body:done()
  if owners.is_empty(set) then lists.add_once(set.users, request.member.id) end
  fields.deadline = deadlines.to_working_time(request.organization, fields.deadline)
  local task = work.one_off_task(request, fields)
  work.keep_task(request, task, set)
  return view(task)
end

local function find(request)
  local task = request.organization.tasks:get(request.params.task_id)
  if not task or not access.sees_task(request.organization, request.member, task) then problem.not_found() end
  if not access.acts_on_task(request.organization, request.member, task) then problem.forbidden() end
  return task
end

local function edit_deadline(request)
  local task = find(request)
  local body = check.new(request:body())
  local moment = body:required("Deadline") and body:moment("Deadline")
  body:done()
  if task.status == "completed" then problem.refused("A completed task cannot be changed: reopen it first.") end
  deadlines.set(task.step and task.run, task, moment, request.organization)
  task.last_updated = request.now
  return view(task)
end

local function remove_owner(request, bucket, value)
  local task = find(request)
  if not lists.has(task.owners[bucket], value) then problem.not_found() end
  people.release(request.organization, bucket, value, nil, function (one) return one == task end)
  task.last_updated = request.now
  return view(task)
end

-- stepType all: everybody must complete; any: one is enough.
local function edit_step_type(request)
  local checklist = checklists.find_to_edit(request)
  local step = steps.find(request, checklist)
  local body = check.new(request:body())
  local kind = body:required("stepType") and body:choice("stepType", { "all", "any" })
  body:done()
  blueprint.change_step(request, checklist, step, { everyone_must_complete = kind == "all" })
  return answers.one({ id = step.id, stepType = kind })
end

local at = "/processes/micro-functions/organizations/{org}"
connector.routes = {
  { "POST", at .. "/tasks", create, role = "standard" },
  { "PUT", at .. "/tasks/{task_id}/edit-deadline", edit_deadline },
  { "PUT", at .. "/tasks/{task_id}/remove-guest/{email}", function (request)
    return remove_owner(request, "guests", request.params.email)
  end },
  { "PUT", at .. "/tasks/{task_id}/remove-assignee/{user_id}", function (request)
    return remove_owner(request, "users", math.tointeger(tonumber(request.params.user_id)))
  end },
  { "PUT", at .. "/blueprints/{template_id}/steps/{step_id}/edit-step-type", edit_step_type },
}

return connector
