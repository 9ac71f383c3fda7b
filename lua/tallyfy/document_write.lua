-- document_write.lua - the jobs of document_plan.lua, sent one after the other, with real ids in the place of keys. What
-- refers to something that is made later only (a deadline counted from it, {{its alias}}) is written once more at the end.
-- Where one fails it stops: nothing is undone, and what was done and what was not is told.
local document, pick, steps = use "tallyfy.document", use "tallyfy.pick", use "tallyfy.steps"
local step_form, templates = use "tallyfy.step_form", use "tallyfy.templates"

local document_write = {}

local at = "/organizations/{org}/checklists/{template_id}"

local writer = {}
writer.__index = writer

-- A text with real aliases; the second result is true while it mentions a field that is not made yet.
function writer:text(text)
  local is_early = false
  local result = document.with_variables(text, function (key)
    if self.alias[key] then return self.alias[key] end
    is_early = is_early or self.is_field[key]
    return nil
  end)
  return result, is_early
end

-- <changes> with ids and aliases. What cannot be said yet is left out and comes back in the second result.
function writer:ready(changes)
  local body, early = {}, {}
  for name, value in pairs(changes) do
    local is_early = false
    if type(value) == "string" then value, is_early = self:text(value) end
    if name == "deadline" and value.step ~= "start_run" then
      is_early = not self.step[value.step]
      value = { value = value.value, unit = value.unit, option = value.option,
        step = not is_early and self.step[value.step].id or nil }
    end
    if is_early then early[name] = changes[name] else body[name] = value end
  end
  if early.title then body.title = self:text(changes.title) end -- nothing can be without one
  return body, early
end

-- The same for the definition of a field, which goes whole: the second result says that it must be sent again.
function writer:mapped(body)
  local result, is_early = {}, false
  for name, value in pairs(body) do
    local early = false
    if type(value) == "string" then value, early = self:text(value) end
    result[name], is_early = value, is_early or early
  end
  return result, is_early
end

function writer:learn_field(key, raw)
  self.field[key], self.alias[key] = raw.id, type(raw.alias) == "string" and raw.alias or nil
end

local managed = { "id", "alias", "checklist_id", "custom_fields", "created_at", "last_updated" }

-- The kick-off form whole, since a PUT replaces it: who is missing is gone with all answers.
local function prerun_of(self, entries)
  local list = json.array()
  for place, entry in ipairs(entries) do
    local field
    if entry.body then
      field = self:mapped(entry.body)
      for _, key in ipairs(entry.raw and managed or {}) do field[key] = entry.raw[key] end
    else
      field = document.copy(entry.raw)
    end
    field.position = place
    list[place] = field
  end
  return list
end

