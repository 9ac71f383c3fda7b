-- Two small ways of saving a single form value (api.md 15): clients should prefer taskdata on PUT task.
local access = require "practice.access"
local answers = require "practice.answers"
local check = require "practice.check"
local completion = require "practice.engine.completion"
local problem = require "practice.problem"
local saving = require "practice.engine.saving"
local tasks = require "practice.tasks"
local work = require "practice.shapes_work"

local form_values = {}

local function field_of(task, id)
  for _, field in ipairs(task.fields) do
    if field.id == id then return field end
  end
end

local function save(request, task, field, value)
  tasks.require_action(request, task)
  completion.refuse_locked(task)
  if task.status == "completed" then problem.refused("A completed task cannot be changed: reopen it first.") end
  saving.task_values(request, task, { [field.id] = value })
  return work.field_with_value(field, task.taskdata, task)
end

-- The id and, under <key>, the value of a body; a value may be anything, null included.
local function read(request, key)
  local body = check.new(request:body())
  local id = body:required("id") and body:text("id", 64)
  if body.body[key] == nil then body:fail(key, ("The %s field is required."):format(key)) end
  body:done()
  return id, body.body[key]
end

-- The documentation contradicts itself on whether this saves a value or adds a field: it saves (default chosen).
local function save_capture(request)
  local task = tasks.find(request, request.params.task_id)
  local id, value = read(request, "value")
  local field = field_of(task, id)
  if not field then problem.refused("The selected id is invalid: it must be a form field of this task.") end
  return answers.one(save(request, task, field, value))
end

-- The id is that of a stored value; since no answer shows one, the field's id stands for its newest stored value
-- (default chosen). The real API answers 500 when nothing is stored yet; so does this.
local function save_row(request)
  local id, value = read(request, "form_value")
  local known
  local list = request.organization.tasks.list
  for i = #list, 1, -1 do
    local task = list[i]
    local field = access.sees_task(request.organization, request.member, task) and field_of(task, id)
    known = known or field
    if field and task.taskdata[id] ~= nil and task.status ~= "completed" then
      local view = save(request, task, field, value)
      return answers.one({ id = id, task_id = task.id, form_value = view.field_value })
    end
  end
  if not known then problem.not_found() end
  problem.broken("Attempt to read property \"value\" on null")
end

form_values.routes = {
  { "POST", "/organizations/{org}/tasks/{task_id}/captures", save_capture },
  { "PUT", "/organizations/{org}/form-field/value", save_row },
}

return form_values
