-- tools_read_spec.lua - the tools that look: what they show, what they leave out, what they say when nothing fits.
local helper = dofile("tests/spec/tool_helper.lua")
local practice = helper.practice

describe("reading tools", function ()
  local service, amelia, onboarding

  before_each(function ()
    service = practice.open()
    amelia = helper.person(service, "Amelia")
    onboarding = amelia.client:template("Employee onboarding")
  end)

  it("get_me says who and where", function ()
    local result = amelia:run("users/get_me")
    assert.equal("You are Amelia Hartmann, admin in Marigold Logistics.", result.text)
    assert.equal(amelia.client.org, result.data.organization_id)
    assert.is_nil(result.data.disabled_at, "empty values are left out")
  end)

  it("get_organization shows the time zone", function ()
    local result = amelia:run("users/get_organization")
    assert.equal("Marigold Logistics (time zone Europe/London).", result.text)
    assert.is_true(result.data.working_days.Monday)
    assert.is_false(result.data.working_days.Sunday, "false says something")
  end)

  it("get_organization_users_list lists the members compactly", function ()
    local result = amelia:run("users/get_organization_users_list")
    assert.equal(result.data.count, #result.data.data)
    assert.is_nil(result.data.data[1].profile_pic)
    assert.truthy(practice.find(result.data.data, "full_name", "Ben Okonkwo"))
  end)

  it("get_my_tasks names the process and leaves out the form", function ()
    local result = amelia:run("tasks/get_my_tasks", { page = 1 })
    assert.truthy(#result.data.data > 0)
    assert.equal(#result.data.data, result.data.meta.returned)
    local named = false
    for _, row in ipairs(result.data.data) do
      assert.is_nil(row.taskdata)
      assert.is_nil(row.run)
      named = named or row.process_name ~= nil
    end
    assert.is_true(named)
  end)

  it("get_my_tasks keeps to the urgent ones, and says which are overdue", function ()
    local all, open = 0, assert(amelia:run("tasks/get_my_tasks", { page = 1, status = "incomplete" }))
    for _, row in ipairs(amelia:run("tasks/get_my_tasks", { page = 1, status = "all" }).data.data) do
      if row.status ~= "completed" and row.status ~= "auto-skipped" then all = all + 1 end
    end
    assert.equal(all, #open.data.data)
    local dev = helper.person(service, "Dev")
    local late = assert(dev:run("tasks/get_my_tasks", { page = 1, status = "overdue" })).data.data
    assert.truthy(#late > 0)
    for _, row in ipairs(late) do assert.is_true(row.overdue, row.title) end
    assert.is_nil(late[1].status_label, "it would only repeat the status")
    assert.is_nil(late[1].increment_id)
    local unknown, err = amelia:run("tasks/get_my_tasks", { page = 1, status = "late" })
    assert.is_nil(unknown)
    assert.equal(422, err.status)
  end)

  it("get_my_tasks says when a page is past the end", function ()
    local result = amelia:run("tasks/get_my_tasks", { page = 99 })
    assert.equal(0, #result.data.data)
    assert.match("Page 99 is past the end", result.text)
  end)

  it("get_task shows the form with its fields", function ()
    local run = amelia.client:get("/organizations/{org}/runs?per_page=100").body.data
    local seen
    for _, process in ipairs(run) do
      local tasks = amelia.client:get("/organizations/{org}/runs/" .. process.id .. "/tasks?per_page=100").body.data
      for _, task in ipairs(tasks) do
        if task.title == "Prepare equipment" then seen = task end
      end
    end
    local result = amelia:run("tasks/get_task", { run_id = seen.run_id, task_id = seen.id })
    assert.equal("Laptop model", result.data.form_fields[1].label)
    assert.equal("dropdown", result.data.form_fields[1].field_type, "as it must be written back")
    assert.is_nil(result.data.is_completable)
  end)

  it("get_all_templates lists without the heavy parts, in a folder by name", function ()
    local all = amelia:run("templates/get_all_templates", {})
    local row = practice.find(all.data.data, "title", "Employee onboarding")
    assert.is_nil(row.prerun)
    local some = amelia:run("templates/get_all_templates", { folder = "joiners and leavers" })
    assert.truthy(some.data.meta.total < all.data.meta.total)
    local none, err = amelia:run("templates/get_all_templates", { folder = "No such folder" })
    assert.is_nil(none)
    assert.equal("folder", err.field)
  end)

  it("get_template takes an id or a name, exactly one", function ()
    local by_id = amelia:run("templates/get_template", { template_id = onboarding.id, template_name = "" })
    local by_name = amelia:run("templates/get_template", { template_name = " employee ONBOARDING " })
    assert.same(by_id.data, by_name.data)
    assert.equal("Employee onboarding: 6 steps.", by_id.text)
    for _, args in ipairs { {}, { template_id = onboarding.id, template_name = "x" }, { template_id = " " } } do
      local none, err = amelia:run("templates/get_template", args)
      assert.is_nil(none)
      assert.match("exactly one", err.hint)
    end
    local _, err = amelia:run("templates/get_template", { template_name = "zzz" })
    assert.equal("not_found", err.code)
  end)

  it("get_process tells the progress", function ()
    local run = amelia.client:get("/organizations/{org}/runs").body.data[1]
    local result = amelia:run("processes/get_process", { run_id = run.id })
    assert.match("^" .. run.name:gsub("%p", "%%%0") .. ": ", result.text)
    assert.match("%d+ of %d+ tasks done", result.text)
  end)

  it("search_all keeps the kinds apart and within their shares", function ()
    local result = amelia:run("search/search_all", { query = "onboarding", page = 1, per_page = 20 })
    assert.truthy(#result.data.blueprint.data > 0)
    assert.truthy(result.data.process and result.data.task and result.data.snippet)
    assert.match("blueprint %d+", result.text)
    local only = amelia:run("search/search_all", { query = "onboarding", types = { "process" }, page = 1, per_page = 1 })
    assert.is_nil(only.data.blueprint)
    assert.equal(1, only.data.process.meta.returned)
  end)

  it("passes the API's refusal on", function ()
    amelia.api.fail = function () return { status = 404, body = { error = true, message = "Resource not found" } } end
    for _, one in ipairs {
      { "users/get_me" }, { "users/get_organization" }, { "users/get_organization_users_list" },
      { "tasks/get_my_tasks", {} }, { "tasks/get_task", { run_id = "a", task_id = "b" } },
      { "templates/get_all_templates", {} }, { "templates/get_template", { template_id = "a" } },
      { "processes/get_process", { run_id = "a" } }, { "search/search_all", { query = "a" } },
    } do
      local result, err = amelia:run(one[1], one[2])
      assert.is_nil(result, one[1])
      assert.equal("Resource not found", err.message, one[1])
    end
  end)
end)
