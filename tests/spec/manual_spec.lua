-- manual_spec.lua - lua/manual/words.lua, which the reference and the stubs for editors are made of, against the strict
-- words themselves: what they know, nothing less and nothing more.
local helper = dofile("tests/spec/words_helper.lua")

local function load_manual(name)
  local modules = {}
  local env = setmetatable({}, { __index = _G })
  function env.require(other)
    modules[other] = modules[other] or assert(loadfile("lua/" .. other:gsub("%.", "/") .. ".lua", "t", env))()
    return modules[other]
  end
  return env.require(name)
end

local manual = load_manual("manual.words")

-- The names that the checker offers when it meets one that is like none of them.
local function known_by_hint(source)
  local _, problems = helper.check(source)
  for _, problem in ipairs(problems) do
    local names = (problem.hint or ""):match("known are: (.*)$")
    if names then
      local list = {}
      for name in names:gmatch("[%w_]+") do list[#list + 1] = name end
      table.sort(list)
      return list
    end
  end
  error("no hint names what " .. source .. " could have")
end

local function sorted(rows, more)
  local names = {}
  for _, list in ipairs { rows, more or {} } do
    for _, row in ipairs(list) do names[#names + 1] = row[1] end
  end
  table.sort(names)
  return names
end

describe("the manual of words", function ()
  local items = {}
  for _, item in ipairs(manual.items) do items[item.word] = item end

  for _, word in ipairs { "tool", "resource", "prompt" } do
    it("has the fields of " .. word, function ()
      assert.same(known_by_hint(word .. ' "get_task" { qqqqqqqqqq = 1 }'), sorted(items[word].fields))
    end)
  end

  it("has the fields of on", function ()
    assert.same(known_by_hint('on "task.completed" { qqqqqqqqqq = 1 }'), sorted(items.on.fields))
  end)

  for _, field in ipairs(manual.fields) do
    it("has the options of " .. field.word, function ()
      local source = ('tool "get_task" { input = { %s "x" { "X", %sqqqqqqqqqq = 1 } } }'):format(field.word,
        field.word == "choice" and '"a", ' or "")
      assert.same(known_by_hint(source), sorted(field.options, manual.common))
    end)
  end

  it("has every field word", function ()
    local known = {}
    for name in io.open("lua/words_fields.lua"):read("a"):match("\nlocal options = {(.-)\n}"):gmatch("\n  (%l+) = {") do
      known[#known + 1] = name
    end
    local words = {}
    for index, field in ipairs(manual.fields) do words[index] = field.word end
    table.sort(known)
    table.sort(words)
    assert.same(known, words)
  end)

  it("is what the reference in tools.lua.d/README.md says", function ()
    local readme = assert(io.open("tools.lua.d/README.md")):read("a")
    local inside = readme:match("<!%-%- reference %-%->\n(.-)\n<!%-%- end of reference %-%->")
    assert.equal(load_manual("manual.reference"), inside)
  end)

  it("makes stubs that are Lua and name every word", function ()
    local stubs = load_manual("manual.stubs")
    assert(load(stubs, "=stubs", "t", {}))
    for _, field in ipairs(manual.fields) do assert.match("function " .. field.word .. "(", stubs, 1, true) end
    for _, item in ipairs(manual.items) do assert.match("function " .. item.word .. "(", stubs, 1, true) end
    for _, row in ipairs(manual.call) do assert.match("---@field " .. row[1] .. "%f[^%w_]", stubs) end
  end)
end)
