-- tools_names_spec.lua - what whole jobs (tests/talk/jobs) showed to be missing: answers and refusals that name people,
-- places and what is meant, so that the next call needs no guess.
local helper = dofile("tests/spec/tool_helper.lua")
local practice, json = helper.practice, helper.json

describe("names in answers", function ()
  local service, amelia

  before_each(function ()
    service = practice.open()
    amelia = helper.person(service, "Amelia")
  end)

  local function refused(tool, args, code, person)
    local result, err = (person or amelia):run(tool, args)
    assert.is_nil(result, tool .. " did not refuse")
    assert.equal(code, err.code, err.message)
    return err
  end

  local function run_of(name)
    return practice.find(amelia.client:get("/organizations/{org}/runs?per_page=100").body.data, "name", name)
  end

  it("tasks of one title are told apart by their processes", function ()
    local err = refused("comments/get_task_comments", { task_id = "Run the credit check" }, "ambiguous")
    assert.match('"Run the credit check" of "Vendor: Northgate Pallets" (', err.message, 1, true)
    for _ = 1, 2 do
      amelia.client:post("/organizations/{org}/tasks", { title = "Water the plants", deadline = "2026-12-04 16:00:00",
        task_type = "task", owners = { users = { 41002 }, guests = {}, groups = {} } })
    end
    assert.match("a one%-off task", refused("tasks/complete_task", { task_id = "Water the plants" }, "ambiguous").message)
    amelia.api.fail = function (_, path) return path:match("/tasks/") and { status = 500, body = {} } or nil end
    err = refused("comments/get_task_comments", { task_id = "Run the credit check" }, "ambiguous")
    assert.match('"Run the credit check" %(%x+%)', err.message, nil, "without a process when it cannot be read")
  end)

  it("search_all says which process a task belongs to", function ()
    local rows = assert(amelia:run("search/search_all", { query = "Northgate credit", page = 1, per_page = 20 })).data.task.data
    assert.equal("Vendor: Northgate Pallets", rows[1].process_name)
    assert.equal(run_of("Vendor: Northgate Pallets").id, rows[1].run_id)
  end)

  it("get_process shows kick-off values by label, and its owner", function ()
    local data = assert(amelia:run("processes/get_process", { run_id = "Vendor: Northgate Pallets" })).data
    assert.equal("Ben Okonkwo", data.owner_name)
    assert.equal("Vendor name", data.kickoff[1].label)
    assert.equal("Northgate Pallets", data.kickoff[1].value)
    assert.is_nil(data.ko_form_fields)
    amelia.api.fail = function (_, path) return path:match("users%-list$") and { status = 500, body = {} } or nil end
    data = assert(amelia:run("processes/get_process", { run_id = "Vendor: Northgate Pallets" })).data
    assert.equal(41002, data.owner_id, "without names the ids stay")
  end)

  it("get_task names who has it, groups too, and who completed it", function ()
    local run_id = "Vendor: Northgate Pallets"
    local task = assert(amelia:run("tasks/get_task", { run_id = run_id, task_id = "Run the credit check" })).data
    assert.same({ "Finance Team" }, task.owner_names)
    task = assert(amelia:run("tasks/get_task", { run_id = run_id, task_id = "Collect the supplier questionnaire" })).data
    assert.same({ "Ben Okonkwo" }, task.owner_names)
    assert.equal("Ben Okonkwo", task.completer_name)
  end)

  it("reassign_tasks says who has a task that from does not", function ()
    local result = assert(amelia:run("bulk/reassign_tasks", { tasks = { { task_id = "Run the credit check",
      run_id = "Vendor: Northgate Pallets" } }, from = { users = { "Dev" } }, to = { users = { "Greta" } } }))
    assert.equal(1, result.data.unchanged)
    assert.match("Finance Team has it", result.data.results[1].error.message)
    assert.same({}, amelia.api.written)
  end)

  it("somebody disabled is not somebody unknown", function ()
    local args = { template_id = "Employee offboarding", step_id = "Close all accounts", assignees = { users = { "Hugo" } } }
    local err = refused("steps/add_assignees_to_step", args, "refused")
    assert.equal('"Hugo" is Hugo Marsh, who is disabled.', err.message)
    assert.match("enable_user", err.hint)
    args.assignees = { users = { 41008 } }
    assert.match("Hugo Marsh", refused("steps/add_assignees_to_step", args, "refused").message)
    args.assignees = { users = { "Nobody" } }
    refused("steps/add_assignees_to_step", args, "not_found")
    assert.same({}, amelia.api.written)
  end)

  it("get_template_steps names members and groups", function ()
    local result = assert(amelia:run("templates/get_template_steps", { template_id = "Monthly close", from_position = 1 }))
    local steps = result.data.steps
    assert.same({ "Dev Patel" }, steps[1].assignee_names)
    assert.same({ "Warehouse Floor" }, steps[3].assignee_names)
  end)

  it("create_standalone_task says where guests go", function ()
    assert.match("guest_emails", refused("tasks/create_standalone_task", { title = "x", deadline = "2026-12-04",
      user_names = { "Petra Wolff" } }, "not_found").hint)
  end)

  it("disable_guest names the process of a task, and steps that are hidden", function ()
    local email = "j.brandt@supplier-gmbh.example"
    local err = refused("guests/disable_guest", { email = email }, "refused")
    assert.match('"Ship equipment to home address" of "Onboarding: Tomas Varga"', err.hint, 1, true)
    local tasks = { { task_id = "Ship equipment to home address", run_id = "Onboarding: Tomas Varga" } }
    assert(amelia:run("bulk/reassign_tasks", { tasks = tasks, from = { guests = { email } }, to = { users = { "Ben" } } }))
    err = refused("guests/disable_guest", { email = email }, "refused")
    assert.match("hidden now", err.hint)
    assert.match('of "Onboarding: Nora Lindgren"', err.hint, 1, true)
  end)

  it("a rule may be written in the words of the draft, on and target", function ()
    local result = assert(amelia:run("automation/create_automation_rule", { template_id = "Employee onboarding",
      automation_data = { alias = "No laptop", conditions = { { on = "Department", type = "kickoff", operation = "equals",
        statement = "Sales" } }, actions = { { action_verb = "hide", target = "Prepare equipment" } } } }))
    assert.match('When "Department" %(kick%-off%) is "Sales": hide "Prepare equipment"', result.text)
    local err = refused("automation/create_automation_rule", { template_id = "Employee onboarding", automation_data = {
      alias = "Both", conditions = { { on = "Department", conditionable_id = "Department", operation = "is_not_empty" } },
      actions = { { action_verb = "hide", target = "Prepare equipment" } } } }, "invalid_value")
    assert.match('"on" is no key', err.message)
  end)

  it("a document's rules likewise, a step's condition without its type", function ()
    local document = { template = { title = "Pen order" }, kickoff = json.array(), steps = json.array {
      { title = "Approve the pens", step_type = "approval" }, { title = "Order pens" } }, rules = json.array {
      { automated_alias = "Order when approved", conditions = json.array { { on = "Approve the pens", operation = "approved" } },
        actions = json.array { { action_verb = "show", target = "Order pens" } } } } }
    local result = assert(amelia:run("templates/import_template", { document = document, unknown_people = "refuse",
      dry_run = true }))
    assert.match('When "Approve the pens" is approved: show "Order pens"', result.text, 1, true)
  end)
end)
