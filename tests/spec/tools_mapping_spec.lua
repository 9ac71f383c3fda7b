-- tools_mapping_spec.lua - the draft of a template: every part checked, each report with its place, nothing of it sent.
local helper = dofile("tests/spec/tool_helper.lua")
local practice, json = helper.practice, helper.json

describe("validate_template_mapping", function ()
  local amelia

  before_each(function () amelia = helper.person(practice.open(), "Amelia") end)

  local function check(mapping)
    local result = assert(amelia:run("analysis/validate_template_mapping", { mapping = mapping }))
    assert.same({}, amelia.api.sent)
    return result.data, result.text
  end

  local function draft(change)
    local mapping = {
      title = "Order desk", summary = "Checks and ships what was ordered",
      kickoff_form = { { label = "Size", alias = "size", type = "radio", options = { "Small", "Large" }, required = true },
        { label = "Amount", type = "text" } },
      steps = {
        { temp_id = "check", position = 1, title = "Check the order", assignees = { users = { 41002, "41003" } },
          form_fields = { { label = "Result", alias = "result", type = "dropdown", options = { { text = "Fine" }, "Bad" } } } },
        { temp_id = "approve", position = 2, title = "Approve", step_type = "approval",
          deadline = { value = 2, unit = "days", option = "from", step = "check" } },
        { temp_id = "ship", position = 3, title = "Ship", deadline = { value = 1, unit = "week" } },
      },
      automations = {
        { automated_alias = "Large", conditions = { { type = "kickoff", on = "size", operation = "equals",
          statement = "Large" } }, then_actions = { { action_type = "visibility", action_verb = "show", target = "ship" } } },
        { automated_alias = "Again", conditions = { { type = "step", on = "approve", operation = "rejected",
          statement = "any_time" }, { type = "field", on = "result", operation = "is_not_empty", logic = "and" } },
          then_actions = { { action_type = "status", action_verb = "reopen", target = "check" },
            { action_type = "assignment", action_verb = "assign", target = "check", user_id = 41003 },
            { action_type = "deadline", action_verb = "deadline", target = "check",
              deadline = { value = 1, unit = "days", option = "from" } },
            { action_type = "webhook", webhook_url = "https://hooks.example/x", alias_name = "again" } } },
      },
    }
    if change then change(mapping) end
    return mapping
  end

  -- One change makes exactly one error, which begins with its place and says what would be right.
  local function wrong(place, pattern, change)
    local data, text = check(draft(change))
    assert.equal(1, #data.errors, table.concat(data.errors, "\n"))
    assert.equal(place, data.errors[1]:match("^(.-): "), data.errors[1])
    assert.match(pattern, data.errors[1])
    assert.is_false(data.valid)
    assert.match("^Not valid: 1 error", text)
  end

  local function doubtful(place, pattern, change)
    local data = check(draft(change))
    assert.same({}, data.errors)
    local found
    for _, warning in ipairs(data.warnings) do
      if warning:sub(1, #place + 1) == place .. ":" and warning:match(pattern) then found = warning end
    end
    assert(found, "no such warning among: " .. table.concat(data.warnings, "\n"))
  end

  it("accepts a draft that is right", function ()
    local data, text = check(draft())
    assert.same({ valid = true, errors = {}, warnings = {}, total_errors = 0, total_warnings = 0,
      summary = { steps = 3, kickoff_fields = 2, automations = 2 } }, data)
    assert.equal("Valid: 0 errors, 0 warnings.", text)
  end)

  it("wants a title, and takes null and absent lists for empty ones", function ()
    local data = check {}
    assert.same({ "title: the template needs a title." }, data.errors)
    data = check { title = "A", steps = json.null, automations = {}, kickoff_form = json.array() }
    assert.same({}, data.errors)
    assert.same({ steps = 0, kickoff_fields = 0, automations = 0 }, data.summary)
    wrong("title", "250", function (m) m.title = ("x"):rep(251) end)
    wrong("summary", "text", function (m) m.summary = 5 end)
    doubtful("stepps", "no such part", function (m) m.stepps = {} end)
  end)

  it("reports what is no list or no object in its place", function ()
    wrong("kickoff_form", "must be a list", function (m) m.kickoff_form = "none"; m.automations = nil end)
    wrong("steps[2]", "must be an object", function (m) m.steps = { m.steps[1], "Approve" }; m.automations = nil end)
    wrong("steps[1].form_fields[2]", "must be an object", function (m) m.steps[1].form_fields[2] = 7 end)
    wrong("automations[1]", "must be an object", function (m) m.automations[1] = json.array { 1 } end)
  end)

  it("counts all errors and shows those that fit", function ()
    local steps = json.array()
    for index = 1, 2000 do steps[index] = 7 end
    local data, text = check { title = "A", steps = steps }
    assert.equal(2000, data.total_errors)
    assert(#data.errors < 2000 and #json.encode(data) <= 25000)
    assert.match("More in the structured answer", text)
  end)

  it("checks fields: types, options, columns, aliases", function ()
    local function field(place, pattern, more)
      wrong("kickoff_form[3]" .. place, pattern, function (m) m.kickoff_form[3] = more end)
    end
    field(".type", "checks? for numbers", { label = "N", type = "number" })
    field(".type", "Types: text, textarea", { label = "N", type = "hologram" })
    field(".type", "needs a type", { label = "N" })
    field(".options", "two options", { label = "N", type = "radio", options = { "Yes" } })
    field(".options", "one option", { label = "N", type = "multiselect" })
    field(".options[2]", "twice", { label = "N", type = "radio", options = { "Yes", " yes", "No" } })
    field(".options[1]", "needs a text", { label = "N", type = "dropdown", options = { {}, "No" } })
    field(".columns", "columns", { label = "N", type = "table" })
    field(".alias", "kickoff_form%[1%] too", { label = "N", type = "text", alias = "size" })
    field(".required", "true or false", { label = "N", type = "text", required = "yes" })
    doubtful("kickoff_form[2].label", "no label", function (m) m.kickoff_form[2].label = nil end)
    doubtful("kickoff_form[2].label", "kickoff_form%[1%] too", function (m) m.kickoff_form[2].label = "size" end)
    doubtful("kickoff_form[2].options", "ignored", function (m) m.kickoff_form[2].options = { "a" } end)
  end)

  it("checks steps: ids, titles, types, positions, people", function ()
    wrong("steps[3].temp_id", "steps%[1%] too", function (m) m.steps[3].temp_id = "check"; m.automations[1] = nil
      m.automations = nil end)
    wrong("steps[1].title", "needs a title", function (m) m.steps[1].title = " " end)
    wrong("steps[1].step_type", "expiring_email", function (m) m.steps[1].step_type = "party" end)
    wrong("steps[2].position", "steps%[1%] too", function (m) m.steps[2].position = 1 end)
    wrong("steps[2].position", "whole numbers", function (m) m.steps[2].position = 0 end)
    wrong("steps[1].assignees.users[1]", "id or a name", function (m) m.steps[1].assignees.users[1] = true end)
    wrong("steps[1].assignees.guests[1]", "e%-mail", function (m) m.steps[1].assignees.guests = { "Rita" } end)
    wrong("steps[1].assignees.bots", "users, guests", function (m) m.steps[1].assignees.bots = {} end)
    doubtful("steps[3].position", "3 steps only", function (m) m.steps[3].position = 9 end)
    local data = check { title = "A", steps = { { title = "One" }, { title = "Two", deadline = { value = 1, unit = "day",
      option = "prior_to", step = "step_1" } } } }
    assert.same({}, data.errors) -- temp_ids are step_1, step_2 where none are given
  end)

  it("checks the deadlines of steps, in the words of steps", function ()
    local function deadline(place, pattern, key, value)
      wrong("steps[2].deadline" .. place, pattern, function (m) m.steps[2].deadline[key] = value end)
    end
    deadline(".option", "prior_to", "option", "before")
    deadline(".option", "from or prior_to", "option", "later")
    deadline(".unit", "months", "unit", "years")
    deadline(".value", "whole number", "value", 1.5)
    deadline(".value", "whole number", "value", nil)
    deadline(".step", "no step", "step", "pack")
    deadline(".step", "its own", "step", "approve")
    wrong("steps[3].deadline", "before the process starts", function (m) m.steps[3].deadline.option = "prior_to" end)
    wrong("steps[2].deadline", "hang on each other", function (m) m.steps[2].deadline.step = "ship"
      m.steps[3].deadline.step = "approve" end)
    wrong("steps[3].deadline", "an object", function (m) m.steps[3].deadline = "tomorrow" end)
  end)

  it("checks conditions", function ()
    local function condition(place, pattern, of, key, value)
      wrong(("automations[%d].conditions[1]"):format(of) .. place, pattern, function (m)
        m.automations[of].conditions[1][key] = value
      end)
    end
    condition(".type", "step, field or kickoff", 1, "type", "moon")
    condition(".on", "kick%-off form", 1, "on", "result")
    condition(".statement", "Small, Large", 1, "statement", "Huge")
    condition(".statement", "needs a value", 1, "statement", nil)
    condition(".operation", "is_not_empty", 1, "operation", "completed")
    condition(".logic", "and, or", 1, "logic", "xor")
    condition(".on", "no step", 2, "on", "pack")
    condition(".operation", "not_assigned", 2, "operation", "equals")
    condition(".statement", "late_24", 2, "statement", "soon")
    condition(".operation", "never rejected", 2, "on", "check")
    wrong("automations[1].conditions[1].statement", "none", function (m)
      m.automations[1].conditions[1] = { type = "kickoff", on = "Amount", operation = "greater_than", statement = "few" }
    end)
    wrong("automations[1].conditions", "never fires", function (m) m.automations[1].conditions = nil end)
    doubtful("automations[2].conditions[2].on", "no field", function (m) m.automations[2].conditions[2].on = "colour" end)
  end)

  it("checks actions, in the words of rules", function ()
    local function action(place, pattern, which, key, value)
      wrong(("automations[2].then_actions[%d]"):format(which) .. place, pattern, function (m)
        m.automations[2].then_actions[which][key] = value
      end)
    end
    action(".target", "no step", 1, "target", "pack")
    action(".target", "missing", 1, "target", nil)
    action(".action_verb", "belongs to visibility", 1, "action_verb", "show")
    action(".action_verb", "does one of: reopen", 1, "action_verb", "dance")
    action(".action_type", "cannot complete", 1, "action_type", "complete_step")
    action(".action_type", "visibility, deadline", 1, "action_type", "dance")
    action(".assignees", "assigns nobody", 2, "user_id", nil)
    action(".deadline.option", "says before", 3, "deadline", { value = 1, unit = "days", option = "prior_to" })
    action(".deadline.unit", "minutes", 3, "deadline", { value = 1, unit = "day", option = "from" })
    action(".deadline.value", "whole", 3, "deadline", { value = "1", unit = "days", option = "from" })
    action(".deadline", "value, unit", 3, "deadline", nil)
    action(".webhook_url", "http", 4, "webhook_url", "hooks.example")
    action(".alias_name", "name", 4, "alias_name", nil)
    wrong("automations[1].then_actions", "does nothing", function (m) m.automations[1].then_actions = json.array() end)
    doubtful("automations[1].automated_alias", "no name", function (m) m.automations[1].automated_alias = nil end)
    doubtful("automations[2].automated_alias", "too", function (m) m.automations[2].automated_alias = "Large" end)
  end)

  it("runs the rules of a draft without errors through the analysis of templates", function ()
    doubtful("automations (conflict)", "undo each other", function (m)
      m.automations[3] = { automated_alias = "Not", conditions = { { type = "kickoff", on = "Size", operation = "equals",
        statement = "large" } }, then_actions = { { action_type = "visibility", action_verb = "hide", target = "ship" } } }
    end)
    doubtful("automations (unreachable_step)", "never shown", function (m)
      m.automations[1].conditions = { { type = "step", on = "ship", operation = "completed" } }
    end)
  end)
end)
