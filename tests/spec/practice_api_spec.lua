-- The practice organisation's API as a client sees it: who may ask, how lists and errors look, what
-- reads answer.
local root = debug.getinfo(1, "S").source:match("^@(.*)practice_api_spec.lua$")
local helper = dofile(root .. "practice_helper.lua")
local null = helper.null

describe("the practice API", function ()
  local service, clock, amelia, ben, carla, ines

  before_each(function ()
    service, clock = helper.open()
    amelia, ben = helper.client(service, "Amelia"), helper.client(service, "Ben")
    carla, ines = helper.client(service, "Carla"), helper.client(service, "Ines")
  end)

  local function run_named(client, name)
    return helper.find(client:get("/organizations/{org}/runs?per_page=100").body.data, "name", name)
  end

  describe("checks a request in order", function ()
    it("the route before the token", function ()
      local answer = amelia:call("GET", "/organizations/{org}/templates", nil, { authorization = false })
      assert.equal(404, answer.status)
      assert.same({ error = true, message = "API endpoint not found", code = "ENDPOINT_NOT_FOUND" },
        answer.body)
    end)

    it("an unknown method is an unknown route", function ()
      assert.equal("ENDPOINT_NOT_FOUND", amelia:call("PATCH", "/organizations/{org}/runs").body.code)
    end)

    it("the token before the organisation", function ()
      for _, wrong in ipairs { false, "Bearer nonsense", "Bearer  " .. amelia.key, "bearer " .. amelia.key,
        "Basic " .. amelia.key, amelia.key } do
        local answer = amelia:get("/organizations/00/runs", { authorization = wrong })
        assert.equal(401, answer.status, tostring(wrong))
        assert.same({ error = true, message = "Unauthenticated." }, answer.body)
      end
    end)

    it("a missing X-Tallyfy-Client is a 401", function ()
      assert.equal(401, amelia:get("/me", { ["x-tallyfy-client"] = false }).status)
      service.world.switches.client_header = false
      assert.equal(200, amelia:get("/me", { ["x-tallyfy-client"] = false }).status)
    end)

    it("membership before the object: 403 for another organisation and for none", function ()
      for _, org in ipairs { ines.org, ("0"):rep(32) } do
        local answer = amelia:get("/organizations/" .. org .. "/runs/none")
        assert.equal(403, answer.status)
        assert.is_true(answer.body.error)
      end
    end)

    it("the role before the object", function ()
      assert.equal(403, ben:get("/organizations/{org}/users/999999").status)
      assert.equal(404, amelia:get("/organizations/{org}/users/999999").status)
      assert.equal(200, amelia:get("/organizations/{org}/users/41003").status)
    end)

    it("an unknown object is the other 404", function ()
      for _, path in ipairs { "runs/x", "tasks/x", "checklists/x", "runs/x/tasks", "groups/x",
        "folders/x" } do
        local answer = amelia:get("/organizations/{org}/" .. path)
        assert.equal(404, answer.status, path)
        assert.equal("RESOURCE_NOT_FOUND", answer.body.code)
      end
    end)

    it("the object of another organisation is unknown here", function ()
      local theirs = ines:get("/organizations/{org}/runs").body.data[1].id
      assert.equal(200, ines:get("/organizations/{org}/runs/" .. theirs).status)
      assert.equal(404, amelia:get("/organizations/{org}/runs/" .. theirs).status)
    end)

    it("a body that is no JSON object is a 400", function ()
      for _, body in ipairs { "{", "[1]", "3", '"text"' } do
        assert.equal(400, amelia:post("/organizations/{org}/tasks", body).status, body)
      end
    end)
  end)

  it("serves both base addresses and percent-decoded segments", function ()
    assert.equal(200, amelia:get("/api/me").status)
    assert.equal(200, amelia:get("/api/organizations/{org}/checklists").status)
    assert.equal(200, amelia:get("/%6De").status)
  end)

  it("does not multiply the world for includes without end", function ()
    local run = amelia:get("/organizations/{org}/runs?per_page=1&with=" .. ("tasks.run."):rep(400)).body.data[1]
    assert.is_nil(run.tasks.data[1].run.data.tasks.data[1].run)
  end)

  it("keeps the two organisations apart", function ()
    local lists = { "runs", "tasks", "checklists", "users", "guests", "groups", "folders", "users-list",
      "guests-list",
      "search?search=e&on=process,task,blueprint,snippet,capture,step" }
    for _, path in ipairs(lists) do
      local mark = path:find("?", 1, true) and "&" or "?"
      local target = "/organizations/{org}/" .. path .. mark .. "per_page=100&with=checklist,run,steps,tasks"
      local ours, theirs = helper.json.encode(amelia:get(target).body),
        helper.json.encode(ines:get(target).body)
      assert.is_nil(ours:find("[Jj]uniper"), path)
      assert.is_nil(theirs:find("[Mm]arigold"), path)
    end
  end)

  describe("lists", function ()
    it("come in pages with links to their neighbours", function ()
      local page = amelia:get("/organizations/{org}/tasks?per_page=5&page=2").body
      local pagination = page.meta.pagination
      assert.equal(5, #page.data)
      assert.equal(5, pagination.count)
      assert.equal(2, pagination.current_page)
      assert.equal((pagination.total + 4) // 5, pagination.total_pages)
      assert.matches("/tasks%?page=1$", pagination.links.previous)
      assert.matches("^http://practice.local/organizations/", pagination.links.next)
    end)

    it("give every record exactly once over all pages", function ()
      local seen, count, page, pages = {}, 0, 1
      repeat
        local body = amelia:get("/organizations/{org}/tasks?per_page=7&page=" .. page).body
        for _, task in ipairs(body.data) do
          assert.is_nil(seen[task.id])
          seen[task.id], count = true, count + 1
        end
        pages, page = body.meta.pagination.total_pages, page + 1
      until page > pages
      assert.equal(amelia:get("/organizations/{org}/tasks").body.meta.pagination.total, count)
    end)

    it("have an empty array of links on a single page", function ()
      local links = amelia:get("/organizations/{org}/groups").body.meta.pagination.links
      assert.is_true(helper.json.is_array(links))
    end)

    it("use the documented default and largest page", function ()
      local defaults = { checklists = 10, runs = 10, tasks = 10, groups = 10, guests = 999, users = 9999 }
      for path, size in pairs(defaults) do
        local target = "/organizations/{org}/" .. path
        assert.equal(size, amelia:get(target).body.meta.pagination.per_page, path)
        assert.equal(size, amelia:get(target .. "?per_page=-3&page=x").body.meta.pagination.per_page, path)
      end
      assert.equal(100, amelia:get("/organizations/{org}/tasks?per_page=5000").body.meta.pagination.per_page)
    end)

    it("are empty past the end, with totals unchanged", function ()
      local body = amelia:get("/organizations/{org}/runs?page=99").body
      assert.same({}, body.data)
      assert.equal(0, body.meta.pagination.count)
      assert.is_true(body.meta.pagination.total > 0)
    end)

    it("come whole without pagination when asked, limit is not honoured", function ()
      local body = amelia:get("/organizations/{org}/tasks?without_pagination=true&limit=1").body
      assert.is_nil(body.meta.pagination)
      assert.is_true(#body.data > 20)
    end)

    it("without meta: folders, steps, users-list, guests-list", function ()
      local id = amelia:template("Monthly close").id
      for _, path in ipairs { "folders", "checklists/" .. id .. "/steps", "users-list", "guests-list" } do
        local body = amelia:get("/organizations/{org}/" .. path).body
        assert.is_nil(body.meta, path)
        assert.is_true(#body.data > 0, path)
      end
    end)
  end)

  describe("people", function ()
    it("me is the member, with role and zone", function ()
      local me = carla:get("/me").body.data
      assert.equal("Carla Duarte", me.full_name)
      assert.equal("light", me.role)
      assert.equal("+00:00", me.UTC_offset)
      assert.equal(me.id, carla:get("/organizations/{org}/me").body.data.id)
    end)

    it("users shows every status, users-list only active and invited", function ()
      local all, short = amelia:get("/organizations/{org}/users").body.data,
        amelia:get("/organizations/{org}/users-list")
      assert.is_not_nil(helper.find(all, "status", "disabled"))
      assert.is_not_nil(helper.find(all, "status", "invited"))
      assert.is_nil(helper.find(short.body.data, "status", "disabled"))
      assert.equal(#all - 1, #short.body.data)
    end)

    it("q matches names and e-mail", function ()
      local found = amelia:get("/organizations/{org}/users?q=duarte").body.data
      assert.equal(1, #found)
      assert.equal("carla.duarte@marigold.example", found[1].email)
    end)

    it("a person of two organisations has one account", function ()
      local owen = helper.find(service.world.accounts, "name", "Owen Clarke")
      local answer = amelia:get("/me/organizations", { authorization = "Bearer " .. owen.key })
      assert.equal(2, #answer.body.data)
      assert.equal("light", helper.find(answer.body.data, "name", "Juniper Health Partners").user_role)
    end)

    it("a disabled member is a stranger", function ()
      local hugo = helper.find(service.world.accounts, "name", "Hugo Marsh")
      local headers = { authorization = "Bearer " .. hugo.key }
      assert.equal(403, amelia:get("/organizations/{org}/tasks", headers).status)
      assert.equal(401, amelia:get("/me", headers).status)
    end)
  end)

  describe("templates", function ()
    it("are pinned first, then newest update; archived ones are left out", function ()
      local list = amelia:get("/organizations/{org}/checklists?per_page=100").body.data
      assert.is_true(list[1].is_pinned and list[2].is_pinned)
      assert.is_nil(helper.find(list, "title", "Travel request (old)"))
      for i = 4, #list do assert.is_true(list[i - 1].last_updated >= list[i].last_updated) end
      local archived = amelia:get("/organizations/{org}/checklists?archived=only").body.data
      assert.equal("Travel request (old)", archived[1].title)
      assert.equal(404, amelia:get("/organizations/{org}/checklists/" .. archived[1].id).status)
    end)

    it("are found by folder, and by words of the title", function ()
      local folders = amelia:get("/organizations/{org}/folders?with=children").body.data
      local people = helper.find(folders, "name", "People")
      local joiners = helper.find(people.children.data, "name", "Joiners and leavers")
      local found = amelia:get("/organizations/{org}/checklists?folder=" .. joiners.id).body.data
      assert.equal(2, #found)
      assert.equal(1, #amelia:get("/organizations/{org}/checklists?q=VENDOR+approval").body.data)
    end)

    it("have fields and rules inline, steps only when asked", function ()
      local template = amelia:template("Employee onboarding")
      assert.equal(template.steps_count, #template.steps.data)
      assert.equal("dropdown", template.prerun[2].field_type)
      assert.equal(template.id, template.prerun[1].checklist_id)
      assert.is_nil(template.prerun[1].step_id)
      assert.equal(2, #template.automated_actions)
      assert.equal(3, #template.steps.data[2].captures)
      local bare = amelia:get("/organizations/{org}/checklists/" .. template.id .. "?with=nonsense").body.data
      assert.is_nil(bare.steps)
      assert.is_nil(bare.nonsense)
    end)

    it("are seen by light members only where they are named", function ()
      local titles = {}
      for _, one in ipairs(carla:get("/organizations/{org}/checklists?per_page=100").body.data) do
        titles[#titles + 1] = one.title
      end
      table.sort(titles)
      assert.same({ "Incident response", "Warehouse safety walk" }, titles)
      local close = amelia:template("Monthly close").id
      assert.equal(404, carla:get("/organizations/{org}/checklists/" .. close).status)
    end)
  end)

  describe("processes", function ()
    it("come newest first and carry progress", function ()
      local list = amelia:get("/organizations/{org}/runs").body.data
      for i = 2, #list do assert.is_true(list[i - 1].created_at >= list[i].created_at) end
      local done = run_named(amelia, "Onboarding: Leah Okafor")
      assert.equal("complete", done.status)
      assert.same({ complete = 5, total = 5, percent = 100 }, done.progress)
      assert.is_string(done.completed_at)
    end)

    it("are filtered by state, template and words", function ()
      local function names(query)
        local out = {}
        for _, run in ipairs(amelia:get("/organizations/{org}/runs?per_page=100&" .. query).body.data) do
          out[#out + 1] = run.name
        end
        return out
      end
      assert.same({ "Vendor: Northgate Pallets" }, names("status=problem"))
      assert.equal(3, #names("status=complete"))
      assert.same({}, names("status=archived"))
      assert.equal(3, #names("checklist_id=" .. amelia:template("Vendor approval").id))
      assert.same({ "Onboarding: Nora Lindgren" }, names("q=nora"))
      assert.is_true(#names("status=delayed") >= 3)
    end)

    it("show their parts with=", function ()
      local id = run_named(amelia, "Onboarding: Nora Lindgren").id
      local run = amelia:get("/organizations/{org}/runs/" .. id
        .. "?with=checklist.steps,tasks.form_fields,next_task,ko_form_fields").body.data
      assert.equal(6, #run.tasks.data)
      assert.equal(6, #run.checklist.data.steps.data)
      assert.equal("Yes", run.tasks.data[1].form_fields.data[1].field_value)
      assert.equal(null, run.tasks.data[2].form_fields.data[1].field_value)
      assert.equal(1, #run.next_task.data)
      assert.equal("Nora Lindgren", run.ko_form_fields.data[1].field_value)
    end)

    it("are seen by light members where they take part", function ()
      local mine = carla:get("/organizations/{org}/runs?per_page=100").body.data
      assert.is_true(#mine > 0)
      for _, run in ipairs(mine) do assert.is_nil(run.name:find("^Onboarding")) end
      local other = run_named(amelia, "Onboarding: Nora Lindgren").id
      assert.equal(404, carla:get("/organizations/{org}/runs/" .. other).status)
      assert.equal(404, carla:get("/organizations/{org}/runs/" .. other .. "/tasks").status)
    end)
  end)

  describe("tasks", function ()
    it("of a process come by position, hidden ones as auto-skipped", function ()
      local id = run_named(amelia, "Onboarding: Nora Lindgren").id
      local list = amelia:get("/organizations/{org}/runs/" .. id .. "/tasks").body.data
      for i, task in ipairs(list) do assert.equal(i, task.position) end
      assert.equal("auto-skipped", list[4].status)
      assert.is_false(list[4].is_completable)
      assert.is_nil(list[1].summary)
      assert.equal("Collect signed documents from Nora Lindgren", list[1].title)
      assert.matches("{{new%-starter%-name", list[1].original_title)
    end)

    it("of a person come earliest deadline first, groups included, with counts", function ()
      local body = carla:get("/organizations/{org}/me/tasks?per_page=100").body
      local deadline = ""
      local by_group = false
      for _, task in ipairs(body.data) do
        assert.is_true(task.deadline >= deadline)
        deadline = task.deadline
        by_group = by_group or #task.owners.groups > 0
        assert.not_equal("auto-skipped", task.status)
      end
      assert.is_true(by_group)
      assert.is_true(body.meta.overdue_tasks > 0)
      assert.is_number(body.meta.tasks_due_soon)
      local same = amelia:get("/organizations/{org}/users/41003/tasks?per_page=100").body
      assert.equal(#body.data, #same.data)
    end)

    it("are filtered by the documented words; an unknown one is a 422", function ()
      local function count(word)
        return amelia:get("/organizations/{org}/tasks?status=" .. word).body.meta.pagination.total
      end
      assert.equal(count("completed"), count("complete"))
      assert.is_true(count("overdue") > 0)
      assert.equal(count("completed") + count("active"), count("all"))
      assert.is_true(count("hasproblem") == 1)
      assert.equal(422, amelia:get("/organizations/{org}/tasks?status=lost").status)
    end)

    it("get older: what is due soon becomes overdue", function ()
      local before = amelia:get("/organizations/{org}/tasks?status=overdue").body.meta.pagination.total
      local soon = amelia:get("/organizations/{org}/tasks?status=due_soon").body.meta.pagination.total
      clock.now = clock.now + 86401
      local after = amelia:get("/organizations/{org}/tasks?status=overdue").body.meta.pagination.total
      assert.equal(before + soon, after)
    end)

    it("read singly carry the summary, escaped values in it, and what with= asks for", function ()
      local id = run_named(amelia, "Onboarding: Nora Lindgren").id
      local first = amelia:get("/organizations/{org}/runs/" .. id .. "/tasks").body.data[1]
      local includes = "?with=form_fields,run.checklist,step,threads"
      local task = amelia:get("/organizations/{org}/tasks/" .. first.id .. includes).body.data
      assert.matches("First day of Nora Lindgren: 2026", task.summary)
      assert.equal("Employee onboarding", task.run.data.checklist.data.title)
      assert.equal(task.step_id, task.step.data.id)
      assert.equal(task.id, task.form_fields.data[1].task_id)
      assert.same({}, task.threads.data)
    end)

    it("a light member does not see those of others", function ()
      local title = "Renew the forklift insurance"
      local all = amelia:get("/organizations/{org}/tasks?per_page=100").body.data
      local hers = carla:get("/organizations/{org}/tasks?per_page=100").body.data
      assert.is_nil(helper.find(hers, "title", title))
      local id = helper.find(all, "title", title).id
      assert.equal(404, carla:get("/organizations/{org}/tasks/" .. id).status)
      assert.equal(404, carla:post("/organizations/{org}/completed-tasks", { task_id = id }).status)
    end)
  end)

  describe("search", function ()
    it("has one key for each kind asked for and no envelope", function ()
      local body = amelia:get("/organizations/{org}/search?search=nora").body
      assert.is_nil(body.data)
      for _, kind in ipairs { "blueprint", "process", "task",
        "snippet" } do assert.is_table(body[kind].data) end
      assert.equal("Onboarding: Nora Lindgren", body.process.data[1].name)
      assert.equal(5, #body.task.data)
      assert.is_nil(body.task.data[1].run_id)
      assert.equal(0, body.blueprint.meta.pagination.total_pages)
    end)

    it("needs every word, in any case and place", function ()
      local body = amelia:get("/organizations/{org}/search?search=WELCOME+nora&on=task").body
      assert.equal(1, #body.task.data)
      assert.is_nil(body.process)
      assert.equal(0, #amelia:get("/organizations/{org}/search?search=nora+zebra&on=task").body.task.data)
    end)

    it("finds fields and steps when asked", function ()
      local body = amelia:get("/organizations/{org}/search?search=laptop&on=capture,step").body
      assert.equal("dropdown", body.capture.data[1].field_type)
      assert.is_string(body.capture.data[1].checklist_id)
    end)

    it("refuses empty words and unknown kinds", function ()
      assert.equal(422, amelia:get("/organizations/{org}/search?search=").status)
      assert.equal(422, amelia:get("/organizations/{org}/search?search=x&on=people").status)
    end)
  end)

  it("is a world without a future and never without overdue work, whatever the day", function ()
    for day = 0, 6 do
      local morning = require("practice.time").midnight(helper.wednesday) + day * 86400 + 1
      local fresh = require("practice.service").new { seed = day, now = function () return morning end }
      local overdue = helper.client(fresh, "Amelia"):get("/organizations/{org}/tasks?status=overdue")
      assert.is_true(overdue.body.meta.pagination.total > 3)
      for _, organization in ipairs(fresh.world.organizations) do
        for _, task in ipairs(organization.tasks.list) do
          assert.is_true(task.created_at <= morning and (task.completed_at or 0) <= morning)
          assert.is_true((task.completed_at or math.huge) >= task.created_at)
        end
      end
    end
  end)

  it("is the same world for the same seed, and another for another", function ()
    local again, other = helper.open(7), helper.open(8)
    assert.same(service:credentials(), again:credentials())
    assert.not_equal(service:credentials()[1].api_key, other:credentials()[1].api_key)
    local target = "/organizations/{org}/runs?with=tasks&per_page=100"
    assert.same(amelia:get(target), helper.client(again, "Amelia"):get(target))
  end)
end)
