-- tools_bulk_spec.lua - many at once: each is checked like one, wrong ones are told and not sent, and what became of each
-- is said, also when the call ends half-way.
local helper = dofile("tests/spec/tool_helper.lua")
local practice, json = helper.practice, helper.json

describe("tools for many things", function ()
  local service, amelia

  before_each(function ()
    service = practice.open()
    amelia = helper.person(service, "Amelia")
  end)

  local function one_off(title, more)
    local body = { title = title, task_type = "task", deadline = "2026-12-04 16:00:00", owners = { users = { 41002 } } }
    for key, value in pairs(more or {}) do body[key] = value end
    return amelia.client:post("/organizations/{org}/tasks", body).body.data
  end

  local function items(count)
    local list = json.array()
    for i = 1, count do list[i] = { task_id = one_off("Sweep hall " .. i).id } end
    return list
  end

  local function stored(id)
    return amelia.client:get("/organizations/{org}/tasks/" .. id).body.data
  end

  local function launch(name)
    local run = assert(amelia:run("processes/launch_process", { template_id = "Employee onboarding", name = name,
      prerun = { ["New starter name"] = "Jane", Department = "IT", ["Start date"] = "2026-12-07" } })).data
    return run, amelia.client:get("/organizations/{org}/runs/" .. run.id .. "/tasks?per_page=100").body.data
  end

  local function statuses(result)
    local list = {}
    for index, one in ipairs(result.data.results) do list[index] = one.status end
    return table.concat(list, " ")
  end

  it("complete_tasks completes what it can and says what became of each", function ()
    local _, tasks = launch("Many of Jane")
    local welcome = practice.find(tasks, "title", "Welcome Jane on the first day")
    local approval = practice.find(tasks, "title", "Approve the start package")
    local done = one_off("Done before")
    amelia.client:post("/organizations/{org}/completed-tasks", { task_id = done.id })
    local simple = one_off("Call the caterer")
    local result = assert(amelia:run("bulk/complete_tasks", { tasks = {
      { task_id = simple.id }, { task_id = "welcome jane on the first day", run_id = "Many of Jane" },
      { task_id = approval.id, run_id = approval.run_id }, { task_id = done.id }, { task_id = "No such task at all" },
      { task_id = simple.id }, { task_id = approval.id, is_approved = false },
    } }))
    assert.equal("done done refused unchanged refused refused done", statuses(result))
    assert.equal(3, result.data.done)
    assert.equal(7, result.data.total)
    assert.equal("is_approved", result.data.results[3].error.field)
    assert.equal("It is the same as item 1.", result.data.results[6].error.message)
    assert.equal("completed", result.data.results[1].task_status)
    assert.match("^7 tasks: 3 completed, 1 needed nothing, 3 refused before sending%.", result.text)
    assert.match("Item 5: ", result.text)
    assert.match("send only the items that are not done", result.text)
    assert.equal("completed", stored(welcome.id).status)
    assert.is_false(stored(approval.id).is_approved)
    assert.equal(3, #amelia.api.written)
    assert.equal("POST /organizations/{org}/completed-tasks", amelia.api.written[1].line)
  end)

  it("completes tasks of one process one after the other, in the order given", function ()
    local _, tasks = launch("Many of Jane")
    local list = json.array()
    for _, title in ipairs { "Welcome Jane on the first day", "Approve the start package" } do
      list[#list + 1] = { task_id = practice.find(tasks, "title", title).id, is_approved = true }
    end
    list[3] = { task_id = one_off("Call the caterer").id }
    amelia.api.widest = nil
    assert.equal("done done done", statuses(assert(amelia:run("bulk/complete_tasks", { tasks = list }))))
    assert.same({ list[1].task_id, list[3].task_id, list[2].task_id }, { amelia.api.written[1].body.task_id,
      amelia.api.written[2].body.task_id, amelia.api.written[3].body.task_id })
  end)

  it("only checks when that is asked", function ()
    local list = items(3)
    local result = assert(amelia:run("bulk/complete_tasks", { tasks = list, check_only = true }))
    assert.equal("checked checked checked", statuses(result))
    assert.match("3 would be sent", result.text)
    assert.same({}, amelia.api.written)
    assert.equal("not-started", stored(list[1].task_id).status)
  end)

  it("sends a few at a time, and needs two requests for each that is named by id", function ()
    amelia.api.widest = nil
    local result = assert(amelia:run("bulk/complete_tasks", { tasks = items(20) }))
    assert.equal(20, result.data.done)
    assert.truthy(amelia.api.widest <= 8)
    assert.equal(40, #amelia.api.sent)
  end)

  it("takes null for what was left out", function ()
    local id = one_off("Sweep hall").id
    assert.equal("done", statuses(assert(amelia:run("bulk/complete_tasks", { tasks = {
      { task_id = id, run_id = json.null, is_approved = json.null } } }))))
  end)

  it("stops when nothing else can succeed, and says which were not tried", function ()
    local list, writes = items(20), 0
    amelia.api.fail = function (method)
      writes = method == "POST" and writes + 1 or writes
      return method == "POST" and writes > 5 and { status = 401, body = { message = "Unauthenticated" } } or nil
    end
    local result = assert(amelia:run("bulk/complete_tasks", { tasks = list }))
    assert.equal(5, result.data.done)
    assert.equal(3, result.data.failed)
    assert.equal(12, result.data.not_tried)
    assert.equal("not_tried", result.data.results[20].status)
    assert.equal(8, #amelia.api.written)
  end)

  it("goes on after a refusal, and says when something may have arrived", function ()
    local list = items(3)
    local all = amelia.api.all
    amelia.api.all = function (self, requests)
      local answers = all(self, requests)
      if requests[1][1] == "post" then
        answers[2] = { error = { code = "timeout", message = "No answer in time.", maybe_done = true } }
      end
      return answers
    end
    local result = assert(amelia:run("bulk/complete_tasks", { tasks = list }))
    assert.equal("done failed done", statuses(result))
    assert.is_true(result.data.results[2].error.maybe_done)
    assert.match("Item 2 %(Sweep hall 2%): No answer in time%. It may have arrived: look before repeating it%.", result.text)
  end)

  it("reassign_tasks takes some off and keeps the others", function ()
    local shared = one_off("Shared", { owners = { users = { 41002, 41004 }, guests = { "j.brandt@supplier-gmbh.example" } } })
    local other = one_off("Not Ben's", { owners = { users = { 41004 } } })
    local result = assert(amelia:run("bulk/reassign_tasks", { tasks = { { task_id = shared.id }, { task_id = other.id } },
      from = { users = { "Ben Okonkwo" } }, to = { users = { "Carla Duarte" }, groups = { "it service desk" } } }))
    assert.equal("done unchanged", statuses(result))
    local now = stored(shared.id).owners
    assert.same({ 41004, 41003 }, now.users)
    assert.same({ "j.brandt@supplier-gmbh.example" }, now.guests)
    assert.equal(1, #now.groups)
    local body = amelia.api.written[1].body
    assert.equal("Shared", body.title, "a one-off task wants title and deadline again")
    assert.equal(shared.deadline, body.deadline)
  end)

  it("reassign_tasks without from gives the task to others alone, in processes too", function ()
    local run, tasks = launch("Many of Jane")
    local task = practice.find(tasks, "title", "Prepare equipment")
    local result = assert(amelia:run("bulk/reassign_tasks", { tasks = { { task_id = "Prepare equipment", run_id = run.id } },
      to = { users = { 41003 } } }))
    assert.equal("1 task: 1 reassigned.", result.text)
    assert.same({ users = { 41003 }, guests = json.array(), groups = json.array() }, amelia.api.written[1].body.owners)
    assert.same({ 41003 }, stored(task.id).owners.users)
    assert.equal("unchanged", statuses(assert(amelia:run("bulk/reassign_tasks", { tasks = { { task_id = task.id } },
      to = { users = { 41003 } } }))))
    assert.same({}, amelia.api.written)
  end)

  it("reassign_tasks refuses nobody, somebody unknown, owners it cannot read, and completed tasks", function ()
    local list = items(1)
    for _, to in ipairs { {}, { users = { "Nobody Known" } }, { groups = { "No Group" } }, { guests = { "no address" } } } do
      local result = amelia:run("bulk/reassign_tasks", { tasks = list, to = to })
      assert.is_nil(result)
      assert.same({}, amelia.api.written)
    end
    amelia.api.fail = function (method, path)
      if method ~= "GET" or not path:match("task_id}$") then return nil end
      return { status = 200, body = { data = { id = list[1].task_id, title = "x", owners = { users = json.array() } } } }
    end
    local result = assert(amelia:run("bulk/reassign_tasks", { tasks = list, to = { users = { 41003 } } }))
    assert.equal("unknown_state", result.data.results[1].error.code)
    amelia.api.fail = nil
    amelia.client:post("/organizations/{org}/completed-tasks", { task_id = list[1].task_id })
    result = assert(amelia:run("bulk/reassign_tasks", { tasks = list, to = { users = { 41003 } } }))
    assert.match("reopen_task", result.data.results[1].error.hint)
    assert.same({}, amelia.api.written)
  end)

  it("set_task_deadlines sets one for all, or each its own", function ()
    local list = items(3)
    list[2].deadline = "2026-12-21T12:00:00Z"
    list[3].deadline = "when pigs fly"
    local result = assert(amelia:run("bulk/set_task_deadlines", { tasks = list, deadline = "2026-12-11T09:00:00Z" }))
    assert.equal("done done refused", statuses(result))
    assert.equal("2026-12-11T09:00:00Z", stored(list[1].task_id).deadline)
    assert.equal("2026-12-21T12:00:00Z", stored(list[2].task_id).deadline)
    assert.equal("Due 2026-12-11 09:00:00 UTC", result.data.results[1].note)
    assert.equal("bad_date", result.data.results[3].error.code)
    assert.same({ 41002 }, stored(list[1].task_id).owners.users, "nobody is taken off")
    local again = assert(amelia:run("bulk/set_task_deadlines", { tasks = { list[2], { task_id = list[1].task_id } } }))
    assert.equal("unchanged refused", statuses(again))
    assert.equal("missing_value", again.data.results[2].error.code)
    assert.same({}, amelia.api.written)
  end)

  it("set_task_deadlines says when Tallyfy moved a deadline to a working day", function ()
    local result = assert(amelia:run("bulk/set_task_deadlines", { tasks = items(1), deadline = "2026-12-20T12:00:00Z" }))
    assert.equal("Due 2026-12-20 12:00:00 UTC. Tallyfy made it 2026-12-21T09:00:00Z, its next working time.",
      result.data.results[1].note)
    assert.equal("2026-12-21T09:00:00Z", result.data.results[1].deadline)
  end)

  local function rows(...)
    local list = json.array()
    for index, name in ipairs { ... } do
      list[index] = { name = "Onboarding " .. name, prerun = { ["New starter name"] = name } }
    end
    return list
  end

  local common = { department = "it", ["Start date"] = "2026-12-07" }

  it("launch_processes starts one for each row, with values for all", function ()
    local list = rows("Ann", "Bob", "Cem")
    list[2].prerun.Department = "Sales"
    list[3].owner_id = "Ben Okonkwo"
    local result = assert(amelia:run("bulk/launch_processes", { template_id = "employee onboarding", rows = list, prerun = common,
      tags = { "Urgent" } }))
    assert.equal("3 processes: 3 launched.", result.text)
    local department = practice.find(amelia.client:template("Employee onboarding").prerun, "label", "Department").id
    for index, text in ipairs { "IT", "Sales", "IT" } do
      local run = amelia.client:get("/organizations/{org}/runs/" .. result.data.results[index].id).body.data
      assert.equal(list[index].name, run.name)
      assert.equal(text, run.prerun[department].text)
    end
    assert.equal(41002, amelia.api.written[3].body.owner_id)
    assert.equal(1, #amelia.api.written[1].body.tags)
  end)

  it("launch_processes checks all rows before it starts one", function ()
    local list = rows("Ann", "Bob", "Cem")
    list[2].prerun = { Nonsense = 1 }
    local args = { template_id = "Employee onboarding", rows = list, prerun = common, all_or_none = true }
    local result = assert(amelia:run("bulk/launch_processes", args))
    assert.equal("not_tried refused not_tried", statuses(result))
    assert.equal("Onboarding Bob", result.data.results[2].name)
    assert.same({}, amelia.api.written)
    args.all_or_none = false
    result = assert(amelia:run("bulk/launch_processes", args))
    assert.equal("done refused done", statuses(result))
    assert.equal(2, #amelia.api.written)
    assert.match("Item 2 %(Onboarding Bob%): ", result.text)
    args.check_only, args.rows = true, rows("Dan")
    assert.equal("checked", statuses(assert(amelia:run("bulk/launch_processes", args))))
    assert.same({}, amelia.api.written)
  end)

  it("launch_processes asks for people and places once, whatever the number of rows", function ()
    local names = {}
    for i = 1, 30 do names[i] = "Person " .. i end
    local list = rows(table.unpack(names))
    for _, row in ipairs(list) do row.owner_id = "Ben Okonkwo" end
    local result = assert(amelia:run("bulk/launch_processes", { template_id = "Employee onboarding", rows = list, prerun = common,
      folders = { "Live projects" }, users = { "Dev Patel" }, tags = { "Urgent" } }))
    assert.equal(30, result.data.done)
    assert.truthy(#amelia.api.sent < 40, #amelia.api.sent .. " requests")
  end)

  it("launch_processes refuses a template it does not know", function ()
    local result, err = amelia:run("bulk/launch_processes", { template_id = "No such template", rows = rows("Ann") })
    assert.is_nil(result)
    assert.equal("template_id", err.field)
    assert.same({}, amelia.api.written)
  end)
end)
