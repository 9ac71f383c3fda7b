-- tools_templates_spec.lua - templates: names as good as ids, no change detaches anybody, big ones lose named parts.
local helper = dofile("tests/spec/tool_helper.lua")
local practice, json = helper.practice, helper.json

describe("tools for templates", function ()
  local service, amelia, carla, onboarding

  before_each(function ()
    service = practice.open()
    amelia, carla = helper.person(service, "Amelia"), helper.person(service, "Carla")
    onboarding = amelia.client:template("Employee onboarding")
  end)

  local function refused(person, file, args, code)
    local result, err = person:run("templates/" .. file, args)
    assert.is_nil(result)
    assert.equal(code, err.code, err.message)
    assert.same({}, person.api.written)
    return err
  end

  local function now(id)
    return amelia.client:get("/organizations/{org}/checklists/" .. (id or onboarding.id) .. "?with=steps").body.data
  end

  local function answering(change)
    amelia.api.fail = function (method, path)
      if method ~= "GET" or not path:find("{template_id}$") then return nil end
      local answer = amelia.client:get("/organizations/{org}/checklists/" .. onboarding.id .. "?with=steps")
      change(answer.body.data)
      return answer
    end
  end

  it("create_template makes an empty one", function ()
    local result = assert(amelia:run("templates/create_template", { title = " Yearly audit ", type = "document",
      summary = "Books", guidance = "<p>x</p>", starred = true }))
    assert.equal("POST /organizations/{org}/checklists", amelia.api.written[1].line)
    assert.same({ title = "Yearly audit", type = "document", summary = "Books", guidance = "<p>x</p>", starred = true },
      amelia.api.written[1].body)
    assert.match("^Created the template Yearly audit %(%x+%)%. It has no steps yet: add_step_to_template%.$", result.text)
    local made = now(result.data.template_id)
    assert.equal("document", made.type)
    assert.is_true(made.starred)
    assert.same({}, result.data.settings.users)
    local _, err = carla:run("templates/create_template", { title = "x", type = "procedure" })
    assert.equal(403, err.status)
  end)

  it("clone_template copies by name, with everything in it", function ()
    local result = assert(amelia:run("templates/clone_template", { template_id = "EMPLOYEE onboarding", new_name = " Copy " }))
    assert.same({ tenant = amelia.client.org, title = "Copy" }, amelia.api.written[1].body)
    assert.equal(onboarding.id, amelia.api.written[1].params.template_id)
    assert.equal("Copied Employee onboarding to Copy (" .. result.data.template_id .. ").", result.text)
    local copy = now(result.data.template_id)
    assert.equal(#onboarding.steps.data, #copy.steps.data)
    assert.equal(2, #copy.automated_actions)
    assert.equal(onboarding.id, result.data.cloned_from_id)
    refused(amelia, "clone_template", { template_id = "Employee", new_name = "x" }, "ambiguous")
    assert.match("Did you mean", refused(amelia, "clone_template", { template_id = "vendor", new_name = "x" }, "not_found").hint)
    refused(amelia, "clone_template", { template_id = "Nothing at all", new_name = "x" }, "not_found")
    refused(amelia, "clone_template", { template_id = ("0"):rep(32), new_name = "x" }, "not_found")
  end)

  it("delete_template archives, and processes go on", function ()
    local result = assert(amelia:run("templates/delete_template", { template_id = onboarding.id:upper() }))
    assert.equal("DELETE /organizations/{org}/checklists/{template_id}", amelia.api.written[1].line)
    assert.is_true(result.data.archived)
    assert.match("^Archived the template Employee onboarding%. %d+ processes were launched", result.text)
    assert.match("archived", refused(amelia, "delete_template", { template_id = onboarding.id }, "not_found").hint)
    refused(amelia, "delete_template", { template_id = "Employee onboarding" }, "not_found")
    local _, err = carla:run("templates/delete_template", { template_id = "Incident response" })
    assert.equal(403, err.status)
  end)

  describe("update_template", function ()
    it("changes what is given, and detaches nobody", function ()
      local result = assert(amelia:run("templates/update_template", { template_id = "Incident response",
        template_data = { summary = "When it burns", auto_naming = true, kickoff_title = "What happened" } }))
      local incident = now(result.data.template_id)
      assert.same({ title = "Incident response", users = { carla.me.id }, groups = {}, summary = "When it burns",
        auto_naming = true, kickoff_title = "What happened" }, amelia.api.written[1].body)
      assert.same({ carla.me.id }, incident.users)
      assert.equal("When it burns", incident.summary)
      assert.equal("Changed 3 settings of the template Incident response.", result.text)
      assert.same({}, result.data.ignored)
      assert.equal(5, #incident.steps.data)
    end)

    it("takes people, groups and folders by name", function ()
      local result = assert(amelia:run("templates/update_template", { template_id = onboarding.id, template_data = {
        title = " Joiners ", users = { "Ben Okonkwo", carla.me.email, 41002 }, groups = { "finance team" },
        default_folder = "live projects" } }))
      local body = amelia.api.written[1].body
      assert.equal("Joiners", body.title)
      assert.same({ 41002, carla.me.id }, body.users)
      assert.equal(1, #body.groups)
      assert.equal(32, #body.default_folder)
      assert.same(body.users, now().users)
      assert.equal(body.default_folder, now().default_folder)
      assert.equal("Joiners", result.data.template)
      assert(amelia:run("templates/update_template", { template_id = onboarding.id, template_data = { users = json.array(),
        default_folder = "" } }))
      assert.same({}, now().users)
      assert.equal(1, #now().groups)
      assert.equal(json.null, now().default_folder)
    end)

    it("says what Tallyfy did not take over", function ()
      local result = assert(amelia:run("templates/update_template", { template_id = onboarding.id,
        template_data = { is_pinned = false, summary = "x" } }))
      assert.same({ "is_pinned" }, result.data.ignored)
      assert.match("Changed 1 setting .* did not take over: is_pinned%.$", result.text)
    end)

    it("refuses before anything is sent", function ()
      local function update(data, code)
        return refused(amelia, "update_template", { template_id = onboarding.id, template_data = data }, code)
      end
      update({}, "missing_value")
      update({ users = json.null }, "missing_value")
      update({ users = { "Nobody" } }, "not_found")
      update({ groups = { "Nobody" } }, "not_found")
      assert.match("processes", update({ default_folder = "Finance" }, "not_found").message)
      for _, key in ipairs { "users", "groups", "title" } do
        answering(function (template) template[key] = json.null end)
        assert.equal(key, update({ summary = "x" }, "unknown_state").field)
      end
      amelia.api.fail = function () return { status = 503, body = { message = "later" } } end
      update({ summary = "x" }, "http_503")
    end)
  end)

  describe("get_template_steps", function ()
    it("lists them in order, with people and forms", function ()
      local result = assert(amelia:run("templates/get_template_steps", { template_id = "Employee onboarding",
        from_position = 1 }))
      assert.equal("Employee onboarding: 6 steps.", result.text)
      assert.equal("Prepare equipment", result.data.steps[2].title)
      assert.equal("Laptop model", result.data.steps[2].form_fields[1].label)
      assert.equal("dropdown", result.data.steps[2].form_fields[1].field_type)
      assert.equal("prior_to", result.data.steps[2].deadline.option)
      assert.is_nil(result.data.next_position)
    end)

    it("goes on where it stopped", function ()
      local function long(template)
        for _, step in ipairs(template.steps.data) do
          for index = 1, 300 do step.guests[index] = ("guest%d@long.name.example"):format(index) end
        end
      end
      answering(long)
      local first = amelia:run("templates/get_template_steps", { template_id = onboarding.id, from_position = 1 })
      assert.equal(2, #first.data.steps)
      assert.equal(3, first.data.next_position)
      assert.match("More from position 3%.$", first.text)
      local second = amelia:run("templates/get_template_steps", { template_id = onboarding.id, from_position = 3 })
      assert.equal(onboarding.steps.data[3].id, second.data.steps[1].id)
      local past = amelia:run("templates/get_template_steps", { template_id = onboarding.id, from_position = 7 })
      assert.match("None from position 7", past.text)
      assert.same({}, past.data.steps)
    end)

    it("refuses what it does not know", function ()
      refused(amelia, "get_template_steps", { template_id = "Nothing", from_position = 1 }, "not_found")
      answering(function (template) template.steps = json.null end)
      refused(amelia, "get_template_steps", { template_id = onboarding.id, from_position = 1 }, "unknown_state")
    end)
  end)

  it("get_kickoff_fields gives codes that can be written back", function ()
    local result = assert(amelia:run("templates/get_kickoff_fields", { template_id = "employee onboarding" }))
    assert.equal("Employee onboarding asks for 4 values at its launch.", result.text)
    assert.equal("dropdown", result.data.fields[2].field_type)
    assert.equal("Warehouse", result.data.fields[2].options[2].text)
    assert.equal(4, result.data.total)
    assert.is_false(result.data.truncated)
    local none = amelia:run("templates/create_template", { title = "Bare", type = "procedure" })
    assert.equal("Bare asks for nothing at its launch.",
      amelia:run("templates/get_kickoff_fields", { template_id = none.data.template_id }).text)
    refused(amelia, "get_kickoff_fields", { template_id = "Nothing" }, "not_found")
    answering(function (template) template.prerun = json.null end)
    refused(amelia, "get_kickoff_fields", { template_id = onboarding.id }, "unknown_state")
  end)

  describe("get_template", function ()
    it("comes whole where it fits", function ()
      local result = assert(amelia:run("templates/get_template", { template_name = "Employee onboarding" }))
      assert.is_nil(result.data._omitted)
      assert.equal(3, #result.data.steps[2].captures)
      assert.equal(2, #result.data.automated_actions)
    end)

    it("leaves named parts out where it does not", function ()
      local function with(count, size)
        answering(function (template)
          local step = template.steps.data[1]
          for index = 1, count do
            template.steps.data[index] = {}
            for key, value in pairs(step) do template.steps.data[index][key] = value end
            template.steps.data[index].summary = ("ä"):rep(size)
          end
        end)
        local result = assert(amelia:run("templates/get_template", { template_id = onboarding.id }))
        assert.truthy(#json.encode(result.data) <= 25600)
        return result
      end
      local some = with(20, 10)
      assert.equal(1, #some.data._omitted)
      assert.same({ "field_type", "id", "label", "required" }, (function ()
        local keys = {}
        for key in pairs(some.data.steps[1].captures[1]) do keys[#keys + 1] = key end
        table.sort(keys)
        return keys
      end)())
      local more = with(14, 2000)
      assert.equal(2, #more.data._omitted)
      assert.match("%.%.%. %(cut%)$", more.data.steps[1].summary)
      local most = with(120, 800)
      assert.equal(5, #most.data._omitted)
      assert.is_nil(most.data.steps)
      assert.match("Left out because it did not fit: .*get_template_steps", most.text)
    end)

    it("says what to do about one that is not there", function ()
      assert.match("archived", refused(amelia, "get_template", { template_id = ("0"):rep(32) }, "not_found").hint)
    end)
  end)
end)
