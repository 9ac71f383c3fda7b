-- Me and the members: listing and reading (api.md 7 and 8). Changing them is in members.lua.
local answers = require "practice.answers"
local includes = require "practice.includes"
local lists = require "practice.lists"
local problem = require "practice.problem"
local shapes = require "practice.shapes"
local store = require "practice.store"
local task_lists = require "practice.task_lists"

local users = {}

-- Members are few: the default page holds them all.
local member_page = { default = 9999 }

-- GET /me: the person in the first organisation where the account is active.
local function me(request)
  for _, place in ipairs(request.account.memberships) do
    if place.member.status == "active" then
      request.organization, request.member = place.organization, place.member
      return answers.one(includes.render("member", place.member, request))
    end
  end
  problem.unauthenticated()
end

local function my_organizations(request)
  local places = answers.sort(lists.map(request.account.memberships), function (place)
    return place.organization.name:lower()
  end)
  return answers.list(request, places, { default = 10, maximum = 100 }, function (place)
    return shapes.organization_of_member(place.organization, place.member)
  end)
end

local function me_here(request)
  return answers.one(includes.render("member", request.member, request))
end

local function by_words(words)
  return function (member)
    return lists.has_words(member.full_name .. " " .. member.email, words)
  end
end

local sort_keys = {
  name = function (member) return member.full_name:lower() end,
  email = function (member) return member.email:lower() end,
  created_at = function (member) return member.created_at end,
}

local function list(request)
  local words = lists.words(request:text("q") or "")
  local members = lists.filter(request.organization.members.list, by_words(words))
  local word, descending = answers.sort_words(request)
  answers.sort(members, sort_keys[word] or function (member) return member.id end, descending)
  return answers.list(request, members, member_page, function (member)
    return includes.render("member", member, request)
  end)
end

-- users-list: short rows of active and invited members, never paged.
local function short_list(request)
  local members = lists.filter(request.organization.members.list, function (member)
    return member.status ~= "disabled"
  end)
  return answers.all(lists.map(members, shapes.member_row))
end

-- The member of the path.
function users.find(request)
  local id = math.tointeger(tonumber(request.params.user_id))
  local member = id and store.member(request.organization, id)
  if not member then problem.not_found() end
  return member
end

local function get(request)
  return answers.one(includes.render("member", users.find(request), request))
end

local function tasks_of(request)
  return task_lists.of_member(request, users.find(request))
end

local function my_tasks(request)
  return task_lists.of_member(request, request.member)
end

users.routes = {
  { "GET", "/me", me },
  { "GET", "/me/organizations", my_organizations },
  { "GET", "/organizations/{org}/me", me_here },
  { "GET", "/organizations/{org}/me/tasks", my_tasks },
  { "GET", "/organizations/{org}/users", list },
  { "GET", "/organizations/{org}/users-list", short_list },
  { "GET", "/organizations/{org}/users/{user_id}", get, role = "admin" },
  { "GET", "/organizations/{org}/users/{user_id}/tasks", tasks_of },
}

return users
