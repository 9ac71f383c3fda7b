-- words_items_spec.lua - resources, prompts, forms, headers, icons, tasks and needs: what the words accept,
-- what it becomes, and what is said when it is wrong.
local helper = dofile("tests/spec/words_helper.lua")
local check, one_problem = helper.check, helper.one_problem

local function resource_with(fields)
  return ('resource "get_task" {\n title = "T"; about = "A";\n run = print;\n%s\n}\n'):format(fields)
end

local function prompt_with(fields)
  return ('prompt "get_task" {\n title = "T"; about = "A";\n run = print;\n%s\n}\n'):format(fields)
end

local function tool_with(fields)
  return ('tool "get_task" {\n title = "T"; about = "A"; effect = "read";\n run = print;\n%s\n}\n'):format(fields)
end

local function accepted(source)
  local item, problems = check(source)
  assert.same({}, problems)
  return item
end

local function refused(source, message, hint)
  local problem = one_problem(source)
  assert.truthy(problem.message:find(message, 1, true), problem.message)
  assert.truthy(problem.hint:find(hint or "", 1, true), problem.hint)
  return problem
end

describe("a resource", function ()
  it("has a fixed uri", function ()
    local item = accepted(resource_with 'uri = "x://a?b=c"; mime = "text/plain; charset=utf-8"; size = 0;')
    assert.equal("resource", item.kind)
    assert.is_false(item.template)
    assert.same({ "x://a?b=c", "text/plain; charset=utf-8", 0 }, { item.uri, item.mime, item.size })
    assert.same({}, item.arguments)
    assert.equal("read", item.effect)
  end)

  it("has a template whose variables are described", function ()
    local item = accepted(resource_with [[ uri = "x://{a}/b/{c}"; input = { text "a" { "A" };
      choice "c" { "C", "p", "q", title = "See" } }; ]])
    assert.is_true(item.template)
    assert.same({ { name = "a", about = "A", required = true, completes = false },
      { name = "c", about = "C", title = "See", required = true, completes = true } }, item.arguments)
    assert.equal('{"type":"object","properties":{"a":{"type":"string","description":"A"},' ..
      '"c":{"type":"string","title":"See","description":"C","enum":["p","q"]}},' ..
      '"required":["a","c"],"additionalProperties":false}', item.input)
  end)

  it("has annotations", function ()
    local item = accepted(resource_with
      'uri = "x://a"; annotations = { audience = { "user" }, priority = 1, last_modified = "2026-11-25T10:00:00Z" };')
    assert.same({ audience = { "user" }, priority = 1, lastModified = "2026-11-25T10:00:00Z" }, item.annotations)
  end)

  local mistakes = {
    { "", "uri is missing" },
    { 'uri = 5;', "uri is 5" },
    { 'uri = "no scheme";', "uri has no scheme" },
    { 'uri = "x://a b";', "a character that no URI may have" },
    { 'uri = "x://a{";', "a character that no URI may have" },
    { 'uri = "x://{+a}";', "{+a} is no variable", "no operators" },
    { 'uri = "x://{a,b}";', "{a,b} is no variable" },
    { 'uri = "x://{a}/{a}"; input = { text "a" { "A" } };', "{a} stands in it twice" },
    { 'uri = "x://{a}b"; input = { text "a" { "A" } };', 'followed by "b"', "a delimiter" },
    { 'uri = "x://{a}{b}"; input = { text "a" { "A" }; text "b" { "B" } };', 'followed by "{"' },
    { 'uri = "x://{a}";', "the variable {a} is not described" },
    { 'uri = "x://a"; input = { text "a" { "A" } };', '"a" is no variable of the uri' },
    { 'uri = "x://{a}"; input = { text "a" { "A", optional = true } };', '"a" is optional' },
    { 'uri = "x://{a}"; input = { whole "a" { "A" } };', '"a" must be a text' },
    { 'uri = "x://{a}"; size = 3; input = { text "a" { "A" } };', "a template has no size" },
    { 'uri = "x://a"; size = -1;', "size is -1" },
    { 'uri = "x://a"; mime = "text";', 'mime is "text"' },
    { 'uri = "x://a"; effect = "read";', 'unknown field "effect"' },
    { 'uri = "x://a"; annotations = { audience = { "me" } };', 'audience has "me"' },
    { 'uri = "x://a"; annotations = { priority = 2 };', "priority is 2" },
    { 'uri = "x://a"; annotations = { last_modified = "today" };', "last_modified is" },
    { 'uri = "x://a"; annotations = { colour = 1 };', 'unknown annotation "colour"' },
  }
  for _, case in ipairs(mistakes) do
    it("is told: " .. case[1], function () refused(resource_with(case[1]), case[2], case[3]) end)
  end

  it("may not have ten variables", function ()
    local uri, fields = "x:/", ""
    for i = 1, 9 do
      uri = uri .. "/{a" .. i .. "}"
      fields = fields .. ('text "a%d" { "A" };'):format(i)
    end
    refused(resource_with(('uri = %q; input = { %s };'):format(uri, fields)), "uri has 9 variables")
  end)
end)

