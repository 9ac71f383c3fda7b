-- tools_forms_spec.lua - form fields of steps: what is sent, that a change loses nothing, and what is refused unsent.
local helper = dofile("tests/spec/tool_helper.lua")
local builder = dofile("tests/spec/practice_builder.lua")
local practice, json = helper.practice, helper.json
local array = json.array

describe("tools for form fields", function ()
  local amelia, t, place

  before_each(function ()
    amelia = helper.person(practice.open(), "Amelia")
    t = builder.new(amelia.client, {
      title = "Forms", kickoff = { { "Customer", "text" } },
      steps = {
        { "One", fields = { { "Note", "textarea" }, { "Size", "dropdown", required = true, options = { "Small", "Large" } },
          { "Rows", "table", columns = { "Tag", "Serial" } } } },
        { "Two", fields = { { "Answer", "radio", options = { "Yes", "No" } } } },
      },
    })
    place = { template_id = "forms", step_id = "one" }
  end)

  local function with(more)
    local args = {}
    for key, value in pairs(place) do args[key] = value end
    for key, value in pairs(more) do args[key] = value end
    return args
  end

  local function run(file, more)
    return amelia:run("forms/" .. file, with(more))
  end

  local function refused(file, more, code, in_hint)
    local result, err = run(file, more)
    assert.is_nil(result)
    assert.equal(code, err.code, err.message)
    assert.same({}, amelia.api.written)
    if in_hint then assert.match(in_hint, err.message .. " " .. (err.hint or ""), 1, true) end
    return err
  end

  local function captures(step)
    local path = ("/organizations/{org}/checklists/%s/steps/%s"):format(t.id, t.step[step])
    return amelia.client:get(path).body.data.captures
  end

  local function labels(step)
    local words = {}
    for index, field in ipairs(captures(step)) do words[index] = field.label end
    return table.concat(words, ",")
  end

  local function field(label, step)
    return practice.find(captures(step or "One"), "label", label)
  end

  describe("add_form_field_to_step", function ()
    local function add(data) return run("add_form_field_to_step", { field_data = data }) end
    local function wrong(data, code, hint) return refused("add_form_field_to_step", { field_data = data }, code, hint) end

    it("sends what the API needs, numbered", function ()
      local result = assert(add { label = " Colour ", field_type = "Multiple choice", required = false,
        options = array { "Red", { label = "Green" } }, guidance = "Which one?" })
      local written = amelia.api.written[1]
      assert.equal("POST /organizations/{org}/checklists/{template_id}/steps/{step_id}/captures", written.line)
      assert.equal(t.step.One, written.params.step_id)
      assert.same({ label = "Colour", field_type = "radio", required = false, guidance = "Which one?",
        options = { { id = 1, text = "Red" }, { id = 2, text = "Green" } } }, written.body)
      assert.equal(field("Colour").id, result.data.field.id)
      assert.match(("{{%s}}"):format(field("Colour").alias), result.text, 1, true)
      assert.equal("Note,Size,Rows,Colour", labels("One"), "at the end")
      assert(add { label = "First", field_type = "text", required = true, position = 1 })
      assert.equal("First,Note,Size,Rows,Colour", labels("One"))
    end)

    it("makes every type", function ()
      for word, code in pairs { member_picker = "assignees_form", file = "file", date = "date", ["Short Text"] = "text" } do
        assert.equal(code, assert(add { label = word, field_type = word, required = false }).data.field.field_type)
      end
      local rows = assert(add { label = "T", field_type = "table", required = false, columns = array { "Item", "Price" } })
      assert.same({ { id = 1, label = "Item" }, { id = 2, label = "Price" } }, rows.data.field.columns)
    end)

    it("sets defaults and validations that Tallyfy would keep", function ()
      local result = assert(add { label = "N", field_type = "text", required = false, default_value = "7",
        field_validation = "numeric|max:5" })
      assert.same({ "numeric", "max:5" }, result.data.field.field_validation)
      assert.is_true(result.data.field.default_value_enabled)
      result = assert(add { label = "D", field_type = "dropdown", required = false, options = array { "A", "B" },
        default_value = "b" })
      assert.same({ id = 2, text = "B" }, result.data.field.default_value)
    end)

    it("says when a label is there already", function ()
      assert.match("another field of that label", assert(add { label = "note", field_type = "text", required = false }).text)
    end)

    it("refuses what Tallyfy would drop or refuse", function ()
      local fine = { label = "X", field_type = "text", required = false }
      local function but(changes)
        local data = {}
        for key, value in pairs(fine) do data[key] = value end
        for key, value in pairs(changes) do data[key] = value ~= "none" and value or nil end
        return data
      end
      wrong(but { description = "x" }, "unknown_field", "guidance")
      wrong(but { validation = "x" }, "unknown_field", "field_validation")
      wrong(but { colour = "x" }, "unknown_field", "prefix")
      wrong(but { label = "none" }, "missing_value", "label")
      wrong(but { label = " " }, "missing_value")
      wrong(but { label = ("x"):rep(501) }, "invalid_value")
      wrong(but { required = "none" }, "missing_value", "required")
      wrong(but { field_type = "none" }, "missing_value", "assignees_form")
      wrong(but { field_type = "email" }, "invalid_value", "field_validation [\"email\"]")
      wrong(but { field_type = "checkbox" }, "invalid_value", "multiselect")
      wrong(but { field_type = 7 }, "invalid_value", "Types:")
      wrong(but { position = 0 }, "invalid_value", "9999")
      wrong(but { options = array { "A" } }, "invalid_value", "has no options")
      wrong(but { field_type = "radio" }, "missing_value", "two options")
      wrong(but { field_type = "radio", options = array { "A" } }, "missing_value", "one given")
      wrong(but { field_type = "dropdown", options = array { "A", "a" } }, "invalid_value", "twice")
      wrong(but { field_type = "dropdown", options = array { { id = 1, text = "A" }, { id = 1, text = "B" } } },
        "invalid_value", "another one has")
      wrong(but { field_type = "dropdown", options = array { { id = "x", text = "A" } } }, "invalid_value", "whole numbers")
      wrong(but { field_type = "dropdown", options = array { { id = 1 } } }, "invalid_value", "no text")
      wrong(but { field_type = "dropdown", options = "A, B" }, "invalid_value", "must be a list")
      wrong(but { field_type = "table" }, "missing_value", "at least one column. None given.")
      wrong(but { field_validation = array { "phone" } }, "invalid_value", "numeric")
      wrong(but { field_validation = array { "min" } }, "invalid_value")
      wrong(but { field_validation = 7 }, "invalid_value", "\"7\"")
      wrong(but { default_value = array { 1 } }, "invalid_value", "plain value")
      wrong(but { field_type = "file", default_value = "x" }, "invalid_value", "no default")
      wrong(but { field_type = "radio", options = array { "A", "B" }, default_value = "C" }, "invalid_value", "1=A, 2=B")
      wrong(but { collect_time = "yes" }, "invalid_value", "true or false")
      wrong(but { guidance = 7 }, "invalid_value", "text")
      wrong(but { settings = "x" }, "invalid_value", "object")
    end)

    it("refuses a step or template that is none", function ()
      place.step_id = "Three"
      wrong({ label = "X", field_type = "text", required = false }, "not_found", "\"One\"")
      place.template_id = "Nothing of that name"
      wrong({ label = "X", field_type = "text", required = false }, "not_found", "get_all_templates")
    end)
  end)

  describe("update_form_field", function ()
    local function update(id, data) return run("update_form_field", { field_id = id, field_data = data }) end

    it("sends the whole field, so that nothing is lost", function ()
      local before = field("Size")
      local result = assert(update("size", { label = "Size of it", guidance = "How large?" }))
      local written = amelia.api.written[1]
      assert.equal("PUT /organizations/{org}/checklists/{template_id}/steps/{step_id}/captures/{field_id}", written.line)
      assert.same({ "dropdown", true, before.options }, { written.body.field_type, written.body.required, written.body.options })
      assert.same({ "guidance", "label" }, (function () table.sort(result.data.changed) return result.data.changed end)())
      local after = field("Size of it")
      assert.same({ before.id, before.alias, before.options, before.position },
        { after.id, after.alias, after.options, after.position })
      assert.equal("How large?", after.guidance)
    end)

    it("takes back what was read", function ()
      local read = assert(run("update_form_field", { field_id = "Size", field_data = { required = true } })).data.field
      local again = assert(update("Size", read))
      assert.match("nothing was different", again.text)
      assert.same({}, again.data.changed)
      refused("update_form_field", { field_id = "Size", field_data = { alias = "other" } }, "invalid_value", "cannot be changed")
      refused("update_form_field", { field_id = "Size", field_data = { id = ("0"):rep(32) } }, "invalid_value")
    end)

    it("keeps the ids of options, and warns of rules that lose theirs", function ()
      t:rule({ { "field", "Size", "equals", "Large" } }, { { "show", "Two" } }, "When large")
      local result = assert(update("Size", { options = array { "Tiny", "small", { id = 2, text = "Huge" } } }))
      assert.same({ { id = 3, text = "Tiny" }, { id = 1, text = "small" }, { id = 2, text = "Huge" } },
        helper.use("tallyfy.options").read(field("Size")))
      assert.same({ "\"When large\"" }, result.data.stranded_rules)
      assert.match("update_automation_rule", result.text)
    end)

    it("drops what no longer fits another type", function ()
      assert(update("Size", { field_type = "text" }))
      local body = amelia.api.written[1].body
      assert.is_nil(body.options)
      assert(update("Size", { field_type = "multiselect", options = array { "A" } }))
      assert.equal("multiselect", field("Size").field_type)
      refused("update_form_field", { field_id = "Note", field_data = { field_type = "radio" } }, "missing_value", "two options")
      refused("update_form_field", { field_id = "Rows", field_data = { options = array { "A" } } }, "invalid_value")
    end)

    it("moves it to a position", function ()
      assert(update("Rows", { position = 1 }))
      assert.equal("Rows,Note,Size", labels("One"))
    end)

    it("refuses nothing, and fields that stand elsewhere", function ()
      refused("update_form_field", { field_id = "Size", field_data = {} }, "missing_value", "field_type")
      refused("update_form_field", { field_id = "Answer", field_data = { label = "x" } }, "not_found", "step \"Two\"")
      refused("update_form_field", { field_id = "Customer", field_data = { label = "x" } }, "not_found", "kick-off field")
      refused("update_form_field", { field_id = "Size", field_data = { label = json.null, nmae = 1 } }, "unknown_field")
    end)

    it("sends nothing when the form cannot be read", function ()
      local template = amelia.client:template("Forms")
      amelia.api.fail = function (method, path)
        if method ~= "GET" or not path:find("{template_id}", 1, true) then return nil end
        for _, step in ipairs(template.steps.data) do step.captures = json.null end
        return { status = 200, body = { data = template } }
      end
      place.template_id = t.id
      refused("update_form_field", { field_id = "Size", field_data = { label = "x" } }, "unknown_state")
    end)
  end)

  describe("delete_form_field", function ()
    it("deletes, and says where its variable still stands", function ()
      local path = ("/organizations/{org}/checklists/%s/steps/%s"):format(t.id, t.step.Two)
      amelia.client:put(path, { title = "Two", summary = ("Look at {{%s}}"):format(t.alias.Note) })
      local result = assert(run("delete_form_field", { field_id = "note" }))
      assert.equal("DELETE /organizations/{org}/checklists/{template_id}/steps/{step_id}/captures/{field_id}",
        amelia.api.written[1].line)
      assert.equal("Size,Rows", labels("One"))
      assert.same({ "step \"Two\"" }, result.data.left_in)
    end)

    it("refuses what a rule uses, and explains the API's own refusal", function ()
      t:rule({ { "field", "Size", "equals", "Large" } }, { { "show", "Two" } }, "When large")
      local err = refused("delete_form_field", { field_id = "Size" }, "refused", "\"When large\"")
      assert.match("update_automation_rule", err.hint)
      amelia.api.fail = function (method)
        if method == "DELETE" then return { status = 403, body = { message = "This field is used by rules in other steps." } } end
      end
      local _, told = run("delete_form_field", { field_id = "Note" })
      assert.match("not about your rights", told.hint)
    end)
  end)

  describe("move_form_field", function ()
    local function move(more)
      more.template_id = "Forms"
      return amelia:run("forms/move_form_field", more)
    end

    it("moves to another step", function ()
      local result = assert(move { from_step = "One", field_id = "Size", to_step = "two", position = 1 })
      assert.same({ target_step_id = t.step.Two, position = 1 }, amelia.api.written[1].body)
      assert.match("move%-out$", amelia.api.written[1].line)
      assert.equal("Size,Answer", labels("Two"))
      assert.is_true(result.data.success)
      assert.equal(t.step.Two, result.data.step_id)
    end)

    it("refuses steps and fields that are not there, and is not fooled by a yes", function ()
      local result, err = move { from_step = "One", field_id = "Size", to_step = "Nine", position = 1 }
      assert.is_nil(result)
      assert.same({ "not_found", "to_step" }, { err.code, err.field })
      result, err = move { from_step = "Two", field_id = "Size", to_step = "One", position = 1 }
      assert.is_nil(result)
      assert.match("step \"One\"", err.hint)
      amelia.api.fail = function (method)
        if method == "PUT" then return { status = 200, body = { data = { id = "x", step_id = "y" } } } end
      end
      result, err = move { from_step = "One", field_id = "Size", to_step = "Two", position = 1 }
      assert.is_nil(result)
      assert.equal("unknown_state", err.code)
    end)
  end)

  describe("reorder_form_fields", function ()
    local function reorder(order) return run("reorder_form_fields", { field_order = array(order) }) end

    it("sends all of them with positions", function ()
      local result = assert(reorder { "Rows", field("Size").id })
      assert.same({ captures = { { capture_id = field("Rows").id, position = 1 }, { capture_id = field("Size").id, position = 2 },
        { capture_id = field("Note").id, position = 3 } } }, amelia.api.written[1].body)
      assert.equal("Rows,Size,Note", labels("One"))
      assert.equal("Rows", result.data.fields[1].label)
      assert(reorder { { capture_id = field("Note").id, position = 2 } })
      assert.equal("Rows,Note,Size", labels("One"))
    end)

    it("goes field by field where there is no route, and says how far it came", function ()
      amelia.api.fail = function (_, path)
        if path:match("reorder$") then return { status = 404, body = { message = "Not found" } } end
      end
      assert(reorder { "Rows", "Note", "Size" })
      assert.equal("Rows,Note,Size", labels("One"))
      local puts = 0
      amelia.api.fail = function (method, path)
        if path:match("reorder$") then return { status = 404, body = { message = "Not found" } } end
        if method == "PUT" then puts = puts + 1 end
        return puts == 2 and { status = 500, body = { message = "out of order" } } or nil
      end
      assert(reorder { "Size", "Rows", "Note" })
      puts = 0
      local result, err = reorder { "Note", "Rows", "Size" }
      assert.is_nil(result)
      assert.match("The first 1 of 3 fields are in their place, \"Rows\" is not: out of order", err.message, 1, true)
    end)

    it("sends nothing when they stand so, and refuses what is no order", function ()
      assert.match("already", assert(reorder { "Note", "Size" }).text)
      assert.same({}, amelia.api.written)
      for _, case in ipairs { { { "Note", "note" }, "invalid_value" }, { { "Nothing" }, "not_found" }, { { { position = 1 } },
        "invalid_value" }, { { { id = "Note", position = 0 } }, "invalid_value" },
        { { { id = "Note", position = 2 }, { id = "Size", position = 2 } }, "invalid_value" } } do
        refused("reorder_form_fields", { field_order = array(case[1]) }, case[2])
      end
    end)
  end)

  describe("options", function ()
    it("get_dropdown_options lists them, and counts what is unusable", function ()
      local result = assert(run("get_dropdown_options", { field_id = "Size" }))
      assert.equal("Size has 2 options: 1=Small, 2=Large.", result.text)
      assert.same({ { id = 1, text = "Small" }, { id = 2, text = "Large" } }, result.data.options)
      refused("get_dropdown_options", { field_id = "Note" }, "invalid_value", "textarea")
      local template = amelia.client:template("Forms")
      place.template_id = t.id
      amelia.api.fail = function ()
        practice.find(template.steps.data[1].captures, "label", "Size").options = { { id = 1 }, { id = 2, label = "Large" } }
        return { status = 200, body = { data = template } }
      end
      result = assert(run("get_dropdown_options", { field_id = "Size" }))
      assert.same({ { id = 2, text = "Large" } }, result.data.options)
      assert.equal(1, result.data.unusable)
      assert.match("do not write this list back", result.text)
    end)

    it("update_dropdown_options keeps label, type, required and the ids of what stays", function ()
      local result = assert(run("update_dropdown_options", { field_id = "Size", options = array { "Medium", "large" } }))
      local body = amelia.api.written[1].body
      assert.same({ "Size", "dropdown", true }, { body.label, body.field_type, body.required })
      assert.same({ { id = 3, text = "Medium" }, { id = 2, text = "large" } }, result.data.options)
      assert.same({ "Small", "Large" }, result.data.removed)
      refused("update_dropdown_options", { field_id = "Size", options = array() }, "missing_value", "at least one")
      refused("update_dropdown_options", { field_id = "Note", options = array { "A" } }, "invalid_value")
      refused("update_dropdown_options", { field_id = "Size", options = array { "A", "A" } }, "invalid_value")
    end)

    it("update_dropdown_options renames by id, and can reuse a text that became free", function ()
      local result = assert(run("update_dropdown_options", { field_id = "Size",
        options = array { { id = 1, text = "Large" }, { id = 2, text = "Small" } } }))
      assert.same({ { id = 1, text = "Large" }, { id = 2, text = "Small" } }, result.data.options)
      result = assert(run("update_dropdown_options", { field_id = "Size", options = array { "Large",
        { id = 1, text = "Giant" } } }))
      assert.same({ { id = 3, text = "Large" }, { id = 1, text = "Giant" } }, result.data.options)
    end)
  end)

  it("says whose right it is not", function ()
    local carla = helper.person(amelia.client.service, "Carla")
    local result, err = carla:run("forms/delete_form_field", with { template_id = t.id, field_id = "Note" })
    assert.is_nil(result)
    assert.is_true(err.status == 403 or err.code == "not_found")
  end)
end)
