-- The token endpoint, the authorisation page, and what applications may do (api.md 2). Each organisation has
-- one application: data/applications.lua says which, and the password of the made-up people.
local answers = require "practice.answers"
local applications = require "practice.data.applications"
local check = require "practice.check"
local includes = require "practice.includes"
local people = require "practice.people"
local problem = require "practice.problem"
local time = require "practice.time"

local sign_in = {}

-- Lifetimes in seconds. Six and twelve months for people, seven days for applications, about three months for
-- what an application mints, ten minutes for a code.
local lives = {
  access = 183 * time.day, refresh = 365 * time.day, application = 7 * time.day, minted = 90 * time.day,
  code = 600,
}

local function application_of(world, client_id)
  local id = math.tointeger(tonumber(client_id))
  for i, row in ipairs(applications.list) do
    if id and row.client_id == id then return { row = row, organization = world.organizations[i] } end
  end
  problem.bad_client()
end

local function account_of(world, email)
  for _, account in ipairs(world.accounts) do
    if email and account.email:lower() == email:lower() then return account end
  end
  return nil
end

-- An answer with an access token of <account>, and a new refresh token.
local function pair_for(request, account)
  local tokens, ids = request.world.tokens, request.world.ids
  local access_token = tokens:add(ids, {
    kind = "access", account = account, expires_at = request.now + lives.access,
  })
  local refresh_token = tokens:add(ids, {
    kind = "refresh", account = account, expires_at = request.now + lives.refresh,
  })
  return { status = 200, body = {
    token_type = "Bearer", expires_in = lives.access, access_token = access_token,
    refresh_token = refresh_token,
  } }
end

local grants = {}

function grants.password(request, form)
  local account = account_of(request.world, form.username)
  if not account or form.password ~= applications.password then
    problem.malformed("The user credentials were incorrect.")
  end
  return pair_for(request, account)
end

function grants.refresh_token(request, form)
  local token = request.world.tokens:take(form.refresh_token, "refresh", request.now)
  if not token then problem.malformed("The refresh token is invalid.") end
  return pair_for(request, token.account)
end

function grants.authorization_code(request, form)
  local token = request.world.tokens:take(form.code, "code", request.now)
  if not token or token.redirect_uri ~= form.redirect_uri then
    problem.malformed("The authorization code is invalid.")
  end
  return pair_for(request, token.account)
end

-- For applications: no refresh token, and user routes do not take it.
function grants.client_credentials(request, _, application)
  return { status = 200, body = {
    token_type = "Bearer", expires_in = lives.application,
    access_token = request.world.tokens:add(request.world.ids, {
      kind = "application", application = application, expires_at = request.now + lives.application,
    }),
  } }
end

-- Form-encoded only: JSON is a 400.
local function token(request)
  if request.raw_body:find("^%s*{") or (request.headers["content-type"] or ""):find("json", 1, true) then
    problem.malformed("The request must be form-encoded.")
  end
  local form = request:form()
  local application = application_of(request.world, form.client_id)
  if form.client_secret ~= application.row.client_secret then problem.bad_client() end
  local grant = grants[form.grant_type]
  if not grant then problem.malformed("The authorization grant type is not supported.") end
  return grant(request, form, application)
end

-- The real page asks the person to sign in; here the organisation's default administrator always agrees.
local function authorize(request)
  local application = application_of(request.world, request:text("client_id"))
  local redirect, kind = request:text("redirect_uri"), request:text("response_type")
  if not redirect or #redirect > 100 or not redirect:find("^https?://") or redirect:find("[%s#]") then
    problem.malformed("The redirect_uri must be an http or https address of at most 100 characters.")
  end
  if kind ~= "code" and kind ~= "token" then problem.malformed("The response_type must be code or token.") end
  local account = account_of(request.world, application.organization.members.list[1].email)
  local state = (request:text("state") or ""):match("^[%w_-]*$") or ""
  local tokens, ids = request.world.tokens, request.world.ids
  local result
  if kind == "code" then
    local code = tokens:add(ids, {
      kind = "code", account = account, redirect_uri = redirect, expires_at = request.now + lives.code,
    })
    result = ("%scode=%s"):format(redirect:find("?", 1, true) and "&" or "?", code)
  else
    local text = tokens:add(ids, {
      kind = "access", account = account, expires_at = request.now + lives.access,
    })
    result = ("#access_token=%s&token_type=Bearer&expires_in=%d"):format(text, lives.access)
  end
  if state ~= "" then result = result .. "&state=" .. state:sub(1, 40) end
  return { status = 302, headers = { Location = redirect .. result }, text = "", content_type = "text/html" }
end

-- An application provides a member, who is active at once.
local function provide(request)
  local body = check.new(request:body())
  local email = body:required("email") and body:text("email", 255)
  if email and not people.is_email(email) then
    body:fail("email", "The email must be a valid email address.")
  elseif email and people.member_by_email(request.organization, email) then
    body:fail("email", "The email has already been taken.")
  end
  local given = people.profile(body, { "first_name", "last_name" })
  given.role = body:choice("role", { "admin", "standard", "light" }) or "light"
  body:done()
  given.email, given.status = email, "active"
  local member = people.add_member(request.world, request.organization, given, request.now)
  return answers.one(includes.render("member", member, request))
end

-- A token that acts as a member. Unknown address: 404; known elsewhere only: 422.
local function mint(request)
  local account = account_of(request.world, request.params.email)
  if not account then problem.not_found() end
  local member = people.member_by_email(request.organization, request.params.email)
  if not member or member.status ~= "active" then
    problem.refused("This user is not an active member of the organization.")
  end
  return { status = 200, body = {
    token_type = "Bearer", expires_in = lives.minted,
    access_token = request.world.tokens:add(request.world.ids, {
      kind = "access", account = account, expires_at = request.now + lives.minted,
    }),
  } }
end

sign_in.routes = {
  { "POST", "/oauth/token", token, open = true },
  { "GET", "/oauth/authorize", authorize, open = true },
  { "POST", "/applications/{org}/users", provide, application = true },
  { "POST", "/applications/{org}/users/{email}/token", mint, application = true },
}

return sign_in
