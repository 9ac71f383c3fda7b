-- tools_size_spec.lua - answers fit a model's context whatever the organization has: what is left out is said, what a tool
-- promises to give is there, and lists go on where they stopped.
local helper = dofile("tests/spec/tool_helper.lua")
local practice, json = helper.practice, helper.json

local most = 25600 -- script.answer_bytes

describe("the size of answers", function ()
  local service, amelia

  before_each(function ()
    service = practice.open()
    amelia = helper.person(service, "Amelia")
  end)

  local function fits(file, args)
    local result = assert(amelia:run(file, args))
    assert.is_true(#json.encode(result.data) <= most, file .. ": " .. #json.encode(result.data))
    assert.is_true(#result.text <= 8000, file .. ": a text of " .. #result.text)
    return result
  end

  local function post(path, body)
    local answer = amelia.client:post("/organizations/{org}" .. path, body)
    return assert(answer.body.data, json.encode(answer.body))
  end

  local function options(count)
    local list = json.array()
    for number = 1, count do
      list[number] = { id = number, text = ("Warehouse number %03d, the long way round"):format(number) }
    end
    return list
  end

  local function template(field_count, option_count)
    local prerun = json.array()
    for number = 1, field_count do
      prerun[number] = { label = "Site " .. number, field_type = "dropdown", required = false, position = number,
        options = options(option_count), guidance = ("g"):rep(200) }
    end
    return post("/checklists", { title = "Sites", type = "procedure", prerun = prerun })
  end

  it("shape.bounded shortens the largest members, says which, and keeps all", function ()
    local shape = helper.use("tallyfy.shape")
    local value = { id = "x", text = ("é"):rep(20000), rows = json.array(), inner = { a = ("y"):rep(3000), b = 1 } }
    for number = 1, 500 do value.rows[number] = { id = number, name = ("n"):rep(40) } end
    local kept, left = shape.bounded(value, 8000)
    assert.is_true(#json.encode(kept) <= 8000, #json.encode(kept))
    assert.equal("x", kept.id)
    assert.is_true(#kept.rows >= 1 and utf8.len(kept.text) ~= nil and kept.inner.b == 1)
    assert.same(left, kept._omitted)
    assert.match("^text %(cut%)$", left[1])
    assert.match("^rows: the first %d+ of 500$", left[2])
    assert.equal(500, #value.rows, "the value itself is untouched")
    assert.equal(value, shape.bounded(value, 1000000))
  end)

  it("get_kickoff_fields goes on where it stopped; texts do not name five hundred options", function ()
    local sites = template(12, 80)
    local first = fits("templates/get_kickoff_fields", { template_id = sites.id })
    assert.is_true(first.data.truncated)
    assert.match("More from field " .. first.data.next_field, first.text)
    local seen, from = 0, 1
    while from do
      local page = fits("templates/get_kickoff_fields", { template_id = sites.id, from_field = from })
      seen, from = seen + #page.data.fields, page.data.next_field
    end
    assert.equal(12, seen)
    fits("forms/suggest_kickoff_fields", { template_id = sites.id })
    fits("forms/update_kickoff_field", { template_id = sites.id, field_id = "Site 1", field_data = { guidance = "x" } })
    fits("templates/get_template", { template_id = sites.id })
  end)

  it("get_dropdown_options of a field with a thousand options", function ()
    local sites = post("/checklists", { title = "Sites", type = "procedure" })
    local step = post("/checklists/" .. sites.id .. "/steps", { title = "Go" })
    local field = post(("/checklists/%s/steps/%s/captures"):format(sites.id, step.id), { label = "Site",
      field_type = "dropdown", required = false, options = options(500) })
    local result = fits("forms/get_dropdown_options", { template_id = sites.id, step_id = step.id, field_id = field.id })
    assert.match("options: the first %d+ of 500", result.data._omitted[1])
    assert.match("and 460 more", result.text)
    fits("forms/update_form_field", { template_id = sites.id, step_id = step.id, field_id = field.id,
      field_data = { label = "Which site" } })
    local run = post("/runs", { checklist_id = sites.id, name = "One" })
    local task = amelia.client:get("/organizations/{org}/runs/" .. run.id .. "/tasks").body.data[1]
    local whole = fits("tasks/get_task", { run_id = run.id, task_id = task.id })
    assert.equal(20, #whole.data.form_fields[1].options)
    assert.equal(500, whole.data.form_fields[1].options_in_all)
    local _, err = amelia:run("tasks/update_task", { run_id = run.id, task_id = task.id, taskdata = { ["Which site"] = "Mars" } })
    assert.is_true(#err.hint < 4000, #err.hint)
  end)

  it("a template with long texts, a task with a long description, a process with long answers", function ()
    local long = ("words and words "):rep(1800)
    local sites = post("/checklists", { title = "Long", type = "procedure", guidance = long, kickoff_description = long,
      prerun = { { label = "Story", field_type = "textarea", required = false }, { label = "More", field_type = "textarea",
        required = false } } })
    local found = fits("templates/get_template", { template_id = sites.id })
    assert.is_true(#found.data._omitted > 0)
    fits("templates/update_template", { template_id = sites.id, template_data = { summary = "x" } })
    local step = post("/checklists/" .. sites.id .. "/steps", { title = "Read", summary = long })
    fits("steps/add_assignees_to_step", { template_id = sites.id, step_id = step.id, assignees = { users = { 41002 } } })
    local run = post("/runs", { checklist_id = sites.id, name = "Long one",
      prerun = { [sites.prerun[1].id] = long, [sites.prerun[2].id] = long } })
    local shown = fits("processes/get_process", { run_id = run.id })
    assert.match("Shortened", shown.text)
    assert.equal("Long one", shown.data.name)
    fits("tasks/get_task", { run_id = run.id, task_id = "Read" })
  end)

  it("a group of very many people", function ()
    local guests = json.array()
    for number = 1, 900 do guests[number] = ("somebody.%04d@a-long-name-of-a-supplier.example"):format(number) end
    local group = post("/groups", { name = "Everybody", description = "x", members = json.array { 41002 }, guests = guests })
    local result = fits("groups/get_group", { group_id = group.id })
    assert.match("1 member, 900 guests%. Shortened to fit here: guests: the first %d+ of 900%.", result.text)
    fits("groups/update_group", { group_id = group.id, name = "All" })
  end)

  it("a list says how to see what did not fit, and takes fields that are empty on the page", function ()
    local function owners() return { users = json.array { amelia.me.id }, guests = json.array(), groups = json.array() } end
    for number = 1, 20 do
      post("/tasks", { title = ("t"):rep(600), task_type = "task", deadline = ("2026-11-26 10:%02d:00"):format(number),
        summary = "x", owners = owners(), webhook = "https://example.test/" .. ("w"):rep(1500) })
    end
    local result = fits("tasks/get_my_tasks", { detail = "full", page = 1 })
    assert.is_true(result.data.meta.truncated)
    assert.match("Name fewer `fields` to see them all%.$", result.text)
    result = fits("tasks/get_my_tasks", { fields = json.array { "title", "completed_at", "task_type" }, page = 1,
      status = "incomplete" })
    assert.equal(20, result.data.meta.returned)
    assert.is_nil(result.data.data[1].completed_at)
    assert.equal("task", result.data.data[1].task_type)
    local none, err = amelia:run("tasks/get_my_tasks", { fields = json.array { "moon" }, page = 1 })
    assert.is_nil(none)
    assert.match("completed_at, ", err.hint)
  end)

  it("a prompt holds a template that fits", function ()
    local sites = template(12, 80)
    for _, file in ipairs { "processes/launch_a_process", "templates/review_a_template" } do
      local messages = assert(amelia:run(file, { template = sites.id })).messages
      assert.is_true(#messages[1].content.resource.text <= most, #messages[1].content.resource.text)
    end
  end)

  it("search_all gives the room that one kind does not need to the others, and says what did not fit", function ()
    for number = 1, 60 do
      post("/checklists", { title = ("zebra %02d "):format(number) .. ("z"):rep(200), type = "procedure" })
    end
    local args = { query = "zebra", types = { "blueprint", "process", "snippet", "step" }, page = 1, per_page = 60, tags = false }
    local result = fits("search/search_all", args)
    assert.is_true(#json.encode(result.data.blueprint) > 15000, #json.encode(result.data.blueprint))
    assert.equal(60, result.data.blueprint.meta.total)
    assert.equal(0, result.data.process.meta.total)
    assert.match("Not all of this page fit: blueprint; a smaller per_page", result.text)
  end)

  it("pages of a search are counted by the size that Tallyfy used, where it does not count them itself", function ()
    amelia.api.fail = function () return { status = 200, body = { process = { data = { { id = "x", name = "Zebra" } },
      meta = { pagination = { total = 25, per_page = 10, current_page = 1 } } } } } end
    local found = assert(amelia:run("search/search_for_processes", { query = "zebra", page = 1, per_page = 100 }))
    assert.equal(3, found.data.meta.total_pages)
  end)
end)
