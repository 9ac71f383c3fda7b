-- spec_helper.lua - what specs beside tools have: the global `tallyhost`. Run by `tallyhost tool test` through busted's
-- --helper, in stock Lua. Every call goes through the program itself: its checks, its sandbox, its policy.
--   tallyhost.call(name, arguments [, person])   person: a name of the practice organisation, "Ben", or a role, "light";
--                                                without it the first one, an administrator. A resource by its URI, too.
--   tallyhost.people                             list of { name, role, org_id }
-- What it finds in the environment: TH_TEST_PROGRAM, _CONFIG (may be empty), _PEOPLE (JSON with keys).
local function json_library()
  for _, name in ipairs { "dkjson", "cjson" } do
    local found, library = pcall(require, name)
    if found then return library end
  end
  error("the specs need dkjson or cjson: apt install lua-dkjson")
end

local json = json_library()
local program, config = os.getenv("TH_TEST_PROGRAM"), os.getenv("TH_TEST_CONFIG")
local people = json.decode(os.getenv("TH_TEST_PEOPLE"))

local function quoted(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

local function person_of(wanted)
  if not wanted then return people[1] end
  for _, person in ipairs(people) do
    if person.role == wanted or person.name:find(wanted, 1, true) then return person end
  end
  error(("there is no %q in the practice organisation"):format(wanted), 3)
end

local function encode(arguments)
  if type(arguments) == "string" then return arguments end
  if next(arguments or {}) == nil then return "{}" end
  return json.encode(arguments)
end

local tallyhost = { people = {} }
for index, person in ipairs(people) do
  tallyhost.people[index] = { name = person.name, role = person.role, org_id = person.org_id }
end

function tallyhost.call(name, arguments, person)
  local who, file = person_of(person), os.tmpname()
  local out = assert(io.open(file, "w"))
  out:write(encode(arguments))
  out:close()
  local command = ("TALLYFY_API_KEY=%s TALLYFY_ORG_ID=%s %s tool call %s%s --json %s --output json"):format(quoted(who.api_key),
    quoted(who.org_id), quoted(program), quoted(name), config ~= "" and " --config " .. quoted(config) or "", quoted(file))
  local pipe = assert(io.popen(command, "r"))
  local answer = pipe:read("a")
  pipe:close()
  os.remove(file)
  local result = json.decode(answer)
  if not result then error(("tallyhost tool call %s gave no answer: %s"):format(name, answer), 2) end
  return result
end

_G.tallyhost = tallyhost
