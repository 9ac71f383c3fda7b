-- Comments, files and the activity feed: what hangs on work (api.md 19, 20 and 22).
local root = debug.getinfo(1, "S").source:match("^@(.*)practice_threads_spec.lua$")
local helper = dofile(root .. "practice_helper.lua")
local builder = dofile(root .. "practice_builder.lua")
local null = helper.null
local at = "/organizations/{org}"

describe("comments", function ()
  local service, amelia, ben, carla, task

  before_each(function ()
    service = helper.open()
    amelia, ben, carla = helper.client(service, "Amelia"), helper.client(service, "Ben"), helper.client(service, "Carla")
    task = amelia:post(at .. "/tasks", { title = "Talk", task_type = "task", deadline = "2026-12-01 10:00:00",
      owners = { users = { 41002 } } }).body.data
  end)

  local function say(client, content, more)
    local body = { content = content }
    for key, value in pairs(more or {}) do body[key] = value end
    return client:post(at .. "/tasks/" .. task.id .. "/comment", body)
  end

  it("mention by @[id], groups and +e-mail; sent_to in the request counts for nothing", function ()
    local group = amelia:get(at .. "/groups?q=warehouse").body.data[1]
    local thread = say(amelia, "<p>@[41004] @[99] @Ben @[" .. group.id .. "] +new.face@partner.example</p>",
      { sent_to = { 41002 } }).body.data
    assert.same({ 41004, 41003, 41008 }, thread.sent_to)
    assert.equal(200, amelia:get(at .. "/guests/new.face@partner.example").status)
    assert.equal(200, carla:get(at .. "/tasks/" .. task.id).status)
  end)

  it("are hidden from light members who are not named", function ()
    assert.equal(404, carla:get(at .. "/tasks/" .. task.id).status)
    assert.equal(404, say(carla, "x").status)
  end)

  it("are changed by their author and administrators only", function ()
    local mine = say(ben, "mine").body.data
    local target = at .. "/tasks/" .. task.id .. "/comment/" .. mine.id
    assert.equal(403, helper.client(service, "Dev"):put(target, { content = "not mine" }).status)
    assert.equal(200, ben:put(target, { content = "still @[41003]" }).status)
    assert.same({ 41003 }, amelia:put(target, { content = "still @[41003]", label = "advice" }).body.data.sent_to)
    assert.equal(403, helper.client(service, "Dev"):delete(target).status)
    assert.equal(200, ben:delete(target).status)
    assert.equal(404, ben:delete(target).status)
  end)

  it("deleted issues no longer block", function ()
    local issue = say(amelia, "stuck", { label = "problem" }).body.data
    assert.equal(422, amelia:post(at .. "/completed-tasks", { task_id = task.id }).status)
    amelia:delete(at .. "/tasks/" .. task.id .. "/comment/" .. issue.id)
    assert.equal(200, amelia:post(at .. "/completed-tasks", { task_id = task.id }).status)
  end)

  it("have an hourly limit behind a switch, with Retry-After", function ()
    service.world.switches.comments_per_hour = 2
    assert.same({ 200, 200 }, { say(amelia, "1").status, say(ben, "2").status })
    local refused = say(ben, "3")
    assert.same({ 429, "RATE_LIMIT_EXCEEDED" }, { refused.status, refused.body.code })
    assert.is_truthy(refused.headers["Retry-After"]:find("^%d+$"))
  end)

  it("count the guests they make among the new guests of the hour", function ()
    service.world.switches.guests_per_hour = 1
    assert.equal(200, say(amelia, "+one@partner.example").status)
    assert.equal(200, say(amelia, "+one@partner.example again").status)
    assert.equal(429, say(amelia, "+two@partner.example").status)
    assert.equal(404, amelia:get(at .. "/guests/two@partner.example").status)
  end)

  it("answer 201 behind a switch", function ()
    service.world.switches.comments_answer_201 = true
    assert.equal(201, say(amelia, "x").status)
  end)
end)

