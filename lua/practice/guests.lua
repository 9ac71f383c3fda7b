-- Guests: people outside who get single tasks by e-mail (api.md 9).
local answers = require "practice.answers"
local check = require "practice.check"
local completion = require "practice.engine.completion"
local includes = require "practice.includes"
local json = require "json"
local lists = require "practice.lists"
local owners = require "practice.engine.owners"
local people = require "practice.people"
local problem = require "practice.problem"
local rates = require "practice.rates"
local saving = require "practice.engine.saving"
local shapes = require "practice.shapes"
local store = require "practice.store"
local task_lists = require "practice.task_lists"
local zones = require "practice.zones"

local guests = {}

local sort_keys = {
  created_at = function (guest) return guest.created_at end,
  email = function (guest) return guest.email:lower() end,
}

local function list(request)
  local words = lists.words(request:text("q") or "")
  local found = lists.filter(request.organization.guests.list, function (guest)
    return lists.has_words(guest.email, words)
  end)
  local word, descending = answers.sort_words(request)
  answers.sort(found, sort_keys[word] or sort_keys.created_at, descending)
  return answers.list(request, found, { default = 999 }, function (guest)
    return includes.render("guest", guest, request)
  end)
end

local function short_list(request)
  return answers.all(lists.map(request.organization.guests.list, shapes.guest_row))
end

local function view(request, guest, status)
  return answers.one(includes.render("guest", guest, request), status)
end

local function known(request)
  return request.organization.guest_by_email[request.params.email:lower()]
end

local function find(request)
  local guest = known(request)
  if not guest then problem.not_found() end
  return guest
end

-- The documentation says 201 for reading one; the default is 200, with a switch for the other.
local function get(request)
  return view(request, find(request), request.world.switches.guest_created_status and 201 or 200)
end

local texts = {
  first_name = 200, last_name = 200, phone_1 = 20, phone_2 = 20, company_name = 200, opportunity_name = 200,
  external_sync_source = 200, status = 200,
}
local addresses = { "company_url", "contact_url", "image_url", "opportunity_url" }

local function details_of(body)
  local given = {}
  for key, maximum in pairs(texts) do given[key] = body:text(key, maximum) end
  given.status = nil -- computed
  for _, key in ipairs(addresses) do given[key] = body:url(key) end
  given.timezone = body:text("timezone")
  if given.timezone and not zones.known(given.timezone) then
    body:fail("timezone", "The timezone must be a valid zone, for instance Europe/London.")
  end
  local moment = body:moment("external_date_creation")
  given.external_date_creation = moment and body.body.external_date_creation
  return given
end

-- A guest that is known already is attached again, which changes nothing (default chosen).
local function create(request)
  local body = check.new(request:body())
  local email = body:required("email") and body:text("email")
  if email and not people.is_email(email) then
    body:fail("email", "The email must be a valid email address.")
  elseif email and people.member_by_email(request.organization, email) then
    body:fail("email", "A member of the organization cannot be a guest.")
  end
  local given = details_of(body)
  body:done()
  local guest = request.organization.guest_by_email[email:lower()]
  if not guest then
    rates.hourly(request, "guests")
    guest = owners.guest(request, email)
    for key, value in pairs(given) do guest[key] = value end
    guest.associated_members = lists.map({ request.member.id })
  end
  return view(request, guest, 201)
end

-- Only associated_members has an effect; everything else is dropped with success.
local function update(request)
  local guest = find(request)
  local body = check.new(request:body())
  local given = body:list("associated_members")
  local ids = given and lists.map({})
  for _, value in ipairs(given or {}) do
    local id = type(value) ~= "table" and math.tointeger(tonumber(value))
    if not id or not store.member(request.organization, id) then
      body:fail("associated_members", "The selected associated_members is invalid.")
    end
    lists.add_once(ids or {}, id)
  end
  body:done()
  guest.associated_members = ids or guest.associated_members
  return view(request, guest, 201)
