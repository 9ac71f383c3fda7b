-- fields.lua - form fields and kick-off fields: a new definition, a change merged into what is stored, and the field that
-- a text means. What is read can be written back. What may stand in a definition is in field_checks.lua, what stands in
-- a field that is filled in, in field_values.lua.
local checks, options, pick = use "tallyfy.field_checks", use "tallyfy.options", use "tallyfy.pick"
local shape, values = use "tallyfy.shape", use "tallyfy.field_values"

local fields = { settle = values.settle, is_empty = values.is_empty, is_choice = checks.is_choice, about = checks.about }

-- A new field, as the API wants it; or nil and the error.
function fields.new(given)
  local body, err = checks.given(given)
  if not body then return nil, err end
  for key, value in pairs(body) do
    if value == json.null then body[key] = nil end
  end
  body.field_type, err = checks.type(body.field_type)
  if not body.field_type then return nil, err end
  local fine, wrong = checks.basics(body)
  if fine then fine, wrong = checks.lists(body, body) end
  if fine then fine, wrong = checks.extras(body, body) end
  if not fine then return nil, wrong end
  return body
end

-- What no longer fits another type goes; the lists stay where both types have them.
local function drop_unfit(body, given)
  local unfit = { "default_value", "default_value_enabled", "field_validation", "prefix", "suffix", "collect_time",
    "use_wysiwyg_editor" }
  if not checks.is_choice(body) then unfit[#unfit + 1] = "options" end
  if body.field_type ~= "table" then unfit[#unfit + 1] = "columns" end
  for _, key in ipairs(unfit) do
    if given[key] == nil then body[key] = nil end
  end
end

local function changed_keys(body, stored)
  local keys = {}
  for _, key in ipairs(checks.keys) do
    local before, after = stored[key], body[key]
    local list_key = key == "options" and "text" or key == "columns" and "label"
    local is_same = list_key and options.words(pick.list(before), list_key) == options.words(after, list_key)
      or not list_key and checks.same(before, after)
    if after ~= nil and not is_same then keys[#keys + 1] = key end
  end
  return keys
end

local function writable(stored)
  local body = {}
  for _, key in ipairs(checks.keys) do
    local value = stored[key]
    if value ~= nil and value ~= json.null and key ~= "position" then body[key] = json.table(value) end
  end
  return body
end

-- The stored field with what the caller gave, whole: a key that is left out of a PUT may be lost. Gives the body and the
-- list of keys that change; or nil and the error. A choice field that is stored without options stays as it is.
function fields.merged(stored, given)
  local changes, err = checks.given(given, stored)
  if not changes then return nil, err end
  local body = writable(stored)
  for key, value in pairs(changes) do body[key] = value end
  if body.required == nil then body.required = false end
  if changes.field_type ~= nil and changes.field_type ~= stored.field_type then
    body.field_type, err = checks.type(changes.field_type)
    if not body.field_type then return nil, err end
  end
  local is_new_type = body.field_type ~= stored.field_type
  if is_new_type then drop_unfit(body, changes) end
  local fine, wrong = checks.basics(body)
  if fine and (is_new_type or changes.options ~= nil or changes.columns ~= nil) then
    fine, wrong = checks.lists(body, changes, stored)
  end
  if fine then fine, wrong = checks.extras(body, changes) end
  if not fine then return nil, wrong end
  return body, changed_keys(body, stored)
end

-- Nothing at all to change is the caller's mistake.
function fields.something(given)
  if next(json.table(given)) ~= nil then return true end
  return nil, { code = "missing_value", field = "field_data", message = "Nothing to change was given.",
    hint = "Give at least one of: " .. table.concat(checks.keys, ", ") .. "." }
end

-- The field that <text> means: by id, alias or label. <noun>: "form field".
function fields.pick(list, text, noun, argument)
  local wanted = pick.trimmed(text)
  for _, field in ipairs(list) do
    if field.alias == wanted then return field end
  end
  return pick.one(list, wanted, { noun = noun, field = argument or "field_id", name = function (field)
    return type(field.label) == "string" and field.label or ""
  end })
end

-- Choice fields only; others have no options.
function fields.require_choice(field)
  if checks.is_choice(field) then return true end
  return nil, { code = "invalid_value", field = "field_id",
    message = ("%q is a field of type %s: it has no options."):format(field.label, field.field_type),
    hint = "dropdown, radio and multiselect have options; update_form_field and update_kickoff_field change the type." }
end

-- Whether another field of the list has that label: then it can be told by its id only.
function fields.repeats_label(list, label, own_id)
  for _, field in ipairs(list) do
    if field.id ~= own_id and type(field.label) == "string" and field.label:lower() == label:lower() then return true end
  end
  return false
end

local row_noise = { created_at = true, last_updated = true, custom_fields = true }

function fields.row(view)
  return (shape.bounded(shape.object(view, { drop = row_noise })))
end

function fields.briefs(list)
  local rows = json.array()
  for index, field in ipairs(pick.list(list) or {}) do
    rows[index] = { id = field.id, label = field.label, field_type = field.field_type, required = field.required }
  end
  return rows
end

return fields
