-- tools_coverage_spec.lua - no tool without a spec, a call through the real program, an output schema, and, where it
-- writes, a case that says which requests it sends; and tools stay small. Each check names all that are missing.
local official = dofile("tests/spec/data/official_tools.lua")
local json = dofile("tests/spec/practice_helper.lua").json

local function files_of(command)
  local pipe = assert(io.popen(command))
  local list = {}
  for line in pipe:lines() do list[#list + 1] = line end
  pipe:close()
  return list
end

local function read(path)
  local file = assert(io.open(path))
  local text = file:read("a")
  file:close()
  return text
end

local function read_all(command)
  local texts = {}
  for index, path in ipairs(files_of(command)) do texts[index] = read(path) end
  return table.concat(texts, "\n")
end

-- { name, path, text, lines } of every file that declares a tool.
local function tools()
  local list = {}
  for _, path in ipairs(files_of("find tools.lua.d -name '*.lua' ! -name '*_spec.lua' ! -path '*/.*' | sort")) do
    local text = read(path)
    local name = ("\n" .. text):match('\ntool "([%w_]+)"')
    if name then
      local _, lines = text:gsub("\n", "")
      list[#list + 1] = { name = name, path = path, text = text, lines = lines }
    end
  end
  return list
end

-- { tool name: true } of those that a list of tests/talk/tools calls with success, saying what the organisation is sent.
local function with_wire()
  local names = {}
  for _, path in ipairs(files_of("ls tests/talk/tools/*.json")) do
    for _, step in ipairs(json.decode(read(path))) do
      local wire = step.error == nil and step.wire
      if wire and #wire > 0 then names[step.tool] = true end
    end
  end
  return names
end

local function lacking(has)
  local names = {}
  for _, tool in ipairs(tools()) do
    if not has(tool) then names[#names + 1] = tool.name end
  end
  return table.concat(names, " ")
end

describe("the tools", function ()
  it("have a spec that runs them", function ()
    local specs = read_all("ls tests/spec/*_spec.lua")
    assert.equal("", lacking(function (tool)
      return tool.text:find("\n  relay ", 1, true) -- never runs itself; test_policy.c and finder.json
        or specs:find("/" .. tool.name .. '"', 1, true) or specs:find('"' .. tool.name .. '"', 1, true)
    end))
  end)

  it("are called through the real program", function ()
    local talks = read_all("ls tests/talk/tools/*")
    assert.equal("", lacking(function (tool)
      return talks:find('"tool"%s*:%s*"' .. tool.name .. '"') or talks:find('call%(%w+, "' .. tool.name .. '"')
    end))
  end)

  it("are held against the organisation's log of requests, if they write", function ()
    local checked = with_wire()
    assert.equal("", lacking(function (tool)
      local effect = tool.text:match('\n  effect%s*=%s*"(%a+)"')
      assert.is_string(effect, tool.path)
      return effect == "read" or checked[tool.name]
    end))
  end)

  it("declare what they answer", function ()
    assert.equal("", lacking(function (tool)
      return tool.text:find("\n  output%s+=") or tool.text:find("\n  relay ", 1, true)
    end))
  end)

  it("are small: the median file is under 40 lines", function ()
    local lines = {}
    for index, tool in ipairs(tools()) do lines[index] = tool.lines end
    table.sort(lines)
    local median = lines[#lines // 2 + 1]
    assert.is_true(median < 40, ("the median tool has %d lines"):format(median))
  end)

  it("cover the official ones by name", function ()
    local names, missing = {}, {}
    for _, tool in ipairs(tools()) do names[tool.name] = true end
    for name in pairs(official) do
      if not names[name] then missing[#missing + 1] = name end
    end
    table.sort(missing)
    assert.equal("", table.concat(missing, " "))
  end)
end)
