-- tools_analysis_spec.lua - what is computed about a template: duplicates with logic, conflicts, rules that never fire, steps
-- that are never shown, circles, what hangs on a step, and its health. And that the proposals can be carried out.
local helper = dofile("tests/spec/tool_helper.lua")
local builder = dofile("tests/spec/practice_builder.lua")
local practice, json = helper.practice, helper.json

describe("analysis of templates", function ()
  local service, amelia, template

  local function build(more)
    template = builder.new(amelia.client, { title = "Order desk", more = more,
      kickoff = { { "Size", "radio", options = { "Small", "Medium", "Large" } }, { "Amount", "text" },
        { "Colours", "multiselect", options = { "Red", "Blue" } } },
      steps = { { "Check" }, { "Approve", step_type = "approval" }, { "Pack" },
        { "Ship", fields = { { "Carrier", "dropdown", options = { "Road", "Air" } } } }, { "Thank" } } })
  end

  before_each(function ()
    service = practice.open()
    amelia = helper.person(service, "Amelia")
    build()
  end)

  -- The stored template with <rules> in place of its own: what the API would refuse to store can have come about later.
  local function seen_with(rules, change)
    amelia.api.fail = function (method, path)
      if method ~= "GET" or not path:match("checklists/{template_id}$") then return nil end
      local answer = amelia.client:get("/organizations/{org}/checklists/" .. template.id .. "?with=steps")
      answer.body.data.steps = answer.body.data.steps.data or answer.body.data.steps
      if rules then answer.body.data.automated_actions = json.array(rules) end
      if change then change(answer.body.data) end
      return answer
    end
  end

  local count = 0

  local function rule(alias, conditions, actions)
    local made = { id = ("%032x"):format(1000 + count), automated_alias = alias, conditions = json.array(),
      then_actions = json.array() }
    count = count + 1
    for index, row in ipairs(conditions) do
      made.conditions[index] = template:condition(row)
      made.conditions[index].position, made.conditions[index].id = index, ("%s-c%d"):format(alias, index)
    end
    for index, row in ipairs(actions) do
      local types = { show = "visibility", hide = "visibility", reopen = "status", deadline = "deadline",
        emit_webhook = "webhook" }
      local action = { id = ("%s-a%d"):format(alias, index), action_verb = row[1], action_type = types[row[1]] or "assignment",
        target_step_id = template.step[row[2]] or row[2], position = index }
      for key, value in pairs(row) do
        if type(key) == "string" then action[key] = value end
      end
      made.then_actions[index] = action
    end
    return made
  end

  local function suggestions()
    local result = assert(amelia:run("automation/suggest_automation_consolidation", { template_id = template.id,
      from_suggestion = 1 }))
    return result.data.suggestions, result
  end

  local function types_of(list)
    local names = {}
    for index, entry in ipairs(list) do names[index] = entry.type .. " " .. entry.priority end
    return names
  end

  local function expect(expected, ...)
    seen_with { ... }
    local list = suggestions()
    assert.same(expected, types_of(list))
    return list
  end

  local large = { "kickoff", "Size", "equals", "Large" }
  local small = { "kickoff", "Size", "equals", "Small" }
  local checked = { "step", "Check", "completed", "any_time" }
  local approved = { "step", "Approve", "approved", "any_time" }
  local rejected = { "step", "Approve", "rejected", "any_time" }
  local function with(row, logic) return { row[1], row[2], row[3], row[4], logic } end

  it("rules that are fine have no findings", function ()
    expect({}, rule("A", { large }, { { "show", "Ship" } }), rule("B", { rejected }, { { "reopen", "Check" } }))
    expect({})
  end)

  it("duplicates: order, case and the first logic do not matter, and and or do", function ()
    local list = expect({ "exact_duplicate high" }, rule("A", { large, checked }, { { "show", "Ship" } }),
      rule("B", { with(checked, "or"), { "kickoff", "Size", "equals", " large " } }, { { "show", "Ship" } }))
    assert.equal("A", list[1].rules[1].automated_alias)
    assert.equal(list[1].rule_ids[1], list[1].keep_rule_id)
    assert.same({ list[1].rule_ids[2] }, list[1].delete_rule_ids)
    expect({ "covered_rule medium" }, rule("A", { large, checked }, { { "show", "Ship" } }),
      rule("B", { large, with(checked, "or") }, { { "show", "Ship" } }))
    expect({ "exact_duplicate high" }, -- (A or B) and C is (A and C) or (B and C)
      rule("A", { large, with(small, "or"), checked }, { { "show", "Ship" } }),
      rule("B", { small, with(large, "or"), checked }, { { "show", "Ship" } }))
    expect({ "exact_duplicate high" }, rule("A", { { "kickoff", "Size", "equals_any", { "Large" } } }, { { "show", "Ship" } }),
      rule("B", { large }, { { "show", "Ship" } }))
  end)

  -- Against Tallyfy's own reading, for all truths of four conditions.
  it("conditions are compared as Tallyfy folds them", function ()
    local logic = helper.use("tallyfy.analysis_logic")
    math.randomseed(7)
    local function random_rule()
      local conditions = {}
      for index = 1, math.random(1, 5) do
        conditions[index] = { conditionable_type = "Step", conditionable_id = "s" .. math.random(4), operation = "completed",
          statement = "any_time", logic = math.random(2) == 1 and "and" or "or" }
      end
      return { conditions = conditions }
    end
    local function holds(made, world)
      local result
      for _, condition in ipairs(made.conditions) do
        local one = world & (1 << tonumber(condition.conditionable_id:sub(2))) ~= 0
        if result == nil then result = one
        elseif condition.logic == "or" then result = result or one
        else result = result and one end
      end
      return result
    end
    local equal, within = 0, 0
    for _ = 1, 3000 do
      local a, b = random_rule(), random_rule()
      local same, implied = true, true
      for world = 0, 31, 2 do
        local x, y = holds(a, world), holds(b, world)
        same, implied = same and x == y, implied and (not x or y)
      end
      local first, second = logic.alternatives(a), logic.alternatives(b)
      assert.equal(same, logic.conditions_key(first) == logic.conditions_key(second), json.encode { a, b })
      assert.equal(implied, logic.implies(first, second), json.encode { a, b })
      equal, within = equal + (same and 1 or 0), within + (implied and 1 or 0)
    end
    assert(equal > 50 and within > equal) -- it was put to the test
  end)

  it("one trigger: a merge that can be carried out", function ()
    for _, data in ipairs { { alias = "A", actions = { { action_verb = "show", target_step_id = "Ship" } } },
      { alias = "B", actions = { { action_verb = "hide", target_step_id = "Thank" },
        { action_verb = "show", target_step_id = "Ship" } } } } do
      data.conditions = { { conditionable_id = "Size", operation = "equals", statement = "Large" } }
      assert(amelia:run("automation/create_automation_rule", { template_id = template.id, automation_data = data }))
    end
    local list = suggestions()
    assert.same({ "same_trigger_merge medium" }, types_of(list))
    assert(amelia:run("automation/update_automation_rule", { template_id = template.id,
      automation_id = list[1].keep_rule_id, automation_data = list[1].merged }))
    assert(amelia:run("automation/delete_automation_rule", { template_id = template.id,
      automation_id = list[1].delete_rule_ids[1] }))
    local _, result = suggestions()
    assert.equal("Order desk: 1 rule, nothing to clean up.", result.text)
    local rows = assert(amelia:run("automation/analyze_template_automations", { template_id = template.id, from_rule = 1 }))
      .data.automations
    assert.equal('When "Size" (kick-off) is "Large": show "Ship", hide "Thank".', rows[1].sentence)
  end)

  it("same actions: one rule with or, where that is the same", function ()
    local function make(alias, conditions)
      assert(amelia:run("automation/create_automation_rule", { template_id = template.id, automation_data = { alias = alias,
        conditions = conditions, actions = { { action_verb = "show", target_step_id = "Ship" } } } }))
    end
    make("A", { { conditionable_id = "Size", operation = "equals", statement = "Small" } })
    make("B", { { conditionable_id = "Approve", operation = "approved" },
      { conditionable_id = "Amount", operation = "greater_than", statement = 5 } })
    local list = suggestions()
    assert.same({ "same_actions_merge low" }, types_of(list))
    assert.equal("B", list[1].rules[1].automated_alias) -- the one with "and" must stand first
    local result = assert(amelia:run("automation/update_automation_rule", { template_id = template.id,
      automation_id = list[1].keep_rule_id, automation_data = list[1].merged }))
    assert.match('^When %("Approve" is approved and "Amount" %(kick%-off%) is more than "5"%) or "Size"',
      result.data.rule.sentence)
    expect({}, rule("A", { large, checked }, { { "show", "Ship" } }), rule("B", { small, approved }, { { "show", "Ship" } }))
    expect({}, rule("A", { large }, { { "emit_webhook", webhook_url = "https://a.example" } }),
      rule("B", { small }, { { "emit_webhook", webhook_url = "https://a.example" } }))
  end)

  it("proposals say where they are not quite the same, and are not made where they are not", function ()
    local show, hide = { { "show", "Ship" } }, { { "hide", "Ship" } }
    local list = expect({ "covered_rule medium" }, rule("A", { large, checked }, show), rule("B", { large }, show))
    assert.match("at another moment", list[1].note) -- "Check" completed wakes A alone
    local both = { large, with(checked, "or") }
    assert.is_nil(expect({ "covered_rule medium" }, rule("A", { large, checked }, show), rule("B", both, show))[1].note)
    -- A shows it again after C has hidden it: B would not.
    expect({ "order_dependent low", "order_dependent low" }, rule("A", { large, checked }, show), rule("B", { large }, show),
      rule("C", { rejected }, hide))
    local hook = { { "emit_webhook", webhook_url = "https://a.example" } }
    expect({}, rule("A", { large, checked }, hook), rule("B", { large }, hook))
    list = expect({ "exact_duplicate high" }, rule("A", { large }, hook), rule("B", { large }, hook))
    assert.match("once for each", list[1].note)
    -- With B between them, the second of the same two has the last word.
    list = expect({ "exact_duplicate high", "order_dependent low", "order_dependent low" }, rule("A", { large }, hide),
      rule("B", { checked }, show), rule("C", { large }, hide))
    assert.is_nil(list[1].keep_rule_id)
    assert.equal("review", list[1].recommended_action)
    -- One wrong kind: it says the same in words, but can never hold.
    local broken = rule("A", { checked }, show)
    broken.conditions[1].conditionable_type = "Capture"
    expect({ "orphaned_rule high" }, broken, rule("B", { checked }, show))
    -- Over 9, or over 10; under 10: 9.5 is both.
    expect({ "order_dependent low" }, rule("A", { { "kickoff", "Amount", "greater_than", { "10", "9" } } }, show),
      rule("B", { { "kickoff", "Amount", "less_than", "10" } }, hide))
  end)

  it("conflicts: the same trigger high, one within the other medium, perhaps low, never both none", function ()
    local show, hide = { { "show", "Ship" } }, { { "hide", "Ship" } }
    local list = expect({ "conflict high", "same_trigger_merge medium" }, rule("A", { large }, show), rule("B", { large }, hide))
    assert.same({ template.step.Ship }, list[1].step_ids)
    assert.is_nil(list[2].merged)
    expect({ "order_dependent medium" }, rule("A", { large, checked }, show), rule("B", { large }, hide))
    expect({ "order_dependent low" }, rule("A", { checked }, show), rule("B", { large }, hide))
    expect({}, rule("A", { small }, show), rule("B", { large }, hide))
    expect({}, rule("A", { { "kickoff", "Size", "not_equals", "Large" } }, show), rule("B", { large }, hide))
    expect({}, rule("A", { { "kickoff", "Amount", "greater_than", "100" } }, show),
      rule("B", { { "kickoff", "Amount", "less_than", "100" } }, hide))
    expect({ "order_dependent low" }, rule("A", { { "kickoff", "Amount", "greater_than", "10" } }, show),
      rule("B", { { "kickoff", "Amount", "less_than", "100" } }, hide))
    expect({}, rule("A", { { "kickoff", "Size", "is_empty" } }, show), rule("B", { large }, hide))
    expect({}, rule("A", { approved }, show), rule("B", { rejected }, hide))
    expect({ "order_dependent low" }, rule("A", { { "kickoff", "Colours", "equals", "Red" } }, show), -- may hold both
      rule("B", { { "kickoff", "Colours", "equals", "Blue" } }, hide))
  end)

  it("conflicts about people and deadlines: only where they undo each other", function ()
    local function people(...)
      local list = { ... }
      for index, id in ipairs(list) do list[index] = 41000 + id end
      return { users = list }
    end
    expect({ "conflict high", "same_trigger_merge medium" },
      rule("A", { large }, { { "assign", "Pack", assignees = people(1, 2) } }),
      rule("B", { large }, { { "unassign", "Pack", assignees = people(2) } }))
    expect({ "same_trigger_merge medium" }, rule("A", { large }, { { "assign", "Pack", assignees = people(1) } }),
      rule("B", { large }, { { "unassign", "Pack", assignees = people(2) } }))
    expect({ "conflict high", "same_trigger_merge medium" },
      rule("A", { large }, { { "assign", "Pack", assignees = people(1) } }),
      rule("B", { large }, { { "clear_assignees", "Pack" } }))
    local function due(value) return { { "deadline", "Pack", deadline = { value = value, unit = "days", option = "from" } } } end
    expect({ "conflict high", "same_trigger_merge medium" }, rule("A", { large }, due(1)), rule("B", { large }, due(2)))
    expect({ "exact_duplicate high" }, rule("A", { large }, { { "assign", "Pack", assignees = people(1, 2) } }),
      rule("B", { large }, { { "assign", "Pack", assignees = people(2, 1) } }))
  end)

  it("dangling references, with what is missing", function ()
    local gone = ("e"):rep(32)
    local broken = rule("A", { large, checked }, { { "hide", gone } })
    broken.conditions[1].conditionable_id = ("d"):rep(32)
    local list = expect({ "orphaned_rule high" }, broken)
    assert.same({ ("d"):rep(32), gone }, list[1].orphaned_step_ids)
    assert.equal("review", list[1].recommended_action)
    assert.match("never fires", list[1].description)
    local miskind = rule("A", { large }, { { "hide", "Ship" } })
    miskind.conditions[1].conditionable_type = "Step"
    assert.match("kick%-off field", expect({ "orphaned_rule high" }, miskind)[1].description)
    local based = rule("A", { large }, { { "deadline", "Pack", actionable_id = gone,
      deadline = { value = 1, unit = "days", option = "from" } } })
    assert.same({ gone }, expect({ "orphaned_rule high" }, based)[1].orphaned_step_ids)
  end)

  it("rules that never fire, and why", function ()
    local hide = { { "hide", "Pack" } }
    local function never(pattern, conditions, actions)
      local list = expect({ "never_fires high" }, rule("A", conditions, actions or hide))
      assert.match(pattern, list[1].description)
    end
    never("no valid time clause", { { "step", "Check", "completed" } })
    never("no approval step", { { "step", "Check", "approved", "any_time" } })
    never("no expiring step", { { "step", "Check", "expired", "any_time" } })
    never("none of its options", { { "kickoff", "Size", "equals", "Huge" } })
    never("compares numbers", { { "kickoff", "Amount", "less_than", "few" } })
    never("with nothing", { { "kickoff", "Amount", "contains", "" } })
    never("contradict each other", { large, small })
    never("contradict each other", { approved, rejected })
    never("has no conditions", {})
    assert.match("never holds", expect({ "dead_condition medium" },
      rule("A", { large, { "step", "Check", "completed", nil, "or" } }, hide))[1].description)
  end)

  it("actions that do nothing or are not whole", function ()
    expect({ "no_effect medium" }, rule("A", { checked }, { { "hide", "Check" } }))
    expect({ "no_effect medium" }, rule("A", { rejected }, { { "reopen", "Approve" } }))
    expect({ "no_effect medium" }, rule("A", { { "step", "Check", "not_assigned", "any_time" } }, { { "reopen", "Check" } }))
    expect({}, rule("A", { checked, with(large, "or") }, { { "hide", "Check" } }))
    expect({ "incomplete_action high" }, rule("A", { large }, { { "assign", "Pack", assignees = { users = json.array() } } }))
    expect({ "incomplete_action high" }, rule("A", { large }, { { "deadline", "Pack", deadline = { value = 1 } } }))
    expect({ "incomplete_action high" }, rule("A", { large }, { { "emit_webhook" } }))
    expect({ "empty_rule medium" }, rule("A", { large }, {}))
  end)

  it("people who are not there, where that can be known", function ()
    local made = rule("A", { large }, { { "assign", "Pack", assignees = { users = { 41002, 999 }, groups = { "gone" } } } })
    local list = expect({ "missing_person high" }, made)
    assert.match("member 999, group gone", list[1].description)
    assert.match("add Ben Okonkwo, 999, group gone to", list[1].rules[1].sentence)
    local template_read = amelia.api.fail
    amelia.api.fail = function (method, path)
      return path:match("users%-list") and { status = 503, body = {} } or template_read(method, path)
    end
    made.then_actions[1].assignees.groups = nil
    assert.same({}, (suggestions()))
    expect({}, rule("A", { large }, { { "unassign", "Pack", assignees = { users = { 999 } } } }))
  end)

  it("steps that are never shown: dead rules, waiting for themselves, waiting for each other", function ()
    local function shipped(name) return { "step", name, "completed", "any_time" } end
    local list = expect({ "never_fires high", "unreachable_step high" }, rule("A", { shipped "Ship" }, { { "show", "Ship" } }))
    assert.match("waits for the step itself", list[2].description)
    assert.same({ template.step.Ship }, list[2].step_ids)
    list = expect({ "never_fires high", "never_fires high", "unreachable_step high", "unreachable_step high" },
      rule("A", { shipped "Ship" }, { { "show", "Pack" } }), rule("B", { shipped "Pack" }, { { "show", "Ship" } }))
    assert.match('hidden as well', list[3].description)
    expect({ "never_fires high", "unreachable_step high" }, -- a field of the hidden step holds nothing
      rule("A", { { "field", "Carrier", "equals", "Air" } }, { { "show", "Ship" } }))
    expect({}, rule("A", { large }, { { "show", "Pack" } }), rule("B", { shipped "Pack" }, { { "show", "Ship" } }))
    expect({}, rule("A", { shipped "Ship", with(large, "or") }, { { "show", "Ship" } }))
  end)

  it("rules that wake each other", function ()
    local function empty(name) return { "step", name, "not_assigned", "any_time" } end
    local function reopened(name) return { "step", name, "reopened", "any_time" } end
    local who = { users = json.array { 41001 } }
    local function hands_on(from, to)
      return { { "assign", from, assignees = who }, { "clear_assignees", to } }
    end
    local list = expect({ "rule_circle high", "order_dependent low" }, rule("A", { empty "Check" }, hands_on("Check", "Pack")),
      rule("B", { empty "Pack" }, hands_on("Pack", "Check")), rule("C", { large }, { { "hide", "Thank" } }))
    assert.equal(2, #list[1].rule_ids)
    expect({ "rule_circle high" }, rule("A", { empty "Check" }, hands_on("Check", "Check")))
    -- Nobody fills the steps again, so the second emptying changes nothing.
    expect({}, rule("A", { empty "Check" }, { { "clear_assignees", "Pack" } }),
      rule("B", { empty "Pack" }, { { "clear_assignees", "Check" } }))
    -- What has just been reopened is open: only people complete it again.
    expect({}, rule("A", { reopened "Check" }, { { "reopen", "Pack" } }),
      rule("B", { reopened "Pack" }, { { "reopen", "Check" } }))
    expect({}, rule("A", { reopened "Check" }, { { "reopen", "Pack" } }), rule("B", { reopened "Pack" }, { { "hide", "Ship" } }))
    assert.match("has nobody", expect({ "no_effect medium" }, rule("A", { empty "Check" }, { { "clear_assignees", "Check" } }))[1]
      .description)
  end)

  it("analyze_template_automations shows rules, groups and what is hidden, and pages", function ()
    seen_with { rule("A", { large }, { { "show", "Ship" } }), rule("B", { large }, { { "show", "Ship" } }),
      rule("C", { large }, { { "hide", "Pack" } }) }
    local result = assert(amelia:run("automation/analyze_template_automations", { template_id = template.id, from_rule = 2 }))
    local data = result.data
    assert.equal("Order desk: 3 rules, 2 findings (1 high, 1 medium, 0 low).", result.text)
    assert.same({ "exact_duplicate", "same_trigger" }, { data.redundant_groups[1].type, data.redundant_groups[2].type })
    assert.same({ { id = template.step.Ship, title = "Ship" } }, data.hidden_at_launch)
    assert.same({}, data.unreachable_steps)
    assert.equal(2, #data.automations)
    assert.equal("B", data.automations[1].automated_alias)
    assert.equal("Check", data.step_lookup[template.step.Check])
    assert.same({ 3, 5 }, { data.total_automations, data.total_steps })
    local many = {}
    for index = 1, 120 do many[index] = rule("Rule number " .. index, { large, checked, approved }, { { "show", "Ship" } }) end
    seen_with(many)
    result = assert(amelia:run("automation/analyze_template_automations", { template_id = template.id, from_rule = 1 }))
    assert.equal(#result.data.automations + 1, result.data.next_rule)
    assert.match("More rules from number", result.text)
  end)

  it("hundreds of rules on one step still make an answer that fits", function ()
    local many = {}
    for index = 1, 60 do
      local value = tostring(index)
      many[#many + 1] = rule("Show at " .. index, { { "kickoff", "Amount", "contains", value } }, { { "show", "Ship" } })
      many[#many + 1] = rule("Hide at " .. index, { { "kickoff", "Amount", "not_equals", value } }, { { "hide", "Ship" } })
    end
    seen_with(many)
    for file, more in pairs { ["automation/analyze_template_automations"] = "findings",
      ["automation/suggest_automation_consolidation"] = "suggestions", ["analysis/assess_template_health"] = "findings",
      ["analysis/get_step_dependencies"] = "dependencies", ["analysis/get_step_visibility_conditions"] = "visibility_rules" } do
      local result = assert(amelia:run(file, { template_id = template.id, step_id = "Ship", from_rule = 1, from_suggestion = 1,
        from_finding = 1 }))
      assert(#json.encode(result.data) <= 25000, file)
      assert(#result.text < 5000, file)
      assert.is_table(result.data[more])
    end
    local list, result = suggestions()
    assert.equal(#list + 1, result.data.next_suggestion)
    local summary = result.data.summary
    assert.equal(201, summary.total_suggestions) -- 200 pairs, one finding for the rest; merging would change the order
    local last = assert(amelia:run("automation/suggest_automation_consolidation", { template_id = template.id,
      from_suggestion = 201 })).data.suggestions
    assert.match("pairs of rules may be true at the same time", json.encode(last))
  end)

  it("the same template gives the same answer each time", function ()
    seen_with { rule("A", { large }, { { "show", "Ship" } }), rule("B", { large }, { { "hide", "Ship" } }),
      rule("C", { checked }, { { "show", "Ship" } }) }
    local first = json.encode((suggestions()))
    for _ = 1, 3 do assert.equal(#first, #json.encode((suggestions()))) end
    assert.same(json.decode(first), (suggestions()))
  end)

  it("refuses what cannot be read", function ()
    for _, file in ipairs { "automation/analyze_template_automations", "automation/suggest_automation_consolidation",
      "analysis/assess_template_health", "analysis/get_step_dependencies", "analysis/get_step_visibility_conditions" } do
      amelia.api.fail = nil
      local args = { template_id = "Nothing", step_id = "Check", from_rule = 1, from_suggestion = 1, from_finding = 1 }
      local _, err = amelia:run(file, args)
      assert.equal("not_found", err.code, file)
      amelia.api.fail = function () return { status = 200, body = { data = { id = template.id, title = "Order desk" } } } end
      args.template_id = template.id
      _, err = amelia:run(file, args)
      assert.equal("unknown_state", err.code, file)
      amelia.api.fail = function () return { status = 503, body = { message = "later" } } end
      _, err = amelia:run(file, args)
      assert.equal(503, err.status, file)
    end
  end)

  describe("of one step", function ()
    local function run(file, step)
      return amelia:run("analysis/" .. file, { template_id = template.id, step_id = step })
    end

    it("get_step_dependencies lists only what concerns the step", function ()
      seen_with({ rule("A", { large, checked }, { { "show", "Ship" } }), rule("B", { { "field", "Carrier", "equals", "Air" } },
        { { "hide", "Thank" } }), rule("C", { approved }, { { "hide", "Pack" } }) }, function (data)
        data.steps[5].deadline = { value = 1, unit = "days", option = "from", step = template.step.Ship }
        data.steps[4].summary = "For {{" .. template.alias.Amount .. "}} and {{nothing-1}}"
      end)
      local result = assert(run("get_step_dependencies", "ship"))
      local found = result.data.dependencies
      assert.same({ 1, 1, 1, 1 }, { #found.incoming, #found.outgoing, #found.field_dependencies, #found.conditional_visibility })
      assert.equal("Check", found.incoming[1].step)
      assert.equal("Thank", found.outgoing[1].step)
      assert.equal(template.field.Size, found.field_dependencies[1].field_id)
      assert.equal("show", found.conditional_visibility[1].verb)
      assert.equal("Thank", found.deadlines.dependents[1].title)
      assert.equal(template.field.Amount, found.variables[1].field_id)
      assert.same({ "nothing-1" }, found.unknown_variables)
      assert.same({ total = 5, score = 50, level = "Medium" }, result.data.complexity_analysis)
      assert.match("names fields that are not there", result.data.recommendations[1])
      assert.match("Complexity Medium %(50%)", result.text)
      local lone = assert(run("get_step_dependencies", template.step.Pack)).data
      assert.same({ 1, 0 }, { #lone.dependencies.incoming, #lone.dependencies.outgoing })
    end)

    it("get_step_dependencies finds deadlines in a circle, and refuses unknown steps", function ()
      seen_with(nil, function (data)
        data.steps[1].deadline = { value = 1, unit = "days", option = "from", step = template.step.Pack }
        data.steps[3].deadline = { value = 1, unit = "days", option = "from", step = template.step.Check }
      end)
      local data = assert(run("get_step_dependencies", "Check")).data
      assert.is_true(data.dependencies.deadlines.in_circle)
      assert.equal("Pack", data.dependencies.deadlines.counts_from.title)
      local _, err = run("get_step_dependencies", "Paint")
      assert.equal("step_id", err.field)
      assert.match("Check", err.hint)
    end)

    it("get_step_visibility_conditions says when a step is seen", function ()
      seen_with { rule("A", { large, checked }, { { "show", "Ship" } }), rule("B", { rejected, with(small, "or") },
        { { "hide", "Ship" } }), rule("C", { { "field", "Carrier", "equals", "Air" } }, { { "hide", "Thank" } }) }
      local result = assert(run("get_step_visibility_conditions", "Ship"))
      local data = result.data
      assert.equal("conditionally_visible", data.step_info.default_visibility)
      assert.same({ pattern = "Hidden from launch on; rules show and hide it, and the one that fires last wins.",
        complexity = "Moderate", rules = 2, hidden_at_launch = true, reachable = true }, data.behavior_analysis)
      assert.same({ "AND", "OR" }, { data.visibility_rules.show_rules[1].logic, data.visibility_rules.hide_rules[1].logic })
      assert.equal("Thank", data.visibility_rules.conditional_rules[1].step)
      assert.match('%- show: When "Size"', result.text)
      assert.match("exclude each other", data.recommendations[1])
      data = assert(run("get_step_visibility_conditions", "Check")).data
      assert.equal("visible", data.step_info.default_visibility)
      assert.equal("Always visible.", data.behavior_analysis.pattern)
    end)

    it("get_step_visibility_conditions says that nothing ever shows a step", function ()
      seen_with { rule("A", { { "step", "Ship", "completed", "any_time" } }, { { "show", "Ship" } }) }
      local result = assert(run("get_step_visibility_conditions", "Ship"))
      assert.is_false(result.data.behavior_analysis.reachable)
      assert.match("%(can never be true%)\nIt is never shown", result.text)
      assert.match("waits for the step itself", result.data.recommendations[1])
    end)
  end)

  describe("health", function ()
    local function assess(change, rules)
      seen_with(rules, change)
      local result = assert(amelia:run("analysis/assess_template_health", { template_id = template.id, from_finding = 1 }))
      local dimension = {}
      for _, row in ipairs(result.data.dimensions) do dimension[row.name] = row end
      return dimension, result.data, result.text
    end

    local function good(data)
      data.title, data.summary = "Order desk", "Used for each order that reaches us by mail or telephone"
      data.folder_id, data.auto_naming, data.kickoff_title = "f", true, "The order"
      for index, step in ipairs(data.steps) do
        step.summary = "<p>Do it as the handbook says, page " .. index .. "</p>"
        step.deadline = { value = index, unit = "days", option = "from", step = "start_run" }
      end
      data.steps[2].step_type = "task"
      data.prerun[1].required = true
      data.prerun[2].field_validation = { "numeric" }
    end

    local function with_change(change)
      return function (data)
        good(data)
        change(data)
      end
    end

    -- What <change> costs: the points lost in the dimension, and the finding that says so.
    local function costs(name, points, pattern, change, rules)
      local dimension, data = assess(with_change(change), rules)
      local clean = assess(good)
      local found
      for _, finding in ipairs(data.findings) do
        if finding.message:match(pattern) then found = finding end
      end
      assert(found, "no finding " .. pattern)
      assert.equal(name, found.dimension)
      assert(type(found.fix.text) == "string")
      local before = clean[name].applies and clean[name].score or 100
      assert.equal(points, before - dimension[name].score)
      return found
    end

    it("a good template is excellent; without rules they do not count", function ()
      local dimension, data, text = assess(good)
      assert.same({}, data.findings)
      assert.equal(100, data.score)
      assert.is_false(dimension.automation_efficiency.applies)
      assert.match("^Order desk: excellent %(100 of 100%)", text)
      assert.match("automation_efficiency: does not apply", text)
    end)

    it("metadata", function ()
      costs("metadata", 40, "says nothing", function (d) d.title = "Copy of test" end)
      costs("metadata", 30, "very short", function (d) d.title = "Ord" end)
      costs("metadata", 25, "no summary", function (d) d.summary = "<p> </p>" end)
      costs("metadata", 10, "shorter than 40", function (d) d.summary = "Orders" end)
      costs("metadata", 10, "draft", function (d) d.status = "draft" end)
      costs("metadata", 10, "owns it", function (d) d.owner_id = json.null end)
      assert.equal("add_object_to_folder", costs("metadata", 5, "folder", function (d) d.folder_id = json.null end).fix.tool)
    end)

    it("step_clarity counts each step and takes the mean", function ()
      local found = costs("step_clarity", 8, "what to do", function (d) d.steps[3].title = "Step 3" end)
      assert.same({ "Step 3", 3, template.step.Pack }, { found.step, found.position, found.step_id })
      costs("step_clarity", 7, "no description", function (d) d.steps[3].summary = json.null end)
      costs("step_clarity", 3, "shorter than 20", function (d) d.steps[3].summary = "Soon" end)
      costs("step_clarity", 10, "have this title", function (d) d.steps[3].title = "Check" end)
      costs("step_clarity", 4, "no field is called", function (d) d.steps[3].summary = "Call {{customer-9}} and ask again" end)
      costs("step_clarity", 6, "Nobody gets", function (d) d.steps[3].assign_run_starter = false end)
    end)

    it("form_completeness", function ()
      costs("form_completeness", 15, "no options", function (d) d.prerun[1].options = json.array() end)
      costs("form_completeness", 10, "one option", function (d) d.prerun[1].options = { { id = 1, text = "A" } } end)
      costs("form_completeness", 5, "are the same", function (d) d.prerun[1].options[2].text = "small" end)
      costs("form_completeness", 4, "a number", function (d) d.prerun[2].field_validation = json.array() end)
      costs("form_completeness", 4, "a date", function (d) d.prerun[2].label = "Date of delivery" end)
      costs("form_completeness", 10, "can be left empty", function (d) d.prerun[1].required = false end)
      costs("form_completeness", 30, "no form fields", function (d)
        d.prerun, d.steps[4].captures = json.array(), json.array()
      end)
    end)

    it("automation_efficiency goes by the findings", function ()
      local found = costs("automation_efficiency", 20, "exactly the same", function () end, {
        rule("A", { large }, { { "show", "Ship" } }), rule("B", { large }, { { "show", "Ship" } }) })
      assert.equal("suggest_automation_consolidation", found.fix.tool)
      costs("automation_efficiency", 3, "mixes", function () end, {
        rule("A", { large, with(checked, "or"), { "kickoff", "Amount", "is_not_empty" } }, { { "show", "Ship" } }) })
    end)

    it("deadlines", function ()
      local function due(value, unit, option, step) return { value = value, unit = unit, option = option, step = step } end
      costs("deadlines", 8, "no deadline", function (d) d.steps[3].deadline = json.null end)
      costs("deadlines", 14, "no deadline at which", function (d)
        d.steps[3].deadline, d.steps[3].step_type = json.null, "expiring"
      end)
      costs("deadlines", 12, "incomplete", function (d) d.steps[3].deadline = due(1, json.null, "from", "start_run") end)
      costs("deadlines", 12, "does nothing", function (d) d.steps[3].deadline = due(3, "days", "before", "start_run") end)
      costs("deadlines", 12, "not there", function (d) d.steps[3].deadline = due(3, "days", "from", ("0"):rep(32)) end)
      costs("deadlines", 12, "on itself", function (d) d.steps[3].deadline = due(3, "days", "from", template.step.Pack) end)
      costs("deadlines", 12, "before the process", function (d) d.steps[3].deadline = due(3, "days", "prior_to", "start_run") end)
      costs("deadlines", 4, "12 months", function (d) d.steps[5].deadline = due(13, "months", "from", "start_run") end)
      costs("deadlines", 3, "stands ahead", function (d) d.steps[3].deadline = due(1, "days", "from", "start_run") end)
      costs("deadlines", 2, "comes later", function (d) d.steps[3].deadline = due(1, "days", "from", template.step.Ship) end)
      costs("deadlines", 10, "one and the same", function (d)
        for _, step in ipairs(d.steps) do step.deadline = due(5, "days", "from", "start_run") end
      end)
    end)

    it("structure", function ()
      costs("structure", 100, "no steps", function (d) d.steps = json.array() end)
      costs("structure", 10, "one step only", function (d) d.steps = json.array { d.steps[1] } end)
      costs("structure", 10, "rejected", function (d) d.steps[2].step_type = "approval" end)
      costs("structure", 5, "expires", function (d) d.steps[2].step_type = "expiring" end)
      costs("structure", 20, "never shown", function () end, {
        rule("A", { { "step", "Ship", "completed", "any_time" } }, { { "show", "Ship" } }) })
      costs("structure", 40, "All steps are hidden", function (d) d.steps = json.array { d.steps[1], d.steps[2] } end,
        { rule("A", { large }, { { "show", "Check" }, { "show", "Approve" } }) })
      costs("structure", 5, "may stay hidden", function (d)
        d.steps[5].deadline = { value = 1, unit = "days", option = "from", step = template.step.Ship }
      end, { rule("A", { large }, { { "show", "Ship" } }) })
    end)

    it("a bad template is told so, heaviest first", function ()
      local _, data, text = assess(function (d)
        d.title, d.summary, d.prerun, d.steps = "Test", json.null, json.array(), json.array()
      end)
      assert.equal("critical", data.rating)
      assert.equal(100, data.findings[1].points)
      assert.equal("high", data.findings[1].severity)
      assert.match("\n1%. There are no steps%.", text)
    end)
  end)
end)
