-- What bodies about tasks have in common: owners, plain keys, and how they are written into a task (api.md 18).
local blueprint = require "practice.engine.blueprint"
local consequences = require "practice.engine.consequences"
local deadlines = require "practice.engine.deadlines"
local field_forms = require "practice.field_forms"
local json = require "json"
local labels = require "practice.labels"
local lists = require "practice.lists"
local owners = require "practice.engine.owners"
local work = require "practice.engine.work"

local task_forms = {}

task_forms.types = { "task", "approval", "expiring", "email", "expiring_email" }

local max_fields = 100 -- of one one-off task

-- An owners object of the body, checked; keys of errors are owners.users and so on.
function task_forms.owners(request, body, given)
  return owners.read(request, given, function (bucket, message)
    body:fail("owners." .. bucket, message)
  end)
end

-- Refuses owners whom the task as it is going to be does not take.
function task_forms.object_to(request, body, task, set)
  local bucket, message = owners.objection(request.organization, task, set)
  if bucket then body:fail("owners." .. bucket, message) end
end

local flags = { "prevent_guest_comment", "everyone_must_complete", "can_complete_only_assignees",
  "is_soft_start_date", "top_secret" }

-- The plain keys of a body; absent ones are absent here too.
function task_forms.plain(body)
  local fields = {
    title = body:text("title", 600), summary = body:text("summary", 100000) or body:text("description", 100000),
    task_type = body:choice("task_type", task_forms.types), deadline = body:moment("deadline"),
    started_at = body:moment("started_at"), max_assignable = body:integer("max_assignable"),
    webhook = body:url("webhook"),
  }
  if fields.title == "" then body:fail("title", "The title field is required.") end
  if fields.max_assignable and fields.max_assignable < 0 then
    body:fail("max_assignable", "The max_assignable must be at least 0.")
  end
  for _, key in ipairs(flags) do fields[key] = body:flag(key) end
  return fields
end

-- The tags of the body by id, or nil.
function task_forms.tags(request, body)
  local given = body:list("tags")
  if not given then return nil end
  return lists.map(given, function (id)
    local tag = type(id) == "string" and request.organization.tags:get(id)
    if not tag then body:fail("tags", "The selected tags is invalid.") end
    return tag or nil
  end)
end

-- Puts exactly these tags on a task.
function task_forms.set_tags(request, task, tags)
  for _, link in ipairs(lists.map(labels.of(request.organization, task.id))) do
    labels.detach(request.organization, link)
  end
  for _, tag in ipairs(tags) do labels.attach(request, "Task", task, tag) end
end

-- Form fields of a one-off task: { fields } out of definitions.
function task_forms.fields(request, body)
  local given, fields = body:list("form_fields") or {}, json.array({})
  if #given > max_fields then body:fail("form_fields", ("A task can have %d fields."):format(max_fields)) end
  for i, definition in ipairs(given) do
    local key = ("form_fields.%d"):format(i - 1)
    if lists.is_object(definition) then
      local inner = body:within(key, definition)
      local read = field_forms.read(inner)
      fields[i] = not body.failed and blueprint.field(request, {}, read) or nil
    else
      body:fail(key, "The field must be an object.")
    end
  end
  for position, field in ipairs(fields) do field.position = position end
  return fields
end

-- Hiding and showing by hand; completing through here is not possible and ignored (default chosen).
local function apply_status(task, word)
  if word == "auto-skipped" then
    task.status, task.hidden_by_hand = word, true
  elseif word == "not-started" and task.status == "auto-skipped" then
    task.status, task.hidden_by_hand = word, nil
  elseif word == "in-progress" and task.status == "not-started" then
    task.status = word
  end
end

-- Writes checked keys into a task.
function task_forms.apply(request, task, fields, word)
  local deadline = fields.deadline
  fields.deadline = nil
  for key, value in pairs(fields) do task[key] = value end
  if deadline then deadlines.set(task.step and task.run, task, deadline, request.organization) end
  apply_status(task, word)
  work.watch_clock(request.organization, task)
  task.last_updated = request.now
  if task.run then consequences.settle(request, task.run) end
end

-- Gives a task other owners, when they are others. Those who had completed their part keep it.
function task_forms.reassign(request, task, set)
  if owners.same(set, task.owners) then return end
  owners.settle(request, task, set)
  consequences.owners_changed(request, task)
end

-- The owners of a body that may have them; nil when absent. <task> with the body's own limits decides who fits.
function task_forms.owners_given(request, body, task, fields)
  local given = body:object("owners")
  if not given then return nil end
  local set = task_forms.owners(request, body, given)
  local limits = {
    allow_guest_owners = task.allow_guest_owners, max_assignable = fields.max_assignable or task.max_assignable,
  }
  task_forms.object_to(request, body, limits, set)
  return set
end

return task_forms
