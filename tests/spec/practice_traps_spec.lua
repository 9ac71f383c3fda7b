-- The ways in which the real API loses data silently: each loss really happens here when a client falls into it,
-- and each careful way of writing keeps the data (behaviour of the API in api.md 13 to 18).
local root = debug.getinfo(1, "S").source:match("^@(.*)practice_traps_spec.lua$")
local helper = dofile(root .. "practice_helper.lua")
local builder = dofile(root .. "practice_builder.lua")
local null, array = helper.null, helper.json.array
local at = "/organizations/{org}"

describe("a trap:", function ()
  local amelia, t, run, group

  before_each(function ()
    local service = helper.open()
    amelia = helper.client(service, "Amelia")
    group = amelia:get(at .. "/groups").body.data[1].id
    t = builder.new(amelia, {
      title = "Trap", more = { users = { 41002, 41003 }, groups = { group } },
      kickoff = { { "Name", "text" }, { "Size", "dropdown", options = { "Small", "Large" } } },
      steps = { { "One", assignees = { 41002 }, guests = { "j.brandt@supplier-gmbh.example" }, groups = { group },
        fields = { { "Note", "textarea" }, { "Many", "multiselect", options = { "A", "B" } },
          { "Rows", "table", columns = { "Tag", "Serial" } }, { "File", "file" } } }, { "Two" } },
    })
    run = t:launch({ Name = "x" }, { users = { 41002 }, groups = { group } })
  end)

  local function checklist() return amelia:get(at .. "/checklists/" .. t.id).body.data end
  local function put_checklist(body) return amelia:put(at .. "/checklists/" .. t.id, body) end
  local step_path, step

  before_each(function ()
    step_path = ("%s/checklists/%s/steps/%s"):format(at, t.id, t.step.One)
    step = function () return amelia:get(step_path).body.data end
  end)

  describe("PUT on a template", function ()
    it("without users and groups detaches everybody", function ()
      assert.same({ { 41002, 41003 }, { group } }, { checklist().users, checklist().groups })
      assert.equal(200, put_checklist({ title = "Trap" }).status)
      assert.same({ {}, {} }, { checklist().users, checklist().groups })
    end)

    it("with them keeps them, and keeps its kick-off fields when prerun is absent", function ()
      put_checklist { title = "Trap two", users = checklist().users, groups = checklist().groups }
      assert.same({ 41002, 41003 }, checklist().users)
      assert.equal(2, #checklist().prerun)
    end)

    it("without a title is refused", function ()
      assert.equal(422, put_checklist({ summary = "only this" }).status)
      assert.same({ 41002, 41003 }, checklist().users)
    end)

    it("with prerun replaces the whole list", function ()
      local name = checklist().prerun[1]
      put_checklist { title = "Trap", prerun = { name } }
      local after = checklist().prerun
      assert.same({ 1, name.id }, { #after, after[1].id })
    end)

    it("with prerun given as values, as for a process, is no kick-off definition", function ()
      local answer = put_checklist { title = "Trap", prerun = t:values { Name = "x" } }
      assert.equal(2, #checklist().prerun, answer.status)
    end)
  end)

  describe("PUT on a step", function ()
    it("without its people empties them", function ()
      assert.equal(200, amelia:put(step_path, { title = "One" }).status)
      assert.same({ {}, {}, {} }, { step().assignees, step().guests, step().groups })
    end)

    it("with only a position passes the title check and empties them too", function ()
      amelia:put(step_path, { position = 2 })
      assert.same({ "One", {} }, { step().title, step().assignees })
    end)

    it("with them keeps them", function ()
      local now = step()
      amelia:put(step_path, { title = "One", assignees = now.assignees, guests = now.guests, groups = now.groups })
      assert.same(now.assignees, step().assignees)
      assert.equal(4, #step().captures)
    end)
  end)

  describe("PUT on a process", function ()
    local function put(body) return amelia:put(at .. "/runs/" .. run.id, body) end

    it("without users and groups detaches everybody; prerun may be absent", function ()
      assert.same({ { 41002 }, { group } }, { t:run(run).users, t:run(run).groups })
      assert.equal(200, put({ name = "Renamed" }).status)
      local now = t:run(run)
      assert.same({ {}, {}, "Renamed" }, { now.users, now.groups, now.name })
      assert.equal("x", now.prerun[t.field.Name])
    end)

    it("with prerun touches only the fields it carries", function ()
      put { users = { 41002 }, prerun = t:values { Size = { id = 1, text = "Small" } } }
      local now = t:run(run)
      assert.same({ "x", 1 }, { now.prerun[t.field.Name], now.prerun[t.field.Size].id })
      assert.same({ { 41002 }, {} }, { now.users, now.groups })
    end)
  end)

  describe("PUT on a task", function ()
    it("without owners is safe; with a partial owners object the missing buckets are emptied", function ()
      t:put(run, "One", { title = "Renamed" })
      assert.same({ { 41002 }, { "j.brandt@supplier-gmbh.example" }, { group } },
        { t:task(run, "One").owners.users, t:task(run, "One").owners.guests, t:task(run, "One").owners.groups })
      t:put(run, "One", { owners = { users = { 41003 } } })
      assert.same({ { 41003 }, {}, {} },
        { t:task(run, "One").owners.users, t:task(run, "One").owners.guests, t:task(run, "One").owners.groups })
    end)

    it("with status completed completes nothing, with success", function ()
      assert.equal(200, t:put(run, "One", { status = "completed", completed_at = "2026-11-25" }).status)
      assert.same({ "not-started", null }, { t:task(run, "One").status, t:task(run, "One").completed_at })
    end)

    it("of the other kind is not found; a one-off needs title, deadline and owners again", function ()
      local task = t:task(run, "One")
      local body = { title = "x", deadline = "2026-12-01", owners = { users = { 41002 } } }
      assert.equal(404, amelia:put(at .. "/tasks/" .. task.id, body).status)
      local one = amelia:post(at .. "/tasks", { title = "Errand", task_type = "task", deadline = "2026-12-01 10:00:00",
        owners = { users = { 41002 }, guests = { "j.brandt@supplier-gmbh.example" } }, summary = "kept" }).body.data
      for _, key in ipairs { "title", "deadline", "owners" } do
        local less = { title = "x", deadline = "2026-12-01", owners = { users = { 41002 } } }
        less[key] = nil
        local answer = amelia:put(at .. "/tasks/" .. one.id, less)
        assert.equal(422, answer.status)
        assert.is_table(answer.body.errors[key])
      end
      amelia:put(at .. "/tasks/" .. one.id, { title = "x", deadline = "2026-12-01", owners = {} })
      local now = amelia:get(at .. "/tasks/" .. one.id).body.data
      assert.same({ "x", {}, {}, "kept" }, { now.title, now.owners.users, now.owners.guests, now.summary })
    end)
  end)

  describe("values", function ()
    it("by label or alias are dropped with success, at launch and in a task", function ()
      local launched = amelia:post(at .. "/runs", { checklist_id = t.id, prerun = {
        Name = "by label", [t.alias.Name] = "by alias" } })
      assert.same({ 201, {} }, { launched.status, launched.body.data.prerun })
      local saved = t:put(run, "One", { taskdata = { Note = "by label", [t.alias.Note] = "by alias" } })
      assert.same({ 200, {}, "not-started" },
        { saved.status, saved.body.data.taskdata, saved.body.data.status })
    end)

    it("in a list lose everything; under prerun_data too", function ()
      local launched = amelia:post(at .. "/runs", { checklist_id = t.id, prerun = array { t:values { Name = "y" } } })
      assert.same({ 201, {} }, { launched.status, launched.body.data.prerun })
      launched = amelia:post(at .. "/runs", { checklist_id = t.id, prerun_data = t:values { Name = "y" } })
      assert.same({}, launched.body.data.prerun)
    end)

    it("of a multiselect without selected are stored and show nothing", function ()
      t:save(run, "One", { Many = { { id = 1, text = "A" } } })
      assert.is_nil(t:task(run, "One").taskdata[t.field.Many][1].selected)
      t:rule({ { "field", "Many", "contains", "A", "and" } }, { { "hide", "Two" } })
      local other = t:launch()
      t:save(other, "One", { Many = { { id = 1, text = "A" } } })
      assert.equal("not-started", t:task(other, "Two").status)
    end)

    it("are not accepted by the completion", function ()
      t:complete(run, "One", { taskdata = t:values { Note = "lost" } })
      assert.same({}, t:task(run, "One").taskdata)
    end)

    it("wrapped in {value} are a 422", function ()
      assert.equal(422, t:put(run, "One", { taskdata = t:values { Note = { value = "x" } } }).status)
    end)

    it("of a table need every column, or must be left out", function ()
      for _, value in ipairs { array { "one" }, array { "a", "b", "c" }, array {}, "" } do
        assert.equal(422, t:put(run, "One", { taskdata = t:values { Rows = value } }).status)
      end
      t:save(run, "One", { Rows = array { "a", array { "b", "c" } } })
      assert.same({ "a", { "b", "c" } }, t:task(run, "One").taskdata[t.field.Rows])
    end)

    it("one wrong among right ones stores none", function ()
      assert.equal(422, t:put(run, "One", { taskdata = t:values { Note = "good", Many = "bad" } }).status)
      assert.same({}, t:task(run, "One").taskdata)
    end)

    it("of another step's fields are dropped", function ()
      assert.equal(200, t:put(run, "Two", { taskdata = t:values { Note = "x" } }).status)
      assert.same({}, t:task(run, "Two").taskdata)
    end)
  end)

  it("a launch with a map of some steps makes all of them, and ignores top-level guests", function ()
    local launched = t:launch(nil, { tasks = { [t.step.Two] = { owners = { users = { 41004 } } } },
      guests = { "new@guest.example" } })
    assert.equal(2, launched.progress.total)
    assert.same({ { 41004 }, { 41002 } },
      { t:task(launched, "Two").owners.users, t:task(launched, "One").owners.users })
    assert.equal(404, amelia:get(at .. "/guests/new@guest.example").status)
  end)

  it("DELETE archives; only a second /delete deletes, and only what is archived", function ()
    assert.equal(422, amelia:delete(at .. "/runs/" .. run.id .. "/delete").status)
    assert.equal(200, amelia:delete(at .. "/runs/" .. run.id).status)
    assert.equal(200, amelia:get(at .. "/runs/" .. run.id).status)
    local task = t:task(run, "One")
    assert.equal(200, amelia:delete(at .. "/runs/" .. run.id .. "/delete").status)
    assert.equal(404, amelia:get(at .. "/runs/" .. run.id).status)
    assert.equal(404, amelia:get(at .. "/tasks/" .. task.id).status)
    assert.equal(404, amelia:delete(at .. "/runs/" .. run.id .. "/delete").status)
  end)

  it("a repeated launch launches again: there are no idempotency keys", function ()
    local headers = { ["idempotency-key"] = "1" }
    local body = { checklist_id = t.id, name = "Twice" }
    local one, two = amelia:post(at .. "/runs", body, headers), amelia:post(at .. "/runs", body, headers)
    assert.not_equal(one.body.data.id, two.body.data.id)
  end)

  it("the statement of a step condition that is null is stored, and the rule never fires", function ()
    local rule = t:rule({ { "step", "One", "completed" } }, { { "hide", "Two" } })
    assert.equal(null, rule.conditions[1].statement)
    local other = t:launch()
    t:complete(other, "One")
    assert.equal("not-started", t:task(other, "Two").status)
  end)

  it("PUT on a rule deletes what is not sent", function ()
    local rule = t:rule({ { "step", "One", "completed", "any_time" }, { "kickoff", "Name", "equals", "x", "or" } },
      { { "hide", "Two" } })
    local body = { automated_alias = rule.automated_alias, conditions = { rule.conditions[1] },
      then_actions = rule.then_actions }
    local after = amelia:put(("%s/checklists/%s/automated-actions/%s"):format(at, t.id, rule.id), body).body.data
    assert.same({ 1, rule.conditions[1].id }, { #after.conditions, after.conditions[1].id })
  end)

  it("PUT on a field needs label, field_type and required; another type drops the stored values", function ()
    local field = step_path .. "/captures/" .. t.field.Note
    t:save(run, "One", { Note = "kept so far" })
    assert.equal(422, amelia:put(field, { label = "Note" }).status)
    assert.equal(200, amelia:put(field, { label = "Note 2", field_type = "textarea", required = false }).status)
    assert.equal("kept so far", t:task(run, "One").taskdata[t.field.Note])
    assert.equal(200, amelia:put(field, { label = "Note", field_type = "date", required = false }).status)
    assert.is_nil(t:task(run, "One").taskdata[t.field.Note])
  end)

  it("a guest's PUT changes the associated members and nothing else", function ()
    local guest = at .. "/guests/j.brandt@supplier-gmbh.example"
    assert.equal(201, amelia:put(guest, { first_name = "Changed", associated_members = { 41004 } }).status)
    local now = amelia:get(guest).body.data
    assert.same({ "Jonas", { 41004 } }, { now.first_name, now.details.associated_members })
  end)

  it("a guest's phone is not a key: it is dropped with success", function ()
    local made = amelia:post(at .. "/guests", { email = "new@guest.example", phone = "1", phone_1 = "2" }).body.data
    assert.equal("2", made.details.phone_1)
    assert.is_nil(made.phone)
  end)
end)
