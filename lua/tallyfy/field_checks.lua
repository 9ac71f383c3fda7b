-- field_checks.lua - what may stand in the definition of a form field: its keys, the types and their words, and what
-- each key takes. Tallyfy drops unknown keys, unknown validation rules and defaults of types that have none, each with
-- a success (api.md 15): here they are errors, told before anything is sent.
local choices, options, pick = use "tallyfy.choices", use "tallyfy.options", use "tallyfy.pick"

local checks = {}

checks.keys = { "field_type", "label", "required", "position", "guidance", "options", "default_value",
  "default_value_enabled", "columns", "collect_time", "use_wysiwyg_editor", "field_validation", "prefix", "suffix",
  "settings", "list" }
local known = {}
for _, key in ipairs(checks.keys) do known[key] = true end

-- What tools say of their argument field_data.
checks.about = "label, field_type (text, textarea, date, dropdown, multiselect, radio, file, table, assignees_form) and "
  .. "required; options ([\"Yes\", \"No\"]) of choices, columns of tables; if wanted guidance, position, default_value, "
  .. "field_validation ([\"numeric\"], email, url, min:n...), collect_time, prefix, suffix"

local renamed = { description = "guidance", help_text = "guidance", help = "guidance", placeholder = "guidance",
  name = "label", title = "label", type = "field_type", validation = "field_validation", is_required = "required",
  mandatory = "required", choices = "options", default = "default_value" }

local type_list = "Types: text, textarea, date, dropdown, multiselect, radio, file, table, assignees_form."
local types = { text = true, textarea = true, date = true, dropdown = true, multiselect = true, radio = true, file = true,
  table = true, assignees_form = true }
local type_words = {
  assignee = "assignees_form", assignee_picker = "assignees_form", member = "assignees_form",
  member_picker = "assignees_form", ["assignee picker"] = "assignees_form", ["short text"] = "text",
  ["large text"] = "textarea", ["long text"] = "textarea", ["multi-select"] = "multiselect",
  ["multiple choice"] = "radio", ["file upload"] = "file", select = "dropdown", datepicker = "date",
}
local type_hints = {
  email = "Use text with field_validation [\"email\"].", number = "Use text with field_validation [\"numeric\"].",
  checkbox = "Use multiselect, or radio with Yes and No.", url = "Use text with field_validation [\"url\"].",
  toggle = "Use radio with Yes and No.", datetime = "Use date with collect_time true.",
}
local fewest_options = { radio = 2, dropdown = 1, multiselect = 1 }
local numbers = { "None", "one", "two" }

local function problem(code, field, message, hint)
  return nil, { code = code, field = field, message = message, hint = hint }
end

function checks.is_choice(field)
  return fewest_options[field.field_type] ~= nil
end

-- The code of a type: codes, and the words that the app shows for them.
function checks.type(value)
  if value == nil or value == json.null then
    return problem("missing_value", "field_type", "The field needs a field_type.", type_list)
  end
  local word = type(value) == "string" and pick.trimmed(value):lower() or ""
  if types[word] then return word end
  if type_words[word] then return type_words[word] end
  return problem("invalid_value", "field_type", ("%q is no type of field that can be made."):format(tostring(value)),
    type_hints[word] or type_list)
end

-- Whether two values hold the same; null is as good as nothing.
function checks.same(a, b)
  if a == json.null then a = nil end
  if b == json.null then b = nil end
  if a == b then return true end
  local is_list = json.is_array(a) or json.is_array(b)
  if not (pick.is_object(a) or json.is_array(a)) or not (pick.is_object(b) or json.is_array(b)) then return false end
  if is_list and #a ~= #b then return false end
  for key, value in pairs(a) do
    if not checks.same(value, b[key]) then return false end
  end
  for key, value in pairs(b) do
    if a[key] == nil and value ~= json.null then return false end
  end
  return true
end

local never_null = { field_type = true, label = true, required = true, position = true, options = true, columns = true }

-- What the caller gave, with known keys only. Keys that Tallyfy manages pass when they say what <stored> says.
function checks.given(given, stored)
  local result = {}
  for key, value in pairs(given) do
    if known[key] then
      if value ~= json.null or not never_null[key] then result[key] = value end
    elseif not (stored and checks.same(stored[key], value)) then
      if stored and stored[key] ~= nil then
        return problem("invalid_value", tostring(key), ("%s cannot be changed."):format(key), "Leave it out.")
      end
      return problem("unknown_field", tostring(key), ("A field has no %q that could be set."):format(key), renamed[key]
        and ("Did you mean %s?"):format(renamed[key]) or "Known: " .. table.concat(checks.keys, ", ") .. ".")
    end
  end
  return result