end

-- Off every task and out of the organisation. Unknown: 422, not 404.
local function remove(request)
  local guest = known(request)
  if not guest then problem.invalid { email = json.array({ "The selected email is invalid." }) } end
  local answer = view(request, guest)
  guests.detach(request.organization, guest)
  return answer
end

-- Takes a guest out; <instead> gets the open tasks.
function guests.detach(organization, guest, instead)
  if instead then people.release(organization, "guests", guest.email, instead, people.open_only) end
  people.release(organization, "guests", guest.email)
  people.strike(organization, "guests", guest.email)
  organization.guests:remove(guest)
  organization.guest_by_email[guest.email:lower()] = nil
end

local function enable(request)
  local guest = find(request)
  guest.disabled_at, guest.disabled_by = nil, nil
  guest.reactivated_at, guest.reactivated_by = request.now, request.member.id
  return view(request, guest)
end

-- 403 as a business rule while the guest still holds open tasks.
local function disable(request)
  local guest = find(request)
  if people.open_tasks_of_guest(request.organization, guest) > 0 then
    problem.forbidden("The guest still has open tasks.")
  end
  guest.disabled_at, guest.disabled_by = request.now, request.member.id
  return view(request, guest)
end

-- Open tasks keep the person, as a member.
local function to_member(request)
  local guest = find(request)
  local body = check.new(request:body())
  local role = body:choice("role", { "admin", "standard", "light" }) or "light"
  body:done()
  local member = people.add_member(request.world, request.organization, {
    email = guest.email, first_name = guest.first_name or guest.email:match("^[^@]+"),
    last_name = guest.last_name or "", role = role, status = "active", invited_by = request.member.id,
  }, request.now)
  guests.detach(request.organization, guest, { users = { member.id } })
  return answers.one(includes.render("member", member, request))
end

-- By id, code or address; ten rows a page whatever per_page says.
local function find_any(request)
  local text = request.params.guest_id
  for _, guest in ipairs(request.organization.guests.list) do
    if tostring(guest.id) == text or guest.guest_code == text or guest.email == text then return guest end
  end
  problem.not_found()
end

local function tasks(request)
  return task_lists.of_guest(request, find_any(request))
end

-- The row of a value: a capture id with its stored value, of the guest's own tasks only.
local function save_value(request)
  local guest = find(request)
  local body = check.new(request:body())
  local id = body:required("id") and body:text("id")
  if id and body.body.form_value == nil then body:fail("form_value", "The form_value field is required.") end
  body:done()
  for task in pairs(request.organization.owner_index["guest " .. guest.email] or {}) do
    for _, field in ipairs(task.fields) do
      if field.id == id then
        completion.refuse_locked(task)
        saving.task_values(request, task, { [id] = body.body.form_value })
        return answers.one({ id = id, task_id = task.id, form_value = lists.or_null(task.taskdata[id]) })
      end
    end
  end
  problem.invalid { id = json.array({ "The selected id is invalid." }) }
end

guests.routes = {
  { "GET", "/organizations/{org}/guests", list },
  { "POST", "/organizations/{org}/guests", create, role = "standard" },
  { "GET", "/organizations/{org}/guests-list", short_list },
  { "GET", "/organizations/{org}/guests/{email}", get },
  { "PUT", "/organizations/{org}/guests/{email}", update, role = "standard" },
  { "DELETE", "/organizations/{org}/guests/{email}", remove, role = "standard" },
  { "PUT", "/organizations/{org}/guests/{email}/enable", enable, role = "standard" },
  { "DELETE", "/organizations/{org}/guests/{email}/disable", disable, role = "standard" },
  { "POST", "/organizations/{org}/guests/{email}/to/member", to_member, role = "admin" },
  { "POST", "/organizations/{org}/guests/{email}/form-field/value", save_value, role = "standard" },
  { "GET", "/organizations/{org}/guests/{guest_id}/tasks", tasks },
}

return guests
