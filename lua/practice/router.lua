-- Finds the handler of a method and path, in the order of checks that the real API shows: route (404),
-- token (401), membership (403), role (403); object, body and business rule are the handler's. A route
-- is { method, pattern, handler, role = "admin", "standard" or "manage_groups", open = true for no token,
-- application = true for an application's token instead of a person's }. Patterns are
-- segments; "{name}" takes one segment, percent-decoded, into request.params. A literal segment wins
-- over a placeholder.
local access = require "practice.access"
local problem = require "practice.problem"
local rates = require "practice.rates"
local request_of = require "practice.request"

local router = {}
router.__index = router

local function node()
  return { children = {}, handlers = {} }
end

function router.new()
  return setmetatable({ root = node(), routes = {} }, router)
end

-- Adds the routes of one resource.
function router:add(routes)
  for _, route in ipairs(routes) do
    self.routes[#self.routes + 1] = route
    local place, names = self.root, {}
    for segment in route[2]:gmatch("[^/]+") do
      local name = segment:match("^{(.+)}$")
      if name then names[#names + 1] = name end
      local key = name and "{}" or segment
      place.children[key] = place.children[key] or node()
      place = place.children[key]
    end
    assert(not place.handlers[route[1]], "route given twice: " .. route[1] .. " " .. route[2])
    place.handlers[route[1]] = {
      handler = route[3], role = route.role, open = route.open, application = route.application,
      names = names,
    }
  end
end

-- The entry for <segments> from position <i> on; <values> collects what placeholders took.
local function find(place, segments, i, method, values)
  if i > #segments then return place.handlers[method] end
  local literal = place.children[segments[i]]
  local entry = literal and find(literal, segments, i + 1, method, values)
  if entry then return entry end
  local any = place.children["{}"]
  if not any then return nil end
  values[#values + 1] = segments[i]
  entry = find(any, segments, i + 1, method, values)
  if not entry then values[#values] = nil end
  return entry
end

-- Both base addresses are served: the root and /api.
local function split(path)
  local segments = {}
  for segment in path:gmatch("[^/]+") do segments[#segments + 1] = request_of.decode(segment) end
  if segments[1] == "api" then table.remove(segments, 1) end
  return segments
end

-- The answer of the API: { status, body, headers }. Raises only what is a defect.
function router:handle(request)
  local ok, answer = pcall(function ()
    local values = {}
    local method = request.method == "HEAD" and "GET" or request.method
    request.routes = self.routes
    local entry = find(self.root, split(request.path), 1, method, values)
    if not entry then problem.no_route() end
    for i, name in ipairs(entry.names) do request.params[name] = values[i] end
    if entry.application then
      access.authenticate_application(request, request.params.org)
    elseif not entry.open then
      access.authenticate(request)
      rates.request(request.world, request.account, request.now)
      if request.params.org then access.enter(request, request.params.org) end
    end
    if entry.role then access.require_role(request, entry.role) end
    return entry.handler(request)
  end)
  if ok then return answer end
  if not problem.is(answer) then error(answer, 0) end
  return { status = answer.status, body = answer.body, headers = answer.headers }
end

return router
