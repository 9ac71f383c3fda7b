-- tools_comments_spec.lua - comments and issues: a mention tells the one who is meant or is refused, resolve resolves,
-- and an edit loses neither label nor state.
local helper = dofile("tests/spec/tool_helper.lua")
local practice, json = helper.practice, helper.json

describe("tools for comments", function ()
  local service, amelia, ben, task

  before_each(function ()
    service = practice.open()
    amelia, ben = helper.person(service, "Amelia"), helper.person(service, "Ben")
    for _, run in ipairs(amelia.client:get("/organizations/{org}/runs?per_page=100").body.data) do
      if run.status == "active" and not task then
        for _, one in ipairs(amelia.client:get("/organizations/{org}/runs/" .. run.id .. "/tasks?per_page=100").body.data) do
          if one.status ~= "completed" and #amelia.client:get("/organizations/{org}/tasks/" .. one.id
            .. "?with=threads").body.data.threads.data == 0 then task = one end
        end
      end
    end
  end)

  after_each(function () task = nil end)

  local function refused(person, file, args, code)
    local result, err = person:run("comments/" .. file, args)
    assert.is_nil(result)
    assert.equal(code, err.code, err.message)
    assert.same({}, person.api.written)
    return err
  end

  local function add(content, more, person)
    local args = { task_id = task.id, content = content }
    for name, value in pairs(more or {}) do args[name] = value end
    return (person or amelia):run("comments/add_task_comment", args)
  end

  local function stored()
    return amelia.client:get("/organizations/{org}/tasks/" .. task.id .. "?with=threads").body.data.threads.data
  end

  it("get_task_comments lists who said what, and counts open issues", function ()
    assert.match("^No comments on ", assert(amelia:run("comments/get_task_comments", { task_id = task.id })).text)
    assert(add("First"))
    assert(add("Broken", { label = "problem" }, ben))
    local result = assert(amelia:run("comments/get_task_comments", { task_id = task.id, run_id = "" }))
    assert.equal(("2 comments on %s. 1 open issue."):format(task.title), result.text)
    assert.equal("First", result.data.data[1].content)
    assert.same({ id = 41002, full_name = "Ben Okonkwo" }, result.data.data[2].author)
    assert.is_true(result.data.data[2].is_open)
    for _, run_id in ipairs { task.run_id, task.id } do
      assert.equal(2, amelia:run("comments/get_task_comments", { task_id = task.id, run_id = run_id }).data.total)
    end
    assert.equal(2, amelia:run("comments/get_task_comments", { task_id = task.title, run_id = task.run_id }).data.total)
  end)

  it("get_task_comments keeps the newest when not all fit, and cuts long ones", function ()
    for i = 1, 20 do assert(add(i .. " " .. ("x"):rep(3000))) end
    local result = assert(amelia:run("comments/get_task_comments", { task_id = task.id }))
    assert.match("^20 comments on .* Only the newest %d+ fit here%.$", result.text)
    assert.is_true(result.data.truncated)
    assert.match("^20 x", result.data.data[#result.data.data].content)
    assert.match("%(cut%)$", result.data.data[1].content)
  end)

  it("get_task_comments goes through the process where the plain route shows none", function ()
    amelia.api.fail = function (_, path)
      if not path:match("/{org}/tasks/") then return nil end
      return { status = 200, body = { data = { id = task.id, title = "x", run_id = task.run_id } } }
    end
    assert.equal(0, assert(amelia:run("comments/get_task_comments", { task_id = task.id })).data.total)
    assert.equal("GET /organizations/{org}/runs/{run_id}/tasks/{task_id}", amelia.api.sent[2])
  end)

  it("refuses a task that is none", function ()
    refused(amelia, "get_task_comments", { task_id = ("0"):rep(32) }, "not_found")
    refused(amelia, "get_task_comments", { task_id = "No such task at all" }, "not_found")
    assert.match("There are", refused(amelia, "get_task_comments", { task_id = "No such", run_id = task.run_id },
      "not_found").hint)
  end)

  it("every way to mention becomes the mark", function ()
    for written, sent in pairs {
      ["@[41002] see"] = "@[41002] see", ["see @41002."] = "see @[41002].", ['@"ben okonkwo", see'] = "@[41002], see",
      ["see @Ben.Okonkwo."] = "see @[41002].", ["(@ben.okonkwo@marigold.example)"] = "(@[41002])",
      ['<span data-id="41002">Ben</span> see'] = '@[41002] <span data-id="41002">Ben</span> see',
    } do
      local result = assert(add(written))
      assert.same({ content = sent }, amelia.api.written[1].body)
      assert.equal("Commented. Told: Ben Okonkwo.", result.text)
      assert.same({ 41002 }, result.data.sent_to)
    end
  end)

  it("sent_to goes in front, once, and never as a key", function ()
    local result = assert(add(" See @41002 ", { sent_to = { 41002, "Dev Patel", "carla.duarte@marigold.example" },
      state = "open", label = "advice" }))
    assert.same({ content = "@[41004] @[41003] See @[41002]", state = "open", label = "advice" }, amelia.api.written[1].body)
    assert.equal("Commented. Told: Ben Okonkwo, Dev Patel, Carla Duarte.", result.text)
  end)

  it("what is no mention stays, and asks for no roster", function ()
    local plain = "Mail ben.okonkwo@marigold.example or +who@else.example, 3 @ 5 EUR"
    assert.equal("Commented.", assert(add(plain)).text)
    assert.equal(plain, amelia.api.written[1].body.content)
    assert.equal(1, #amelia.api.sent)
    local group = amelia.client:get("/organizations/{org}/groups?per_page=100").body.data[1].id
    assert(add("@[" .. group .. "] hello"))
    assert.equal("@[" .. group .. "] hello", amelia.api.written[1].body.content)
    local left = assert(add("at @noon, @2026 and @who@else.example"))
    assert.equal("at @noon, @2026 and @who@else.example", amelia.api.written[1].body.content)
    assert.match("stayed text, nobody is called so: @who@else.example, @noon, @2026", left.text)
  end)

  it("a mention that cannot be right is refused before anything is sent", function ()
    local place = { task_id = task.id }
    for content, code in pairs { ["@[7] x"] = "not_found", ['@"Nobody Known" x'] = "not_found",
      ['<span data-id="7">x</span>'] = "not_found" } do
      place.content = content
      refused(amelia, "add_task_comment", place, code)
      refused(amelia, "report_task_issue", place, code)
    end
    place.content, place.sent_to = "x", { "Nobody" }
    refused(amelia, "add_task_comment", place, "not_found")
    assert.equal(200, amelia.client:post("/organizations/{org}/users/invite", { email = "b@marigold.example",
      first_name = "Ben", last_name = "Okonkwo" }).status)
    place.content, place.sent_to = '@"Ben Okonkwo" x', nil
    assert.match("b@marigold.example", refused(amelia, "add_task_comment", place, "ambiguous").message, 1, true)
    amelia.api.fail = function () return { status = 500, body = { message = "no" } } end
    refused(amelia, "add_task_comment", place, "http_500")
  end)

  it("label resolve closes every open issue, the first with the text", function ()
    assert(add("One", { label = "problem" }))
    assert(amelia:run("comments/report_task_issue", { task_id = task.id, content = "Two @ben.okonkwo" }))
    assert.equal("POST /organizations/{org}/tasks/{task_id}/problem", amelia.api.written[1].line)
    assert.same({ content = "Two @[41002]" }, amelia.api.written[1].body)
    local result = assert(add("All done", { label = "resolve" }))
    assert.equal(("Resolved 2 issues on %s."):format(task.title), result.text)
    assert.equal(2, result.data.resolved_problems)
    assert.equal("All done", amelia.api.written[1].body.content)
    assert.equal("Resolved", amelia.api.written[2].body.content)
    assert.equal(2, #amelia.api.written)
    assert.is_false(amelia.client:get("/organizations/{org}/tasks/" .. task.id).body.data.problem)
    local none = assert(add("Again", { label = "resolve" }))
    assert.equal("Commented. There was no open issue to resolve.", none.text)
    assert.equal("resolve", none.data.label)
  end)

  it("label resolve says what could not be closed, and comments nothing on top", function ()
    assert(add("One", { label = "problem" }))
    assert(add("Two", { label = "problem" }))
    local posts = 0
    amelia.api.fail = function (method)
      posts = posts + (method == "POST" and 1 or 0)
      return method == "POST" and posts == 1 and { status = 500, body = { message = "no luck" } } or nil
    end
    local result = assert(add("All done", { label = "resolve" }))
    assert.match("^Resolved 1 issue on .* 1 could not be resolved: no luck", result.text)
    assert.equal("All done", stored()[3].content)
    assert.equal(1, #result.data.failed)
    amelia.api.fail = function (method) return method == "POST" and { status = 500, body = { message = "no" } } or nil end
    local nothing, err = add("Again", { label = "resolve" })
    assert.is_nil(nothing)
    assert.equal(500, err.status)
    amelia.api.fail = function () return { status = 503, body = { message = "no" } } end
    refused(amelia, "add_task_comment", { task_id = task.id, content = "x", label = "resolve" }, "http_503")
  end)

  it("update_task_comment keeps label and state", function ()
    local comment = assert(add("First", { label = "advice", state = "open" })).data
    local args = { task_id = task.id, comment_id = comment.id, content = " Second @41002 " }
    local result = assert(amelia:run("comments/update_task_comment", args))
    assert.same({ content = "Second @[41002]", label = "advice", state = "open" }, amelia.api.written[1].body)
    assert.equal(("Changed the comment on %s. Told: Ben Okonkwo."):format(task.title), result.text)
    assert.equal("Second @[41002]", stored()[1].content)
    local _, err = ben:run("comments/update_task_comment", args)
    assert.equal(403, err.status)
    args.comment_id = ("0"):rep(32)
    refused(amelia, "update_task_comment", args, "not_found")
    args.comment_id, args.label = comment.id, "resolve"
    refused(amelia, "update_task_comment", args, "refused")
    args.label, args.content = nil, '@"Nobody Known"'
    refused(amelia, "update_task_comment", args, "not_found")
  end)

  it("update_task_comment does not end an open issue by its label", function ()
    local issue = assert(add("Broken", { label = "problem" })).data
    local args = { task_id = task.id, comment_id = issue.id, content = "x", label = "comment" }
    assert.match("resolve_task_issues", refused(amelia, "update_task_comment", args, "refused").hint)
    args.label = "problem"
    assert(amelia:run("comments/update_task_comment", args))
  end)

  it("delete_task_comment gives back what was deleted", function ()
    local issue = assert(add("Broken", { label = "problem" })).data
    local args = { task_id = task.id, comment_id = issue.id }
    local _, err = ben:run("comments/delete_task_comment", args)
    assert.equal(403, err.status)
    local result = assert(amelia:run("comments/delete_task_comment", args))
    assert.equal("DELETE /organizations/{org}/tasks/{task_id}/comment/{comment_id}", amelia.api.written[1].line)
    assert.equal("Broken", result.data.content)
    assert.match("was an open issue", result.text)
    assert.equal(0, #stored())
    refused(amelia, "delete_task_comment", args, "not_found")
  end)

  it("resolve_task_issues closes one issue, once, and only an issue", function ()
    local one = assert(add("One", { label = "problem" })).data
    local two = assert(add("Two", { label = "problem" })).data
    local plain = assert(add("Just saying")).data
    local args = { task_id = task.id, thread_id = one.id }
    local result = assert(amelia:run("comments/resolve_task_issues", args))
    assert.same({ thread_id = one.id, content = "Resolved" }, amelia.api.written[1].body)
    assert.equal(("Resolved the issue on %s. 1 open issue left."):format(task.title), result.text)
    assert.match("^Nothing to change", assert(amelia:run("comments/resolve_task_issues", args)).text)
    assert.same({}, amelia.api.written)
    args.thread_id = plain.id
    assert.match(two.id, refused(amelia, "resolve_task_issues", args, "invalid_value").hint, 1, true)
    args.thread_id = ("0"):rep(32)
    refused(amelia, "resolve_task_issues", args, "not_found")
  end)

  it("nothing is written where the comments cannot be read", function ()
    amelia.api.fail = function (method)
      return method == "GET" and { status = 200, body = { data = { id = task.id, title = "x", threads = json.null } } } or nil
    end
    refused(amelia, "resolve_task_issues", { task_id = task.id, thread_id = task.id }, "unknown_state")
    refused(amelia, "delete_task_comment", { task_id = task.id, comment_id = task.id }, "unknown_state")
    refused(amelia, "add_task_comment", { task_id = task.id, content = "x", label = "resolve" }, "unknown_state")
  end)
end)
