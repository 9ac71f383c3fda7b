-- tools_folders_spec.lua - folders: the two kinds never mix, no move makes a circle, what is left out stays.
local helper = dofile("tests/spec/tool_helper.lua")
local practice, json = helper.practice, helper.json

describe("tools for folders", function ()
  local service, amelia, carla, onboarding

  before_each(function ()
    service = practice.open()
    amelia, carla = helper.person(service, "Amelia"), helper.person(service, "Carla")
    onboarding = amelia.client:template("Employee onboarding")
  end)

  local function refused(person, file, args, code)
    local result, err = person:run("folders/" .. file, args)
    assert.is_nil(result)
    assert.equal(code, err.code, err.message)
    assert.same({}, person.api.written)
    return err
  end

  local function folder(name, kind)
    local function look(list)
      for _, one in ipairs(list) do
        local found = one.name == name and one or look(one.children.data)
        if found then return found end
      end
    end
    return look(amelia.client:get("/organizations/{org}/folders?with=children&folder_type=" .. (kind or "checklist")).body.data)
  end

  it("the lists are trees, filtered at every depth", function ()
    local all = assert(amelia:run("folders/get_template_folders"))
    assert.equal("4 folders.", all.text)
    assert.equal("Joiners and leavers", practice.find(all.data.data, "name", "People").children[1].name)
    local some = amelia:run("folders/get_template_folders", { q = "JOINERS" })
    assert.equal("2 folders.", some.text)
    assert.equal("People", some.data.data[1].name)
    assert.equal(1, #some.data.data)
    assert.equal("2 folders.", amelia:run("folders/get_template_folders", { q = "people" }).text)
    assert.equal("1 folder.", amelia:run("folders/get_process_folders", {}).text)
    assert.equal("No folders for processes of that name.", amelia:run("folders/get_process_folders", { q = "people" }).text)
  end)

  it("create_folder knows the kinds by all their names", function ()
    local result = assert(amelia:run("folders/create_folder", { name = " Q1 ", folder_type = " Processes ",
      parent_id = "live projects" }))
    assert.same({ name = "Q1", folder_type = "run", parent_id = folder("Live projects", "run").id },
      amelia.api.written[1].body)
    assert.equal("Created the folder Live projects / Q1 for processes.", result.text)
    assert(amelia:run("folders/create_folder", { name = "Q1", parent_id = "" }))
    assert.same({ name = "Q1", folder_type = "checklist" }, amelia.api.written[1].body)
    refused(amelia, "create_folder", { name = "x", folder_type = "tasks" }, "invalid_value")
    assert.match("for processes", refused(amelia, "create_folder", { name = "x", folder_type = "run", parent_id = "People" },
      "not_found").message)
    local _, err = carla:run("folders/create_folder", { name = "x" })
    assert.equal(403, err.status)
  end)

  it("update_folder renames and moves, and keeps the rest", function ()
    local joiners, money = folder("Joiners and leavers"), folder("Finance")
    local result = assert(amelia:run("folders/update_folder", { folder_id = "people/joiners and leavers", name = "Joiners" }))
    assert.equal("People / Joiners and leavers is now People / Joiners.", result.text)
    assert.same({ name = "Joiners", parent_id = joiners.parent_id }, amelia.api.written[1].body)
    assert.equal(folder("People").id, folder("Joiners").parent_id)
    result = assert(amelia:run("folders/update_folder", { folder_id = joiners.id, parent_id = "Finance" }))
    assert.equal("People / Joiners is now Finance / Joiners.", result.text)
    assert.equal(money.id, folder("Joiners").parent_id)
    result = assert(amelia:run("folders/update_folder", { folder_id = "Joiners", parent_id = "" }))
    assert.equal(json.null, amelia.api.written[1].body.parent_id)
    assert.equal("Finance / Joiners is now Joiners.", result.text)
  end)

  it("update_folder refuses circles, other kinds, nothing", function ()
    refused(amelia, "update_folder", { folder_id = "People", parent_id = "Joiners and leavers" }, "invalid_value")
    refused(amelia, "update_folder", { folder_id = "People", parent_id = "People" }, "invalid_value")
    assert.match("for processes", refused(amelia, "update_folder", { folder_id = "People", parent_id = "Live projects" },
      "invalid_value").message)
    refused(amelia, "update_folder", { folder_id = "People" }, "missing_value")
    refused(amelia, "update_folder", { folder_id = "Nothing", name = "x" }, "not_found")
    amelia.client:post("/organizations/{org}/folders", { name = "Finance", folder_type = "run" })
    assert.match("id", refused(amelia, "update_folder", { folder_id = "Finance", name = "x" }, "ambiguous").hint)
  end)

  it("delete_folder says what moved up", function ()
    local people = folder("People")
    local result = assert(amelia:run("folders/delete_folder", { folder_id = "People" }))
    assert.equal("Deleted the folder People for templates. 1 folder in it moved up.", result.text)
    assert.equal(people.id, amelia.api.written[1].params.folder_id)
    assert.equal(json.null, folder("Joiners and leavers").parent_id)
    refused(amelia, "delete_folder", { folder_id = people.id }, "not_found")
  end)

  it("add_object_to_folder files a template, and says which folder it left", function ()
    assert(amelia:run("folders/add_object_to_folder", { folder_id = "Finance", object_id = onboarding.id,
      object_type = "checklist" }))
    local result = assert(amelia:run("folders/add_object_to_folder", { folder_id = "operations",
      object_id = "employee onboarding", object_type = "Template" }))
    assert.equal("Employee onboarding is in Operations now, no longer in Finance.", result.text)
    assert.same({ folder_id = folder("Operations").id, subject_id = onboarding.id, subject_type = "Checklist" },
      amelia.api.written[1].body)
    local id = result.data.id
    assert.equal("integer", math.type(id))
    assert(amelia:run("folders/remove_object_from_folder", { folder_object_id = id }))
    assert.equal(id, amelia.api.written[1].params.folder_object_id)
    local shown = amelia.client:get("/organizations/{org}/checklists/" .. onboarding.id .. "?with=folder").body.data
    assert.equal(json.null, shown.folder)
    local _, err = amelia:run("folders/remove_object_from_folder", { folder_object_id = id })
    assert.match("add_object_to_folder", err.hint)
  end)

  it("add_object_to_folder files a process in a process folder only", function ()
    local run = amelia.client:get("/organizations/{org}/runs?per_page=100").body.data[1]
    local result = assert(amelia:run("folders/add_object_to_folder", { folder_id = "Live projects", object_id = run.id,
      object_type = "run" }))
    assert.equal("Run", amelia.api.written[1].body.subject_type)
    assert.equal(run.id, result.data.object_id)
    refused(amelia, "add_object_to_folder", { folder_id = "Finance", object_id = run.id, object_type = "run" }, "not_found")
    refused(amelia, "add_object_to_folder", { folder_id = "Finance", object_id = run.id, object_type = "task" }, "invalid_value")
    refused(amelia, "add_object_to_folder", { folder_id = "Finance", object_id = ("0"):rep(32), object_type = "template" },
      "not_found")
    refused(amelia, "add_object_to_folder", { folder_id = "Finance", object_id = "No such thing", object_type = "template" },
      "not_found")
  end)
end)
