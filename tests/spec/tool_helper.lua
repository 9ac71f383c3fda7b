-- tool_helper.lua - runs a tool file as the host does, against the practice organisation, without the host:
-- `use`, the words in state mode, and a call.api whose requests are counted. Loaded with dofile.
local root = (debug.getinfo(1, "S").source:match("^@(.*)tests/spec/") or "./")
local practice = dofile(root .. "tests/spec/practice_helper.lua")
local json = practice.json

local helper = { json = json, practice = practice }

local function load_file(path, env, ...)
  return assert(loadfile(root .. path, "t", env))(...)
end

-- A world with the tool words; <sink> receives the tool.
local function new_world(sink)
  local world = setmetatable({ json = json }, { __index = _G })
  local modules = {}
  function world.use(name)
    modules[name] = modules[name] or load_file("lua/" .. name:gsub("%.", "/") .. ".lua", world)
    return modules[name]
  end
  for name, word in pairs(load_file("lua/words.lua", world, "state", sink)) do world[name] = word end
  return world
end

function helper.use(name)
  return new_world({}).use(name)
end

local function encode_query(query)
  local names, parts = {}, {}
  for name in pairs(query or {}) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    local value = tostring(query[name]):gsub("[^%w%-_.~,]", function (c) return ("%%%02X"):format(c:byte()) end)
    parts[#parts + 1] = name .. "=" .. value
  end
  return #parts > 0 and "?" .. table.concat(parts, "&") or ""
end

local api = {}
api.__index = api

local function first_error(body)
  local errors = type(body) == "table" and body.errors or {}
  local field, messages = next(errors)
  if field then return field, type(messages) == "table" and messages[1] or messages end
  return nil, type(body) == "table" and body.message or nil
end

function api:send(method, path, params)
  params = params or {}
  local target = path:gsub("{([%w_]+)}", function (name) return name ~= "org" and tostring(params[name]) or nil end)
  self.sent[#self.sent + 1] = method .. " " .. path
  if method ~= "GET" then
    self.written[#self.written + 1] = { line = method .. " " .. path, params = params, body = params.body }
  end
  local answer = self.fail and self.fail(method, path)
    or self.client:call(method, target .. encode_query(params.query), params.body)
  if answer.status >= 400 then
    local field, message = first_error(answer.body)
    return nil, { code = "http_" .. answer.status, status = answer.status, field = field, message = message or "failed" }
  end
  if type(answer.body) ~= "table" then return true end
  if answer.body.data ~= nil then return answer.body.data, answer.body end
  return answer.body, answer.body
end

for name, method in pairs { get = "GET", post = "POST", put = "PUT", delete = "DELETE" } do
  api[name] = function (self, path, params) return self:send(method, path, params) end
end

function api:pages(path, params)
  local items, number = json.array(), 1
  while true do
    local query = { page = number }
    for name, value in pairs(params and params.query or {}) do query[name] = value end
    local turn = { query = query }
    for name, value in pairs(params or {}) do turn[name] = turn[name] or value end
    local page, whole = self:get(path, turn)
    if not page then return nil, whole end
    for _, item in ipairs(page) do items[#items + 1] = item end
    local pagination = whole.meta and whole.meta.pagination
    if not pagination or number >= pagination.total_pages then return items, nil, true end
    number = number + 1
  end
end

-- Stands for call.date, which is C (tests/date): it reads ISO 8601 only.
local function find_date(text)
  local due, err = dofile(root .. "tests/spec/iso_deadline.lua").parse(text)
  if not due then return nil, err end
  local has_time = text:match("%d%d:%d%d") ~= nil
  return { due = due, words = due .. " UTC", has_time = has_time, iso = text:match("%d%d%d%d%-%d%d%-%d%d") }
end

-- helper.person(service, "Amelia"): runs tools as that person. person:run("tasks/get_task", args) gives the
-- result, or nil and the error, of resources and prompts as well; person.api.sent lists the requests, person.api.written
-- what those that are no GET carried: { line =, params =, body = };
-- person.api.fail(method, path) can answer instead.
local person = {}
person.__index = person

function helper.person(service, first_name)
  local client = practice.client(service, first_name)
  local who = setmetatable({ client = client, api = setmetatable({ client = client, sent = {}, written = {} }, api) }, person)
  local me = client:get("/organizations/{org}/me").body.data
  local organization = client:get("/organizations/{org}").body.data
  who.me = me
  who.call = {
    api = who.api, json = json,
    user = { id = me.id, name = me.full_name, email = me.email, role = me.role },
    org = { id = client.org, name = organization.name, timezone = organization.timezone },
    log = function () end, progress = function () end, date = { find = find_date },
    today = function () return "2026-11-25" end,
    host = {
      name = "tallyhost", version = "0.0.0",
      tools = function () return who.tools or {} end,
      resources = function () return who.resources or {} end,
      prompts = function () return who.prompts or {} end,
      limits = function ()
        return { requests = 100, call_seconds = 60, result_kilobytes = 1024, calls_at_once = 4, calls_waiting = 16,
          session_idle_minutes = 60 }
      end,
    },
  }
  return who
end

local function load_item(file)
  local sink = {}
  load_file("tools.lua.d/" .. file .. ".lua", new_world(sink))
  assert(sink.name == file:match("[^/]+$"), "it has another name than its file")
  return sink.tool
end

function person:run(file, args)
  self.api.sent, self.api.written = {}, {}
  return load_item(file).run(args or {}, self.call)
end

-- What completion/complete would offer for <argument> of a prompt or a resource.
function person:complete(file, argument, value, known)
  self.api.sent = {}
  return load_item(file).complete(argument, value, known or {}, self.call)
end

return helper
