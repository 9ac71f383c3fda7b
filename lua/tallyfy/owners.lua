-- owners.lua - who has a task: members, guests and groups, by id or name, and the sets as the API wants them. A PUT
-- replaces all three buckets at once and empties the one that is missing: what the caller did not name is read back and
-- sent again, and where it cannot be read nothing is sent at all.
local groups, guests, members = use "tallyfy.groups", use "tallyfy.guests", use "tallyfy.members"
local pick = use "tallyfy.pick"

local owners = {}

local buckets = { "users", "guests", "groups" }

local function problem(code, message, field, hint)
  return nil, { code = code, message = message, field = field, hint = hint }
end

local function unknown_bucket(given, field)
  for name in pairs(given) do
    if name ~= "users" and name ~= "guests" and name ~= "groups" then
      return problem("unknown_field", ("%s has no %q."):format(field, name), field, "There are users, guests and groups.")
    end
  end
  return true
end

-- One value or a list of them, as a list; nil where there is nothing.
local function list_of(value, field)
  if value == nil or value == json.null then return nil end
  if json.is_array(value) then return value end
  if type(value) == "table" and next(value) == nil then return value end -- {} of a stand-in for []
  if type(value) == "string" or math.type(value) == "integer" then return { value } end
  return problem("invalid_value", field .. " must be a list.", field)
end

local find = { users = members.ids, guests = guests.addresses, groups = groups.ids }

-- { users, guests, groups } by id, name or address, to ids: only the buckets that were given; or nil and the error.
-- <roster>: the members who may be meant, where it is not only those who can be assigned.
function owners.resolve(call, given, field, roster)
  local known, strange = unknown_bucket(given, field)
  if not known then return nil, strange end
  local found = {}
  for _, bucket in ipairs(buckets) do
    local place = field .. "." .. bucket
    local list, wrong = list_of(given[bucket], place)
    if wrong then return nil, wrong end
    if list then
      local ids, err = find[bucket](call, list, place, bucket == "users" and roster or nil)
      if not ids then return nil, err end
      found[bucket] = ids
    end
  end
  return found
end

local function addresses(list)
  local copy = json.array()
  for index, item in ipairs(list) do copy[index] = type(item) == "string" and item or item.email end
  return copy
end

-- The owners of a task as it was read, all three buckets; nil when one of them cannot be known.
function owners.of(task)
  local now = task.owners
  if type(now) ~= "table" and type(now) ~= "userdata" or now == json.null then return nil end
  local set = {}
  for _, bucket in ipairs(buckets) do
    local list = pick.list(now[bucket])
    if not list then return nil end
    set[bucket] = bucket == "guests" and addresses(list) or pick.ids(list)
  end
  return set
end

function owners.unreadable(title)
  return problem("unknown_state", ("Who has %q cannot be read, so nothing was sent: it could have taken people off it."):format(
    title or "the task"), "owners", "Name users, guests and groups all three, or try again in a moment.")
end

-- The whole set for a PUT: what was given, and the rest as it is.
function owners.completed(call, task, given)
  local found, err = owners.resolve(call, given, "owners")
  if not found then return nil, err end
  local now
  for _, bucket in ipairs(buckets) do
    if not found[bucket] then
      now = now or owners.of(task)
      if not now then return owners.unreadable(task.title) end
      found[bucket] = now[bucket]
    end
  end
  return found
end

function owners.count(set)
  return #set.users + #set.guests + #set.groups
end

local function without(list, gone)
  local kept = json.array()
  for _, item in ipairs(list) do
    local same = false
    for _, other in ipairs(gone) do same = same or tostring(item):lower() == tostring(other):lower() end -- addresses
    if not same then kept[#kept + 1] = item end
  end
  return kept
end

-- <set> without those of <gone> and with those of <added>, each once.
function owners.changed(set, gone, added)
  local result = {}
  for _, bucket in ipairs(buckets) do
    local list = without(without(set[bucket], gone[bucket] or {}), added[bucket] or {})
    for _, item in ipairs(added[bucket] or {}) do list[#list + 1] = item end
    result[bucket] = list
  end
  return result
end

return owners
