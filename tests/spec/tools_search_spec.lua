-- tools_search_spec.lua - searching one kind: which process a task belongs to, totals, and what does not fit.
local helper = dofile("tests/spec/tool_helper.lua")
local practice, json = helper.practice, helper.json

describe("tools for searching", function ()
  local service, amelia
  local files = { tasks = "search/search_for_tasks", processes = "search/search_for_processes",
    templates = "search/search_for_templates", snippets = "search/search_for_snippets" }

  before_each(function ()
    service = practice.open()
    amelia = helper.person(service, "Amelia")
  end)

  local function search(kind, query, more)
    local args = { query = query, page = 1, per_page = 20, tags = false }
    for name, value in pairs(more or {}) do args[name] = value end
    return amelia:run(files[kind], args)
  end

  local function add(count, title)
    for i = 1, count do
      amelia.client:post("/organizations/{org}/tasks", { title = title .. " " .. i, task_type = "task",
        deadline = "2026-12-04 16:00:00", owners = { users = { 41002 } } })
    end
  end

  it("finds templates, processes and snippets, and names them", function ()
    local templates = assert(search("templates", "ONBOARDING"))
    assert.equal("1 template. Employee onboarding.", templates.text)
    local processes = assert(search("processes", "onboarding", { tags = true }))
    assert.truthy(processes.data.meta.total > 1)
    assert.match("^%d+ processes", processes.text)
    assert.truthy(processes.data.data[1].tags)
    assert.match("Security reminder", assert(search("snippets", "security")).text)
    assert.equal("GET /organizations/{org}/search", amelia.api.sent[1])
    assert.equal(1, #amelia.api.sent)
  end)

  it("says which process a task belongs to, asking for all at once", function ()
    local result = assert(search("tasks", "equipment"))
    local of_processes = 0
    for _, row in ipairs(result.data.data) do
      if not row.is_oneoff_task then
        of_processes = of_processes + 1
        assert.match("^%x+$", row.run_id)
        assert.is_string(row.process_name)
      end
    end
    assert.truthy(of_processes > 0)
    assert.equal(of_processes, amelia.api.widest, "one lookup for each, together")
    assert.is_nil(result.data.meta.without_process)
  end)

  it("says for how many tasks the process is not known", function ()
    amelia.api.fail = function (_, path)
      return path:match("/tasks/") and { status = 404, body = { message = "Resource not found" } } or nil
    end
    local result = assert(search("tasks", "equipment"))
    assert.equal(result.data.meta.returned, result.data.meta.without_process)
    assert.is_nil(result.data.data[1].run_id)
  end)

  it("looks no more than fifty processes up", function ()
    local hits = json.array()
    for i = 1, 80 do hits[i] = { id = ("%032x"):format(i), title = "Task " .. i, is_oneoff_task = false } end
    amelia.api.fail = function (_, path)
      if path:match("search$") then
        return { status = 200, body = { task = { data = hits, meta = { pagination = { total = 80, total_pages = 1 } } } } }
      end
      return { status = 200, body = { data = { id = "x", run_id = ("a"):rep(32), run = { data = { name = "R" } } } } }
    end
    local result = assert(search("tasks", "task", { per_page = 100 }))
    assert.equal(50, amelia.api.widest)
    assert.equal(30, result.data.meta.without_process)
    assert.equal("R", result.data.data[50].process_name)
  end)

  it("walks pages, and says when nothing is found or the page is past the end", function ()
    add(25, "Sweep hall")
    local second = assert(search("tasks", "sweep hall", { page = 2 }))
    assert.equal(5, second.data.meta.returned)
    assert.match("^25 tasks, page 2 of 2%.", second.text)
    assert.match("Page 9 is past the end", assert(search("tasks", "sweep hall", { page = 9 })).text)
    assert.equal("No task has all the words of \"zebra crossing\".", assert(search("tasks", "zebra crossing")).text)
  end)

  it("cuts a page that does not fit, and says so", function ()
    add(100, ("Long title "):rep(50))
    local result = assert(search("tasks", "long title", { per_page = 100 }))
    assert.is_true(result.data.meta.truncated)
    assert.truthy(result.data.meta.returned < 100)
    assert.match("only the first %d+ of this page's 100 fit here", result.text)
  end)

  it("passes the API's refusal on", function ()
    amelia.api.fail = function () return { status = 503, body = { message = "not today" } } end
    for _, kind in ipairs { "tasks", "processes", "templates", "snippets" } do
      local result, err = search(kind, "x")
      assert.is_nil(result)
      assert.equal("not today", err.message)
    end
  end)
end)
