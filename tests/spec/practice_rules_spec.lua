-- Automation rules: every trigger, condition and action (api.md 16 and 28.2), and the deadlines of steps (28.3).
local root = debug.getinfo(1, "S").source:match("^@(.*)practice_rules_spec.lua$")
local helper = dofile(root .. "practice_helper.lua")
local builder = dofile(root .. "practice_builder.lua")
local null = helper.null
local at = "/organizations/{org}"

describe("rules", function ()
  local service, clock, amelia

  before_each(function ()
    service, clock = helper.open()
    amelia = helper.client(service, "Amelia")
  end)

  -- A template with a kick-off field, a step with a form, and a target that rules show.
  local function template(more)
    local form = {
      title = "Rules", kickoff = { { "K", "text" }, { "P", "assignees_form" }, { "D", "date" } },
      steps = {
        { "A", assignees = { 41002 }, fields = { { "F", "text" }, { "M", "multiselect", options = { "X", "Y" } },
          { "T", "table", columns = { "Tag", "Serial" } } } },
        { "B", assignees = { 41001 } }, { "Target", assignees = { 41003 } },
      },
    }
    for key, value in pairs(more or {}) do form[key] = value end
    return builder.new(amelia, form)
  end

  local function shown(t, run) return t:task(run, "Target").status ~= "auto-skipped" end

  -- True when the conditions show the target after <steps>(t, run).
  local function holds(conditions, kickoff, steps)
    local t = template()
    t:rule(conditions, { { "show", "Target" } })
    local run = t:launch(kickoff)
    if steps then steps(t, run) end
    return shown(t, run)
  end

  describe("conditions", function ()
    it("fold from the left without precedence; the first logic counts for nothing", function ()
      local yes, no = { "kickoff", "K", "equals", "k" }, { "kickoff", "K", "equals", "other" }
      local function with(row, logic) return { row[1], row[2], row[3], row[4], logic } end
      local k = { K = "k" }
      assert.is_true(holds({ yes, with(yes, "and") }, k))
      assert.is_false(holds({ yes, with(no, "and") }, k))
      assert.is_true(holds({ no, with(yes, "or") }, k))
      -- yes or yes and no: (yes or yes) and no, not yes or (yes and no)
      assert.is_false(holds({ yes, with(yes, "or"), with(no, "and") }, k))
      assert.is_true(holds({ no, with(no, "and"), with(yes, "or") }, k))
      assert.is_true(holds({ with(yes, "or") }, k))
      assert.is_false(holds({ with(no, "or") }, k))
    end)

    it("on fields compare without case and outer spaces", function ()
      local function field(operation, statement, value)
        return holds({ { "kickoff", "K", operation, statement } }, value and { K = value })
      end
      assert.is_true(field("equals", " Leeds ", "LEEDS"))
      assert.is_false(field("equals", "", nil))
      assert.is_true(field("equals_any", { "Hull", "Leeds" }, "leeds"))
      assert.is_true(field("contains", "eed", "Leeds"))
      assert.is_true(field("greater_than", "5", 10))
      assert.is_false(field("greater_than", "10", 10))
      assert.is_false(field("greater_than", "5", "ten"))
      assert.is_true(field("less_than", "5", "-1"))
      assert.is_false(field("is_not_empty", null, nil))
      assert.is_true(field("is_empty", null, nil))
      assert.is_true(field("not_equals", "x", nil))
      assert.is_true(field("not_contains", "x", "Leeds"))
      assert.is_false(field("not_contains", "eed", "Leeds"))
    end)

    it("on lists look at the selected texts, on tables at the named column", function ()
      local both = { M = { { id = 1, text = "X", selected = true }, { id = 2, text = "Y" } } }
      local function saved(condition, values)
        return holds({ condition }, nil, function (t, run) t:save(run, "A", values) end)
      end
      assert.is_true(saved({ "field", "M", "equals", "x" }, both))
      assert.is_false(saved({ "field", "M", "contains", "y" }, both))
      local cells = { T = helper.json.array { { "MAR-1", "MAR-2" }, "88" } }
      assert.is_true(saved({ "field", "T", "contains", "mar-2", column = "Tag" }, cells))
      assert.is_false(saved({ "field", "T", "contains", "mar", column = "Serial" }, cells))
      assert.is_true(saved({ "field", "T", "contains", "88" }, cells))
    end)

    it("that are negative wait for the completion of the task that owns the field", function ()
      local condition = { { "field", "F", "is_empty" } }
      local function saved(t, run) t:save(run, "A", { F = "y" }) end
      assert.is_false(holds({ { "field", "F", "not_equals", "x" } }, nil, saved))
      assert.is_false(holds({ { "field", "F", "not_contains", "x" } }, nil, saved))
      assert.is_true(holds(condition, nil, function (t, run) t:complete(run, "A") end))
      assert.is_true(holds({ { "field", "F", "not_equals", "x" } }, nil, function (t, run)
        t:save(run, "A", { F = "y" })
        t:complete(run, "A")
      end))
    end)

    it("on steps are dead for ever without one of the four time clauses", function ()
      for _, clause in ipairs { "", "always", false } do
        assert.is_false(holds({ { "step", "A", "completed", clause or nil } }, nil, function (t, run)
          t:complete(run, "A")
        end), tostring(clause))
      end
    end)

    it("on steps know late, early and on time", function ()
      local function after(clause, days)
        local before = clock.now
        local answer = holds({ { "step", "A", "completed", clause } }, nil, function (t, run)
          t:put(run, "A", { deadline = "2026-12-02 10:30:00" }) -- in seven days
          clock.now = clock.now + days * 86400
          t:complete(run, "A")
        end)
        clock.now = before
        return answer
      end
      assert.same({ true, true, true }, { after("any_time", 0), after("any_time", 7), after("any_time", 9) })
      assert.same({ true, true, false }, { after("on-time", 0), after("on-time", 7), after("on-time", 7.01) })
      assert.same({ false, false, true }, { after("late_24", 0), after("late_24", 7.5), after("late_24", 8) })
      assert.same({ true, true, false }, { after("early_24", 0), after("early_24", 6), after("early_24", 6.5) })
    end)

    it("on reopened and not_assigned hold when that happens", function ()
      assert.is_true(holds({ { "step", "A", "reopened", "any_time" } }, nil, function (t, run)
        t:complete(run, "A")
        assert.is_false(shown(t, run))
        t:reopen(run, "A")
      end))
      assert.is_true(holds({ { "step", "A", "reopened", "any_time" } }, nil, function (t, run)
        t:complete(run, "A")
        amelia:post(at .. "/tasks/" .. t:task(run, "A").id .. "/problem", { content = "an issue reopens it" })
      end))
      assert.is_true(holds({ { "step", "A", "not_assigned", "any_time" } }, nil, function (t, run)
        assert.is_false(shown(t, run))
        t:put(run, "A", { owners = { users = helper.json.array {} } })
      end))
    end)

    it("of a hidden task hold for nothing", function ()
      local t = template()
      t:rule({ { "kickoff", "K", "equals", "hide" } }, { { "hide", "A" } })
      t:rule({ { "step", "A", "not_assigned", "any_time" } }, { { "show", "Target" } })
      local run = t:launch({ K = "hide" }, { tasks = { [t.step.A] = { owners = {} } } })
      assert.same({ "auto-skipped", false }, { t:task(run, "A").status, shown(t, run) })
    end)
  end)

  it("run again when the kick-off changes or is submitted again", function ()
    local t = template()
    t:rule({ { "kickoff", "K", "equals", "go" } }, { { "show", "Target" } })
    local run = t:launch { K = "wait" }
    amelia:put(at .. "/runs/" .. run.id, { prerun = t:values { K = "go" } })
    assert.is_true(shown(t, run))
    t:put(run, "Target", { status = "auto-skipped" })
    amelia:post(at .. "/runs/" .. run.id .. "/complete-prerun")
    assert.is_false(shown(t, run), "what a person hid stays hidden")
    t:put(run, "Target", { status = "not-started" })
    assert.is_true(shown(t, run))
  end)

  it("undo nothing when their condition is no longer true", function ()
    local t = template()
    t:rule({ { "kickoff", "K", "equals", "go" } }, { { "show", "Target" } })
    local run = t:launch { K = "go" }
    amelia:put(at .. "/runs/" .. run.id, { prerun = t:values { K = "stop" } })
    assert.is_true(shown(t, run))
  end)

  it("assign, assign_only, unassign and clear", function ()
    local function owners(verb, people, kickoff, extra)
      local t = template()
      local action = { verb, "B", assignees = people and { users = people, guests = {}, groups = {} } }
      for key, value in pairs(extra and extra(t) or {}) do action[key] = value end
      t:rule({ { "step", "A", "completed", "any_time" } }, { action })
      local run = t:launch(kickoff)
      t:complete(run, "A")
      return t:task(run, "B").owners.users
    end
    assert.same({ 41001, 41004 }, owners("assign", { 41004 }))
    assert.same({ 41004 }, owners("assign_only", { 41004 }))
    assert.same({}, owners("unassign", { 41001 }))
    assert.same({}, owners("clear_assignees"))
    local function picker(t) return { actionable_id = t.field.P, actionable_type = "Prerun" } end
    local picked = { P = { users = { 41002 }, guests = {}, groups = {} } }
    assert.same({ 41001, 41002 }, owners("assign", { 41004 }, picked, picker), "the picker comes first")
    assert.same({ 41001, 41004 }, owners("assign", { 41004 }, nil, picker), "unless it names nobody")
  end)

  it("set deadlines from a date, a step or the target's own", function ()
    local function deadline(kickoff, extra)
      local t = template()
      local action = { "deadline", "B" }
      for key, value in pairs(extra(t)) do action[key] = value end
      t:rule({ { "step", "A", "completed", "any_time" } }, { action })
      local run = t:launch(kickoff)
      local changed = t:complete(run, "A").tasks_changed_by_rules
      return t:task(run, "B").deadline, changed
    end
    local function two_days(option) return { value = 2, unit = "days", option = option } end
    local date, changed = deadline({ D = "2026-12-09 12:00:00" }, function (t)
      return { actionable_id = t.field.D, actionable_type = "Prerun", deadline = two_days "before" }
    end)
    assert.equal("2026-12-07T12:00:00Z", date)
    assert.equal("B", changed.data[1].title)
    -- B is due five days from Wednesday: Monday.
    assert.equal("2026-12-02T10:30:00Z", (deadline(nil, function () return { deadline = two_days "from" } end)))
    assert.equal("2026-12-02T10:30:00Z", (deadline(nil, function (t)
      return { actionable_id = t.step.A, actionable_type = "Step", deadline = two_days "from" }
    end)))
    date, changed = deadline(nil, function (t)
      return { actionable_id = t.field.D, actionable_type = "Prerun", deadline = two_days "from" }
    end)
    assert.same({ "2026-11-30T10:30:00Z", {} }, { date, changed }, "without a date nothing happens")
  end)

  it("do not touch completed tasks, except to reopen them", function ()
    local t = template()
    t:rule({ { "step", "A", "completed", "any_time" } }, { { "hide", "B" }, { "clear_assignees", "B" } })
    local run = t:launch()
    t:complete(run, "B")
    assert.same({}, t:complete(run, "A").tasks_changed_by_rules)
    assert.same({ "completed", { 41001 } }, { t:task(run, "B").status, t:task(run, "B").owners.users })
  end)

  it("chain, but each fires once in a request", function ()
    local t = template()
    t:rule({ { "step", "A", "completed", "any_time" } }, { { "reopen", "B" } }, "reopens B")
    t:rule({ { "step", "B", "reopened", "any_time" } }, { { "show", "Target" } }, "sees it")
    t:rule({ { "step", "B", "reopened", "any_time" } }, { { "reopen", "A" } }, "cannot reopen its origin")
    local run = t:launch()
    t:complete(run, "B")
    local changed = t:complete(run, "A").tasks_changed_by_rules.data
    assert.equal(2, #changed)
    assert.same({ "completed", "in-progress", true }, { t:task(run, "A").status, t:task(run, "B").status, shown(t, run) })
    t:put(run, "Target", { status = "auto-skipped" })
    t:put(run, "Target", { status = "not-started" })
    t:complete(run, "B")
    t:reopen(run, "A")
    t:complete(run, "A")
    assert.equal("in-progress", t:task(run, "B").status, "no memory: it fires each time")
  end)

  it("keep the version of the launch, whatever happens to the template", function ()
    local t = template()
    local rule = t:rule({ { "step", "A", "completed", "any_time" } }, { { "show", "Target" } })
    local run = t:launch()
    assert.equal(204, amelia:delete(("%s/checklists/%s/automated-actions/%s"):format(at, t.id, rule.id)).status)
    t:complete(run, "A")
    assert.is_true(shown(t, run))
  end)

  describe("switches", function ()
    it("rules_fire_once and field_rules_on_completion choose the other reading", function ()
      service.world.switches.rules_fire_once = true
      local t = template()
      t:rule({ { "step", "A", "completed", "any_time" } }, { { "assign", "B",
        assignees = { users = { 41004 }, guests = {}, groups = {} } } })
      local run = t:launch()
      t:complete(run, "A")
      t:put(run, "B", { owners = { users = { 41001 } } })
      t:reopen(run, "A")
      t:complete(run, "A")
      assert.same({ 41001 }, t:task(run, "B").owners.users)
      service.world.switches.field_rules_on_completion = true
      assert.is_false(holds({ { "field", "F", "equals", "x" } }, nil, function (u, r) u:save(r, "A", { F = "x" }) end))
      assert.is_true(holds({ { "field", "F", "equals", "x" } }, nil, function (u, r)
        u:save(r, "A", { F = "x" })
        u:complete(r, "A")
      end))
    end)

    it("hidden_tasks_count and repeat_completion do as well", function ()
      local t = template()
      t:rule({ { "kickoff", "K", "equals", "never" } }, { { "show", "Target" } })
      local run = t:launch()
      assert.equal(2, run.progress.total)
      service.world.switches.hidden_tasks_count = true
      assert.equal(3, t:run(run).progress.total)
      t:complete(run, "A")
      assert.equal(422, t:try(run, "A").status)
      service.world.switches.repeat_completion = true
      assert.equal(200, t:try(run, "A").status)
    end)
  end)
end)

describe("deadlines", function ()
  local service, clock, amelia

  before_each(function ()
    service, clock = helper.open()
    amelia = helper.client(service, "Amelia")
  end)

  local function due(value, unit, option, step) return { value = value, unit = unit, option = option, step = step } end

  it("count from the launch, from a step and back from a step, and move to working days", function ()
    local t = builder.new(amelia, { title = "Due", steps = {
      { "One", deadline = due(2, "hours", "from", "start_run") },
      { "Two", deadline = due(3, "days", "from", "start_run") }, -- a Saturday
      { "Odd", deadline = due(1, "days", "prior_to", "start_run") }, -- means nothing: five days
    } })
    t:add_step { "Three", deadline = due(1, "weeks", "from", t.step.Two) }
    t:add_step { "Before three", deadline = due(2, "days", "prior_to", t.step.Three) }
    t:add_step { "Month", deadline = due(1, "months", "from", "start_run") }
    local run = t:launch()
    local function of(title) return t:task(run, title).deadline end
    assert.equal("2026-11-25T12:30:00Z", of "One")
    assert.equal("2026-11-30T09:00:00Z", of "Two")
    assert.equal("2026-11-30T10:30:00Z", of "Odd")
    assert.equal("2026-12-07T09:00:00Z", of "Three")
    assert.equal("2026-12-03T10:30:00Z", of "Before three")
    assert.equal("2026-12-25T10:30:00Z", of "Month")
    assert.equal("2026-12-25T10:30:00Z", run.due_date)
    assert.is_true(t:task(run, "Two").has_deadline_dependent_child_tasks)
    clock.now = clock.now + 86400
    t:complete(run, "Two")
    assert.equal("2026-12-03T10:30:00Z", of "Three")
    assert.equal("2026-12-01T10:30:00Z", of "Before three")
    t:put(run, "Before three", { deadline = "2026-12-05 08:00:00" }) -- a Saturday
    assert.equal("2026-12-07T09:00:00Z", of "Before three")
    t:put(run, "Three", { deadline = "2026-12-15T08:00:00Z" })
    assert.equal("2026-12-07T09:00:00Z", of "Before three", "what a person set stays")
  end)

  it("of a launch are moved as well; a start date delays the start", function ()
    local t = builder.new(amelia, { title = "Start", steps = {
      { "Later", start_date = { value = 2, unit = "days" }, is_soft_start_date = false }, { "Soft" } } })
    local run = t:launch(nil, { tasks = { [t.step.Later] = { deadline = "2026-11-28 12:00:00" } } })
    assert.same({ "2026-11-27T10:30:00Z", "2026-11-30T09:00:00Z" },
      { t:task(run, "Later").started_at, t:task(run, "Later").deadline })
    assert.equal("2026-11-25T10:30:00Z", t:task(run, "Soft").started_at)
  end)

  it("passed make a process late", function ()
    local t = builder.new(amelia, { title = "Late", steps = { { "One", deadline = due(20, "hours", "from", "start_run") } } })
    local run = t:launch()
    assert.same({ false, true, 0 }, { run.due_date_passed, run.due_soon, run.late_tasks })
    clock.now = clock.now + 86400
    run = t:run(run)
    assert.same({ true, false, 1 }, { run.due_date_passed, run.due_soon, run.late_tasks })
    assert.equal("Overdue", t:task(run, "One").status_label)
    assert.equal(run.id, amelia:get(at .. "/runs?status=delayed&q=late").body.data[1].id)
  end)
end)
