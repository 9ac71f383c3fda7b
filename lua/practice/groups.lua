-- Groups of members and guests (api.md 10). Reading is open to everybody, writing asks for the right to
-- manage groups.
local activity = require "practice.engine.activity"
local answers = require "practice.answers"
local check = require "practice.check"
local includes = require "practice.includes"
local json = require "json"
local lists = require "practice.lists"
local people = require "practice.people"
local problem = require "practice.problem"
local store = require "practice.store"

local groups = {}

local sort_keys = {
  name = function (group) return group.name:lower() end,
  created_at = function (group) return group.created_at end,
  updated_at = function (group) return group.last_updated end,
}

local function list(request)
  local words = lists.words(request:text("q") or "")
  local found = lists.filter(request.organization.groups.list, function (group)
    return lists.has_words(group.name .. " " .. (group.description or ""), words)
  end)
  local word, descending = answers.sort_words(request)
  answers.sort(found, sort_keys[word] or sort_keys.created_at, descending)
  return answers.list(request, found, { default = 10, maximum = 100 }, function (group)
    return includes.render("group", group, request)
  end)
end

local function find(request)
  local group = request.organization.groups:get(request.params.group_id)
  if not group then problem.not_found() end
  return group
end

local function view(request, group, status)
  return answers.one(includes.render("group", group, request), status)
end

local function get(request)
  return view(request, find(request))
end

-- Names are unique in an organisation, case aside.
local function name_of(request, body, group)
  local name = body:text("name", 200)
  for _, other in ipairs(name and request.organization.groups.list or {}) do
    if other ~= group and other.name:lower() == name:lower() then
      body:fail("name", "The name has already been taken.")
    end
  end
  return name
end

local function member_of(request, value)
  local id = type(value) ~= "table" and math.tointeger(tonumber(value))
  return id and store.member(request.organization, id) and id
end

-- A list of the body in its stored form, or nil when absent.
local function people_of(request, body, key, read)
  local given = body:list(key)
  if not given then return nil end
  local kept = json.array({})
  for i, value in ipairs(given) do
    local one = read(request, value)
    if not one then body:fail(("%s.%d"):format(key, i - 1), ("The selected %s is invalid."):format(key)) end
    lists.add_once(kept, one)
  end
  return kept
end

local function email_of(_, value)
  return people.is_email(value) and value
end

local function fields_of(request, body, group)
  return {
    name = name_of(request, body, group), description = body:required("description")
      and body:text("description"), logo = body:text("logo"),
    members = people_of(request, body, "members", member_of),
    guests = people_of(request, body, "guests", email_of),
  }
end

local function create(request)
  local body = check.new(request:body())
  body:required("name")
  local fields = fields_of(request, body)
  body:done()
  fields.id, fields.created_at, fields.last_updated = request.world.ids:id("group"), request.now, request.now
  fields.members, fields.guests = fields.members or json.array({}), fields.guests or json.array({})
  activity.note(request, "created", "group", fields)
  return view(request, request.organization.groups:add(fields), 201)
end

-- A list that is present replaces, an absent one is kept (default chosen; a switch empties it). 201, as the
-- real API answers.
local function update(request)
  local group = find(request)
  local body = check.new(request:body())
  local fields = fields_of(request, body, group)
  body:done()
  if request.world.switches.groups_detach then
    fields.members, fields.guests = fields.members or json.array({}), fields.guests or json.array({})
  end
  for key, value in pairs(fields) do group[key] = value end
  group.last_updated = request.now
  activity.note(request, "updated", "group", group)
  return view(request, group, 201)
end

-- For good. Members and guests survive; tasks and steps lose the group (default chosen).
local function remove(request)
  local group = find(request)
  people.release(request.organization, "groups", group.id)
  people.strike(request.organization, "groups", group.id)
  request.organization.groups:remove(group)
  activity.note(request, "deleted", "group", group)
  return answers.empty()
end

groups.routes = {
  { "GET", "/organizations/{org}/groups", list },
  { "POST", "/organizations/{org}/groups", create, role = "manage_groups" },
  { "GET", "/organizations/{org}/groups/{group_id}", get },
  { "PUT", "/organizations/{org}/groups/{group_id}", update, role = "manage_groups" },
  { "DELETE", "/organizations/{org}/groups/{group_id}", remove, role = "manage_groups" },
}

return groups
