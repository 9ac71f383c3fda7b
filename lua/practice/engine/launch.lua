-- Launching a template: a process with one task per step, owners, deadlines, kick-off values (api.md 28.1).
-- Everything is checked before anything is kept: a refused launch leaves no trace.
local consequences = require "practice.engine.consequences"
local json = require "json"
local labels = require "practice.labels"
local deadlines = require "practice.engine.deadlines"
local lists = require "practice.lists"
local owners = require "practice.engine.owners"
local problem = require "practice.problem"
local rules = require "practice.engine.rules"
local saving = require "practice.engine.saving"
local time = require "practice.time"
local values = require "practice.engine.values"
local variables = require "practice.engine.variables"
local work = require "practice.engine.work"

local launch = {}
local name_limit = 550

-- Collects texts by body key for one 422.
local function collector()
  local errors = {}
  return errors, function (key, message)
    errors[key] = errors[key] or json.array({})
    table.insert(errors[key], message)
  end
end

local function fill_kickoff(act, run, given)
  local errors, fail = collector()
  local function on_field(field, message) fail(field.id, message) end
  saving.complete_files(act, run.fields, run.prerun, values.save(run.fields, given, run.prerun, on_field))
  values.fill_defaults(run.fields, run.prerun)
  values.require(run.fields, run.prerun, on_field)
  if next(errors) then problem.invalid(errors) end
end

-- The given name, else the template's format, else title and date.
local function name_of(run, checklist, given)
  if given == "" then given = nil end
  if given and not (checklist.auto_naming and not checklist.allow_launcher_change_name) then return given end
  local format = checklist.auto_naming and checklist.default_process_name_format
  local name = format and variables.expand(format, run)
    or ("%s - %s"):format(checklist.title, variables.launch_date(run))
  local cut = utf8.offset(name, name_limit + 1)
  return cut and name:sub(1, cut - 1) or name
end

local function start_of(act, step)
  if step.is_soft_start_date or not step.start_date then return act.now end
  return time.add(act.now, step.start_date.value, step.start_date.unit) or act.now
end

local function make_tasks(act, run, checklist)
  local hidden = rules.shown_steps(run.rules)
  for i, step in ipairs(checklist.steps) do
    local task = work.task_of_step(act, run, step, start_of(act, step))
    if hidden[step.id] then task.status = "auto-skipped" end
    run.tasks[i], run.task_by_step[step.id] = task, task
  end
end

-- Tags of the launch and, where the template says so, its own.
local function attach_tags(act, run, checklist, order)
  for _, id in ipairs(order.tags or {}) do labels.attach(act, "Run", run, act.organization.tags:get(id)) end
  for _, link in ipairs(checklist.tag_process and labels.of(act.organization, checklist.id) or {}) do
    labels.attach(act, "Run", run, act.organization.tags:get(link.tag_id))
  end
end

-- The owners of a task: the launch's own, else the step's, plus roles; else the launcher.
local function owners_of(act, task, override, order, fail)
  local set
  local own = override and lists.given(override.owners)
  if own ~= nil then
    if type(own) ~= "table" then fail("users", "The owners must be an object.") end
    set = owners.read(act, type(own) == "table" and own or {}, fail)
  else
    set = owners.none()
    owners.merge(set, { users = task.step.assignees, guests = task.step.guests, groups = task.step.groups })
  end
  for _, role in ipairs(task.step.roles) do
    local people = (order.roles or {})[role]
    if lists.is_object(people) then owners.merge(set, owners.read(act, people, fail)) end
  end
  if owners.is_empty(set) and task.step.assign_run_starter then lists.add_once(set.users, task.starter_id) end
  local bucket, message = owners.objection(act.organization, task, set)
  if bucket then fail(bucket, message) end
  return set
end

local function deadline_of(override, fail)
  local text = override and lists.given(override.deadline)
  if text == nil then return nil end
  local seconds = time.parse(text)
  if not seconds then fail("deadline", "The deadline is not a valid date: use YYYY-MM-DD HH:MM:SS (UTC).") end
  return seconds
end

-- Owners by task; deadlines are written into the tasks. Raises 422 with keys like
-- tasks.<step>.owners.users.
local function staff(act, run, order)
  local errors, fail = collector()
  local by_task = {}
  for _, task in ipairs(run.tasks) do
    local override = (order.tasks or {})[task.step_id]
    if not lists.is_object(override) then override = nil end
    local prefix = ("tasks.%s."):format(task.step_id)
    by_task[task] = owners_of(act, task, override, order, function (bucket, message)
      fail(prefix .. "owners." .. bucket, message)
    end)
    local chosen = deadline_of(override, function (key, message) fail(prefix .. key, message) end)
    if chosen then
      task.deadline = deadlines.to_working_time(act.organization, chosen)
      task.deadline_fixed = true
    end
  end
  if next(errors) then problem.invalid(errors) end
  for _, task in ipairs(run.tasks) do
    if not task.deadline_fixed then task.deadline = deadlines.of_task(run, task) end
  end
  return by_task
end

local function starts(act, checklist, order)
  local folders = order.folders and lists.map(order.folders) or {}
  if checklist.default_folder then lists.add_once(folders, checklist.default_folder) end
  return work.run(act, checklist, {
    started_by = order.user_id or act.member.id, owner_id = order.owner_id or act.member.id,
    summary = order.summary, starred = order.starred or false, is_public = order.is_public or false,
    parent_id = order.parent_id, folders = folders,
    users = lists.map(order.users or checklist.users), groups = lists.map(order.groups or checklist.groups),
    prerun_completed_at = act.now, prerun_completed_by = act.member.id,
  })
end

-- Launches <order>.checklist (a record) for <act>: { world, organization, member, now }. The other keys of
-- <order> are those of the launch body, their types already checked. Returns the process.
function launch.start(act, order)
  local checklist = order.checklist
  local run = starts(act, checklist, order)
  fill_kickoff(act, run, order.prerun or {})
  make_tasks(act, run, checklist)
  run.name = name_of(run, checklist, order.name)
  local owners_by_task = staff(act, run, order)
  work.keep_run(act, run, owners_by_task)
  checklist.started_processes = checklist.started_processes + 1
  attach_tags(act, run, checklist, order)
  consequences.launched(act, run)
  return run
end

-- Adds the steps of <checklist> to a running process, right after <task> (engine/linked.lua). Steps that are
-- there already are not added again. The process keeps its own rules.
function launch.graft(act, run, checklist, task)
  local added = {}
  for _, step in ipairs(checklist.steps) do
    if not run.task_by_step[step.id] then
      added[#added + 1] = work.task_of_step(act, run, step, start_of(act, step))
    end
  end
  work.insert_tasks(run, added, task)
  for _, one in ipairs(added) do run.task_by_step[one.step_id] = one end
  for _, one in ipairs(added) do
    one.deadline = deadlines.of_task(run, one)
    work.keep_task(act, one, owners_of(act, one, nil, {}, function () end))
  end
  consequences.settle(act, run)
end

return launch
