-- Every documented route: its success, what it needs to be asked (401, 403), what it says of things that are not
-- there (404) and of bodies that are wrong (422), and that what was written can be read back.
-- data/routes.lua lists the routes; each needs a row in one of data/routes_{people,templates,work}.lua:
--   { method, path, success,
--     at = function (t) return { name = value } end   the values of the path's placeholders besides {org}
--     body = table or function (t, at), query = "a=b", as = "amelia" (who asks)
--     role = "admin" | "standard" | "manage_groups"   who less may do is refused with 403
--     refused = function (t, at) return client end    who else is refused with 403
--     wrong = table or function (t, at)               a body that is a 422; a write without it says why in no_body
--     missing = status when the last placeholder names nothing (default 404); false and why_never = "reason"
--     reads = function (t, data, at, answer)          asserts; for writes: read it back through the API
--     content_type = what a body that is no JSON is sent as
--     open = true (no token), token = function (t) return "Bearer ..." end (an application's) }
-- A row file says `local assert = require "luassert"` first.
-- t = { amelia, ben, carla, ines (clients), service, helper, template(title), step(title, template),
--   run(words), task(words), group(name), null }.
local root = debug.getinfo(1, "S").source:match("^@(.*)practice_routes_spec.lua$")
local helper = dofile(root .. "practice_helper.lua")

local rows = {}
for _, name in ipairs { "routes_people", "routes_templates", "routes_work" } do
  local file = io.open(root .. "data/" .. name .. ".lua")
  if file then
    file:close()
    for _, row in ipairs(dofile(root .. "data/" .. name .. ".lua")) do rows[#rows + 1] = row end
  end
end

local function documented()
  local list = {}
  for method, success, path in dofile(root .. "data/routes.lua"):gmatch("(%u+) +(%d+) (%S+)") do
    list[#list + 1] = { method = method, success = tonumber(success), path = path }
  end
  return list
end

-- Placeholder names carry no meaning: paths are compared with each of them equal.
local function key_of(method, path)
  return method .. " " .. path:gsub("{[^}]*}", "{}")
end

local finders = {}
finders.__index = finders

function finders:template(title) return self.amelia:template(title) end

function finders.step(_, title, template)
  return assert(helper.find(template.steps.data, "title", title), "no step " .. title)
end

local function first(self, path, words, key)
  for _, record in ipairs(self.amelia:get(path).body.data) do
    if record[key]:find(words, 1, true) then return record end
  end
  error("nothing called " .. words)
end

function finders:run(words) return first(self, "/organizations/{org}/runs?per_page=100", words, "name") end
function finders:group(name) return first(self, "/organizations/{org}/groups", name, "name") end
function finders:tag(title) return first(self, "/organizations/{org}/tags?all=true", title, "title") end
function finders:folder(name)
  return first(self, "/organizations/{org}/folders?folder_type=checklist", name, "name")
end

-- An open or completed task whose title has the words; in the process whose name has <run_words>.
function finders:task(words, run_words)
  local at = run_words and "/organizations/{org}/runs/" .. self:run(run_words).id .. "/tasks"
    or "/organizations/{org}/tasks"
  return first(self, at .. "?without_pagination=true", words, "title")
end

local function open()
  local service, clock = helper.open()
  local t = setmetatable({ service = service, clock = clock, helper = helper, null = helper.null }, finders)
  for _, name in ipairs { "Amelia", "Ben", "Carla", "Dev", "Ines" } do
    t[name:lower()] = helper.client(service, name)
  end
  return t
end

local function value_of(thing, t, at)
  if type(thing) == "function" then return thing(t, at) end
  return thing
end

-- Path and query of a row; <replaced> puts "nothing" into that placeholder.
local function target_of(row, at, replaced)
  local path = row[2]:gsub("{([%w_]+)}", function (name)
    if name == "org" then return nil end
    if name == replaced then return "00000000000000000000000000000000" end
    local value = tostring(assert(at[name], "no value for " .. name))
    return (value:gsub("[^%w%-_.~]", function (c) return ("%%%02X"):format(c:byte()) end))
  end)
  return path .. (row.query and "?" .. row.query or "")
end

local function ask(row, t, at, options)
  local client = options.client or t[row.as or "amelia"]
  local headers = options.headers or {}
  if row.token and headers.authorization == nil then headers.authorization = row.token(t) end
  if row.content_type then headers["content-type"] = row.content_type end
  if row.form and headers["content-type"] == nil then
    headers["content-type"] = "application/x-www-form-urlencoded"
  end
  return client:call(row[1], target_of(row, at, options.replaced), options.body, headers)
end

local function told(answer)
  return answer.body and helper.json.encode(answer.body) or answer.text or ""
end

local function last_placeholder(path)
  local name
  for one in path:gmatch("{([%w_]+)}") do
    if one ~= "org" then name = one end
  end
  return name
end

describe("the table of routes", function ()
  it("has one row for each documented route, and no other", function ()
    local seen, wanted = {}, {}
    for _, row in ipairs(rows) do
      local key = key_of(row[1], row[2])
      assert.is_nil(seen[key], "two rows for " .. key)
      seen[key] = row
    end
    for _, route in ipairs(documented()) do
      local key = key_of(route.method, route.path)
      wanted[key] = true
      assert.is_table(seen[key], "no row for " .. key)
    end
    for key in pairs(seen) do assert.is_true(wanted[key], key .. " is not documented") end
    assert.equal(179, #documented())
  end)

  it("says what it must about each write", function ()
    for _, row in ipairs(rows) do
      local name = row[1] .. " " .. row[2]
      if row[1] ~= "GET" then assert.is_function(row.reads, name .. " is not read back") end
      if row[1] == "POST" or row[1] == "PUT" or row[1] == "PATCH" then
        assert.is_truthy(row.wrong or row.no_body, name .. " has no wrong body")
      end
      assert.is_truthy(row.missing ~= false or row.why_never, name .. " never says 404, without a reason")
    end
  end)
end)

for _, row in ipairs(rows) do
  describe(row[1] .. " " .. row[2], function ()
    local t, at

    local function begin()
      t = open()
      at = row.at and row.at(t) or {}
    end

    it("succeeds", function ()
      begin()
      local answer = ask(row, t, at, { body = value_of(row.body, t, at) })
      assert.equal(row[3], answer.status, told(answer))
      if row.reads then row.reads(t, answer.body and answer.body.data, at, answer) end
    end)

    if not row.open then
      it("refuses a stranger: 401", function ()
        begin()
        for _, key in ipairs { false, "Bearer wrong", row.token and "Bearer " .. t.amelia.key or false } do
          local answer = ask(row, t, at, {
            headers = { authorization = key }, body = value_of(row.body, t, at),
          })
          assert.equal(401, answer.status, told(answer))
        end
      end)
    end

    if row[2]:find("{org}", 1, true) and not row.token then
      it("refuses a member of another organisation: 403", function ()
        begin()
        t.ines.org = t.amelia.org
        local answer = ask(row, t, at, { client = t.ines, body = value_of(row.body, t, at) })
        assert.equal(403, answer.status, told(answer))
      end)
    end

    if row.role or row.refused then
      it("refuses who may not: 403", function ()
        begin()
        local client = row.refused and row.refused(t, at) or (row.role == "admin" and t.ben or t.carla)
        local answer = ask(row, t, at, { client = client, body = value_of(row.body, t, at) })
        assert.equal(403, answer.status, told(answer))
        assert.is_nil(answer.body.code)
      end)
    end

    local name = last_placeholder(row[2])
    if name and row.missing ~= false then
      it("answers for what is not there: " .. (row.missing or 404), function ()
        begin()
        local answer = ask(row, t, at, { replaced = name, body = value_of(row.body, t, at) })
        assert.equal(row.missing or 404, answer.status, told(answer))
        if answer.status == 404 then assert.equal("RESOURCE_NOT_FOUND", answer.body.code) end
      end)
    end

    if row.wrong then
      it("refuses a wrong body: 422", function ()
        begin()
        local answer = ask(row, t, at, { body = value_of(row.wrong, t, at) })
        assert.equal(row.wrong_status or 422, answer.status, told(answer))
      end)
    end
  end)
end
