-- Processes: listing, reading, launching (api.md 17 and 28.1).
local access = require "practice.access"
local answers = require "practice.answers"
local check = require "practice.check"
local includes = require "practice.includes"
local launch = require "practice.engine.launch"
local lists = require "practice.lists"
local owners = require "practice.engine.owners"
local problem = require "practice.problem"
local status = require "practice.engine.status"
local store = require "practice.store"

local runs = {}

-- Words of the status query that are not simply a stored status.
local status_tests = {
  problem = function (run) return run.status == "problem" or run.status == "issue" end,
  delayed = function (run, now) return status.count(run, status.is_overdue, now) > 0 end,
  starred = function (run) return run.starred end,
  improvement = function () return false end,
}

local function by_status(request)
  local word = request:text("status")
  if not word or word == "archived" then return function () return true end end
  local test = status_tests[word]
  return test and function (run) return test(run, request.now) end
    or function (run) return run.status == word end
end

local function by_archive(request)
  local only = request:text("archived") == "only" or request:text("status") == "archived"
  return function (run)
    if only then return run.archived_at ~= nil end
    return request:flag("archived") or run.archived_at == nil
  end
end

-- owners matches the process's owner or anyone who owns one of its tasks.
local function by_owners(request)
  local ids = request:list("owners")
  if not ids then return function () return true end end
  return function (run)
    for _, text in ipairs(ids) do
      local id = math.tointeger(tonumber(text))
      if run.owner_id == id then return true end
      for _, task in ipairs(run.tasks) do
        if lists.has(owners.members(run.organization, task.owners), id) then return true end
      end
    end
    return false
  end
end

local function matches(request)
  local words = lists.words(request:text("q") or "")
  local stands, kept, owned = by_status(request), by_archive(request), by_owners(request)
  local template = request:text("checklist_id") or request:text("blueprint_id")
  local folder, starred, kind = request:text("folder"), request:flag("starred"), request:text("type")
  return function (run)
    return kept(run) and stands(run) and lists.has_words(run.name, words)
      and (not template or run.checklist_id == template) and (not folder or lists.has(run.folders, folder))
      and (starred == nil or run.starred == starred) and (not kind or run.type == kind) and owned(run)
      and access.sees_run(request.organization, request.member, run)
  end
end

local sort_keys = {
  name = function (run) return run.name:lower() end,
  created_at = function (run) return run.created_at end,
  last_updated = function (run) return run.last_updated end,
  due_date = status.due_date,
  deadline = status.due_date,
}

-- Newest first unless asked otherwise.
local function list(request)
  local word, descending = answers.sort_words(request)
  local key = sort_keys[word]
  if not key then key, descending = sort_keys.created_at, true end
  local found = answers.sort(lists.filter(request.organization.runs.list, matches(request)), key, descending)
  return answers.list(request, found, { default = 10, maximum = 100 }, function (run)
    return includes.render("run", run, request)
  end)
end

-- The process of the path; archived ones are readable.
function runs.find(request)
  local run = request.organization.runs:get(request.params.run_id)
  if not run or not access.sees_run(request.organization, request.member, run) then problem.not_found() end
  return run
end

local function get(request)
  return answers.one(includes.render("run", runs.find(request), request))
end

-- A member named by id in the body, or nil; 422 when there is none.
local function member_named(request, body, key)
  local id = body:integer(key)
  if not id then return nil end
  local member = store.member(request.organization, id)
  if not member or member.status == "disabled" then
    body:fail(key, ("The selected %s is invalid."):format(key))
  end
  return id
end

-- The template to launch. Whether the caller may launch it comes before anything about the body.
local function template_named(request, body)
  local id = body:required("checklist_id") and body:text("checklist_id")
  local checklist = id and request.organization.checklists:get(id)
  if checklist and not access.launches(request.organization, request.member, checklist) then
    problem.forbidden("You are not allowed to launch this template.")
  end
  if id and (not checklist or checklist.archived_at) then
    body:fail("checklist_id", "The selected checklist_id is invalid.")
  end
  return checklist
end

-- A list of the body whose every entry is known to find(value), which gives what is kept; nil when absent.
local function list_of(body, key, find)
  local given = body:list(key)
  if not given then return nil end
  local kept = lists.map({})
  for _, value in ipairs(given) do
    local found = find(value)
    if not found then body:fail(key, ("The selected %s is invalid."):format(key)) end
    kept[#kept + 1] = found
  end
  return kept
end

local function people_of(request, body)
  local organization = request.organization
  local function user(value)
    local id = type(value) ~= "table" and math.tointeger(tonumber(value))
    local member = id and store.member(organization, id)
    return member and member.status ~= "disabled" and id
  end
  local function known(collection)
    return function (value) return type(value) == "string" and collection:get(value) and value end
  end
  return list_of(body, "users", user), list_of(body, "groups", known(organization.groups)),
    list_of(body, "folders", known(organization.folders))
end

local function create(request)
  local body = check.new(request:body())
  local order = {
    checklist = template_named(request, body), name = body:text("name", 550),
    summary = body:text("summary"), owner_id = member_named(request, body, "owner_id"),
    user_id = member_named(request, body, "user_id"), starred = body:flag("starred"),
    is_public = body:flag("is_public"), parent_id = body:text("parent_id"),
    prerun = body:object("prerun"), tasks = body:object("tasks"), roles = body:object("roles"),
  }
  order.users, order.groups, order.folders = people_of(request, body)
  body:done()
  local run = launch.start(request, order)
  return answers.one(includes.render("run", run, request), 201)
end

runs.routes = {
  { "GET", "/organizations/{org}/runs", list },
  { "POST", "/organizations/{org}/runs", create },
  { "GET", "/organizations/{org}/runs/{run_id}", get },
}

return runs
