-- tools_finder_spec.lua - finding tools by words, and what bounds answers: both without the API.
local helper = dofile("tests/spec/tool_helper.lua")
local practice, json = helper.practice, helper.json

describe("the finder", function ()
  local amelia
  local shown = {
    { name = "add_task_comment", title = "Add a comment", domain = "comments", effect = "add",
      about = "Writes a comment on a task. More." },
    { name = "get_tags", title = "Get tags", domain = "tags", effect = "read", about = "Lists tags." },
    { name = "get_task", title = "Get a task", domain = "tasks", effect = "read", about = "Shows one task, and its comments." },
    { name = "search_tools", title = "Search tools", domain = "finder", effect = "read", about = "Finds tools." },
  }

  before_each(function ()
    amelia = helper.person(practice.open(), "Amelia")
    amelia.tools = shown
    amelia.call.host.tool = function (name)
      for _, tool in ipairs(shown) do
        if tool.name == name then
          local copy = { input = '{"type":"object","properties":{}}', read_only = true, destructive = false, idempotent = true }
          for key, value in pairs(tool) do copy[key] = value end
          return copy
        end
      end
    end
  end)

  local function found(args)
    local names = {}
    local result = assert(amelia:run("finder/search_tools", args))
    for index, row in ipairs(result.data.data) do names[index] = row.name end
    return table.concat(names, " "), result
  end

  it("search_tools knows people's words for things, and no small words", function ()
    shown[#shown + 1] = { name = "get_user_tasks", title = "Get user tasks", domain = "tasks", effect = "read",
      about = "Lists the tasks of another member." }
    assert.match("^get_user_tasks", (found { query = "the tasks of a colleague" }))
    assert.equal("get_user_tasks", (found { query = "of people" }))
    table.remove(shown)
  end)

  it("search_tools puts names before descriptions, and plurals with singulars", function ()
    assert.equal("add_task_comment get_task", (found { query = "Comments" }))
    local names, result = found { query = "tasks", limit = 1 }
    assert.equal("get_task", names)
    assert.equal(2, result.data.total)
    assert.match("1 more fit", result.text)
    assert.equal("Writes a comment on a task.", select(2, found { query = "comment" }).data.data[1].about)
  end)

  it("search_tools filters, lists all without words, and never itself", function ()
    assert.equal("add_task_comment get_tags get_task", (found {}))
    assert.equal("get_tags", (found { domain = "tags" }))
    assert.equal("add_task_comment", (found { effect = "add" }))
    local names, result = found { query = "invoices" }
    assert.equal("", names)
    assert.match("No tool fits. Domains: comments, tags, tasks%.", result.text)
  end)

  it("describe_tool shows the schema, or names what is near", function ()
    local result = assert(amelia:run("finder/describe_tool", { name = "get_tags" }))
    assert.equal("object", result.data.inputSchema.type)
    assert.same({ readOnlyHint = true, destructiveHint = false, idempotentHint = true }, result.data.annotations)
    local nothing, err = amelia:run("finder/describe_tool", { name = "list_tags" })
    assert.is_nil(nothing)
    assert.equal("not_found", err.code)
    assert.match("get_tags", err.hint)
  end)
end)

