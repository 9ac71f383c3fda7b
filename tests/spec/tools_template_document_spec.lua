-- tools_template_document_spec.lua - a template as one document: it comes back as it went, a change sends what changes and
-- detaches nobody, mistakes are told at once and before anything is sent, and what stopped midway goes on.
local helper = dofile("tests/spec/tool_helper.lua")
local practice, json = helper.practice, helper.json

describe("template documents", function ()
  local service, amelia
  local base = "/organizations/{org}/checklists"

  before_each(function ()
    service = practice.open()
    amelia = helper.person(service, "Amelia")
  end)

  local function import(args, person)
    args.unknown_people, args.dry_run = args.unknown_people or "refuse", args.dry_run or false
    return (person or amelia):run("templates/import_template", args)
  end

  local function refused(file, args, code, person)
    person = person or amelia
    args.unknown_people = args.unknown_people or "refuse"
    local result, err = person:run("templates/" .. file, args)
    assert.is_nil(result)
    assert.equal(code, err.code, err.message)
    assert.same({}, person.api.written)
    return err
  end

  local function export(title)
    return assert(amelia:run("templates/export_template", { template_id = title })).data.document
  end

  local function stored(id)
    return amelia.client:get(base .. "/" .. id .. "?with=steps").body.data
  end

  local function id_of(title) return amelia.client:template(title).id end

  local function written()
    local lines = {}
    for index, one in ipairs(amelia.api.written) do
      lines[index] = one.line:gsub("/organizations/{org}/checklists", "", 1):gsub(" /{template_id}", "T"):gsub(" $", "")
    end
    return lines
  end

  local function compared(args)
    return assert(amelia:run("templates/compare_templates", args)).data
  end

  describe("export_template", function ()
    it("has neither ids nor empty values, people by address, groups by name", function ()
      local result = assert(amelia:run("templates/export_template", { template_id = "employee ONBOARDING" }))
      assert.equal("Employee onboarding: 4 kick-off fields, 6 steps, 2 rules.", result.text)
      local doc = result.data.document
      assert.is_nil(json.encode(doc):match("%x" .. ("%x"):rep(31)))
      assert.is_nil(json.encode(doc):find("null", 1, true))
      assert.equal("tallyfy-template/1", doc.format)
      assert.same({ "IT Service Desk" }, doc.template.groups)
      local equipment, approval = doc.steps[2], doc.steps[3]
      assert.same({ value = 1, unit = "days", option = "prior_to", step = approval.key }, equipment.deadline)
      assert.same({ "amelia.hartmann@marigold.example" }, approval.assignees)
      assert.same({ "Light 13", "Pro 14", "Workstation 16" }, equipment.fields[1].options)
      assert.equal(doc.kickoff[4].key, doc.rules[1].conditions[1].conditionable_id)
      assert.equal(doc.steps[4].key, doc.rules[1].then_actions[1].target_step_id)
      assert.truthy(doc.steps[1].title:find("{{" .. doc.kickoff[1].key .. "}}", 1, true))
    end)

    it("gives parts", function ()
      local result = assert(amelia:run("templates/export_template", { template_id = "Monthly close",
        parts = { "rules", "kickoff" } }))
      assert.same({ format = "tallyfy-template/1", rules = {}, kickoff = result.data.document.kickoff }, result.data.document)
      assert.equal("Month", result.data.document.kickoff[1].label)
    end)

    it("refuses what it cannot read", function ()
      refused("export_template", { template_id = "Nothing" }, "not_found")
      for _, part in ipairs { "steps", "prerun", "automated_actions" } do
        amelia.api.fail = function (_, path)
          if not path:find("{template_id}$") then return nil end
          local answer = amelia.client:get(base .. "/" .. id_of("Monthly close") .. "?with=steps")
          answer.body.data[part] = json.null
          return answer
        end
        refused("export_template", { template_id = id_of("Monthly close") }, "unknown_state")
      end
      amelia.api.fail = function (_, path) return path:find("users%-list$") and { status = 503, body = {} } or nil end
      refused("export_template", { template_id = "Monthly close" }, "http_503")
    end)

    it("keeps the id of who is no active member any more, and takes it back", function ()
      amelia.client:delete("/organizations/{org}/users/41002/disable")
      local doc = export("Incident response")
      assert.same({ 41002 }, doc.steps[1].assignees)
      doc.template.summary = "Changed"
      assert(import { template_id = "Incident response", document = doc })
      assert.same({ "PUTT" }, written())
      assert.same({ 41002 }, stored(id_of("Incident response")).steps.data[1].assignees)
    end)
  end)

  describe("the round trip", function ()
    it("makes the same again, of every template", function ()
      for _, title in ipairs { "Employee onboarding", "Vendor approval", "Monthly close", "Incident response",
        "Warehouse safety walk", "Purchase request", "Employee offboarding" } do
        local doc = export(title)
        local made = assert(import { document = doc, title = title .. " again" })
        assert.same({}, made.data.not_taken, title)
        local found = compared { template_id = title, other_template_id = made.data.template_id }
        assert.equal(1, found.total, title)
        assert.same({ part = "setting", change = "changed", key = "title", before = title, after = title .. " again",
          text = ("~ setting: title: %q -> %q"):format(title, title .. " again") }, found.differences[1])
        local back = assert(import { document = json.encode(doc), template_id = made.data.template_id,
          title = title .. " again" })
        assert.equal("Nothing to change.", back.text)
        assert.same({}, amelia.api.written)
      end
    end)

    it("refers to its own steps and fields", function ()
      local made = stored(assert(import { document = export("Employee onboarding"), title = "Again" }).data.template_id)
      local original = amelia.client:template("Employee onboarding")
      local text = json.encode(made)
      for _, list in ipairs { original.prerun, original.steps.data, original.steps.data[2].captures } do
        for _, one in ipairs(list) do
          assert.is_nil(text:find(one.id, 1, true))
          assert.is_nil(text:find(one.alias, 1, true))
        end
      end
      assert.equal("Onboarding: {{" .. made.prerun[1].alias .. "}}", made.default_process_name_format)
      assert.equal(made.steps.data[5].id, made.steps.data[6].deadline.step)
      assert.equal(made.prerun[4].id, made.automated_actions[1].conditions[1].conditionable_id)
      local run = amelia.client:post("/organizations/{org}/runs", { checklist_id = made.id, name = "x", prerun = {
        [made.prerun[1].id] = "Jane", [made.prerun[2].id] = { id = 4, text = "IT" }, [made.prerun[3].id] = "2026-12-07",
        [made.prerun[4].id] = "Yes" } }).body.data
      local tasks = amelia.client:get("/organizations/{org}/runs/" .. run.id .. "/tasks?per_page=100").body.data
      assert.equal("Welcome Jane on the first day", practice.find(tasks, "step_id", made.steps.data[5].id).title)
      assert.not_equal("auto-skipped", practice.find(tasks, "step_id", made.steps.data[4].id).status)
    end)

    it("sends these requests", function ()
      local made = assert(import { document = export("Employee onboarding"), title = "Again" })
      local lines = written()
      assert.same({ "POST", "PUTT", "POSTT/steps", "POSTT/steps", "POSTT/steps", "POSTT/steps", "POSTT/steps", "POSTT/steps" },
        table.move(lines, 1, 8, 1, {}))
      assert.equal("POSTT/steps/{step_id}/captures", lines[9])
      assert.same({ "POSTT/automated-actions", "POSTT/automated-actions", "PUTT", "PUTT/steps/{step_id}" },
        table.move(lines, 16, 19, 1, {}))
      assert.equal(19, #lines)
      local sent, new = amelia.api.written, stored(made.data.template_id)
      assert.equal("Again", sent[1].body.title)
      assert.is_nil(sent[1].body.default_process_name_format, "its field is not there yet")
      assert.equal(4, #sent[2].body.prerun)
      assert.same(new.groups, sent[2].body.groups)
      assert.is_nil(sent[4].body.deadline, "it counts from a later step")
      assert.same({ value = 1, unit = "days", option = "prior_to", step = new.steps.data[3].id }, sent[19].body.deadline)
      assert.same(new.steps.data[2].groups, sent[19].body.groups)
      assert.same({ title = "Again", users = {}, groups = new.groups,
        default_process_name_format = "Onboarding: {{" .. new.prerun[1].alias .. "}}" }, sent[18].body)
      assert.match("^Made Again %(%x+%) in 18 writes: 4 kick%-off fields, 6 steps, 2 rules%.$", made.text)
    end)
  end)

  describe("a document written by hand", function ()
    local function hand()
      return {
        template = { title = "Press release", users = { "Ben Okonkwo" } },
        kickoff = { { label = "Topic", field_type = "text", required = true },
          { label = "Urgent?", field_type = "radio", options = { "Yes", "No" } } },
        steps = {
          { title = "Write {{Topic}}", assignees = { "Dev" }, deadline = { value = 2, unit = "day" },
            fields = { { key = "draft", label = "Draft", field_type = "textarea" } } },
          { title = "Approve it", step_type = "approval", groups = { "finance team" },
            deadline = { value = 1, unit = "days", option = "prior_to", step = "Send it" } },
          { title = "Send it", summary = "The text: {{draft}}", guests = { "PRESS@paper.example" } },
        },
        rules = { { conditions = { { conditionable_type = "kickoff", conditionable_id = "urgent?", operation = "is",
          statement = "yes" } }, then_actions = { { action_verb = "hide", target_step_id = "Approve it" } } } },
      }
    end

    it("needs no keys: titles and labels will do", function ()
      local result = assert(import { document = hand() })
      local made = stored(result.data.template_id)
      assert.same({}, result.data.not_taken)
      assert.same({ 41002 }, made.users)
      assert.equal("Write {{" .. made.prerun[1].alias .. "}}", made.steps.data[1].title)
      assert.equal("The text: {{" .. made.steps.data[1].captures[1].alias .. "}}", made.steps.data[3].summary)
      assert.same({ value = 2, unit = "days", option = "from", step = "start_run" }, made.steps.data[1].deadline)
      assert.equal(made.steps.data[3].id, made.steps.data[2].deadline.step)
      assert.same({ "press@paper.example" }, made.steps.data[3].guests)
      local rule = made.automated_actions[1]
      assert.equal("Yes", rule.conditions[1].statement)
      assert.equal("equals", rule.conditions[1].operation)
      assert.equal("Prerun", rule.conditions[1].conditionable_type)
      assert.equal(made.steps.data[2].id, rule.then_actions[1].target_step_id)
    end)

    it("dry_run sends nothing", function ()
      local result = assert(import { document = hand(), dry_run = true })
      assert.same({}, amelia.api.written)
      assert.is_false(result.data.written)
      assert.match("^The document is fine%. %d+ differences in 6 writes:\n", result.text)
      assert.match("%+ field \"Draft\" of \"Write {{Topic}}\"\n", result.text)
      assert.match("%+ rule \"Auto: hide\": When \"Urgent%?\" %(kick%-off%) .-\"Yes\": hide \"Approve it\"%.", result.text)
      assert.match("Nothing was sent%.$", result.text)
    end)

    it("all mistakes are told at once, before anything is sent", function ()
      local doc = hand()
      doc.template.colour = "red"
      doc.kickoff[2].options = { "Yes" }
      doc.steps[1].step_type = "job"
      doc.steps[1].everyone_must_complete = "yes"
      doc.steps[2].title = " "
      doc.steps[3].key, doc.steps[2].key = "a", "a"
      doc.steps[1].fields[1].type = "text"
      doc.rules[1].condition = {}
      local err = refused("import_template", { document = doc }, "invalid_value")
      for _, part in ipairs { "template.colour: There is no such key", "kickoff[2].options: A field of type radio needs",
        "steps[1].step_type: \"job\" is no kind of step", "steps[1].everyone_must_complete: It must be true or false",
        "steps[2].title: It must be a text", "steps[3].key: \"a\" is the key of steps[2]", "Did you mean field_type?",
        "rules[1].condition: There is no such key", "The document has 8 mistakes. Nothing was sent." } do
        assert.truthy(err.message:find(part, 1, true), part .. " in " .. err.message)
      end
      assert.equal("document.template.colour", err.field)
    end)

    it("what refers to nothing, and whoever is unknown, is a mistake", function ()
      local doc = hand()
      doc.steps[1].assignees = { "Nobody" }
      doc.template.users = { "Elif", "Nowhere" }
      assert.match("2 mistakes.*template.users%[2%].*steps%[1%].assignees%[1%]", refused("import_template", { document = doc },
        "invalid_value").message)
      doc = hand()
      doc.steps[2].deadline.step = "Print it"
      doc.rules[1].conditions[1].statement = "Perhaps"
      doc.steps[3].guests = { "ben.okonkwo@marigold.example" }
      local err = refused("import_template", { document = doc }, "invalid_value")
      assert.match("steps%[2%].deadline.step: .*Print it", err.message)
      assert.match("rules%[1%].conditions%[1%].statement: .*Perhaps.*Yes, No", err.message)
      assert.match("steps%[3%].guests: .*is a member", err.message)
      doc = hand()
      doc.rules[1].then_actions[1].target_step_id = "Print it"
      assert.match("rules%[1%].actions%[1%].target_step_id",
        refused("import_template", { document = doc }, "invalid_value").message)
    end)

    it("refuses what is no document", function ()
      for _, odd in ipairs { "no json", "[1]", "7", json.array(), "null" } do
        refused("import_template", { document = odd }, "invalid_value")
      end
      assert.match("title", refused("import_template", { document = {} }, "invalid_value").message)
      assert.match("format", refused("import_template", { document = { format = "other/2", template = { title = "x" } } },
        "invalid_value").message)
      local many = { template = { title = "x" }, steps = json.array() }
      for index = 1, 501 do many.steps[index] = { title = "s" .. index } end
      assert.match("more than 500", refused("import_template", { document = many }, "invalid_value").message)
      many.steps = json.array()
      for index = 1, 50 do many.steps[index] = { title = index } end
      assert.match("50 mistakes.*and 30 more", refused("import_template", { document = many }, "invalid_value").message)
      refused("import_template", { document = hand(), template_id = "Nothing" }, "not_found")
    end)

    it("no value in any place is more than a mistake", function ()
      local doc = hand()
      local odd_values = { true, -1.5, "x", {}, json.array { {} }, json.null, { a = 1 }, json.array { json.null } }
      local function each(node)
        for key, value in pairs(node) do
          for _, odd in ipairs(odd_values) do
            node[key] = odd
            local result, err = import { document = doc, dry_run = true }
            assert.truthy(result or type(err.message) == "string")
            assert.same({}, amelia.api.written)
          end
          node[key] = value
          if type(value) == "table" then each(value) end
        end
      end
      each(doc)
    end)
  end)

  describe("changing a template", function ()
    local function step(title)
      return practice.find(amelia.client:template("Employee onboarding").steps.data, "title", title)
    end

    it("sends what changes, and detaches nobody", function ()
      local before = step("Approve the start package")
      local result = assert(import { template_id = "Employee onboarding", document = { steps = { {
        title = "approve the START package", deadline = { value = 6, unit = "days" } } } } })
      assert.same({ "PUTT/steps/{step_id}" }, written())
      assert.same({ title = "approve the START package", assignees = before.assignees, guests = {}, groups = {},
        deadline = { value = 6, unit = "days", option = "from", step = "start_run" } }, amelia.api.written[1].body)
      assert.match("deadline: 5 days after start_run %-> 6 days after start_run", result.text)
      assert.same({}, result.data.not_taken)
      local now = amelia.client:template("Employee onboarding")
      assert.equal(6, #now.steps.data)
      assert.equal(4, #now.prerun)
      assert.equal(2, #now.automated_actions)
    end)

    it("adds steps and fields in their place, and keeps ids and answers of the others", function ()
      local old = amelia.client:template("Employee onboarding")
      local doc = export("Employee onboarding")
      doc.template = nil
      table.insert(doc.kickoff, 2, { label = "Nickname", field_type = "text" })
      table.insert(doc.steps, 2, { title = "Order a badge", assignees = { "Ben" },
        fields = { { label = "Photo", field_type = "file", required = true } } })
      table.insert(doc.steps[3].fields, 1, { label = "Desk", field_type = "text" })
      doc.steps[3].fields[2].options = { "Light 13", "Pro 14", "Workstation 16", "Tablet" }
      doc.rules[3] = { alias = "Badge", conditions = { { conditionable_type = "Step", conditionable_id = "Order a badge",
        operation = "completed" } }, then_actions = { { action_verb = "assign", target_step_id = doc.steps[3].key,
        assignees = { users = { "Ben Okonkwo" } } } } }
      local result = assert(import { template_id = old.id, document = doc })
      assert.same({}, result.data.not_taken)
      local now = stored(old.id)
      assert.equal("Nickname", now.prerun[2].label)
      assert.equal(old.prerun[2].id, now.prerun[3].id)
      assert.equal("Order a badge", now.steps.data[2].title)
      assert.equal("Photo", now.steps.data[2].captures[1].label)
      assert.equal(old.steps.data[2].id, now.steps.data[3].id)
      assert.same({ "Desk", "Laptop model", "Extras", "Asset numbers" }, (function ()
        local labels = {}
        for index, field in ipairs(now.steps.data[3].captures) do labels[index] = field.label end
        return labels
      end)())
      assert.equal("Tablet", now.steps.data[3].captures[2].options[4].text)
      assert.equal(old.steps.data[2].captures[1].id, now.steps.data[3].captures[2].id)
      assert.equal(now.steps.data[2].id, now.automated_actions[3].conditions[1].conditionable_id)
      assert.same({ 41002 }, now.automated_actions[3].then_actions[1].assignees.users)
      assert.same(old.groups, now.groups)
      assert.same({ "PUTT", "POSTT/steps", "POSTT/steps/{step_id}/captures", "POSTT/steps/{step_id}/captures",
        "PUTT/steps/{step_id}/captures/{field_id}", "PUTT/steps/{step_id}/reorder", "POSTT/automated-actions" }, written())
    end)

    it("puts steps into the order of the document with few moves", function ()
      local doc = export("Employee onboarding")
      local order = { 6, 1, 3, 2, 5, 4 }
      local wanted = json.array()
      for place, from in ipairs(order) do wanted[place] = doc.steps[from] end
      assert(import { template_id = "Employee onboarding", document = { steps = wanted } })
      for _, line in ipairs(written()) do assert.equal("PUTT/steps/{step_id}/reorder", line) end
      assert.equal(3, #written())
      local now = amelia.client:template("Employee onboarding").steps.data
      for place, from in ipairs(order) do assert.equal(doc.steps[from].key, now[place].alias) end
    end)

    it("puts the fields of a form in order", function ()
      local doc = export("Employee onboarding")
      local form = doc.steps[2].fields
      form[1], form[3] = form[3], form[1]
      table.insert(form, 2, { label = "Desk", field_type = "text" })
      local result = assert(import { template_id = "Employee onboarding", document = { steps = { doc.steps[2] } } })
      assert.same({}, result.data.not_taken)
      local labels = {}
      for index, field in ipairs(step("Prepare equipment").captures) do labels[index] = field.label end
      assert.same({ "Asset numbers", "Desk", "Extras", "Laptop model" }, labels)
      assert.equal("POSTT/steps/{step_id}/captures", written()[1])
      assert.match("captures/reorder$", written()[2])
    end)

    it("what the document does not have stays; null clears", function ()
      local result = assert(import { template_id = "Vendor approval", document = {
        template = { summary = json.null, users = json.null },
        steps = { { title = "Create the vendor in the ledger", assignees = json.array() } } } })
      assert.same({ "PUTT", "PUTT/steps/{step_id}" }, written())
      local now = stored(id_of("Vendor approval"))
      assert.equal(5, #now.steps.data)
      assert.same({}, practice.find(now.steps.data, "title", "Create the vendor in the ledger").assignees)
      assert.truthy(now.summary == json.null or now.summary == "")
      assert.match("summary: \"Checks before .*\" %-> nothing", result.text)
    end)

    it("changes a rule of the same name whole", function ()
      local doc = export("Employee onboarding")
      doc.rules[1].conditions[1].statement = "No"
      local id = amelia.client:template("Employee onboarding").automated_actions[1].id
      local result = assert(import { template_id = "Employee onboarding", document = { rules = doc.rules } })
      assert.same({ "PUTT/automated-actions/{automation_id}" }, written())
      assert.equal(id, amelia.api.written[1].params.automation_id)
      assert.equal("No", amelia.client:template("Employee onboarding").automated_actions[1].conditions[1].statement)
      assert.match("~ rule \"Ship when remote\": When .*\"Yes\".* %-> When .*\"No\"", result.text)
    end)

    it("never moves a field to another step in silence", function ()
      local doc = export("Employee onboarding")
      doc.steps[1].fields[3] = table.remove(doc.steps[2].fields, 1)
      assert.match("steps%[1%].fields%[3%]: The field \"Laptop model\" is in the step \"Prepare equipment\".*move_form_field",
        refused("import_template", { template_id = "Employee onboarding", document = doc }, "invalid_value").message)
    end)

    it("says what Tallyfy did not take over", function ()
      local id = id_of("Monthly close")
      amelia.api.fail = function (method, path)
        if method ~= "GET" or not path:find("{template_id}$") or #amelia.api.written == 0 then return nil end
        local answer = amelia.client:get(base .. "/" .. id .. "?with=steps")
        answer.body.data.summary = "As it was"
        return answer
      end
      local result = assert(import { template_id = id, document = { template = { summary = "New" } } })
      assert.equal("summary", result.data.not_taken[1].key)
      assert.match("Tallyfy did not take over:\n~ setting: summary: \"As it was\" %-> \"New\"$", result.text)
    end)

    it("says that it could not look whether it was taken over", function ()
      amelia.api.fail = function (method)
        return method == "GET" and #amelia.api.written > 0 and { status = 503, body = { message = "later" } } or nil
      end
      local result = assert(import { template_id = "Monthly close", document = { template = { summary = "New" } } })
      assert.match("could not be read back to check it: later$", result.text)
      assert.same({}, result.data.not_taken)
    end)

    it("a light member may not", function ()
      local _, err = import({ template_id = "Incident response", document = { template = { summary = "x" } } },
        helper.person(service, "Carla"))
      assert.equal(403, err.status)
      assert.match("Done: nothing%. Not done: change the settings%.", err.message)
    end)
  end)

  it("stops midway, says where, and goes on from there", function ()
    local doc, posts = export("Employee onboarding"), 0
    amelia.api.fail = function (method, path)
      if method ~= "POST" or not path:find("/steps$") then return nil end
      posts = posts + 1
      return posts == 4 and { status = 503, body = { message = "Maintenance." } } or nil
    end
    local none, err = import { document = doc, title = "Again" }
    assert.is_nil(none)
    assert.equal(503, err.status)
    assert.match("^Stopped: could not add the step \"Ship equipment to home address\": Maintenance%. Done: create the template; "
      .. "add the step \"Collect.-\"; add the step \"Prepare equipment\"; add the step \"Approve the start package\"%. "
      .. "Not done: add the step \"Ship.*add the rule \"Ship when remote\".*set the name format", err.message)
    local id = err.hint:match("template_id (%x+) goes on")
    assert.equal("Again", stored(id).title)
    amelia.api.fail = nil
    local result = assert(import { document = doc, title = "Again", template_id = id })
    assert.same({}, result.data.not_taken)
    for _, line in ipairs(written()) do assert.not_equal("POST", line) end
    assert.equal(1, compared { template_id = "Employee onboarding", other_template_id = id }.total)
    amelia.api.fail = function (method) return method == "POST" and { status = 500, body = { message = "no" } } or nil end
    none, err = import { document = doc, title = "Third" }
    assert.is_nil(none)
    assert.equal("Nothing was made.", err.hint)
  end)

  it("goes to another organization, and says who was left out", function ()
    local doc, jonas = export("Vendor approval"), helper.person(service, "Jonas")
    local err = refused("import_template", { document = doc }, "invalid_value", jonas)
    assert.match("There is no group \"Finance Team\"", err.message)
    local result = assert(import({ document = doc, unknown_people = "leave out" }, jonas))
    assert.match("Left out, because unknown here: ben.okonkwo@marigold.example %(steps%[1%].assignees%)", result.text)
    assert.equal(5, #result.data.left_out)
    local made = jonas.client:template("Vendor approval")
    assert.equal("email", made.prerun[3].field_type)
    for _, step in ipairs(made.steps.data) do assert.same({}, step.assignees) end
  end)

  describe("compare_templates", function ()
    it("shows what differs", function ()
      local copy = assert(amelia:run("templates/clone_template", { template_id = "Employee onboarding", new_name = "Copy" })).data
      assert.equal(1, compared { template_id = "Copy", other_template_id = "Employee onboarding" }.total)
      local now = stored(copy.template_id)
      local step = base .. "/" .. now.id .. "/steps/"
      amelia.client:put(step .. now.steps.data[6].id .. "/reorder", { position = 1 })
      amelia.client:put(step .. now.steps.data[1].id, { title = now.steps.data[1].title, assignees = { 41002 } })
      amelia.client:post(base .. "/" .. now.id .. "/steps", { title = "Party" })
      amelia.client:delete(base .. "/" .. now.id .. "/automated-actions/" .. now.automated_actions[1].id)
      amelia.client:delete(step .. now.steps.data[4].id)
      local result = assert(amelia:run("templates/compare_templates", { template_id = "Employee onboarding",
        other_template_id = "Copy" }))
      assert.is_false(result.data.is_same)
      for _, line in ipairs { '~ setting: title: "Employee onboarding" -> "Copy"',
        '~ step "First week review": from place 6 to 1',
        'assignees: ["elif.yilmaz@marigold.example"] -> ["ben.okonkwo@marigold.example"]',
        '+ step "Party"', '- step "Ship equipment to home address"', '- rule "Ship when remote": When' } do
        assert.truthy(result.text:find(line, 1, true), line .. " in " .. result.text)
      end
      assert.equal(6, result.data.total)
      assert.is_true(compared { template_id = "Copy", other_template_id = now.id }.is_same)
      assert.same({}, amelia.api.written)
    end)

    it("shows what a document would change", function ()
      local doc = export("Monthly close")
      assert.is_true(compared { template_id = "Monthly close", document = doc }.is_same)
      doc.steps[2].title = "Post it"
      assert.match('~ step "Post it": title: "Post accruals and prepayments" %-> "Post it"',
        compared({ template_id = "Monthly close", document = doc }).differences[1].text)
      doc.steps[1].step_type = "job"
      refused("compare_templates", { template_id = "Monthly close", document = doc }, "invalid_value")
    end)

    it("takes exactly one other side", function ()
      refused("compare_templates", { template_id = "Monthly close" }, "invalid_value")
      refused("compare_templates", { template_id = "Monthly close", other_template_id = "x", document = {} }, "invalid_value")
      refused("compare_templates", { template_id = "Monthly close", other_template_id = "Nothing" }, "not_found")
      refused("compare_templates", { template_id = "Nothing", other_template_id = "Monthly close" }, "not_found")
    end)
  end)
end)
