-- Lists of tasks and their filters: the organisation's, a member's, a process's (api.md 18).
local access = require "practice.access"
local answers = require "practice.answers"
local includes = require "practice.includes"
local json = require "json"
local lists = require "practice.lists"
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
  return function (task)
    return lists.has_words(task.title .. " " .. (task.run and task.run.name or ""), words)
  end
end

local sort_keys = {
  position = { function (task) return task.position end },
  deadline = { function (task) return task.deadline end },
  newest = { function (task) return task.created_at end, true },
  problems = { function (task) return task.problem and 1 or 0 end, true },
  completed_newest = { function (task) return task.completed_at end, true },
}

local function answer(request, tasks, limits, default_sort, default_status)
  local stands, owned = by_status(request, default_status), by_owners(request)
  local due, named = by_deadline(request), by_words(request)
  local found = lists.filter(tasks, function (task)
    return stands(task) and due(task) and named(task) and owned(task)
  end)
  local word, reversed = answers.sort_words(request)
  local sort = sort_keys[word] or sort_keys[default_sort]
  -- A leading "-" turns the word's own direction around.
  local descending = (sort[2] or false) ~= (sort_keys[word] ~= nil and reversed or false)
  answers.sort(found, sort[1], descending)
  return answers.list(request, found, limits, function (task)
    return includes.render("task", task, request)
  end)
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
  local tasks = lists.filter(store.tasks_of(request.organization, member), function (task)
    return is_listed(task) and access.sees_task(request.organization, request.member, task)
  end)
  return answer(request, tasks, personal_page(request), "deadline", everything)
end

-- guests/{id}/tasks: ten a page, whatever per_page says.
function task_lists.of_guest(request, guest)
  local tasks = lists.filter(store.tasks_of_guest(request.organization, guest), function (task)
    return is_listed(task) and access.sees_task(request.organization, request.member, task)
  end)
  local limits = personal_page(request)
  limits.fixed = true
  return answer(request, tasks, limits, "deadline", everything)
end

local function by_kind(request)
  local one_off, archived = request:flag("is_oneoff"), request:text("archived")
  return function (task)
    if one_off ~= nil and (task.is_oneoff_task or false) ~= one_off then return false end
    if archived == "only" then return task.archived_at ~= nil end
    return is_listed(task) or (request:flag("archived") and task.archived_at ~= nil)
  end
end

function task_lists.of_organization(request)
  local wanted = by_kind(request)
  local tasks = lists.filter(request.organization.tasks.list, function (task)
    return wanted(task) and access.sees_task(request.organization, request.member, task)
  end)
  return answer(request, tasks, page, "deadline", everything)
end

-- Every task of a process, hidden ones as auto-skipped, in the order of its steps.
function task_lists.of_run(request, run)
  return answer(request, run.tasks, page, "position", everything)
end

return task_lists
