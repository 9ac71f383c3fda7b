-- kickoff.lua - kick-off values as people and models write them, to the form the API stores.
-- Keys may be a field's id, alias or label; choices may be an option's id or text. The API drops unknown keys
-- and stores options that do not exist, both with a success (behaviour.md 6): so everything is settled here,
-- before anything is sent, and what does not fit is an error with the choices listed.
local dates = use "tallyfy.dates"

local kickoff = {}

local null = json.null

local function problem(code, message, field, hint)
  return nil, { code = code, message = message, field = field, hint = hint }
end

local function labels(fields)
  local known = {}
  for index, field in ipairs(fields) do known[index] = ("%q"):format(field.label or field.id) end
  return #known > 0 and "Kick-off fields: " .. table.concat(known, ", ") .. "." or "This template has no kick-off fields."
end

-- Exact id, alias or label; then the label without regard to case. All that match, so that a tie can be told.
local function fields_named(fields, key)
  local exact, similar = {}, {}
  for _, field in ipairs(fields) do
    if field.id == key or field.timeline_id == key or field.alias == key then return { field } end
    if field.label == key then exact[#exact + 1] = field end
    if type(field.label) == "string" and field.label:lower() == key:lower() then similar[#similar + 1] = field end
  end
  return #exact > 0 and exact or similar
end

local function is_empty(value)
  if value == null or value == false or value == 0 or value == "" then return true end
  if type(value) == "table" then return next(value) == nil end
  return type(value) == "userdata" and #value == 0
end

local function option_text(option)
  return option.text or option.label or option.value
end

local function same_text(a, b, exact)
  a, b = tostring(a):match("^%s*(.-)%s*$"), tostring(b):match("^%s*(.-)%s*$")
  return a == b or (not exact and a:lower() == b:lower())
end

-- The option that a scalar names: by id or text, exactly before loosely; radio fields look at the text first.
local function option_of(field, value)
  local by_id = function (option) return tostring(option.id) == tostring(value) end
  local by_text = function (option) return same_text(option_text(option), value, true) end
  local loosely = function (option) return same_text(option_text(option), value, false) end
  local readings = field.field_type == "radio" and { by_text, by_id, loosely } or { by_id, by_text, loosely }
  for _, matches in ipairs(readings) do
    local found = {}
    for _, option in ipairs(field.options or {}) do
      if matches(option) then found[#found + 1] = option end
    end
    if #found == 1 then return found[1] end
    if #found > 1 then
      return problem("ambiguous", ("%q is more than one option of %q."):format(value, field.label), field.label,
        "Name the option by its id.")
    end
  end
  local choices = {}
  for index, option in ipairs(field.options or {}) do
    choices[index] = ("%s=%q"):format(option.id, option_text(option))
  end
  return problem("invalid_value", ("%q is not an option of %q."):format(tostring(value), field.label), field.label,
    "Options (id=text): " .. table.concat(choices, ", ") .. ".")
end

-- An option may come as { id =, text = }: both must belong together.
local function option_from(field, value)
  if type(value) ~= "table" and type(value) ~= "userdata" then return option_of(field, value) end
  local option, err = option_of(field, value.id or option_text(value) or "")
  if not option and value.id then option, err = option_of(field, option_text(value) or "") end
  if not option then return nil, err end
  local text = option_text(value)
  if value.id and text and not same_text(option_text(option), text, false) then
    return problem("invalid_value", ("Option %s of %q is %q, not %q."):format(
      option.id, field.label, option_text(option), text), field.label, "Send either the id or the text.")
  end
  return option
end

local function single(field, value)
  if json.is_array(value) then
    if #value ~= 1 then
      return problem("invalid_value", ("%q takes one option, not %d."):format(field.label, #value), field.label)
    end
    value = value[1]
  end
  return option_from(field, value)
end

local convert = {}

function convert.radio(field, value)
  local option, err = single(field, value)
  if not option then return nil, err end
  return option_text(option)
end

function convert.dropdown(field, value)
  local option, err = single(field, value)
  if not option then return nil, err end
  return { id = option.id, text = option_text(option) }
end

function convert.multiselect(field, value)
  if not json.is_array(value) then value = json.array({ value }) end
  local chosen = json.array()
  for _, item in ipairs(value) do
    if item ~= null then
      local option, err = option_from(field, item)
      if not option then return nil, err end
      chosen[#chosen + 1] = { id = option.id, text = option_text(option), selected = true }
    end
  end
  return chosen
end

-- The API refuses numbers here with a 422 that does not say so plainly.
function convert.textarea(_, value)
  return type(value) == "number" and tostring(value) or value
end

-- The second result says how it was understood.
function convert.date(field, value, call)
  return dates.value(call, value, field.label)
end

function convert.table(field, value)
  local columns = field.columns and #field.columns or 0
  if not json.is_array(value) or #value ~= columns then
    return problem("invalid_value", ("%q is a table: it takes a list with one entry for each of its %d columns."):format(
      field.label, columns), field.label)
  end
  return value
end

-- A list of single-key objects is merged, later keys win (behaviour.md: launch_process).
local function merged(values)
  if not json.is_array(values) then return values end
  local result = {}
  for index, item in ipairs(values) do
    local container = type(item) == "table" or (type(item) == "userdata" and item ~= null)
    if not container or json.is_array(item) then
      return problem("invalid_value", ("prerun[%d] must be an object with field ids as keys."):format(index), "prerun")
    end
    for key, value in pairs(item) do result[key] = value end
  end
  return result
end

local function missing_required(fields, body)
  local missing = {}
  for _, field in ipairs(fields) do
    if field.required == true and is_empty(body[field.id] == nil and null or body[field.id]) then
      missing[#missing + 1] = ("%q (%s)"):format(field.label, field.field_type)
    end
  end
  return missing
end

-- The value to send for one field, and for a date how it was understood; or nil and the error.
local function converted(field, value, call)
  local convert_value = convert[field.field_type]
  if not convert_value or is_empty(value) then return value end
  return convert_value(field, value, call)
end

-- The field that a key means, or nil and the error.
local function field_named(fields, key)
  local found = fields_named(fields, key)
  if #found == 1 then return found[1] end
  if #found == 0 then
    return problem("unknown_field", ("No kick-off field is called %q."):format(key), "prerun", labels(fields))
  end
  return problem("ambiguous", ("%d kick-off fields are called %q."):format(#found, key), "prerun",
    "Use the field's id: get_template shows it.")
end

-- Puts every value under its field's id; notes say how dates were understood. True, or nil and the error.
local function settle(call, fields, given, body, notes)
  for key, value in pairs(given) do
    local field, err = field_named(fields, key)
    if not field then return nil, err end
    if body[field.id] ~= nil then
      return problem("invalid_value", ("The kick-off field %q was given twice."):format(field.label), "prerun")
    end
    local sent, note = converted(field, value, call)
    if sent == nil then return nil, note end
    body[field.id] = sent
    if field.field_type == "date" and note then notes[#notes + 1] = ("%s: %s."):format(field.label, note) end
  end
  return true
end

-- <fields>: the template's prerun list; <values>: what the caller sent. Gives { body, notes }: the object to send (nil
-- when there is nothing to send) and how dates were understood; or nil and the error.
function kickoff.values(call, fields, values)
  local given, err = merged(values or {})
  if not given then return nil, err end
  local body, notes = {}, {}
  local settled, wrong = settle(call, fields, given, body, notes)
  if not settled then return nil, wrong end
  local missing = missing_required(fields, body)
  if #missing > 0 then
    return problem("missing_value", "These kick-off fields are required: " .. table.concat(missing, ", ") .. ".",
      "prerun", "Give a value for each, by label or id.")
  end
  return { body = next(body) and body or nil, notes = notes }
end

return kickoff
