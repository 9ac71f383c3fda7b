-- The organisation itself, and what its members may change about themselves (api.md 7).
local activity = require "practice.engine.activity"
local answers = require "practice.answers"
local check = require "practice.check"
local includes = require "practice.includes"
local people = require "practice.people"
local problem = require "practice.problem"
local shapes = require "practice.shapes"
local zones = require "practice.zones"

local organization = {}

local texts = { "name", "description", "industry", "address1", "address2", "country", "state", "city",
  "zipcode", "webhook_date_field_format" }

local function get(request)
  return answers.one(shapes.organization(request.organization))
end

-- Keys that are absent stay as they are.
local function update(request)
  local body = check.new(request:body())
  local given = {}
  for _, key in ipairs(texts) do given[key] = body:text(key, 255) end
  given.timezone = body:text("timezone")
  if given.timezone and not zones.known(given.timezone) then
    body:fail("timezone", "The timezone must be a valid zone, for instance Europe/London.")
  end
  if given.name == "" then body:fail("name", "The name field is required.") end
  body:done()
  for key, value in pairs(given) do request.organization[key] = value end
  request.organization.last_updated = request.now
  activity.note(request, "updated", "organization", request.organization)
  return answers.one(shapes.organization(request.organization))
end

local function update_me(request)
  local body = check.new(request:body())
  local given = people.profile(body)
  body:done()
  people.apply(request.member, given, request.now)
  return answers.one(includes.render("member", request.member, request))
end

-- current-user/{id}/organizations: one's own only.
local function organizations_of(request)
  if request.params.user_id ~= tostring(request.account.id) then
    problem.forbidden("You can only list your own organizations.")
  end
  return answers.list(request, request.account.memberships, { default = 10, maximum = 100 }, function (place)
    return shapes.organization_of_member(place.organization, place.member)
  end)
end

organization.routes = {
  { "GET", "/organizations/{org}", get },
  { "PUT", "/organizations/{org}", update, role = "admin" },
  { "PUT", "/organizations/{org}/me", update_me },
  { "GET", "/current-user/{user_id}/organizations", organizations_of },
}

return organization
