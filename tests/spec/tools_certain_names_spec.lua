-- tools_certain_names_spec.lua - names in the place of ids: nothing is changed on a guess, and nothing is taken for the only
-- one of its name before all were looked at.
local helper = dofile("tests/spec/tool_helper.lua")
local practice, json = helper.practice, helper.json

describe("names in the place of ids", function ()
  local service, amelia, template

  before_each(function ()
    service, template = practice.open(), nil
    amelia = helper.person(service, "Amelia")
  end)

  local function refused(file, args, code)
    local result, err = amelia:run(file, args)
    assert.is_nil(result)
    assert.equal(code, err.code, err.message)
    assert.same({}, amelia.api.written)
    return err
  end

  -- A template that asks for nothing, and processes of it.
  local function launch(name)
    template = template or amelia.client:post("/organizations/{org}/checklists", { title = "Zoo", type = "procedure" }).body.data
    local answer = amelia.client:post("/organizations/{org}/runs", { name = name, checklist_id = template.id })
    return assert(answer.body.data, json.encode(answer.body))
  end

  local function one_off(owners)
    return assert(amelia.client:post("/organizations/{org}/tasks", { title = "Feed the zebra", task_type = "task",
      deadline = "2026-12-04 16:00:00", owners = owners }).body.data)
  end

  local function owners_of(task)
    return amelia.client:get("/organizations/{org}/tasks/" .. task.id).body.data.owners
  end

  it("a part of a process's name is enough to look at it, and never to change it", function ()
    local run = launch("Zebra crossing at Harbour Road")
    assert.equal(run.id, assert(amelia:run("processes/get_process", { run_id = "zebra" })).data.id)
    local err = refused("processes/archive_process", { run_id = "zebra" }, "not_found")
    assert.match("Did you mean .*Zebra crossing at Harbour Road.*" .. run.id, err.hint)
    refused("processes/update_process", { run_id = "zebra", name = "X" }, "not_found")
    refused("tags/tag_process", { run_id = "zebra", tag_id = "Urgent" }, "not_found")
    assert(amelia:run("processes/archive_process", { run_id = "ZEBRA crossing at harbour road" }))
  end)

  it("a part of a template's name launches nothing", function ()
    local err = refused("processes/launch_process", { template_id = "safety walk", name = "Walk" }, "not_found")
    assert.match("Warehouse safety walk", err.hint)
    local shown = assert(amelia:run("templates/get_template", { template_id = "safety walk" })) -- looking is another thing
    assert.equal("Warehouse safety walk", shown.data.title)
  end)

  it("a part of a task's title completes nothing", function ()
    one_off { users = { amelia.me.id }, guests = json.array(), groups = json.array() }
    local err = refused("tasks/complete_task", { task_id = "zebra" }, "not_found")
    assert.match("Feed the zebra", err.hint)
  end)

  it("two of one name are told apart even when one of them is far down the list of hits", function ()
    local first = launch("Zebra")
    for number = 1, 120 do launch("Zebra " .. number) end
    assert.equal(first.id, assert(amelia:run("processes/get_process", { run_id = "Zebra" })).data.id,
      "the exact name, though more than a hundred contain it")
    local second = launch("Zebra")
    local err = refused("processes/archive_process", { run_id = "Zebra" }, "ambiguous")
    assert.match(first.id, err.message)
    assert.match(second.id, err.message)
  end)

  it("ids are ids in capitals, too", function ()
    local run = launch("Zebra")
    assert.equal(run.id, assert(amelia:run("processes/get_process", { run_id = run.id:upper() })).data.id)
  end)

  it("a list is read whole before a name in it is said to be unknown, or to be the only one", function ()
    for number = 1, 1001 do amelia.client:post("/organizations/{org}/tags", { title = ("Tag %04d"):format(number) }) end
    assert(amelia:run("tags/update_tag", { tag_id = "tag 1001", color = "#00ff00" }))
    amelia.call.api.pages = function () return json.array { { id = ("a"):rep(32), title = "Urgent" } }, nil, false end
    local err = refused("tags/delete_tag", { tag_id = "Urgent" }, "too_many")
    amelia.call.api.pages = nil
    assert.equal("Use the id.", err.hint)
  end)

  it("launch_process reads the tags once, takes people of roles by name, and no step twice", function ()
    launch("Zebra")
    local step = amelia.client:post("/organizations/{org}/checklists/" .. template.id .. "/steps", { title = "Feed" }).body.data
    local args = { template_id = "Zoo", name = "Zebra 2", tags = { "urgent", "Suppliers", "URGENT" },
      roles = { ["1"] = { users = { "Ben Okonkwo" } } }, tasks = { [step.id] = { owners = { users = { "Ben Okonkwo" } } } } }
    assert(amelia:run("processes/launch_process", args))
    local reads = 0
    for _, line in ipairs(amelia.api.sent) do
      if line:match("/tags$") then reads = reads + 1 end
    end
    assert.equal(1, reads)
    local body = amelia.api.written[1].body
    assert.equal(2, #body.tags)
    assert.same({ ["1"] = { users = { 41002 } } }, body.roles)
    args.tasks.Feed = { deadline = "2026-12-04" }
    assert.match("twice", refused("processes/launch_process", args, "invalid_value").message)
    args.tasks, args.roles = nil, { ["1"] = { users = { "Nobody Known" } } }
    refused("processes/launch_process", args, "not_found")
  end)

  it("reassign_tasks takes work off people who were disabled, and guests however their address is written", function ()
    local task = one_off { users = { 41002 }, guests = { "j.brandt@supplier-gmbh.example" }, groups = json.array() }
    assert(amelia:run("users/disable_user", { user_id = 41002 }))
    local result = assert(amelia:run("bulk/reassign_tasks", { tasks = { { task_id = task.id } },
      from = { users = { "Ben Okonkwo" }, guests = { "J.Brandt@Supplier-GmbH.example" } }, to = { users = { "Carla Duarte" } } }))
    assert.equal(1, result.data.done, result.text)
    assert.same({ 41003 }, owners_of(task).users)
    assert.same({}, owners_of(task).guests)
  end)

  it("guests are named like everybody else, and a member is none", function ()
    local task = one_off { users = { 41002 }, guests = json.array(), groups = json.array() }
    assert(amelia:run("tasks/update_standalone_task", { task_id = task.id, owners = { guests = { "Jonas Brandt" } } }))
    assert.same({ "j.brandt@supplier-gmbh.example" }, owners_of(task).guests)
    local err = refused("tasks/update_standalone_task", { task_id = task.id,
      owners = { guests = { "ben.okonkwo@marigold.example" } } }, "invalid_value")
    assert.equal("owners.guests", err.field)
  end)

  it("complete_task takes the name of who is recorded", function ()
    local task = one_off { users = { 41002 }, guests = json.array(), groups = json.array() }
    refused("tasks/complete_task", { task_id = task.id, override_user = "Nobody Known" }, "not_found")
    local result = assert(amelia:run("tasks/complete_task", { task_id = task.id, override_user = "ben okonkwo" }))
    assert.equal(41002, amelia.api.written[1].body.override_user)
    assert.equal(41002, result.data.completer_id)
  end)

  it("a task's people are all named, though there are more groups than a page has, or a list cannot be read", function ()
    local last
    for number = 1, 105 do
      last = amelia.client:post("/organizations/{org}/groups", { name = ("Group %03d"):format(number), description = "x",
        members = json.array { 41002 } }).body.data
    end
    local task = one_off { users = { 41002 }, guests = json.array(), groups = { last.id } }
    assert.same({ "Ben Okonkwo", "Group 105" }, amelia:run("tasks/get_standalone_task", { task_id = task.id }).data.owner_names)
    amelia.api.fail = function (_, path) return path:match("users%-list") and { status = 500, body = {} } or nil end
    assert.same({ "41002 (member)", "Group 105" },
      amelia:run("tasks/get_standalone_task", { task_id = task.id }).data.owner_names)
  end)

  it("create_standalone_task settles everyone, checks the questions, and shows every copy", function ()
    local args = { title = " Count the stock ", deadline = "2026-12-04", task_type = "task", user_names = { "ben okonkwo" },
      user_emails = { "BEN.OKONKWO@marigold.example" }, guest_emails = { "J.Brandt@supplier-gmbh.example" },
      form_fields = { { label = "How many?", field_type = "number", required = true } } }
    local err = refused("tasks/create_standalone_task", args, "invalid_value")
    assert.equal("form_fields[1].field_type", err.field)
    args.form_fields[1] = { label = "Where?", field_type = "dropdown", required = true, options = { "Shelf", "Yard" } }
    assert(amelia:run("tasks/create_standalone_task", args))
    local body = amelia.api.written[1].body
    assert.same({ 41002 }, body.owners.users)
    assert.same({ "j.brandt@supplier-gmbh.example" }, body.owners.guests)
    assert.same({ { id = 1, text = "Shelf" }, { id = 2, text = "Yard" } }, body.form_fields[1].options)
    args.separate_task_for_each_assignee = true
    local result = assert(amelia:run("tasks/create_standalone_task", args))
    assert.equal(2, result.data.task_count)
    assert.match("^Created 2 tasks", result.text)
    assert.same({ "Ben Okonkwo" }, result.data.tasks[1].owner_names)
    amelia.api.fail = function (method, path)
      return method == "GET" and path:match("/runs/") and { status = 500, body = {} } or nil
    end
    assert.match("Only the first is shown", assert(amelia:run("tasks/create_standalone_task", args)).text)
  end)

  it("what has to be sent again goes back as ids, however it came", function ()
    local pick = helper.use("tallyfy.pick")
    assert.same({ 7, 8, 9, ("0"):rep(32), "a@b.example" },
      pick.ids { data = json.array { 7, "8", { id = 9 }, ("0"):rep(32), "a@b.example" } })
    assert.is_nil(pick.ids(json.null))
    launch("Zebra")
    local whole = amelia.client:get("/organizations/{org}/checklists/" .. template.id .. "?with=steps").body.data
    whole.users, whole.groups = json.array { { id = 41002, full_name = "Ben" }, "41003" }, json.array()
    amelia.api.fail = function (method) return method == "GET" and { status = 200, body = { data = whole } } or nil end
    assert(amelia:run("templates/update_template", { template_id = template.id, template_data = { summary = "x" } }))
    assert.same({ 41002, 41003 }, amelia.api.written[1].body.users)
  end)

  it("case is none of English only", function ()
    local fold = helper.use("tallyfy.fold")
    assert.equal("müller ärger école łódź ÿ ж ё ωσ 100 × ÷", fold("MÜLLER ÄRGER ÉCOLE ŁÓDŹ Ÿ Ж Ё ΩΣ 100 × ÷"))
    assert.equal("日本 🦓 \xff", fold("日本 🦓 \xff"))
    amelia.client:post("/organizations/{org}/tags", { title = "Übergabe" })
    assert(amelia:run("tags/update_tag", { tag_id = "ÜBERGABE", color = "#00ff00" }))
    launch("Prüfung Łódź")
    assert(amelia:run("processes/archive_process", { run_id = "prüfung Łódź" }))
  end)
end)
