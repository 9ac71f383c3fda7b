-- What members and guests have in common behind their routes: the profile, and what happens to work when
-- somebody leaves or changes sides. Knows no routes.
local countries = require "practice.data.countries"
local lists = require "practice.lists"
local owners = require "practice.engine.owners"
local status = require "practice.engine.status"
local store = require "practice.store"
local zones = require "practice.zones"

local people = {}

local date_formats = { "mm/dd/yyyy", "dd/mm/yyyy" }

-- The profile keys of a body; those named in <required> must be there.
function people.profile(body, required)
  for _, key in ipairs(required or {}) do body:required(key) end
  local given = {
    first_name = body:text("first_name", 32), last_name = body:text("last_name", 32),
    phone = body:text("phone", 20), job_title = body:text("job_title", 255),
    job_description = body:text("job_description", 255), team = body:text("team", 255),
    timezone = body:text("timezone"), date_format = body:choice("date_format", date_formats),
  }
  if given.timezone and not zones.known(given.timezone) then
    body:fail("timezone", "The timezone must be a valid zone, for instance Europe/London.")
  end
  local country_id = body:integer("country_id")
  if country_id then
    given.country = countries[country_id]
    if not given.country then body:fail("country_id", "The selected country_id is invalid.") end
  end
  return given
end

-- Writes a checked profile; keys that are absent stay as they are.
function people.apply(member, given, now)
  for key, value in pairs(given) do member[key] = value end
  member.full_name = member.first_name .. " " .. member.last_name
  member.last_updated = now
end

-- True for text that can be an e-mail address. The real API also asks the DNS; the stand-in does not.
function people.is_email(text)
  return type(text) == "string" and #text <= 255 and text:find("^[^@%s]+@[^@%s]+%.[^@%s]+$") ~= nil
end

function people.member_by_email(organization, email)
  for _, member in ipairs(organization.members.list) do
    if member.email:lower() == email:lower() then return member end
  end
  return nil
end

-- The tasks that name <key> ("user 41001", "guest a@b.example", "group <id>") as owner, in a stable order.
local function owned(organization, key)
  local tasks = {}
  for task in pairs(organization.owner_index[key] or {}) do tasks[#tasks + 1] = task end
  table.sort(tasks, function (a, b) return a.increment_id < b.increment_id end)
  return tasks
end

-- Takes <value> out of one bucket of a task's owners, and puts in others: { users =, guests =, groups = }.
local function exchange(organization, task, bucket, value, instead)
  local set = owners.none()
  owners.merge(set, task.owners)
  set[bucket] = lists.filter(set[bucket], function (one) return one ~= value end)
  for name, list in pairs(instead or {}) do
    for _, one in ipairs(list) do lists.add_once(set[name], one) end
  end
  store.set_owners(organization, task, set)
end

-- Takes somebody off tasks, with somebody else in the place of each. <which>(task) = nil for all tasks.
function people.release(organization, bucket, value, instead, which)
  local kind = ({ users = "user ", guests = "guest ", groups = "group " })[bucket]
  for _, task in ipairs(owned(organization, kind .. value)) do
    if not which or which(task) then exchange(organization, task, bucket, value, instead) end
  end
end

people.open_only = status.is_open

-- How many open tasks a guest holds.
function people.open_tasks_of_guest(organization, guest)
  local count = 0
  for _, task in ipairs(owned(organization, "guest " .. guest.email)) do
    if status.is_open(task) and not task.archived_at then count = count + 1 end
  end
  return count
end

-- Takes a value out of a list of every record of a collection: groups' members, templates' users.
local function strike(records, key, value)
  for _, record in ipairs(records) do
    if lists.has(record[key], value) then
      record[key] = lists.filter(record[key], function (one) return one ~= value end)
    end
  end
end

-- Forgets a member, guest or group wherever people are named beside tasks.
function people.strike(organization, bucket, value)
  local names = { users = { "members", "users", "assignees" }, guests = { "guests", nil, "guests" },
    groups = { nil, "groups", "groups" } }
  local in_groups, in_work, in_steps = table.unpack(names[bucket], 1, 3)
  if in_groups then strike(organization.groups.list, in_groups, value) end
  if in_work then
    strike(organization.checklists.list, in_work, value)
    strike(organization.runs.list, in_work, value)
  end
  for _, checklist in ipairs(organization.checklists.list) do strike(checklist.steps, in_steps, value) end
end

-- A new member; <fields> = { email, first_name, last_name, role, status, timezone, invited_by }. An account of
-- that address is used when there is one: one person, one id.
function people.add_member(world, organization, fields, now)
  local account
  for _, one in ipairs(world.accounts) do
    if one.email:lower() == fields.email:lower() then account = one end
  end
  if not account then
    account = {
      id = 90000 + world.ids:count("user"), email = fields.email, memberships = {},
      name = fields.first_name .. " " .. fields.last_name,
    }
    world.accounts[#world.accounts + 1] = account
  end
  local member = {
    id = account.id, username = fields.email:match("^[^@]+"):lower(), timezone = organization.timezone,
    date_format = "dd/mm/yyyy", created_at = now, last_updated = now,
    activated_at = fields.status == "active" and now or nil,
  }
  for key, value in pairs(fields) do member[key] = value end
  member.full_name = member.first_name .. " " .. member.last_name
  organization.members:add(member)
  account.memberships[#account.memberships + 1] = { organization = organization, member = member }
  return member
end

-- Takes a member out of the organisation for good. Finished work keeps the name of who did it.
function people.remove_member(world, organization, member)
  organization.members:remove(member)
  people.strike(organization, "users", member.id)
  for _, account in ipairs(world.accounts) do
    account.memberships = lists.filter(account.memberships, function (place)
      return place.member ~= member
    end)
  end
end

return people
