-- Webhooks out: to whom, when, in which order and with what (api.md 21). The sending itself is in
-- tests/unit/practice/test_practice_webhooks.c.
local root = debug.getinfo(1, "S").source:match("^@(.*)practice_webhooks_spec.lua$")
local helper = dofile(root .. "practice_helper.lua")
local builder = dofile(root .. "practice_builder.lua")
local null = helper.null
local at = "/organizations/{org}"
local template_hook, step_hook, rule_hook, watch_hook =
  "http://127.0.0.1:1/template", "http://127.0.0.1:1/step", "http://127.0.0.1:1/rule", "http://127.0.0.1:1/watch"

describe("webhooks", function ()
  local service, clock, amelia, t

  before_each(function ()
    service, clock = helper.open()
    amelia = helper.client(service, "Amelia")
    t = builder.new(amelia, {
      title = "Told", more = { webhook = template_hook },
      kickoff = { { "Who", "text" }, { "Size", "dropdown", options = { "Small", "Large" } }, { "When", "date" } },
      steps = {
        { "One", assignees = { 41002 }, guests = { "j.brandt@supplier-gmbh.example" },
          fields = { { "Note", "textarea" }, { "File", "file" } } },
        { "Two", webhook = step_hook, assignees = { 41003 } },
      },
    })
  end)

  -- What was sent since the last time, as "address" texts.
  local function sent()
    local list = clock.sent
    clock.sent = {}
    return list
  end

  local function addresses(list)
    local names = {}
    for i, one in ipairs(list) do names[i] = one.url:match("[^/]+$") end
    return names
  end

  it("of nothing are sent while the world is made, nor for templates without one", function ()
    assert.same({}, sent())
    builder.new(amelia, { title = "Quiet", steps = { { "One" } } }):launch()
    assert.same({}, sent())
  end)

  it("tell of the launch, each task and the completion, with the documented headers", function ()
    local run = t:launch { Who = "Ada" }
    local launched = sent()
    assert.same({ "template" }, addresses(launched))
    assert.same({ ["Content-Type"] = "application/json", ["X-Tallyfy-orgID"] = amelia.org }, launched[1].headers)
    t:complete(run, "One")
    assert.same({ "template" }, addresses(sent()))
    t:complete(run, "Two")
    assert.same({ "step", "template" }, addresses(sent()), "the step's address instead of the template's")
    t:reopen(run, "Two")
    assert.same({}, sent())
    t:complete(run, "Two")
    assert.same({ "step", "template" }, addresses(sent()), "reopen and complete sends again")
    amelia:put(at .. "/runs/" .. run.id, { name = "Renamed" })
    amelia:delete(at .. "/runs/" .. run.id)
    amelia:put(at .. "/runs/" .. run.id .. "/activate")
    assert.same({}, sent(), "complete is told once")
  end)

  it("of ten tasks are twelve", function ()
    local steps = {}
    for i = 1, 10 do steps[i] = { "Step " .. i } end
    local ten = builder.new(amelia, { title = "Ten", more = { webhook = template_hook }, steps = steps })
    local run = ten:launch()
    for i = 1, 10 do ten:complete(run, "Step " .. i) end
    assert.equal(12, #sent())
  end)

  it("of a process carry its fields, people and answers by alias", function ()
    local run = t:launch({ Who = "Ada", Size = { id = 2, text = "Large" } }, { users = { 41002 } })
    local body = sent()[1].body
    assert.is_nil(body.event)
    assert.same({ run.id, "active", 0, 0 }, { body.id, body.status, body.progress, body.whole_progress })
    assert.same({ { user_id = 41002, full_name = "Ben Okonkwo" } }, body.users)
    assert.equal("amelia.hartmann@marigold.example", body.launcher.email)
    assert.same({ [t.alias.Who] = "Ada", [t.alias.Size] = "Large" }, body["ko-form-fields"])
    assert.same({ id = 2, text = "Large" }, body.prerun[t.field.Size])
    assert.equal(t:task(run, "One").id, body["process-tasks"][t:task(run, "One").alias])
    local link = body["guest-links"]["j.brandt@supplier-gmbh.example"].link_for_guest
    assert.is_truthy(link:find("/guest-all-task/" .. amelia.org, 1, true))
  end)

  it("of a task carry it, the next one, template, process and all answers", function ()
    local run = t:launch { Who = "Ada" }
    t:save(run, "One", { Note = "noted", File = { { url = "https://files.example/a.pdf", filename = "a.pdf" } } })
    sent()
    t:complete(run, "One")
    local body = sent()[1].body
    local this = body.this_task
    assert.same({ "One", "completed", 1, "2026-11-25T10:30:00Z" },
      { this.title, this.status, this.position, this.completed_at })
    assert.same({ alias = t.alias.Note, label = "Note", value = "noted" }, this.captures[t.field.Note])
    assert.equal("a.pdf", this.captures[t.field.File].value)
    assert.same({ "j.brandt@supplier-gmbh.example" }, this.owners.guests)
    assert.same({ "Ben Okonkwo", 41001 }, { this.owners.users[1].full_name, this.completed_by.id })
    assert.same({ "Two", nil, nil }, { body.next_task.title, body.next_task.completed_at, body.next_task.assets })
    assert.same({ "Told", run.id, 50 }, { body.template.title, body.process.id, body.process.progress })
    assert.equal("noted", body.process.process_forms[t.step.One][t.field.Note].value)
    assert.same({ "Ada", "noted" }, { body["form-fields"][t.alias.Who], body["form-fields"][t.alias.Note] })
    assert.equal("https://go.tallyfy.com/tracker/" .. run.id, body.process.ClientURL)
    t:complete(run, "Two")
    local last = sent()
    assert.same({}, last[1].body.next_task)
    assert.same({ "complete", 100 }, { last[2].body.status, last[2].body.progress })
  end)

  it("write dates in the organisation's format", function ()
    amelia:put(at, { webhook_date_field_format = "d/m/Y h:i A T" })
    local run = t:launch { When = "2026-07-01T12:00:00Z" }
    local body = sent()[1].body
    assert.equal("25/11/2026 10:30 AM +00:00", body.created_at)
    assert.equal("01/07/2026 01:00 PM +01:00", body["ko-form-fields"][t.alias.When])
    t:complete(run, "One")
    assert.equal("25/11/2026 10:30 AM +00:00", sent()[1].body.this_task.completed_at)
  end)

  it("of rules come between the task's and the process's, in the order of the rules", function ()
    t:rule({ { "step", "Two", "completed", "any_time" } },
      { { "emit_webhook", webhook_url = rule_hook .. "1", alias_name = "first" } })
    t:rule({ { "step", "Two", "completed", "any_time" } },
      { { "emit_webhook", webhook_url = rule_hook .. "2", alias_name = "second" } })
    t:rule({ { "kickoff", "Who", "equals", "Ada" } },
      { { "emit_webhook", webhook_url = rule_hook .. "0", alias_name = "launched" } })
    local run = t:launch { Who = "Ada" }
    local launched = sent()
    assert.same({ "rule0", "template" }, addresses(launched))
    assert.same({ "launched", run.id }, { launched[1].body.alias_name, launched[1].body.id })
    t:complete(run, "One")
    sent()
    t:complete(run, "Two")
    local list = sent()
    assert.same({ "step", "rule1", "rule2", "template" }, addresses(list))
    assert.same({ "second", "Two" }, { list[3].body.alias_name, list[3].body.this_task.title })
  end)

  it("of rules about values name the task that was saved, and another as the next", function ()
    t:rule({ { "field", "Note", "contains", "urgent" } },
      { { "emit_webhook", webhook_url = rule_hook, alias_name = "urgent" } })
    local run = t:launch()
    sent()
    t:save(run, "One", { Note = "urgent!" })
    local body = sent()[1].body
    assert.same({ "One", "Two", "in-progress" }, { body.this_task.title, body.next_task.title, body.this_task.status })
    t:save(run, "One", { Note = "urgent!" })
    assert.same({}, sent(), "the same value again changes nothing")
  end)

  it("of one-off tasks have no process and no template", function ()
    local task = amelia:post(at .. "/tasks", { title = "Alone", task_type = "task", deadline = "2026-12-01 10:00:00",
      owners = { users = { 41002 } }, webhook = step_hook }).body.data
    amelia:post(at .. "/completed-tasks", { task_id = task.id })
    local body = sent()[1].body
    assert.same({ "Alone", null, null, {} },
      { body.this_task.title, body.process, body.template, body["process-tasks"] })
  end)

  it("of an expired task are sent at the next request, in nobody's name", function ()
    local offer = builder.new(amelia, { title = "Offer", more = { webhook = template_hook }, steps = {
      { "Answer", step_type = "expiring", deadline = { value = 1, unit = "hours", option = "from", step = "start_run" } } } })
    offer:launch()
    sent()
    clock.now = clock.now + 7200
    amelia:get("/me")
    local list = sent()
    assert.same({ "template", "template" }, addresses(list))
    assert.same({ null, "2026-11-25T11:30:00Z" }, { list[1].body.completer, list[1].body.this_task.completed_at })
  end)

  it("tell watchers of every event by name", function ()
    local watcher = amelia:post(at .. "/users/41001/add-watcher", { object_type = "organization", object_id = amelia.org,
      notification_type = "webhook", frequency = "electric", webhook = watch_hook }).body.data
    local quiet = builder.new(amelia, { title = "Quiet", steps = { { "One", assignees = { 41002 } } } })
    local function events()
      local names = {}
      for i, one in ipairs(sent()) do names[i] = one.body.event end
      return names
    end
    local run = quiet:launch()
    local list = sent()
    assert.same({ "process.launched", amelia.org, "2026-11-25T10:30:00Z", run.id },
      { list[1].body.event, list[1].body.organization_id, list[1].body.occurred_at, list[1].body.process.id })
    quiet:put(run, "One", { owners = { users = { 41003 } } })
    assert.same({ "task.assigned" }, events())
    quiet:put(run, "One", { owners = { users = { 41003 } } })
    assert.same({}, events(), "the same owners again are no event")
    local task = at .. "/tasks/" .. quiet:task(run, "One").id
    amelia:post(task .. "/comment", { content = "hello" })
    list = sent()
    assert.same({ "task.comment_added", "hello" }, { list[1].body.event, list[1].body.thread.content })
    local issue = amelia:post(task .. "/problem", { content = "stuck" }).body.data
    assert.same({ "task.issue_raised" }, events())
    amelia:post(task .. "/resolved-threads", { thread_id = issue.id, content = "free" })
    assert.same({ "task.issue_resolved" }, events())
    quiet:complete(run, "One")
    assert.same({ "task.completed", "process.completed" }, events())
    amelia:delete(at .. "/remove-watcher/" .. watcher.id)
    quiet:launch()
    assert.same({}, sent())
  end)

  it("happen again for a repeated completion only behind the switch", function ()
    local run = t:launch()
    t:complete(run, "One")
    sent()
    assert.equal(422, t:try(run, "One").status)
    assert.same({}, sent())
    service.world.switches.repeat_completion = true
    t:complete(run, "One")
    assert.same({ "template" }, addresses(sent()))
  end)

  it("are not sent for what was refused", function ()
    t:rule({ { "kickoff", "Who", "equals", "Ada" } },
      { { "emit_webhook", webhook_url = rule_hook, alias_name = "x" } })
    amelia:post(at .. "/runs", { checklist_id = t.id, prerun = t:values { Who = "Ada", Size = "Large" } })
    assert.same({}, sent())
  end)
end)
