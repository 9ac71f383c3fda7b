-- tools_tasks_spec.lua - tasks: listed for everybody, changed without losing what was not named, completed once, waited for.
local helper = dofile("tests/spec/tool_helper.lua")
local practice, json = helper.practice, helper.json

describe("tools for tasks", function ()
  local service, clock, amelia

  before_each(function ()
    service, clock = practice.open()
    amelia = helper.person(service, "Amelia")
  end)

  local function refused(file, args, code, person)
    local who = person or amelia
    local result, err = who:run("tasks/" .. file, args)
    assert.is_nil(result)
    assert.equal(code, err.code, err.message)
    assert.same({}, who.api.written)
    return err
  end

  local function run_of(name)
    return assert(practice.find(amelia.client:get("/organizations/{org}/runs?per_page=100").body.data, "name", name), name)
  end

  local function tasks_of(run)
    return amelia.client:get("/organizations/{org}/runs/" .. run.id .. "/tasks?per_page=100").body.data
  end

  local function launch(name)
    return assert(amelia:run("processes/launch_process", { template_id = "Employee onboarding", name = name,
      prerun = { ["New starter name"] = "Jane", Department = "IT", ["Start date"] = "2026-12-07" } })).data
  end

  local function one_off(more)
    local body = { title = "Call the caterer", task_type = "task", deadline = "2026-12-04 16:00:00",
      owners = { users = { 41002 }, guests = { "j.brandt@supplier-gmbh.example" }, groups = json.array() } }
    for key, value in pairs(more or {}) do body[key] = value end
    return amelia.client:post("/organizations/{org}/tasks", body).body.data
  end

  local function stored(task)
    return amelia.client:get("/organizations/{org}/tasks/" .. task.id .. "?with=form_fields").body.data
  end

  it("get_user_tasks finds the member by id, address or name", function ()
    local by_name = assert(amelia:run("tasks/get_user_tasks", { user_name = "ben okonkwo", sort_by = "newest", status = "all" }))
    assert.match("^Ben Okonkwo: %d+ tasks", by_name.text)
    for _, args in ipairs { { user_id = 41002 }, { user_email = "BEN.OKONKWO@marigold.example", user_name = "nobody" } } do
      args.sort_by, args.status = "newest", "all"
      assert.same(by_name.data.data, amelia:run("tasks/get_user_tasks", args).data.data)
    end
    assert.equal(41002, by_name.data.user.id)
    assert.is_nil(by_name.data.data[1].taskdata)
    refused("get_user_tasks", { user_name = "Nobody Known" }, "not_found")
    refused("get_user_tasks", { user_name = " " }, "missing_value")
    assert(amelia:run("tasks/get_user_tasks", { user_email = "", user_name = "Ben Okonkwo", sort_by = "newest", status = "all" }))
  end)

  it("get_guest_tasks takes the address, and counts pages as Tallyfy does", function ()
    for i = 1, 12 do one_off { title = "Pallets " .. i } end
    local result = assert(amelia:run("tasks/get_guest_tasks", { guest_email = "j.brandt@supplier-gmbh.example",
      sort_by = "newest", status = "all", page = 1 }))
    assert.match("^Jonas Brandt", result.text)
    assert.equal(10, result.data.meta.returned)
    assert.equal((result.data.meta.total + 9) // 10, result.data.meta.total_pages, "ten to a page, whatever was asked for")
    refused("get_guest_tasks", {}, "missing_value")
    refused("get_guest_tasks", { guest_email = "who@else.example" }, "not_found")
  end)

  it("get_tasks_for_process lists the steps in order, by name or id, narrowed to people", function ()
    local run = launch("Tasks of Jane")
    local result = assert(amelia:run("tasks/get_tasks_for_process", { process_name = "tasks of JANE" }))
    assert.match("^Tasks of Jane %(active%): %d+ tasks", result.text)
    assert.same({ id = run.id, name = "Tasks of Jane", status = "active", increment_id = run.increment_id },
      result.data.process_info)
    for index, task in ipairs(tasks_of(run)) do
      if index <= 20 then assert.equal(task.id, result.data.data[index].id) end
    end
    local mine = assert(amelia:run("tasks/get_tasks_for_process", { process_id = run.id, owners = "Elif Yilmaz, 41006" }))
    assert.truthy(mine.data.meta.total < result.data.meta.total)
    for _, row in ipairs(mine.data.data) do assert.truthy(row.owner_names[1]) end
    local equipment = result.data.data[2]
    assert.same({ "IT Service Desk" }, equipment.owner_names, "groups by name, too")
    refused("get_tasks_for_process", { process_id = run.id, owners = "Nobody Known" }, "not_found")
    refused("get_tasks_for_process", { process_id = run.id, groups = "No Group" }, "not_found")
    refused("get_tasks_for_process", { process_id = "" }, "missing_value")
    refused("get_tasks_for_process", { process_name = "No such process" }, "not_found")
  end)

  it("get_task and get_standalone_task show the form, by title as well", function ()
    launch("Tasks of Jane")
    local result = assert(amelia:run("tasks/get_task", { run_id = "Tasks of Jane", task_id = "prepare equipment" }))
    assert.equal("Laptop model", result.data.form_fields[1].label)
    assert.equal("dropdown", result.data.form_fields[1].field_type, "as it must be written back")
    local again = assert(amelia:run("tasks/get_standalone_task", { task_id = result.data.id }))
    assert.equal(result.data.title, again.data.title)
    local task = one_off()
    assert.equal("Call the caterer: not-started.", amelia:run("tasks/get_standalone_task", { task_id = "call the caterer" }).text)
    assert.equal(task.id, amelia:run("tasks/get_standalone_task", { task_id = task.id }).data.id)
    refused("get_standalone_task", { task_id = ("0"):rep(32) }, "not_found")
    assert.match("Prepare equipment", refused("get_task", { run_id = "Tasks of Jane", task_id = "Nonsense" }, "not_found").hint)
  end)

  it("update_task sends what changes only, and completes a partial set of owners", function ()
    local run = launch("Tasks of Jane")
    local task = practice.find(tasks_of(run), "title", "Prepare equipment")
    local result = assert(amelia:run("tasks/update_task", { run_id = run.id, task_id = task.id,
      deadline = "2026-12-04T17:00:00+01:00", owners = { users = { "Carla Duarte" } } }))
    assert.match("Deadline: 2026%-12%-04 16:00:00 UTC", result.text)
    local written = amelia.api.written[1]
    assert.equal("PUT /organizations/{org}/runs/{run_id}/tasks/{task_id}", written.line)
    assert.same({ 41003 }, written.body.owners.users)
    assert.same(task.owners.groups, written.body.owners.groups, "who was not named stays")
    assert.is_nil(written.body.title)
    assert.same(task.owners.groups, stored(task).owners.groups)
  end)

  it("update_task saves answers by label, and refuses what the form does not have", function ()
    local run = launch("Tasks of Jane")
    local args = { run_id = run.id, task_id = "Prepare equipment", taskdata = { ["laptop MODEL"] = "light 13" } }
    assert(amelia:run("tasks/update_task", args))
    local task = practice.find(tasks_of(run), "title", "Prepare equipment")
    local _, value = next(stored(task).taskdata)
    assert.equal("Light 13", value.text)
    args.taskdata = { ["Laptop model"] = "Abacus" }
    assert.match("Light 13", refused("update_task", args, "invalid_value").hint)
    args.taskdata = { ["No such field"] = 1 }
    refused("update_task", args, "unknown_field")
  end)

  it("update_task refuses a one-off task, a completed one, a completion, nobody known, and nothing at all", function ()
    local run = launch("Tasks of Jane")
    local task = practice.find(tasks_of(run), "title", "Prepare equipment")
    local function args(more)
      more.run_id, more.task_id = run.id, task.id
      return more
    end
    refused("update_task", args {}, "missing_value")
    refused("update_task", args { owners = { users = { "Nobody Known" } } }, "not_found")
    refused("update_task", args { owners = { people = {} } }, "unknown_field")
    refused("update_task", args { deadline = "when pigs fly" }, "bad_date")
    assert.match("complete_task", refused("update_task", args { status = "completed" }, "invalid_value").hint)
    refused("update_task", args { status = "nearly" }, "invalid_value")
    amelia.api.fail = function (_, path)
      if not path:match("task_id}$") then return nil end
      return { status = 200, body = { data = { id = task.id, title = "x", run_id = run.id, owners = json.null } } }
    end
    refused("update_task", args { owners = { users = { 41003 } } }, "unknown_state")
    amelia.api.fail = nil
    refused("update_task", { run_id = run.id, task_id = one_off().id, title = "x" }, "not_found")
    local done = practice.find(tasks_of(run_of(run.name)), "title", "Welcome Jane on the first day")
    assert(amelia:run("tasks/complete_task", { run_id = run.id, task_id = done.id }))
    assert.match("reopen_task", refused("update_task", { run_id = run.id, task_id = done.id, title = "x" }, "refused").hint)
  end)

  it("update_standalone_task sends title, deadline and owners again, uncut", function ()
    local long = ("Title "):rep(99)
    local task = one_off { title = long }
    local result = assert(amelia:run("tasks/update_standalone_task", { task_id = task.id, summary = "Ask for a menu" }))
    assert.equal(("Changed: %s."):format(task.title), result.text)
    local body = amelia.api.written[1].body
    assert.equal("PUT /organizations/{org}/tasks/{task_id}", amelia.api.written[1].line)
    assert.equal(task.title, body.title)
    assert.equal(task.deadline, body.deadline)
    assert.same({ 41002 }, body.owners.users)
    assert.same({ "j.brandt@supplier-gmbh.example" }, body.owners.guests)
    assert.same(task.owners.guests, stored(task).owners.guests)
    local run = launch("Tasks of Jane")
    assert.match("update_task", refused("update_standalone_task", { task_id = tasks_of(run)[1].id, title = "x" },
      "invalid_value").hint)
  end)

  it("says when Tallyfy moved a deadline to a working day", function ()
    local task = one_off()
    assert.match("Tallyfy made it 2026%-12%-21T09:00:00Z", assert(amelia:run("tasks/update_standalone_task", {
      task_id = task.id, deadline = "2026-12-20T12:00:00Z" })).text)
  end)

  it("create_standalone_task attaches the task to a process by name", function ()
    local run = launch("Tasks of Jane")
    local args = { title = "Order a cake", deadline = "2026-12-04", user_names = { "Ben Okonkwo" }, run_id = "tasks of jane" }
    amelia:run("tasks/create_standalone_task", args)
    assert.equal(run.id, amelia.api.written[1].body.run_id)
    args.run_id = "No such process"
    refused("create_standalone_task", args, "not_found")
  end)

  it("complete_task completes one-off tasks, by title, and tells what rules changed", function ()
    local task = one_off()
    assert.equal("Completed: Call the caterer.", assert(amelia:run("tasks/complete_task", { task_id = "Call the caterer" })).text)
    assert.equal("POST /organizations/{org}/completed-tasks", amelia.api.written[1].line)
    assert.equal("completed", stored(task).status)
    assert.match("^Reopened: ", assert(amelia:run("tasks/reopen_task", { task_id = task.id, reason = "Too early" })).text)
    assert.equal("DELETE /organizations/{org}/completed-tasks/{task_id}", amelia.api.written[1].line)
    assert.not_equal("completed", stored(task).status)
    assert.match("not completed", refused("reopen_task", { task_id = task.id, reason = "Again" }, "already_done").message)
  end)

  it("complete_task names the fields that still need a value, and the open issue", function ()
    local run = launch("Tasks of Jane")
    local task = practice.find(tasks_of(run), "title", "Prepare equipment")
    local err = refused("complete_task", { run_id = run.id, task_id = task.id }, "missing_value")
    assert.match("Laptop model", err.message)
    assert.match("update_task", err.hint)
    local other = practice.find(tasks_of(run), "title", "Welcome Jane on the first day")
    assert(amelia:run("comments/report_task_issue", { task_id = other.id, content = "No badge" }))
    assert.match("resolve", refused("complete_task", { run_id = run.id, task_id = other.id }, "refused").hint)
  end)

  it("complete_task says when others have to complete it too", function ()
    local ben = helper.person(service, "Ben")
    local task = one_off { owners = { users = { 41002, 41004 } } }
    service.world.organizations[1].tasks:get(task.id).everyone_must_complete = true
    local result = assert(ben:run("tasks/complete_task", { task_id = task.id }))
    assert.match("^Your part is done", result.text)
    assert.equal("in-progress", result.data.status)
  end)

  it("complete_kickoff_form saves values first, and asks for what is missing by label", function ()
    local run = launch("Tasks of Jane")
    assert(amelia:run("processes/reopen_kickoff_form", { run_id = run.id }))
    local result = assert(amelia:run("tasks/complete_kickoff_form", { run_id = "tasks of jane",
      prerun = { department = "sales" } }))
    assert.match("Submitted the kick%-off form of Tasks of Jane%. Saved the values%.", result.text)
    assert.same({ "PUT /organizations/{org}/runs/{run_id}", "POST /organizations/{org}/runs/{run_id}/complete-prerun" },
      { amelia.api.written[1].line, amelia.api.written[2].line })
    assert.is_table(amelia.api.written[1].body.users, "a PUT without them would take everyone off")
    assert.equal("complete", result.data.prerun_status)
    refused("complete_kickoff_form", { run_id = run.id, prerun = { ["New starter name"] = "" } }, "missing_value")
    refused("complete_kickoff_form", { run_id = run.id, prerun = { Nonsense = 1 } }, "unknown_field")
    assert(amelia:run("processes/archive_process", { run_id = run.id }))
    refused("complete_kickoff_form", { run_id = run.id }, "refused")
  end)

  it("complete_kickoff_form does not submit twice: that would set off its rules again", function ()
    local run = launch("Tasks of Jane")
    assert.match("^Nothing to change", assert(amelia:run("tasks/complete_kickoff_form", { run_id = run.id })).text)
    assert.same({}, amelia.api.written)
    local result = assert(amelia:run("tasks/complete_kickoff_form", { run_id = run.id, prerun = { Department = "Sales" } }))
    assert.match("submitted already, and stays so%. Saved the values%.", result.text)
    assert.same({ "PUT /organizations/{org}/runs/{run_id}" }, { amelia.api.written[1].line, amelia.api.written[2] })
  end)

  it("complete_kickoff_form says what was saved when it could not submit", function ()
    local run = launch("Tasks of Jane")
    assert(amelia:run("processes/reopen_kickoff_form", { run_id = run.id }))
    amelia.api.fail = function (method) return method == "POST" and { status = 500, body = { message = "not today" } } or nil end
    local result, err = amelia:run("tasks/complete_kickoff_form", { run_id = run.id, prerun = { Department = "Sales" } })
    assert.is_nil(result)
    assert.equal("The values were saved, but the form was not submitted: not today", err.message)
    amelia.api.fail = function (method)
      if method ~= "GET" then return nil end
      return { status = 200, body = { data = { id = run.id, name = "x" } } }
    end
    refused("complete_kickoff_form", { run_id = run.id }, "unknown_state")
  end)

  describe("wait_for_task", function ()
    local waited, task

    before_each(function ()
      waited, task = {}, one_off()
      amelia.call.now = function () return clock.now end
      amelia.call.wait = function (seconds)
        waited[#waited + 1] = seconds
        clock.now = clock.now + math.ceil(seconds)
      end
    end)

    it("ends when the task is completed, looking less and less often", function ()
      local looks = 0
      amelia.api.fail = function ()
        looks = looks + 1
        if looks == 5 then
          amelia.client:post("/organizations/{org}/completed-tasks", { task_id = task.id })
        end
      end
      local result = assert(amelia:run("tasks/wait_for_task", { task_id = task.id, seconds = 300 }))
      assert.equal("completed", result.data.outcome)
      assert.equal("Completed: Call the caterer.", result.text)
      assert.same({ 2, 4, 8, 16 }, waited)
    end)

    it("is over when the time is, and is not put off by an API in trouble", function ()
      local looks = 0
      amelia.api.fail = function ()
        looks = looks + 1
        return looks == 2 and { status = 503, body = { message = "busy" } } or nil
      end
      local result = assert(amelia:run("tasks/wait_for_task", { task_id = task.id, seconds = 60 }))
      assert.equal("still_open", result.data.outcome)
      assert.match("Call wait_for_task again", result.text)
      local total = 0
      for _, seconds in ipairs(waited) do total = total + seconds end
      assert.equal(60, total)
    end)

    it("ends at once for a completed, hidden or unknown task, and when access is gone", function ()
      assert(amelia:run("tasks/complete_task", { task_id = task.id }))
      assert.equal("completed", assert(amelia:run("tasks/wait_for_task", { task_id = task.id, seconds = 300 })).data.outcome)
      local run = launch("Tasks of Jane")
      local hidden = practice.find(tasks_of(run), "status", "auto-skipped")
      assert.equal("hidden", assert(amelia:run("tasks/wait_for_task", { task_id = hidden.id, seconds = 300 })).data.outcome)
      refused("wait_for_task", { task_id = ("0"):rep(32), seconds = 300 }, "not_found")
      assert.same({}, waited)
      local open, looks = one_off(), 0
      amelia.api.fail = function ()
        looks = looks + 1
        return looks > 1 and { status = 401, body = { message = "Unauthenticated" } } or nil
      end
      local result, err = amelia:run("tasks/wait_for_task", { task_id = open.id, seconds = 300 })
      assert.is_nil(result)
      assert.equal(401, err.status)
    end)
  end)
end)
