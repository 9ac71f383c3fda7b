-- Work in the practice organisation: launching, completing, approving, rejecting, reopening, rules,
-- one-off tasks.
local root = debug.getinfo(1, "S").source:match("^@(.*)practice_work_spec.lua$")
local helper = dofile(root .. "practice_helper.lua")
local null = helper.null

describe("work", function ()
  local service, clock, amelia, ben, carla, dev

  before_each(function ()
    service, clock = helper.open()
    amelia, ben = helper.client(service, "Amelia"), helper.client(service, "Ben")
    carla, dev = helper.client(service, "Carla"), helper.client(service, "Dev")
  end)

  -- The kick-off values of a template by label, as the launch body wants them.
  local function prerun_of(template, by_label)
    local values = {}
    for label, value in pairs(by_label) do values[helper.find(template.prerun, "label",
      label).id] = value end
    return values
  end

  local joiner = {
    ["New starter name"] = "Zoe <Grant>", Department = { id = 2, text = "Warehouse" },
      ["Start date"] = "2026-12-07",
  }

  local function launch(client, title, by_label, more)
    local template = amelia:template(title)
    local body = { checklist_id = template.id, prerun = prerun_of(template, by_label or {}) }
    for key, value in pairs(more or {}) do body[key] = value end
    return client:post("/organizations/{org}/runs", body), template
  end

  local function tasks_of(run)
    local list = amelia:get("/organizations/{org}/runs/" .. run.id .. "/tasks?per_page=100").body.data
    local by_alias = {}
    for _, task in ipairs(list) do by_alias[task.alias:match("^(.-)%-%d+$")] = task end
    return by_alias, list
  end

  local function complete(client, run, task, more)
    local body = { task_id = task.id }
    for key, value in pairs(more or {}) do body[key] = value end
    return client:post("/organizations/{org}/runs/" .. run.id .. "/completed-tasks", body)
  end

  -- Saves values by label into a task.
  local function fill(client, run, task, by_label)
    local target = "/organizations/{org}/runs/" .. run.id .. "/tasks/" .. task.id
    local fields = amelia:get(target .. "?with=form_fields").body.data.form_fields.data
    local data = {}
    for label, value in pairs(by_label) do data[helper.find(fields, "label", label).id] = value end
    return client:put(target, { taskdata = data })
  end

  local function read(run)
    return amelia:get("/organizations/{org}/runs/" .. run.id).body.data
  end

  describe("launching", function ()
    it("makes a task of each step, with owners, deadlines and hidden steps", function ()
      local answer = launch(ben, "Employee onboarding", joiner)
      assert.equal(201, answer.status)
      local run = answer.body.data
      assert.equal("Onboarding: Zoe <Grant>", run.name)
      assert.equal(41002, run.started_by)
      assert.equal("complete", run.prerun_status)
      assert.same({ complete = 0, total = 5, percent = 0 }, run.progress)
      local tasks, list = tasks_of(run)
      assert.equal(6, #list)
      assert.equal("2026-11-27T10:30:00Z", tasks["collect-signed-documents-from"].deadline)
      -- Five days land on Monday; the equipment is due a day earlier, on a Sunday, so on Monday morning
      -- as well.
      assert.equal("2026-11-30T10:30:00Z", tasks["approve-the-start-package"].deadline)
      assert.equal("2026-11-30T09:00:00Z", tasks["prepare-equipment"].deadline)
      assert.same({ 41001 }, tasks["approve-the-start-package"].owners.users)
      assert.equal("auto-skipped", tasks["ship-equipment-to-home-address"].status)
      assert.is_true(tasks["approve-the-start-package"].has_deadline_dependent_child_tasks)
    end)

    it("escapes values in summaries but not in titles", function ()
      local run = launch(ben, "Employee onboarding", joiner).body.data
      local tasks = tasks_of(run)
      local id = tasks["collect-signed-documents-from"].id
      local task = amelia:get("/organizations/{org}/tasks/" .. id).body.data
      assert.equal("Collect signed documents from Zoe <Grant>", task.title)
      assert.matches("Zoe &lt;Grant&gt;", task.summary)
    end)

    it("refuses missing and misshapen kick-off values, and leaves no trace", function ()
      local before = amelia:get("/organizations/{org}/runs").body.meta.pagination.total
      local answer, template = launch(ben, "Employee onboarding", { Department = "Warehouse" })
      assert.equal(422, answer.status)
      assert.is_true(answer.body.error)
      local name = helper.find(template.prerun, "label", "New starter name").id
      assert.same({ "New starter name is required" }, answer.body.errors[name])
      local department = helper.find(template.prerun, "label", "Department").id
      assert.matches("must be an object with id and text", answer.body.errors[department][1])
      assert.equal(before, amelia:get("/organizations/{org}/runs").body.meta.pagination.total)
    end)

    it("drops unknown keys with success, and every value of a list", function ()
      local template = amelia:template("Purchase request")
      local given = prerun_of(template, { ["What is needed?"] = "Chairs", ["Amount in pounds"] = "300" })
      given["what-is-needed"] = "by alias"
      local run = ben:post("/organizations/{org}/runs", {
        checklist_id = template.id, prerun = given, name = "Chairs", guests = { "x@y.example" },
      })
      assert.equal(201, run.status)
      assert.is_nil(run.body.data.prerun["what-is-needed"])
      assert.equal("Chairs", run.body.data.name)
      local lost = ben:post("/organizations/{org}/runs", {
        checklist_id = template.id, prerun = helper.json.array { given },
      })
      assert.equal(422, lost.status)
    end)

    it("refuses templates that are unknown, archived, or not given", function ()
      local archived = amelia:get("/organizations/{org}/checklists?archived=only").body.data[1].id
      for _, id in ipairs { archived, ("0"):rep(32), 17, "" } do
        local answer = ben:post("/organizations/{org}/runs", { checklist_id = id })
        assert.equal(422, answer.status)
        assert.is_not_nil(answer.body.errors.checklist_id)
      end
      assert.equal(422, ben:post("/organizations/{org}/runs", "").status)
    end)

    it("is open to light members where the template names them, else 403", function ()
      assert.equal(201, launch(carla, "Warehouse safety walk", { Site = "Leeds" }).status)
      assert.equal(403, launch(carla, "Monthly close", { Month = "May" }).status)
    end)

    it("takes owners and deadlines per step from the body", function ()
      local template = amelia:template("Warehouse safety walk")
      local first = template.steps.data[1].id
      local answer = launch(ben, "Warehouse safety walk", { Site = "Hull" }, {
        tasks = { [first] = { deadline = "2026-11-28 10:00:00", owners = { users = { "41004" } } } },
      })
      local tasks = tasks_of(answer.body.data)
      local task = tasks["check-aisles-and-exits"]
      assert.same({ 41004 }, task.owners.users)
      assert.equal("2026-11-30T09:00:00Z", task.deadline)
    end)

    it("checks the people it is given", function ()
      local template = amelia:template("Warehouse safety walk")
      local first = template.steps.data[1].id
      local answer = launch(ben, "Warehouse safety walk", { Site = "Hull" }, {
        tasks = { [first] = { owners = { users = { 99 }, groups = { "none" },
          guests = { "ben.okonkwo@marigold.example" } } } },
      })
      assert.equal(422, answer.status)
      for _, bucket in ipairs { "users", "groups", "guests" } do
        assert.is_not_nil(answer.body.errors["tasks." .. first .. ".owners." .. bucket], bucket)
      end
      for key, value in pairs {
        owner_id = 99, user_id = 41008, users = { 99 }, groups = { "none" }, folders = { true },
        tasks = { [first] = { owners = 7 } }, prerun = "text", name = ("x"):rep(551), starred = "yes",
      } do
        local refused = launch(ben, "Warehouse safety walk", { Site = "Hull" }, { [key] = value })
        assert.equal(422, refused.status, key)
      end
    end)

    it("gives a step without owners to the launcher, unless the step says nobody", function ()
      local template = service.world.organizations[1].checklists.list[1]
      template.steps[1].assignees = helper.json.array {}
      local run = launch(ben, "Employee onboarding", joiner).body.data
      assert.same({ 41002 }, tasks_of(run)["collect-signed-documents-from"].owners.users)
    end)
  end)

  describe("completing", function ()
    it("takes a process from launch to completion", function ()
      local run = launch(carla, "Warehouse safety walk", { Site = "Leeds" }).body.data
      local tasks = tasks_of(run)
      assert.equal(200, fill(carla, run, tasks["check-aisles-and-exits"],
        { ["Aisles clear?"] = "Yes" }).status)
      assert.equal("in-progress", tasks_of(run)["check-aisles-and-exits"].status)
      for _, alias in ipairs { "check-aisles-and-exits", "inspect-the-forklift-trucks",
        "file-the-walk-report" } do
        local answer = complete(carla, run, tasks[alias])
        assert.equal(200, answer.status, alias)
        assert.equal("completed", answer.body.data.status)
        assert.equal(41003, answer.body.data.completer_id)
        assert.same({}, answer.body.data.tasks_changed_by_rules)
      end
      local done = read(run)
      assert.equal("complete", done.status)
      assert.equal(100, done.progress.percent)
      assert.equal("2026-11-25T10:30:00Z", done.completed_at)
    end)

    it("is refused for required fields, hidden tasks, and a second time", function ()
      local run = launch(ben, "Employee onboarding", joiner).body.data
      local tasks = tasks_of(run)
      local documents = tasks["collect-signed-documents-from"]
      local answer = complete(ben, run, documents)
      assert.equal(422, answer.status)
      local _, texts = next(answer.body.errors)
      assert.same({ "All documents received? is required" }, texts)
      assert.equal(422, complete(ben, run, tasks["ship-equipment-to-home-address"]).status)
      fill(ben, run, documents, { ["All documents received?"] = "Yes" })
      assert.equal(200, complete(ben, run, documents).status)
      local twice = complete(ben, run, documents)
      assert.equal(422, twice.status)
      assert.same({ error = true, message = "This task is already completed." }, twice.body)
    end)

    it("needs the task's id, of this process", function ()
      local run = launch(ben, "Employee onboarding", joiner).body.data
      local other = launch(ben, "Warehouse safety walk", { Site = "Hull" }).body.data
      local target = "/organizations/{org}/runs/" .. run.id .. "/completed-tasks"
      assert.equal(422, ben:post(target, {}).status)
      assert.equal(404, ben:post(target, { task_id = "x" }).status)
      assert.equal(404, ben:post(target, { task_id = select(2, tasks_of(other))[1].id }).status)
      assert.equal(404, ben:post("/organizations/{org}/completed-tasks", { task_id = select(2,
        tasks_of(run))[1].id }).status)
    end)

    it("asks approval tasks for a decision, and only their assignees may give it", function ()
      local run = launch(ben, "Employee onboarding", joiner).body.data
      local approval = tasks_of(run)["approve-the-start-package"]
      assert.equal(403, complete(dev, run, approval, { is_approved = true }).status)
      local undecided = complete(amelia, run, approval)
      assert.equal(422, undecided.status)
      assert.is_not_nil(undecided.body.errors.is_approved)
      assert.equal(422, complete(amelia, run, approval, { is_approved = "yes" }).status)
      local done = complete(amelia, run, approval, { is_approved = true })
      assert.is_true(done.body.data.is_approved)
    end)

    it("by a light member works on own tasks only", function ()
      local run = launch(carla, "Incident response", {
        ["What happened?"] = "Water in hall 2", Severity = { id = 1, text = "Low" },
      }).body.data
      local tasks = tasks_of(run)
      assert.equal(403, complete(carla, run, tasks["contain-the-incident"]).status)
      fill(carla, run, tasks["find-the-root-cause"], { ["Root cause"] = "A pipe" })
      assert.equal(200, complete(carla, run, tasks["find-the-root-cause"]).status)
    end)

    it("can name another member as completer", function ()
      local run = launch(ben, "Monthly close", { Month = "May" }).body.data
      local task = tasks_of(run)["reconcile-the-bank-accounts"]
      assert.equal(422, complete(ben, run, task, { override_user = 99 }).status)
      assert.equal(41004, complete(ben, run, task, { override_user = 41004 }).body.data.completer_id)
    end)

    it("waits for everyone where everyone must", function ()
      local run = launch(ben, "Monthly close", { Month = "May" }).body.data
      local report = tasks_of(run)["send-the-management-report"]
      local first = complete(dev, run, report)
      assert.equal(200, first.status)
      assert.equal("in-progress", first.body.data.status)
      assert.same({ complete = 1, total = 2, users = { 41004 }, guests = {} },
        first.body.data.completion_progress)
      assert.equal("completed", complete(amelia, run, report).body.data.status)
    end)

    it("moves deadlines that count from the task", function ()
      local run = launch(ben, "Vendor approval", { ["Vendor name"] = "Acme",
        ["Expected yearly spend"] = 10 }).body.data
      local tasks = tasks_of(run)
      assert.equal("2026-11-30T10:30:00Z", tasks["run-the-credit-check"].deadline)
      clock.now = clock.now + 5 * 86400
      fill(ben, run, tasks["collect-the-supplier-questionnaire"], { ["Registration number"] = "1" })
      complete(ben, run, tasks["collect-the-supplier-questionnaire"])
      assert.equal("2026-12-02T10:30:00Z", tasks_of(run)["run-the-credit-check"].deadline)
    end)
  end)

  describe("rules", function ()
    it("show a step when a kick-off value asks for it", function ()
      local values = { ["Remote worker?"] = "Yes" }
      for label, value in pairs(joiner) do values[label] = value end
      local run = launch(ben, "Employee onboarding", values).body.data
      assert.equal("not-started", tasks_of(run)["ship-equipment-to-home-address"].status)
      assert.equal(6, run.progress.total)
    end)

    it("branch on a rejection and name the tasks they changed", function ()
      local run = launch(ben, "Vendor approval", { ["Vendor name"] = "Acme",
        ["Expected yearly spend"] = 10 }).body.data
      local tasks = tasks_of(run)
      assert.equal("auto-skipped", tasks["tell-the-vendor-about-the-refusal"].status)
      local answer = complete(ben, run, tasks["approve-as-a-vendor"], { is_approved = false })
      assert.equal("completed", answer.body.data.status)
      assert.is_false(answer.body.data.is_approved)
      assert.equal(2, #answer.body.data.tasks_changed_by_rules.data)
      tasks = tasks_of(run)
      assert.equal("not-started", tasks["tell-the-vendor-about-the-refusal"].status)
      assert.equal("auto-skipped", tasks["create-the-vendor-in-the-ledger"].status)
    end)

    it("reopen a step when its approval is rejected", function ()
      local run = launch(ben, "Employee onboarding", joiner).body.data
      local tasks = tasks_of(run)
      fill(ben, run, tasks["prepare-equipment"], { ["Laptop model"] = { id = 1, text = "Light 13" } })
      complete(ben, run, tasks["prepare-equipment"])
      complete(amelia, run, tasks["approve-the-start-package"], { is_approved = false })
      local equipment = tasks_of(run)["prepare-equipment"]
      assert.equal("in-progress", equipment.status)
      assert.equal(null, equipment.completed_at)
      assert.is_not_nil(next(equipment.taskdata))
    end)
  end)

  describe("reopening", function ()
    it("clears the completion, keeps the values, and wakes the process", function ()
      local run = helper.find(amelia:get("/organizations/{org}/runs?per_page=100").body.data, "name",
        "Onboarding: Leah Okafor")
      local documents = tasks_of(run)["collect-signed-documents-from"]
      local target = "/organizations/{org}/runs/" .. run.id .. "/completed-tasks/" .. documents.id
      local answer = amelia:delete(target)
      assert.equal(200, answer.status)
      local task = answer.body.data
      assert.equal("in-progress", task.status)
      assert.same({ null, null, null }, { task.completed_at, task.completer_id, task.is_approved })
      assert.is_not_nil(next(task.taskdata))
      assert.equal("active", read(run).status)
      assert.equal(null, read(run).completed_at)
      assert.equal(422, amelia:delete(target).status)
    end)
  end)

  describe("saving values", function ()
    it("drops unknown fields, refuses wrapped values, and touches only what it is given", function ()
      local run = launch(ben, "Employee onboarding", joiner).body.data
      local equipment = tasks_of(run)["prepare-equipment"]
      local target = "/organizations/{org}/runs/" .. run.id .. "/tasks/" .. equipment.id
      fill(ben, run, equipment, { ["Laptop model"] = { id = 2, text = "Pro 14" } })
      assert.equal(200, ben:put(target, { taskdata = { nothing = "x" } }).status)
      assert.equal(422, fill(ben, run, equipment, { ["Laptop model"] = { value = "Pro 14" } }).status)
      fill(ben, run, equipment, { ["Asset numbers"] = helper.json.array { "A", "B" } })
      local data = ben:get(target).body.data.taskdata
      local count = 0
      for _ in pairs(data) do count = count + 1 end
      assert.equal(2, count)
    end)

    it("is refused on a completed task", function ()
      local run = launch(ben, "Monthly close", { Month = "May" }).body.data
      local bank = tasks_of(run)["reconcile-the-bank-accounts"]
      complete(ben, run, bank)
      assert.equal(422, ben:put("/organizations/{org}/runs/" .. run.id .. "/tasks/" .. bank.id,
        { title = "x" }).status)
    end)

    it("empties the owner buckets that an owners object leaves out", function ()
      local run = launch(ben, "Employee onboarding", joiner).body.data
      local equipment = tasks_of(run)["prepare-equipment"]
      local target = "/organizations/{org}/runs/" .. run.id .. "/tasks/" .. equipment.id
      local answer = ben:put(target, { owners = { users = { 41002 } } })
      assert.same({ users = { 41002 }, guests = {}, groups = {}, taskUrls = {} }, answer.body.data.owners)
      local mine = helper.find(ben:get("/organizations/{org}/me/tasks?per_page=100").body.data, "id",
        equipment.id)
      assert.is_not_nil(mine)
    end)
  end)

  describe("one-off tasks", function ()
    local function order(more)
      local body = {
        title = "Call the locksmith", task_type = "task", deadline = "2026-11-29 12:00:00",
        owners = { users = { 41002, "41003" } }, summary = "<p>Back door</p>",
      }
      for key, value in pairs(more or {}) do body[key] = value end
      return body
    end

    it("are created, read back, completed and reopened", function ()
      local answer = ben:post("/organizations/{org}/tasks", order())
      assert.equal(201, answer.status)
      local task = answer.body.data
      assert.is_true(task.is_oneoff_task)
      assert.same({ 41002, 41003 }, task.owners.users)
      assert.equal("2026-11-30T09:00:00Z", task.deadline) -- a Sunday moves to Monday morning
      assert.equal("<p>Back door</p>", ben:get("/organizations/{org}/tasks/" .. task.id).body.data.summary)
      local done = carla:post("/organizations/{org}/completed-tasks", { task_id = task.id })
      assert.equal("completed", done.body.data.status)
      assert.is_nil(done.body.data.tasks_changed_by_rules)
      local open = carla:delete("/organizations/{org}/completed-tasks/" .. task.id)
      assert.equal("in-progress", open.body.data.status)
    end)

    it("need title, type, deadline and owners", function ()
      local answer = ben:post("/organizations/{org}/tasks", { title = "", owners = {} })
      assert.equal(422, answer.status)
      for _, key in ipairs { "title", "task_type", "deadline", "owners" } do
        assert.matches("is required", answer.body.errors[key][1], nil, key)
      end
      for key, value in pairs { task_type = "errand", deadline = "soon", title = 12,
        owners = { users = { 99 } } } do
        assert.equal(422, ben:post("/organizations/{org}/tasks", order { [key] = value }).status, key)
      end
      assert.equal(422, ben:post("/organizations/{org}/tasks",
        order { owners = { users = helper.json.array {} } }).status)
    end)

    it("make a guest known", function ()
      ben:post("/organizations/{org}/tasks", order { owners = { guests = { "new@visitor.example" } } })
      local guests = amelia:get("/organizations/{org}/guests").body.data
      assert.is_not_nil(helper.find(guests, "email", "new@visitor.example"))
    end)

    it("fan out to one each, in a process of their own, and answer the first", function ()
      local before = amelia:get("/organizations/{org}/tasks").body.meta.pagination.total
      local floor = helper.find(amelia:get("/organizations/{org}/groups").body.data, "name", "Warehouse Floor")
      local task = ben:post("/organizations/{org}/tasks", order {
        separate_task_for_each_assignee = true, owners = { users = { 41002 }, groups = { floor.id } },
      }).body.data
      -- Ben; Carla and Hugo of the group, and its guest.
      assert.equal(before + 4, amelia:get("/organizations/{org}/tasks").body.meta.pagination.total)
      assert.equal("Call the locksmith", task.run.name)
      assert.same({ 41002 }, task.owners.users)
      local target = "/organizations/{org}/runs/" .. task.run_id
      assert.equal(4, amelia:get(target .. "/tasks").body.meta.pagination.total)
      assert.equal(null, amelia:get(target .. "?with=checklist").body.data.checklist)
    end)

    it("are not for light members to create", function ()
      assert.equal(403, carla:post("/organizations/{org}/tasks", order()).status)
    end)

    it("count in the process they are attached to", function ()
      local run = launch(ben, "Monthly close", { Month = "May" }).body.data
      local task = ben:post("/organizations/{org}/tasks", order { run_id = run.id }).body.data
      assert.equal(run.id, task.run_id)
      assert.equal(run.progress.total + 1, read(run).progress.total)
      assert.equal(422, ben:post("/organizations/{org}/tasks", order { run_id = "none" }).status)
    end)
  end)

  describe("comments", function ()
    it("are stored with author and mentions, for those who see the task", function ()
      local task = ben:get("/organizations/{org}/me/tasks").body.data[1]
      local target = "/organizations/{org}/tasks/" .. task.id
      local answer = ben:post(target .. "/comment", { content = "<p>@[41001] have a look</p>" })
      assert.equal(200, answer.status)
      assert.same({ 41001 }, answer.body.data.sent_to)
      assert.equal("Ben Okonkwo", answer.body.data.author.full_name)
      assert.equal("hide-for-guests", answer.body.data.state)
      local threads = amelia:get(target .. "?with=threads").body.data.threads.data
      assert.equal(answer.body.data.id, threads[#threads].id)
      assert.equal(422, ben:post(target .. "/comment", {}).status)
      assert.equal(422, ben:post(target .. "/comment", { content = "x", label = "shout" }).status)
    end)

    it("labelled problem open an issue that blocks completion", function ()
      local run = launch(ben, "Monthly close", { Month = "May" }).body.data
      local bank = tasks_of(run)["reconcile-the-bank-accounts"]
      ben:post("/organizations/{org}/tasks/" .. bank.id .. "/comment", { content = "Missing statement",
        label = "problem" })
      assert.equal("problem", read(run).status)
      local answer = complete(ben, run, bank)
      assert.equal(422, answer.status)
      assert.matches("open issue", answer.body.message)
    end)
  end)
end)
