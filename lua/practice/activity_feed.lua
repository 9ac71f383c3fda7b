-- The activity feed (api.md 22): what engine/activity.lua wrote down, newest first, with many filters.
local access = require "practice.access"
local activity_view = require("practice.includes").activity
local answers = require "practice.answers"
local json = require "json"
local lists = require "practice.lists"
local problem = require "practice.problem"
local time = require "practice.time"

local feed = {}

local entity_types = { "checklist", "run", "step", "task", "thread" }

local function invalid(key, message)
  problem.invalid { [key] = json.array({ message }) }
end

local function moment(request, key)
  local text = request:text(key)
  local seconds = text and time.parse(text)
  if text and not seconds then invalid(key, ("The %s is not a valid date."):format(key)) end
  return seconds, text and #text == 10
end

local function words(request)
  local text = request:text("search")
  if text and (utf8.len(text) or 0) < 2 or text and #text > 100 then
    invalid("search", "The search must be between 2 and 100 characters.")
  end
  return lists.words(text or "")
end

local function entity(request)
  local kind, id = request:text("entity_type"), request:text("entity_id")
  if kind and not lists.has(entity_types, kind) then
    invalid("entity_type", "The selected entity_type is invalid: use one of " .. table.concat(entity_types, ", ") .. ".")
  end
  return kind, id
end

-- An entity's feed holds what happened to it and to what belongs to it: the tasks of a process.
local function about(row, kind, id)
  if (not kind or row.kind == kind) and (not id or row.subject_id == id) then return true end
  return id ~= nil and (not kind or row.parent_kind == kind) and row.parent_id == id
end

local function actor_id(request)
  local id = math.tointeger(tonumber(request:text("actor_id")))
  local email = request:text("actor_email")
  for _, member in ipairs(email and request.organization.members.list or {}) do
    if member.email:lower() == email:lower() then return member.id end
  end
  return email and -1 or id
end

local function is_user_class(text)
  return text == "User" or text == "App\\Models\\User"
end

local function plain_filters(request)
  local kind, verb, source = request:text("type"), request:text("verb"), request:text("source")
  local field, actor, by = request:text("field"), actor_id(request), request:text("actor_type")
  return function (row)
    return (not kind or row.type == kind) and (not verb or row.verb == verb) and (not source or row.source == source)
      and (not field or row.field == field) and (not actor or row.actor_id == actor)
      and (not by or (row.actor_id ~= nil and is_user_class(by)))
  end
end

local function matches(request)
  local kind, id = entity(request)
  local plain, wanted = plain_filters(request), words(request)
  local after = moment(request, "created_after")
  local before, whole_day = moment(request, "created_before")
  if before and whole_day then before = before + time.day - 1 end
  return function (row)
    return about(row, kind, id) and plain(row) and (not after or row.created_at >= after)
      and (not before or row.created_at <= before)
      and (#wanted == 0 or lists.has_words(("%s %s %s"):format(row.description, row.subject_name or "",
        row.text or ""), wanted))
  end
end

-- What a light member may not see is not in their feed.
local function visible(request, row)
  if request.member.role ~= "light" or row.actor_id == request.member.id then return true end
  local organization = request.organization
  for _, place in ipairs { { row.kind, row.subject_id }, { row.parent_kind, row.parent_id } } do
    local run = place[1] == "run" and organization.runs:get(place[2])
    local task = place[1] == "task" and organization.tasks:get(place[2])
    if (run and access.sees_run(organization, request.member, run))
      or (task and access.sees_task(organization, request.member, task)) then
      return true
    end
  end
  return false
end

-- Newest first; rows are written in that order, except where X-Practice-Now moved the clock.
local function newest_first(found)
  for i = 2, #found do
    if found[i].created_at > found[i - 1].created_at then
      table.sort(found, function (a, b)
        if a.created_at ~= b.created_at then return a.created_at > b.created_at end
        return a.id > b.id
      end)
      return
    end
  end
end

-- sort=created_at turns the order around; the maximum of per_page is default chosen.
local function list(request)
  local wanted = matches(request)
  local rows, found = request.organization.activities, {}
  for i = #rows, 1, -1 do
    if wanted(rows[i]) and visible(request, rows[i]) then found[#found + 1] = rows[i] end
  end
  newest_first(found)
  local word, descending = answers.sort_words(request)
  if word == "created_at" and not descending then
    for i = 1, #found // 2 do found[i], found[#found + 1 - i] = found[#found + 1 - i], found[i] end
  end
  return answers.list(request, found, { default = 20, maximum = 100 }, function (row) return activity_view(request, row) end)
end

feed.routes = {
  { "GET", "/organizations/{org}/activity-feeds", list },
}

return feed