describe("a prompt", function ()
  it("has arguments that are texts, with completions", function ()
    local item = accepted(prompt_with [[ input = {
      text "a" { "A", complete = { "x", "y" } }; id "b" { "B", complete = print, optional = true }; date "c" { "C" } }; ]])
    assert.equal("prompt", item.kind)
    assert.same({ true, true, false },
      { item.arguments[1].completes, item.arguments[2].completes, item.arguments[3].completes })
    assert.same({ true, false, true },
      { item.arguments[1].required, item.arguments[2].required, item.arguments[3].required })
  end)

  it("may do without arguments", function ()
    assert.same({}, accepted(prompt_with "").arguments)
  end)

  local mistakes = {
    { 'input = { flag "a" { "A" } };', '"a" must be a text' },
    { 'input = { id "a" { "A", kind = "integer" } };', '"a" must be a text' },
    { 'input = { text "a" { "A", header = "X" } };', '"a" has a header' },
    { 'input = { text "a" { "A", complete = 5 } };', "complete is 5", "a list of texts, or function" },
    { 'input = { text "a" { "A", complete = { 1 } } };', "complete is a table" },
    { 'uri = "x://a";', 'unknown field "uri"' },
    { 'needs = { "money" };', 'needs has "money"', "elicitation, roots, sampling, url" },
  }
  for _, case in ipairs(mistakes) do
    it("is told: " .. case[1], function () refused(prompt_with(case[1]), case[2], case[3]) end)
  end
end)