local function learn_kickoff(self, entries, now)
  local list = pick.list(now.prerun) or {}
  table.sort(list, function (a, b) return (a.position or 0) < (b.position or 0) end)
  if #list ~= #entries then
    return nil, { code = "unexpected_answer", message = ("Tallyfy has %d kick-off fields now, not the %d that were sent"):format(
      #list, #entries) }
  end
  for place, entry in ipairs(entries) do self:learn_field(entry.key, list[place]) end
  return true
end

local send = {}

function send.template(self, job)
  local changes, early = self:ready(job.changes)
  if next(early) ~= nil then
    self.late[#self.late + 1] = { kind = "late_template", changes = early, label = "set the name format" }
  end
  if not self.template then
    local made, failure = self.call.api:post("/organizations/{org}/checklists", { body = changes })
    if not made then return nil, failure end
    self.template, changes = made, {}
  end
  if job.prerun then changes.prerun = prerun_of(self, job.prerun) end
  if next(changes) == nil then return true end
  local now, err = templates.put(self.call, self.template, changes)
  if not now then return nil, err end
  self.template = now
  return not job.prerun or learn_kickoff(self, job.prerun, now)
end

function send.late_template(self, job)
  local now, err = templates.put(self.call, self.template, (self:ready(job.changes)))
  self.template = now or self.template
  return now, err
end

function send.new_step(self, job)
  local body, early = self:ready(job.changes)
  body.checklist_id = self.template.id
  local step, err = self.call.api:post(at .. "/steps", { template_id = self.template.id, body = body })
  if not step then return nil, err end
  self.step[job.key] = step
  if next(early) ~= nil then
    self.late[#self.late + 1] = { kind = "change_step", key = job.key, changes = early, is_late = true,
      label = job.label:gsub("^add", "finish") }
  end
  return true
end

function send.change_step(self, job)
  local body, early = self:ready(job.changes)
  if next(early) ~= nil and not job.is_late then
    self.late[#self.late + 1] = { kind = "change_step", key = job.key, changes = early, label = job.label, is_late = true }
    if next(body) == nil then return true end
  end
  local now, err = steps.put(self.call, self.template, self.step[job.key], body)
  if not now then return nil, err end
  self.step[job.key] = now
  return true
end

function send.new_field(self, job)
  local body, is_early = self:mapped(job.body)
  local field, err = self.call.api:post(at .. "/steps/{step_id}/captures", { template_id = self.template.id,
    step_id = self.step[job.step].id, body = body })
  if not field then return nil, err end
  self:learn_field(job.key, field)
  if is_early then
    self.late[#self.late + 1] = { kind = "change_field", key = job.key, step = job.step, body = job.body,
      label = job.label:gsub("^add", "finish") }
  end
  return true
end

function send.change_field(self, job)
  return self.call.api:put(at .. "/steps/{step_id}/captures/{field_id}", { template_id = self.template.id,
    step_id = self.step[job.step].id, field_id = self.field[job.key], body = (self:mapped(job.body)) })
end

function send.order_fields(self, job)
  local form, err = step_form.read(self.call, self.template.id, self.step[job.step].id)
  if not form then return nil, err end
  local by_id, order = {}, {}
  for _, field in ipairs(form.list) do by_id[field.id] = field end
  for place, key in ipairs(job.keys) do order[place] = by_id[self.field[key]] end
  return step_form.reorder(self.call, form, order)
end

function send.move_step(self, job)
  return steps.move(self.call, self.template, self.step[job.key], job.position)
end

-- A rule's body with real ids.
function writer:rule(body)
  local function id_of(key)
    if key == nil or key == json.null then return nil end
    return self.step[key] and self.step[key].id or self.field[key]
  end
  local result = document.copy(body)
  for _, condition in ipairs(result.conditions) do condition.conditionable_id = id_of(condition.conditionable_id) end
  for _, action in ipairs(result.then_actions) do
    action.target_step_id, action.actionable_id = id_of(action.target_step_id), id_of(action.actionable_id)
  end
  return result
end

function send.new_rule(self, job)
  return self.call.api:post(at .. "/automated-actions", { template_id = self.template.id, body = self:rule(job.body) })
end

function send.change_rule(self, job)
  return self.call.api:put(at .. "/automated-actions/{automation_id}", { template_id = self.template.id,
    automation_id = self.rule_ids[job.place], body = self:rule(job.body) })
end

-- The failure with what was done and what was not, and how to go on.
local function stopped(self, job, err, done, rest)
  local function listed(jobs)
    local labels = {}
    for index, one in ipairs(jobs) do labels[index] = one.label end
    return #labels > 0 and table.concat(labels, "; ") or "nothing"
  end
  local id = self.template and self.template.id
  local reason = (err.message or "failed"):gsub("%.$", "")
  return nil, { code = err.code, status = err.status, field = err.field, maybe_done = err.maybe_done,
    message = ("Stopped: could not %s: %s. Done: %s. Not done: %s.%s"):format(job.label, reason, listed(done),
      listed(rest), err.maybe_done and " The one it stopped at may have arrived." or ""),
    hint = id and ("Nothing was undone. import_template with the same arguments and template_id %s goes on from there.")
      :format(id) or "Nothing was made." }
end

local function new_writer(call, target, index, doc)
  local self = setmetatable({ call = call, template = target, step = {}, field = {}, alias = {}, is_field = {}, late = {},
    rule_ids = {} }, writer)
  for key, raw in pairs(index and index.step or {}) do self.step[key] = raw end
  for key, raw in pairs(index and index.field or {}) do self:learn_field(key, raw) end
  for place, rule in ipairs(index and index.rule or {}) do self.rule_ids[place] = rule.id end
  for _, field in ipairs(doc.kickoff) do self.is_field[field.key] = true end
  for _, step in ipairs(doc.steps) do
    for _, field in ipairs(step.fields) do self.is_field[field.key] = true end
  end
  return self
end

-- Sends the jobs. <target>: the template as it was read, nil to make one; <index>: of its document; <doc>: what it shall be.
-- Gives the id and title of the template and the list of what was done; or nil and the error.
function document_write.run(call, jobs, target, index, doc)
  local self = new_writer(call, target, index, doc)
  local queue, position, done = jobs, 1, {}
  while queue[position] do
    local job = queue[position]
    local fine, err = send[job.kind](self, job)
    if not fine then
      local rest = table.move(queue, position, #queue, 1, {})
      if queue ~= self.late then table.move(self.late, 1, #self.late, #rest + 1, rest) end
      return stopped(self, job, err, done, rest)
    end
    done[#done + 1], position = job, position + 1
    call.progress(#done, #jobs + #self.late)
    if not queue[position] and queue == jobs then queue, position = self.late, 1 end
  end
  return { id = self.template.id, title = self.template.title, done = #done }
end

return document_write
