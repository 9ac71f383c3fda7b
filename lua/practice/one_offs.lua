-- One-off tasks (api.md 18): making them, one for all or one for each person, changing, archiving, copying, deleting.
-- A task of a process is only changed through its process: here 404 for PUT, 422 for the rest (default chosen).
local access = require "practice.access"
local activity = require "practice.engine.activity"
local answers = require "practice.answers"
local check = require "practice.check"
local completion = require "practice.engine.completion"
local consequences = require "practice.engine.consequences"
local deadlines = require "practice.engine.deadlines"
local files = require "practice.files"
local hooks = require "practice.engine.hooks"
local labels = require "practice.labels"
local lists = require "practice.lists"
local owners = require "practice.engine.owners"
local problem = require "practice.problem"
local saving = require "practice.engine.saving"
local task_forms = require "practice.task_forms"
local tasks = require "practice.tasks"
local work = require "practice.engine.work"
local work_shapes = require "practice.shapes_work"

local one_offs = {}

-- The process a one-off task is to be attached to, or nil.
local function run_named(request, body)
  local id = body:text("run_id")
  if not id or id == "" then return nil end
  local run = request.organization.runs:get(id)
  if not run or run.archived_at or not access.sees_run(request.organization, request.member, run) then
    body:fail("run_id", "The selected run_id is invalid.")
  elseif not run.can_add_oot then
    body:fail("run_id", "One-off tasks cannot be added to this process.")
  end
  return run
end

-- The owners of a new task: at least one.
local function owners_needed(request, body)
  local given = body:required("owners") and body:object("owners")
  if not given then return owners.none() end
  local set = task_forms.owners(request, body, given)
  if owners.is_empty(set) and not body.failed then body:fail("owners", "The owners field is required.") end
  return set
end

-- Keeps one task; attached to a process it counts there.
local function keep(request, fields, run, set)
  local task = work.one_off_task(request, lists.copy(fields))
  if run then work.attach(run, task) end
  work.keep_task(request, task, set)
  activity.note(request, "created", "task", task)
  hooks.event(request, "task.assigned", { task = task })
  if run then consequences.settle(request, run) end
  return task
end

-- One task for each person, groups expanded, in the process named by run_id or else in one of their own
-- on the system template. Returns the first.
local function fan_out(request, fields, run, set)
  local first
  run = run or work.system_run(request, fields.title)
  local function one(bucket, value)
    local alone = owners.none()
    alone[bucket][1] = value
    local task = keep(request, fields, run, alone)
    first = first or task
  end
  for _, id in ipairs(owners.members(request.organization, set)) do one("users", id) end
  for _, email in ipairs(owners.guests(request.organization, set)) do one("guests", email) end
  return first
end

local function create(request)
  local body = check.new(request:body())
  for _, key in ipairs { "title", "task_type", "deadline" } do body:required(key) end
  local fields, run = task_forms.plain(body), run_named(request, body)
  local set, tags = owners_needed(request, body), task_forms.tags(request, body)
  local separate, form = body:flag("separate_task_for_each_assignee"), task_forms.fields(request, body)
  local limit = { allow_guest_owners = true, max_assignable = fields.max_assignable or 0 }
  if not separate then task_forms.object_to(request, body, limit, set) end
  body:done()
  if run and run.has_issue then problem.refused("Resolve the open issue of the process before changing its tasks.") end
  fields.fields, fields.deadline = form, deadlines.to_working_time(request.organization, fields.deadline)
  local task = (separate and fan_out or keep)(request, fields, run, set)
  if tags then task_forms.set_tags(request, task, tags) end
  local view = tasks.view(request, task)
  if separate then view.run = work_shapes.run(task.run, request.now) end -- bare here (default chosen)
  return answers.one(view, 201)
end

-- title, deadline and owners must be sent again; what else is absent stays.
local function update(request)
  local task = tasks.find(request, request.params.task_id, nil, true)
  tasks.require_action(request, task)
  local body = check.new(request:body())
  for _, key in ipairs { "title", "deadline" } do body:required(key) end
  -- An owners object that is there but empty detaches everyone.
  if lists.given(body.body.owners) == nil then body:fail("owners", "The owners field is required.") end
  local fields, word, data = task_forms.plain(body), body:text("status"), body:object("taskdata")
  local set, tags = task_forms.owners_given(request, body, task, fields), task_forms.tags(request, body)
  body:done()
  completion.refuse_locked(task)
  if task.status == "completed" then problem.refused("A completed task cannot be changed: reopen it first.") end
  if data then saving.task_values(request, task, data) end
  task_forms.reassign(request, task, set)
  if tags then task_forms.set_tags(request, task, tags) end
  task_forms.apply(request, task, fields, word)
  activity.note(request, "updated", "task", task)
  return answers.one(tasks.view(request, task))
end

-- The one-off task of the path, for one who may act on it.
local function find(request)
  local task = tasks.find(request, request.params.task_id)
  tasks.require_action(request, task)
  if not task.is_oneoff_task then
    problem.refused("This task belongs to a process: only one-off tasks can be archived, deleted or copied.")
  end
  return task
end

local function settle(request, task, verb)
  task.last_updated = request.now
  activity.note(request, verb, "task", task)
  if task.run then consequences.settle(request, task.run) end
end

local function archive(request)
  local task = find(request)
  if not task.archived_at then
    task.archived_at = request.now
    settle(request, task, "archived")
  end
  return answers.empty()
end

local function restore(request)
  local task = find(request)
  if not task.archived_at then problem.refused("This task is not archived.") end
  task.archived_at = nil
  settle(request, task, "unarchived")
  return answers.one(tasks.view(request, task))
end

local function delete(request)
  local task = find(request)
  local organization, run = request.organization, task.run
  for _, asset in ipairs(lists.map(organization.assets_by_subject[task.id] or {})) do files.forget(organization, asset) end
  for _, link in ipairs(lists.map(labels.of(organization, task.id))) do labels.detach(organization, link) end
  activity.note(request, "deleted", "task", task)
  work.forget_task(organization, task)
  if run then consequences.settle(request, run) end
  return answers.empty()
end

local copied = { "title", "summary", "task_type", "deadline", "max_assignable", "webhook", "fields",
  "allow_guest_owners", "prevent_guest_comment", "everyone_must_complete", "can_complete_only_assignees",
  "is_soft_start_date", "top_secret" }

-- The copy begins anew: no values, no comments, not started.
local function clone(request)
  local task = find(request)
  local fields = {}
  for _, key in ipairs(copied) do fields[key] = task[key] end
  local copy = keep(request, fields, task.run, lists.copy(task.owners))
  return answers.one(tasks.view(request, copy), 201)
end

local at = "/organizations/{org}/tasks"
one_offs.routes = {
  { "POST", at, create, role = "standard" },
  { "PUT", at .. "/{task_id}", update },
  { "DELETE", at .. "/{task_id}", archive },
  { "PUT", at .. "/{task_id}/restore", restore },
  { "DELETE", at .. "/{task_id}/delete", delete },
  { "POST", at .. "/{task_id}/clone", clone, role = "standard" },
}

return one_offs
