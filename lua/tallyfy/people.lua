-- people.lua - names and e-mail addresses to the ids that the API wants.
-- Exact before case-insensitive; one match or an error with the candidates; nothing is dropped in silence.
local people = {}

local function problem(code, message, field, hint)
  return { code = code, message = message, field = field, hint = hint }
end

local function lower(value)
  return type(value) == "string" and value:lower() or ""
end

local function names_of(matches)
  local names = {}
  for index, person in ipairs(matches) do
    names[index] = ("%s <%s>"):format(person.full_name or person.username or person.id, person.email or "no e-mail")
    if index == 10 then break end
  end
  return table.concat(names, ", ")
end

-- Everyone whose value satisfies <same>.
local function matching(roster, same)
  local found = {}
  for _, person in ipairs(roster) do
    if same(person) then found[#found + 1] = person end
  end
  return found
end

-- From the most certain reading to the least: the first that matches anybody decides.
local function find_by_name(roster, name)
  local wanted = name:lower()
  local readings = {
    function (person) return person.full_name == name or person.username == name end,
    function (person) return lower(person.full_name) == wanted or lower(person.username) == wanted end,
    function (person) return lower(person.first_name) == wanted or lower(person.last_name) == wanted end,
  }
  for _, same in ipairs(readings) do
    local found = matching(roster, same)
    if #found > 0 then return found end
  end
  return {}
end

local function find_by_email(roster, email)
  local wanted = email:lower()
  return matching(roster, function (person) return lower(person.email) == wanted end)
end

-- All of a roster whom <text> means: an e-mail address, or a full name, username, first or last name.
function people.matches(roster, text)
  return (text:find("@", 1, true) and find_by_email or find_by_name)(roster, text)
end

people.names_of = names_of

local function one(found, text, field)
  if #found == 1 then return found[1].id end
  if #found == 0 then
    return nil, problem("not_found", ("Nobody in this organization matches %q."):format(text), field,
      "get_organization_users_list shows everyone; guests go into guest_emails.")
  end
  return nil, problem("ambiguous", ("%q could be: %s."):format(text, names_of(found)), field,
    "Use the full name or the e-mail address.")
end

local function resolve(roster, wanted, find, field, ids)
  for _, text in ipairs(wanted) do
    local id, err = one(find(roster, text), text, field)
    if not id then return nil, err end
    ids[#ids + 1] = id
  end
  return true
end

-- Gives a list of member ids without repeats, or nil and the error. Asks the API only if there is something to find.
function people.member_ids(call, names, emails)
  local ids = json.array()
  if (not names or #names == 0) and (not emails or #emails == 0) then return ids end
  local roster, err = call.api:get("/organizations/{org}/users-list")
  if not roster then return nil, err end
  local found, failure = resolve(roster, names or {}, find_by_name, "user_names", ids)
  if found then found, failure = resolve(roster, emails or {}, find_by_email, "user_emails", ids) end
  if not found then return nil, failure end
  local seen, unique = {}, json.array()
  for _, id in ipairs(ids) do
    if not seen[id] then
      seen[id] = true
      unique[#unique + 1] = id
    end
  end
  return unique
end

-- Group names to ids, over all pages.
function people.group_ids(call, names)
  local ids = json.array()
  if not names or #names == 0 then return ids end
  local groups, err = call.api:pages("/organizations/{org}/groups", { query = { per_page = 100 } })
  if not groups then return nil, err end
  for _, name in ipairs(names) do
    local found = matching(groups, function (group) return group.name == name end)
    if #found == 0 then
      found = matching(groups, function (group) return lower(group.name) == name:lower() end)
    end
    if #found ~= 1 then
      local known = {}
      for index, group in ipairs(groups) do known[index] = group.name end
      return nil, problem(#found == 0 and "not_found" or "ambiguous",
        ("%s group is called %q."):format(#found == 0 and "No" or "More than one", name), "group_names",
        #known > 0 and "Groups: " .. table.concat(known, ", ", 1, math.min(#known, 20)) or "There are no groups.")
    end
    ids[#ids + 1] = found[1].id
  end
  return ids
end

return people
