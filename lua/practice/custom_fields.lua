-- Values of custom fields on records (api.md 23): one set of routes for every kind of record that has them. PUT
-- replaces the organisation's keys and keeps the system's; PATCH and DELETE touch one key.
local access = require "practice.access"
local answers = require "practice.answers"
local check = require "practice.check"
local checklists = require "practice.checklists"
local field_keys = require "practice.field_keys"
local lists = require "practice.lists"
local problem = require "practice.problem"
local runs = require "practice.runs"
local shapes = require "practice.shapes"
local steps = require "practice.steps"
local store = require "practice.store"

local custom_fields = {}

local function known(record)
  if not record then problem.not_found() end
  return record
end

local function field_of(list, request)
  return known(lists.filter(list, function (field) return field.id == request.params.field_id end)[1])
end

-- By kind (the word of applies_to): the record of the path. <writes> = it is to be changed.
local find = {}

function find.run(request)
  return runs.find(request)
end

function find.task(request, writes)
  local run = runs.find(request)
  local task = known(request.organization.tasks:get(request.params.task_id))
  if task.run ~= run or not access.sees_task(request.organization, request.member, task) then
    problem.not_found()
  end
  if writes and not access.acts_on_task(request.organization, request.member, task) then problem.forbidden() end
  return task
end

-- Other people's are the administrators' affair.
function find.user(request, writes)
  local id = math.tointeger(tonumber(request.params.user_id))
  local member = known(id and store.member(request.organization, id))
  if writes and member ~= request.member and not access.is_admin(request.member) then problem.forbidden() end
  return member
end

function find.guest(request)
  return known(lists.filter(request.organization.guests.list, function (guest)
    return guest.guest_code == request.params.guest_code
  end)[1])
end

function find.folder(request)
  return known(request.organization.folders:get(request.params.folder_id))
end

function find.tag(request)
  return known(request.organization.tags:get(request.params.tag_id))
end

local function template(request, writes)
  return (writes and checklists.find_to_edit or checklists.find)(request)
end
find.checklist = template

function find.step(request, writes)
  return steps.find(request, template(request, writes))
end

function find.capture(request, writes)
  return field_of(find.step(request, writes).captures, request)
end

function find.prerun(request, writes)
  return field_of(template(request, writes).prerun, request)
end

-- Light members change these on tasks of their own only; access to tasks and to oneself is find's affair.
local function find_to_write(request, kind)
  if kind ~= "task" and kind ~= "user" then access.require_role(request, "standard") end
  return find[kind](request, true)
end

local function answer(record)
  return answers.one(shapes.custom_fields(record))
end

local function put(request, kind)
  local record = find_to_write(request, kind)
  local body = check.new(request:body())
  local given = body:object("custom_fields") -- an empty object is right: required() would refuse it
  if lists.given(body.body.custom_fields) == nil then body:required("custom_fields") end
  local values = {}
  for key, value in pairs(given or {}) do
    local about = field_keys.find(request.organization, kind, key)
    if not about then
      body:fail("custom_fields." .. tostring(key), "There is no such custom field.")
    else
      local message = field_keys.objection(about, value)
      if message then body:fail("custom_fields." .. key, message) end
      values[key] = lists.copy(lists.given(value))
    end
  end
  for _, about in ipairs(field_keys.of(request.organization, kind)) do
    if about.key_type == "system" and values[about.key] == nil then
      values[about.key] = (record.custom_fields or {})[about.key]
    end
    if given and about.is_required and about.is_active and values[about.key] == nil then
      body:fail("custom_fields." .. about.key, ("The %s field is required."):format(about.key))
    end
  end
  body:done()
  record.custom_fields = values
  return answer(record)
end

local function key_of(request, kind)
  return field_keys.find(request.organization, kind, request.params.key)
end

-- Without the check for required ones. An unknown key: 422.
local function patch(request, kind)
  local record = find_to_write(request, kind)
  local about = key_of(request, kind)
  local body = check.new(request:body())
  local value = body.body.value
  if value == nil then body:fail("value", "The value field must be present.") end
  local message = not about and "There is no such custom field." or field_keys.objection(about, value)
  if message then body:fail("value", message) end
  body:done()
  local values = shapes.custom_fields(record)
  values[about.key] = lists.copy(lists.given(value))
  record.custom_fields = values
  return answer(record)
end

local function remove(request, kind)
  local record = find_to_write(request, kind)
  local about = key_of(request, kind)
  if not about then problem.not_found() end
  if about.key_type == "system" then problem.forbidden("A system field cannot be deleted.") end
  local values = shapes.custom_fields(record)
  values[about.key] = nil
  record.custom_fields = values
  return answer(record)
end

-- kind, place, whether single keys have routes
local places = {
  { "run", "runs/{run_id}", true }, { "task", "runs/{run_id}/tasks/{task_id}", true },
  { "user", "users/{user_id}", true }, { "guest", "guests/{guest_code}", true },
  { "folder", "folders/{folder_id}", true }, { "tag", "tags/{tag_id}", true },
  { "checklist", "checklists/{template_id}" }, { "step", "checklists/{template_id}/steps/{step_id}" },
  { "capture", "checklists/{template_id}/steps/{step_id}/captures/{field_id}" },
  { "prerun", "checklists/{template_id}/preruns/{field_id}" },
}

custom_fields.routes = {}

local function add(method, path, handler, kind)
  table.insert(custom_fields.routes, { method, path, function (request) return handler(request, kind) end })
end

for _, place in ipairs(places) do
  local kind, path = place[1], ("/organizations/{org}/%s/custom-fields"):format(place[2])
  add("GET", path, function (request) return answer(find[kind](request)) end, kind)
  add("PUT", path, put, kind)
  if place[3] then
    add("PATCH", path .. "/{key}", patch, kind)
    add("DELETE", path .. "/{key}", remove, kind)
  end
end

return custom_fields
