-- document_people.lua - the people of a document: names, ids and addresses of whoever wrote it as the addresses and group
-- names that export gives, and what must be known of them before anything is sent. The lists of the organization are read
-- once however many steps name somebody.
local groups, guests, members = use "tallyfy.groups", use "tallyfy.guests", use "tallyfy.members"

local document_people = {}

local lists = {
  ["/organizations/{org}/users-list"] = true, ["/organizations/{org}/guests-list"] = true, ["/organizations/{org}/groups"] = true,
}

-- A call that can only read, and reads the lists of people once.
function document_people.reading(call)
  local kept, api = {}, {}
  local function once(method)
    return function (_, path, ...) -- as it came: the host counts the arguments
      if not lists[path] then return call.api[method](call.api, path, ...) end
      local key = method .. path
      if not kept[key] then
        local list, err = call.api[method](call.api, path, ...)
        if not list then return nil, err end
        kept[key] = list
      end
      return kept[key]
    end
  end
  api.get, api.pages = once("get"), once("pages")
  return { api = api }
end

local function email_of(reading, id)
  for _, member in ipairs(reading.api:get("/organizations/{org}/users-list")) do
    if member.id == id then return member.email end
  end
  return id
end

local find = {}

function find.users(reading, who, place)
  local ids, err = members.ids(reading, { who }, place)
  return ids and email_of(reading, ids[1]), err
end
find.assignees = find.users

function find.groups(reading, who, place)
  local ids, names = groups.ids(reading, { who }, place)
  return ids and names[ids[1]], names
end

-- Addresses may be new guests; a name must be a guest's.
function find.guests(reading, who, place)
  if type(who) == "string" and who:match("^%s*[^@%s]+@[^@%s]+%.[^@%s]+%s*$") then return who:match("%S+"):lower() end
  local emails, err = guests.emails(reading, { tostring(who) }, place)
  return emails and emails[1], err
end

-- The list with known people only. Who is not: a mistake, or (leave_out) a name in found.skipped.
local function settled(reading, list, bucket, place, found)
  local result, seen = json.array(), {}
  for index, who in ipairs(list) do
    local at = ("%s[%d]"):format(place, index)
    local name, err
    if found.present[who] then name = who else name, err = find[bucket](reading, who, at) end
    if name then
      if not seen[name] then result[#result + 1], seen[name] = name, true end
    elseif found.leave_out and (err.code == "not_found" or err.code == "ambiguous") then
      found.skipped[#found.skipped + 1] = ("%s (%s)"):format(tostring(who), place)
    elseif err.code == "not_found" or err.code == "ambiguous" or err.code == "invalid_value" then
      found:add(at, err.message, err.hint)
    else
      return nil, err -- the list itself could not be read
    end
  end
  return result
end

local function settle_buckets(reading, item, buckets, place, found)
  for _, bucket in ipairs(buckets) do
    if json.is_array(item[bucket]) then
      local list, err = settled(reading, item[bucket], bucket, place .. "." .. bucket, found)
      if not list then return nil, err end
      item[bucket] = list
    end
  end
  return true
end

-- Everybody whom <doc> names: an id stands there for who is no active member any more, and must be good enough.
local function present(doc)
  local all = {}
  local function learn(item, buckets)
    for _, bucket in ipairs(buckets) do
      for _, who in ipairs(item[bucket] or {}) do all[who] = true end
    end
  end
  learn(doc.template, { "users", "groups" })
  for _, step in ipairs(doc.steps) do learn(step, { "assignees", "guests", "groups" }) end
  for _, rule in ipairs(doc.rules) do
    for _, action in ipairs(rule.then_actions) do learn(action.assignees or {}, { "users", "guests", "groups" }) end
  end
  return all
end

-- Everybody in <doc> by address or group name. <before>: the document that it is laid over; <found>: the problems, with
-- leave_out and skipped. nil and the error when the lists cannot be read.
function document_people.settle(reading, doc, before, found)
  found.present = present(before)
  local fine, err = settle_buckets(reading, doc.template, { "users", "groups" }, "template", found)
  for index, step in ipairs(doc.steps or {}) do
    if not fine then return nil, err end
    fine, err = settle_buckets(reading, step, { "assignees", "guests", "groups" }, ("steps[%d]"):format(index), found)
  end
  for index, rule in ipairs(doc.rules or {}) do
    for place, action in ipairs(rule.then_actions) do
      if not fine then return nil, err end
      if type(action.assignees) == "table" then
        fine, err = settle_buckets(reading, action.assignees, { "users", "guests", "groups" },
          ("rules[%d].then_actions[%d].assignees"):format(index, place), found)
        for _, bucket in ipairs { "users", "guests", "groups" } do
          if action.assignees[bucket] and #action.assignees[bucket] == 0 then action.assignees[bucket] = nil end
        end
      end
    end
  end
  return fine, err
end

return document_people
