-- who.lua - the names behind the ids of people and groups that tasks and processes carry: a number says nothing to the
-- person who asked. Names are looked up once for a whole list; where that fails the answer stays as it is, with its ids.
local groups, pick = use "tallyfy.groups", use "tallyfy.pick"

local who = {}

local function names_by_id(list)
  local names = {}
  for _, one in ipairs(list) do names[one.id] = one.full_name or one.name end
  return names
end

-- { users = { [id] = name }, groups = {...} } of the kinds that are needed; a kind that cannot be read is not in it.
local function known(call, needed)
  local users = needed.users and pick.list((call.api:get("/organizations/{org}/users-list")))
  local all_groups = needed.groups and groups.all(call)
  return { users = users and names_by_id(users), groups = all_groups and names_by_id(all_groups) }
end

-- An id without a name stands there itself: who is left out would seem not to be there.
local function add(names, list, roster, unknown)
  for _, id in ipairs(list or {}) do
    names[#names + 1] = roster and roster[id] or ("%s (%s)"):format(id, unknown)
  end
end

local function owner_names(owners, found)
  local names = json.array()
  add(names, owners.users, found.users, found.users and "not an active member" or "member")
  add(names, owners.groups, found.groups, "group")
  add(names, owners.guests, nil, "guest")
  return #names > 0 and names or nil
end

-- Gives each of <rows>, tasks as shape.lua makes them, owner_names, and completer_name where somebody completed it.
function who.fill(call, rows)
  local needed = {}
  for _, row in ipairs(rows) do
    local owners = row.owners or {}
    needed.users = needed.users or owners.users ~= nil or row.completer_id ~= nil
    needed.groups = needed.groups or owners.groups ~= nil
  end
  local found = known(call, needed)
  for _, row in ipairs(rows) do
    row.owner_names = row.owners and owner_names(row.owners, found)
    row.completer_name = row.completer_id and found.users and found.users[row.completer_id]
  end
end

-- The people of { users, guests, groups } in words: "Ben Okonkwo, Finance"; "nobody" where there is none.
function who.words(call, owners)
  local names = owner_names(owners, known(call, { users = #owners.users > 0, groups = #owners.groups > 0 }))
  return names and table.concat(names, ", ") or "nobody"
end

-- The same for steps of a template: assignee_names, groups among them. Guests stand there by address.
function who.fill_steps(call, rows)
  local tasks = {}
  for index, row in ipairs(rows) do
    tasks[index] = { owners = { users = row.assignees, groups = row.groups } }
  end
  who.fill(call, tasks)
  for index, row in ipairs(rows) do row.assignee_names = tasks[index].owner_names end
end

-- The same for one process: owner_name.
function who.own(call, run)
  local found = known(call, { users = run.owner_id ~= nil })
  run.owner_name = found.users and found.users[run.owner_id]
end

return who
