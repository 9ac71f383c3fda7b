-- Values of kick-off fields and task fields: the shape each type takes, what counts as empty, and how a
-- value reads as text (api.md section 15).
local json = require "json"
local lists = require "practice.lists"
local time = require "practice.time"

local values = {}

local text_limit, textarea_limit = 200, 30000

local function is_list(value)
  return type(value) == "table" and not lists.is_object(value)
end

local function option_of(field, id, text)
  for _, option in ipairs(field.options) do
    if option.id == id and option.text == text then return option end
  end
  return nil
end

-- Each returns nil when the value is right, else what is wrong, to be read behind "The <label> ".
local shape = {}

function shape.text(value)
  if type(value) == "table" then return "must be text." end
  if type(value) == "string" and (utf8.len(value) or #value) > text_limit then
    return ("may not be greater than %d characters."):format(text_limit)
  end
end

function shape.textarea(value)
  if type(value) ~= "string" then return "must be a string." end
  if (utf8.len(value) or #value) > textarea_limit then
    return ("may not be greater than %d characters."):format(textarea_limit)
  end
end

-- The real API stores whatever comes, even an object.
function shape.email() end

function shape.date(value)
  if not time.parse(value) then return "is not a valid date: use an ISO date or YYYY-MM-DD HH:MM:SS." end
end

function shape.radio(value, field)
  for _, option in ipairs(field.options) do
    if option.text == value then return nil end
  end
  return "must be the text of one of its options."
end

function shape.dropdown(value, field)
  if not lists.is_object(value) or not option_of(field, value.id, value.text) then
    return "must be an object with id and text of one option."
  end
end

function shape.multiselect(value, field)
  if not is_list(value) then return "must be a list of {id, text, selected} objects." end
  for _, entry in ipairs(value) do
    if not lists.is_object(entry) or not option_of(field, entry.id, entry.text) then
      return "must be a list of {id, text, selected} objects, each one of its options."
    end
  end
end

function shape.table(value, field)
  if not is_list(value) or #value ~= #field.columns then
    return ("must be a list with one entry for each of its %d columns."):format(#field.columns)
  end
end

function shape.assignees_form(value)
  if not lists.is_object(value) then return "must be an object with users, guests and groups." end
  for _, bucket in ipairs { "users", "guests", "groups" } do
    local list = lists.given(value[bucket])
    if list ~= nil and type(list) ~= "table" then return ("needs a list of %s."):format(bucket) end
  end
end

function shape.file(value)
  if not is_list(value) then return "must be a list of files." end
  for _, entry in ipairs(value) do
    if not lists.is_object(entry) or not (entry.id or entry.url or entry.full_url) then
      return "must be a list of objects, each with id, url or full_url."
    end
  end
end

-- Laravel's rules that a field may carry: each takes the value as text and the rule's argument.
local rules = {
  numeric = function (text) return tonumber(text) ~= nil, "must be a number." end,
  email = function (text)
    return text:find("^[^@%s]+@[^@%s]+%.[^@%s]+$") ~= nil, "must be a valid email address."
  end,
  url = function (text) return text:find("^https?://%S+$") ~= nil, "format is invalid." end,
  alpha = function (text) return text:find("^%a+$") ~= nil, "may only contain letters." end,
  alpha_num = function (text) return text:find("^%w+$") ~= nil, "may only contain letters and numbers." end,
  alpha_dash = function (text)
    return text:find("^[%w_-]+$") ~= nil, "may only contain letters, numbers, dashes and underscores."
  end,
  min = function (text, n)
    return (utf8.len(text) or #text) >= n, ("must be at least %d characters."):format(n)
  end,
  max = function (text, n)
    return (utf8.len(text) or #text) <= n, ("may not be greater than %d characters."):format(n)
  end,
}

local function broken_rule(field, value)
  if type(value) == "table" then return nil end
  for _, text in ipairs(field.field_validation) do
    local name, argument = text:match("^([%a_]+):?(%d*)$")
    local rule = rules[name]
    if rule then
      local right, message = rule(tostring(value), tonumber(argument) or 0)
      if not right then return message end
    end
  end
end

-- True for null, "", and the empty list or object.
function values.is_empty(value)
  return value == nil or value == json.null or value == "" or (type(value) == "table" and next(value) == nil)
end

-- A picker that names nobody is as empty as one that was never filled.
function values.is_blank(field, value)
  if values.is_empty(value) then return true end
  if field.field_type ~= "assignees_form" then return false end
  for _, bucket in pairs(value) do
    if not values.is_empty(bucket) then return false end
  end
  return true
end

-- Writes the values in <given> (by field id) into <stored>: keys that are no field of <fields> are
-- dropped, empty values clear, wrong ones are reported by fail(field, message) and leave the old one.
-- Returns the ids that changed.
function values.save(fields, given, stored, fail)
  local changed = {}
  for _, field in ipairs(fields) do
    local value = given[field.id]
    if value ~= nil then
      local empty = values.is_empty(value)
      local message
      if not empty then
        message = shape[field.field_type](value, field) or broken_rule(field, value)
      elseif field.field_type == "table" then
        message = shape.table("", field)
      end
      if message then
        fail(field, ("The %s %s"):format(field.label, message))
      else
        stored[field.id] = not empty and lists.copy(value) or nil
        changed[field.id] = true
      end
    end
  end
  return changed
end

-- Reports each required field without a value: "<label> is required".
function values.require(fields, stored, fail)
  for _, field in ipairs(fields) do
    if field.required and values.is_blank(field, stored[field.id]) then
      fail(field, field.label .. " is required")
    end
  end
end

-- A multiselect whose settings say must_all_checked (default chosen for the place) needs every option selected
-- when its task is completed.
function values.require_all_checked(fields, stored, fail)
  for _, field in ipairs(fields) do
    local settings = lists.given(field.settings)
    if field.field_type == "multiselect" and settings and settings.must_all_checked == true then
      local selected = 0
      for _, entry in ipairs(stored[field.id] or {}) do
        if entry.selected == true then selected = selected + 1 end
      end
      if selected < #field.options then
        fail(field, ("The %s must have all of its options selected."):format(field.label))
      end
    end
  end
end

-- True when two values hold the same.
function values.same(one, other)
  if type(one) ~= "table" or type(other) ~= "table" then return one == other end
  for key, value in pairs(one) do
    if not values.same(value, other[key]) then return false end
  end
  for key in pairs(other) do
    if one[key] == nil then return false end
  end
  return true
end

-- Fills enabled defaults where nothing was given.
function values.fill_defaults(fields, stored)
  for _, field in ipairs(fields) do
    local default = field.default_value_enabled and field.default_value
    if default and stored[field.id] == nil and not values.is_empty(default) then
      stored[field.id] = lists.copy(default)
    end
  end
end

local function scalar(value)
  if type(value) == "table" then return value.text or value.filename or value.full_name end
  return value ~= json.null and tostring(value) or nil
end

-- The texts a value consists of: what conditions compare and variables show.
function values.texts(field, value)
  if values.is_empty(value) then return {} end
  if field.field_type == "date" then
    local seconds = time.parse(value)
    return { field.collect_time and time.plain(seconds) or time.date(seconds) }
  end
  if type(value) ~= "table" then return { tostring(value) } end
  if field.field_type == "dropdown" then return { value.text } end
  local texts = {}
  for _, entry in ipairs(value) do
    local shown = field.field_type ~= "multiselect" or entry.selected == true
    for _, cell in ipairs(shown and (is_list(entry) and entry or { entry }) or {}) do
      texts[#texts + 1] = scalar(cell)
    end
  end
  return texts
end

return values
