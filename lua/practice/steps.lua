-- Steps of templates (api.md 14).
local activity = require "practice.engine.activity"
local answers = require "practice.answers"
local blueprint = require "practice.engine.blueprint"
local check = require "practice.check"
local checklists = require "practice.checklists"
local cloning = require "practice.engine.cloning"
local json = require "json"
local lists = require "practice.lists"
local people = require "practice.people"
local problem = require "practice.problem"
local store = require "practice.store"
local work = require "practice.shapes_work"

local steps = {}

local types = { "task", "approval", "expiring", "email", "expiring_email" }
local units = { "minutes", "hours", "days", "weeks", "months", "minute", "hour", "day", "week", "month" }
local flags = { "is_soft_start_date", "allow_guest_owners", "assign_run_starter", "can_complete_only_assignees",
  "everyone_must_complete", "prevent_guest_comment", "skip_start_process", "top_secret", "send_chromeless",
  "role_changes_every_time" }

-- A list of the body in its stored form: read(value) gives what is kept, or nothing. nil when absent.
local function list_of(body, key, read)
  local given = body:list(key)
  if not given then return nil end
  local kept = json.array({})
  for i, value in ipairs(given) do
    local one = read(value)
    if not one then body:fail(("%s.%d"):format(key, i - 1), ("The selected %s is invalid."):format(key)) end
    lists.add_once(kept, one)
  end
  return kept
end

-- Active and invited members, as integers.
function steps.users(request, body, key)
  return list_of(body, key, function (value)
    local id = type(value) ~= "table" and math.tointeger(tonumber(value))
    local member = id and store.member(request.organization, id)
    return member and member.status ~= "disabled" and id
  end)
end

function steps.groups(request, body, key)
  return list_of(body, key, function (value)
    return type(value) == "string" and request.organization.groups:get(value) and value
  end)
end

local function guests_of(request, body)
  return list_of(body, "guests", function (value)
    return people.is_email(value) and not people.member_by_email(request.organization, value) and value
  end)
end

-- All four keys go together. A wrong option is stored, and does nothing.
local function deadline_of(body)
  local given = body:object("deadline")
  if not given then return nil end
  local inner = body:within("deadline", given)
  local deadline = {
    value = inner:required("value") and inner:integer("value"),
    unit = inner:required("unit") and inner:choice("unit", units),
    option = inner:required("option") and inner:text("option"),
    step = inner:required("step") and inner:text("step"),
  }
  return deadline
end

local function start_of(body)
  local given = body:object("start_date")
  if not given or next(given) == nil then return nil end
  local inner = body:within("start_date", given)
  return {
    value = inner:required("value") and inner:integer("value"),
    unit = inner:required("unit") and inner:choice("unit", units),
  }
end

-- The template that completing starts.
local function follow_up_of(request, body)
  local given = body:object("bp_to_launch")
  if not given or next(given) == nil then return nil end
  local inner = body:within("bp_to_launch", given)
  local id = inner:required("id") and inner:text("id")
  local checklist = id and request.organization.checklists:get(id)
  if id and (not checklist or checklist.archived_at) then inner:fail("id", "The selected id is invalid.") end
  return {
    id = id, default_name_format = inner:text("default_name_format", 550) or json.null,
    tasks_within_process = inner:flag("tasks_within_process") or false,
  }
end

-- What a body says about a step. <titled>: the title must be there.
function steps.fields(request, body, titled)
  local fields = {
    title = (not titled or body:required("title")) and body:text("title", 600) or nil,
    step_type = body:choice("step_type", types), summary = body:text("summary", 100000),
    max_assignable = body:integer("max_assignable"), webhook = body:url("webhook"),
    assignees = steps.users(request, body, "assignees"), guests = guests_of(request, body),
    groups = steps.groups(request, body, "groups"), deadline = deadline_of(body), start_date = start_of(body),
    bp_to_launch = follow_up_of(request, body),
    roles = list_of(body, "roles", function (value) return type(value) == "string" and value end),
  }
  if (fields.max_assignable or 0) < 0 then
    body:fail("max_assignable", "The max_assignable must be at least 0; 0 is no limit.")
  end
  for _, key in ipairs(flags) do fields[key] = body:flag(key) end
  return fields
