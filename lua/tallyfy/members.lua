-- members.lua - the members of the organization by id, e-mail address or name: one for a tool about that person, a
-- list for tools that assign or mention. Who is unknown or unclear is an error, never left out.
local lists, people = use "tallyfy.lists", use "tallyfy.people"

local members = {}

-- What a list of members leaves out: pictures, doubles, and where somebody was last seen.
local row_noise = {
  profile_pic = true, is_active = true, updated_at = true, last_known_ip = true, last_known_country = true,
  locale = true, country_id = true, support_user = true, type = true, active = true, approved_at = true,
}

function members.row(view)
  local row = use("tallyfy.shape").object(view, { drop = row_noise, cut = 500 })
  if row.groups then
    for index, group in ipairs(row.groups) do row.groups[index] = { id = group.id, name = group.name } end
  end
  return row
end

-- "Ben Okonkwo <ben@...> (id 41002), standard, active."
function members.sentence(member)
  return ("%s <%s> (id %d), %s, %s."):format(member.full_name or member.email, member.email, member.id,
    tostring(member.role):lower(), member.status or "unknown status")
end

-- "Ben Okonkwo <ben@...>"
function members.named(member)
  return ("%s <%s>"):format(member.full_name or member.email, member.email)
end

function members.protected(member)
  return nil, { code = "refused", field = "user_id",
    message = ("%s is the organization's default administrator, who can be neither disabled nor demoted."):format(
      member.full_name), hint = "Nothing was sent." }
end

-- A number, or a text that is one.
local function numeric(who)
  if math.type(who) == "integer" then return who end
  return type(who) == "string" and who:match("^%s*%d+%s*$") and math.tointeger(tonumber(who)) or nil
end

local function unknown(who, field)
  return nil, { code = "not_found", field = field,
    message = ("No member of this organization is %q."):format(tostring(who)),
    hint = "Give the id, the e-mail address or the full name: get_organization_users_list shows everyone." }
end

-- Somebody who was shut out is in no short list: a different thing from somebody unknown.
local function disabled(call, who, field)
  local everyone = call.api:pages("/organizations/{org}/users", { query = { per_page = 100 } })
  local id = numeric(who)
  local found = id and {} or everyone and people.matches(everyone, who:match("^%s*(.-)%s*$")) or {}
  for _, member in ipairs(id and everyone or {}) do
    if member.id == id then found[1] = member end
  end
  if #found ~= 1 or found[1].status ~= "disabled" then return unknown(who, field) end
  return nil, { code = "refused", field = field, message = ("%q is %s, who is disabled."):format(tostring(who),
    found[1].full_name or found[1].email), hint = "Name somebody else, or let them in again with enable_user." }
end

local function only(found, who, field, call)
  if #found == 1 then return found[1] end
  if #found == 0 and call then return disabled(call, who, field) end
  if #found == 0 then return unknown(who, field) end
  return nil, { code = "ambiguous", field = field, hint = "Use the e-mail address or the id.",
    message = ("%q could be: %s."):format(tostring(who), people.names_of(found)) }
end

-- Everyone, whatever the status; users-list has only those who are active or invited.
function members.everyone(call)
  return lists.whole(call, "/organizations/{org}/users", "member", nil, 1000)
end

-- The member, whatever the status: disabled ones are found too.
function members.one(call, who, field)
  local id = numeric(who)
  if id then
    local member, err = call.api:get("/organizations/{org}/users/{user_id}", { user_id = id })
    if not member and err.status == 404 then return unknown(who, field) end
    return member, err
  end
  local roster, err = members.everyone(call)
  if not roster then return nil, err end
  return only(people.matches(roster, who:match("^%s*(.-)%s*$")), who, field)
end

local function in_roster(call, roster, who, field)
  local id = numeric(who)
  if not id then return only(people.matches(roster, who:match("^%s*(.-)%s*$")), who, field, call) end
  for _, member in ipairs(roster) do
    if member.id == id then return member end
  end
  return disabled(call, who, field)
end

-- A list of ids, names and addresses to ids without repeats, and to names by id. Active and invited members only, unless
-- <roster> is another one.
function members.ids(call, list, field, roster)
  local ids, names = json.array(), {}
  if not list or #list == 0 then return ids, names end
  local err
  if not roster then roster, err = call.api:get("/organizations/{org}/users-list") end
  if not roster then return nil, err end
  for _, who in ipairs(list) do
    local member, failure = in_roster(call, roster, who, field)
    if not member then return nil, failure end
    if not names[member.id] then
      ids[#ids + 1], names[member.id] = member.id, member.full_name
    end
  end
  return ids, names
end

return members
