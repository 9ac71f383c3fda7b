-- What the practice specs share: a stand-in for the host's json module, a clock that stands still until
-- moved, and a client that signs in as one of the seeded people. Loaded with dofile: it keeps nothing
-- between specs.
local root = (debug.getinfo(1, "S").source:match("^@(.*)tests/spec/") or "./")
package.path = root .. "lua/?.lua;" .. package.path

-- json.null, arrays, encoding and decoding as core/json gives them to Lua: integers stay integers, an
-- empty table is an object unless json.array made it, null is a light userdata.
local dkjson = require "dkjson"
local json = { null = require("cjson").null }
local array_mark = { __jsontype = "array" }

function json.array(list)
  return setmetatable(list or {}, array_mark)
end

function json.is_array(value)
  if type(value) ~= "table" then return false end
  local mark = getmetatable(value)
  return mark and mark.__jsontype == "array" or #value > 0
end

function json.decode(text)
  local value, _, message = dkjson.decode(text, 1, json.null)
  if message then error(message) end
  return value
end

-- Like the host's writer: an unmarked empty table is {}.
local function mark_objects(value)
  if type(value) ~= "table" then return value end
  local copy = setmetatable({}, json.is_array(value) and array_mark or { __jsontype = "object" })
  for key, inner in pairs(value) do copy[key] = mark_objects(inner) end
  return copy
end

function json.encode(value)
  return dkjson.encode(mark_objects(value), {
    exception = function (_, odd)
      if odd == json.null then return "null" end
      error("not JSON: " .. type(odd))
    end,
  })
end

function json.table(value)
  return value
end

package.loaded.json = json

local helper = { json = json, null = json.null, root = root }

local time = require "practice.time"
helper.wednesday = time.of(2026, 11, 25, 10, 30)

-- A practice organisation whose clock starts on a Wednesday morning; clock.now moves it. clock.sent holds the
-- webhooks that were sent: { url, headers, body (parsed) }.
function helper.open(seed)
  local clock = { now = helper.wednesday, sent = {} }
  local service = require("practice.service").new {
    seed = seed or 7, now = function () return clock.now end,
    deliver = function (url, headers, body)
      clock.sent[#clock.sent + 1] = { url = url, headers = headers, body = json.decode(body) }
    end,
  }
  return service, clock
end

-- The answer as it arrives: through JSON text and back.
local function arrived(answer)
  if answer.body ~= nil then answer.body = json.decode(json.encode(answer.body)) end
  return answer
end

local client = {}
client.__index = client

-- Signs in as the person of that first name.
function helper.client(service, first_name)
  for _, credential in ipairs(service:credentials()) do
    if credential.name:match("^%a+") == first_name then
      return setmetatable({
        service = service, key = credential.api_key, org = credential.org_id, name = credential.name,
      }, client)
    end
  end
  error("nobody called " .. first_name)
end

-- client:call("GET", "/organizations/{org}/tasks?page=2", body, headers)
function client:call(method, target, body, headers)
  local path, query = target:gsub("{org}", self.org):match("^([^?]*)%??(.*)$")
  local all = {
    authorization = "Bearer " .. self.key, ["x-tallyfy-client"] = "spec", host = "practice.local",
  }
  for name, value in pairs(headers or {}) do all[name] = value or nil end
  return arrived(self.service:handle {
    method = method, path = path, query = query, headers = all,
    body = body ~= nil and (type(body) == "string" and body or json.encode(body)) or "",
  })
end

function client:get(target, headers) return self:call("GET", target, nil, headers) end
function client:post(target, body, headers) return self:call("POST", target, body, headers) end
function client:put(target, body) return self:call("PUT", target, body) end
function client:delete(target) return self:call("DELETE", target) end

-- The first record of a list whose <key> is <value>.
function helper.find(list, key, value)
  for _, record in ipairs(list) do
    if record[key] == value then return record end
  end
  return nil
end

-- The template of that title with its steps, as the API shows it.
function client:template(title)
  local list = self:get("/organizations/{org}/checklists?per_page=100").body.data
  local id = assert(helper.find(list, "title", title), "no template " .. title).id
  return self:get("/organizations/{org}/checklists/" .. id .. "?with=steps").body.data
end

return helper