describe("answers", function ()
  local shape, page = helper.use("tallyfy.shape"), helper.use("tallyfy.page")

  local function rows(count, text)
    local list = json.array()
    for index = 1, count do list[index] = { id = index, name = "Row " .. index, note = text } end
    return list
  end

  local function call_with(items)
    return { api = { get = function () return items, { meta = { pagination = { total = #items, total_pages = 1 } } } end } }
  end

  it("are objects without their largest members when they are too large, which are named", function ()
    local kept, cut = shape.within({ id = 1, notes = ("x"):rep(3000), steps = ("y"):rep(9000), small = "z" }, nil, 4000)
    assert.is_true(cut)
    assert.same({ id = 1, notes = ("x"):rep(3000), small = "z", _omitted = { "steps (9 KB)" } }, kept)
    local whole, nothing = shape.within({ id = 1 }, nil, 4000)
    assert.is_false(nothing)
    assert.same({ id = 1 }, whole)
    local forced = shape.within({ id = ("x"):rep(300), other = ("y"):rep(100) }, { id = true }, 100)
    assert.equal(("x"):rep(300), forced.id)
    assert.is_nil(forced.other)
  end)

  it("keep to the fields that were asked for, with the id", function ()
    local data = assert(page.read(call_with(rows(2, "n")), "/x", { row = shape.object, noun = "row", fields = { "note" } }))
    assert.same({ { id = 1, note = "n" }, { id = 2, note = "n" } }, data.data)
    local nothing, err = page.read(call_with(rows(2, "n")), "/x", { row = shape.object, noun = "row", fields = { "nope" } })
    assert.is_nil(nothing)
    assert.equal("unknown_field", err.code)
    assert.equal("They have: id, name, note.", err.hint)
  end)

  it("are whole rows with detail full", function ()
    local function short(view) return { id = view.id } end
    local items = rows(1, ("long "):rep(400))
    assert.is_nil(page.read(call_with(items), "/x", { row = short, noun = "row" }).data[1].note)
    local full = page.read(call_with(items), "/x", { row = short, noun = "row", detail = "full" })
    assert.equal(2000, #full.data[1].note)
  end)

  it("stop at the budget and say so", function ()
    local data, text = page.read(call_with(rows(100, ("long "):rep(200))), "/x", { row = shape.object, noun = "row" })
    assert.is_true(data.meta.truncated)
    assert.is_true(#json.encode(data.data) <= shape.budget)
    assert.match("only the first", text)
  end)
end)

describe("the raw API", function ()
  local amelia

  before_each(function () amelia = helper.person(practice.open(), "Amelia") end)

  local function sends(answer, status)
    amelia.api.raw = function (_, method, path, params)
      amelia.raw = { method = method, path = path, params = params }
      return answer.data or answer, answer, status or 200
    end
  end

  it("tallyfy_api_read hands on the query and gives status and body", function ()
    sends({ data = { id = "x" } })
    local result = assert(amelia:run("api/tallyfy_api_read", { path = "/me", query = { with = "a" } }))
    assert.same({ method = "GET", path = "/me", params = { query = { with = "a" } } }, amelia.raw)
    assert.same({ status_code = 200, body = { data = { id = "x" } }, truncated = false }, result.data)
  end)

  it("tallyfy_api_write sends the body, also of a DELETE", function ()
    sends({ data = {} }, 201)
    assert(amelia:run("api/tallyfy_api_write", { method = "DELETE", path = "/x", body = { a = 1 } }))
    assert.same({ a = 1 }, amelia.raw.params.body)
  end)

  it("refuses names and bodies out of bounds before anything is sent", function ()
    sends({})
    local nothing, err = amelia:run("api/tallyfy_api_read", { path = "/me", query = { ["a&b"] = "1" } })
    assert.is_nil(nothing)
    assert.equal("query", err.field)
    local many = {}
    for index = 1, 51 do many["p" .. index] = "1" end
    assert.equal("query", select(2, amelia:run("api/tallyfy_api_read", { path = "/me", query = many })).field)
    nothing, err = amelia:run("api/tallyfy_api_write", { method = "POST", path = "/x", body = { a = ("x"):rep(300000) } })
    assert.is_nil(nothing)
    assert.equal("too_large", err.code)
    assert.is_nil(amelia.raw)
  end)

  it("keeps large answers within the budget and says so", function ()
    local list = json.array()
    for index = 1, 200 do list[index] = { id = index, text = ("t"):rep(400) } end
    sends({ data = list, meta = { total = 200 } })
    local result = assert(amelia:run("api/tallyfy_api_read", { path = "/x" }))
    assert.is_true(result.data.truncated)
    assert.equal(200, result.data.body.meta.total)
    assert.is_true(#json.encode(result.data) < 26000)
    assert.match("per_page", result.text)
    sends({ data = { id = 1, big = ("b"):rep(40000) } })
    assert.same({ "big (40 KB)" }, assert(amelia:run("api/tallyfy_api_read", { path = "/x" })).data.body.data._omitted)
    local _, failure = (function ()
      amelia.api.raw = function () return nil, { code = "forbidden", message = "No." } end
      return amelia:run("api/tallyfy_api_read", { path = "/x" })
    end)()
    assert.equal("forbidden", failure.code)
  end)
end)
