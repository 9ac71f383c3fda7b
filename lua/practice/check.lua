-- Checks of request bodies: each function reads one key, collects what is wrong with it in Laravel's
-- words, and returns the value. done() raises all of it at once as a 422. JSON null counts as absent.
-- Keys that nobody asks for are dropped, with success, as the real API does.
local lists = require "practice.lists"
local problem = require "practice.problem"
local time = require "practice.time"
local json = require "json"

local check = {}
check.__index = check

function check.new(body)
  return setmetatable({ body = body, errors = {}, failed = false }, check)
end

-- A check of an object inside this body: its complaints are this one's, under "<key>.".
function check:within(key, object)
  local whole = self.whole or self
  return setmetatable({
    body = object, errors = whole.errors, whole = whole, prefix = (self.prefix or "") .. key .. ".",
  }, check)
end

-- Adds one text under a key, dotted for nested ones.
function check:fail(key, message)
  local whole = self.whole or self
  whole.failed = true
  key = (self.prefix or "") .. key
  self.errors[key] = self.errors[key] or json.array({})
  local texts = self.errors[key]
  texts[#texts + 1] = message
end

function check:done()
  if self.failed then problem.invalid(self.errors) end
end

function check:required(key)
  local value = lists.given(self.body[key])
  local empty = value == nil or value == "" or (type(value) == "table" and next(value) == nil)
  if empty then
    self:fail(key, ("The %s field is required."):format((self.prefix or "") .. key))
    return nil
  end
  return value
end

local function typed(self, key, is_right, wording)
  local value = lists.given(self.body[key])
  if value == nil or is_right(value) then return value end
  self:fail(key, ("The %s must be %s."):format(key, wording))
  return nil
end

function check:text(key, maximum)
  local value = typed(self, key, function (v) return type(v) == "string" end, "a string")
  if value and maximum and (utf8.len(value) or #value) > maximum then
    self:fail(key, ("The %s may not be greater than %d characters."):format(key, maximum))
  end
  return value
end

-- Whole numbers; numeric strings count, since clients send both.
function check:integer(key)
  local value = typed(self, key, function (v)
    return type(v) ~= "boolean" and type(v) ~= "table" and math.tointeger(tonumber(v)) ~= nil
  end, "an integer")
  return value and math.tointeger(tonumber(value))
end

function check:flag(key)
  return typed(self, key, function (v) return type(v) == "boolean" end, "true or false")
end

function check:object(key)
  local value = typed(self, key, function (v) return type(v) == "table" end, "an object")
  -- PHP cannot tell an empty list from an empty object, and drops what a list holds.
  if value and json.is_array(value) then return {} end
  return value
end

function check:list(key)
  return typed(self, key, function (v)
    return type(v) == "table" and (json.is_array(v) or next(v) == nil)
  end, "an array")
end

function check:choice(key, words)
  local value = self:text(key)
  if value and not lists.has(words, value) then
    self:fail(key, ("The selected %s is invalid: use one of %s."):format(key, table.concat(words, ", ")))
    return nil
  end
  return value
end

-- An address of the web; "" counts as absent.
function check:url(key)
  local value = self:text(key, 2000)
  if value == "" then return nil end
  if value and not value:find("^https?://[%w%[][^%s]*$") then
    self:fail(key, ("The %s format is invalid: use an http or https address."):format(key))
    return nil
  end
  return value
end

-- Seconds since 1970.
function check:moment(key)
  local value = lists.given(self.body[key])
  if value == nil then return nil end
  local seconds = time.parse(value)
  if not seconds then
    self:fail(key, ("The %s is not a valid date: use YYYY-MM-DD HH:MM:SS (UTC) or ISO 8601."):format(key))
  end
  return seconds
end

return check
