-- Changing members: inviting, roles, disabling and enabling, leaving, becoming a guest (api.md 8).
local access = require "practice.access"
local activity = require "practice.engine.activity"
local answers = require "practice.answers"
local check = require "practice.check"
local includes = require "practice.includes"
local json = require "json"
local lists = require "practice.lists"
local people = require "practice.people"
local problem = require "practice.problem"
local shapes = require "practice.shapes"
local store = require "practice.store"
local users = require "practice.users"

local members = {}
local roles = { "admin", "standard", "light" }

local function view(request, member)
  return answers.one(includes.render("member", member, request))
end

local function require_seat(request, role)
  if request.world.switches.full_seats then problem.no_seat(role == "light" and "light" or "full") end
end

-- Bots and the default administrator stay as they are: 400.
local function refuse_protected(member)
  if member.is_default_admin or member.is_bot then
    problem.malformed("The default administrator and bots cannot be changed this way.")
  end
end

-- Who belongs to several organisations edits oneself only (422 by default choice), bots nobody.
local function update(request)
  local member = users.find(request)
  local body = check.new(request:body())
  local given = people.profile(body, { "first_name", "last_name", "timezone" })
  body:done()
  local places = 0
  for _, account in ipairs(request.world.accounts) do
    if account.id == member.id then places = #account.memberships end
  end
  if member.is_bot or (places > 1 and member ~= request.member) then
    problem.refused("Bots and members of several organizations cannot be edited by others.")
  end
  people.apply(member, given, request.now)
  return view(request, member)
end

-- Inviting is the administrators' affair, and every full member's where the organisation allows it.
local function require_inviter(request)
  local member = request.member
  local allowed = member.role ~= "light" and request.organization.allow_user_invite
  if not access.is_admin(member) and not allowed then problem.forbidden() end
end

local function invite(request)
  require_inviter(request)
  local body = check.new(request:body())
  local email = body:required("email") and body:text("email", 255)
  if email and not people.is_email(email) then
    body:fail("email", "The email must be a valid email address.")
  elseif email and people.member_by_email(request.organization, email) then
    body:fail("email", "The email has already been taken.")
  end
  local given = people.profile(body, { "first_name", "last_name" })
  local role = body:choice("role", roles) or "light"
  body:text("message", 5000)
  body:done()
  if role == "admin" and not access.is_admin(request.member) then
    problem.forbidden("Only administrators can invite administrators.")
  end
  require_seat(request, role)
  given.email, given.role, given.status, given.invited_by = email, role, "invited", request.member.id
  local member = people.add_member(request.world, request.organization, given, request.now)
  activity.note(request, "invited", "user", member)
  return view(request, member)
end

local function change_role(request)
  local member = users.find(request)
  local body = check.new(request:body())
  local role = body:required("role") and body:choice("role", roles)
  body:done()
  if role ~= "admin" then refuse_protected(member) end
  require_seat(request, role)
  member.role, member.last_updated = role, request.now
  return view(request, member)
end

-- with_reassignment=true moves open tasks to the member named by to.
local function heir_of(request, member)
  if not request:flag("with_reassignment") then return nil end
  local id = math.tointeger(tonumber(request:text("to")))
  local heir = id and store.member(request.organization, id)
  if not heir or heir == member or heir.status == "disabled" then
    problem.invalid { to = json.array({ "The to field must name another active member." }) }
  end
  return heir
end

-- The two routes differ in their documentation only: both disable at once.
local function disable(request)
  local member = users.find(request)
  refuse_protected(member)
  local heir = heir_of(request, member)
  if heir then
    people.release(request.organization, "users", member.id, { users = { heir.id } }, people.open_only)
  end
  member.status, member.disabled_at, member.disabled_by = "disabled", request.now, request.member.id
  member.last_updated = request.now
  activity.note(request, "disabled", "user", member)
  return view(request, member)
end

local function enable(request)
  local member = users.find(request)
  require_seat(request, member.role)
  if member.status == "disabled" then
    member.status = "active"
    member.disabled_at, member.disabled_by = nil, nil
    member.reactivated_at, member.reactivated_by = request.now, request.member.id
    member.activated_at, member.last_updated = member.activated_at or request.now, request.now
    activity.note(request, "enabled", "user", member)
  end
  return view(request, member)
end

-- For good; only who is disabled already (422 by default choice).
local function remove(request)
  local member = users.find(request)
  refuse_protected(member)
  if member.status ~= "disabled" then problem.refused("Disable the member first.") end
  people.release(request.organization, "users", member.id, nil, people.open_only)
  people.remove_member(request.world, request.organization, member)
  return view(request, member)
end

-- Open tasks keep the person, as a guest (default chosen).
local function to_guest(request)
  local member = users.find(request)
  refuse_protected(member)
  local organization = request.organization
  people.release(organization, "users", member.id, { guests = { member.email } }, people.open_only)
  people.remove_member(request.world, organization, member)
  local guest = organization.guest_by_email[member.email:lower()] or store.add_guest(organization, {
    id = 88000 + request.world.ids:count("guest"), email = member.email, first_name = member.first_name,
    last_name = member.last_name, created_at = request.now, associated_members = lists.map({}),
    guest_code = (request.world.ids:id("guest code") .. request.world.ids:id("guest code")):sub(1, 40),
  })
  return answers.one(shapes.guest(guest, organization))
end

members.routes = {
  { "POST", "/organizations/{org}/users/invite", invite },
  { "PUT", "/organizations/{org}/users/{user_id}", update, role = "admin" },
  { "PUT", "/organizations/{org}/users/{user_id}/role", change_role, role = "admin" },
  { "DELETE", "/organizations/{org}/users/{user_id}/disable", disable, role = "admin" },
  { "PUT", "/organizations/{org}/users/{user_id}/enable", enable, role = "admin" },
  { "DELETE", "/organizations/{org}/users/{user_id}", disable, role = "admin" },
  { "DELETE", "/organizations/{org}/users/{user_id}/delete", remove, role = "admin" },
  { "PUT", "/organizations/{org}/users/{user_id}/to/guest", to_guest, role = "admin" },
}

return members