describe("files", function ()
  local service, amelia, t, run

  before_each(function ()
    service = helper.open()
    amelia = helper.client(service, "Amelia")
    t = builder.new(amelia, { title = "Papers", steps = { { "Sign", fields = { { "Scan", "file", required = true } } } } })
    run = t:launch()
  end)

  local function upload(name, content, fields)
    local parts = { subject_type = "Run", subject_id = run.id, uploaded_from = t.field.Scan, source = "local" }
    for key, value in pairs(fields or {}) do parts[key] = value or nil end
    local text = {}
    for key, value in pairs(parts) do
      text[#text + 1] = ('--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'):format(key, value)
    end
    text[#text + 1] = ('--b\r\nContent-Disposition: form-data; name="name"; filename="%s"\r\n\r\n%s\r\n--b--')
      :format(name, content)
    return amelia:post(at .. "/file", table.concat(text), { ["content-type"] = "multipart/form-data; boundary=b" })
  end

  it("are stored by the first call and used by the second", function ()
    local content = "\0\1\r\n--c\r\nbinary \255"
    local asset = upload("scan 1.pdf", content).body.data
    assert.same({ "scan 1.pdf", 1, t.step.Sign, "Run" },
      { asset.filename, asset.version, asset.step_id, asset.subject.type })
    assert.same({}, t:task(run, "Sign").taskdata)
    assert.equal(422, t:try(run, "Sign").status)
    t:save(run, "Sign", { Scan = { asset } })
    local stored = t:task(run, "Sign").taskdata[t.field.Scan][1]
    assert.is_truthy(stored.full_url:find(asset.id .. "/dl", 1, true))
    assert.equal("2026-11-25T10:30:00Z", stored.uploaded_at)
    assert.equal(content, amelia:get(at .. "/file/" .. asset.id .. "/dl").text)
    assert.equal(404, amelia:get(at .. "/file/" .. asset.id).status, "a known defect for files of run tasks")
    t:complete(run, "Sign")
  end)

  it("count their versions", function ()
    assert.equal(1, upload("a.pdf", "1").body.data.version)
    assert.equal(2, upload("a.pdf", "2").body.data.version)
    assert.equal(1, upload("b.pdf", "2").body.data.version)
  end)

  it("are refused for wrong types, subjects, sizes and bodies, and nothing is stored", function ()
    for _, case in ipairs {
      { "run.exe", "x" }, { "noext", "x" }, { "a.pdf", "x", { subject_type = "Process" } },
      { "a.pdf", "x", { subject_type = "Template" } }, { "a.pdf", "x", { subject_id = ("0"):rep(32) } },
      { "a.pdf", "x", { uploaded_from = false } }, { "a.pdf", "x", { source = "ftp" } },
    } do
      local answer = upload(table.unpack(case))
      assert.equal(422, answer.status, case[1])
    end
    service.world.switches.upload_bytes = 10
    assert.equal(200, upload("a.pdf", ("x"):rep(10)).status)
    local large = upload("a.pdf", ("x"):rep(11))
    assert.same({ 422, true }, { large.status, large.body.errors.name ~= nil })
    for _, body in ipairs { "", "--b", "--b\r\n", "--b\r\nx\r\n\r\n", ("--b\r\n\r\n\r\n--b"):rep(200), "{}",
      ("--b\r\nContent-Disposition: form-data; name=name; filename=a.pdf\r\n\r\nx\r\n"):rep(101) .. "--b--" } do
      assert.equal(422, amelia:post(at .. "/file", body, { ["content-type"] = "multipart/form-data; boundary=b" }).status)
      assert.equal(422, amelia:post(at .. "/file", body).status)
    end
    assert.equal(1, service.world.organizations[1].assets:count())
  end)

  it("keep no path and no quotes in their names", function ()
    local asset = upload('../../etc/x\\evil;.pdf', "x").body.data
    assert.equal("evil;.pdf", asset.filename)
  end)

  it("of another place are links", function ()
    local body = table.concat {
      '--b\r\nContent-Disposition: form-data; name="name"\r\n\r\nhttps://files.example/plan.pdf?x=1\r\n',
      '--b\r\nContent-Disposition: form-data; name="source"\r\n\r\nurl\r\n',
      '--b\r\nContent-Disposition: form-data; name="subject_type"\r\n\r\nRun\r\n',
      '--b\r\nContent-Disposition: form-data; name="subject_id"\r\n\r\n', run.id, '\r\n',
      '--b\r\nContent-Disposition: form-data; name="uploaded_from"\r\n\r\nko_field\r\n--b--',
    }
    local asset = amelia:post(at .. "/file", body, { ["content-type"] = "multipart/form-data; boundary=b" }).body.data
    assert.same({ "plan.pdf", "url", false }, { asset.filename, asset.source, asset.uploaded_to_s3 })
    assert.equal("https://files.example/plan.pdf?x=1", amelia:get(at .. "/file/" .. asset.id).headers.Location)
  end)

  it("go with their process", function ()
    local asset = upload("a.pdf", "1").body.data
    amelia:delete(at .. "/runs/" .. run.id)
    amelia:delete(at .. "/runs/" .. run.id .. "/delete")
    assert.equal(404, amelia:get(at .. "/assets/" .. asset.id).status)
    assert.equal(0, service.world.organizations[1].asset_bytes)
  end)

  it("of others are unknown", function ()
    local asset = upload("a.pdf", "1").body.data
    local ines = helper.client(service, "Ines")
    assert.equal(404, ines:get(at .. "/assets/" .. asset.id).status)
    assert.equal(404, helper.client(service, "Carla"):get(at .. "/file/" .. asset.id .. "/dl").status)
  end)
end)

describe("the activity feed", function ()
  local amelia, ben, carla, t, run

  before_each(function ()
    local service = helper.open()
    amelia, ben, carla = helper.client(service, "Amelia"), helper.client(service, "Ben"), helper.client(service, "Carla")
    t = builder.new(amelia, { title = "Noted", steps = { { "One", assignees = { 41002 } }, { "Two" } } })
    run = t:launch()
  end)

  local function feed(query) return amelia:get(at .. "/activity-feeds?" .. query).body end

  local function verbs(query)
    local list = {}
    for i, row in ipairs(feed(query).data) do list[i] = row.verb[1] .. " " .. row.type[1] end
    return list
  end

  it("tells what happened to a process and its tasks, newest first", function ()
    t:complete(run, "One", nil, ben)
    t:reopen(run, "One")
    local task = t:task(run, "One")
    ben:post(at .. "/tasks/" .. task.id .. "/comment", { content = "first words" })
    local issue = ben:post(at .. "/tasks/" .. task.id .. "/problem", { content = "wrong" }).body.data
    ben:post(at .. "/tasks/" .. task.id .. "/resolved-threads", { thread_id = issue.id, content = "right" })
    assert.same({ "issue-resolved Task", "issue-reported Task", "commented Comment", "uncompleted Task",
      "completed Task" }, verbs("entity_id=" .. task.id))
    assert.same({ "created Process" }, verbs("entity_type=run&verb=created&entity_id=" .. run.id))
    local row = feed("verb=completed&type=Task&entity_id=" .. task.id).data[1]
    assert.same({ 41002, "Ben Okonkwo", "App\\Models\\Task", "App\\Models\\Run", run.id, "One", "Member" },
      { row.actor_id[1], row.actor[1].full_name, row.auditable_type, row.parentable_type, row.parentable_id,
        row.audit.data.title, row.source[1] })
  end)

  it("is filtered by actor, words, time and kind, in pages of twenty", function ()
    t:complete(run, "One", nil, ben)
    assert.equal("completed Task", verbs("actor_id=41002")[1])
    assert.equal("completed Task", verbs("actor_email=ben.okonkwo%40marigold.example")[1])
    assert.same({}, verbs("actor_email=nobody%40marigold.example"))
    assert.equal(0, #feed("created_after=2026-11-26").data)
    assert.is_true(feed("created_before=2026-11-24").meta.pagination.total > 20)
    assert.is_true(feed("search=one").meta.pagination.total >= 1)
    assert.same({ 20, 20 }, { #feed("").data, feed("").meta.pagination.per_page })
    assert.equal("created", feed("sort=created_at").data[1].verb[1])
    for _, query in ipairs { "search=x", "entity_type=user", "created_after=soon" } do
      assert.equal(422, amelia:get(at .. "/activity-feeds?" .. query).status, query)
    end
  end)

  it("shows light members only what they may see", function ()
    for _, row in ipairs(carla:get(at .. "/activity-feeds?per_page=100").body.data) do
      assert.not_equal(run.id, row.auditable_id)
    end
    assert.is_true(#carla:get(at .. "/activity-feeds").body.data > 3)
    local ids = {}
    for _, row in ipairs(amelia:get(at .. "/tasks/" .. t:task(run, "One").id .. "?with=activities").body.data.activities.data) do
      ids[#ids + 1] = row.id
    end
    assert.same({}, ids)
    assert.equal(null, feed("type=Process&verb=created").data[1].old_value)
  end)
end)
