-- The tables of the practice world and their indices. Nothing here knows the API's shapes or rules.
-- A collection keeps its records in the order they were added and finds one by id without searching.
-- Invariant: a task is in owner_index under each of its owners, and nowhere else: set_owners() only.
local ordering = require "practice.ordering"

local store = {}

local collection = {}
collection.__index = collection

function store.collection()
  return setmetatable({ list = {}, by_id = {}, removals = 0 }, collection)
end

function collection:add(record)
  self.list[#self.list + 1] = record
  self.by_id[record.id] = record
  return record
end

function collection:get(id)
  return self.by_id[id]
end

function collection:count()
  return #self.list
end

-- Takes a record out; the others keep their order.
function collection:remove(record)
  if self.by_id[record.id] ~= record then return end
  self.by_id[record.id] = nil
  self.removals = self.removals + 1
  for i, other in ipairs(self.list) do
    if other == record then return table.remove(self.list, i) end
  end
end

-- The tables of one organisation; <fields> are the organisation's own.
function store.organization(fields)
  fields.members = store.collection()
  fields.guests = store.collection()
  fields.guest_by_email = {}
  fields.groups = store.collection()
  fields.folders = store.collection()
  fields.checklists = store.collection()
  fields.runs = store.collection()
  fields.tasks = store.collection()
  fields.snippets = store.collection()
  fields.tags = store.collection()
  fields.tag_links = store.collection() -- tag on template or process: { id, tag_id, subject_id, subject_type }
  fields.links_by_subject = {}
  fields.folder_objects = store.collection() -- { id (integer), folder_id, subject_id, subject_type }
  fields.watchers = store.collection() -- who is told of what by webhook
  fields.field_keys = store.collection() -- keys of custom fields
  fields.owner_index = {}
  ordering.forget(fields) -- lists kept in order, and what filters let through
  fields.assets = store.collection() -- uploaded files, their bytes included
  fields.assets_by_subject = {}
  fields.activities = {} -- rows of the activity feed, oldest first: engine/activity.lua
  fields.expiring = {} -- the set of tasks that expire by the clock
  return fields
end

local function owner_keys(owners)
  local keys = {}
  for _, id in ipairs(owners.users) do keys[#keys + 1] = "user " .. id end
  for _, email in ipairs(owners.guests) do keys[#keys + 1] = "guest " .. email end
  for _, id in ipairs(owners.groups) do keys[#keys + 1] = "group " .. id end
  return keys
end

store.owner_keys = owner_keys

-- Replaces the owners of a task: { users = {ids}, guests = {e-mails}, groups = {ids} }. <keys>, for who gives the
-- same owners to many tasks, is owner_keys(owners).
function store.set_owners(organization, task, owners, keys)
  local index = organization.owner_index
  for _, key in ipairs(task.owners and owner_keys(task.owners) or {}) do
    if index[key] then index[key][task] = nil end
  end
  task.owners = owners
  for _, key in ipairs(keys or owner_keys(owners)) do
    index[key] = index[key] or {}
    index[key][task] = true
  end
end

-- The groups (records) that a member belongs to.
function store.groups_of(organization, member)
  local groups = {}
  for _, group in ipairs(organization.groups.list) do
    for _, id in ipairs(group.members) do
      if id == member.id then groups[#groups + 1] = group end
    end
  end
  return groups
end

-- The tasks that some of <keys> own ("user 41001", "guest a@b.example", "group <id>"), in no particular order.
function store.tasks_under(organization, keys)
  local tasks, seen = {}, {}
  for _, key in ipairs(keys) do
    for task in pairs(organization.owner_index[key] or {}) do
      if not seen[task] then
        seen[task] = true
        tasks[#tasks + 1] = task
      end
    end
  end
  return tasks
end

-- The tasks a member owns, alone or through a group; in no particular order.
function store.tasks_of(organization, member)
  local keys = { "user " .. member.id }
  for _, group in ipairs(store.groups_of(organization, member)) do
    keys[#keys + 1] = "group " .. group.id
  end
  return store.tasks_under(organization, keys)
end

-- The same for a guest.
function store.tasks_of_guest(organization, guest)
  local keys = { "guest " .. guest.email }
  for _, group in ipairs(organization.groups.list) do
    for _, email in ipairs(group.guests) do
      if email == guest.email then keys[#keys + 1] = "group " .. group.id end
    end
  end
  return store.tasks_under(organization, keys)
end

-- A member of any status by id, or nil.
function store.member(organization, id)
  return organization.members:get(id)
end

function store.add_guest(organization, guest)
  organization.guests:add(guest)
  organization.guest_by_email[guest.email:lower()] = guest
  return guest
end

return store
