-- Who asks, and what they may see and do (api.md sections 4 and 6). The only file that compares roles.
local lists = require "practice.lists"
local ordering = require "practice.ordering"
local problem = require "practice.problem"
local store = require "practice.store"

local access = {}

-- The token behind "Authorization: Bearer <token>" with exactly one space, or nil.
local function bearer(headers)
  return (headers.authorization or ""):match("^Bearer (%S+)$")
end

-- A token that /oauth/token or an application gave out, or nil: { account = } or { application = }.
local function token_of(world, headers, now)
  local token = world.tokens:get(bearer(headers))
  return token and token.expires_at > (now or world.now()) and token or nil
end

-- The account behind a personal key or a user's token, or nil. <now> decides what has expired.
function access.account(world, headers, now)
  local key = bearer(headers)
  if not key then return nil end
  if world.account_by_key[key] then return world.account_by_key[key] end
  local token = token_of(world, headers, now)
  return token and token.account
end

-- A missing X-Tallyfy-Client is a 401 unless the world's switch says otherwise.
local function require_client(request)
  local client = request.headers["x-tallyfy-client"]
  if request.world.switches.client_header and (not client or client == "") then
    problem.unauthenticated()
  end
end

-- Sets request.account, or refuses with 401: also an application's token, which is nobody's.
function access.authenticate(request)
  require_client(request)
  request.account = access.account(request.world, request.headers, request.now)
  if not request.account then problem.unauthenticated() end
end

-- Sets request.organization and request.member (its default administrator, in whose name the application
-- acts), or refuses: 401 for any token but an application's, 403 for another organisation's.
function access.authenticate_application(request, organization_id)
  require_client(request)
  local token = token_of(request.world, request.headers, request.now)
  local application = token and token.application
  if not application then problem.unauthenticated() end
  if application.organization.id ~= organization_id then
    problem.forbidden("This application belongs to another organization.")
  end
  request.organization, request.member = application.organization, application.organization.members.list[1]
end

-- Sets request.organization and request.member, or refuses with 403: also for an organisation that does not
-- exist, so that a stranger cannot find out which ones do.
function access.enter(request, organization_id)
  for _, membership in ipairs(request.account.memberships) do
    if membership.organization.id == organization_id and membership.member.status == "active" then
      request.organization, request.member = membership.organization, membership.member
      return
    end
  end
  problem.forbidden("You are not a member of this organization.")
end

function access.is_admin(member)
  return member.role == "admin"
end

-- <role> is a route's minimum: "admin", "standard", or "manage_groups": a standard member where the
-- organisation allows it.
function access.require_role(request, role)
  local member = request.member
  if access.is_admin(member) then return end
  local full = member.role ~= "light"
  if role == "standard" and full then return end
  if role == "manage_groups" and full and request.organization.allow_manage_groups then return end
  problem.forbidden()
end

-- True when a record's users or groups name the member.
local function names(organization, record, member)
  if lists.has(record.users, member.id) then return true end
  for _, group in ipairs(store.groups_of(organization, member)) do
    if lists.has(record.groups, group.id) then return true end
  end
  return false
end

function access.sees_checklist(organization, member, checklist)
  if access.is_admin(member) then return true end
  if member.role ~= "light" and not organization.restrict_blueprint_permissions then return true end
  return checklist.owner_id == member.id or names(organization, checklist, member)
end

-- Templates are edited by those who see them, light members excepted (api.md 6, default chosen).
function access.edits_checklist(organization, member, checklist)
  return member.role ~= "light" and access.sees_checklist(organization, member, checklist)
end

-- Launching asks for the same grant as reading: light members launch what names them.
access.launches = access.sees_checklist

function access.owns_task(organization, member, task)
  local index = organization.owner_index
  if (index["user " .. member.id] or {})[task] then return true end
  for _, group in ipairs(store.groups_of(organization, member)) do
    if (index["group " .. group.id] or {})[task] then return true end
  end
  return false
end

-- True when a process itself names the member. <groups> is the set of the member's groups.
local function run_names(run, member, groups)
  if run.owner_id == member.id or run.started_by == member.id or lists.has(run.users, member.id) then
    return true
  end
  for _, id in ipairs(run.groups) do
    if groups[id] then return true end
  end
  return run.mentioned ~= nil and run.mentioned[member.id] == true
end

function access.sees_run(organization, member, run)
  if member.role ~= "light" then return true end
  if run.owner_id == member.id or run.started_by == member.id or names(organization, run, member) then
    return true
  end
  if run.mentioned and run.mentioned[member.id] then return true end
  for _, task in ipairs(run.tasks) do
    if access.owns_task(organization, member, task) then return true end
  end
  return false
end

function access.sees_task(organization, member, task)
  if member.role ~= "light" then return true end
  if access.owns_task(organization, member, task) or task.starter_id == member.id then return true end
  if task.mentioned and task.mentioned[member.id] then return true end -- a mention grants access
  return task.run ~= nil and access.sees_run(organization, member, task.run)
end

local function everything() return true end

-- What a light member sees: the tasks and processes, each as a set and the tasks as a list too.
local function look_round(organization, member)
  local seen = { run = {}, task = {}, tasks = {} }
  local function take(task)
    if seen.task[task] then return end
    seen.task[task] = true
    seen.tasks[#seen.tasks + 1] = task
  end
  for _, task in ipairs(store.tasks_of(organization, member)) do
    take(task)
    if task.run then seen.run[task.run] = true end
  end
  local groups = {}
  for _, group in ipairs(store.groups_of(organization, member)) do groups[group.id] = true end
  for _, run in ipairs(organization.runs.list) do
    if not seen.run[run] and run_names(run, member, groups) then seen.run[run] = true end
    for _, task in ipairs(seen.run[run] and run.tasks or {}) do take(task) end
  end
  for _, task in ipairs(organization.tasks.list) do
    if task.starter_id == member.id or (task.mentioned and task.mentioned[member.id]) then take(task) end
  end
  return seen
end

-- The tests a list needs: { run = function (run), task = function (task), tasks = all tasks that are seen, or nil
-- where that is every one }. For single records see sees_run() and sees_task(), which say the same.
function access.sight(request)
  local organization, member = request.organization, request.member
  if member.role ~= "light" then return { run = everything, task = everything } end
  local seen = ordering.selection(request.world, organization, "sight of " .. member.id, nil, function ()
    return look_round(organization, member)
  end)
  return {
    run = function (run) return seen.run[run] == true end,
    task = function (task) return seen.task[task] == true end,
    tasks = seen.tasks,
  }
end

-- Completing, reopening, editing and commenting (api.md 28.5).
function access.acts_on_task(organization, member, task)
  if access.is_admin(member) or access.owns_task(organization, member, task) then return true end
  if member.role == "light" then return false end
  if task.run and task.run.owner_id == member.id then return true end
  return not task.can_complete_only_assignees
end

return access
