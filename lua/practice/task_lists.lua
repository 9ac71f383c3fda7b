-- Lists of tasks and their filters: the organisation's, a member's, a process's (api.md 18).
local access = require "practice.access"
local answers = require "practice.answers"
local includes = require "practice.includes"
local json = require "json"
local labels = require "practice.labels"
local lists = require "practice.lists"
local ordering = require "practice.ordering"
local owners = require "practice.engine.owners"
local problem = require "practice.problem"
local status = require "practice.engine.status"
local store = require "practice.store"
local time = require "practice.time"

local task_lists = {}
local page = { default = 10, maximum = 100 }

local function everything() return true end

-- The test behind status=; an unknown word is a 422.
local function by_status(request, default)
  local word = request:text("status")
  if not word or word == "all" then return default end
  local test = status.filter(word)
  if not test then
    problem.invalid { status = json.array({ ("The selected status %s is invalid."):format(word) }) }
  end
  return function (task) return test(task, request.now) end
end

-- owners=, guests=, groups=, assignee=me, unassigned=true
local function by_owners(request)
  local users, guests, groups = request:list("owners"), request:list("guests"), request:list("groups")
  if request:text("assignee") == "me" then users = { tostring(request.member.id) } end
  local unassigned = request:flag("unassigned")
  if not (users or guests or groups or unassigned) then return everything end
  local function any(wanted, present)
    for _, value in ipairs(wanted or {}) do
      for _, one in ipairs(present) do
        if tostring(one) == value then return true end
      end
    end
    return false
  end
  return function (task)
    if unassigned and owners.is_empty(task.owners) then return true end
    return any(users, owners.members(request.organization, task.owners))
      or any(guests, task.owners.guests) or any(groups, task.owners.groups)
  end
end

-- "2026-11-25" or "from:to", as the days' first and last second; nil when absent or not a date.
local function span(request, key)
  local text = request:text(key)
  if not text then return nil end
  local from, to = text:match("^([^:]+):([^:]+)$")
  from, to = time.parse(from or text), time.parse(to or text)
  return from, to and to + time.day - 1
end

local function by_deadline(request)
  local on_from, on_to = span(request, "deadline_on")
  local _, before = span(request, "deadline_before")
  local after = span(request, "deadline_after")
  local from = span(request, "deadline_start_range")
  local _, to = span(request, "deadline_end_range")
  local lowest = math.max(on_from or -math.huge, after or -math.huge, from or -math.huge)
  local highest = math.min(on_to or math.huge, before or math.huge, to or math.huge)
  if lowest == -math.huge and highest == math.huge then return everything end
  return function (task) return task.deadline and task.deadline >= lowest and task.deadline <= highest end
end

-- q matches the task's title and the name of its process.
local function by_words(request)
  local words = lists.words(request:text("q") or "")
  if #words == 0 then return everything end
  local test = lists.finder(words)
  return function (task)
    return test(task.title, task.run and task.run.name)
  end
end

local sort_keys = {
  position = { function (task) return task.position end },
  deadline = { function (task) return task.deadline end },
  newest = { function (task) return task.created_at end, true },
  problems = { function (task) return task.problem and 1 or 0 end, true },
  completed_newest = { function (task) return task.completed_at end, true },
}

-- tag=: the task's own or its process's; folder=: its process's; roles=: its step's; created=: a day or from:to.
local function by_place(request)
  local tag, folder, roles = request:text("tag"), request:text("folder"), request:list("roles")
  local from, to = span(request, "created")
  if not (tag or folder or roles or from) then return everything end
  local organization = request.organization
  return function (task)
    local run = task.run
    if tag and not labels.has(organization, task.id, tag)
      and not (run and labels.has(organization, run.id, tag)) then
      return false
    end
    if folder and not (run and lists.has(run.folders, folder)) then return false end
    if from and (task.created_at < from or task.created_at > to) then return false end
    for _, role in ipairs(roles or {}) do
      if task.step and lists.has(task.step.roles, role) then return true end
    end
    return not roles
  end
end

-- custom_field_key= and custom_field_value= count together only; one alone is a 422 (default chosen).
local function by_custom_field(request)
  local key, value = request:text("custom_field_key"), request:text("custom_field_value")
  if not key and not value then return everything end
  if not (key and value) then
    local missing = key and "custom_field_value" or "custom_field_key"
    problem.invalid { [missing] = json.array({ ("The %s field is required."):format(missing) }) }
  end
  return function (task)
    local stored = (task.custom_fields or {})[key]
    if type(stored) == "table" then stored = stored.text end
    return stored ~= nil and tostring(stored):lower() == value:lower()
  end
end

-- One test out of several; those that let everything through cost nothing.
local function all_of(tests)
  local real = lists.filter(tests, function (test) return test ~= everything end)
  if #real == 0 then return everything end
  if #real == 1 then return real[1] end
  return function (task)
    for i = 1, #real do
      if not real[i](task) then return false end
    end
    return true
  end
end

-- The test that a request's filters come to; the cheap ones first.
local function filter_of(request, default_status)
  local stands, owned = by_status(request, default_status), by_owners(request)
  local due, named = by_deadline(request), by_words(request)
  return all_of { stands, due, by_place(request), by_custom_field(request), named, owned }
end

