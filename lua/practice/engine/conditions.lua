-- Whether the conditions of a rule hold (api.md 16 and 28.2): a left fold over the conditions by position, without
-- precedence. What an event wakes and what follows is in rules.lua.
local lists = require "practice.lists"
local owners = require "practice.engine.owners"
local status = require "practice.engine.status"
local time = require "practice.time"
local values = require "practice.engine.values"

local conditions = {}

-- What a condition is about: the field and its value, or nil for a step.
function conditions.field(run, condition)
  for _, field in ipairs(run.fields) do
    if field.id == condition.conditionable_id then return field, run.prerun[field.id], nil end
  end
  for _, task in ipairs(run.tasks) do
    for _, field in ipairs(task.fields) do
      if field.id == condition.conditionable_id then return field, task.taskdata[field.id], task end
    end
  end
end

local function by_position(a, b)
  return (a.position or 0) < (b.position or 0)
end

-- Conditions and actions count by their position; equal ones stay as they were sent.
function conditions.ordered(list)
  for i = 2, #list do
    if by_position(list[i], list[i - 1]) then
      local sorted, place = lists.map(list), {}
      for at, item in ipairs(list) do place[item] = at end
      table.sort(sorted, function (a, b)
        if by_position(a, b) or by_position(b, a) then return by_position(a, b) end
        return place[a] < place[b]
      end)
      return sorted
    end
  end
  return list
end

-- The time clause of a step condition; anything but the four words is false for ever.
local function in_time(clause, moment, deadline)
  if clause == "any_time" then return true end
  if clause == "on-time" then return not deadline or moment <= deadline end
  if clause == "late_24" then return deadline ~= nil and moment >= deadline + time.day end
  if clause == "early_24" then return deadline ~= nil and moment <= deadline - time.day end
  return false
end

local function expires(task)
  return task.task_type == "expiring" or task.task_type == "expiring_email"
end

local step_tests = {
  completed = function (task) return task.status == "completed" end,
  approved = function (task)
    return task.task_type == "approval" and task.status == "completed" and task.is_approved == true
  end,
  rejected = function (task)
    return task.task_type == "approval" and task.status == "completed" and task.is_approved == false
  end,
  acknowledged = function (task)
    return expires(task) and task.status == "completed" and task.is_approved ~= false
  end,
  expired = function (task)
    return expires(task) and task.status == "completed" and task.is_approved == false
  end,
  reopened = function (task, event) return event.name == "reopened" and event.task == task end,
  not_assigned = function (task) return status.is_open(task) and owners.is_empty(task.owners) end,
}

local function step_holds(act, run, condition, event)
  local task = run.task_by_step[condition.conditionable_id]
  local test = step_tests[condition.operation]
  if not task or not test or not status.is_visible(task) or not test(task, event) then return false end
  local live = condition.operation == "reopened" or condition.operation == "not_assigned"
  return in_time(condition.statement, live and act.now or task.completed_at, task.deadline)
end

local function plain(text)
  return tostring(text):lower():match("^%s*(.-)%s*$")
end

-- True when some text and some wanted value agree.
local function any(texts, statement, agree)
  local wanted = type(statement) == "table" and statement or { statement }
  for _, text in ipairs(texts) do
    for _, value in ipairs(wanted) do
      if plain(value) ~= "" and agree(plain(text), plain(value)) then return true end
    end
  end
  return false
end

local function equal(a, b) return a == b end
local function contain(a, b) return a:find(b, 1, true) ~= nil end
local function numeric(compare)
  return function (a, b)
    local x, y = tonumber(a), tonumber(b)
    return x ~= nil and y ~= nil and compare(x, y)
  end
end

local field_tests = {
  equals = function (texts, statement) return any(texts, statement, equal) end,
  contains = function (texts, statement) return any(texts, statement, contain) end,
  greater_than = function (texts, s) return any(texts, s, numeric(function (x, y) return x > y end)) end,
  less_than = function (texts, s) return any(texts, s, numeric(function (x, y) return x < y end)) end,
  is_not_empty = function (texts) return #texts > 0 end,
}
field_tests.equals_any = field_tests.equals

local negations = { not_equals = "equals", not_contains = "contains", is_empty = "is_not_empty" }

-- Only the named column of a table value, when the condition names one.
local function of_column(field, value, label)
  label = lists.given(label)
  if not label or field.field_type ~= "table" or type(value) ~= "table" then return value end
  for i, column in ipairs(field.columns) do
    if column.label == label then return { value[i] } end
  end
  return nil
end

local function field_holds(run, condition)
  local field, value, task = conditions.field(run, condition)
  if not field or (task and not status.is_visible(task)) then return false end
  local texts = values.texts(field, of_column(field, value, condition.column_contains_name))
  local statement = lists.given(condition.statement) or ""
  local negated = negations[condition.operation]
  if negated then
    -- Nobody has answered yet: a negative is only true of a task field once its task is completed.
    if task and status.is_open(task) then return false end
    return not field_tests[negated](texts, statement)
  end
  local test = field_tests[condition.operation]
  return test ~= nil and test(texts, statement)
end

-- True when the conditions of <rule> hold for a process, at <event>.
function conditions.hold(act, run, rule, event)
  local result
  for _, condition in ipairs(conditions.ordered(rule.conditions)) do
    local one
    if condition.conditionable_type == "Step" then
      one = step_holds(act, run, condition, event)
    else
      one = field_holds(run, condition)
    end
    if result == nil then
      result = one
    elseif condition.logic == "or" then
      result = result or one
    else
      result = result and one
    end
  end
  return result == true
end

return conditions
