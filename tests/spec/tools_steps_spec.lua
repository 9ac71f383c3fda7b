-- tools_steps_spec.lua - steps of templates: a PUT never takes people off, a step that is needed is not deleted.
local helper = dofile("tests/spec/tool_helper.lua")
local practice, json = helper.practice, helper.json

describe("tools for steps", function ()
  local service, amelia, ben, onboarding

  before_each(function ()
    service = practice.open()
    amelia, ben = helper.person(service, "Amelia"), helper.person(service, "Ben")
    onboarding = amelia.client:template("Employee onboarding")
  end)

  local function refused(person, file, args, code)
    args.template_id = args.template_id or onboarding.id
    local result, err = person:run("steps/" .. file, args)
    assert.is_nil(result)
    assert.equal(code, err.code, err.message)
    assert.same({}, person.api.written)
    return err
  end

  local function now() return amelia.client:template("Employee onboarding").steps.data end

  local function step(title) return practice.find(now(), "title", title) end

  local function titles()
    local list = {}
    for index, one in ipairs(now()) do list[index] = one.title:sub(1, 7) end
    return table.concat(list, "|")
  end

  local function unreadable(change)
    amelia.api.fail = function (method, path)
      if method ~= "GET" or not path:find("/checklists/", 1, true) then return nil end
      local answer = amelia.client:get("/organizations/{org}/checklists/" .. onboarding.id .. "?with=steps")
      change(answer.body.data)
      return path:find("{step_id}", 1, true) and { status = 200, body = { data = answer.body.data.steps.data[1] } } or answer
    end
  end

  describe("add_step_to_template", function ()
    it("adds one with its people and deadline", function ()
      local result = assert(amelia:run("steps/add_step_to_template", { template_id = "employee onboarding", step_data = {
        title = " Order the badge ", description = "<p>Front desk</p>", step_type = "approval", users = { "Ben Okonkwo", 41003 },
        guests = { "NEW@badges.example" }, groups = { "IT Service Desk" }, everyone_must_complete = true,
        deadline = { value = 2, unit = "days", option = "prior_to", step = "Approve the start package" } } }))
      assert.equal("POST /organizations/{org}/checklists/{template_id}/steps", amelia.api.written[1].line)
      assert.equal(1, #amelia.api.written)
      local body = amelia.api.written[1].body
      assert.same({ 41002, 41003 }, body.assignees)
      assert.same({ "new@badges.example" }, body.guests)
      assert.equal(onboarding.id, body.checklist_id)
      assert.same({ value = 2, unit = "days", option = "prior_to", step = step("Approve the start package").id }, body.deadline)
      local made = step("Order the badge")
      assert.equal("<p>Front desk</p>", made.summary)
      assert.equal("approval", made.step_type)
      assert.is_true(made.everyone_must_complete)
      assert.same(body.groups, made.groups)
      assert.match("at position 7, due 2 days before \"Approve the start package\"%.$", result.text)
      assert.is_true(result.data.is_in_place)
      assert.equal(made.id, result.data.step_id)
    end)

    it("puts it where it was wanted, in a second request", function ()
      local result = assert(amelia:run("steps/add_step_to_template", { template_id = onboarding.id,
        step_data = { title = "Zeroth", position = 1 } }))
      assert.equal("PUT /organizations/{org}/checklists/{template_id}/steps/{step_id}/reorder", amelia.api.written[2].line)
      assert.same({ position = 1 }, amelia.api.written[2].body)
      assert.match("^Zeroth|Collect|", titles())
      assert.match("at position 1", result.text)
      assert(amelia:run("steps/add_step_to_template", { template_id = onboarding.id,
        step_data = { title = "Last", position = 8 } }))
      assert.equal(1, #amelia.api.written)
    end)

    it("says that it stands at the end when it could not be moved", function ()
      amelia.api.fail = function (method) return method == "PUT" and { status = 503, body = { message = "later" } } or nil end
      local result = assert(amelia:run("steps/add_step_to_template", { template_id = onboarding.id,
        step_data = { title = "Zeroth", position = 2 } }))
      assert.is_false(result.data.is_in_place)
      assert.match("could not be moved to position 2 %(later%): do not add it again, use reorder_step", result.text)
      assert.equal(7, step("Zeroth").position)
    end)

    it("refuses before anything is sent", function ()
      local function data(more)
        local given = { title = "X" }
        for key, value in pairs(more) do given[key] = value end
        return { step_data = given }
      end
      refused(amelia, "add_step_to_template", data { users = { "Nobody" } }, "not_found")
      refused(amelia, "add_step_to_template", data { groups = { "Nobody" } }, "not_found")
      refused(amelia, "add_step_to_template", data { guests = { "no address" } }, "not_found")
      refused(amelia, "add_step_to_template", data { guests = { "a@b" } }, "invalid_value")
      assert.match("users", refused(amelia, "add_step_to_template", data { guests = { ben.me.email:upper() } },
        "invalid_value").hint)
      refused(amelia, "add_step_to_template", data { summary = "a", description = "b" }, "invalid_value")
      refused(amelia, "add_step_to_template", data { deadline = { value = 1, unit = "days",
        option = "prior_to" } }, "invalid_value")
      assert.match("prior_to", refused(amelia, "add_step_to_template", data { deadline = { value = 1, unit = "days",
        option = "before", step = "First week review" } }, "invalid_value").hint)
      refused(amelia, "add_step_to_template", data { deadline = { value = 1, unit = "years" } }, "invalid_value")
      refused(amelia, "add_step_to_template", data { deadline = { value = 1, unit = "days", step = "Nothing" } }, "not_found")
      refused(amelia, "add_step_to_template", { template_id = "Employee onb", step_data = { title = "X" } }, "not_found")
      refused(amelia, "add_step_to_template", { template_id = ("0"):rep(32), step_data = { title = "X" } }, "not_found")
      unreadable(function (template) template.steps = json.null end)
      refused(amelia, "add_step_to_template", data {}, "unknown_state")
    end)
  end)

  describe("edit_description_on_step", function ()
    it("changes the text and nothing else", function ()
      local before = step("Ship equipment to home address")
      local result = assert(amelia:run("steps/edit_description_on_step", { template_id = "Employee onboarding",
        step_id = "ship EQUIPMENT to home address", description = "<p>By courier</p>" }))
      assert.same({ title = before.title, summary = "<p>By courier</p>", assignees = before.assignees, guests = before.guests,
        groups = before.groups }, amelia.api.written[1].body)
      local after = step(before.title)
      before.summary, before.last_updated, after.last_updated = "<p>By courier</p>", nil, nil
      assert.same(before, after)
      assert.equal("Changed the description of the step \"Ship equipment to home address\".", result.text)
      assert.equal("<p>Ship equipment to home address</p>", result.data.before)
    end)

    it("says which variables show nothing", function ()
      local alias = onboarding.prerun[1].alias
      local result = assert(amelia:run("steps/edit_description_on_step", { template_id = onboarding.id,
        step_id = "First week review", description = "{{" .. alias .. "}} {{DATE}} {{ no-such }} {{no-such}}" }))
      assert.match("alias {{no%-such}}: nothing shows there%.$", result.text)
    end)

    it("refuses when people cannot be read", function ()
      unreadable(function (template) template.steps.data[1].guests = json.null end)
      refused(amelia, "edit_description_on_step", { step_id = onboarding.steps.data[1].id, description = "x" }, "unknown_state")
      amelia.api.fail = nil
      assert.match("First week review", refused(amelia, "edit_description_on_step", { step_id = "Nothing", description = "x" },
        "not_found").hint)
      local _, err = helper.person(service, "Carla"):run("steps/edit_description_on_step", { template_id = "Incident response",
        step_id = "Contain the incident", description = "x" })
      assert.equal(403, err.status)
    end)

    it("reads people again where the template does not carry them", function ()
      amelia.api.fail = function (method, path)
        if method ~= "GET" or not path:find("{template_id}$") then return nil end
        local answer = amelia.client:get("/organizations/{org}/checklists/" .. onboarding.id .. "?with=steps")
        for _, one in ipairs(answer.body.data.steps.data) do one.assignees = nil end
        return answer
      end
      assert(amelia:run("steps/edit_description_on_step", { template_id = onboarding.id, step_id = "First week review",
        description = "x" }))
      assert.same({ "GET /organizations/{org}/checklists/{template_id}",
        "GET /organizations/{org}/checklists/{template_id}/steps/{step_id}",
        "PUT /organizations/{org}/checklists/{template_id}/steps/{step_id}" }, amelia.api.sent)
      assert.equal(1, #step("First week review").assignees)
    end)
  end)

  describe("add_assignees_to_step", function ()
    local ship = "Ship equipment to home address"

    it("adds, and takes nobody off", function ()
      local before = step(ship)
      local result = assert(amelia:run("steps/add_assignees_to_step", { template_id = onboarding.id, step_id = ship,
        assignees = { users = { "Ben", ben.me.email }, guests = { "J.Brandt@supplier-gmbh.example", "x@y.example" },
          groups = { "finance team" } } }))
      local body = amelia.api.written[1].body
      assert.equal(before.title, body.title)
      assert.same({ 41002 }, body.assignees)
      assert.same({ before.guests[1], "x@y.example" }, body.guests)
      assert.equal(before.groups[1], body.groups[1])
      assert.equal(2, #body.groups)
      assert.equal("Added 3 to the step \"Ship equipment to home address\", which has 1 member, 2 guests, 2 groups now.",
        result.text)
      assert.same(body.guests, step(ship).guests)
    end)

    it("takes JSON text, and sends nothing for who is there", function ()
      local result = assert(amelia:run("steps/add_assignees_to_step", { template_id = onboarding.id, step_id = ship,
        assignees = '{"groups":["IT Service Desk"]}' }))
      assert.same({}, amelia.api.written)
      assert.equal(0, result.data.added)
      assert.match("Nothing to change", result.text)
    end)

    it("refuses what it does not understand", function ()
      for given, code in pairs {
        ['{"members":[1]}'] = "unknown_field", ["{}"] = "missing_value",
        ['{"users":[]}'] = "missing_value", ["[1]"] = "invalid_value",
        ["Ben"] = "invalid_value", ['{"users":true}'] = "invalid_value", ['{"users":["Nobody"]}'] = "not_found",
        ['{"groups":["Nobody"]}'] = "not_found", ['{"guests":["a@b"]}'] = "invalid_value",
      } do
        refused(amelia, "add_assignees_to_step", { step_id = ship, assignees = given }, code)
      end
      unreadable(function (template) template.steps.data[1].groups = "hidden" end)
      refused(amelia, "add_assignees_to_step", { step_id = onboarding.steps.data[1].id, assignees = { users = { 41002 } } },
        "unknown_state")
    end)
  end)

  describe("delete_step", function ()
    it("deletes what nothing needs", function ()
      local result = assert(amelia:run("steps/delete_step", { template_id = onboarding.id, step_id = "First week review" }))
      assert.equal("DELETE /organizations/{org}/checklists/{template_id}/steps/{step_id}", amelia.api.written[1].line)
      assert.equal("Deleted the step \"First week review\" of Employee onboarding.", result.text)
      assert.is_nil(step("First week review"))
      refused(amelia, "delete_step", { step_id = result.data.step_id }, "not_found")
    end)

    it("refuses while a rule or a deadline needs it, and names it", function ()
      local err = refused(amelia, "delete_step", { step_id = "Ship equipment to home address" }, "refused")
      assert.match("\"Ship when remote\"", err.message)
      assert.match("delete_automation_rule", err.hint)
      local welcome = step("First week review").deadline.step
      err = refused(amelia, "delete_step", { step_id = welcome }, "refused")
      assert.match("deadline of \"First week review\"", err.message)
      unreadable(function (template) template.automated_actions = json.null end)
      refused(amelia, "delete_step", { step_id = "First week review" }, "unknown_state")
    end)

    it("tells a refusal by the API from missing rights", function ()
      amelia.api.fail = function (method)
        return method == "DELETE" and { status = 422, body = { message = "A rule uses this step." } } or nil
      end
      local _, err = amelia:run("steps/delete_step", { template_id = onboarding.id, step_id = "First week review" })
      assert.equal("refused", err.code)
      assert.match("not about your rights", err.hint)
    end)

    it("says where its fields are still mentioned", function ()
      local field = step("First week review").captures[1]
      assert(amelia:run("steps/edit_description_on_step", { template_id = onboarding.id, step_id = "Prepare equipment",
        description = "{{" .. field.alias .. "}}" }))
      local result = assert(amelia:run("steps/delete_step", { template_id = onboarding.id, step_id = "First week review" }))
      assert.same({ ("step \"Prepare equipment\" ({{%s}})"):format(field.alias) }, result.data.mentions)
    end)
  end)

  it("clone_step copies form and people", function ()
    local original = step("Ship equipment to home address")
    local result = assert(amelia:run("steps/clone_step", { template_id = "Employee onboarding", step_id = original.title }))
    assert.equal("POST /organizations/{org}/checklists/{template_id}/steps/{step_id}/clone", amelia.api.written[1].line)
    local copy = practice.find(now(), "id", result.data.step_id)
    assert.not_equal(original.id, copy.id)
    assert.same(original.guests, copy.guests)
    assert.equal(original.captures[1].label, copy.captures[1].label)
    assert.match("at position 7%.$", result.text)
    assert.match("Use the id", refused(amelia, "clone_step", { step_id = original.title }, "ambiguous").hint)
    refused(amelia, "clone_step", { step_id = ("0"):rep(32) }, "not_found")
  end)

  describe("reorder_step", function ()
    it("moves a step", function ()
      local before = step("First week review")
      local result = assert(amelia:run("steps/reorder_step", { template_id = onboarding.id, step_id = "First week review",
        position = 2 }))
      assert.same({ position = 2 }, amelia.api.written[1].body)
      assert.equal("Collect|First w|Prepare|Approve|Ship eq|Welcome", titles())
      assert.equal("Moved the step \"First week review\" from position 6 to 2 of 6.", result.text)
      assert.same(before.assignees, step("First week review").assignees)
      assert(amelia:run("steps/reorder_step", { template_id = onboarding.id, step_id = before.id, position = 99 }))
      assert.same({ position = 6 }, amelia.api.written[1].body)
      result = assert(amelia:run("steps/reorder_step", { template_id = onboarding.id, step_id = before.id, position = 7 }))
      assert.same({}, amelia.api.written)
      assert.match("Nothing to change", result.text)
    end)

    it("writes the step whole where there is no route for it", function ()
      amelia.api.fail = function (_, path) return path:find("/reorder$") and { status = 404, body = {} } or nil end
      local before = step("Welcome {{" .. onboarding.prerun[1].alias .. "}} on the first day")
      assert(amelia:run("steps/reorder_step", { template_id = onboarding.id, step_id = before.id, position = 1 }))
      assert.same({ title = before.title, position = 1, assignees = before.assignees, guests = {}, groups = {} },
        amelia.api.written[2].body)
      assert.same(before.assignees, practice.find(now(), "id", before.id).assignees)
      refused(amelia, "reorder_step", { step_id = "Nothing", position = 1 }, "not_found")
    end)
  end)
end)
