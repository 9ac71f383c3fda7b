-- Automation rules (api.md 16 and 28.2): which rules an event wakes, and what their actions change. Whether their
-- conditions hold is conditions.lua's to say. One pass per request: a rule fires at most once in it, and chains end at
-- a depth of ten.
local conditions = require "practice.engine.conditions"
local lists = require "practice.lists"
local owners = require "practice.engine.owners"
local deadlines = require "practice.engine.deadlines"
local status = require "practice.engine.status"
local time = require "practice.time"
local values = require "practice.engine.values"

local rules = {}
local max_depth = 10

local mentions = {} -- by event: does this condition make the rule worth looking at?

function mentions.launch(condition)
  return condition.conditionable_type == "Prerun" or condition.operation == "not_assigned"
end

function mentions.completed(condition, event)
  if condition.conditionable_id == event.task.step_id then return true end
  for _, field in ipairs(event.task.fields) do
    if field.id == condition.conditionable_id then return true end
  end
  return false
end

function mentions.reopened(condition, event)
  return condition.conditionable_id == event.task.step_id and condition.operation == "reopened"
end

function mentions.values(condition, event)
  return event.changed[condition.conditionable_id] == true
end

function mentions.kickoff(condition)
  return condition.conditionable_type == "Prerun"
end

function mentions.owners(condition, event)
  return condition.conditionable_id == event.task.step_id and condition.operation == "not_assigned"
end

-- Actions return true when they changed the task; an event they cause goes to pass.queue.
local actions = {}

function actions.show(_, task)
  if task.status ~= "auto-skipped" or task.hidden_by_hand then return false end
  task.status = next(task.taskdata) and "in-progress" or "not-started"
  return true
end

function actions.hide(_, task)
  if not status.is_open(task) or task.status == "auto-skipped" then return false end
  task.status = "auto-skipped"
  return true
end

local function assignees_of(pass, action)
  local picked = conditions.field(pass.run, { conditionable_id = lists.given(action.actionable_id) })
  local value = picked and select(2, conditions.field(pass.run, { conditionable_id = action.actionable_id }))
  if picked and not values.is_blank(picked, value) then return value end
  return lists.given(action.assignees) or {}
end

local function reassign(compose)
  return function (pass, task, action)
    if not status.is_open(task) then return false end
    local named = owners.read(pass.act, assignees_of(pass, action), function () end)
    local set = compose(task.owners, named)
    if owners.same(set, task.owners) then return false end
    owners.settle(pass.act, task, set)
    if not owners.is_empty(set) then lists.add_once(pass.assigned, task) end
    pass.queue[#pass.queue + 1] = { name = "owners", task = task, depth = pass.depth + 1 }
    return true
  end
end

actions.assign = reassign(function (old, named)
  local set = lists.copy(old)
  owners.merge(set, named)
  return set
end)
actions.assign_only = reassign(function (_, named) return named end)
actions.clear_assignees = reassign(function () return owners.none() end)
actions.unassign = reassign(function (old, named)
  local set = owners.none()
  for bucket, list in pairs(set) do
    for _, value in ipairs(old[bucket]) do
      if not lists.has(named[bucket], value) then list[#list + 1] = value end
    end
  end
  return set
end)

function actions.deadline(pass, task, action)
  if not status.is_open(task) then return false end
  local kind = lists.given(action.actionable_type)
  local base
  if kind == "Step" then
    local other = pass.run.task_by_step[action.actionable_id]
    base = other and other.deadline
  elseif kind then
    local _, value = conditions.field(pass.run, { conditionable_id = action.actionable_id })
    base = time.parse(value)
  else
    base = task.deadline
  end
  if not base then return false end
  local sign = action.deadline.option == "before" and -1 or 1
  local moment = time.add(base, sign * action.deadline.value, action.deadline.unit)
  if not moment then return false end
  local before = task.deadline
  deadlines.set(pass.run, task, moment, pass.act.organization)
  return task.deadline ~= before
end

function actions.reopen(pass, task)
  if task.status ~= "completed" or task == pass.origin then return false end
  rules.clear_completion(task, pass.act.now)
  pass.queue[#pass.queue + 1] = { name = "reopened", task = task, depth = pass.depth + 1 }
  return true
end

-- What reopening does to a task, by hand or by rule. Entered data stays.
function rules.clear_completion(task, now)
  task.status = "in-progress"
  task.completed_at, task.completer_id, task.completer_guest, task.is_approved = nil, nil, nil, nil
  task.completed_by = {}
  task.last_updated = now
end

local function apply(pass, action)
  if action.action_verb == "emit_webhook" then
    pass.emits[#pass.emits + 1] = {
      url = lists.given(action.webhook_url), alias_name = action.alias_name, task = pass.event.task,
    }
    return
  end
  local task = pass.run.task_by_step[action.target_step_id]
  local act = actions[action.action_verb]
  if task and act and act(pass, task, action) then
    task.last_updated = pass.act.now
    if task ~= pass.origin then lists.add_once(pass.changed, task) end
  end
end

local function fire(pass, rule)
  pass.fired[rule] = true
  pass.run.fired_rules[rule.id] = true
  pass.executed[#pass.executed + 1] = rule
  for _, action in ipairs(conditions.ordered(rule.then_actions)) do apply(pass, action) end
end

-- Two questions on which sources differ are answered by switches (api.md 27).
local function sleeps(pass, rule, event)
  local switches = pass.act.world.switches
  if pass.fired[rule] or (switches.rules_fire_once and pass.run.fired_rules[rule.id]) then return true end
  return switches.field_rules_on_completion and event.name == "values"
end

local function wakes(rule, event)
  for _, condition in ipairs(rule.conditions) do
    if mentions[event.name](condition, event) then return true end
  end
  return false
end

-- Runs the rules of a process for one event: { name = "launch" | "kickoff" | "completed" | "reopened" | "values"
-- | "owners", task =, changed = { field id = true } }. Returns what they did: { changed = other tasks whose
-- status, owners or deadline changed, assigned = tasks that somebody got, executed = rules, emits = webhooks
-- to send: { url, alias_name, task } }. The state of the process is the caller's to recompute.
function rules.run(act, run, event)
  run.fired_rules = run.fired_rules or {}
  local pass = {
    act = act, run = run, origin = event.task, fired = {}, changed = {}, assigned = {}, executed = {},
    emits = {}, queue = { event },
  }
  while #pass.queue > 0 do
    local current = table.remove(pass.queue, 1)
    pass.depth, pass.event = current.depth or 0, current
    for _, rule in ipairs(pass.depth < max_depth and run.rules or {}) do
      if not sleeps(pass, rule, current) and wakes(rule, current) and conditions.hold(act, run, rule, current) then
        fire(pass, rule)
      end
    end
  end
  return pass
end

-- The steps that some rule shows: hidden until one does.
function rules.shown_steps(list)
  local steps = {}
  for _, rule in ipairs(list) do
    for _, action in ipairs(rule.then_actions) do
      if action.action_verb == "show" then steps[action.target_step_id] = true end
    end
  end
  return steps
end

return rules
