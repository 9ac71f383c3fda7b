-- tools_ask_spec.lua - questions to the person: the form that clients show, the answers back, and the official markers where
-- nobody can be asked.
local helper = dofile("tests/spec/tool_helper.lua")
local practice, json = helper.practice, helper.json

describe("tools that ask", function ()
  local amelia
  local files = { question = "ask/ask_user_question", to_confirm = "ask/ask_user_to_confirm", to_rank = "ask/ask_user_to_rank" }

  before_each(function ()
    amelia = helper.person(practice.open(), "Amelia")
  end)

  after_each(function () assert.same({}, amelia.api.sent, "no call of the API") end)

  local function ask(file, args)
    args.question, args.header, args.submit_label = args.question or "Which one?", args.header or "", "Submit"
    return amelia:run(files[file], args)
  end

  local function refused(file, args, field)
    local result, err = ask(file, args)
    assert.is_nil(result)
    assert.equal("invalid_value", err.code)
    assert.equal(field, err.field)
    assert.same({}, amelia.asked)
    return err
  end

  local every_kind = {
    { type = "text", key = "full_name", required = true, validators = { minLength = 2, maxLength = 40, pattern = "^[A-Z]" } },
    { type = "textarea", key = "notes", placeholder = "Anything else", defaultValue = "none" },
    { type = "select", key = "team", label = "Team", options = { { value = "ops", label = "Operations" }, "sales" } },
    { type = "radio", key = "size", validators = { required = true }, options = { { value = 1, label = "Small" } } },
    { type = "checkbox", key = "extras", options = { { value = "dock" }, { value = "mouse", label = "Mouse" } } },
    { type = "checkbox", key = "agreed", defaultValue = true },
    { type = "toggle", key = "remote" },
    { type = "datepicker", key = "start" }, { type = "datetime", key = "call" }, { type = "timepicker", key = "lunch" },
    { type = "daterange", key = "leave", label = "Leave", required = true },
    { type = "file", key = "contract" },
  }

  it("ask_user_question makes a form of every kind of field, in their order", function ()
    amelia.answer = function () return { full_name = "Jane" } end
    assert(ask("question", { fields = every_kind, header = " Onboarding of Jane" }))
    local question = amelia.asked[1]
    assert.equal("Onboarding o: Which one?", question.message)
    local form = question.schema
    assert.same({ "full_name", "size", "leave_from", "leave_to" }, { table.unpack(form.required) })
    local of = form.properties
    assert.same({ type = "string", title = "Full name", minLength = 2, maxLength = 40, description = "It must match ^[A-Z]." },
      of.full_name)
    assert.equal("Anything else", of.notes.description)
    assert.equal("none", of.notes.default)
    assert.same({ const = "ops", title = "Operations" }, of.team.oneOf[1])
    assert.same({ const = "sales", title = "sales" }, of.team.oneOf[2])
    assert.equal("1", of.size.oneOf[1].const)
    assert.same({ const = "dock", title = "dock" }, of.extras.items.anyOf[1])
    assert.same({ type = "boolean", title = "Agreed", default = true }, of.agreed)
    assert.equal("boolean", of.remote.type)
    assert.equal("date", of.start.format)
    assert.equal("date-time", of.call.format)
    assert.equal("uri", of.contract.format)
    assert.equal("Leave: from", of.leave_from.title)
  end)

  it("ask_user_question gives the answers back by key, a range as one", function ()
    amelia.answer = function ()
      return { full_name = "Jane", leave_from = "2026-12-01", leave_to = "2026-12-05", remote = false, size = "1" }
    end
    local result = assert(ask("question", { fields = every_kind }))
    assert.is_true(result.data.answered)
    assert.same({ full_name = "Jane", leave = { from = "2026-12-01", to = "2026-12-05" }, remote = false, size = "1" },
      result.data.answers)
    assert.match("^The person answered: ", result.text)
  end)

  it("ask_user_question refuses what it could only drop", function ()
    for _, fields in ipairs {
      { 7 }, { { key = "a" } }, { { type = "text" } }, { { type = "password", key = "a" } },
      { { type = "text", key = "a" }, { type = "text", key = "a" } }, { { type = "select", key = "a" } },
      { { type = "radio", key = "a", options = { "x", "x" } } }, { { type = "checkbox", key = "a", options = { {} } } },
    } do
      refused("question", { fields = fields }, "fields")
    end
    assert.match("datepicker", refused("question", { fields = { { type = "date", key = "a" } } }, "fields").hint)
  end)

  it("gives the official marker where the client cannot be asked", function ()
    local result = assert(ask("question", { fields = { { type = "text", key = "due_date" } }, header = "A very long header" }))
    assert.same({ __structured_question__ = true, question = "Which one?", header = "A very long ", submit_label = "Submit",
      fields = { { type = "text", key = "due_date", label = "Due date" } } }, result.data)
    assert.match("put this one to the person yourself", result.text)
    result = assert(ask("to_confirm", { confirm_label = " ", cancel_label = "No way", cancelable = false }))
    assert.same({ __structured_interaction__ = true, interaction_type = "confirm", question = "Which one?", header = "",
      schema = { confirm_label = "Confirm", cancel_label = "No way" }, cancelable = false }, result.data)
    result = assert(ask("to_rank", { items = { { id = "a" }, { id = 2, label = "Two" } }, cancelable = true }))
    assert.same({ __structured_interaction__ = true, interaction_type = "ranking", question = "Which one?", header = "",
      schema = { items = { { id = "a", label = "a" }, { id = "2", label = "Two" } } }, submit_label = "Submit",
      cancelable = true }, result.data)
  end)

  it("says when the person declined or put it away, and hands other failures on", function ()
    local code
    amelia.answer = function () return nil, { code = code, message = "no" } end
    local arguments = { question = { fields = { { type = "text", key = "a" } } }, to_confirm = {},
      to_rank = { items = { { id = "a" }, { id = "b" } } } }
    for file, args in pairs(arguments) do
      for _, word in ipairs { "declined", "cancelled" } do
        code = word
        local result = assert(ask(file, args))
        assert.is_false(result.data.answered)
        assert.equal(word, result.data.action)
        assert.not_equal(true, result.data.confirmed)
      end
      code = "no_answer"
      local result, err = ask(file, args)
      assert.is_nil(result)
      assert.equal("no_answer", err.code)
    end
  end)

  it("ask_user_to_confirm takes only yes for a yes", function ()
    local said = "yes"
    amelia.answer = function () return { answer = said } end
    assert.is_true(assert(ask("to_confirm", { confirm_label = "Archive it", cancel_label = "Keep it" })).data.confirmed)
    assert.same({ { const = "yes", title = "Archive it" }, { const = "no", title = "Keep it" } },
      { table.unpack(amelia.asked[1].schema.properties.answer.oneOf) })
    said = "no"
    assert.is_false(assert(ask("to_confirm", {})).data.confirmed)
  end)

  it("ask_user_to_rank asks again until each option stands once", function ()
    local items = { { id = "a", label = "Apples" }, { id = "b", label = "Bread", description = "fresh" }, { id = "c" } }
    local answers = { { place_01 = "b", place_02 = "b", place_03 = "a" }, { place_01 = "b", place_02 = "c", place_03 = "a" } }
    amelia.answer = function () return answers[#amelia.asked] end
    local result = assert(ask("to_rank", { items = items }))
    assert.same({ "b", "c", "a" }, { table.unpack(result.data.order) })
    assert.equal("The person's order: 1. Bread; 2. c; 3. Apples.", result.text)
    assert.equal(2, #amelia.asked)
    assert.match("one place only", amelia.asked[2].message)
    assert.equal("Bread (fresh)", amelia.asked[1].schema.properties.place_01.oneOf[2].title)
    amelia.answer = function () return answers[1] end
    local none, err = ask("to_rank", { items = items })
    assert.is_nil(none)
    assert.equal("bad_answer", err.code)
    assert.equal(3, #amelia.asked)
  end)

  it("ask_user_to_rank refuses options without an id, or with the same one", function ()
    for _, items in ipairs { { 1, 2 }, { { label = "x" }, { id = "b" } }, { { id = "a" }, { id = "a" } },
      { { id = json.null }, { id = "b" } } } do
      refused("to_rank", { items = items }, "items")
    end
  end)
end)
