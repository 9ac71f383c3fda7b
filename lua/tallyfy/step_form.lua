-- step_form.lua - the form of a step in a template: its fields in order, and the calls that write them. There is no
-- route that reads one field: they come with their step (api.md 15).
local fields, pick, templates = use "tallyfy.fields", use "tallyfy.pick", use "tallyfy.templates"

local step_form = {}

local path = "/organizations/{org}/checklists/{template_id}/steps/{step_id}/captures"

-- { template, step, list }: list holds the fields in their order; or nil and the error. <argument>: of the step.
function step_form.read(call, template_text, step_text, argument)
  local template, step = templates.with_step(call, template_text, step_text, argument)
  if not template then return nil, step end
  local list = pick.list(step.captures)
  if not list then return templates.unreadable("form of the step " .. step.title, argument or "step_id") end
  table.sort(list, function (a, b) return (a.position or 0) < (b.position or 0) end)
  return { template = template, step = step, list = list }
end

-- A field that is not in this step may stand in another, or in the kick-off form: say so.
local function elsewhere(form, text, err)
  for _, step in ipairs(err.code == "not_found" and templates.steps(form.template) or {}) do
    if fields.pick(pick.list(step.captures) or {}, text, "form field") then
      err.hint = ("It is a field of the step %q."):format(step.title)
    end
  end
  if err.code == "not_found" and fields.pick(pick.list(form.template.prerun) or {}, text, "kick-off field") then
    err.hint = "It is a kick-off field: use the tools for kick-off fields."
  end
  return nil, err
end

-- The same with .field, the one that <text> means.
function step_form.with_field(call, template_text, step_text, text, argument)
  local form, err = step_form.read(call, template_text, step_text, argument)
  if not form then return nil, err end
  form.field, err = fields.pick(form.list, text, "form field")
  if form.field then return form end
  err.message = ("%s Looked in the step %q."):format(err.message, form.step.title)
  return elsewhere(form, text, err)
end

function step_form.place(form)
  return { template_id = form.template.id, step_id = form.step.id, field_id = form.field and form.field.id }
end

function step_form.add(call, form, body)
  local request = step_form.place(form)
  request.body = body
  return call.api:post(path, request)
end

function step_form.put(call, form, field, body)
  return call.api:put(path .. "/{field_id}", { template_id = form.template.id, step_id = form.step.id,
    field_id = field.id, body = body })
end

function step_form.delete(call, form)
  return call.api:delete(path .. "/{field_id}", step_form.place(form))
end

-- To the place <position> of the step <target>. Gives the field as it is then.
function step_form.move(call, form, target, position)
  local request = step_form.place(form)
  request.body = { target_step_id = target.id, position = position }
  return call.api:put(path .. "/{field_id}/move-out", request)
end

-- One PUT for each field that stands elsewhere: for hosts without the route that orders all at once.
local function reorder_one_by_one(call, form, order)
  local now = {}
  for index, field in ipairs(form.list) do now[index] = field end
  for index, field in ipairs(order) do
    if now[index].id ~= field.id then
      local body = fields.merged(field, { position = index })
      local moved, err = step_form.put(call, form, field, body)
      if not moved then
        err.message = ("The first %d of %d fields are in their place, %q is not: %s"):format(index - 1, #order, field.label,
          err.message)
        return nil, err
      end
      for place = #now, index, -1 do
        if now[place].id == field.id then table.remove(now, place) end
      end
      table.insert(now, index, field)
    end
  end
  return true
end

-- <order>: all fields of the step. True, or nil and the error.
function step_form.reorder(call, form, order)
  local captures = json.array()
  for index, field in ipairs(order) do captures[index] = { capture_id = field.id, position = index } end
  local done, err = call.api:put(path .. "/reorder", { template_id = form.template.id, step_id = form.step.id,
    body = { captures = captures } })
  if done then return true end
  if err.status ~= 404 and err.status ~= 405 then return nil, err end
  return reorder_one_by_one(call, form, order)
end

-- What the tools answer: template and step by id and title, and what else there is.
function step_form.answer(form, text, more)
  local data = { step_id = form.step.id, step = form.step.title }
  for key, value in pairs(more or {}) do data[key] = value end
  return templates.answer(form.template, text, data)
end

return step_form