describe("a tool's newer fields", function ()
  it("are tasks and needs", function ()
    assert.equal("may", accepted(tool_with "task = true;").task)
    assert.equal("never", accepted(tool_with "task = false;").task)
    assert.equal("must", accepted(tool_with 'task = "required";').task)
    assert.equal("later", accepted(tool_with 'task = "later";').task)
    assert.equal(13, accepted(tool_with 'needs = { "sampling", "roots", "elicitation" };').needs)
    refused(tool_with 'task = "true";', 'task is "true"')
    refused(tool_with "task = 1;", "task is 1")
    refused(tool_with "task = {};", "task is a table")
    refused(tool_with 'needs = "sampling";', "needs must be a list")
    refused(tool_with 'needs = { "url", "url" };', 'needs has "url" twice')
  end)

  it("are icons, from places we can vouch for", function ()
    local item = accepted(tool_with [[ icons = { { src = "https://e.org/i.svg", mime = "image/svg+xml", sizes = "any" };
      { src = "data:image/png;base64,aGk=", sizes = { "16x16", "32x32" }, theme = "dark" } }; ]])
    assert.same({ { src = "https://e.org/i.svg", mimeType = "image/svg+xml", sizes = { "any" } },
      { src = "data:image/png;base64,aGk=", sizes = { "16x16", "32x32" }, theme = "dark" } }, item.icons)
    for icon, message in pairs {
      ['{ src = "http://e.org/i.png" }'] = "needs a src",
      ['{ src = "javascript:alert(1)" }'] = "needs a src",
      ['{ src = "data:text/html,x" }'] = "needs a src",
      ['{ src = "https://e.org/i.png", sizes = { "big" } }'] = 'sizes that has "big"',
      ['{ src = "https://e.org/i.png", theme = "blue" }'] = "theme",
      ['{ src = "https://e.org/i.png", colour = 1 }'] = 'unknown field "colour"',
      ['{ src = "https://e.org/i.png", mime = "png" }'] = "no media type",
      ['"https://e.org/i.png"'] = 'is "https',
    } do
      refused(tool_with(("icons = { %s };"):format(icon)), message)
    end
    refused(tool_with "icons = {};", "1 to 10 icons")
  end)

  it("are headers on plain arguments", function ()
    local item = accepted(tool_with [[ input = { text "a" { "A", header = "A-b", optional = true };
      id "b" { "B", kind = "integer", header = "B" }; flag "f" { "F", header = "F" };
      object "o" { "O", fields = { choice "c" { "C", "x", header = "C", default = nil } } } }; ]])
    assert.same({ { name = "A-b", type = "string", path = { "a" } }, { name = "B", type = "integer", path = { "b" } },
      { name = "F", type = "boolean", path = { "f" } }, { name = "C", type = "string", path = { "o", "c" } } }, item.headers)
    assert.truthy(item.input:find('"a":{"type":"string","description":"A","x-mcp-header":"A-b"}', 1, true), item.input)
  end)

  local mistakes = {
    { 'text "a" { "A", header = "" }', 'header is ""' },
    { 'text "a" { "A", header = "a b" }', 'header is "a b"' },
    { 'number "a" { "A", header = "A" }', 'unknown option "header"' },
    { 'text "a" { "A", header = "X" }; text "b" { "B", header = "x" }', "have the same header" },
    { 'list "a" { "A", items = object { fields = { text "b" { "B", header = "X" } } } }', "holds a field with a header" },
    { 'object "a" { "A", values = object { fields = { text "b" { "B", header = "X" } } } }', "holds a field with a header" },
    { 'list "a" { "A", items = text { header = "X" } }', "header works only in a field with a name" },
    { 'text "a" { "A", complete = { "x" } }', '"a" has complete', "prompts and templates" },
    { 'text "a" { "A", title = "" }', 'title is ""' },
    { 'choice "a" { "A", "x", "y", titles = { "X" } }', "has 1 titles for 2 choices" },
  }
  for _, case in ipairs(mistakes) do
    it("are told when wrong: " .. case[1], function ()
      refused(tool_with(("input = { %s };"):format(case[1])), case[2], case[3])
    end)
  end
end)

