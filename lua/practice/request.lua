-- One request as the handlers see it: decoded path values, query, includes, body, and who asks.
local json = require "json"
local lists = require "practice.lists"
local problem = require "practice.problem"
local time = require "practice.time"

local request = {}
request.__index = request

local function decode(text)
  return (text:gsub("%%(%x%x)", function (hex) return string.char(tonumber(hex, 16)) end))
end
request.decode = decode

-- "a=1&b[]=2&b[]=3" as { a = "1", b = "2,3" }: a repeated list key is joined, any other keeps its last
-- value.
local function parse_query(text)
  local query = {}
  for pair in (text or ""):gmatch("[^&]+") do
    local key, value = pair:match("^([^=]*)=?(.*)$")
    key, value = decode((key:gsub("%+", " "))), decode((value:gsub("%+", " ")))
    local list = key:match("^(.-)%[%d*%]$")
    if list then
      query[list] = query[list] and query[list] .. "," .. value or value
    else
      query[key] = value
    end
  end
  return query
end

-- Includes nest: without a limit, run.tasks.run.tasks... would multiply the world.
local max_include_depth = 3

-- "run.checklist,step" as { run = { checklist = {} }, step = {} }. What is nested deeper is ignored.
local function parse_includes(text)
  local tree = {}
  for path in (text or ""):gmatch("[^,%s]+") do
    local place, depth = tree, 0
    for name in path:gmatch("[^.]+") do
      name = name:gsub("%-", "_") -- ko-form-fields is spelled both ways
      depth = depth + 1
      if depth > max_include_depth then break end
      place[name] = place[name] or {}
      place = place[name]
    end
  end
  return tree
end

-- X-Practice-Now moves the clock for this request only.
-- <raw> = { method, path, query, headers (lower-case names), body }, as the listener gives it.
function request.new(raw, world)
  local query = parse_query(raw.query)
  local headers = raw.headers or {}
  return setmetatable({
    world = world,
    now = time.parse(headers["x-practice-now"]) or world.now(),
    method = raw.method,
    path = raw.path,
    query = query,
    with = parse_includes(query.with),
    headers = headers,
    raw_body = raw.body or "",
    params = {},
  }, request)
end

-- Parses JSON text into plain tables; nil when it is none.
function request.parse_json(text)
  local ok, value = pcall(json.decode, text)
  if not ok or value == nil then return nil end
  return json.table(value)
end

-- The body as an object: {} when there is none, 400 when it is not JSON or not an object. Forms are read as well, as
-- Laravel does everywhere: the SDK copies templates with one.
function request:body()
  if self.raw_body == "" then return {} end
  if (self.headers["content-type"] or ""):find("^application/x%-www%-form%-urlencoded") then return self:form() end
  local body = request.parse_json(self.raw_body)
  if body == nil then problem.malformed("The request body is not valid JSON.") end
  if not lists.is_object(body) and (type(body) ~= "table" or next(body) ~= nil) then
    problem.malformed("The request body must be a JSON object.")
  end
  return body
end

-- A form body ("a=1&b=2") as { a = "1", b = "2" }.
function request:form()
  return parse_query(self.raw_body)
end

-- A query value, or nil when absent or empty.
function request:text(key)
  local value = self.query[key]
  if value == "" then return nil end
  return value
end

-- A comma list of the query as { "a", "b" }, or nil.
function request:list(key)
  local value = self:text(key)
  if not value then return nil end
  local out = {}
  for item in value:gmatch("[^,]+") do out[#out + 1] = item end
  return out
end

-- true, false or nil for true|1, false|0, absent.
function request:flag(key)
  local value = self:text(key)
  if value == nil then return nil end
  return value ~= "false" and value ~= "0"
end

-- A positive integer of the query, or the default for anything else.
function request:positive(key, default)
  local value = self.query[key]
  local number = value and value:match("^%d+$") and math.tointeger(tonumber(value))
  if not number or number < 1 then return default end
  return number
end

return request
