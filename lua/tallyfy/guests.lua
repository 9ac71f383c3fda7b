-- guests.lua - guests by e-mail address or name. The address is their key in the API.
local people, shape = use "tallyfy.people", use "tallyfy.shape"

local guests = {}

-- The link and its code let anybody act as the guest: they are shown for one guest, not for all at once.
local row_noise = { link = true, guest_code = true, last_known_ip = true, last_known_country = true }

function guests.row(view)
  return shape.object(view, { drop = row_noise, cut = 500 })
end

function guests.label(guest)
  local name = {}
  for _, part in ipairs { "first_name", "last_name" } do
    if type(guest[part]) == "string" and guest[part] ~= "" then name[#name + 1] = guest[part] end
  end
  if #name == 0 then return guest.email end
  return ("%s <%s>"):format(table.concat(name, " "), guest.email)
end

function guests.is_disabled(guest)
  local details = guest.details
  if details == nil or details == json.null then return false end
  return details.disabled_at ~= nil and details.disabled_at ~= json.null
end

local function unknown(who, field)
  return nil, { code = "not_found", field = field, message = ("There is no guest %q."):format(who),
    hint = "get_organization_guests_list shows all guests; create_guest adds one." }
end

-- guests-list has no full_name, which names are matched by.
local function roster_of(list)
  local roster = {}
  for index, guest in ipairs(list) do
    local first, last = guest.first_name, guest.last_name
    roster[index] = { id = guest.id, email = guest.email, first_name = first, last_name = last,
      full_name = ("%s %s"):format(first ~= json.null and first or "", last ~= json.null and last or "")
        :match("^%s*(.-)%s*$") }
  end
  return roster
end

local function roster(call)
  local list, err = call.api:get("/organizations/{org}/guests-list")
  if not list then return nil, err end
  return roster_of(list)
end

local function email_in(known, who, field)
  local found = people.matches(known, who)
  if #found == 0 then return unknown(who, field) end
  if #found == 1 then return found[1].email end
  return nil, { code = "ambiguous", field = field, hint = "Use the e-mail address.",
    message = ("%q could be: %s."):format(who, people.names_of(found)) }
end

-- The guest as the API shows it.
function guests.one(call, who, field)
  local email = who:match("^%s*(.-)%s*$")
  if not email:find("@", 1, true) then
    local known, err = roster(call)
    if not known then return nil, err end
    email, err = email_in(known, email, field)
    if not email then return nil, err end
  end
  if email:find("[%s%c/]") then return unknown(email, field) end -- no address, and a path could not carry it
  local guest, err = call.api:get("/organizations/{org}/guests/{email}", { email = email })
  if not guest and err.status == 404 then return unknown(email, field) end
  return guest, err
end

-- Names and addresses to addresses without repeats: guests that exist.
function guests.emails(call, list, field)
  local emails, seen = json.array(), {}
  if not list or #list == 0 then return emails end
  local known, err = roster(call)
  if not known then return nil, err end
  for _, who in ipairs(list) do
    local email, failure = email_in(known, who:match("^%s*(.-)%s*$"), field)
    if not email then return nil, failure end
    if not seen[email] then
      seen[email] = true
      emails[#emails + 1] = email
    end
  end
  return emails
end

-- An address that may become a guest's: well written, in lower case, and no member's, which the API refuses.
local function address(call, email, field, known)
  if not email:match("^[^%s@]+@[^%s@]+%.[^%s@]+$") then
    return nil, { code = "invalid_value", field = field, message = ("%q is no e-mail address."):format(email),
      hint = "Guests are named by e-mail address, or by name where they are guests already: get_organization_guests_list." }
  end
  if not known.members then
    local roster_of_members, err = call.api:get("/organizations/{org}/users-list")
    if not roster_of_members then return nil, err end
    known.members = roster_of_members
  end
  if #people.matches(known.members, email) == 0 then return email:lower() end
  return nil, { code = "invalid_value", field = field, message = ("%q is a member, not a guest."):format(email),
    hint = "Put the address into users." }
end

-- Names of guests, and addresses, to addresses without repeats: whoever has an address may become a guest by it.
function guests.addresses(call, list, field)
  local emails, seen, known = json.array(), {}, {}
  for _, who in ipairs(list) do
    local text = tostring(who):match("^%s*(.-)%s*$")
    local email, err
    if text:find("@", 1, true) then
      email, err = address(call, text, field, known)
    else
      if not known.guests then known.guests, err = roster(call) end
      if not known.guests then return nil, err end
      email, err = email_in(known.guests, text, field)
    end
    if not email then return nil, err end
    if not seen[email:lower()] then seen[email:lower()], emails[#emails + 1] = true, email end
  end
  return emails
end

return guests
