-- Organisation-wide webhooks (api.md 21): who wants to be told, and where. The telling itself is the engine's.
local answers = require "practice.answers"
local check = require "practice.check"
local lists = require "practice.lists"
local problem = require "practice.problem"
local shapes = require "practice.shapes"

local watchers = {}
local max_watchers = 100

-- The path names oneself, by the id that /me shows.
local function add(request)
  if request.params.user_id ~= tostring(request.member.id) then
    problem.forbidden("You can only add watchers for yourself.")
  end
  local body = check.new(request:body())
  for _, key in ipairs { "object_type", "object_id", "notification_type", "webhook" } do body:required(key) end
  local watcher = {
    object_type = body:choice("object_type", { "organization" }), object_id = body:text("object_id"),
    notification_type = body:choice("notification_type", { "webhook" }),
    frequency = body:choice("frequency", { "electric" }) or "electric", webhook = body:url("webhook"),
  }
  if watcher.object_id and watcher.object_id ~= request.organization.id then
    body:fail("object_id", "The selected object_id is invalid: it must be this organization.")
  end
  body:done()
  if request.organization.watchers:count() >= max_watchers then
    problem.refused(("An organization can have %d watchers."):format(max_watchers))
  end
  watcher.id = 3100 + request.world.ids:count("watcher")
  watcher.user_id, watcher.created_at = request.member.id, request.now
  return answers.one(shapes.watcher(request.organization.watchers:add(watcher)))
end

local function list(request)
  local kind = request:text("notification")
  local found = lists.filter(request.organization.watchers.list, function (watcher)
    return not kind or watcher.notification_type == kind
  end)
  return answers.all(lists.map(found, shapes.watcher))
end

local function remove(request)
  local id = math.tointeger(tonumber(request.params.watcher_id))
  local watcher = id and request.organization.watchers:get(id)
  if not watcher then problem.not_found() end
  request.organization.watchers:remove(watcher)
  return { status = 200, body = { message = "Watcher removed" } }
end

watchers.routes = {
  { "POST", "/organizations/{org}/users/{user_id}/add-watcher", add, role = "admin" },
  { "GET", "/organizations/{org}/watchers", list, role = "admin" },
  { "DELETE", "/organizations/{org}/remove-watcher/{watcher_id}", remove, role = "admin" },
}

return watchers
