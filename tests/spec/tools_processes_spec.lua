-- tools_processes_spec.lua - processes: filters that cannot lie, changes that keep everyone who may see them, archive and
-- back; and launching with names in place of ids.
local helper = dofile("tests/spec/tool_helper.lua")
local practice, json = helper.practice, helper.json

describe("tools for processes", function ()
  local service, amelia

  before_each(function ()
    service = practice.open()
    amelia = helper.person(service, "Amelia")
  end)

  local function refused(file, args, code)
    local result, err = amelia:run("processes/" .. file, args)
    assert.is_nil(result)
    assert.equal(code, err.code, err.message)
    assert.same({}, amelia.api.written)
    return err
  end

  local function launch(more)
    local args = { template_id = "employee onboarding", name = " Onboarding Jane ",
      prerun = { ["New starter name"] = "Jane", Department = "IT", ["Start date"] = "2026-12-07" } }
    for name, value in pairs(more or {}) do args[name] = value end
    return amelia:run("processes/launch_process", args)
  end

  local function stored(id, query)
    return amelia.client:get("/organizations/{org}/runs/" .. id .. (query or "")).body.data
  end

  local function list(args)
    args.page, args.sort = args.page or 1, args.sort or "-created_at"
    return amelia:run("processes/get_organization_runs", args)
  end

  local function listed(result)
    local names = {}
    for _, row in ipairs(result.data.data) do names[row.name] = row end
    return names
  end

  it("get_organization_runs lists the newest first, without kick-off values", function ()
    launch()
    local result = assert(list {})
    assert.match("^%d+ processes", result.text)
    assert.equal("Onboarding Jane", result.data.data[1].name)
    assert.is_nil(result.data.data[1].prerun)
    assert.equal(math.min(result.data.meta.total, 20), result.data.meta.returned)
  end)

  it("get_organization_runs narrows by template, folder, tag, people and status, each by name", function ()
    local run = assert(launch { tags = { "urgent" }, folders = { "live projects" }, owner_id = "Ben Okonkwo",
      groups = { "it service desk" } }).data
    for _, filter in ipairs {
      { checklist_id = "Employee onboarding" }, { folder = "Live projects" }, { tag = "Urgent" }, { owners = "ben okonkwo" },
      { groups = "IT Service Desk" }, { status = "active" }, { task_status = "in-progress" }, { starred = false },
      { checklist_id = run.checklist_id, tag = "urgent", owners = "41002", run_type = run.type },
    } do
      assert.truthy(listed(assert(list(filter)))["Onboarding Jane"], json.encode(filter))
    end
    for _, filter in ipairs { { status = "completed" }, { starred = true }, { checklist_id = "Vendor approval" },
      { owners = "Carla Duarte" }, { status = "archived" } } do
      assert.is_nil(listed(assert(list(filter)))["Onboarding Jane"], json.encode(filter))
    end
  end)

  it("get_organization_runs refuses what Tallyfy would take in silence", function ()
    for _, case in ipairs {
      { { status = "late" }, "invalid_value" }, { { sort = "importance" }, "invalid_value" },
      { { with_data = "tasks,everything" }, "invalid_value" }, { { archived = "maybe" }, "invalid_value" },
      { { task_status = "open" }, "invalid_value" }, { { owners = "Nobody Known" }, "not_found" },
      { { groups = "No Group" }, "not_found" }, { { folder = "No such folder" }, "not_found" },
      { { tag = "No such tag" }, "not_found" }, { { checklist_id = "No such template" }, "not_found" },
    } do
      local args = case[1]
      local field = next(args)
      args.page, args.sort = 1, args.sort or "-created_at"
      local err = refused("get_organization_runs", args, case[2])
      assert.equal(field, err.field)
    end
  end)

  it("get_organization_runs shows tasks short, and archived ones when asked", function ()
    local run = assert(launch()).data
    local with_tasks = listed(assert(list { with_data = "tasks, tags" }))["Onboarding Jane"]
    assert.truthy(#with_tasks.tasks > 0)
    assert.is_nil(with_tasks.tasks[1].taskdata)
    amelia:run("processes/archive_process", { run_id = run.id })
    for _, filter in ipairs { { archived = "true" }, { archived = "only" }, { status = "archived" } } do
      assert.truthy(listed(assert(list(filter)))["Onboarding Jane"], json.encode(filter))
    end
    assert.is_nil(listed(assert(list {}))["Onboarding Jane"])
  end)

  it("get_process takes a name, and says which it is not", function ()
    launch()
    assert.match("^Onboarding Jane: active, 0 of %d+ tasks done%.$",
      assert(amelia:run("processes/get_process", { run_id = "onboarding jane" })).text)
    refused("get_process", { run_id = ("0"):rep(32) }, "not_found")
    launch()
    assert.match("could be", refused("get_process", { run_id = "Onboarding Jane" }, "ambiguous").message)
  end)

  it("update_process keeps everyone who may see it", function ()
    local run = assert(launch { users = { "Carla Duarte", 41004 }, groups = { "IT Service Desk" } }).data
    local result = assert(amelia:run("processes/update_process", { run_id = run.id, name = " Jane's start ", starred = true }))
    assert.match("^Changed: Jane's start: active", result.text)
    local written = amelia.api.written[1]
    assert.equal("PUT /organizations/{org}/runs/{run_id}", written.line)
    assert.same({ name = "Jane's start", starred = true, users = { 41003, 41004 }, groups = run.groups }, written.body)
    local now = stored(run.id)
    assert.same({ 41003, 41004 }, now.users)
    assert.equal(1, #now.groups)
    refused("update_process", { run_id = run.id }, "missing_value")
  end)

  it("update_process sends nothing where its people cannot be read, and nothing to an archived one", function ()
    local run = assert(launch()).data
    for _, odd in ipairs { json.null, "many" } do
      amelia.api.fail = function (method)
        if method ~= "GET" then return nil end
        return { status = 200, body = { data = { id = run.id, name = "x", users = odd, groups = json.array() } } }
      end
      refused("update_process", { run_id = run.id, name = "y" }, "unknown_state")
    end
    amelia.api.fail = nil
    amelia:run("processes/archive_process", { run_id = run.id })
    assert.match("reactivate_process", refused("update_process", { run_id = run.id, name = "y" }, "refused").hint)
  end)

  it("archive_process and reactivate_process undo one another, and send nothing twice", function ()
    local run = assert(launch()).data
    assert.match("^Archived: Onboarding Jane%. It was active%.$",
      assert(amelia:run("processes/archive_process", { run_id = "Onboarding Jane" })).text)
    assert.equal("DELETE /organizations/{org}/runs/{run_id}", amelia.api.written[1].line)
    assert.equal("archived", stored(run.id).status)
    assert.match("Nothing to change", assert(amelia:run("processes/archive_process", { run_id = run.id })).text)
    assert.same({}, amelia.api.written)
    assert.match("^Reactivated: Onboarding Jane: active",
      assert(amelia:run("processes/reactivate_process", { run_id = run.id })).text)
    assert.equal("PUT /organizations/{org}/runs/{run_id}/activate", amelia.api.written[1].line)
    assert.match("Nothing to change", assert(amelia:run("processes/reactivate_process", { run_id = run.id })).text)
    assert.same({}, amelia.api.written)
  end)

  it("reopen_kickoff_form opens a submitted form, and no other", function ()
    local run = assert(launch()).data
    local result = assert(amelia:run("processes/reopen_kickoff_form", { run_id = run.id }))
    assert.equal("DELETE /organizations/{org}/runs/{run_id}/complete-prerun", amelia.api.written[1].line)
    assert.equal("incomplete", result.data.prerun_status)
    assert.match("Nothing to change", assert(amelia:run("processes/reopen_kickoff_form", { run_id = run.id })).text)
    assert.same({}, amelia.api.written)
    amelia:run("tasks/complete_kickoff_form", { run_id = run.id })
    amelia:run("processes/archive_process", { run_id = run.id })
    refused("reopen_kickoff_form", { run_id = run.id }, "refused")
  end)

  it("launch_process takes names of people, groups, tags, folders, steps and processes", function ()
    local parent = assert(launch { name = "Parent" }).data
    local template = amelia.client:template("Employee onboarding")
    local step = template.steps.data[2]
    local result = assert(launch { owner_id = "ben.okonkwo@marigold.example", users = { "Dev Patel" },
      groups = { "finance team" }, tags = { "urgent" }, folders = { "Live projects" }, parent_id = "Parent",
      tasks = { [step.title] = { deadline = "2026-12-09", owners = { users = { "Carla Duarte" } } } } })
    local body = amelia.api.written[1].body
    assert.equal(41002, body.owner_id)
    assert.same({ 41004 }, body.users)
    assert.equal(parent.id, body.parent_id)
    assert.same({ deadline = "2026-12-09 23:59:59", owners = { users = { 41003 } } }, body.tasks[step.id])
    local run = stored(result.data.id, "?with=tags,tasks")
    assert.equal("Urgent", (run.tags.data or run.tags)[1].title)
    assert.same({ 41003 }, practice.find(run.tasks.data, "step_id", step.id).owners.users)
  end)

  it("launch_process refuses every name it does not know before it sends anything", function ()
    for field, value in pairs {
      owner_id = "Nobody Known", users = { "Nobody Known" }, groups = { "No Group" }, tags = { "No such tag" },
      folders = { "No such folder" }, parent_id = "No such process", template_id = "No such template",
      tasks = { ["No such step"] = { deadline = "2026-12-09" } },
    } do
      local result, err = launch { [field] = value }
      assert.is_nil(result, field)
      assert.equal("not_found", err.code, field)
      assert.equal(field, err.field)
      assert.same({}, amelia.api.written)
    end
    local step = amelia.client:template("Employee onboarding").steps.data[1].id
    for _, tasks in ipairs { { [step] = { colour = "red" } }, { [step] = 7 }, json.array { 7 },
      { [step] = { owners = { people = {} } } } } do
      local result = launch { tasks = tasks }
      assert.is_nil(result)
      assert.same({}, amelia.api.written)
    end
    assert.is_nil(launch { roles = json.array { 7 } })
    assert.is_nil(launch { template_id = ("0"):rep(32) })
    assert.same({}, amelia.api.written)
  end)

  it("launch_process sends nothing where the kick-off form cannot be read", function ()
    local id = amelia.client:template("Employee onboarding").id
    amelia.api.fail = function () return { status = 200, body = { data = { id = id, title = "x", prerun = json.null } } } end
    refused("launch_process", { template_id = id, name = "x" }, "unknown_state")
  end)

  it("list_organizations says which is current and how to work in another", function ()
    local result = assert(amelia:run("users/list_organizations"))
    local current = practice.find(result.data.data, "id", amelia.client.org)
    assert.is_true(current.is_current)
    assert.equal(amelia.client.org, result.data.current_id)
    assert.match("Marigold Logistics %(this one%)", result.text)
    assert.match("X%-Tallyfy%-Org%-Id", result.data.how_to_switch)
    amelia.api.fail = function () return { status = 500, body = { message = "not today" } } end
    local none, err = amelia:run("users/list_organizations")
    assert.is_nil(none)
    assert.equal("not today", err.message)
  end)
end)
