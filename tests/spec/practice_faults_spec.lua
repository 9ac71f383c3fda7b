-- Trouble on request, the log of requests, and the other control routes of the practice organisation.
local root = debug.getinfo(1, "S").source:match("^@(.*)practice_faults_spec.lua$")
local helper = dofile(root .. "practice_helper.lua")

describe("trouble on request", function ()
  local service, amelia, ines

  before_each(function ()
    service = helper.open()
    amelia, ines = helper.client(service, "Amelia"), helper.client(service, "Ines")
  end)

  local function control(method, path, body)
    local answer = service:handle {
      method = method, path = path, query = "", headers = {},
        body = body and helper.json.encode(body) or "",
    }
    if answer.body then answer.body = helper.json.decode(helper.json.encode(answer.body)) end
    return answer
  end

  local function statuses(count, headers)
    local out = {}
    for i = 1, count do out[i] = amelia:get("/me", headers).status end
    return out
  end

  it("by header counts over the attempts of one request, and begins anew afterwards", function ()
    local headers = { ["x-practice-fault"] = "503x2" }
    assert.same({ 503, 503, 200, 503, 503, 200 }, statuses(6, headers))
    assert.same({ 200 }, statuses(1))
  end)

  it("by header is told when it makes no sense", function ()
    local answer = amelia:get("/me", { ["x-practice-fault"] = "explode" })
    assert.equal(400, answer.status)
    assert.matches("explode", answer.body.message)
  end)

  it("latency comes with every answer, the real one included", function ()
    local headers = { ["x-practice-fault"] = "503, latency=200ms" }
    local first, second = amelia:get("/me", headers), amelia:get("/me", headers)
    assert.same({ 503, 200 }, { first.status, first.delay })
    assert.same({ 200, 200 }, { second.status, second.delay })
  end)

  it("429 has Retry-After", function ()
    local answer = amelia:get("/me", { ["x-practice-fault"] = "429x1;retry-after=3" })
    assert.equal(429, answer.status)
    assert.equal("3", answer.headers["Retry-After"])
    assert.equal("RATE_LIMIT_EXCEEDED", answer.body.code)
  end)

  it("has every kind", function ()
    local function with(fault) return amelia:get("/me", { ["x-practice-fault"] = fault }) end
    assert.equal("hang", with("hang").delivery)
    assert.equal("cut", with("cut").delivery)
    assert.matches("^text/html", with("html").content_type)
    local huge = with("huge=1MB")
    assert.same({ "huge", 1024 * 1024 }, { huge.delivery, huge.bytes })
    local drip = with("drip=5ms")
    assert.same({ "drip", 5, 200 }, { drip.delivery, drip.pause, drip.status })
    local garbage = with("garbage")
    assert.equal(200, garbage.status)
    assert.has_error(function () helper.json.decode(garbage.text) end)
  end)

  it("in front of the API has no effect there, behind it has", function ()
    local function create(fault)
      return amelia:post("/organizations/{org}/tasks", {
        title = "Marker", task_type = "task", deadline = "2026-12-01", owners = { users = { 41001 } },
      }, { ["x-practice-fault"] = fault })
    end
    local function count()
      return amelia:get("/organizations/{org}/tasks?q=Marker").body.meta.pagination.total
    end
    create("502")
    create("hang")
    assert.equal(0, count())
    create("cut")
    assert.equal(1, count())
  end)

  describe("for the requests of others", function ()
    it("matches path, method and person, and is used up", function ()
      local answer = control("POST", "/practice/faults", {
        fault = "503x2", method = "GET", path_prefix = "/me", who = "Amelia Hartmann",
      })
      assert.equal(201, answer.status)
      assert.equal(200, ines:get("/me").status)
      assert.equal(200, amelia:get("/organizations/{org}").status)
      assert.same({ 503, 503, 200, 200 }, statuses(4))
    end)

    it("can last as long as told", function ()
      control("POST", "/practice/faults", { fault = "hang", times = 3, path_contains = "me" })
      local hangs = 0
      for _ = 1, 5 do hangs = hangs + (amelia:get("/me").delivery == "hang" and 1 or 0) end
      assert.equal(3, hangs)
      control("POST", "/practice/faults", { fault = "500x*" })
      assert.same({ 500, 500, 500 }, statuses(3))
      assert.equal(204, control("DELETE", "/practice/faults").status)
      assert.same({ 200 }, statuses(1))
    end)

    it("is refused when unreadable, or when there are too many", function ()
      assert.equal(422, control("POST", "/practice/faults", {}).status)
      assert.equal(422, control("POST", "/practice/faults", { fault = "explode" }).status)
      assert.equal(422, control("POST", "/practice/faults", { fault = "503", method = 7 }).status)
      for _ = 1, 100 do control("POST", "/practice/faults", { fault = "503", path_prefix = "/never" }) end
      assert.equal(422, control("POST", "/practice/faults", { fault = "503" }).status)
    end)
  end)

  describe("the log of requests", function ()
    it("has who, what and the answer's status, but no key", function ()
      amelia:post("/organizations/{org}/tasks?x=1", { title = "Logged" })
      ines:get("/me", { authorization = "Bearer wrong" })
      local log = control("GET", "/practice/requests").body
      assert.equal(2, log.total)
      assert.same({ "POST", "x=1", "Amelia Hartmann", 422 },
        { log.data[1].method, log.data[1].query, log.data[1].who, log.data[1].status })
      assert.equal("Logged", log.data[1].body.title)
      assert.equal(helper.null, log.data[2].who)
      assert.is_nil(helper.json.encode(log):find("practice%-amelia"))
    end)

    it("keeps the last thousand and can be narrowed and emptied", function ()
      for _ = 1, 1005 do amelia:get("/me") end
      amelia:get("/organizations/{org}")
      local log = control("GET", "/practice/requests").body
      assert.same({ 1000, 1006, 7 }, { #log.data, log.total, log.data[1].number })
      local answer = service:handle {
        method = "GET", path = "/practice/requests", query = "path_prefix=/organizations", headers = {},
          body = "",
      }
      assert.equal(1, #answer.body.data)
      control("DELETE", "/practice/requests")
      assert.equal(0, control("GET", "/practice/requests").body.total)
    end)
  end)

  it("reset brings back the world of the start", function ()
    local total = amelia:get("/organizations/{org}/tasks").body.meta.pagination.total
    amelia:post("/organizations/{org}/tasks", {
      title = "Marker", task_type = "task", deadline = "2026-12-01", owners = { users = { 41001 } },
    })
    control("POST", "/practice/faults", { fault = "500x*" })
    assert.equal(200, control("POST", "/practice/reset").status)
    assert.equal(total, amelia:get("/organizations/{org}/tasks").body.meta.pagination.total)
    assert.equal(1, control("GET", "/practice/requests").body.total)
  end)

  it("unknown control routes are unknown", function ()
    assert.equal(404, control("GET", "/practice/credentials").status)
    assert.equal(404, control("PUT", "/practice/reset").status)
  end)
end)
