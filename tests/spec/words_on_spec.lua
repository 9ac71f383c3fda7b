-- words_on_spec.lua - the word `on`: what it accepts, what it becomes, what is said when it is wrong, and how the
-- handler runs in a session's state.
local helper = dofile("tests/spec/words_helper.lua")
local check, one_problem = helper.check, helper.one_problem

local function handler_with(fields, event)
  return ('on "%s" {\n about = "A";\n run = print;\n%s\n}\n'):format(event or "task.completed", fields or "")
end

describe("a handler", function ()
  it("is named as its file, so that an event may have many", function ()
    local item, problems = check(handler_with())
    assert.same({}, problems)
    assert.same({ "handler", "get_task", "task.completed", "task.completed", "A", "read" },
      { item.kind, item.name, item.event, item.title, item.about, item.effect })
    assert.same({ true, false, false, false, 0 },
      { item.read_only, item.destructive, item.idempotent, item.open_world, item.needs })
    assert.equal('{"type":"object","properties":{},"additionalProperties":false}', item.input)
  end)

  it("may have a title and limits", function ()
    local item = check(handler_with('title = "Tell them"; limits = { time = 5000, cpu = 100 };'))
    assert.equal("Tell them", item.title)
    assert.equal(5000, item.time)
    assert.equal(100, item.cpu)
  end)

  for _, event in ipairs { "process.launched", "process.completed", "task.completed", "task.assigned", "task.comment_added",
    "task.issue_raised", "task.issue_resolved", "rule.triggered" } do
    it("can be for " .. event, function () assert.equal(event, check(handler_with("", event)).event) end)
  end

  local mistakes = {
    { handler_with("", "task.complete"), "is no event", "task.completed" },
    { handler_with("", ""), "is no event", "known are: process.completed" },
    { "on (7) { about = 'A'; run = print }", "is no event", 'on "task.completed"' },
    { handler_with('effect = "change";'), "effect", "" },
    { handler_with("input = {};"), "input", "" },
    { 'on "task.completed" { run = print }', "about is missing", "what it does when that happens" },
    { 'on "task.completed" { about = "A" }', "run is missing", "" },
    { 'on "task.completed" "now"', "must be a table", "" },
    { handler_with() .. handler_with(), "second declaration", "one tool, resource, prompt or handler" },
  }
  for _, mistake in ipairs(mistakes) do
    local source, message, hint = table.unpack(mistake)
    it("is refused: " .. message .. " in " .. source:gsub("%s+", " "):sub(1, 60), function ()
      local problem = one_problem(source)
      assert.truthy(problem.message:find(message, 1, true), problem.message)
      assert.truthy((problem.hint or ""):find(hint, 1, true), problem.hint)
    end)
  end
end)

describe("a running handler", function ()
  local function runner(run)
    local env, sink = helper.world(), {}
    local words = helper.load_library("words", env)("state", sink)
    words.on "task.completed" { about = "A", run = run }
    assert.equal("task.completed", sink.name)
    return sink.tool.run
  end

  it("gets the event as it is, and what it says stays what it is", function ()
    local event, call = { event = "task.completed" }, {}
    local got = {}
    assert.equal("said", runner(function (...) got = { ... } return "said" end)(event, call))
    assert.equal(event, got[1])
    assert.equal(call, got[2])
    assert.same({ nil, "no" }, { runner(function () return nil, "no" end)(event, call) })
  end)

  it("need not say anything", function ()
    assert.same({ data = true }, runner(function () end)({}, {}))
  end)
end)
