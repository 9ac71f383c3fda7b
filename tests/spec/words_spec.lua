-- words_spec.lua - the tool words: what is accepted, what it becomes, and what is said when it is wrong.
-- The C side (schema engine, files, limits) is tests/unit/script/test_catalogue.c; here it is a fake.

local helper = dofile("tests/spec/words_helper.lua")
local check, world, load_library, null = helper.check, helper.world, helper.load_library, helper.null
local one_problem = helper.one_problem

-- A tool file with <input> on lines 6 and on, and more fields after it.
local function tool_with(input, more)
  return [[
tool "get_task" {
  title = "Get a task";
  about = "Reads one task.";
  effect = "read";
  input = {
]] .. (input or "") .. "\n  };\n  run = function (args) return args end;\n" .. (more or "") .. "\n}\n"
end

local function input_schema(input, more)
  local tool, problems = check(tool_with(input, more))
  assert.same({}, problems)
  return tool.input
end

-- The property of a single field "x".
local function property(field)
  local text = input_schema(field)
  local inner = text:match('^{"type":"object","properties":{"x":(.*),"additionalProperties":false}$')
  return assert(inner:match('^(.*)},"required":%["x"%]$') or inner:match("^(.*)}$"), text)
end

describe("a tool", function ()
  it("is taken with its four annotations", function ()
    local tool, problems = check(tool_with())
    assert.same({}, problems)
    assert.same({
      kind = "tool", name = "get_task", title = "Get a task", about = "Reads one task.", effect = "read",
      task = "never", needs = 0, headers = {}, read_only = true, destructive = false, idempotent = true,
      open_world = true, cpu = 0, time = 0,
      input = '{"type":"object","properties":{},"additionalProperties":false}',
    }, tool)
  end)

  it("may do without input", function ()
    local tool = check 'tool "get_task" { title = "T", about = "A", effect = "read", run = print }'
    assert.equal('{"type":"object","properties":{},"additionalProperties":false}', tool.input)
  end)

  it("gets its hints from its effect", function ()
    local expected = {
      add = { false, false, false }, change = { false, false, true }, remove = { false, true, true },
    }
    for effect, hints in pairs(expected) do
      local tool = check((tool_with():gsub('"read"', '"' .. effect .. '"')))
      assert.same(hints, { tool.read_only, tool.destructive, tool.idempotent })
    end
  end)

  it("may override a hint and be closed", function ()
    local source = tool_with("", "closed = true; annotations = { idempotent = false };")
    local tool = check((source:gsub('"read"', '"change"')))
    assert.same({ false, false, false, false },
      { tool.read_only, tool.destructive, tool.idempotent, tool.open_world })
  end)

  it("may have a preview, where there is something to ask about", function ()
    local change = tool_with("", "preview = function () return {} end;"):gsub('"read"', '"change"')
    assert.is_true(check(change).previews)
    assert.is_nil(check(tool_with("", "")).previews)
  end)

  it("may be the relay, which is announced as the worst there is", function ()
    local source = tool_with("", "relay = true;"):gsub('"read"', '"remove"')
    assert.is_true(check(source).relay)
    assert.is_nil(check(tool_with("", "relay = false;")).relay)
  end)

  it("takes limits with units", function ()
    local tool = check(tool_with("", 'limits = { cpu = "2s", time = "1min" };'))
    assert.same({ 2000, 60000 }, { tool.cpu, tool.time })
    assert.equal(500, check(tool_with("", "limits = { cpu = 500 };")).cpu)
  end)

  it("takes a plain schema in place of input, with sorted keys and lists told from objects", function ()
    local source = tool_with("", [[schema = { type = "object", required = {}, properties = {
      b = { enum = { 1, 2.5, true }, default = {} }, a = {} } };]]):gsub("input = {%s*};", "")
    local tool, problems = check(source)
    assert.same({}, problems)
    assert.equal('{"properties":{"a":{},"b":{"default":{},"enum":[1,2.5,true]}},"required":[],' ..
      '"type":"object"}', tool.input)
  end)

  it("takes fields or a schema as output, open to more", function ()
    local tool = check(tool_with("", 'output = { text "x" { "X" }; whole "n" { "N", optional = true } };'))
    assert.equal('{"type":"object","properties":{"x":{"type":"string","description":"X"},' ..
      '"n":{"type":["integer","null"],"description":"N"}},"required":["x"]}', tool.output)
    tool = check(tool_with("", 'output = { type = "object" };'))
    assert.equal('{"type":"object"}', tool.output)
  end)
end)

describe("a field", function ()
  local lowered = {
    ['id "x" { "D" }'] = '{"type":"string","description":"D","pattern":"^[a-f0-9]{32}$"}',
    ['id "x" { "D", kind = "integer" }'] = '{"type":"integer","description":"D","minimum":1}',
    ['id "x" { "D", kind = "text" }'] = '{"type":"string","description":"D","minLength":1,"maxLength":64}',
    ['text "x" { "D" }'] = '{"type":"string","description":"D"}',
    ['text "x" { "D", encoding = "base64" }'] = '{"type":"string","description":"D","contentEncoding":"base64"}',
    ['text "x" { "D", min = 2, max = 9, pattern = "^a", format = "email" }'] =
      '{"type":"string","description":"D","minLength":2,"maxLength":9,"pattern":"^a","format":"email"}',
    ['text "x" { "D", optional = true }'] = '{"type":["string","null"],"description":"D"}',
    ['text "x" { "D", example = "a\\"b\\n" }'] =
      '{"type":"string","description":"D","examples":["a\\"b\\u000a"]}',
    ['whole "x" { "D", min = 1, max = 50, default = 20 }'] =
      '{"type":["integer","null"],"description":"D","minimum":1,"maximum":50,"default":20}',
    ['number "x" { "D", min = 0.5 }'] = '{"type":"number","description":"D","minimum":0.5}',
    ['flag "x" { "D", default = false }'] = '{"type":["boolean","null"],"description":"D","default":false}',
    ['choice "x" { "D", "open", "done" }'] = '{"type":"string","description":"D","enum":["open","done"]}',
    ['choice "x" { "D", "open", "done", optional = true }'] =
      '{"type":["string","null"],"description":"D","enum":["open","done",null]}',
    ['date "x" { "When" }'] = '{"type":"string","description":"When (in words or ISO 8601: next Friday at 3pm, ' ..
      '2026-11-25T17:00)","minLength":3,"maxLength":2000}',
    ['date "x" { "Such as 2026-11-25" }'] =
      '{"type":"string","description":"Such as 2026-11-25","minLength":3,"maxLength":2000}',
    ['list "x" { "D" }'] = '{"type":"array","description":"D"}',
    ['list "x" { "D", of = "text", min = 1, max = 3, unique = true, default = { "a" } }'] =
      '{"type":["array","null"],"description":"D","items":{"type":"string"},"minItems":1,"maxItems":3,' ..
      '"uniqueItems":true,"default":["a"]}',
    ['list "x" { "D", items = choice { "a", "b" }, default = {} }'] =
      '{"type":["array","null"],"description":"D","items":{"type":"string","enum":["a","b"]},"default":[]}',
    ['list "x" { "D", of = "text", single = true, max = 5, optional = true }'] =
      '{"description":"D","anyOf":[{"type":"string"},' ..
      '{"type":"array","items":{"type":"string"},"maxItems":5},{"type":"null"}]}',
    ['object "x" { "D" }'] = '{"type":"object","description":"D"}',
    ['object "x" { "D", values = text {} }'] =
      '{"type":"object","description":"D","additionalProperties":{"type":"string"}}',
    ['object "x" { "D", fields = { text "c" { "C" }, flag "f" { "F", optional = true } } }'] =
      '{"type":"object","description":"D","properties":{"c":{"type":"string","description":"C"},' ..
      '"f":{"type":["boolean","null"],"description":"F"}},"required":["c"],"additionalProperties":false}',
    ['object "x" { "D", fields = {}, open = true }'] = '{"type":"object","description":"D","properties":{}}',
    ['any "x" { "D" }'] = '{"description":"D"}',
    ['any "x" { "D", types = { "object", "array" }, optional = true }'] =
      '{"type":["object","array","null"],"description":"D"}',
  }
  for field, expected in pairs(lowered) do
    it("becomes a schema: " .. field, function () assert.equal(expected, property(field)) end)
  end

  it("keeps its place among the others and is required unless it may be left out", function ()
    assert.equal('{"type":"object","properties":{"z":{"type":"string","description":"Z"},' ..
      '"a":{"type":["string","null"],"description":"A"},"m":{"type":"boolean","description":"M"}},' ..
      '"required":["z","m"],"additionalProperties":false}',
      input_schema 'text "z" { "Z" }; text "a" { "A", optional = true }; flag "m" { "M" };')
  end)
end)

describe("a mistake in a field", function ()
  local mistakes = {
    -- field, part of the message, part of the hint, line if not the word's
    { 'text "x" { "D", mx = 3 }', 'text "x": unknown option "mx"', 'did you mean "max"?' },
    { 'text "x" { "D", wibble = 3 }', 'unknown option "wibble"', "known are: complete, default, encoding, example" },
    { 'text "x" { "D", max = "3" }', 'max is "3"', "a whole number" },
    { 'text "x" { "D", max = 3.5 }', "max is 3.5", "a whole number" },
    { 'text "x" { "D", min = 4, max = 3 }', "min 4 is over max 3", "" },
    { 'text "x" { }', "the description is missing", 'text "x" { "What it is"' },
    { 'text "x" { "  " }', "the description is empty", "" },
    { 'text "x" { 7 }', "the description must be a string", "" },
    { 'text "x" { "\\xff" }', "not valid UTF-8", "" },
    { 'text "x" { "' .. ("d"):rep(1001) .. '" }', "1001 characters; at most 1000", "" },
    { 'text "x" { "D", "E" }', "more than a description", "" },
    { 'text "x" "D"', "must be a table", 'text "name" {' },
    { 'text "x"', 'text "x" is not finished', 'text "name" {' },
    { 'text { max = 3 }', "text has no name", 'text "name"' },
    { 'text(7) { "D" }', "the name must be a string", "" },
    { 'text "a b" { "D" }', "is no name for a field", "letters, digits" },
    { 'text "x" { "D", optional = 1 }', "optional is 1", "true or false" },
    { 'text "x" { "D", encoding = "base32" }', 'encoding is "base32"', "" },
    { 'text "x" { "D", format = "mail" }', 'format is "mail"', 'one of "date"' },
    { 'text "x" { "D", default = function () end }', "default is a function", "" },
    { 'number "x" { "D", default = 0/0 }', "NaN", "" },
    { 'id "x" { "D", kind = "hexx" }', 'kind is "hexx"', '"hex"' },
    { 'choice "x" { "D" }', "offers no choice", "behind the description" },
    { 'choice "x" { "D", "a", "a" }', 'the choice "a" twice', "" },
    { 'choice "x" { "D", "a", 3 }', "choice 2 must be a string", "" },
    { 'list "x" { "D", of = "texts" }', 'of is "texts"', '"text"' },
    { 'list "x" { "D", items = "text" }', 'items is "text"', "a word without a name" },
    { 'list "x" { "D", items = text "y" { "Y" } }', "a word with a name", "without one" },
    { 'list "x" { "D", of = "text", items = text {} }', "both of and items", "" },
    { 'list "x" { "D", of = "object", single = true }', "single needs items", "" },
    { 'list "x" { "D", items = text { "E" } }', "inside a list a word has none", "" },
    { 'list "x" { "D", items = text { optional = true } }', "works only in a field with a name", "" },
    { 'object "x" { "D", open = true }', "open means nothing", "" },
    { 'object "x" { "D", fields = { text "a" { "A", default = "q" } } }',
      "only at the top level", "optional" },
    { 'object "x" { "D", fields = { text "a" { "A" }, text "a" { "A" } } }',
      '"a" is declared twice', "line 6" },
    { 'any "x" { "D", types = { "string", "strnig" } }', "types is a table", "JSON types" },
    { 'y = text "x" { "D" }', '"y" is set as a key', 'write text "y"', 5 },
    { '"x"', 'element 1 is "x" and no field', 'text "name"', 5 },
    { 'text "x" { "D" }; text "x" { "D" }', '"x" is declared twice', "first on line 6" },
    { 'txt "x" { "D" }', "undefined name 'txt'", 'did you mean "text"?' },
  }
  for _, case in ipairs(mistakes) do
    it("is told: " .. case[1]:sub(1, 60), function ()
      local problem = one_problem(tool_with(case[1]))
      assert.equal(case[4] or 6, problem.line)
      assert.truthy(problem.message:find(case[2], 1, true), problem.message)
      assert.truthy(problem.hint:find(case[3], 1, true), problem.hint)
    end)
  end

  it("names the line of its own word in a longer list", function ()
    assert.equal(8, one_problem(tool_with 'text "a" { "A" };\n\nflag "b" { "B", oops = 1 };').line)
  end)

  it("does not hide the others", function ()
    local _, problems = check(tool_with('text "a" { "A", mx = 1 };\nflag "b" {};\ntext "c"', "colour = 1;"))
    assert.equal(4, #problems)
  end)

  it("is found by the schema engine too", function ()
    local function refuse(_, value) return value == '"long"' and "must be at most 3 characters" or nil end
    local problem = one_problem(tool_with 'text "x" { "D", max = 3, default = "long" }', refuse)
    assert.equal('text "x": its own default does not fit: must be at most 3 characters', problem.message)
    problem = one_problem(tool_with 'text "x" { "D", pattern = "(" }', function ()
      return "/pattern: unbalanced"
    end)
    assert.equal('text "x": /pattern: unbalanced', problem.message)
  end)

  it("has an end at 100 fields and 6 levels", function ()
    local list = {}
    for index = 1, 101 do list[index] = ('text "a%d" { "A" };'):format(index) end
    assert.truthy(one_problem(tool_with(table.concat(list))).message:find("101 fields; at most 100", 1, true))
    local deep = "text {}"
    for _ = 1, 6 do deep = "list { items = " .. deep .. " }" end
    local problem = one_problem(tool_with('list "x" { "D", items = ' .. deep .. " }"))
    assert.truthy(problem.message:find("nested", 1, true))
  end)
end)

describe("a mistake in a tool", function ()
  local function without(field) return (tool_with():gsub("  " .. field .. " = [^\n]*;\n", "")) end
  for _, field in ipairs { "title", "about", "effect", "run" } do
    it("is told when there is no " .. field, function ()
      local problem = one_problem(without(field))
      assert.equal(1, problem.line)
      assert.equal('tool "get_task": ' .. field .. " is missing", problem.message)
      assert.not_equal("", problem.hint)
    end)
  end

  local mistakes = {
    -- more fields (line 9), line, part of the message, part of the hint
    { "titel = 1;", 9, 'unknown field "titel"', 'did you mean "title"?' },
    { "closed = 1;", 9, "closed is 1", "true or false" },
    { '"stray";', 1, 'a value without a key ("stray")', "input" },
    { "annotations = true;", 9, "annotations is true", "" },
    { "annotations = { readOnlyHint = true };", 9, "unknown annotation", "called read_only" },
    { "annotations = { idempotent = 1 };", 9, "annotation idempotent is 1", "true or false" },
    { "annotations = { read_only = false };", 9, "contradicts the effect", "effect" },
    { "annotations = { destructive = true };", 9, "contradicts the effect", "effect" },
    { 'limits = { cpu = "2h" };', 9, 'limit cpu is "2h"', "1ms to 30s" },
    { 'limits = { cpu = "31s" };', 9, 'limit cpu is "31s"', "1ms to 30s" },
    { "limits = { time = 0 };", 9, "limit time is 0", "1ms to 600s" },
    { "limits = { ram = 1 };", 9, 'unknown limit "ram"', "cpu, time" },
    { 'schema = { type = "object" };', 9, "both input and schema", "one of them" },
    { 'output = { type = "array" };', 9, "output must describe an object", 'type = "object"' },
    { "preview = 1;", 9, "preview is 1", "function" },
    { "preview = function () return {} end;", 9, "preview is for tools that change something", "before a read" },
    { "relay = 1;", 9, "relay is 1", "true or false" },
    { "relay = true;", 9, 'relay needs effect = "remove"', "decides" },
    { 'output = "text";', 9, 'output is "text"', "JSON Schema" },
    { "output = { type = 'object', x = print };", 9, "output.x is a function", "" },
    { "output = { type = 'object', 3 };", 9, "output mixes names and positions", "" },
    { "output = { type = 'object', properties = { a = true } };", 9, 'property "a" is a boolean', "object" },
    { 'output = { text "x" { "D", default = "y" } };', 9, '"x" has a default', "arguments" },
    { 'output = { text "x" };', 9, 'text "x" is not finished', "" },
  }
  for _, case in ipairs(mistakes) do
    it("is told: " .. case[1], function ()
      local problem = one_problem(tool_with("", case[1]))
      assert.truthy(problem.message:find(case[3], 1, true), problem.message)
      assert.truthy(problem.hint:find(case[4], 1, true), problem.hint)
      assert.equal(case[2], problem.line)
    end)
  end

  local files = {
    { 'local x = 1', 0, "declares no tool", 'tool "get_task"' },
    { 'tool "get_task"', 1, "is not finished", "" },
    { 'tool "get_task" "x"', 1, "must be a table", "" },
    { 'tool {}', 1, "is not finished", "" },
    { 'local a = {\nb = 2,,\n}', 2, "unexpected symbol", "" },
    { '\nerror("my own")', 2, "my own", "" },
    { '\nerror("lua/a.lua:7: theirs", 0)', 99, "lua/a.lua:7: theirs", "" },
    { '\nlocal x = nil; x.y = 1', 2, "attempt to index", "" },
  }
  for _, case in ipairs(files) do
    it("is told: " .. case[1]:gsub("\n", " "), function ()
      local problem = one_problem(case[1])
      assert.equal(case[2], problem.line)
      assert.truthy(problem.message:find(case[3], 1, true), problem.message)
      assert.truthy(problem.hint:find(case[4], 1, true), problem.hint)
    end)
  end

  it("is told when effect is none of the four", function ()
    local problem = one_problem((tool_with():gsub('"read"', '"write"')))
    assert.equal(4, problem.line)
    assert.equal('one of "read", "add", "change", "remove"', problem.hint)
  end)

  it("is told when the name is not the file's, or is no name", function ()
    local problem = one_problem((tool_with():gsub("get_task", "get_tsk")))
    assert.truthy(problem.message:find("in the file get_task.lua", 1, true))
    problem = one_problem((tool_with():gsub("get_task", "Get Task")))
    assert.truthy(problem.message:find("no name for a tool", 1, true))
  end)

  it("is told when there are two tools, or a text is too long", function ()
    local problem = one_problem(tool_with() .. tool_with())
    assert.equal(11, problem.line)
    assert.truthy(problem.message:find("second declaration", 1, true))
    problem = one_problem((tool_with():gsub("Get a task", ("x"):rep(101))))
    assert.truthy(problem.message:find("at most 100", 1, true))
  end)

  it("is told when a schema contains itself", function ()
    local source = 'local s = { type = "object" }; s.properties = { s = s };\n' ..
      'tool "get_task" { title = "T", about = "A", effect = "read", run = print, schema = s }'
    assert.truthy(one_problem(source).message:find("contains itself", 1, true))
  end)
end)

describe("in a session's state", function ()
  local function run(source, args)
    local env, sink = world(), {}
    local words = load_library("words", env)("state", sink)
    for name, word in pairs(words) do env[name] = word end
    assert(load(source, "=tool", "t", env))()
    assert.equal("get_task", sink.name)
    return sink.tool.run(args, "the call")
  end
  local sees_args = "run = function (args, call) assert(call == 'the call'); return args end"

  local function run_fields(fields, args)
    return run(('tool "get_task" { input = { %s }, %s }'):format(fields, sees_args), args)
  end

  it("null and absence are nil, and defaults are filled in", function ()
    local fields = 'text "a" { "A", optional = true }; whole "b" { "B", default = 20 };' ..
      'flag "c" { "C", default = false };'
    assert.same({ b = 20, c = false }, run_fields(fields, {}))
    assert.same({ b = 20, c = false }, run_fields(fields, { a = null, b = null, c = null }))
    assert.same({ a = "x", b = 1, c = true }, run_fields(fields, { a = "x", b = 1, c = true }))
  end)

  it("a default list is a fresh one each time", function ()
    local env, sink = world(), {}
    for name, word in pairs(load_library("words", env)("state", sink)) do env[name] = word end
    load([[tool "t" { input = { list "a" { "A", default = { { 1 } } } },
      run = function (args) return args end }]], "=tool", "t", env)()
    local first = sink.tool.run {}
    first.a[1][1] = 2
    assert.same({ a = { { 1 } } }, sink.tool.run {})
  end)

  it("a single value is a list of one, as a default too", function ()
    local fields = 'list "a" { "A", of = "text", single = true, optional = true };'
    assert.same({ a = { "x" } }, run_fields(fields, { a = "x" }))
    assert.same({ a = { "x", "y" } }, run_fields(fields, { a = { "x", "y" } }))
    assert.same({}, run_fields(fields, {}))
    fields = 'list "a" { "A", of = "text", single = true, default = "x" };'
    assert.same({ a = { "x" } }, run_fields(fields, {}))
  end)

  it("words inside lists and objects are fine", function ()
    local fields = 'list "a" { "A", items = object { fields = { id "b" { "B" } } } };'
    assert.same({ a = { 1 } }, run_fields(fields, { a = { 1 } }))
  end)

  it("a plain schema gives its defaults too", function ()
    local source = 'tool "get_task" { schema = { type = "object", properties = {' ..
      'a = { default = 3 }, b = true } }, ' .. sees_args .. " }"
    assert.same({ a = 3, z = 1 }, run(source, { z = 1, b = null }))
    assert.same({ a = 4 }, run(source, { a = 4 }))
  end)

  it("passes on all that run returns", function ()
    local source = 'tool "get_task" { run = function () return nil, { code = "x" } end }'
    assert.same({ nil, { code = "x" } }, { run(source, {}) })
  end)
end)
