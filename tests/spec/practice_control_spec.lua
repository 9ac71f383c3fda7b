-- The practice organisation's control routes, clock, limits and switches.
local root = debug.getinfo(1, "S").source:match("^@(.*)practice_control_spec.lua$")
local helper = dofile(root .. "practice_helper.lua")
local at = "/organizations/{org}"

describe("practice control", function ()
  local service, clock, amelia, ben

  before_each(function ()
    service, clock = helper.open()
    amelia, ben = helper.client(service, "Amelia"), helper.client(service, "Ben")
  end)

  -- Control routes need no credentials.
  local function control(method, path, body)
    local answer = service:handle {
      method = method, path = path, query = "", headers = {}, body = body and helper.json.encode(body) or "",
    }
    if answer.body then answer.body = helper.json.decode(helper.json.encode(answer.body)) end
    return answer
  end

  local function tags()
    local titles = {}
    for i, tag in ipairs(amelia:get(at .. "/tags").body.data) do titles[i] = tag.title end
    return table.concat(titles, ", ")
  end

  describe("the clock", function ()
    local function now_there()
      return amelia:post(at .. "/tags", { title = "At " .. math.random(1 << 30) }).body.data.created_at
    end

    it("is the host's until moved, then runs on from there", function ()
      assert.equal("2026-11-25T10:30:00Z", now_there())
      assert.equal(200, control("POST", "/practice/clock", { now = "2027-01-01T00:00:00Z" }).status)
      clock.now = clock.now + 90
      assert.equal("2027-01-01T00:01:30Z", now_there())
      assert.equal(204, control("DELETE", "/practice/clock").status)
      assert.equal("2026-11-25T10:31:30Z", now_there())
    end)

    it("stands still when frozen, and advances by amounts", function ()
      control("POST", "/practice/clock", { advance = { value = 2, unit = "days" }, frozen = true })
      clock.now = clock.now + 90
      assert.equal("2026-11-27T10:30:00Z", now_there())
      local view = control("POST", "/practice/clock", { advance = { value = 1, unit = "months" } }).body.data
      assert.same({ now = "2026-12-27T10:30:00Z", moved = true, frozen = false }, view)
      assert.same(view, control("GET", "/practice/clock").body.data)
    end)

    it("refuses what is no moment", function ()
      for _, body in ipairs { {}, { now = "soon" }, { advance = { value = 1, unit = "moons" } },
        { advance = { unit = "days" } } } do
        assert.equal(422, control("POST", "/practice/clock", body).status)
      end
    end)

    it("can be set for one request by X-Practice-Now", function ()
      local headers = { ["x-practice-now"] = "2028-02-29T08:00:00Z" }
      local tag = amelia:post(at .. "/tags", { title = "Leap" }, headers).body.data
      assert.equal("2028-02-29T08:00:00Z", tag.created_at)
      assert.equal("2026-11-25T10:30:00Z", now_there())
      assert.equal(400, amelia:get("/me", { ["x-practice-now"] = "later" }).status)
    end)

    it("makes work overdue", function ()
      local function overdue() return amelia:get(at .. "/tasks?status=overdue").body.meta.pagination.total end
      local before = overdue()
      control("POST", "/practice/clock", { advance = { value = 4, unit = "weeks" } })
      assert.is_true(overdue() > before)
    end)
  end)

  describe("snapshots", function ()
    it("bring back everything, clock and connections included, as often as wanted", function ()
      local before = tags()
      local run = amelia:get(at .. "/runs").body.data[1]
      assert.equal(201, control("POST", "/practice/snapshot", { name = "morning" }).status)
      for _ = 1, 2 do
        amelia:post(at .. "/tags", { title = "Later" })
        amelia:delete(at .. "/runs/" .. run.id)
        control("POST", "/practice/clock", { now = "2030-01-01" })
        assert.not_equal(before, tags())
        assert.equal(200, control("POST", "/practice/restore", { name = "morning" }).status)
        assert.equal(before, tags())
        assert.equal(helper.json.encode(run),
          helper.json.encode(amelia:get(at .. "/runs").body.data[1]))
        assert.equal("2026-11-25T10:30:00Z", control("GET", "/practice/clock").body.data.now)
      end
      -- What hangs together in the copy: a task, its process, its owner.
      local task = amelia:get(at .. "/tasks?status=incomplete&q=Label").body.data[1]
      assert.equal(200, amelia:post(at .. "/completed-tasks", { task_id = task.id }).status)
      assert.same({}, amelia:get(at .. "/users/41003/tasks?status=incomplete&q=Label").body.data)
    end)

    it("are not changed by what happens afterwards", function ()
      control("POST", "/practice/snapshot")
      local checklist = service.world.organizations[1].checklists.list[1]
      checklist.steps[1].title = "Scratched"
      control("POST", "/practice/restore")
      assert.not_equal("Scratched", service.world.organizations[1].checklists.list[1].steps[1].title)
    end)

    it("have names, of which there are eight, and none unknown", function ()
      assert.equal(422, control("POST", "/practice/restore", { name = "never" }).status)
      for i = 1, 8 do assert.equal(201, control("POST", "/practice/snapshot", { name = "s" .. i }).status) end
      assert.equal(422, control("POST", "/practice/snapshot", { name = "s9" }).status)
      assert.equal(201, control("POST", "/practice/snapshot", { name = "s1" }).status)
    end)

    it("are forgotten by a reset, which brings back the beginning", function ()
      local before = tags()
      control("POST", "/practice/snapshot")
      amelia:post(at .. "/tags", { title = "Later" })
      control("POST", "/practice/clock", { now = "2030-01-01" })
      control("POST", "/practice/reset")
      assert.equal(before, tags())
      assert.equal("2026-11-25T10:30:00Z", control("GET", "/practice/clock").body.data.now)
      assert.equal(422, control("POST", "/practice/restore").status)
    end)
  end)

  describe("rate limits", function ()
    local function set(values) assert.equal(200, control("PUT", "/practice/switches", values).status) end

    it("are off by default", function ()
      for _ = 1, 700 do assert.equal(200, amelia:get("/me").status) end
    end)

    it("count each user in a rolling minute, and say when to come again", function ()
      set { requests_per_minute = 3 }
      assert.equal(200, amelia:get("/me").status)
      clock.now = clock.now + 20
      assert.equal(200, amelia:get("/me").status)
      assert.equal(200, amelia:get("/me").status)
      local answer = amelia:get("/me")
      assert.equal(429, answer.status)
      assert.equal("40", answer.headers["Retry-After"])
      assert.equal("0", answer.headers["X-RateLimit-Remaining"])
      assert.equal("RATE_LIMIT_EXCEEDED", answer.body.code)
      assert.equal(200, ben:get("/me").status)
      clock.now = clock.now + 39
      assert.equal(429, amelia:get("/me").status)
      clock.now = clock.now + 1
      assert.equal(200, amelia:get("/me").status)
      assert.equal(429, amelia:get("/me").status)
    end)

    it("count new guests of an organisation in an hour; a known one costs nothing", function ()
      set { guests_per_hour = 1 }
      assert.equal(201, amelia:post(at .. "/guests", { email = "one@x.example" }).status)
      assert.equal(201, amelia:post(at .. "/guests", { email = "one@x.example" }).status)
      assert.equal(429, ben:post(at .. "/guests", { email = "two@x.example" }).status)
      clock.now = clock.now + 3600
      assert.equal(201, ben:post(at .. "/guests", { email = "two@x.example" }).status)
    end)
  end)

  describe("switches", function ()
    it("are listed with their defaults, and refuse what they are not", function ()
      local rows = control("GET", "/practice/switches").body.data
      assert.is_true(helper.find(rows, "name", "client_header").value)
      for _, wrong in ipairs { { no_such = true }, { client_header = 1 }, { requests_per_minute = -1 },
        { requests_per_minute = 1.5 } } do
        assert.equal(422, control("PUT", "/practice/switches", wrong).status)
      end
      assert.same(rows, control("GET", "/practice/switches").body.data)
    end)

    local function with(name, value)
      assert.equal(200, control("PUT", "/practice/switches", { [name] = value }).status)
    end

    it("change how answers look", function ()
      with("laravel_errors", true)
      assert.equal("The given data was invalid.", amelia:post(at .. "/tags", {}).body.message)
      with("progress_integer", true)
      assert.equal("integer", math.type(amelia:get(at .. "/runs").body.data[1].progress))
      with("owner_objects", true)
      local owner = amelia:get(at .. "/tasks?q=Label").body.data[1].owners.users[1]
      assert.same({ 41003, "Carla Duarte" }, { owner.id, owner.full_name })
      with("capitalised_roles", true)
      assert.equal("Admin", amelia:get("/me").body.data.role)
      with("completed_run_word", true)
      local words = {}
      for _, run in ipairs(amelia:get(at .. "/runs?per_page=100").body.data) do words[run.status] = true end
      assert.is_true(words.completed)
      assert.is_nil(words.complete)
      with("active_task_word", true)
      for _, task in ipairs(amelia:get(at .. "/tasks?per_page=100").body.data) do
        assert.not_equal("in-progress", task.status)
      end
    end)
  end)

  it("is not under any other path, and knows no other route", function ()
    assert.equal(404, control("GET", "/practice/secrets").status)
    assert.equal("ENDPOINT_NOT_FOUND", amelia:get("/api/practice/clock").body.code)
  end)

  it("never logs what was sent to the token endpoint", function ()
    amelia:post("/oauth/token", "grant_type=password&client_id=4001&client_secret=hush&password=hush")
    assert.is_nil(helper.json.encode(control("GET", "/practice/requests").body):find("hush", 1, true))
  end)
end)