-- The word a list is sorted by, its key, and whether it descends.
local function order_of(request, default_sort)
  local word, reversed = answers.sort_words(request)
  local sort = sort_keys[word]
  if not sort then word, sort, reversed = default_sort, sort_keys[default_sort], false end
  -- A leading "-" turns the word's own direction around.
  return word, sort[1], (sort[2] or false) ~= reversed
end

local function rendered(request, tasks, limits)
  return answers.list(request, tasks, limits, function (task)
    return includes.render("task", task, request)
  end)
end

-- A list of few tasks: one person's, one process's.
local function answer(request, tasks, limits, default_sort, default_status)
  local found = lists.filter(tasks, filter_of(request, default_status))
  local _, key, descending = order_of(request, default_sort)
  return rendered(request, answers.sort(found, key, descending), limits)
end

-- Lists outside a process leave hidden and archived tasks out, and tasks of archived processes.
local function is_listed(task)
  return status.is_visible(task) and not (task.run and task.run.archived_at)
end

-- Counts for the current page, in the lists of one person.
local function personal_page(request)
  return {
    default = page.default, maximum = page.maximum,
    meta = function (rows)
      local meta = { overdue_tasks = 0, tasks_due_soon = 0 }
      for _, task in ipairs(rows) do
        if status.is_overdue(task, request.now) then meta.overdue_tasks = meta.overdue_tasks + 1 end
        if status.is_due_soon(task, request.now) then meta.tasks_due_soon = meta.tasks_due_soon + 1 end
      end
      return meta
    end,
  }
end

-- me/tasks and users/{id}/tasks: run tasks and one-off tasks, alone or through a group.
function task_lists.of_member(request, member)
  local sight = access.sight(request)
  local tasks = lists.filter(store.tasks_of(request.organization, member), function (task)
    return is_listed(task) and sight.task(task)
  end)
  return answer(request, tasks, personal_page(request), "deadline", everything)
end

-- guests/{id}/tasks: ten a page, whatever per_page says.
function task_lists.of_guest(request, guest)
  local sight = access.sight(request)
  local tasks = lists.filter(store.tasks_of_guest(request.organization, guest), function (task)
    return is_listed(task) and sight.task(task)
  end)
  local limits = personal_page(request)
  limits.fixed = true
  return answer(request, tasks, limits, "deadline", everything)
end

local function by_kind(request)
  local one_off, archived = request:flag("is_oneoff"), request:text("archived")
  if one_off == nil and not archived then return is_listed end
  return function (task)
    if one_off ~= nil and (task.is_oneoff_task or false) ~= one_off then return false end
    if archived == "only" then return task.archived_at ~= nil end
    return is_listed(task) or (request:flag("archived") and task.archived_at ~= nil)
  end
end

-- The tasks that owners=, guests= and groups= can be about, found by the index of owners; nil when they do not
-- narrow the list.
local function candidates(request)
  local organization, keys = request.organization, {}
  local users = request:list("owners")
  if request:text("assignee") == "me" then users = { tostring(request.member.id) } end
  if request:flag("unassigned") then return nil end
  for _, id in ipairs(users or {}) do
    local member = store.member(organization, math.tointeger(tonumber(id)) or 0)
    if member then
      keys[#keys + 1] = "user " .. member.id
      for _, group in ipairs(store.groups_of(organization, member)) do keys[#keys + 1] = "group " .. group.id end
    end
  end
  for _, email in ipairs(request:list("guests") or {}) do keys[#keys + 1] = "guest " .. email end
  for _, id in ipairs(request:list("groups") or {}) do keys[#keys + 1] = "group " .. id end
  if not users and #keys == 0 then return nil end
  return store.tasks_under(organization, keys)
end

-- What these let through changes with time alone; it is open in any case.
local moving_words = { overdue = true, due_soon = true }

-- All tasks of the organisation: too many to sort or to look through for every page.
function task_lists.of_organization(request)
  local wanted, filter, sight = by_kind(request), filter_of(request, everything), access.sight(request)
  local word, key, descending = order_of(request, "deadline")
  local passes = all_of { wanted, filter, sight.tasks and sight.task or everything }
  local few = candidates(request) or sight.tasks
  if few then return rendered(request, answers.sort(lists.filter(few, passes), key, descending), page) end
  local world, organization = request.world, request.organization
  local function all() return ordering.sorted(world, organization, "tasks", word, key, descending) end
  -- Of a large organisation's tasks few are open: time only ever asks about those.
  local function open()
    local label = ("open tasks by %s %s"):format(word, descending)
    return ordering.selection(world, organization, label, nil, function ()
      return lists.filter(all(), status.is_open)
    end)
  end
  local moving = moving_words[request:text("status")]
  local label = ordering.label(request, "tasks")
  local found = ordering.selection(world, organization, label, moving and request.now, function ()
    return lists.filter(moving and open() or all(), passes)
  end)
  return rendered(request, found, page)
end

-- Puts the tasks of a large organisation in order before somebody asks.
function task_lists.prepare(world, organization)
  ordering.sorted(world, organization, "tasks", "deadline", sort_keys.deadline[1], false)
end

-- Every task of a process, hidden ones as auto-skipped, in the order of its steps.
function task_lists.of_run(request, run)
  return answer(request, run.tasks, page, "position", everything)
end

return task_lists
