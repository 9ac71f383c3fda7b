-- Changing processes (api.md 17, 28.6): PUT with its detaching, archive and back, permanent delete, the kick-off
-- form submitted and reopened, export.
local activity = require "practice.engine.activity"
local answers = require "practice.answers"
local check = require "practice.check"
local consequences = require "practice.engine.consequences"
local files = require "practice.files"
local json = require "json"
local labels = require "practice.labels"
local lists = require "practice.lists"
local problem = require "practice.problem"
local runs = require "practice.runs"
local saving = require "practice.engine.saving"
local status = require "practice.engine.status"
local values = require "practice.engine.values"
local work = require "practice.engine.work"

local run_edits = {}

-- Light members read; they submit the kick-off of processes that are theirs.
local function require_right(request, run)
  local member = request.member
  if member.role == "light" and run.owner_id ~= member.id and run.started_by ~= member.id then
    problem.forbidden("You are not allowed to change this process.")
  end
end

local function refuse_archived(run)
  if run.archived_at then problem.refused("This process is archived.") end
end

local function edits_of(request, body)
  local name = body:text("name", 550)
  if name == "" then body:fail("name", "The name field is required.") end
  local edits = {
    name = name, summary = body:text("summary", 2000), starred = body:flag("starred"),
    is_public = body:flag("is_public"), owner_id = runs.member_named(request, body, "owner_id"),
    publicly_hidden_fields = body:list("publicly_hidden_fields"),
  }
  -- Whoever is left out is detached: absent is the same as [].
  local users, groups = runs.people_of(request, body)
  edits.users, edits.groups = users or json.array({}), groups or json.array({})
  return edits
end

local function update(request)
  local run = runs.find(request)
  local body = check.new(request:body())
  local edits, prerun = edits_of(request, body), body:object("prerun")
  body:done()
  refuse_archived(run)
  if prerun then
    if run.has_issue then problem.refused("Resolve the open issue of the process first.") end
    saving.kickoff(request, run, prerun)
  end
  for key, value in pairs(edits) do run[key] = value end
  activity.note(request, "updated", "run", run)
  consequences.settle(request, run)
  return answers.one(runs.view(request, run))
end

-- Tasks, comments and files go along: they count as archived while their process is.
local function archive(request)
  local run = runs.find(request)
  if not run.archived_at then
    run.archived_at = request.now
    status.refresh(run, request.now)
    activity.note(request, "archived", "run", run)
  end
  return answers.one(runs.view(request, run))
end

local function activate(request)
  local run = runs.find(request)
  if not run.archived_at then problem.refused("This process is not archived.") end
  run.archived_at = nil
  -- Nothing could change meanwhile, so the former status comes back; no completion is told again.
  status.refresh(run, request.now)
  activity.note(request, "unarchived", "run", run)
  return answers.one(runs.view(request, run))
end

-- Takes a process with all that hangs on it out of the organisation.
function run_edits.forget(organization, run)
  for _, task in ipairs(lists.map(run.tasks)) do
    for _, asset in ipairs(lists.map(organization.assets_by_subject[task.id] or {})) do files.forget(organization, asset) end
    work.forget_task(organization, task)
  end
  for _, asset in ipairs(lists.map(organization.assets_by_subject[run.id] or {})) do files.forget(organization, asset) end
  for _, link in ipairs(lists.map(labels.of(organization, run.id))) do labels.detach(organization, link) end
  for _, relation in ipairs(lists.map(organization.folder_objects.list)) do
    if relation.subject_id == run.id then organization.folder_objects:remove(relation) end
  end
  organization.runs:remove(run)
end

local function delete(request)
  local run = runs.find(request)
  if not run.archived_at then problem.refused("Archive the process before deleting it.") end
  run_edits.forget(request.organization, run)
  activity.note(request, "deleted", "run", run)
  return answers.empty(200)
end

-- Submitting asks for every required value; rules about the form run again.
local function submit(request)
  local run = runs.find(request)
  require_right(request, run)
  refuse_archived(run)
  local errors = {}
  values.require(run.fields, run.prerun, function (field, message) errors[field.id] = json.array({ message }) end)
  if next(errors) then problem.invalid(errors) end
  saving.set_submitted(request, run, true)
  return answers.one(runs.view(request, run))
end

local function reopen_form(request)
  local run = runs.find(request)
  require_right(request, run)
  refuse_archived(run)
  if not run.prerun_completed_at then problem.refused("The kick-off form is not submitted.") end
  saving.set_submitted(request, run, false)
  return answers.one(runs.view(request, run))
end

-- What an export answers is in no source: the process with everything on it (default chosen).
local function export(request)
  local run = runs.find(request)
  request.with = { tasks = { form_fields = {}, threads = {} }, ko_form_fields = {} }
  return answers.one(runs.view(request, run))
end

local at = "/organizations/{org}/runs/{run_id}"
run_edits.routes = {
  { "PUT", at, update, role = "standard" },
  { "DELETE", at, archive, role = "standard" },
  { "PUT", at .. "/activate", activate, role = "standard" },
  { "DELETE", at .. "/delete", delete, role = "admin" },
  { "POST", at .. "/complete-prerun", submit },
  { "DELETE", at .. "/complete-prerun", reopen_form },
  { "POST", at .. "/export", export },
}

return run_edits
