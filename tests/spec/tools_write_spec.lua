-- tools_write_spec.lua - the tools that change something: what they send, and that nothing is sent when it cannot be right.
local helper = dofile("tests/spec/tool_helper.lua")
local practice = helper.practice

local function posts(person)
  local count = 0
  for _, sent in ipairs(person.api.sent) do
    if not sent:match("^GET ") then count = count + 1 end
  end
  return count
end

describe("writing tools", function ()
  local service, amelia, onboarding

  local function launch(values)
    return amelia:run("processes/launch_process", { template_id = onboarding.id, name = " Onboarding: Jane ",
      prerun = values or { ["New starter name"] = "Jane Doe", department = "it", ["start-date"] = "x",
        ["Start date"] = "2026-12-07 09:00:00" } })
  end

  before_each(function ()
    service = practice.open()
    amelia = helper.person(service, "Amelia")
    onboarding = amelia.client:template("Employee onboarding")
  end)

  it("launch_process takes labels and option texts", function ()
    local result = assert(launch { ["New starter name"] = "Jane Doe", Department = "it",
      ["start date"] = "2026-12-07 09:00:00", ["Remote worker?"] = 1 })
    assert.equal("Launched: Onboarding: Jane, from the template Employee onboarding. "
      .. "Start date: 2026-12-07 09:00:00 UTC.", result.text, "says how the date was understood")
    local run = amelia.client:get("/organizations/{org}/runs/" .. result.data.id).body.data
    local stored = {}
    for _, field in ipairs(onboarding.prerun) do stored[field.label] = run.prerun[field.id] end
    assert.equal("Jane Doe", stored["New starter name"])
    assert.equal("IT", stored.Department.text)
    assert.equal("Yes", stored["Remote worker?"])
  end)

  it("launch_process reads deadlines of steps and refuses what is none", function ()
    local step = onboarding.steps.data[1]
    local args = { template_id = onboarding.id, name = "Dates",
      prerun = { ["New starter name"] = "Jane", Department = "IT", ["Start date"] = "2026-12-07" },
      tasks = { [step.id] = { deadline = "2026-12-04T17:00:00+01:00" } } }
    local result = assert(amelia:run("processes/launch_process", args))
    assert.match(step.title .. " is due 2026-12-04 16:00:00 UTC.", result.text, 1, true)
    local tasks = amelia.client:get("/organizations/{org}/runs/" .. result.data.id .. "/tasks?per_page=100").body.data
    assert.equal("2026-12-04T16:00:00Z", practice.find(tasks, "step_id", step.id).deadline)

    args.tasks[step.id].deadline = "when pigs fly"
    local none, err = amelia:run("processes/launch_process", args)
    assert.is_nil(none)
    assert.equal("tasks", err.field)
    assert.equal(0, posts(amelia))
    args.tasks, args.prerun["Start date"] = nil, "someday"
    none, err = amelia:run("processes/launch_process", args)
    assert.is_nil(none)
    assert.equal("Start date", err.field)
    assert.equal(0, posts(amelia))
  end)

  it("launch_process refuses before it sends anything", function ()
    local wrong = {
      { { ["No such field"] = 1 }, "unknown_field" },
      { { ["New starter name"] = "A", Department = "Legal", ["Start date"] = "2026-12-07" }, "invalid_value" },
      { { ["New starter name"] = "A" }, "missing_value" },
      { helper.json.array { 7 }, "invalid_value" },
    }
    for _, case in ipairs(wrong) do
      local result, err = launch(case[1])
      assert.is_nil(result)
      assert.equal(case[2], err.code)
      assert.equal(0, posts(amelia), err.message)
    end
    local _, err = launch { ["New starter name"] = "A", Department = "Legal", ["Start date"] = "2026-12-07" }
    assert.match("Warehouse", err.hint, 1, true)
  end)

  local function open_task(title)
    local result = assert(launch { ["New starter name"] = "Jane", Department = "IT", ["Start date"] = "2026-12-07 09:00:00" })
    local tasks = amelia.client:get("/organizations/{org}/runs/" .. result.data.id .. "/tasks?per_page=100").body.data
    return assert(practice.find(tasks, "title", title))
  end

  it("complete_task needs a decision for approvals, and only there", function ()
    local task = open_task("Approve the start package")
    local place = { run_id = task.run_id, task_id = task.id }
    local result, err = amelia:run("tasks/complete_task", place)
    assert.is_nil(result)
    assert.equal("is_approved", err.field)
    assert.equal(0, posts(amelia))
    place.is_approved = true
    assert.match("^Approved: ", assert(amelia:run("tasks/complete_task", place)).text)
    local again, refused = amelia:run("tasks/complete_task", place)
    assert.is_nil(again)
    assert.equal("already_done", refused.code)
    assert.equal(0, posts(amelia), "a second completion would tell people again")
  end)

  it("complete_task does not complete what was to be rejected", function ()
    local task = open_task("Welcome Jane on the first day")
    local place = { run_id = task.run_id, task_id = task.id, is_approved = false }
    local result, err = amelia:run("tasks/complete_task", place)
    assert.is_nil(result)
    assert.same({ "invalid_value", "is_approved" }, { err.code, err.field })
    assert.match("cannot be rejected", err.message)
    assert.equal(0, posts(amelia))
    place.is_approved = true -- completing is what approval comes to
    assert.match("^Completed: ", assert(amelia:run("tasks/complete_task", place)).text)
  end)

  it("reopen_task posts the reason, and says so when it could not", function ()
    local task = open_task("Welcome Jane on the first day")
    local place = { run_id = task.run_id, task_id = task.id, reason = " Wrong day " }
    assert(amelia:run("tasks/complete_task", { run_id = task.run_id, task_id = task.id }))
    assert.match("^Reopened: ", assert(amelia:run("tasks/reopen_task", place)).text)
    local shown = amelia.client:get(("/organizations/{org}/runs/%s/tasks/%s?with=threads"):format(task.run_id, task.id)).body.data
    assert.not_equal("completed", shown.status)

    assert(amelia:run("tasks/complete_task", { run_id = task.run_id, task_id = task.id }))
    amelia.api.fail = function (_, path)
      if path:match("comment$") then return { status = 500, body = { message = "no comments today" } } end
    end
    local partial = assert(amelia:run("tasks/reopen_task", place))
    assert.match("But the reason could not be posted", partial.text)
    assert.equal("no comments today", partial.data.comment_error)
  end)

  it("create_standalone_task finds people by name and e-mail, and sends UTC", function ()
    local result = assert(amelia:run("tasks/create_standalone_task", { title = " Call the caterer ",
      deadline = "2026-12-04T17:00:00+01:00", user_names = { "ben okonkwo" }, user_emails = { "DEV.PATEL@marigold.example" },
      group_names = { "finance team" }, separate_task_for_each_assignee = false, task_type = "task" }))
    assert.equal("Created: Call the caterer, due 2026-12-04 16:00:00 UTC.", result.text)
    assert.same({ 41002, 41004 }, result.data.owners.users)
    assert.equal(1, #result.data.owners.groups)
  end)

  it("create_standalone_task refuses nobody, somebody unknown, and somebody unclear", function ()
    local function create(args)
      args.title, args.deadline = "x", args.deadline or "2026-12-04"
      return amelia:run("tasks/create_standalone_task", args)
    end
    for _, case in ipairs {
      { {}, "missing_value" },
      { { user_names = { "Nobody Known" } }, "not_found" },
      { { user_emails = { "ben.okonkwo@marigold.example", "who@else.example" } }, "not_found" },
      { { group_names = { "No Group" } }, "not_found" },
      { { deadline = "next Tuesday", user_names = { "Ben Okonkwo" } }, "bad_date" },
    } do
      local result, err = create(case[1])
      assert.is_nil(result)
      assert.equal(case[2], err.code)
      assert.equal(0, posts(amelia))
    end
  end)
end)

describe("deadline", function ()
  local deadline = dofile("tests/spec/iso_deadline.lua")

  it("reads ISO 8601", function ()
    for text, utc in pairs {
      ["2026-12-04T17:00:00+01:00"] = "2026-12-04 16:00:00", ["2026-12-04T17:00Z"] = "2026-12-04 17:00:00",
      ["2026-12-04 17:00"] = "2026-12-04 17:00:00", ["2026-12-04"] = "2026-12-04 23:59:59",
      ["2027-01-01T00:30:00+05:30"] = "2026-12-31 19:00:00", ["2028-02-29T12:00:00-1200"] = "2028-03-01 00:00:00",
      [" 2026-12-04T17:00:00.123Z "] = "2026-12-04 17:00:00",
    } do
      assert.equal(utc, (deadline.parse(text)), text)
    end
  end)

  it("refuses what is none", function ()
    for _, text in ipairs { "tomorrow", "2026-13-01", "2026-02-30", "2027-02-29", "2026-12-04T25:00", "2026-12-04T17",
      "2026-12-04T17:00+99:00", "2026-12-04 noon", "04.12.2026" } do
      local value, err = deadline.parse(text)
      assert.is_nil(value, text)
      assert.equal("deadline", err.field)
    end
  end)
end)

describe("shape", function ()
  local shape, json = helper.use "tallyfy.shape", helper.json

  it("drops what is empty, keeps false and 0, unwraps includes", function ()
    assert.same({ a = false, b = 0, steps = { { id = 1 } } }, shape.object {
      a = false, b = 0, c = "", d = json.null, e = {}, f = json.array(), g = { h = json.null },
      steps = { data = json.array { { id = 1, note = "" } } } })
  end)

  it("cuts long text at a character", function ()
    local cut = shape.object({ text = ("ä"):rep(400) }, { cut = 501 }).text
    assert.equal(("ä"):rep(250) .. "... (cut)", cut)
  end)

  it("fits rows into the budget, one at least", function ()
    local rows = json.array {}
    for i = 1, 10 do rows[i] = { text = ("x"):rep(100) } end
    local kept, truncated = shape.fit(rows, 350)
    assert.equal(3, #kept)
    assert.is_true(truncated)
    assert.equal(1, #(shape.fit(rows, 5)))
    assert.is_false(select(2, shape.fit(rows, 5000)))
  end)
end)
