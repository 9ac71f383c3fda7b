-- host_items_spec.lua - the host's own resources and prompts: what they show, what they say when nothing fits,
-- and what they offer while somebody types.
local helper = dofile("tests/spec/tool_helper.lua")
local practice, json = helper.practice, helper.json

local function keys_of(errors)
  return errors and errors.code
end

describe("the host's resources", function ()
  local service, amelia

  before_each(function ()
    service = practice.open()
    amelia = helper.person(service, "Amelia")
  end)

  it("tools lists them by domain with the first sentence", function ()
    amelia.tools = {
      { name = "b", domain = "tasks", effect = "change", about = "Does B. And more." },
      { name = "a", domain = "tasks", effect = "read", about = "Shows A" },
      { name = "c", domain = "", effect = "add", about = "Adds C. Twice makes two." },
    }
    assert.equal("other\nc (add) - Adds C.\n\ntasks\na (read) - Shows A\nb (change) - Does B.", amelia:run("host/tools"))
    amelia.tools = {}
    assert.match("No tools", amelia:run("host/tools"))
  end)

  it("capabilities counts by domain and names who is signed in", function ()
    amelia.tools = {
      { name = "a", domain = "tasks", effect = "read", about = "A" },
      { name = "b", domain = "tasks", effect = "add", about = "B" } }
    amelia.resources = { { name = "x", uri = "x://a", title = "X" } }
    local text = amelia:run("host/capabilities")
    assert.truthy(text:find("You are Amelia Hartmann, admin in Marigold Logistics.", 1, true))
    assert.truthy(text:find("| tasks | 1 | 1 | 0 | 0 |", 1, true))
    assert.truthy(text:find("- `x://a` - X", 1, true))
    assert.truthy(text:find("## Prompts\n\nNone.", 1, true))
    assert.truthy(text:find("60 seconds, 100 requests", 1, true))
  end)

  it("organization and my_tasks show what the tools show", function ()
    assert.equal("Marigold Logistics", amelia:run("users/organization").data.name)
    local tasks = amelia:run("tasks/my_tasks").data
    assert.truthy(#tasks.data > 0)
    assert.equal(#tasks.data, tasks.meta.returned)
  end)

  it("a process, its tasks and its template can be read", function ()
    local process = amelia.client:get("/organizations/{org}/runs?per_page=1").body.data[1]
    assert.equal(process.name, amelia:run("processes/process", { run_id = process.id }).data.name)
    local task = amelia.client:get("/organizations/{org}/runs/" .. process.id .. "/tasks?per_page=1").body.data[1]
    local shown = amelia:run("tasks/task", { run_id = process.id, task_id = task.id }).data
    assert.equal(task.title, shown.title)
    local template = amelia.client:template("Employee onboarding")
    assert.truthy(#amelia:run("templates/template", { template_id = template.id }).data.steps > 0)
  end)

  it("what is not there is an error", function ()
    local nobody = ("0"):rep(32)
    for file, args in pairs {
      ["processes/process"] = { run_id = nobody }, ["tasks/task"] = { run_id = nobody, task_id = nobody },
      ["templates/template"] = { template_id = nobody },
    } do
      local shown, err = amelia:run(file, args)
      assert.is_nil(shown, file)
      assert.equal("http_404", keys_of(err), file)
    end
  end)

  it("their ids are offered by name and by beginning", function ()
    local template = amelia.client:template("Employee onboarding")
    assert.same({ template.id }, amelia:complete("templates/template", "template_id", "onboarding"))
    assert.same({ template.id }, amelia:complete("templates/template", "template_id", template.id:sub(1, 12)))
    assert.same({}, amelia:complete("templates/template", "template_id", "no such thing"))
    assert.truthy(#amelia:complete("processes/process", "run_id", "") > 1)
    assert.same({}, amelia:complete("tasks/task", "task_id", "", {}))
    local process = amelia.client:get("/organizations/{org}/runs?per_page=1").body.data[1]
    assert.truthy(#amelia:complete("tasks/task", "task_id", "", { run_id = process.id }) > 0)
  end)

  it("a failing API fails the completion, too", function ()
    amelia.api.fail = function () return { status = 503, body = { message = "down" } } end
    local values, err = amelia:complete("templates/template", "template_id", "onb")
    assert.is_nil(values)
    assert.equal("down", err.message)
    values, err = amelia:complete("tasks/task", "task_id", "", { run_id = ("a"):rep(32) })
    assert.is_nil(values)
    assert.equal("down", err.message)
  end)
end)

describe("the host's prompts", function ()
  local service, amelia

  before_each(function ()
    service = practice.open()
    amelia = helper.person(service, "Amelia")
  end)

  local function embedded(message)
    assert.equal("resource", message.content.type)
    return message.content.resource
  end

  it("launch_a_process brings the template and its kick-off fields", function ()
    local template = amelia.client:template("Employee onboarding")
    local prompt = amelia:run("processes/launch_a_process", { template = "employee onboarding", details = "For Leah" })
    local resource = embedded(prompt.messages[1])
    assert.equal("tallyfy://templates/" .. template.id, resource.uri)
    assert.truthy(resource.text:find("prerun", 1, true))
    assert.truthy(prompt.messages[2]:find('the template "Employee onboarding" (id ' .. template.id, 1, true))
    assert.truthy(prompt.messages[2]:find("What I can say already: For Leah", 1, true))
    assert.truthy(prompt.messages[2]:find("wait for my yes", 1, true))
    local by_id = amelia:run("processes/launch_a_process", { template = template.id })
    assert.equal(prompt.description, by_id.description)
    assert.is_nil(by_id.messages[2]:find("What I can say", 1, true))
  end)

  it("launch_a_process and review_a_template say which templates could be meant", function ()
    for _, file in ipairs { "processes/launch_a_process", "templates/review_a_template" } do
      local prompt, err = amelia:run(file, { template = "no such template" })
      assert.is_nil(prompt)
      assert.same({ "not_found", "template" }, { err.code, err.field })
      prompt, err = amelia:run(file, { template = ("0"):rep(32) })
      assert.is_nil(prompt)
      assert.equal(404, err.status)
    end
    assert.truthy(#amelia:complete("processes/launch_a_process", "template", "on") > 0)
    for _, title in ipairs(amelia:complete("templates/review_a_template", "template", "onboarding")) do
      assert.truthy(title:lower():find("onboarding", 1, true))
    end
  end)

  it("plan_my_day brings the tasks and the day, and changes nothing", function ()
    local prompt = amelia:run("tasks/plan_my_day", { focus = "the audit" })
    assert.equal("tallyfy://tasks/mine", embedded(prompt[1]).uri)
    assert.truthy(#json.decode(embedded(prompt[1]).text).data > 0)
    assert.truthy(prompt[2]:find("It is 2026-11-25 (UTC); I am Amelia Hartmann", 1, true))
    assert.truthy(prompt[2]:find("Today this matters: the audit", 1, true))
    for _, sent in ipairs(amelia.api.sent) do assert.match("^GET ", sent) end
  end)

  it("build_a_template needs no request", function ()
    local prompt = amelia:run("templates/build_a_template",
      { description = "We hire people", name = "Hiring", detail = "outline first" })
    assert.same({}, amelia.api.sent)
    assert.equal('Build "Hiring"', prompt.description)
    assert.truthy(prompt.messages[1]:find("We hire people", 1, true))
    assert.truthy(prompt.messages[1]:find("outline of the steps first", 1, true))
    assert.is_nil(amelia:run("templates/build_a_template", { description = "We hire" }).description)
  end)

  it("review_a_template brings the whole template", function ()
    local prompt = amelia:run("templates/review_a_template", { template = "Employee onboarding", concern = "deadlines" })
    assert.truthy(embedded(prompt.messages[1]).text:find("automated_actions", 1, true))
    assert.truthy(prompt.messages[2]:find("Look at this in particular: deadlines", 1, true))
  end)
end)
