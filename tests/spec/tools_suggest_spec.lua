-- tools_suggest_spec.lua - suggestions for fields and deadlines: each rule fires where it should, what is asked already is
-- not asked again, the same template gives the same answer, and a suggestion can be written as it is.
local helper = dofile("tests/spec/tool_helper.lua")
local builder = dofile("tests/spec/practice_builder.lua")
local practice = helper.practice

describe("suggestions", function ()
  local amelia, t

  before_each(function () amelia = helper.person(practice.open(), "Amelia") end)

  local function build(form)
    form.title = form.title or "Plain"
    t = builder.new(amelia.client, form)
    return t
  end

  local function run(file, step)
    local result = assert(amelia:run("forms/" .. file, { template_id = t.id, step_id = step }))
    assert.same({}, amelia.api.written)
    return result.data, result.text
  end

  local function labels(list)
    local words = {}
    for index, one in ipairs(list) do words[index] = one.field_data.label end
    return table.concat(words, ",")
  end

  describe("for the form of a step", function ()
    local function suggested(title, more)
      local step = { title }
      for key, value in pairs(more or {}) do step[key] = value end
      build { title = "T " .. title, steps = { step } }
      return run("suggest_form_fields_for_step", t.step[title])
    end

    it("go by the words of the title, whole ones", function ()
      assert.equal("Decision", labels(suggested("Approve the purchase").suggestions):match("^[^,]+"))
      assert.equal("Result", labels(suggested("Check the fridge").suggestions))
      assert.equal("Document,Amount", labels(suggested("File the invoice").suggestions))
      assert.equal("Notes", labels(suggested("Disapproving tidy").suggestions), "no word of a rule")
      assert.equal("Notes", labels(suggested("Paint the wall").suggestions))
    end)

    it("give reasons, and are less sure of descriptions", function ()
      local in_title = suggested("Book a room").suggestions[1]
      local in_text = suggested("Room", { summary = "<p>Please <b>book</b> one.</p>" }).suggestions[1]
      assert.same({ 75, 60 }, { in_title.confidence, in_text.confidence })
      assert.match("\"book\" in the description", in_text.reason, 1, true)
    end)

    it("take the questions of a description", function ()
      local data = suggested("Talk", { summary = "<ul><li>Is the room free?</li><li>What did they say? Ok?</li></ul>" })
      assert.same({ label = "Is the room free?", field_type = "radio", required = false, options = { "Yes", "No" } },
        data.suggestions[1].field_data)
      assert.equal("textarea", data.suggestions[2].field_data.field_type)
      assert.equal(2, #data.suggestions, "too short for a question")
    end)

    it("do not ask what is asked in the step, earlier, or at the launch", function ()
      build { kickoff = { { "Total cost", "text" } }, steps = {
        { "Gather", fields = { { "Signed file", "file" } } },
        { "Contract and price", fields = { { "Remark", "text" } } },
        { "Later", fields = { { "Tracking", "text" } } },
        { "Ship the parcel" } } }
      local data = run("suggest_form_fields_for_step", "Contract and price")
      assert.same({}, data.suggestions)
      assert.equal(2, #data.already_asked)
      assert.same({ "Signed file", "step \"Gather\"", "Document" }, { data.already_asked[1].label, data.already_asked[1].where,
        data.already_asked[1].instead_of })
      assert.equal(("{{%s}}"):format(t.alias["Total cost"]), data.already_asked[2].variable)
      assert.equal("Remark", data.existing_fields[1].label)
      data = run("suggest_form_fields_for_step", "Ship the parcel")
      assert.same({ "Tracking", "step \"Later\"" }, { data.already_asked[1].label, data.already_asked[1].where })
      assert.same({}, data.suggestions)
    end)

    it("know that an approval records its decision", function ()
      assert.equal("Reason for the decision", labels(suggested("Approve it", { step_type = "approval" }).suggestions))
    end)

    it("can be added as they are", function ()
      for _, title in ipairs { "Approve the invoice and ship equipment", "Interview, score and hand over", "Publish a report",
        "Call about the temperature at the address", "Register the incident" } do
        for _, one in ipairs(suggested(title).suggestions) do
          assert(amelia:run("forms/add_form_field_to_step", { template_id = t.id, step_id = title, field_data = one.field_data }))
        end
        assert.same({}, run("suggest_form_fields_for_step", title).suggestions, title)
      end
    end)

    it("need a step that is there", function ()
      suggested("One")
      local result, err = amelia:run("forms/suggest_form_fields_for_step", { template_id = t.id, step_id = "Two" })
      assert.is_nil(result)
      assert.same({ "not_found", "step_id" }, { err.code, err.field })
    end)
  end)

  describe("for the kick-off form", function ()
    it("find variables that nothing fills, and labels that several steps ask for", function ()
      build { steps = {
        { "Welcome {{guest-name-1234}}", fields = { { "Room", "dropdown", required = true, options = { "A", "B" } } } },
        { "Feed {{guest-name-1234}} on {{DATE}}", fields = { { "room", "text" } } } } }
      local data = run("suggest_kickoff_fields")
      assert.equal("Guest name,Room", labels(data.suggestions))
      assert.match("{{guest-name-1234}}", data.suggestions[1].reason, 1, true)
      assert.same({ label = "Room", field_type = "dropdown", required = true, options = { "A", "B" } },
        data.suggestions[2].field_data)
      assert.equal("step \"Welcome {{guest-name-1234}}\" and step \"Feed {{guest-name-1234}} on {{DATE}}\" ask for it: once "
        .. "at the start is enough", data.suggestions[2].reason)
    end)

    it("go by what titles speak of, surer with each step that does", function ()
      build { title = "Website work", steps = { { "Meet the client" }, { "Show it to the client" }, { "Bill the client" },
        { "Rest", summary = "Mind the budget." } } }
      local data, text = run("suggest_kickoff_fields")
      assert.equal("Client name,Amount", labels(data.suggestions))
      assert.same({ 89, 55 }, { data.suggestions[1].confidence, data.suggestions[2].confidence })
      assert.equal("2 fields suggested for the kick-off form of Website work: Client name (text, 89%); Amount (text, 55%).", text)
    end)

    it("do not ask twice, and ask for a name at least", function ()
      build { kickoff = { { "Customer", "text" } }, steps = { { "Meet the client" } } }
      local data, text = run("suggest_kickoff_fields")
      assert.same({}, data.suggestions)
      assert.equal("Customer", data.already_asked[1].label)
      assert.match("^Nothing to add", text)
      build { title = "Bare", steps = { { "Sweep" } } }
      assert.equal("Name", labels(run("suggest_kickoff_fields").suggestions))
    end)

    it("are the same each time, and can be added as they are", function ()
      build { title = "Customer project launch", steps = { { "Order documents for the team" }, { "Ship to {{place}}" },
        { "Urgent request by e-mail" } } }
      local first = run("suggest_kickoff_fields")
      assert.same(first, (run("suggest_kickoff_fields")))
      assert.is_true(#first.suggestions >= 6)
      for _, one in ipairs(first.suggestions) do
        assert(amelia:run("forms/add_kickoff_field", { template_id = t.id, field_data = one.field_data }))
      end
      assert.same({}, run("suggest_kickoff_fields").suggestions)
    end)
  end)

  describe("for a deadline", function ()
    local function suggested(step) return run("suggest_step_deadline", step) end
    local function plain(deadline) return ("%d %s %s"):format(deadline.value, deadline.unit, deadline.option) end

    it("take the time that a text allows, else the kind of work", function ()
      build { steps = { { "Answer within 3 working days" }, { "Wait for two weeks" },
        { "Reply", summary = "Not later than 48 hours." }, { "Review it" }, { "Anything" },
        { "Sit", step_type = "approval" }, { "Rest", summary = "Then draft it" }, { "Be a day early" },
        { "Check the lease", summary = "It runs 12 months." }, { "Sign", summary = "The lease runs 12 months." } } }
      local cases = {
        { "Answer within 3 working days", "3 days from", 95 }, { "Wait for two weeks", "2 weeks from", 95 },
        { "Reply", "48 hours from", 95 }, { "Review it", "4 hours from", 85 }, { "Anything", "2 days from", 50 },
        { "Sit", "4 hours from", 85 }, { "Rest", "5 days from", 60 }, { "Be a day early", "2 days from", 50 },
        { "Check the lease", "4 hours from", 85 }, { "Sign", "12 months from", 60 },
      }
      for _, case in ipairs(cases) do
        local data = suggested(case[1])
        assert.same({ case[2], case[3] }, { plain(data.deadline), data.confidence }, case[1])
      end
      assert.equal(10, suggested("Anything").total_steps)
    end)

    it("count from the launch, the step before, or the step that shows it", function ()
      build { steps = { { "One" }, { "Two" }, { "Three", fields = { { "Choice", "radio", options = { "Yes", "No" } } } },
        { "Four" }, { "Five" } } }
      t:rule({ { "step", "One", "completed", "any_time" } }, { { "show", "Four" } })
      t:rule({ { "field", "Choice", "equals", "Yes" } }, { { "show", "Five" } })
      local function from(step) return suggested(step).deadline.step end
      assert.equal("start_run", from("One"))
      assert.equal(t.step.One, from("Two"))
      assert.equal(t.step.One, from("Four"))
      assert.equal(t.step.Three, from("Five"))
      assert.match("A rule shows it after \"One\"", suggested("Four").reasons[2], 1, true)
    end)

    it("never count in a circle", function ()
      build { steps = { { "One", deadline = { value = 3, unit = "days", option = "from", step = "start_run" } }, { "Two" },
        { "Three" } } }
      amelia.client:put(("/organizations/{org}/checklists/%s/steps/%s"):format(t.id, t.step.Two), { title = "Two",
        deadline = { value = 1, unit = "days", option = "prior_to", step = t.step.Three } })
      local data = suggested("Three")
      assert.same({ value = 5, unit = "days", option = "from", step = "start_run" }, data.deadline)
      assert.match("added", data.reasons[3])
    end)

    it("say whether the one it has fits", function ()
      build { steps = { { "One", deadline = { value = 3, unit = "days", option = "from", step = "start_run" } }, { "Two",
        deadline = { value = 3, unit = "weeks", option = "from", step = "start_run" } } } }
      local data, text = suggested("One")
      assert.equal("fits", data.verdict)
      assert.match("3 days after the start) fits", text, 1, true)
      data = suggested("Two")
      assert.equal("differs", data.verdict)
      assert.same({ 3, "weeks" }, { data.current.value, data.current.unit })
      local template = amelia.client:template("Plain")
      template.steps.data[2].deadline = helper.json.null
      amelia.api.fail = function () return { status = 200, body = { data = template } } end
      data, text = suggested("Two")
      assert.equal("missing", data.verdict)
      assert.match("It has none", text)
    end)
  end)
end)
