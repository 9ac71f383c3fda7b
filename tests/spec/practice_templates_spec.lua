-- Templates and what hangs on them: what editing does to running processes, what is lost silently, what is refused.
local root = debug.getinfo(1, "S").source:match("^@(.*)practice_templates_spec.lua$")
local helper = dofile(root .. "practice_helper.lua")
local at = "/organizations/{org}/checklists"

describe("templates", function ()
  local service, amelia, ben, carla

  before_each(function ()
    service = helper.open()
    amelia, ben = helper.client(service, "Amelia"), helper.client(service, "Ben")
    carla = helper.client(service, "Carla")
  end)

  local function target(template, rest) return at .. "/" .. template.id .. (rest or "") end
  local function read(template) return amelia:get(target(template, "?with=steps")).body.data end

  local function launch(template, prerun)
    return amelia:post("/organizations/{org}/runs", { checklist_id = template.id, prerun = prerun }).body.data
  end

  local function tasks_of(run)
    return amelia:get("/organizations/{org}/runs/" .. run.id .. "/tasks?without_pagination=true").body.data
  end

  describe("are frozen into a process at its launch", function ()
    local template, run

    before_each(function ()
      template = amelia:template("Warehouse safety walk")
      run = launch(template, { [template.prerun[1].id] = "Hull" })
    end)

    it("a renamed, moved, removed or added step does not reach it", function ()
      local steps = template.steps.data
      amelia:put(target(template, "/steps/" .. steps[1].id), { title = "Other words",
        deadline = { value = 9, unit = "weeks", option = "from", step = "start_run" } })
      amelia:put(target(template, "/steps/" .. steps[1].id .. "/reorder"), { position = 3 })
      amelia:delete(target(template, "/steps/" .. steps[2].id))
      amelia:post(target(template, "/steps"), { title = "New step" })
      local tasks = tasks_of(run)
      assert.same({ "Check aisles and exits", "Inspect the forklift trucks", "File the walk report" },
        { tasks[1].title, tasks[2].title, tasks[3].title })
      assert.equal("2026-11-26T10:30:00Z", tasks[1].deadline)
      assert.equal(3, #tasks)
      local later = tasks_of(launch(template, { [template.prerun[1].id] = "Hull" }))
      assert.same({ "File the walk report", "Other words", "New step" },
        { later[1].title, later[2].title, later[3].title })
    end)

    it("a new required field does not reach it, and a removed one keeps its form", function ()
      local step = template.steps.data[1]
      amelia:post(target(template, "/steps/" .. step.id .. "/captures"),
        { label = "More", field_type = "text", required = true })
      local task = tasks_of(run)[1]
      amelia:put("/organizations/{org}/runs/" .. run.id .. "/tasks/" .. task.id,
        { taskdata = { [step.captures[1].id] = "Yes" } })
      local done = amelia:post("/organizations/{org}/runs/" .. run.id .. "/completed-tasks", { task_id = task.id })
      assert.equal(200, done.status)
      local fresh = tasks_of(launch(template, { [template.prerun[1].id] = "Hull" }))[1]
      local short = amelia:post("/organizations/{org}/runs/" .. fresh.run_id .. "/completed-tasks",
        { task_id = fresh.id })
      assert.equal(422, short.status)
    end)

    it("a changed deadline does not move its tasks, not even when they follow another", function ()
      local onboarding = amelia:template("Employee onboarding")
      local fields = onboarding.prerun
      local started = launch(onboarding, { [fields[1].id] = "Kay", [fields[2].id] = { id = 1, text = "Finance" },
        [fields[3].id] = "2026-12-01" })
      local review = onboarding.steps.data[6]
      review.deadline.value = 9
      assert.equal(200, amelia:put(target(onboarding, "/steps/" .. review.id), review).status)
      local tasks = tasks_of(started)
      amelia:put("/organizations/{org}/runs/" .. started.id .. "/tasks/" .. tasks[5].id,
        { deadline = "2026-12-10T10:00:00Z" })
      assert.equal("2026-12-17T10:00:00Z", tasks_of(started)[6].deadline)
    end)

    it("a new rule does not hide its steps", function ()
      amelia:post(target(template, "/automated-actions"), { automated_alias = "Only for Leeds",
        conditions = { { conditionable_id = template.prerun[1].id, conditionable_type = "Prerun",
          operation = "equals", statement = "Leeds", logic = "and", position = 1 } },
        then_actions = { { action_type = "visibility", action_verb = "show",
          target_step_id = template.steps.data[2].id, position = 1 } } })
      assert.equal("not-started", tasks_of(run)[2].status)
      assert.equal("auto-skipped", tasks_of(launch(template, { [template.prerun[1].id] = "Hull" }))[2].status)
      assert.equal("not-started", tasks_of(launch(template, { [template.prerun[1].id] = "Leeds" }))[2].status)
    end)

    it("a changed field type drops the values that were stored", function ()
      local step, field = template.steps.data[1], template.steps.data[1].captures[1]
      local task = tasks_of(run)[1]
      amelia:put("/organizations/{org}/runs/" .. run.id .. "/tasks/" .. task.id, { taskdata = { [field.id] = "Yes" } })
      amelia:put(target(template, "/steps/" .. step.id .. "/captures/" .. field.id),
        { label = field.label, field_type = "text", required = false })
      assert.same({}, tasks_of(run)[1].taskdata)
    end)
  end)

  describe("lose silently what a PUT leaves out", function ()
    it("users and groups of the template", function ()
      local template = amelia:template("Employee onboarding")
      assert.is_true(#template.groups > 0)
      assert.equal(200, amelia:put(target(template), { title = template.title }).status)
      assert.same({}, read(template).groups)
    end)

    it("assignees, guests and groups of a step, even when only its position is sent", function ()
      local template = amelia:template("Employee onboarding")
      local step = template.steps.data[4]
      assert.is_true(#step.guests > 0 and #step.groups > 0)
      assert.equal(200, amelia:put(target(template, "/steps/" .. step.id), { position = 2 }).status)
      local now = read(template).steps.data[2]
      assert.same({ step.id, {}, {}, {} }, { now.id, now.assignees, now.guests, now.groups })
    end)

    it("conditions and actions of a rule; those that keep their id stay", function ()
      local template = amelia:template("Employee onboarding")
      local rule = template.automated_actions[1]
      rule.conditions[2] = { conditionable_id = template.prerun[1].id, conditionable_type = "Prerun",
        operation = "is_not_empty", statement = helper.null, logic = "or", position = 2 }
      local both = amelia:put(target(template, "/automated-actions/" .. rule.id), rule).body.data
      assert.equal(rule.conditions[1].id, both.conditions[1].id)
      both.conditions = { both.conditions[2] }
      local one = amelia:put(target(template, "/automated-actions/" .. rule.id), both).body.data
      assert.equal(1, #one.conditions)
      assert.equal(both.conditions[1].id, one.conditions[1].id)
    end)
  end)

  it("take an export back: managed keys ignored, all ids new", function ()
    local export = read(amelia:template("Employee onboarding"))
    export.steps, export.title = export.steps.data, "Imported"
    local copy = amelia:post(at, export)
    assert.equal(201, copy.status)
    local now = read(copy.body.data)
    assert.not_equal(export.id, now.id)
    assert.not_equal(export.alias, now.alias)
    assert.equal(#export.steps, #now.steps.data)
    assert.same({}, now.automated_actions)
    assert.equal(0, now.started_processes)
  end)

  describe("refuse", function ()
    local template

    before_each(function () template = amelia:template("Employee onboarding") end)

    local function refused(body, key, path)
      local answer = amelia:post(target(template, path), body)
      assert.equal(422, answer.status)
      assert.is_table(answer.body.errors[key], helper.json.encode(answer.body))
    end

    it("fields without what their type needs, naming the place", function ()
      local path = "/steps/" .. template.steps.data[1].id .. "/captures"
      refused({ label = "x", field_type = "number", required = true }, "field_type", path)
      refused({ label = "x", field_type = "text" }, "required", path)
      refused({ label = "x", field_type = "table", required = true }, "columns", path)
      refused({ label = "x", field_type = "dropdown", required = true, options = { { id = "a", text = "A" } } },
        "options.0.id", path)
      refused({ label = "x", field_type = "radio", required = true, options = { { id = 1, text = "A" }, { id = 2 } } },
        "options.1.text", path)
    end)

    it("steps with half a deadline or people that are none", function ()
      refused({ title = "x", deadline = { value = 1, unit = "days", option = "from" } }, "deadline.step", "/steps")
      refused({ title = "x", deadline = { value = 1, unit = "fortnights", option = "from", step = "start_run" } },
        "deadline.unit", "/steps")
      refused({ title = "x", assignees = { 1 } }, "assignees.0", "/steps")
      refused({ title = "x", guests = { "ben.okonkwo@marigold.example" } }, "guests.0", "/steps")
      refused({ title = "x", groups = { "none" } }, "groups.0", "/steps")
      refused({ title = "x", step_type = "party" }, "step_type", "/steps")
    end)

    local function rule(change)
      local body = {
        automated_alias = "Rule", conditions = { { conditionable_id = template.steps.data[1].id,
          conditionable_type = "Step", operation = "completed", statement = "any_time", logic = "and", position = 1 } },
        then_actions = { { action_type = "visibility", action_verb = "show",
          target_step_id = template.steps.data[2].id, position = 1 } },
      }
      change(body, body.conditions[1], body.then_actions[1])
      return body
    end

    it("rules that cannot work, each for its own reason", function ()
      local cases = {
        { "automated_alias", function (body) body.automated_alias = nil end },
        { "conditions.0.statement", function (_, condition) condition.statement = nil end },
        { "conditions.0.operation", function (_, condition) condition.operation = "contains" end },
        { "conditions.0.conditionable_id", function (_, condition) condition.conditionable_type = "Capture"
          condition.operation = "equals" end },
        { "then_actions.0.action_verb", function (_, _, action) action.action_verb = "reopen" end },
        { "then_actions.0.target_step_id", function (_, _, action) action.target_step_id = "none" end },
        { "then_actions.0.deadline.option", function (_, _, action)
          action.action_type, action.action_verb = "deadline", "deadline"
          action.deadline = { value = 1, unit = "days" }
        end },
        { "then_actions.0.deadline", function (_, _, action)
          action.action_type, action.action_verb = "deadline", "deadline"
        end },
        { "then_actions.0.assignees", function (_, _, action)
          action.action_type, action.action_verb = "assignment", "assign"
        end },
        { "then_actions.0.alias_name", function (_, _, action)
          action.action_type, action.action_verb = "webhook", "emit_webhook"
          action.webhook_url = "https://hooks.example/x"
        end },
        { "then_actions", function (body, _, action)
          body.then_actions[2] = { action_type = "visibility", action_verb = "hide",
            target_step_id = action.target_step_id, position = 2 }
        end },
      }
      for _, case in ipairs(cases) do refused(rule(case[2]), case[1], "/automated-actions") end
    end)

    it("not a statement that can never be true: it is stored, and never fires", function ()
      for _, dead in ipairs { helper.null, "", "whenever" } do
        local answer = amelia:post(target(template, "/automated-actions"), rule(function (_, condition)
          condition.statement = dead
        end))
        assert.equal(201, answer.status)
      end
    end)
  end)

  it("may be read by light members whom they name, and edited by full ones", function ()
    local template = amelia:template("Warehouse safety walk")
    assert.equal(200, carla:get(target(template)).status, "her group is named")
    assert.equal(403, carla:put(target(template), { title = "Mine" }).status)
    assert.equal(404, carla:get(target(amelia:template("Monthly close"))).status)
    assert.equal(200, ben:put(target(template), { title = template.title }).status)
    service.world.organizations[1].restrict_blueprint_permissions = true
    assert.equal(404, ben:put(target(amelia:template("Vendor approval")), { title = "Mine" }).status)
  end)
end)