describe("a form", function ()
  local function form_of(fields)
    return accepted(("local f = form { %s }\n"):format(fields) .. tool_with "").forms[1]
  end

  local lowered = {
    ['text "x" { "D", title = "T", min = 1, max = 9, format = "email", default = "a@b.org" }'] =
      '{"type":"string","title":"T","description":"D","minLength":1,"maxLength":9,"format":"email","default":"a@b.org"}',
    ['whole "x" { "D", min = 1, default = 3 }'] = '{"type":"integer","description":"D","minimum":1,"default":3}',
    ['number "x" { "D", default = 95.5 }'] = '{"type":"number","description":"D","default":95.5}',
    ['flag "x" { "D", default = true }'] = '{"type":"boolean","description":"D","default":true}',
    ['choice "x" { "D", "a", "b", default = "a" }'] = '{"type":"string","description":"D","enum":["a","b"],"default":"a"}',
    ['choice "x" { "D", "a", "b", titles = { "A", "B" } }'] =
      '{"type":"string","description":"D","oneOf":[{"const":"a","title":"A"},{"const":"b","title":"B"}]}',
    ['list "x" { "D", items = choice { "a", "b" }, min = 1, max = 2 }'] =
      '{"type":"array","description":"D","items":{"type":"string","enum":["a","b"]},"minItems":1,"maxItems":2}',
    ['list "x" { "D", items = choice { "a", titles = { "A" } } }'] =
      '{"type":"array","description":"D","items":{"anyOf":[{"const":"a","title":"A"}]}}',
  }
  for field, expected in pairs(lowered) do
    it("becomes a schema: " .. field, function ()
      local text = form_of(field)
      local inner = text:match('^{"type":"object","properties":{"x":(.*)}$')
      assert.equal(expected, inner:match('^(.*)},"required":%["x"%]$') or inner:match("^(.*)}$"))
    end)
  end

  it("requires what is not optional", function ()
    assert.truthy(form_of('text "a" { "A" }; flag "b" { "B", optional = true }'):find('"required":["a"]}', 1, true))
  end)

  it("is numbered in order", function ()
    local item = accepted('local a, b = form { text "a" { "A" } }, form { text "b" { "B" } }\n' .. tool_with "")
    assert.equal(2, #item.forms)
    assert.truthy(item.forms[2]:find('"b"', 1, true))
  end)

  local mistakes = {
    { "", "asks for nothing" },
    { 'object "x" { "D" }', "cannot be asked" },
    { 'id "x" { "D" }', "cannot be asked" },
    { 'list "x" { "D", of = "text" }', "cannot be asked", "a choice of several" },
    { 'text "x" { "D", pattern = "a" }', "has a pattern" },
    { 'text "x" { "D", format = "uuid" }', 'has the format "uuid"' },
    { 'text "x" { "D", example = "a" }', "has example, header or complete" },
    { 'text "x" { "D", mx = 1 }', 'unknown option "mx"' },
    { '5', "is 5 and no field" },
  }
  for _, case in ipairs(mistakes) do
    it("is told when wrong: " .. case[1], function ()
      refused(("local f = form { %s }\n"):format(case[1]) .. tool_with "", case[2], case[3])
    end)
  end

  it("has a limit", function ()
    local source = 'for i = 1, 21 do form { text "a" { "A" } } end\n' .. tool_with ""
    refused(source, "more than 20 forms")
  end)
end)

describe("one file", function ()
  it("declares one thing", function ()
    local problem = refused(prompt_with "" .. tool_with "", "second declaration", "per file")
    assert.equal(6, problem.line)
  end)

  it("declares something", function ()
    refused("local x = 1", "declares no tool, resource, prompt or handler")
  end)

  it("is one of the words, nearly", function ()
    refused('resorce "get_task" { }', "undefined name 'resorce'", "did you mean \"resource\"?")
  end)
end)

describe("in a session's state", function ()
  local function load_item(source)
    local env, sink = helper.world(), {}
    for name, word in pairs(helper.load_library("words", env)("state", sink)) do env[name] = word end
    assert(load(source, "=item", "t", env))()
    return sink.tool, sink
  end

  it("a prompt's arguments complete", function ()
    local item = load_item [[ prompt "p" { run = print; input = {
      choice "a" { "A", "open", "done", "On hold" };
      text "b" { "B", complete = { "x1", "y1" } };
      text "c" { "C", complete = function (value, args, call) return { value .. args.z .. call } end };
      text "d" { "D" } } } ]]
    assert.same({ "open", "On hold", "done" }, item.complete("a", "o", {}, "call"))
    assert.same({ "x1", "y1" }, item.complete("b", "1", {}, "call"))
    assert.same({ "qzcall" }, item.complete("c", "q", { z = "z" }, "call"))
    assert.same({}, item.complete("d", "q", {}, "call"))
    assert.is_nil(load_item('prompt "p" { run = print; input = { text "d" { "D" } } }').complete)
  end)

  it("a resource sees its variables", function ()
    local item = load_item [[ resource "p" { input = { text "a" { "A" } }; run = function (args) return args.a end } ]]
    assert.equal("v", item.run({ a = "v" }, "call"))
  end)

  it("forms are numbered per file", function ()
    local _, sink = load_item 'local a, b = form { text "a" { "A" } }, form {}; tool "t" { run = function () return b end }'
    assert.same({ form = 2 }, sink.tool.run({}, "call"))
  end)
end)
