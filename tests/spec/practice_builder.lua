-- Makes templates through the API for the practice specs, out of a short form, and works on their processes. Loaded
-- with dofile, after practice_helper.lua.
local builder = {}
builder.__index = builder

local at = "/organizations/{org}"

local function expect(status, answer)
  if answer.status ~= status then
    error(("expected %d, got %d: %s"):format(status, answer.status, require("json").encode(answer.body or {})), 3)
  end
  return answer.body and answer.body.data
end

local function field_body(field)
  local body = { field_type = field[2], label = field[1], required = field.required or false }
  for _, key in ipairs { "default_value", "default_value_enabled", "field_validation", "settings" } do
    body[key] = field[key]
  end
  for i, text in ipairs(field.options or {}) do
    body.options = body.options or {}
    body.options[i] = { id = i, text = text }
  end
  for i, label in ipairs(field.columns or {}) do
    body.columns = body.columns or {}
    body.columns[i] = { id = i, label = label }
  end
  return body
end

-- <form> = { title =, more = { further keys of the template }, kickoff = { { label, type, ... } },
-- steps = { { title, fields = {...}, and keys of a step } } }. The result has template.id, template.step[title],
-- template.field[label] (ids).
function builder.new(client, form)
  local self = setmetatable({ client = client, step = {}, field = {}, alias = {} }, builder)
  local body = { title = form.title, type = "procedure", prerun = {} }
  for key, value in pairs(form.more or {}) do body[key] = value end
  for i, field in ipairs(form.kickoff or {}) do body.prerun[i] = field_body(field) end
  if #body.prerun == 0 then body.prerun = nil end
  local checklist = expect(201, client:post(at .. "/checklists", body))
  self.id = checklist.id
  for _, field in ipairs(checklist.prerun) do self:know(field) end
  for _, step in ipairs(form.steps or {}) do self:add_step(step) end
  return self
end

function builder:know(field)
  self.field[field.label], self.alias[field.label] = field.id, field.alias
end

function builder:add_step(step)
  local body = { title = step[1] }
  for key, value in pairs(step) do
    if type(key) == "string" and key ~= "fields" then body[key] = value end
  end
  local made = expect(201, self.client:post(("%s/checklists/%s/steps"):format(at, self.id), body))
  self.step[step[1]] = made.id
  for _, field in ipairs(step.fields or {}) do
    local target = ("%s/checklists/%s/steps/%s/captures"):format(at, self.id, made.id)
    self:know(expect(201, self.client:post(target, field_body(field))))
  end
end

-- A condition is { "step" | "field" | "kickoff", name, operation, statement, logic }; statement nil is sent as null.
function builder:condition(row)
  local kinds = { step = "Step", field = "Capture", kickoff = "Prerun" }
  local statement = row[4]
  if statement == nil then statement = require("json").null end
  return {
    conditionable_type = kinds[row[1]], conditionable_id = row[1] == "step" and self.step[row[2]] or self.field[row[2]],
    operation = row[3], statement = statement, logic = row[5] or "and", column_contains_name = row.column,
  }
end

local types = {
  show = "visibility", hide = "visibility", deadline = "deadline", reopen = "status", assign = "assignment",
  assign_only = "assignment", unassign = "assignment", clear_assignees = "assignment", emit_webhook = "webhook",
}

-- An action is { verb, step, and keys of an action }.
function builder:action(row)
  local body = { action_type = types[row[1]], action_verb = row[1], target_step_id = row[2] and self.step[row[2]] }
  for key, value in pairs(row) do
    if type(key) == "string" then body[key] = value end
  end
  return body
end

function builder:rule(conditions, actions, alias)
  local body = { automated_alias = alias or "A rule", conditions = {}, then_actions = {} }
  for i, row in ipairs(conditions) do body.conditions[i] = self:condition(row) end
  for i, row in ipairs(actions) do body.then_actions[i] = self:action(row) end
  return expect(201, self.client:post(("%s/checklists/%s/automated-actions"):format(at, self.id), body))
end

-- Values by label as the API wants them: by field id.
function builder:values(by_label)
  local values = {}
  for label, value in pairs(by_label or {}) do values[assert(self.field[label], label)] = value end
  return values
end

-- Processes: <run> below is what launch() answers.
function builder:launch(by_label, more, client)
  local body = { checklist_id = self.id, prerun = self:values(by_label) }
  for key, value in pairs(more or {}) do body[key] = value end
  return expect(201, (client or self.client):post(at .. "/runs", body))
end

function builder:run(run)
  return expect(200, self.client:get(("%s/runs/%s"):format(at, run.id)))
end

-- The task of a step, as it is now.
function builder:task(run, title, with)
  local target = ("%s/runs/%s/tasks?per_page=100&with=%s"):format(at, run.id, with or "summary")
  for _, task in ipairs(expect(200, self.client:get(target))) do
    if task.step_id == self.step[title] then return task end
  end
  error("no task of step " .. title)
end

function builder:put(run, title, body, client)
  local task = self:task(run, title)
  return (client or self.client):put(("%s/runs/%s/tasks/%s"):format(at, run.id, task.id), body)
end

function builder:save(run, title, by_label)
  return expect(200, self:put(run, title, { taskdata = self:values(by_label) }))
end

-- The answer of completing, whatever it is.
function builder:try(run, title, more, client)
  local body = { task_id = self:task(run, title).id }
  for key, value in pairs(more or {}) do body[key] = value end
  return (client or self.client):post(("%s/runs/%s/completed-tasks"):format(at, run.id), body)
end

function builder:complete(run, title, more, client)
  return expect(200, self:try(run, title, more, client))
end

function builder:reopen(run, title)
  local task = self:task(run, title)
  return expect(200, self.client:delete(("%s/runs/%s/completed-tasks/%s"):format(at, run.id, task.id)))
end

return builder
