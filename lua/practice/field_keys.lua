-- The keys of custom fields: what may be written where, and in which shape (api.md 23).
local answers = require "practice.answers"
local check = require "practice.check"
local json = require "json"
local lists = require "practice.lists"
local problem = require "practice.problem"
local shapes = require "practice.shapes"
local time = require "practice.time"

local field_keys = {}

-- The words of applies_to are in no source (default chosen): the records that have custom fields.
local kinds = { "run", "task", "user", "guest", "folder", "tag", "checklist", "step", "capture", "prerun" }
local types = { "text", "textarea", "number", "boolean", "date", "email", "url", "radio", "dropdown",
  "multiselect", "table" }
local max_keys = 500

function field_keys.of(organization, kind)
  return lists.filter(organization.field_keys.list, function (record) return record.applies_to == kind end)
end

function field_keys.find(organization, kind, key)
  for _, record in ipairs(organization.field_keys.list) do
    if record.applies_to == kind and record.key == key then return record end
  end
  return nil
end

local function has_option(record, value)
  if #record.options == 0 then return true end
  for _, option in ipairs(record.options) do
    local text = type(option) == "table" and option.text or option
    if text == (type(value) == "table" and value.text or value) then return true end
  end
  return false
end

local tests = {
  number = function (value) return type(value) == "number" end,
  boolean = function (value) return type(value) == "boolean" end,
  date = function (value) return time.parse(value) ~= nil end,
  email = function (value) return type(value) == "string" and value:find("^[^@%s]+@[^@%s]+$") ~= nil end,
  url = function (value) return type(value) == "string" and value:find("^https?://%S+$") ~= nil end,
  radio = function (value, record) return has_option(record, value) end,
  dropdown = function (value, record) return has_option(record, value) end,
  multiselect = function (value) return type(value) == "table" end,
  table = function (value) return type(value) == "table" end,
  text = function (value) return type(value) ~= "table" end,
  textarea = function (value) return type(value) == "string" end,
}

-- What is wrong with a value of a key, or nil. null clears and is always right.
function field_keys.objection(record, value)
  if value == nil or value == json.null or tests[record.field_type](value, record) then return nil end
  return ("The %s is not a valid %s."):format(record.key, record.field_type)
end

local sort_keys = {
  key = function (record) return record.key:lower() end,
  applies_to = function (record) return record.applies_to end,
  created_at = function (record) return record.created_at end,
}

local function list(request)
  local words = lists.words(request:text("q") or "")
  local found = lists.filter(request.organization.field_keys.list, function (record)
    for _, name in ipairs { "applies_to", "key_type", "field_type" } do
      local wanted = request:text(name)
      if wanted and record[name] ~= wanted then return false end
    end
    for _, name in ipairs { "is_required", "is_active" } do
      local wanted = request:flag(name)
      if wanted ~= nil and record[name] ~= wanted then return false end
    end
    return lists.has_words(record.key, words)
  end)
  answers.sort(found, sort_keys[request:text("sort_by")] or sort_keys.key,
    request:text("sort_direction") == "desc")
  return answers.list(request, found, { default = 10, maximum = 100 }, shapes.field_key)
end

local function create(request)
  local body = check.new(request:body())
  local record = {
    key = body:required("key") and body:text("key", 100),
    applies_to = body:required("applies_to") and body:choice("applies_to", kinds),
    field_type = body:required("field_type") and body:choice("field_type", types),
    options = lists.copy(body:list("options") or json.array({})), is_required = body:flag("is_required") or false,
    is_active = body:flag("is_active") ~= false, key_type = "org", created_at = request.now,
    last_updated = request.now,
  }
  if record.key and not record.key:find("^[%w_-]+$") then
    body:fail("key", "The key may only contain letters, numbers, dashes and underscores.")
  elseif record.key and record.applies_to
    and field_keys.find(request.organization, record.applies_to, record.key) then
    body:fail("key", "The key has already been taken.")
  end
  body:done()
  if request.organization.field_keys:count() >= max_keys then
    problem.refused(("An organization can have %d custom field keys."):format(max_keys))
  end
  record.id = request.world.ids:id("field key")
  return answers.one(shapes.field_key(request.organization.field_keys:add(record)), 201)
end

local function find(request)
  local record = request.organization.field_keys:get(request.params.key_id)
  if not record then problem.not_found() end
  return record
end

-- key, applies_to, field_type and key_type never change.
local function update(request)
  local record = find(request)
  local body = check.new(request:body())
  local options, required, active = body:list("options"), body:flag("is_required"), body:flag("is_active")
  body:done()
  if options then record.options = lists.copy(options) end
  if required ~= nil then record.is_required = required end
  if active ~= nil then record.is_active = active end
  record.last_updated = request.now
  return answers.one(shapes.field_key(record))
end

local function remove(request)
  local record = find(request)
  if record.key_type == "system" then problem.forbidden("A system key cannot be deleted.") end
  request.organization.field_keys:remove(record)
  return answers.empty()
end

field_keys.routes = {
  { "GET", "/organizations/{org}/custom-field-keys", list },
  { "POST", "/organizations/{org}/custom-field-keys", create, role = "admin" },
  { "PUT", "/organizations/{org}/custom-field-keys/{key_id}", update, role = "admin" },
  { "DELETE", "/organizations/{org}/custom-field-keys/{key_id}", remove, role = "admin" },
}

return field_keys
