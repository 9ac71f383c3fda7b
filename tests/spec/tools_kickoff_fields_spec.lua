-- tools_kickoff_fields_spec.lua - kick-off fields: they are written with the template, whose list, users and groups a
-- careless PUT would empty.
local helper = dofile("tests/spec/tool_helper.lua")
local builder = dofile("tests/spec/practice_builder.lua")
local practice, json = helper.practice, helper.json
local array = json.array

describe("tools for kick-off fields", function ()
  local amelia, t, group

  before_each(function ()
    amelia = helper.person(practice.open(), "Amelia")
    group = amelia.client:get("/organizations/{org}/groups").body.data[1].id
    t = builder.new(amelia.client, {
      title = "Starts", more = { users = { 41002, 41003 }, groups = { group } },
      kickoff = { { "Name", "text", required = true, field_validation = { "alpha" } },
        { "Size", "dropdown", options = { "Small", "Large" } }, { "Rows", "table", columns = { "Tag" } } },
      steps = { { "One", fields = { { "Note", "textarea" } } }, { "Two" } },
    })
  end)

  local function run(file, args)
    args.template_id = args.template_id or "starts"
    return amelia:run("forms/" .. file, args)
  end

  local function refused(file, args, code, in_hint)
    local result, err = run(file, args)
    assert.is_nil(result)
    assert.equal(code, err.code, err.message)
    assert.same({}, amelia.api.written)
    if in_hint then assert.match(in_hint, err.message .. " " .. (err.hint or ""), 1, true) end
    return err
  end

  local function template()
    return amelia.client:get("/organizations/{org}/checklists/" .. t.id).body.data
  end

  local function labels()
    local words = {}
    for index, field in ipairs(template().prerun) do words[index] = field.label end
    return table.concat(words, ",")
  end

  local function kept_people()
    assert.same({ { 41002, 41003 }, { group } }, { template().users, template().groups })
    local body = amelia.api.written[1].body
    assert.same({ "Starts", { 41002, 41003 }, { group } }, { body.title, body.users, body.groups })
  end

  it("add_kickoff_field sends the whole list with positions, and all people", function ()
    local before = template().prerun
    local result = assert(run("add_kickoff_field", { field_data = { label = "Start", field_type = "date", required = true } }))
    kept_people()
    local written = amelia.api.written[1]
    assert.equal("PUT /organizations/{org}/checklists/{template_id}", written.line)
    assert.equal(4, #written.body.prerun)
    for index, field in ipairs(before) do
      assert.same({ field.id, index }, { written.body.prerun[index].id, written.body.prerun[index].position })
    end
    assert.equal("Name,Size,Rows,Start", labels())
    assert.same({ "alpha" }, template().prerun[1].field_validation, "and nothing of the others is lost")
    assert.equal(template().prerun[4].id, result.data.field.id)
    assert(run("add_kickoff_field", { field_data = { label = "size", field_type = "text", required = false, position = 2 } }))
    assert.equal("Name,size,Size,Rows,Start", labels())
  end)

  it("add_kickoff_field checks as the tool for steps does", function ()
    for _, case in ipairs {
      { { label = "X", field_type = "radio", required = false, options = array { "A" } }, "missing_value", "two options" },
      { { label = "X", field_type = "radio", required = false, options = array { "A", { id = 2 } } }, "invalid_value",
        "no text" },
      { { label = "X", field_type = "email", required = false }, "invalid_value", "\"email\"" },
      { { label = "X", field_type = "text" }, "missing_value", "required" },
      { { label = "X", field_type = "text", required = false, help_text = "y" }, "unknown_field", "guidance" },
      { { label = "X", field_type = "text", required = false, id = "y" }, "unknown_field" },
    } do refused("add_kickoff_field", { field_data = case[1] }, case[2], case[3]) end
  end)

  it("nothing is sent while users, groups or the list itself cannot be read", function ()
    local whole = amelia.client:get("/organizations/{org}/checklists/" .. t.id .. "?with=steps").body.data
    for _, part in ipairs { "users", "groups", "prerun" } do
      local kept = whole[part]
      whole[part] = json.null
      amelia.api.fail = function (method) return method == "GET" and { status = 200, body = { data = whole } } or nil end
      for file, args in pairs {
        add_kickoff_field = { field_data = { label = "X", field_type = "text", required = false } },
        update_kickoff_field = { field_id = "Name", field_data = { label = "Y" } },
        reorder_kickoff_fields = { field_order = { "Rows" } },
      } do
        args.template_id = t.id
        refused(file, args, "unknown_state", "nothing was sent")
      end
      whole[part] = kept
    end
  end)

  it("update_kickoff_field merges, keeps id and alias, and takes back what was read", function ()
    local before = template().prerun[2]
    local result = assert(run("update_kickoff_field", { field_id = before.alias, field_data = { label = "Size of it",
      options = array { "Tiny", "Large" } } }))
    kept_people()
    assert.same({ before.id, before.alias }, { template().prerun[2].id, template().prerun[2].alias })
    assert.same({ { id = 3, text = "Tiny" }, { id = 2, text = "Large" } },
      helper.use("tallyfy.options").read(result.data.field))
    assert.same({ "label", "options" }, result.data.changed)
    assert.same({}, assert(run("update_kickoff_field", { field_id = "Size of it", field_data = result.data.field })).data.changed)
    assert(run("update_kickoff_field", { field_id = "Rows", field_data = { position = 1 } }))
    assert.equal("Rows,Name,Size of it", labels())
  end)

  it("update_kickoff_field warns of rules that lose their option", function ()
    t:rule({ { "kickoff", "Size", "equals", "Large" } }, { { "show", "Two" } }, "When large")
    local result = assert(run("update_kickoff_field", { field_id = "Size", field_data = { options = array { "S", "L" } } }))
    assert.same({ "\"When large\"" }, result.data.stranded_rules)
    result = assert(run("update_kickoff_field", { field_id = "Size", field_data = { required = true } }))
    assert.same({}, result.data.stranded_rules, "said once, when it happens")
  end)

  it("update_kickoff_field refuses nothing, ids that change, and fields of steps", function ()
    refused("update_kickoff_field", { field_id = "Size", field_data = {} }, "missing_value")
    refused("update_kickoff_field", { field_id = "Size", field_data = { alias = "x" } }, "invalid_value", "cannot be changed")
    refused("update_kickoff_field", { field_id = "Note", field_data = { label = "x" } }, "not_found", "step \"One\"")
    refused("update_kickoff_field", { field_id = "Sizes", field_data = { label = "x" } }, "not_found", "\"Size\"")
    refused("update_kickoff_field", { field_id = "Name", field_data = { field_type = "table" } }, "missing_value", "one column")
  end)

  it("delete_kickoff_field deletes one, and names what still mentions it", function ()
    amelia.client:put(("/organizations/{org}/checklists/%s/steps/%s"):format(t.id, t.step.Two),
      { title = ("For {{%s}}"):format(t.alias.Name) })
    local result = assert(run("delete_kickoff_field", { field_id = "name" }))
    assert.equal("DELETE /organizations/{org}/checklists/{template_id}/preruns/{field_id}", amelia.api.written[1].line)
    assert.equal("Size,Rows", labels())
    assert.equal(2, #result.data.fields)
    assert.match("still stands in step \"For {{", result.text, 1, true)
    t:rule({ { "kickoff", "Size", "equals", "Large" } }, { { "show", "Two" } }, "When large")
    refused("delete_kickoff_field", { field_id = "Size" }, "refused", "When large")
  end)

  it("reorder_kickoff_fields puts the named first and keeps the rest", function ()
    local result = assert(run("reorder_kickoff_fields", { field_order = { "rows", t.field.Size } }))
    kept_people()
    assert.equal("Rows,Size,Name", labels())
    assert.equal("The kick-off form of Starts is in order: Rows, Size, Name.", result.text)
    assert.match("already", assert(run("reorder_kickoff_fields", { field_order = { "Rows" } })).text)
    assert.same({}, amelia.api.written)
    refused("reorder_kickoff_fields", { field_order = { "Rows", "rows" } }, "invalid_value", "twice")
    refused("reorder_kickoff_fields", { field_order = { "Nothing" } }, "not_found", "\"Rows\"")
  end)

  it("get_kickoff_dropdown_options lists them, and refuses other types", function ()
    local result = assert(run("get_kickoff_dropdown_options", { field_id = "size" }))
    assert.same({ { id = 1, text = "Small" }, { id = 2, text = "Large" } }, result.data.options)
    assert.equal("Size has 2 options: 1=Small, 2=Large.", result.text)
    refused("get_kickoff_dropdown_options", { field_id = "Name" }, "invalid_value", "no options")
    refused("get_kickoff_dropdown_options", { field_id = "Note" }, "not_found", "step \"One\"")
  end)

  it("an answer without the field is no success", function ()
    amelia.api.fail = function (method)
      return method == "PUT" and { status = 200, body = { data = template() } } or nil
    end
    local result, err = run("add_kickoff_field", { field_data = { label = "X", field_type = "text", required = false } })
    assert.is_nil(result)
    assert.equal("unknown_state", err.code)
  end)
end)
