-- The token endpoint and applications: every way in, and every way that must stay shut.
local root = debug.getinfo(1, "S").source:match("^@(.*)practice_sign_in_spec.lua$")
local helper = dofile(root .. "practice_helper.lua")

describe("signing in", function ()
  local service, clock, amelia, ines

  before_each(function ()
    service, clock = helper.open()
    amelia, ines = helper.client(service, "Amelia"), helper.client(service, "Ines")
  end)

  local function token(form, headers)
    local text = {}
    for key, value in pairs(form) do text[#text + 1] = key .. "=" .. value end
    return amelia:call("POST", "/oauth/token", table.concat(text, "&"), headers or { authorization = false })
  end

  local function credentials(more)
    local form = { client_id = "4001", client_secret = "practice-application-marigold" }
    for key, value in pairs(more) do form[key] = value end
    return form
  end

  local function as(text) return { authorization = "Bearer " .. text } end

  local function application()
    return token(credentials { grant_type = "client_credentials", scope = "*" }).body.access_token
  end

  it("needs a form, a client that exists, and its secret", function ()
    local json = amelia:post("/oauth/token", credentials { grant_type = "client_credentials" })
    assert.equal(400, json.status)
    for _, form in ipairs { { client_id = "abc" }, { client_id = "9999" }, { client_secret = "wrong" },
      { client_id = "4002" } } do
      form.grant_type = "client_credentials"
      local answer = token(credentials(form))
      assert.equal(401, answer.status)
      assert.equal("invalid_client", answer.body.error)
    end
    assert.equal(400, token(credentials { grant_type = "magic" }).status)
  end)

  it("needs the right password", function ()
    local right = { grant_type = "password", username = "ben.okonkwo@marigold.example", password = "practice" }
    assert.equal(200, token(credentials(right)).status)
    right.password = "guess"
    assert.equal(400, token(credentials(right)).status)
    right.username, right.password = "nobody@marigold.example", "practice"
    assert.equal(400, token(credentials(right)).status)
  end)

  it("gives tokens that end, and refresh tokens that work once", function ()
    local pair = token(credentials { grant_type = "password", username = "ben.okonkwo@marigold.example",
      password = "practice" }).body
    assert.equal("Bearer", pair.token_type)
    assert.equal(200, amelia:get("/me", as(pair.access_token)).status)
    assert.equal(401, amelia:get("/me", as(pair.refresh_token)).status, "a refresh token opens nothing")
    clock.now = clock.now + pair.expires_in
    assert.equal(401, amelia:get("/me", as(pair.access_token)).status)
    local form = credentials { grant_type = "refresh_token", refresh_token = pair.refresh_token }
    local second = token(form)
    assert.equal(200, amelia:get("/me", as(second.body.access_token)).status)
    assert.equal(400, token(form).status)
  end)

  it("gives codes that belong to one address and work once", function ()
    local target = "/oauth/authorize?client_id=4001&response_type=code&redirect_uri=https%3A%2F%2Fapp.example%2Fb"
    local function code() return amelia:get(target).headers.Location:match("code=([^&]+)") end
    local form = credentials { grant_type = "authorization_code", redirect_uri = "https://evil.example/b", code = code() }
    assert.equal(400, token(form).status)
    form.redirect_uri = "https://app.example/b"
    assert.equal(400, token(form).status, "it is spent")
    form.code = code()
    assert.equal(200, token(form).status)
    form.code = code()
    clock.now = clock.now + 600
    assert.equal(400, token(form).status, "it is too old")
    for _, wrong in ipairs { "", "&redirect_uri=javascript:x", "&redirect_uri=https%3A%2F%2Fa.example%2F%0d%0ax" } do
      assert.equal(400, amelia:get("/oauth/authorize?client_id=4001&response_type=code" .. wrong).status)
    end
    assert.equal(401, amelia:get("/oauth/authorize?client_id=1&response_type=code").status)
  end)

  it("puts an implicit token into the fragment", function ()
    local target = "/oauth/authorize?client_id=4002&response_type=token&redirect_uri=https%3A%2F%2Fapp.example%2Fb"
    local text = amelia:get(target).headers.Location:match("^https://app.example/b#access_token=([^&]+)&")
    assert.equal("Ines Moreau", amelia:get("/me", as(text)).body.data.full_name)
  end)

  it("keeps applications out of people's routes, and people out of theirs", function ()
    local text = application()
    assert.equal(401, amelia:get("/me", as(text)).status)
    assert.equal(401, amelia:get("/organizations/{org}/tasks", as(text)).status)
    assert.equal(401, amelia:post("/applications/{org}/users", { email = "x@y.example" }).status)
    clock.now = clock.now + 604800
    assert.equal(401, amelia:post("/applications/{org}/users", { email = "x@y.example" }, as(text)).status)
  end)

  it("mints tokens for members only", function ()
    local text = application()
    local function mint(org, email)
      return amelia:post("/applications/" .. org .. "/users/" .. email .. "/token", nil, as(text)).status
    end
    assert.equal(200, mint(amelia.org, "carla.duarte@marigold.example"))
    assert.equal(404, mint(amelia.org, "nobody@marigold.example"))
    assert.equal(422, mint(amelia.org, "jonas.weber@juniper.example"))
    assert.equal(422, mint(amelia.org, "hugo.marsh@marigold.example"), "disabled")
    assert.equal(403, mint(ines.org, "jonas.weber@juniper.example"))
  end)

  it("remembers a bounded number of tokens", function ()
    local first = application()
    for _ = 1, 1000 do application() end
    assert.equal(1000, #service.world.tokens.list)
    assert.equal(401, amelia:post("/applications/{org}/users", {}, as(first)).status)
  end)

  it("protects the default administrator and one's only account", function ()
    local at = "/organizations/{org}/users/41001"
    assert.equal(400, amelia:delete(at).status)
    assert.equal(400, amelia:put(at .. "/role", { role = "light" }).status)
    assert.equal(400, amelia:put(at .. "/to/guest").status)
    assert.equal("admin", amelia:get("/me").body.data.role)
  end)
end)
