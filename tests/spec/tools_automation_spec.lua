-- tools_automation_spec.lua - rules: names become ids, what could never fire is refused before anything is sent, a change
-- loses nothing, and what the rule does to the template is said.
local helper = dofile("tests/spec/tool_helper.lua")
local builder = dofile("tests/spec/practice_builder.lua")
local practice, json = helper.practice, helper.json

local at = "/organizations/{org}/checklists/{template_id}/automated-actions"

describe("tools for automation rules", function ()
  local service, amelia, ben, template, ids

  before_each(function ()
    service = practice.open()
    amelia, ben = helper.person(service, "Amelia"), helper.person(service, "Ben")
    template = builder.new(amelia.client, { title = "Order desk",
      kickoff = { { "Size", "radio", options = { "Small", "Large" } }, { "Amount", "text" }, { "Needed by", "date" },
        { "Parts", "table", columns = { "Item", "Price" } } },
      steps = { { "Check" }, { "Approve", step_type = "approval" }, { "Sign", step_type = "expiring" },
        { "Ship", fields = { { "Carrier", "dropdown", options = { "Road", "Air" } }, { "Who", "assignees_form" } } } } })
    ids = { Check = template.step.Check, Approve = template.step.Approve, Ship = template.step.Ship, Size = template.field.Size }
  end)

  local function rules_now()
    return amelia.client:get("/organizations/{org}/checklists/" .. template.id .. "?with=automated_actions").body.data
      .automated_actions
  end

  local function create(data)
    return amelia:run("automation/create_automation_rule", { template_id = "Order desk", automation_data = data })
  end

  local function show_when(conditions, more)
    local data = { conditions = conditions, actions = { { action_type = "visibility", action_verb = "show",
      target_step_id = "Ship" } } }
    for key, value in pairs(more or {}) do data[key] = value end
    return data
  end

  local function refused(data, field, pattern)
    local result, err = create(data)
    assert.is_nil(result)
    assert.equal("automation_data." .. field, err.field, err.message)
    assert.match(pattern, err.message .. " " .. (err.hint or ""))
    assert.same({}, amelia.api.written)
  end

  it("create_automation_rule turns names, synonyms and shorthands into what is stored", function ()
    local result = assert(create { alias = " Big orders ", condition_logic = "OR",
      conditions = { { conditionable_type = "kickoff", conditionable_id = "size", operation = "is", statement = " large " },
        { conditionable_type = "task_step", conditionable_id = "Approve", operation = "is_approved" },
        { conditionable_id = "amount", operation = "greater_than", statement = 100, logic = "and" } },
      actions = { { action_type = "show", target_step_id = "ship" },
        { action_type = "reassign", target_step_id = "Check", subject = "Carla Duarte" },
        { action_verb = "set_deadline", target_step_id = "Check", deadline = { value = 2, unit = "Day", option = "after" },
          actionable_id = "Needed by" },
        { action_type = "webhook", webhook_url = "https://hooks.example/x" } } })
    assert.same({ line = "POST " .. at, params = { template_id = template.id, body = amelia.api.written[1].body },
      body = { automated_alias = "Big orders",
        conditions = {
          { conditionable_type = "Prerun", conditionable_id = ids.Size, operation = "equals", statement = "Large", logic = "or",
            position = 1 },
          { conditionable_type = "Step", conditionable_id = ids.Approve, operation = "approved", statement = "any_time",
            logic = "or", position = 2 },
          { conditionable_type = "Prerun", conditionable_id = template.field.Amount, operation = "greater_than",
            statement = "100", logic = "and", position = 3 } },
        then_actions = {
          { action_type = "visibility", action_verb = "show", target_step_id = ids.Ship, position = 1 },
          { action_type = "assignment", action_verb = "assign", target_step_id = ids.Check, position = 2,
            assignees = { users = { 41003 }, guests = {}, groups = {} } },
          { action_type = "deadline", action_verb = "deadline", target_step_id = ids.Check, position = 3,
            deadline = { value = 2, unit = "days", option = "from" }, actionable_id = template.field["Needed by"],
            actionable_type = "Prerun" },
          { action_type = "webhook", action_verb = "emit_webhook", position = 4, webhook_url = "https://hooks.example/x",
            alias_name = "Big orders" } } } }, amelia.api.written[1])
    assert.match('When %("Size" %(kick%-off%) is "Large" or "Approve" is approved%) and "Amount" %(kick%-off%) is more than '
      .. '"100": show "Ship", add Carla Duarte to "Check"', result.data.rule.sentence)
    assert.match('From launch on "Ship" now stays hidden', result.text)
    assert.same({}, result.data.warnings)
    assert.equal(1, #rules_now())
  end)

  it("create_automation_rule names a rule, and takes then_actions and people by each way", function ()
    assert(create { conditions = { { conditionable_id = "Check", operation = "done", statement = json.null } },
      then_actions = { { action_verb = "assign_only", target_step_id = "Ship", assignees = { users = { "Ben", 41001 },
        guests = { "shift.lead@tempstaff.example" }, groups = { "Warehouse Floor" } } },
        { action_verb = "assign", target_step_id = "Approve", actionable_id = "Who" },
        { action_verb = "unassign", target_step_id = "Approve", email = "shift.lead@tempstaff.example" },
        { action_verb = "clear", target_step_id = "Sign" } } })
    local body = amelia.api.written[1].body
    assert.equal("Auto: assign_only, assign, unassign, clear_assignees", body.automated_alias)
    assert.equal("any_time", body.conditions[1].statement)
    assert.same({ 41002, 41001 }, body.then_actions[1].assignees.users)
    assert.equal(1, #body.then_actions[1].assignees.groups)
    assert.equal(template.field.Who, body.then_actions[2].actionable_id)
    assert.same({ users = {}, guests = { "shift.lead@tempstaff.example" }, groups = {} }, body.then_actions[3].assignees)
    assert.is_nil(body.then_actions[4].assignees)
  end)

  it("create_automation_rule refuses conditions that could never hold", function ()
    local function when(condition, field, pattern) refused(show_when { condition }, "conditions[1]" .. field, pattern) end
    when({ conditionable_id = "Nowhere", operation = "completed" }, ".conditionable_id", "no step \"Nowhere\"")
    when({ conditionable_type = "Capture", conditionable_id = "Size", operation = "equals" }, ".conditionable_id", "Carrier")
    when({ conditionable_type = "moon", conditionable_id = "Size" }, ".conditionable_type", "Prerun")
    when({ conditionable_id = 7, operation = "completed" }, ".conditionable_id", "title or label")
    when({ conditionable_id = "Check", operation = "equals", statement = "x" }, ".operation", "not_assigned")
    when({ conditionable_id = "Check", operation = "approved" }, ".operation", "no approval step")
    when({ conditionable_id = "Check", operation = "expired" }, ".operation", "no expiring step")
    when({ conditionable_id = "Check", operation = "completed", statement = "soon" }, ".statement", "late_24")
    when({ conditionable_id = "Size", operation = "equals", statement = "Huge" }, ".statement", "Small, Large")
    when({ conditionable_id = "Size", operation = "equals_any", statement = { "Small", "Huge" } }, ".statement[2]", "Huge")
    when({ conditionable_id = "Size", operation = "contains" }, ".statement", "needs the text")
    when({ conditionable_id = "Amount", operation = "less_than", statement = "few" }, ".statement", "numbers")
    when({ conditionable_id = "Parts", operation = "contains", statement = "x", column_contains_name = "Colour" },
      ".column_contains_name", "no column")
    when({ conditionable_id = "Size", operation = "is_empty", logic = "xor" }, ".logic", "and, or")
    when({ conditionable_id = "Size", operation = "is_empty", extra = 1 }, ".extra", "Keys:")
    when("Size", "", "Item 1 must be an object")
  end)

  it("create_automation_rule refuses what is no rule", function ()
    local one = { { conditionable_id = "Size", operation = "is_empty" } }
    refused({ conditions = one }, "actions", "needs actions")
    refused({ actions = {} }, "conditions", "needs conditions")
    refused({ conditions = json.array(), actions = {} }, "conditions", "empty")
    refused({ conditions = one, actions = json.array() }, "actions", "empty")
    refused(show_when(one, { then_actions = {} }), "actions", "are the same")
    refused(show_when(one, { condition_logic = "nor" }), "condition_logic", "and, or")
    refused(show_when(one, { colour = "red" }), "colour", "alias")
    refused(show_when(one, { alias = ("x"):rep(301) }), "alias", "300")
  end)

  it("create_automation_rule refuses actions that do nothing or cannot be", function ()
    local function act(action, field, pattern)
      refused({ conditions = { { conditionable_id = "Size", operation = "is_not_empty" } }, actions = { action } },
        "actions[1]" .. field, pattern)
    end
    act({ action_type = "complete_step", target_step_id = "Ship" }, "", "cannot complete a step")
    act({ action_type = "dance", target_step_id = "Ship" }, ".action_type", "visibility: show, hide")
    act({ action_verb = "dance", target_step_id = "Ship" }, ".action_verb", "no verb")
    act({ action_type = "visibility", target_step_id = "Ship" }, ".action_verb", "missing")
    act({ action_type = "status", action_verb = "show", target_step_id = "Ship" }, ".action_verb", "belongs to visibility")
    act({ action_verb = "show" }, ".target_step_id", "missing")
    act({ action_verb = "show", target_step_id = "Shop" }, ".target_step_id", "Ship")
    act({ action_verb = "deadline", target_step_id = "Ship" }, ".deadline", '"value": 2')
    act({ action_verb = "deadline", target_step_id = "Ship", deadline = { value = 1.5, unit = "days", option = "from" } },
      ".deadline.value", "whole")
    act({ action_verb = "deadline", target_step_id = "Ship", deadline = { value = 1, unit = "years", option = "from" } },
      ".deadline.unit", "months")
    act({ action_verb = "deadline", target_step_id = "Ship", deadline = { value = 1, unit = "days", option = "later" } },
      ".deadline.option", "before")
    act({ action_verb = "deadline", target_step_id = "Ship", actionable_id = "Size", deadline = { value = 1, unit = "days",
      option = "from" } }, ".actionable_id", "date field")
    act({ action_verb = "assign", target_step_id = "Ship" }, ".assignees", "needs somebody")
    act({ action_verb = "assign", target_step_id = "Ship", assignees = { users = { "Nobody" } } }, ".assignees.users", "Nobody")
    act({ action_verb = "assign", target_step_id = "Ship", assignees = { bots = {} } }, ".assignees.bots", "users, guests")
    act({ action_verb = "assign", target_step_id = "Ship", assignees = { users = { 41002 } }, user_id = 41003 }, ".assignees",
      "both say who")
    act({ action_verb = "assign", target_step_id = "Ship", assignees = { groups = { "Florists" } } }, ".assignees.groups",
      "Florists")
    act({ action_type = "webhook", webhook_url = "ftp://x" }, ".webhook_url", "http")
    refused({ conditions = { { conditionable_id = "Size", operation = "is_not_empty" } }, actions = {
      { action_verb = "show", target_step_id = "Ship" }, { action_verb = "hide", target_step_id = "Ship" } } }, "actions[2]",
      "same step as item 1")
  end)

  it("create_automation_rule warns of what the rule does beside the others", function ()
    assert(create(show_when({ { conditionable_id = "Size", operation = "equals", statement = "Large" } }, { alias = "One" })))
    local result = assert(create { alias = "Two", conditions = { { conditionable_id = "Size", operation = "equals",
      statement = "large" } }, actions = { { action_verb = "hide", target_step_id = "Ship" } } })
    assert.match("^conflict:", result.data.warnings[1])
    assert.match("Look at: conflict", result.text)
  end)

  it("create_automation_rule passes on what the API says, and asks which template", function ()
    local _, err = ben:run("automation/create_automation_rule", { template_id = "Order",
      automation_data = show_when { { conditionable_id = "Size", operation = "is_empty" } } })
    assert.equal("not_found", err.code)
    assert.match("Order desk", err.hint)
    amelia.api.fail = function (method) return method == "POST" and { status = 503, body = { message = "later" } } or nil end
    local _, failure = create(show_when { { conditionable_id = "Size", operation = "is_empty" } })
    assert.equal(503, failure.status)
    amelia.api.fail = function () return { status = 200, body = { data = { id = template.id, title = "Order desk" } } } end
    local _, unread = amelia:run("automation/create_automation_rule", { template_id = template.id,
      automation_data = show_when { { conditionable_id = "Size", operation = "is_empty" } } })
    assert.equal("unknown_state", unread.code)
    assert.same({}, amelia.api.written)
  end)

  describe("once there is a rule", function ()
    local stored

    before_each(function ()
      assert(create { alias = "Big orders", conditions = { { conditionable_id = "Size", operation = "equals",
        statement = "Large" }, { conditionable_id = "Check", operation = "completed" } }, actions = { { action_verb = "show",
        target_step_id = "Ship" }, { action_verb = "assign", target_step_id = "Ship", user_id = "Ben Okonkwo" } } })
      stored = rules_now()[1]
    end)

    local function update(data, which)
      return amelia:run("automation/update_automation_rule", { template_id = template.id,
        automation_id = which or "big orders", automation_data = data })
    end

    it("update_automation_rule keeps what is not said: a PUT deletes what it does not name", function ()
      local result = assert(update { alias = "Large orders" })
      local written = amelia.api.written[1]
      assert.equal("PUT " .. at .. "/{automation_id}", written.line)
      assert.equal(stored.id, written.params.automation_id)
      assert.equal("Large orders", written.body.automated_alias)
      local now = rules_now()[1]
      for index, condition in ipairs(stored.conditions) do
        assert.equal(condition.id, now.conditions[index].id)
        assert.equal(condition.statement, now.conditions[index].statement)
      end
      assert.equal(stored.then_actions[2].id, now.then_actions[2].id)
      assert.same({ 41002 }, now.then_actions[2].assignees.users)
      assert.match('^Changed the rule "Large orders" of Order desk%.', result.text)
    end)

    it("update_automation_rule joins stored conditions anew", function ()
      assert(update { condition_logic = "or" })
      assert.equal("or", rules_now()[1].conditions[2].logic)
      assert.equal("Big orders", rules_now()[1].automated_alias)
    end)

    it("update_automation_rule takes back what a read gave, and keeps a part's rest", function ()
      local answer = assert(update({ actions = { { id = stored.then_actions[1].id, action_verb = "hide" },
        { id = stored.then_actions[2].id, user_id = 41003 } } }, stored.id))
      local now = rules_now()[1]
      assert.equal("hide", now.then_actions[1].action_verb)
      assert.equal(ids.Ship, now.then_actions[1].target_step_id)
      assert.equal(stored.then_actions[1].id, now.then_actions[1].id)
      assert.same({ 41003 }, now.then_actions[2].assignees.users)
      assert.match('No rule shows "Ship" any more, so it is visible from launch on', answer.text)
      assert(update(answer.data.rule)) -- as it came
      local again = rules_now()[1]
      again.last_updated, now.last_updated = nil, nil
      assert.same(now, again)
    end)

    it("update_automation_rule moves a condition to a field of another kind", function ()
      assert(update { conditions = { { id = stored.conditions[1].id, conditionable_id = "Carrier", statement = "air" } } })
      local now = rules_now()[1]
      assert.equal(1, #now.conditions)
      assert.equal("Capture", now.conditions[1].conditionable_type)
      assert.equal("Air", now.conditions[1].statement)
    end)

    it("update_automation_rule refuses nothing, strange ids and unknown rules", function ()
      local function no(code, field, data, which)
        local result, err = update(data, which)
        assert.is_nil(result)
        assert.equal(code, err.code)
        assert.equal(field, err.field)
        assert.same({}, amelia.api.written)
        return err
      end
      no("missing_value", "automation_data", {})
      no("invalid_value", "automation_data.actions[1].id", { actions = { { id = ("0"):rep(32), action_verb = "show" } } })
      no("invalid_value", "automation_data.conditions[1].statement", { conditions = { { id = stored.conditions[1].id,
        statement = "Huge" } } })
      assert.match("Big orders", no("not_found", "automation_id", { alias = "x" }, "Small orders").hint)
    end)

    it("delete_automation_rule says what it was, and what that means", function ()
      local result = assert(amelia:run("automation/delete_automation_rule", { template_id = "order desk",
        automation_id = "Big orders" }))
      assert.equal("DELETE " .. at .. "/{automation_id}", amelia.api.written[1].line)
      assert.equal(stored.id, amelia.api.written[1].params.automation_id)
      assert.match('It said: When "Size" %(kick%-off%) is "Large" and "Check" is completed: show "Ship"', result.text)
      assert.match('visible from launch on', result.text)
      assert.equal(stored.id, result.data.rule.id)
      assert.same({}, rules_now())
      local _, err = amelia:run("automation/delete_automation_rule", { template_id = template.id, automation_id = "Big orders" })
      assert.equal("not_found", err.code)
      assert.same({}, amelia.api.written)
    end)
  end)
end)