end

-- The template and the step of the path.
function steps.find(request, checklist)
  for _, step in ipairs(checklist.steps) do
    if step.id == request.params.step_id then return step end
  end
  problem.not_found()
end

local function note(request, verb, checklist, step)
  activity.note(request, verb, "step", step, { parent = { "checklist", checklist } })
end

local function view(step, status)
  return answers.one(work.step(step), status)
end

local function get(request)
  return view(steps.find(request, checklists.find(request)))
end

-- Appended at the end, whatever position is sent.
local function create(request)
  local checklist = checklists.find_to_edit(request)
  local body = check.new(request:body())
  local fields = steps.fields(request, body, true)
  body:done()
  local step = blueprint.step(request, checklist, fields)
  note(request, "created", checklist, step)
  return view(step, 201)
end

-- The buckets that are left out are emptied. A body of nothing but a position passes without a title, and
-- empties them all the same.
local function update(request)
  local checklist = checklists.find_to_edit(request)
  local step = steps.find(request, checklist)
  local body = check.new(request:body())
  local only_position = body.body.position ~= nil and next(body.body, next(body.body)) == nil
  local fields = steps.fields(request, body, not only_position)
  local position = body:integer("position")
  body:done()
  for _, bucket in ipairs { "assignees", "guests", "groups" } do
    fields[bucket] = fields[bucket] or json.array({})
  end
  for _, key in ipairs { "webhook", "start_date", "bp_to_launch" } do
    if body.body[key] == json.null then fields[key] = json.null end
  end
  step = blueprint.change_step(request, checklist, step, fields)
  if position then step = blueprint.move_step(request, checklist, step, position) end
  note(request, "updated", checklist, step)
  return view(step)
end

-- For good. Refused while a rule names the step or another step's deadline counts from it (422 by default
-- choice).
local function remove(request)
  local checklist = checklists.find_to_edit(request)
  local step = steps.find(request, checklist)
  if blueprint.is_used_by_rule(checklist, step.id) then
    problem.refused("A rule uses this step: change the rule first.")
  end
  for _, field in ipairs(step.captures) do
    if blueprint.is_used_by_rule(checklist, field.id) then
      problem.refused("A rule uses a field of this step: change the rule first.")
    end
  end
  if blueprint.is_used_by_deadline(checklist, step.id) then
    problem.refused("The deadline of another step counts from this one: change it first.")
  end
  blueprint.remove_step(request, checklist, step)
  note(request, "deleted", checklist, step)
  return { status = 200, body = { message = "Step deleted" } }
end

local function clone(request)
  local checklist = checklists.find_to_edit(request)
  return view(cloning.step(request, checklist, steps.find(request, checklist)), 201)
end

-- Path and method are in no source (default chosen). Positions count from 1.
local function reorder(request)
  local checklist = checklists.find_to_edit(request)
  local step = steps.find(request, checklist)
  local body = check.new(request:body())
  local position = body:required("position") and body:integer("position")
  body:done()
  step = blueprint.move_step(request, checklist, step, position)
  note(request, "re-ordered", checklist, step)
  return view(step)
end

local at = "/organizations/{org}/checklists/{template_id}/steps"
steps.routes = {
  { "POST", at, create },
  { "GET", at .. "/{step_id}", get },
  { "PUT", at .. "/{step_id}", update },
  { "DELETE", at .. "/{step_id}", remove },
  { "POST", at .. "/{step_id}/clone", clone },
  { "PUT", at .. "/{step_id}/reorder", reorder },
}

return steps
