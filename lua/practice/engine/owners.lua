-- Who gets a task (api.md 28.5): reading an owners object, checking that its people exist, and
-- expanding groups.
local json = require "json"
local lists = require "practice.lists"
local store = require "practice.store"

local owners = {}

function owners.none()
  return { users = json.array({}), guests = json.array({}), groups = json.array({}) }
end

function owners.is_empty(set)
  return #set.users == 0 and #set.guests == 0 and #set.groups == 0
end

-- A guest of the organisation by e-mail, made when unknown.
function owners.guest(act, email)
  local known = act.organization.guest_by_email[email:lower()]
  if known then return known end
  local ids = act.world.ids
  return store.add_guest(act.organization, {
    id = 88000 + ids:count("guest"), email = email, created_at = act.now, associated_members = {},
    guest_code = (ids:id("guest code") .. ids:id("guest code")):sub(1, 40),
  })
end

local function add_user(act, set, value, fail)
  local id = type(value) ~= "table" and math.tointeger(tonumber(value))
  local member = id and store.member(act.organization, id)
  if not member or member.status == "disabled" then return fail("users", "The selected user is invalid.") end
  lists.add_once(set.users, member.id)
end

local function add_guest(act, set, value, fail)
  if type(value) ~= "string" or not value:find("^[^@%s]+@[^@%s]+%.[^@%s]+$") then
    return fail("guests", "The guest must be a valid email address.")
  end
  for _, member in ipairs(act.organization.members.list) do
    if member.email:lower() == value:lower() then
      return fail("guests", "A member of the organization cannot be a guest.")
    end
  end
  lists.add_once(set.guests, value)
end

local function add_group(act, set, value, fail)
  if type(value) ~= "string" or not act.organization.groups:get(value) then
    return fail("groups", "The selected group is invalid.")
  end
  lists.add_once(set.groups, value)
end

local add = { users = add_user, guests = add_guest, groups = add_group }

-- A clean owners set out of what a request gave; absent buckets are empty. Wrong entries are reported by
-- fail(bucket, message). Guests are only made by owners.settle(), so that a refused request makes none.
function owners.read(act, given, fail)
  local set = owners.none()
  for bucket, add_one in pairs(add) do
    local list = lists.given(given[bucket])
    if type(list) == "table" then
      for _, value in ipairs(list) do add_one(act, set, value, fail) end
    elseif list ~= nil then
      fail(bucket, ("The %s must be an array."):format(bucket))
    end
  end
  return set
end

-- Adds the people of <more> to <set>.
function owners.merge(set, more)
  for bucket in pairs(add) do
    for _, value in ipairs(more[bucket]) do lists.add_once(set[bucket], value) end
  end
end

-- True when two sets name the same, in any order.
function owners.same(one, other)
  for bucket in pairs(add) do
    if #one[bucket] ~= #other[bucket] then return false end
    for _, value in ipairs(one[bucket]) do
      if not lists.has(other[bucket], value) then return false end
    end
  end
  return true
end

-- The ids of all members behind a set, groups expanded, ascending.
function owners.members(organization, set)
  local ids = lists.map(set.users)
  for _, id in ipairs(set.groups) do
    for _, member in ipairs(organization.groups:get(id).members) do lists.add_once(ids, member) end
  end
  table.sort(ids)
  return ids
end

-- The e-mails of all guests behind a set, groups expanded.
function owners.guests(organization, set)
  local emails = lists.map(set.guests)
  for _, id in ipairs(set.groups) do
    for _, email in ipairs(organization.groups:get(id).guests) do lists.add_once(emails, email) end
  end
  return emails
end

-- What a task's own rules say against a set: nil, or bucket and message.
function owners.objection(organization, task, set)
  if not task.allow_guest_owners and #owners.guests(organization, set) > 0 then
    return "guests", "Guests cannot be assigned to this task."
  end
  local people = #owners.members(organization, set) + #owners.guests(organization, set)
  if task.max_assignable > 0 and people > task.max_assignable then
    return "users", ("This task can have %d assignees at most."):format(task.max_assignable)
  end
end

-- Gives a task its owners and makes guests known.
function owners.settle(act, task, set)
  for _, email in ipairs(set.guests) do owners.guest(act, email) end
  store.set_owners(act.organization, task, set)
end

return owners
