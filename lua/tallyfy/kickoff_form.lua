-- kickoff_form.lua - the kick-off fields of a template as one list. Tallyfy writes them with the template, and a PUT
-- replaces the whole list: who is missing is gone with all answers. So the list is read and sent back whole, each with
-- its id and position.
local fields, pick = use "tallyfy.fields", use "tallyfy.pick"
local shape, templates = use "tallyfy.shape", use "tallyfy.templates"

local kickoff_form = {}

-- The template and its kick-off fields in order; or nil and the error.
function kickoff_form.read(call, text)
  local template, err = templates.one(call, text)
  if not template then return nil, err end
  local list = pick.list(template.prerun)
  if not list then return templates.unreadable("kick-off fields of " .. template.title, "template_id") end
  for _, field in ipairs(list) do
    if type(field.id) ~= "string" then
      return templates.unreadable("kick-off fields of " .. template.title, "template_id")
    end
  end
  table.sort(list, function (a, b) return (a.position or 0) < (b.position or 0) end)
  return template, list
end

-- Template, list and the field that <text> means.
function kickoff_form.with_field(call, template_text, text)
  local template, list = kickoff_form.read(call, template_text)
  if not template then return nil, list end
  local field, err = fields.pick(list, text, "kick-off field")
  if field then return template, list, field end
  for _, step in ipairs(err.code == "not_found" and templates.steps(template) or {}) do
    if fields.pick(pick.list(step.captures) or {}, text, "form field") then
      err.hint = ("It is a form field of the step %q: use the tools for form fields."):format(step.title)
    end
  end
  return nil, err
end

-- <list>: stored fields and new ones, in the order they shall have. Gives the template as it is now and its fields.
function kickoff_form.write(call, template, list)
  local prerun = json.array()
  for index, field in ipairs(list) do
    local entry = json.table(field)
    entry.position = index
    prerun[index] = entry
  end
  local now, err = templates.put(call, template, { prerun = prerun })
  if not now then return nil, err end
  return now, pick.list(now.prerun) or {}
end

-- The stored field with the keys of <body> in the place of what could be written.
local function changed(field, body)
  local entry = {}
  for _, key in ipairs { "id", "alias", "checklist_id", "custom_fields", "created_at", "last_updated" } do
    if field[key] ~= nil then entry[key] = json.table(field[key]) end
  end
  for key, value in pairs(body) do entry[key] = value end
  return entry
end

-- <list> without <field>.
function kickoff_form.without(list, field)
  local rest = {}
  for _, other in ipairs(list) do
    if other.id ~= field.id then rest[#rest + 1] = other end
  end
  return rest
end

-- <list> with <field> changed by <body>; to another place where the body names a position.
function kickoff_form.replaced(list, field, body)
  local rest, place = kickoff_form.without(list, field), nil
  for index, other in ipairs(list) do
    if other.id == field.id then place = index end
  end
  table.insert(rest, math.min(body.position or place, #rest + 1), changed(field, body))
  return rest
end

-- A set of the ids of <list>, and the first that is in none.
function kickoff_form.ids(list)
  local known = {}
  for _, field in ipairs(list) do known[field.id] = true end
  return known
end

function kickoff_form.not_in(list, known)
  for _, field in ipairs(list) do
    if not known[field.id] then return field end
  end
end

function kickoff_form.by_id(list, id)
  for _, field in ipairs(list) do
    if field.id == id then return field end
  end
end

-- Tallyfy said yes, and the field is not there.
function kickoff_form.not_taken(label)
  return nil, { code = "unknown_state", field = "field_data", hint = "get_kickoff_fields shows what is there now.",
    message = ("Tallyfy took the request, but its answer does not have the field %q."):format(label) }
end

-- What the tools answer: the field, and the whole form in short.
function kickoff_form.answer(template, text, list, field)
  return templates.answer(template, text, (shape.bounded { field = field and fields.row(field) or nil,
    fields = fields.briefs(list) }))
end

return kickoff_form
