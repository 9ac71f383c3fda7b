-- field_values.lua - the values of a form as people and models write them, to what Tallyfy stores: one reading for
-- kick-off forms (prerun) and tasks (taskdata). The API drops unknown keys with a success and takes most types in one
-- exact shape only (behaviour.md 6): everything is settled here, before anything is sent.
--   keys      a field's id, alias or label (exact before case-insensitive); unknown, tied or repeated ones are errors
--   empty     null, "", [] and {} clear; a table cannot be cleared and is left out
--   text      a scalar, 200 characters at most; textarea: text, 30,000; email: an address; field_validation holds
--   date      in words or ISO 8601; the note says how it was understood
--   choices   see choices.lua; tables, files and pickers: see field_parts.lua
local choices, dates, parts = use "tallyfy.choices", use "tallyfy.dates", use "tallyfy.field_parts"
local pick, rules = use "tallyfy.pick", use "tallyfy.field_rules"
local fold = use "tallyfy.fold"

local values = {}

local function problem(code, field, message, hint)
  return nil, { code = code, field = field, message = message, hint = hint }
end

local function is_scalar(value)
  local kind = type(value)
  return kind == "string" or kind == "number" or kind == "boolean"
end

-- null, "", [] and {}, and a picker that names nobody. 0 and false say something.
function values.is_empty(value)
  if value == nil or value == json.null or value == "" then return true end
  if is_scalar(value) then return false end
  if json.is_array(value) then return #value == 0 end
  for _, inner in pairs(value) do
    if is_scalar(inner) or not values.is_empty(inner) then return false end
  end
  return true
end

local function not_text(field)
  return problem("invalid_value", field.label, ("%q takes a plain value, not a list or an object."):format(field.label),
    "Send the bare text: there is no { value = ... } around it.")
end

local function too_long(field, text, limit)
  local length = utf8.len(text) or #text
  if length <= limit then return false end
  return true, { code = "too_long", field = field.label, message = ("%q takes %d characters, and %d were given."):format(
    field.label, limit, length), hint = limit == 200 and "Longer texts belong in a field of type textarea." or nil }
end

local convert = {
  radio = choices.value, dropdown = choices.value, multiselect = choices.value,
  table = parts.table, file = parts.file, assignees_form = parts.people,
}

function convert.text(field, value)
  if not is_scalar(value) then return not_text(field) end
  local long, err = too_long(field, tostring(value), 200)
  if long then return nil, err end
  return value
end

-- The API refuses numbers here.
function convert.textarea(field, value)
  if not is_scalar(value) then return not_text(field) end
  local long, err = too_long(field, tostring(value), 30000)
  if long then return nil, err end
  return tostring(value)
end

-- The API would store an object as it is, for good.
function convert.email(field, value)
  if type(value) == "string" then return pick.trimmed(value) end
  return not_text(field)
end

function convert.date(field, value, call)
  return dates.value(call, value, field.label)
end

-- What to send (nil: nothing) and what to say of it; or false and the error.
local function converted(field, value, call)
  local kind = field.field_type
  if values.is_empty(value) then
    if kind == "table" then return nil, "an empty table is left out" end
    return json.null
  end
  local convert_value = convert[kind]
  if not convert_value then return value end
  local sent, said = convert_value(field, value, call)
  if sent == nil then return false, said end
  if sent == json.null then return sent, "cleared" end
  if is_scalar(sent) and kind ~= "date" then
    local right, err = rules.check(field, sent)
    if not right then return false, err end
  end
  if values.is_empty(sent) and kind == "table" then return nil, "an empty table is left out" end
  return sent, kind == "date" and said or nil
end

local function labels(list)
  local known = {}
  for index, field in ipairs(list) do
    if index > 30 then
      known[index] = ("and %d more"):format(#list - 30)
      break
    end
    known[index] = ("%q"):format(field.label or field.id)
  end
  return table.concat(known, ", ")
end

-- All that match by the first reading that matches any, so that a tie can be told.
local function fields_named(list, key)
  local wanted = pick.trimmed(key)
  local function label(field) return type(field.label) == "string" and pick.trimmed(field.label) or "" end
  local readings = {
    function (field) return field.id == wanted or field.timeline_id == wanted end,
    function (field) return field.alias == wanted end,
    function (field) return label(field) == wanted end,
    function (field) return fold(label(field)) == fold(wanted) end,
  }
  for _, same in ipairs(readings) do
    local found = {}
    for _, field in ipairs(list) do
      if same(field) then found[#found + 1] = field end
    end
    if #found > 0 then return found end
  end
  return {}
end

local function field_of(list, key, place)
  local found = fields_named(list, tostring(key))
  if #found == 1 then return found[1] end
  if #found > 1 then
    return problem("ambiguous", place.argument, ("%d %ss are called %q."):format(#found, place.noun, key),
      ("Use the field's id: %s shows it."):format(place.shown_by))
  end
  return problem("unknown_field", place.argument, ("No %s is called %q."):format(place.noun, key),
    #list == 0 and place.none or ("There are: %s."):format(labels(list)))
end

-- Keys in one order, so that the same mistake is told each time.
local function keys_of(given)
  local keys = {}
  for key in pairs(given) do keys[#keys + 1] = key end
  table.sort(keys, function (a, b) return tostring(a) < tostring(b) end)
  return keys
end

-- One error for all that is wrong, so that one more try is enough.
local function all_of(errors, place)
  if #errors == 1 then return errors[1] end
  local lines = {}
  for index, err in ipairs(errors) do lines[index] = err.message .. (err.hint and " " .. err.hint or "") end
  return { code = errors[1].code, field = place.argument, message = ("%d values do not fit: %s"):format(#errors,
    table.concat(lines, " | ")) }
end

-- <list>: the definitions; <given>: what the caller sent, an object; <place>: { argument, noun, none, shown_by }, the
-- words for errors. Gives the object to send, keyed by field id, and a list of notes; or nil and the error.
function values.settle(call, list, given, place)
  if not pick.is_object(given) and not (json.is_array(given) and #given == 0) then
    return problem("invalid_value", place.argument, ("%s must be an object: values by field."):format(place.argument))
  end
  local body, notes, seen, errors = {}, {}, {}, {}
  for _, key in ipairs(keys_of(given)) do
    local field, err = field_of(list, key, place)
    if field and seen[field.id] then
      field, err = problem("invalid_value", place.argument, ("The %s %q was given twice."):format(place.noun, field.label))
    end
    local sent, said
    if field then
      seen[field.id] = true
      sent, said = converted(field, given[key], call)
    end
    if not field or (sent == false and said) then
      errors[#errors + 1] = err or said
    else
      body[field.id] = sent
      if said then notes[#notes + 1] = ("%s: %s."):format(field.label, said) end
    end
  end
  if #errors > 0 then return nil, all_of(errors, place) end
  return body, notes
end

return values
