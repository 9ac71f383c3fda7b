-- Control routes under /practice/: for tests and demonstrations, not part of the API, without credentials.
--   POST /practice/faults    {fault, times?, method?, path_prefix?, path_contains?, who?}: see faults.lua
--   DELETE /practice/faults  forget all faults
--   GET /practice/requests   what was received, oldest first: method, path, query, body, who, status; no key
--   DELETE /practice/requests
--   POST /practice/reset     the world as it was at start, no faults, an empty log, the host's time
--   POST /practice/snapshot  {name?}: keeps the world as it is now, and the clock; at most 8 names
--   POST /practice/restore   {name?}: goes back to it, as often as wanted
--   GET /practice/clock      what time it is here
--   POST /practice/clock     {now: moment} or {advance: {value, unit}}, frozen?: moves it; it runs on unless frozen
--   DELETE /practice/clock   the host's time again
--   GET, PUT /practice/switches  {name: value}: see switches.lua
local check = require "practice.check"
local faults = require "practice.faults"
local json = require "json"
local lists = require "practice.lists"
local ordering = require "practice.ordering"
local problem = require "practice.problem"
local request_of = require "practice.request"
local snapshot = require "practice.snapshot"
local switches = require "practice.switches"
local time = require "practice.time"

local control = {}

local max_requests, max_body, max_snapshots = 1000, 16384, 8

-- The log: a ring of the last requests.
function control.log()
  return { rows = {}, total = 0 }
end

-- JSON as it is, other text as text, too much of either as its size. A form goes to the token endpoint only:
-- its secrets are nobody's business.
local function body_for_log(body, path)
  if body == "" then return json.null end
  if path:find("/oauth/", 1, true) then return "(a form with secrets)" end
  if #body > max_body or not utf8.len(body) then return ("(%d bytes)"):format(#body) end
  local parsed = request_of.parse_json(body)
  if parsed == nil then return body end
  return parsed
end

-- Writes down a request; the returned row gets its status later.
function control.note(log, raw, who)
  log.total = log.total + 1
  local row = {
    number = log.total, method = raw.method, path = raw.path, query = raw.query or "",
    body = body_for_log(raw.body or "", raw.path), who = lists.or_null(who), status = json.null,
  }
  log.rows[(log.total - 1) % max_requests + 1] = row
  return row
end

local function requests(service, raw)
  local query = request_of.new({ query = raw.query }, service.world)
  local prefix, method = query:text("path_prefix"), query:text("method")
  local log, rows = service.log, json.array({})
  for number = math.max(1, log.total - max_requests + 1), log.total do
    local row = log.rows[(number - 1) % max_requests + 1]
    if (not prefix or row.path:sub(1, #prefix) == prefix) and (not method or row.method == method) then
      rows[#rows + 1] = row
    end
  end
  return { status = 200, body = { data = rows, total = log.total } }
end

local function add_fault(service, raw)
  local body = check.new(request_of.new(raw, service.world):body())
  local text = body:required("fault") and body:text("fault")
  local items, message
  if text then
    items, message = faults.parse(text)
    if not items then body:fail("fault", message) end
  end
  local times = body:integer("times")
  local rule = {
    items = items, method = body:text("method"), path_prefix = body:text("path_prefix"),
    path_contains = body:text("path_contains"), who = body:text("who"),
  }
  body:done()
  for _, item in ipairs(times and items or {}) do item.times = times end
  if not service.faults:add(rule) then
    problem.refused("There are 100 faults waiting already: POST /practice/reset forgets them.")
  end
  return { status = 201, body = { message = "The fault waits for its requests." } }
end

local function name_of(service, raw)
  local body = check.new(request_of.new(raw, service.world):body())
  local name = body:text("name", 64) or "default"
  return body, name
end

local function take_snapshot(service, raw)
  local body, name = name_of(service, raw)
  body:done()
  local count = 0
  for _ in pairs(service.snapshots) do count = count + 1 end
  if count >= max_snapshots and not service.snapshots[name] then
    problem.refused(("There are %d snapshots already: take one again by its name."):format(count))
  end
  -- What lists remember can be worked out again: no need to keep it twice.
  for _, organization in ipairs(service.world.organizations) do ordering.forget(organization) end
  service.snapshots[name] = {
    world = snapshot.copy(service.world), offset = service.clock.offset, frozen_at = service.clock.frozen_at,
  }
  return { status = 201, body = { data = { name = name } } }
end

local function restore_snapshot(service, raw)
  local body, name = name_of(service, raw)
  local kept = service.snapshots[name]
  if not kept then body:fail("name", ("There is no snapshot %q."):format(name)) end
  body:done()
  service.world = snapshot.copy(kept.world)
  service.clock.offset, service.clock.frozen_at = kept.offset, kept.frozen_at
  return { status = 200, body = { data = { name = name } } }
end

-- The moment that a body asks for: now, or so much later than it is.
local function moment_asked(service, body)
  local advance = body:object("advance")
  if not advance then return body:required("now") and body:moment("now") end
  local value = math.tointeger(tonumber(lists.given(advance.value)))
  local moment = value and time.add(service.clock:now(), value, advance.unit)
  if not moment then
    body:fail("advance", "The advance must be {value, unit}: a whole number of minutes, hours, days, weeks or "
      .. "months.")
  end
  return moment
end

local function move_clock(service, raw)
  local body = check.new(request_of.new(raw, service.world):body())
  local moment, frozen = moment_asked(service, body), body:flag("frozen")
  body:done()
  service.clock:set(moment, frozen or false)
  service.world.version = service.world.version + 1
  return { status = 200, body = { data = service.clock:view() } }
end

local function set_switches(service, raw)
  local body = check.new(request_of.new(raw, service.world):body())
  local values = lists.copy(service.world.switches)
  switches.set(values, body.body, function (name, message) body:fail(name, message) end)
  body:done()
  service.world.switches = values
  return { status = 200, body = { data = switches.view(values) } }
end

local routes = {
  ["POST /practice/faults"] = add_fault,
  ["DELETE /practice/faults"] = function (service)
    service.faults:clear()
    return { status = 204 }
  end,
  ["GET /practice/requests"] = requests,
  ["DELETE /practice/requests"] = function (service)
    service.log = control.log()
    return { status = 204 }
  end,
  ["POST /practice/snapshot"] = take_snapshot,
  ["POST /practice/restore"] = restore_snapshot,
  ["POST /practice/clock"] = move_clock,
  ["GET /practice/clock"] = function (service)
    return { status = 200, body = { data = service.clock:view() } }
  end,
  ["DELETE /practice/clock"] = function (service)
    service.clock:reset()
    service.world.version = service.world.version + 1
    return { status = 204 }
  end,
  ["GET /practice/switches"] = function (service)
    return { status = 200, body = { data = switches.view(service.world.switches) } }
  end,
  ["PUT /practice/switches"] = set_switches,
  ["POST /practice/reset"] = function (service)
    service:reset()
    return { status = 200, body = { message = "The practice organisation is as it was at start." } }
  end,
}

-- The answer of a control route, or nil for any other path.
function control.handle(service, raw)
  if raw.path:sub(1, 10) ~= "/practice/" then return nil end
  local handler = routes[raw.method .. " " .. raw.path]
  local ok, answer = pcall(function ()
    if not handler then problem.no_route() end
    return handler(service, raw)
  end)
  if ok then return answer end
  if not problem.is(answer) then error(answer, 0) end
  return { status = answer.status, body = answer.body }
end

return control
