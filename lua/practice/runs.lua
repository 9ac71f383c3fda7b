-- Processes: listing, reading, launching (api.md 17 and 28.1). Changing them is in run_edits.lua.
local access = require "practice.access"
local answers = require "practice.answers"
local check = require "practice.check"
local includes = require "practice.includes"
local labels = require "practice.labels"
local launch = require "practice.engine.launch"
local lists = require "practice.lists"
local ordering = require "practice.ordering"
local problem = require "practice.problem"
local status = require "practice.engine.status"
local store = require "practice.store"

local runs = {}

-- Words of the status query that are not simply a stored status.
local status_tests = {
  problem = function (run) return run.status == "problem" or run.status == "issue" end,
  delayed = function (run, now) return status.count(run, status.is_overdue, now) > 0 end,
  starred = function (run) return run.starred end,
  improvement = function (run)
    for _, thread in ipairs(run.threads) do
      if thread.label == "improvement" then return true end
    end
    return false
  end,
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

local function everything() return true end

-- owners matches the process's owner or anyone who owns one of its tasks; me is oneself.
local function by_owners(request)
  local ids = request:list("owners")
  if request:flag("me") then ids = { tostring(request.member.id) } end
  if not ids then return everything end
  local wanted, works_on = {}, {}
  for _, text in ipairs(ids) do
    local member = store.member(request.organization, math.tointeger(tonumber(text)) or 0)
    if member then
      wanted[member.id] = true
      for _, task in ipairs(store.tasks_of(request.organization, member)) do
        if task.run then works_on[task.run] = true end
      end
    end
  end
  return function (run) return wanted[run.owner_id] or works_on[run] end
end

-- tag names one tag, tag_ids several of which any will do; untagged=true asks for none.
local function by_tags(request)
  local ids, untagged = request:list("tag_ids") or request:list("tag"), request:flag("untagged")
  if not ids and not untagged then return everything end
  return function (run)
    if untagged then return #labels.of(request.organization, run.id) == 0 end
    for _, id in ipairs(ids) do
      if labels.has(request.organization, run.id, id) then return true end
    end
    return false
  end
end

local function by_groups(request)
  local ids = request:list("groups")
  if not ids then return everything end
  return function (run)
    for _, id in ipairs(ids) do
      if lists.has(run.groups, id) then return true end
    end
    return false
  end
end

local task_words = { ["in-progress"] = "active_visible", completed = "completed" }

-- task_status: some task stands so; all and unknown words ask for nothing (default chosen).
local function by_task_status(request)
  local word = task_words[request:text("task_status")]
  local test = word and status.filter(word)
  if not test then return everything end
  return function (run) return status.count(run, test, request.now) > 0 end
end

local function matches(request)
  local words = lists.words(request:text("q") or "")
  local stands, kept, owned = by_status(request), by_archive(request), by_owners(request)
  local template = request:text("checklist_id") or request:text("blueprint_id")
  local folder, starred, kind = request:text("folder"), request:flag("starred"), request:text("type")
  local sight = access.sight(request)
  local tagged, grouped, busy = by_tags(request), by_groups(request), by_task_status(request)
  return function (run)
    return kept(run) and stands(run) and lists.has_words(run.name, words)
      and (not template or run.checklist_id == template) and (not folder or lists.has(run.folders, folder))
      and (starred == nil or run.starred == starred) and (not kind or run.type == kind) and owned(run)
      and tagged(run) and grouped(run) and busy(run) and sight.run(run)
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
  -- Some filters ask about overdue tasks, so what they let through changes with time alone.
  local moment = (request:text("status") or request:text("task_status")) and request.now or nil
  local test = matches(request)
  local label = ordering.label(request, "runs")
  local found = ordering.selection(request.world, request.organization, label, moment, function ()
    local name = sort_keys[word] and word or "created_at"
    return lists.filter(ordering.sorted(request.world, request.organization, "runs", name, key, descending), test)
  end)
  return answers.list(request, found, { default = 10, maximum = 100 }, function (run)
    return runs.view(request, run)
  end)
end

-- A process with its includes; form_fields_values=true is another way to ask for the fields.
function runs.view(request, run)
  if request:flag("form_fields_values") then request.with.form_fields = request.with.form_fields or {} end
  return includes.render("run", run, request)
end

-- The process of the path; archived ones are readable.
function runs.find(request)
  local run = request.organization.runs:get(request.params.run_id)
  if not run or not access.sees_run(request.organization, request.member, run) then problem.not_found() end
  return run
end

local function get(request)
  return answers.one(runs.view(request, runs.find(request)))
end

-- Both kinds of fields with their values, out of the includes of the same names.
local function form_fields(request)
  local view = includes.render("run", runs.find(request), request, { form_fields = {}, ko_form_fields = {} })
  return answers.one({ form_fields = view.form_fields.data, ko_form_fields = view.ko_form_fields.data })
end

-- A member named by id in the body, or nil; 422 when there is none.
function runs.member_named(request, body, key)
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

-- users, groups, folders and tags of the body; nil for what is absent.
function runs.people_of(request, body)
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
    list_of(body, "folders", known(organization.folders)), list_of(body, "tags", known(organization.tags))
end

local function create(request)
  local body = check.new(request:body())
  local order = {
    checklist = template_named(request, body), name = body:text("name", 550),
    summary = body:text("summary"), owner_id = runs.member_named(request, body, "owner_id"),
    user_id = runs.member_named(request, body, "user_id"), starred = body:flag("starred"),
    is_public = body:flag("is_public"), parent_id = body:text("parent_id"),
    prerun = body:object("prerun"), tasks = body:object("tasks"), roles = body:object("roles"),
  }
  order.users, order.groups, order.folders, order.tags = runs.people_of(request, body)
  body:done()
  local run = launch.start(request, order)
  return answers.one(includes.render("run", run, request), 201)
end

runs.routes = {
  { "GET", "/organizations/{org}/runs", list },
  { "POST", "/organizations/{org}/runs", create },
  { "GET", "/organizations/{org}/runs/{run_id}", get },
  { "GET", "/organizations/{org}/runs/{run_id}/form-fields", form_fields },
}

return runs
