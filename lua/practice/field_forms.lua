-- Reads the definition of a field out of a body, for captures and kick-off fields alike (api.md 15).
local json = require "json"
local lists = require "practice.lists"
local time = require "practice.time"

local field_forms = {}

-- There is no number or checkbox type; one page of the documentation lists more for one-off tasks, which the
-- stand-in refuses (default chosen).
local types = { "text", "textarea", "radio", "dropdown", "multiselect", "date", "email", "file", "table",
  "assignees_form" }
local fewest_options = { radio = 2, dropdown = 1, multiselect = 1 }
local validations = { numeric = true, email = true, url = true, alpha = true, alpha_num = true,
  alpha_dash = true, min = true, max = true }
local max_entries = 500 -- options or columns of one field

-- A list of {id, <text_key>} objects, each complained about by its place.
local function entries_of(body, key, text_key, make)
  local kept = json.array({})
  local given = body:list(key) or {}
  if #given > max_entries then body:fail(key, ("A field can have %d %s."):format(max_entries, key)) end
  for i, entry in ipairs(given) do
    local place = ("%s.%d"):format(key, i - 1)
    if not lists.is_object(entry) then
      body:fail(place, ("The %s must be an object with id and %s."):format(place, text_key))
    else
      local inner = body:within(place, entry)
      local id = inner:required("id") and inner:integer("id")
      local text = inner:required(text_key) and inner:text(text_key, 500)
      kept[#kept + 1] = make(id, text, entry)
    end
  end
  return kept
end

-- A list, or one string with "|" between the rules. Rules that the API does not know are dropped.
local function validation_of(body)
  local given = lists.given(body.body.field_validation)
  local rules = json.array({})
  if given == nil then return rules end
  if type(given) == "string" then
    local split = {}
    for rule in given:gmatch("[^|]+") do split[#split + 1] = rule end
    given = split
  end
  if type(given) ~= "table" then
    body:fail("field_validation", "The field_validation must be an array or a text with |.")
    return rules
  end
  for _, rule in ipairs(given) do
    local name = type(rule) == "string" and rule:match("^([%a_]+):?%d*$")
    if name and validations[name] then rules[#rules + 1] = rule end
  end
  return rules
end

local no_default = { table = true, file = true, assignees_form = true, email = true }

-- A default works for plain types only; what is given for others is dropped.
local function default_of(body, field_type)
  local value, enabled = lists.given(body.body.default_value), body:flag("default_value_enabled") or false
  if value == nil or no_default[field_type] then return json.null, false end
  if field_type == "date" and enabled and not time.parse(value) then
    body:fail("default_value", "The default_value is not a valid date.")
  end
  return lists.copy(value), enabled
end

-- The field that <body> (a check) defines. label, field_type and required must be sent every time.
function field_forms.read(body)
  local field = {
    label = body:required("label") and body:text("label", 500),
    field_type = body:required("field_type") and body:choice("field_type", types),
    required = body:flag("required"),
  }
  if field.required == nil then body:fail("required", "The required field is required.") end
  field.options = entries_of(body, "options", "text", function (id, text, entry)
    return { id = id, text = text, required = entry.required == true }
  end)
  local fewest = fewest_options[field.field_type]
  if fewest and #field.options < fewest then
    body:fail("options", ("The options must have at least %d items."):format(fewest))
  end
  field.columns = entries_of(body, "columns", "label", function (id, label) return { id = id, label = label } end)
  if field.field_type == "table" and #field.columns == 0 then
    body:fail("columns", "The columns field is required.")
  end
  field.field_validation = validation_of(body)
  field.default_value, field.default_value_enabled = default_of(body, field.field_type)
  for _, key in ipairs { "guidance", "prefix", "suffix" } do field[key] = body:text(key, 2000) end
  for _, key in ipairs { "use_wysiwyg_editor", "collect_time" } do field[key] = body:flag(key) or false end
  field.settings = lists.copy(body:object("settings"))
  return field
end

return field_forms
