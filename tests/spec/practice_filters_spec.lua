-- The filters of the lists of processes and tasks (api.md 17 and 18), and what PUT changes on tasks.
local root = debug.getinfo(1, "S").source:match("^@(.*)practice_filters_spec.lua$")
local helper = dofile(root .. "practice_helper.lua")
local builder = dofile(root .. "practice_builder.lua")
local at = "/organizations/{org}"

describe("filters", function ()
  local service, clock, amelia, t, run

  before_each(function ()
    service, clock = helper.open()
    amelia = helper.client(service, "Amelia")
    t = builder.new(amelia, { title = "Zebra", steps = { { "Stripe one", assignees = { 41002 } }, { "Stripe two" } } })
    run = t:launch(nil, { name = "Zebra crossing" })
  end)

  local function names(query)
    local list = {}
    for i, one in ipairs(amelia:get(at .. "/runs?q=zebra&" .. query).body.data) do list[i] = one.name end
    return list
  end

  local function titles(query)
    local list = {}
    for i, one in ipairs(amelia:get(at .. "/tasks?q=stripe&" .. query).body.data) do list[i] = one.title end
    return list
  end

  local found, nothing = { "Zebra crossing" }, {}

  it("of processes look at tags", function ()
    local tag = amelia:post(at .. "/tags", { title = "Striped" }).body.data
    assert.same({ nothing, found }, { names("tag=" .. tag.id), names("untagged=true") })
    local other = t:launch(nil, { name = "Zebra two", tags = { tag.id } })
    assert.same({ "Zebra two" }, names("tag=" .. tag.id))
    assert.same({ "Zebra two" }, names("tag_ids=" .. ("0"):rep(32) .. "," .. tag.id))
    assert.same(found, names("untagged=true"))
    local shown = amelia:get(at .. "/runs/" .. other.id .. "?with=tags").body.data.tags.data[1]
    assert.equal("Striped", shown.title)
    assert.equal(2, #titles("tag=" .. tag.id), "its tasks count as tagged")
    local hits = amelia:get(at .. "/search?search=zebra&on=process&tags=true").body.process.data
    assert.equal("Striped", helper.find(hits, "id", other.id).tags.data[1].title)
    assert.same({}, helper.find(hits, "id", run.id).tags.data)
  end)

  it("of processes look at people, groups, tasks, template, star and type", function ()
    assert.same({ found, nothing }, { names("owners=41002"), names("owners=41009") })
    assert.same({ found, found }, { names("owners=41001"), names("me=true") })
    local group = amelia:get(at .. "/groups").body.data[1].id
    assert.same(nothing, names("groups=" .. group))
    amelia:put(at .. "/runs/" .. run.id, { groups = { group }, starred = true })
    assert.same({ found, found }, { names("groups=" .. group), names("starred=true") })
    assert.same({ found, nothing }, { names("status=starred"), names("starred=false") })
    assert.same({ found, nothing, found },
      { names("task_status=in-progress"), names("task_status=completed"), names("task_status=all") })
    t:complete(run, "Stripe one")
    assert.same(found, names("task_status=completed"))
    assert.same({ found, found }, { names("checklist_id=" .. t.id), names("blueprint_id=" .. t.id) })
    assert.same({ found, nothing }, { names("type=procedure"), names("type=form") })
    assert.same(nothing, names("status=improvement"))
    amelia:post(at .. "/runs/" .. run.id .. "/comment", { content = "Wider", label = "improvement" })
    assert.same(found, names("status=improvement"))
  end)

  it("of tasks look at days, folder, kind and custom fields", function ()
    assert.same({ 2, 0 }, { #titles("created=2026-11-25"), #titles("created=2026-11-01:2026-11-24") })
    assert.same({ 2, 0 }, { #titles("created=2026-11-25:2026-11-26"), #titles("created=2026-11-26") })
    assert.same({ 0, 2 }, { #titles("is_oneoff=true"), #titles("is_oneoff=false") })
    local folder = amelia:get(at .. "/folders?folder_type=run").body.data[1].id
    assert.equal(0, #titles("folder=" .. folder))
    t:launch(nil, { folders = { folder } })
    assert.equal(2, #titles("folder=" .. folder))
    local task = t:task(run, "Stripe one")
    local answer = amelia:post(at .. "/custom-field-keys", { key = "cost", applies_to = "task", field_type = "text" })
    assert.equal(201, answer.status)
    local set = amelia:put(at .. "/runs/" .. run.id .. "/tasks/" .. task.id .. "/custom-fields",
      { custom_fields = { cost = "High" } })
    assert.equal(200, set.status)
    assert.same({ "Stripe one" }, titles("custom_field_key=cost&custom_field_value=high"))
    assert.same({}, titles("custom_field_key=cost&custom_field_value=low"))
    assert.equal(422, amelia:get(at .. "/tasks?custom_field_key=cost").status)
  end)

  it("archived one-off tasks come when asked for", function ()
    local task = amelia:post(at .. "/tasks", { title = "Stripe alone", task_type = "task",
      deadline = "2026-12-01 10:00:00", owners = { users = { 41002 } } }).body.data
    amelia:delete(at .. "/tasks/" .. task.id)
    assert.equal(2, #titles(""))
    assert.equal(3, #titles("archived=true"))
    assert.same({ "Stripe alone" }, titles("archived=only"))
    amelia:put(at .. "/tasks/" .. task.id .. "/restore")
    assert.equal(3, #titles(""))
    assert.equal(clock.now, helper.wednesday)
  end)

  it("PUT moves, limits, retypes and starts a task", function ()
    t:put(run, "Stripe two", { position = 1, max_assignable = 1, task_type = "approval", started_at = "2026-11-26",
      prevent_guest_comment = true, top_secret = true, webhook = "http://127.0.0.1:1/x", summary = "<p>New</p>" })
    local task = t:task(run, "Stripe two")
    assert.same({ 1, 1, "approval", "2026-11-26T00:00:00Z", true, true, "http://127.0.0.1:1/x", "<p>New</p>" },
      { task.position, task.max_assignable, task.task_type, task.started_at, task.prevent_guest_comment,
        task.top_secret, task.webhook, task.summary })
    assert.equal(2, t:task(run, "Stripe one").position)
    assert.equal(422, t:put(run, "Stripe two", { owners = { users = { 41001, 41002 } } }).status)
    assert.equal(422, t:try(run, "Stripe two").status)
    for _, body in ipairs { { task_type = "number" }, { webhook = "ftp://x" }, { max_assignable = -1 }, { title = "" },
      { deadline = "soon" }, { position = "first" }, { owners = { users = { 1 } } }, { taskdata = "x" } } do
      assert.equal(422, t:put(run, "Stripe two", body).status)
    end
    assert.equal("Stripe two", t:task(run, "Stripe two").title)
  end)

  it("one-off tasks can have form fields of their own", function ()
    local body = { title = "Form", task_type = "task", deadline = "2026-12-01 10:00:00", owners = { users = { 41002 } },
      form_fields = { { label = "Count", field_type = "text", required = true, field_validation = "numeric" },
        { label = "Pick", field_type = "dropdown", required = false, options = { { id = 1, text = "A" } } } } }
    local made = amelia:post(at .. "/tasks", body).body.data
    local fields = amelia:get(at .. "/tasks/" .. made.id .. "?with=form_fields").body.data.form_fields.data
    assert.same({ "Count", "Pick" }, { fields[1].label, fields[2].label })
    assert.equal(422, amelia:post(at .. "/completed-tasks", { task_id = made.id }).status)
    local again = { title = "Form", deadline = "2026-12-01", owners = { users = { 41002 } },
      taskdata = { [fields[1].id] = "many" } }
    assert.equal(422, amelia:put(at .. "/tasks/" .. made.id, again).status)
    again.taskdata[fields[1].id] = "7"
    assert.equal(200, amelia:put(at .. "/tasks/" .. made.id, again).status)
    assert.equal(200, amelia:post(at .. "/completed-tasks", { task_id = made.id }).status)
    body.form_fields[1].field_type = "number" -- one page of the documentation has it; there is no such type
    assert.is_table(amelia:post(at .. "/tasks", body).body.errors["form_fields.0.field_type"])
  end)
end)