end

-- What every field needs. Trims the label.
function checks.basics(body)
  if type(body.label) ~= "string" or not body.label:match("%S") then
    return problem("missing_value", "label", "The field needs a label.")
  end
  body.label = pick.trimmed(body.label)
  if (utf8.len(body.label) or #body.label) > 500 then
    return problem("invalid_value", "label", "The label has more than 500 characters.")
  end
  if type(body.required) ~= "boolean" then
    return problem("missing_value", "required", "Say whether the field is required: true or false.")
  end
  local position = body.position
  if position ~= nil and (math.type(position) ~= "integer" or position < 1 or position > 9999) then
    return problem("invalid_value", "position", "The position is a whole number from 1 to 9999.")
  end
  return true
end

-- Options and columns that were given, numbered; and whether the type has what it needs.
function checks.lists(body, given, stored)
  local fewest = fewest_options[body.field_type]
  for _, kind in ipairs { { "options", "text", fewest }, { "columns", "label", body.field_type == "table" and 1 } } do
    local name, key, least = kind[1], kind[2], kind[3]
    if given[name] ~= nil then
      local list, err = options.list(given[name], stored and pick.list(stored[name]), key, name)
      if not list then return nil, err end
      if not least and #list > 0 then
        return problem("invalid_value", name, ("A field of type %s has no %s."):format(body.field_type, name))
      end
      body[name] = least and list or nil
    end
    local count = #(pick.list(body[name]) or {})
    if least and count < least then
      return problem("missing_value", name, ("A field of type %s needs at least %s %s. %s given."):format(
        body.field_type, numbers[least + 1], least == 1 and name:sub(1, -2) or name, numbers[count + 1]),
        name == "options" and "Write [\"Yes\", \"No\"]." or "Write [\"Item\", \"Price\"].")
    end
  end
  return true
end

local rules = { numeric = "", email = "", url = "", alpha = "", alpha_num = "", alpha_dash = "", min = ":n", max = ":n" }

local function validation(value)
  if type(value) == "string" then
    local list = json.array()
    for rule in value:gmatch("[^|]+") do list[#list + 1] = pick.trimmed(rule) end
    value = list
  end
  local is_nothing = pick.is_object(value) and next(json.table(value)) == nil
  if not json.is_array(value) then value = is_nothing and json.array() or json.array { value } end
  for _, rule in ipairs(value) do
    local name, argument = tostring(rule):match("^([%a_]+)(:?%d*)$")
    if not name or not rules[name] or (rules[name] == "") ~= (argument == "") or argument == ":" then
      return problem("invalid_value", "field_validation", ("There is no validation %q."):format(tostring(rule)),
        "There are numeric, email, url, alpha, alpha_num, alpha_dash, min:n and max:n.")
    end
  end
  return value
end

local plain_default = { text = true, textarea = true, date = true }

-- A default has the shape of a value. It counts only when it is enabled: giving one enables it.
local function default(body, given)
  local value = given.default_value
  if value == nil or value == json.null or value == "" then return true end
  if fewest_options[body.field_type] then
    local sent, err = choices.value({ field_type = body.field_type, label = "default_value", options = body.options }, value)
    if sent == nil then return nil, err end
    body.default_value = sent
  elseif not plain_default[body.field_type] then
    return problem("invalid_value", "default_value", ("A field of type %s has no default."):format(body.field_type),
      "text, textarea, date, dropdown, radio and multiselect can have one.")
  elseif type(value) == "table" or type(value) == "userdata" then
    return problem("invalid_value", "default_value", "The default must be a plain value.")
  end
  if given.default_value_enabled == nil then body.default_value_enabled = true end
  return true
end

local flags = { "default_value_enabled", "collect_time", "use_wysiwyg_editor" }
local texts = { "guidance", "prefix", "suffix", "list" }

-- The other keys, where they were given.
function checks.extras(body, given)
  for _, key in ipairs(flags) do
    if given[key] ~= nil and given[key] ~= json.null and type(given[key]) ~= "boolean" then
      return problem("invalid_value", key, ("%s is true or false."):format(key))
    end
  end
  for _, key in ipairs(texts) do
    if given[key] ~= nil and given[key] ~= json.null and type(given[key]) ~= "string" then
      return problem("invalid_value", key, ("%s is a text."):format(key))
    end
  end
  if given.settings ~= nil and given.settings ~= json.null and not pick.is_object(given.settings) then
    return problem("invalid_value", "settings", "settings is an object.")
  end
  if given.field_validation ~= nil and given.field_validation ~= json.null then
    local list, err = validation(given.field_validation)
    if not list then return nil, err end
    body.field_validation = list
  end
  return default(body, given)
end

return checks
