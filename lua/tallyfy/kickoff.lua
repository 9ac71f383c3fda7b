-- kickoff.lua - the values of a template's kick-off form, to the object that launches a process. How values are
-- read is in field_values.lua; here are the container and the fields that must not be empty.
local fields = use "tallyfy.fields"

local kickoff = {}

local place = {
  argument = "prerun", noun = "kick-off field", none = "This template has no kick-off fields.",
  shown_by = "get_kickoff_fields",
}

local function problem(code, message, hint)
  return nil, { code = code, message = message, field = "prerun", hint = hint }
end

-- A list of single-key objects is merged, later keys win (behaviour.md: launch_process).
local function merged(values)
  if not json.is_array(values) then return values end
  local result = {}
  for index, item in ipairs(values) do
    local container = type(item) == "table" or (type(item) == "userdata" and item ~= json.null)
    if not container or json.is_array(item) then
      return problem("invalid_value", ("prerun[%d] must be an object with field ids as keys."):format(index))
    end
    for key, value in pairs(item) do result[key] = value end
  end
  return result
end

-- The API fills enabled defaults itself, at the launch only.
local function has_default(field)
  return field.default_value_enabled == true and not fields.is_empty(field.default_value)
end

local function missing_required(list, body, stored)
  local missing = {}
  for _, field in ipairs(list) do
    local value = body[field.id]
    if value == nil and stored then value = stored[field.id] end
    local filled = not fields.is_empty(value) or (body[field.id] == nil and not stored and has_default(field))
    if field.required == true and not filled then missing[#missing + 1] = ("%q (%s)"):format(field.label, field.field_type) end
  end
  return missing
end

-- <list>: the kick-off fields; <values>: what the caller sent; <stored>: of a process that runs, the values it has by
-- field id. Gives { body, notes }: the object to send (nil when there is nothing to send) and how values were
-- understood; or nil and the error.
function kickoff.values(call, list, values, stored)
  local given, err = merged(values or {})
  if not given then return nil, err end
  local body, notes = fields.settle(call, list, given, place)
  if not body then return nil, notes end
  local missing = missing_required(list, body, stored)
  if #missing > 0 then
    return problem("missing_value", "These kick-off fields are required: " .. table.concat(missing, ", ") .. ".",
      "Give a value for each, by label or id.")
  end
  return { body = next(body) and body or nil, notes = notes }
end

return kickoff
