-- people.lua - who of a roster a name or an e-mail address means: from the most certain reading to the least. Members,
-- guests and mentions are found with it; what is none or several of them is their own errors' business.
local fold = use "tallyfy.fold"

local people = {}

local function lower(value)
  return type(value) == "string" and fold(value) or ""
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
  local wanted = fold(name)
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
  local wanted = fold(email)
  return matching(roster, function (person) return lower(person.email) == wanted end)
end

-- All of a roster whom <text> means: an e-mail address, or a full name, username, first or last name.
function people.matches(roster, text)
  return (text:find("@", 1, true) and find_by_email or find_by_name)(roster, text)
end

people.names_of = names_of

return people
