-- choices.lua - which option of a choice field a value means: by id or text, as texts, numbers or { id, text }.
-- Tallyfy compares option texts to the letter, so all leniency is here (behaviour.md 6): dropdown and multiselect look
-- at ids first, radio at texts; exact texts before those that differ in case; a tie counts only where it would send
-- different things. What matches none is an error with the choices.
local fold, options, pick = use "tallyfy.fold", use "tallyfy.options", use "tallyfy.pick"

local choices = {}

local function problem(code, field, message, hint)
  return nil, { code = code, field = field.label, message = message, hint = hint }
end

-- "1=IT, 2=Sales".
function choices.words(field)
  local usable = options.read(field)
  return "Options (id=text): " .. options.some_words(usable, "text") .. "."
end

local function none(field, value)
  return problem("invalid_value", field, ("%q is not an option of %q."):format(tostring(value), field.label),
    choices.words(field) .. " null clears it.")
end

local function is_scalar(value)
  local kind = type(value)
  return kind == "string" or kind == "number" or kind == "boolean"
end

-- What of an option is sent: two options that send the same are no tie.
local function sent_as(field, option)
  return field.field_type == "radio" and option.text or ("%s=%s"):format(tostring(option.id), option.text)
end

local function readings_of(field, value)
  local text = pick.trimmed(tostring(value))
  local function by_id(option) return tostring(option.id) == text end
  local function exactly(option) return pick.trimmed(option.text) == text end
  local function loosely(option) return fold(pick.trimmed(option.text)) == fold(text) end
  return field.field_type == "radio" and { exactly, loosely, by_id } or { by_id, exactly, loosely }
end

local function matching(field, usable, same)
  local found, sent = {}, {}
  for _, option in ipairs(usable) do
    local key = same(option) and sent_as(field, option)
    if key and not sent[key] then
      sent[key] = true
      found[#found + 1] = option
    end
  end
  return found
end

local function named(field, usable, value)
  for _, same in ipairs(readings_of(field, value)) do
    local found = matching(field, usable, same)
    if #found == 1 then return found[1] end
    if #found > 1 then
      return problem("ambiguous", field, ("%q is more than one option of %q."):format(tostring(value), field.label),
        "Name the option by its id. " .. choices.words(field))
    end
  end
  return none(field, value)
end

-- { id, text }: both must belong together; an id that is unknown leaves the text to decide.
local function from_object(field, usable, value)
  local id, text = value.id, options.text(value, "text")
  if id == json.null then id = nil end
  if id == nil then
    if not text then return problem("invalid_value", field, ("%q takes an option's id or text."):format(field.label),
      choices.words(field)) end
    return named(field, usable, text)
  end
  local found = matching(field, usable, function (option) return tostring(option.id) == tostring(id) end)[1]
  if not found and text then return named(field, usable, text) end
  if not found then return none(field, id) end
  if text and fold(pick.trimmed(text)) ~= fold(pick.trimmed(found.text)) then
    return problem("invalid_value", field, ("Option %s of %q is %q, not %q."):format(tostring(id), field.label,
      found.text, text), "Send either the id or the text.")
  end
  return found
end

local function one(field, usable, value)
  if is_scalar(value) then return named(field, usable, value) end
  if pick.is_object(value) then return from_object(field, usable, value) end
  return problem("invalid_value", field, ("%q takes an option's id or text."):format(field.label), choices.words(field))
end

-- false and 0 clear, unless an option is called so.
local function clears(field, usable, value)
  return (value == false or value == 0) and one(field, usable, value) == nil
end

local function single(field, usable, value)
  if json.is_array(value) then
    if #value ~= 1 then
      return problem("invalid_value", field, ("%q takes one option, not %d."):format(field.label, #value),
        choices.words(field))
    end
    value = value[1]
  end
  local option, err = one(field, usable, value)
  if not option then return nil, err end
  if field.field_type == "radio" then return option.text end
  return { id = option.id, text = option.text }
end

local function several(field, usable, value)
  if not json.is_array(value) then value = json.array { value } end
  local chosen, places = json.array(), {}
  for _, item in ipairs(value) do
    if item ~= json.null then
      local option, err = one(field, usable, item)
      if not option then return nil, err end
      local selected = not (pick.is_object(item) and item.selected == false)
      local place = places[option.id] or #chosen + 1
      places[option.id] = place
      chosen[place] = { id = option.id, text = option.text, selected = selected }
    end
  end
  return chosen
end

-- The value to send for a choice field; null where it clears; or nil and the error. Without an option that could be
-- told apart (id and text) the value passes as it is: the API decides.
function choices.value(field, value)
  local usable = options.read(field)
  if #usable == 0 then return value end
  if clears(field, usable, value) then return json.null end
  return (field.field_type == "multiselect" and several or single)(field, usable, value)
end

return choices
