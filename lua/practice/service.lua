-- The practice organisation as one function: a request in, an answer out. Knows no sockets: the listener in
-- core/practice calls handle(), and so do the specs.
-- A request is { method, path, query, headers (lower-case names), body }. An answer is
--   { status, headers?, body? (a value for JSON), text? + content_type? (instead of body), delay? (ms),
--     delivery? = "hang" | "cut" | "drip" (with pause, ms) | "huge" (with bytes) }.
local access = require "practice.access"
local control = require "practice.control"
local expiry = require "practice.engine.expiry"
local faults = require "practice.faults"
local clock = require "practice.clock"
local router = require "practice.router"
local request_of = require "practice.request"
local seed = require "practice.data.seed"
local switches = require "practice.switches"
local task_lists = require "practice.task_lists"
local time = require "practice.time"

local service = {}
service.__index = service

local resources = {
  "sign_in", "users", "members", "organization", "guests", "groups", "folders", "tags", "watchers",
  "checklists", "checklist_edits", "steps", "captures", "automations", "custom_fields", "field_keys",
  "snippets", "connector", "runs", "run_edits", "tasks", "one_offs", "form_values",
  "threads", "files", "activity_feed", "search",
}

local function routes()
  local table_of_routes = router.new()
  for _, name in ipairs(resources) do table_of_routes:add(require("practice." .. name).routes) end
  table_of_routes:add {
    { "GET", "/health", function () return { status = 200, body = { status = "ok" } } end, open = true },
  }
  return table_of_routes
end

-- <options> = { seed = integer, scale = "small" | "large", now = function giving seconds since 1970,
-- deliver = function (url, headers, body) that sends a webhook, or nil }.
function service.new(options)
  local self = setmetatable({ options = options, router = routes() }, service)
  self.clock = clock.new(options.now)
  self:reset()
  return self
end

function service:reset()
  self.clock:reset()
  collectgarbage("stop") -- nearly all that is made now stays
  self.world = seed.world {
    seed = self.options.seed, scale = self.options.scale, now = function () return self.clock:now() end,
  }
  self.world.deliver = self.options.deliver -- only now: what happened in the past is told to nobody
  for _, organization in ipairs(self.world.organizations) do task_lists.prepare(self.world, organization) end
  collectgarbage("restart")
  self.snapshots = {}
  self.faults = faults.new()
  self.log = control.log()
end

-- The people one can sign in as: a list of { name, role, api_key, org_id, org_name }.
function service:credentials()
  local list = {}
  for _, account in ipairs(self.world.accounts) do
    for _, place in ipairs(account.memberships) do
      if account.offered then
        list[#list + 1] = {
          name = place.member.full_name, role = place.member.role, api_key = account.key,
          org_id = place.organization.id, org_name = place.organization.name,
        }
      end
    end
  end
  return list
end

local function bad_header(name, message)
  return { status = 400, body = { error = true, message = name .. ": " .. message } }
end

-- A moment that cannot be read would be ignored silently: refuse it.
local function bad_moment(raw)
  local text = raw.headers["x-practice-now"]
  if not text or time.parse(text) then return nil end
  return bad_header("X-Practice-Now", "use ISO 8601, for instance 2026-12-01T09:00:00Z")
end

-- A write may change what ordered lists remember (ordering.lua): they look again afterwards.
function service:answer(raw)
  local reads = raw.method == "GET" or raw.method == "HEAD"
  if not reads then self.world.version = self.world.version + 1 end
  local request = request_of.new(raw, self.world)
  if expiry.advance(self.world, request.now) then self.world.version = self.world.version + 1 end
  local answer = self.router:handle(request)
  if not reads then self.world.version = self.world.version + 1 end
  return switches.dress(self.world, answer)
end

function service:handle(raw)
  local controlled = control.handle(self, raw)
  if controlled then return controlled end
  local account = access.account(self.world, raw.headers)
  local who = account and account.name
  local row = control.note(self.log, raw, who)
  local due, message = self.faults:due(raw, who)
  local answer = message and bad_header("X-Practice-Fault", message) or bad_moment(raw)
    or faults.front(due) or self:answer(raw)
  row.status = answer.status
  return faults.spoil(due, answer)
end

return service
