-- Stories: whole pieces of work in the practice organisation, from launch to the end.
local root = debug.getinfo(1, "S").source:match("^@(.*)practice_stories_spec.lua$")
local helper = dofile(root .. "practice_helper.lua")
local builder = dofile(root .. "practice_builder.lua")
local null = helper.null
local at = "/organizations/{org}"

describe("a story:", function ()
  local service, clock, amelia, ben, carla

  before_each(function ()
    service, clock = helper.open()
    amelia, ben, carla = helper.client(service, "Amelia"), helper.client(service, "Ben"), helper.client(service, "Carla")
  end)

  it("a contract goes from launch through approval and rules to completion", function ()
    local contract = builder.new(amelia, {
      title = "Contract", more = { auto_naming = true, default_process_name_format = "Contract" },
      kickoff = { { "Value", "text", required = true, field_validation = { "numeric" } } },
      steps = {
        { "Draft", assignees = { 41002 }, fields = { { "Clauses", "textarea", required = true } } },
        { "Legal review", assignees = { 41004 } },
        { "Sign", step_type = "approval", assignees = { 41001 }, can_complete_only_assignees = true },
        { "File it", assignees = { 41003 }, deadline = { value = 2, unit = "days", option = "from", step = "start_run" } },
      },
    })
    contract:rule({ { "kickoff", "Value", "greater_than", "10000" } }, { { "show", "Legal review" } })
    contract:rule({ { "step", "Sign", "approved", "any_time" } },
      { { "assign", "File it", assignees = { users = { 41006 }, guests = {}, groups = {} } } })

    local small = contract:launch { Value = 900 }
    assert.equal("auto-skipped", contract:task(small, "Legal review").status)
    local run = contract:launch { Value = 25000 }
    assert.equal("not-started", contract:task(run, "Legal review").status)
    assert.same({ complete = 0, total = 4, percent = 0 }, run.progress)

    assert.equal(422, contract:try(run, "Draft", nil, ben).status)
    contract:save(run, "Draft", { Clauses = "Ten of them" })
    assert.equal("in-progress", contract:task(run, "Draft").status)
    contract:complete(run, "Draft", nil, ben)
    contract:complete(run, "Legal review")
    assert.equal(422, contract:try(run, "Sign").status)
    assert.equal(403, contract:try(run, "Sign", { is_approved = true }, ben).status)
    local signed = contract:complete(run, "Sign", { is_approved = true })
    assert.equal("File it", signed.tasks_changed_by_rules.data[1].title)
    assert.same({ 41003, 41006 }, contract:task(run, "File it").owners.users)
    assert.equal(75, contract:run(run).progress.percent)
    contract:complete(run, "File it", nil, carla)

    local done = contract:run(run)
    assert.same({ "complete", 100 }, { done.status, done.progress.percent })
    assert.is_string(done.completed_at)
    contract:reopen(run, "File it")
    assert.same({ "active", null }, { contract:run(run).status, contract:run(run).completed_at })
  end)

  it("a rejection branches, goes round again, and ends well", function ()
    local article = builder.new(amelia, { title = "Article", steps = {
      { "Write", assignees = { 41002 } }, { "Approve", step_type = "approval", assignees = { 41001 } },
      { "Publish", assignees = { 41002 } }, { "Explain the rejection", assignees = { 41002 } },
    } })
    article:rule({ { "step", "Approve", "rejected", "any_time" } },
      { { "show", "Explain the rejection" }, { "reopen", "Write" }, { "hide", "Publish" } })
    article:rule({ { "step", "Write", "completed", "any_time" }, { "step", "Approve", "rejected", "any_time" } },
      { { "reopen", "Approve" } })
    article:rule({ { "step", "Approve", "approved", "any_time" } }, { { "show", "Publish" } })
    local run = article:launch()
    assert.equal("auto-skipped", article:task(run, "Publish").status, "something shows it")
    assert.equal("auto-skipped", article:task(run, "Explain the rejection").status)
    article:complete(run, "Write")

    local rejected = article:complete(run, "Approve", { is_approved = false })
    assert.same({ "completed", false }, { rejected.status, rejected.is_approved })
    assert.equal("in-progress", article:task(run, "Write").status)
    assert.equal("not-started", article:task(run, "Explain the rejection").status)
    article:complete(run, "Explain the rejection")
    article:complete(run, "Write")
    assert.same({ "in-progress", null },
      { article:task(run, "Approve").status, article:task(run, "Approve").is_approved })
    article:complete(run, "Approve", { is_approved = true })
    assert.equal("not-started", article:task(run, "Publish").status)
    article:complete(run, "Publish")
    assert.equal("complete", article:run(run).status)
  end)

  describe("a kick-off form with every type of field", function ()
    local form
    local right = {
      Text = 42, Area = "Long", Choice = "Red", Drop = { id = 2, text = "Large" }, When = "2026-12-24 18:00:00",
      Many = { { id = 1, text = "A", selected = true }, { id = 2, text = "B", selected = true } },
      Mail = "who@where.example", Rows = helper.json.array { { "T1", "T2" }, "S1" },
      People = { users = { 41002 }, guests = {}, groups = {} },
      Files = { { url = "https://files.example/plan.pdf", filename = "plan.pdf", source = "url" } },
    }

    before_each(function ()
      form = builder.new(amelia, { title = "Everything", kickoff = {
        { "Text", "text", required = true }, { "Area", "textarea" }, { "Choice", "radio", options = { "Red", "Blue" } },
        { "Drop", "dropdown", options = { "Small", "Large" } }, { "Many", "multiselect", options = { "A", "B", "C" } },
        { "When", "date" }, { "Mail", "email" }, { "Files", "file" }, { "Rows", "table", columns = { "Tag", "Serial" } },
        { "People", "assignees_form" },
      }, steps = { { "Look", title = "Look at {{x}}" } } })
    end)

    local function launch(values)
      return amelia:post(at .. "/runs", { checklist_id = form.id, prerun = form:values(values) })
    end

    it("takes the documented shapes and gives them back", function ()
      local answer = launch(right)
      assert.equal(201, answer.status)
      local stored = form:run(answer.body.data).prerun
      for label, value in pairs(right) do
        if label ~= "Files" then assert.same(value, stored[form.field[label]], label) end
      end
      local file = stored[form.field.Files][1]
      assert.same({ "https://files.example/plan.pdf", "plan.pdf" }, { file.full_url, file.filename })
      assert.is_string(file.uploaded_at)
    end)

    it("refuses each wrong shape by the field's id, and launches nothing", function ()
      local before = amelia:get(at .. "/runs").body.meta.pagination.total
      local wrong = {
        Text = { { value = "wrapped" }, ("x"):rep(201) }, Area = { 5, ("x"):rep(30001) }, Choice = { "red", { id = 1 } },
        Drop = { "Large", { id = 1, text = "Large" }, { id = 2 } }, Many = { "A", { { id = 1, text = "B" } } },
        When = { 1767225600, "tomorrow" }, Files = { "plan.pdf", { url = "x" }, { { name = "x" } } },
        Rows = { helper.json.array { "one column" }, "", helper.json.array {} }, People = { "ben", { users = "41002" } },
      }
      for label, list in pairs(wrong) do
        for _, value in ipairs(list) do
          local values = { Text = "x" }
          values[label] = value
          local answer = launch(values)
          assert.equal(422, answer.status, label)
          assert.is_string(answer.body.errors[form.field[label]][1], label)
        end
      end
      local missing = launch {}
      assert.same({ [form.field.Text] = { "Text is required" } }, missing.body.errors)
      assert.equal(before, amelia:get(at .. "/runs").body.meta.pagination.total)
    end)

    it("stores anything in an e-mail field, even an object", function ()
      local answer = launch { Text = "x", Mail = { odd = { 1 } } }
      assert.same({ odd = { 1 } }, answer.body.data.prerun[form.field.Mail])
    end)

    it("clears with empty values, and fills enabled defaults only", function ()
      local answer = launch { Text = "x", Area = "", When = null, Many = helper.json.array {}, Drop = {} }
      assert.equal(201, answer.status)
      assert.same({ [form.field.Text] = "x" }, answer.body.data.prerun)
      local defaults = builder.new(amelia, { title = "Defaults", kickoff = {
        { "On", "text", default_value = "yes", default_value_enabled = true }, { "Off", "text", default_value = "no" },
      } })
      assert.same({ [defaults.field.On] = "yes" }, defaults:launch().prerun)
    end)
  end)

  it("kick-off values show in titles, summaries and the name, and follow when they change", function ()
    local visit = builder.new(amelia, { title = "Visit", kickoff = { { "Guest", "text" }, { "Day", "date" },
      { "Needs", "multiselect", options = { "Desk", "Badge" } } } })
    local mark = ("{{%s}}"):format(visit.alias.Guest)
    visit:add_step { "Receive", title = "Receive " .. mark, summary = ("<p>%s on {{%s}}: {{%s}} {{unknown}}. {{TEMPLATE_NAME}} "
      .. "{{DATE}}</p>"):format(mark, visit.alias.Day, visit.alias.Needs) }
    amelia:put(at .. "/checklists/" .. visit.id, { title = "Visit", auto_naming = true,
      default_process_name_format = "Visit of " .. mark })
    local run = visit:launch { Guest = "<Ada>", Day = "2026-12-01T10:00:00Z",
      Needs = { { id = 1, text = "Desk", selected = true }, { id = 2, text = "Badge", selected = true } } }
    assert.equal("Visit of <Ada>", run.name)
    local task = visit:task(run, "Receive")
    assert.equal("Receive <Ada>", task.title)
    assert.equal("Receive " .. mark, task.original_title)
    assert.equal("<p>&lt;Ada&gt; on 2026-12-01: Desk, Badge . Visit 2026-11-25</p>", task.summary)
    amelia:put(at .. "/runs/" .. run.id, { prerun = visit:values { Guest = "Grace" } })
    assert.equal("Receive Grace", visit:task(run, "Receive").title)
  end)

  it("an expiring task expires by the clock, once, and its rules run", function ()
    local offer = builder.new(amelia, { title = "Offer", steps = {
      { "Answer", step_type = "expiring", assignees = { 41002 },
        deadline = { value = 1, unit = "days", option = "from", step = "start_run" } },
      { "Withdraw", assignees = { 41001 } },
    } })
    offer:rule({ { "step", "Answer", "expired", "any_time" } }, { { "show", "Withdraw" } })
    local run, taken = offer:launch(), offer:launch()
    local acknowledged = offer:complete(taken, "Answer")
    assert.is_true(acknowledged.is_approved)
    assert.equal("auto-skipped", offer:task(taken, "Withdraw").status)
    clock.now = clock.now + 86400 + 60
    local task = offer:task(run, "Answer")
    assert.same({ "completed", false, null, "2026-11-26T10:30:00Z" },
      { task.status, task.is_approved, task.completer_id, task.completed_at })
    assert.equal("not-started", offer:task(run, "Withdraw").status)
    offer:reopen(run, "Answer")
    assert.equal("in-progress", offer:task(run, "Answer").status, "the deadline has done its work")
    offer:put(run, "Answer", { deadline = "2026-11-27 09:00:00" })
    clock.now = clock.now + 2 * 86400
    assert.equal("completed", offer:task(run, "Answer").status)
  end)

  it("a deleted task no longer expires", function ()
    local task = amelia:post(at .. "/tasks", { title = "Gone", task_type = "expiring", deadline = "2026-11-26 10:00:00",
      owners = { users = { 41002 } }, webhook = "http://127.0.0.1:1/gone" }).body.data
    amelia:delete(at .. "/tasks/" .. task.id .. "/delete")
    clock.now = clock.now + 5 * 86400
    amelia:get("/me")
    assert.same({}, clock.sent)
  end)

  it("the organisation tidies up old work only when that is switched on", function ()
    local old = builder.new(amelia, { title = "Old", steps = { { "Only" } } })
    local done, forgotten = old:launch(), old:launch()
    old:complete(done, "Only")
    clock.now = clock.now + 53 * 7 * 86400
    assert.same({ "complete", "active" }, { old:run(done).status, old:run(forgotten).status })
    service.world.switches.auto_complete, service.world.switches.auto_archive = true, true
    assert.same({ "archived", "complete" }, { old:run(done).status, old:run(forgotten).status })
    assert.equal(null, old:task(forgotten, "Only").completer_id)
    local decision = builder.new(amelia, { title = "Decision", steps = { { "Decide", step_type = "approval" } } })
    local run = decision:launch()
    clock.now = clock.now + 53 * 7 * 86400
    assert.equal("active", decision:run(run).status, "nobody approves by forgetting")
  end)

  it("an archived process takes its work along, and brings it back as it was", function ()
    local plan = builder.new(amelia, { title = "Plan", steps = { { "Think", assignees = { 41002 } }, { "Do" } } })
    local run = plan:launch()
    plan:complete(run, "Think")
    local mine = at .. "/users/41001/tasks?q=Do"
    assert.equal(1, #amelia:get(mine).body.data)
    local archived = amelia:delete(at .. "/runs/" .. run.id).body.data
    assert.same({ "archived", "2026-11-25T10:30:00Z" }, { archived.status, archived.archived_at })
    assert.same({}, amelia:get(mine).body.data)
    assert.equal(422, plan:try(run, "Do").status)
    assert.equal(422, plan:put(run, "Do", { title = "x" }).status)
    assert.equal(422, amelia:post(at .. "/runs/" .. run.id .. "/comment", { content = "x" }).status)
    assert.equal(422, amelia:put(at .. "/runs/" .. run.id, { name = "x" }).status)
    for _, one in ipairs(amelia:get(at .. "/runs?per_page=100").body.data) do assert.not_equal(run.id, one.id) end
    assert.equal(run.id, amelia:get(at .. "/runs?archived=only").body.data[1].id)
    assert.equal(run.id, amelia:get(at .. "/runs?status=archived").body.data[1].id)
    clock.now = clock.now + 86400
    local back = amelia:put(at .. "/runs/" .. run.id .. "/activate").body.data
    assert.same({ "active", null, 50 }, { back.status, back.archived_at, back.progress.percent })
    plan:complete(run, "Do")
    local completed_at = plan:run(run).completed_at
    amelia:delete(at .. "/runs/" .. run.id)
    clock.now = clock.now + 86400
    local again = amelia:put(at .. "/runs/" .. run.id .. "/activate").body.data
    assert.same({ "complete", completed_at }, { again.status, again.completed_at })
  end)

  it("a step launches another template when it is done, once", function ()
    local second = builder.new(amelia, { title = "Second", steps = { { "Follow up" } } })
    local function first_with(order)
      return builder.new(amelia, { title = "First", steps = { { "Begin", bp_to_launch = order }, { "End" } } })
    end
    local first = first_with { id = second.id, default_name_format = "Linked work", tasks_within_process = false }
    local run = first:launch()
    first:complete(run, "Begin")
    local linked = amelia:get(at .. "/runs?q=linked").body.data
    assert.same({ "Linked work", run.id }, { linked[1].name, linked[1].parent_id })
    local threads = first:task(run, "Begin", "threads").threads.data
    assert.same({ null, 1 }, { threads[1].author, #threads })
    first:reopen(run, "Begin")
    first:complete(run, "Begin")
    assert.equal(1, #amelia:get(at .. "/runs?q=linked").body.data)

    local crowded = builder.new(amelia, { title = "Crowded", steps = {
      { "Full", assignees = { 41001, 41002 }, max_assignable = 1 } } })
    local failing = first_with { id = crowded.id }
    local other = failing:launch()
    assert.equal("completed", failing:complete(other, "Begin").status)
    local said = failing:task(other, "Begin", "threads").threads.data[1].content
    assert.is_truthy(said:find("could not be launched", 1, true))

    local within = first_with { id = second.id, tasks_within_process = true }
    local whole = within:launch()
    within:complete(whole, "Begin")
    local titles = {}
    for i, task in ipairs(amelia:get(at .. "/runs/" .. whole.id .. "/tasks").body.data) do titles[i] = task.title end
    assert.same({ "Begin", "Follow up", "End" }, titles)
    assert.same({ complete = 1, total = 3, percent = 33 }, within:run(whole).progress)
  end)

  it("an issue stops the work until it is resolved", function ()
    local job = builder.new(amelia, { title = "Job", steps = { { "One", assignees = { 41002 } }, { "Two" } } })
    local run = job:launch()
    job:complete(run, "One")
    local task = job:task(run, "One")
    local issue = ben:post(at .. "/tasks/" .. task.id .. "/problem", { content = "Wrong @[41003]" }).body.data
    assert.same({ "problem", null, { 41003 } }, { issue.label, issue.resolve_id, issue.sent_to })
    task = job:task(run, "One")
    assert.same({ "in-progress", true }, { task.status, task.problem })
    assert.equal("problem", job:run(run).status)
    assert.equal(422, job:try(run, "One").status)
    assert.equal(200, carla:get(at .. "/tasks/" .. task.id).status, "a mention grants access")
    local resolve = at .. "/tasks/" .. task.id .. "/resolved-threads"
    ben:post(at .. "/tasks/" .. task.id .. "/comment", { content = "Done", label = "resolve" })
    assert.is_true(job:task(run, "One").problem, "a comment labelled resolve closes nothing")
    local done = ben:post(resolve, { thread_id = issue.id, content = "Right" }).body.data
    assert.equal("resolve", done.label)
    assert.equal(422, ben:post(resolve, { thread_id = issue.id, content = "Again" }).status)
    assert.equal("active", job:run(run).status)

    local whole = amelia:post(at .. "/runs/" .. run.id .. "/problem", { content = "Stop everything" }).body.data
    assert.same({ "issue", true }, { job:run(run).status, job:run(run).has_open_issue })
    assert.equal(422, job:try(run, "Two").status)
    assert.equal(422, job:put(run, "Two", { title = "x" }).status)
    assert.equal(run.id, amelia:get(at .. "/runs?status=problem&q=job").body.data[1].id)
    amelia:post(at .. "/runs/" .. run.id .. "/resolved-threads", { thread_id = whole.id, content = "Go on" })
    assert.equal("active", job:run(run).status)
    job:complete(run, "Two")
  end)

  it("everybody completes for oneself where each must, a group's members included", function ()
    local vote = builder.new(amelia, { title = "Vote", steps = {
      { "Agree", assignees = { 41002, 41003 }, everyone_must_complete = true } } })
    local run = vote:launch(nil, nil, ben)
    local first = vote:complete(run, "Agree", nil, ben)
    assert.equal("in-progress", first.status)
    assert.same({ complete = 1, total = 2, users = { 41002 }, guests = {} }, first.completion_progress)
    assert.equal(422, vote:try(run, "Agree", nil, ben).status)
    assert.equal(422, vote:try(run, "Agree", nil, helper.client(service, "Dev")).status)
    assert.equal("completed", vote:complete(run, "Agree", nil, carla).status)
    assert.equal("completed", vote:complete(vote:launch(), "Agree").status, "an administrator ends it at once")
  end)
end)
