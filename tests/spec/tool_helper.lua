-- tool_helper.lua - runs a tool file as the host does, against the practice organisation, without the host:
-- `use`, the words in state mode, and a call.api whose requests are counted. Loaded with dofile.
local root = (debug.getinfo(1, "S").source:match("^@(.*)tests/spec/") or "./")
local practice = dofile(root .. "tests/spec/practice_helper.lua")

-- As the host has it: bad text is nil and a message.
local json = setmetatable({}, { __index = practice.json })

function json.decode(text)
  local fine, value = pcall(practice.json.decode, text)
  if fine then return value end
  return nil, tostring(value)
end

-- In the host answers and arguments are views, which this copies. Here they are tables: a tool that changed them would
-- change what is stored, or what the next reading gives.
function json.table(value)
  if type(value) ~= "table" or value == json.null then return value end
  local copy = json.is_array(value) and json.array() or {}
  for key, inner in pairs(value) do copy[key] = json.table(inner) end
  return copy
end

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

function api:send(method, path, params, headers)
  params = params or {}
  local target = path:gsub("{([%w_]+)}", function (name) return name ~= "org" and tostring(params[name]) or nil end)
  self.sent[#self.sent + 1] = method .. " " .. path
  if method ~= "GET" then
    self.written[#self.written + 1] = { line = method .. " " .. path, params = params, body = params.form or params.body,
      file = params.file }
  end
  local answer = self.fail and self.fail(method, path)
    or self.client:call(method, target .. encode_query(params.query), params.body, headers)
  if answer.status >= 400 then
    local field, message = first_error(answer.body)
    return nil, { code = "http_" .. answer.status, status = answer.status, field = field, message = message or "failed" }
  end
  if answer.text and answer.text ~= "" then return answer.text, answer.text end -- a file
  if type(answer.body) ~= "table" then return true end
  if answer.body.data ~= nil then return answer.body.data, answer.body end
  return answer.body, answer.body
end

-- Files, with the rules of the host (lua/README.md). One limit is smaller here, so that specs stay quick.
helper.upload_bytes = 1048576

local function from_base64(text)
  local digits, bits, count, bytes = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 0, 0, {}
  for digit in text:gsub("[%s=]", ""):gmatch(".") do
    local value = digits:find(digit, 1, true)
    if not value then return nil end
    bits, count = (bits << 6 | value - 1) & 0xfff, count + 6
    if count >= 8 then
      count = count - 8
      bytes[#bytes + 1] = string.char(bits >> count & 0xff)
    end
  end
  return table.concat(bytes)
end

local function upload_fault(code, field, message)
  return nil, { code = code, field = field, message = message }
end

function api:upload(path, params, file)
  local name = file.name:gsub("^.*[/\\]", ""):gsub("[%c\"'`<>|:*?]", "_"):gsub("^[ .]+", ""):gsub("[ .]+$", "")
  local content = file.content or from_base64(file.base64)
  if name == "" or not utf8.len(name) then return upload_fault("invalid_value", "name", "The name of the file is empty.") end
  if not content then return upload_fault("invalid_value", "content", "The content of the file is no base64.") end
  if #content > helper.upload_bytes then return upload_fault("too_large", "content", "The file has too many bytes.") end
  local parts, mark = {}, "--" .. ("%x"):rep(4, "-"):format(math.random(0), math.random(0), math.random(0), math.random(0))
  for key, value in pairs(params.body or {}) do
    parts[#parts + 1] = ('%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'):format(mark, key, value)
  end
  parts[#parts + 1] = ('%s\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\nContent-Type: %s\r\n\r\n'):format(
    mark, file.field or "name", name, file.type or "application/octet-stream") .. content .. "\r\n" .. mark .. "--\r\n"
  return self:send("POST", path, { body = table.concat(parts), file = file, form = params.body },
    { ["content-type"] = "multipart/form-data; boundary=" .. mark:sub(3) })
end

function api:download(path, params)
  local value, whole = self:send("GET", path, params)
  if value == nil then return nil, whole end
  if value == true then return "" end
  return type(value) == "string" and value or json.encode(whole)
end

for name, method in pairs { get = "GET", post = "POST", put = "PUT", patch = "PATCH", delete = "DELETE" } do
  api[name] = function (self, path, params) return self:send(method, path, params) end
end

-- One after the other here; api.widest is the most requests that were sent at once.
function api:all(requests)
  self.widest = math.max(self.widest or 0, #requests)
  local answers = {}
  for index, request in ipairs(requests) do
    local value, whole = self[request[1]](self, request[2], request[3])
    answers[index] = value and { value = value, whole = whole } or { error = whole }
  end
  return answers
end

function api:pages(path, params, more)
  local items, number, most = json.array(), 1, more and more.max or 1000
  while true do
    local query = { page = number }
    for name, value in pairs(params and params.query or {}) do query[name] = value end
    local turn = { query = query }
    for name, value in pairs(params or {}) do turn[name] = turn[name] or value end
    local page, whole = self:get(path, turn)
    if not page then return nil, whole end
    for _, item in ipairs(page) do
      if #items == most then return items, nil, false end
      items[#items + 1] = item
    end
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
-- what those that are no GET carried: { line =, params =, body =, file = (of an upload) };
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
    -- person.answer(question) stands for the client: without it nobody can be asked.
    ask = function (question)
      who.asked[#who.asked + 1] = question
      if not who.answer then return nil, { code = "cannot_ask", message = "This client cannot be asked." } end
      return who.answer(question)
    end,
    log = function () end, progress = function () end, date = { find = find_date },
    today = function () return "2026-11-25" end,
    base64 = function (bytes) return "base64:" .. #bytes end, -- how long is enough here
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
  self.api.sent, self.api.written, self.asked = {}, {}, {}
  return load_item(file).run(args or {}, self.call)
end

-- What its card would show: that a preview only reads is the host's to see to, and to be asserted (person.api.written).
function person:preview(file, args)
  self.api.sent, self.api.written, self.asked = {}, {}, {}
  return load_item(file).preview(args or {}, self.call)
end

-- What completion/complete would offer for <argument> of a prompt or a resource.
function person:complete(file, argument, value, known)
  self.api.sent = {}
  return load_item(file).complete(argument, value, known or {}, self.call)
end

return helper
