-- The records that work consists of: a process, a task of a process, a one-off task. Only made here, so
-- that every field a shape reads exists.
local json = require "json"
local lists = require "practice.lists"
local store = require "practice.store"
local owners = require "practice.engine.owners"

local work = {}

-- A process without its tasks. <fields> overrides and adds.
function work.run(act, checklist, fields)
  local ids = act.world.ids
  local run = {
    id = ids:id("run"), increment_id = 900 + ids:count("run number"), organization = act.organization,
    checklist_id = checklist.id, checklist_title = checklist.title, type = checklist.type,
    -- The version is frozen: a template edit puts new lists into the template and leaves these alone.
    fields = checklist.prerun, rules = checklist.automated_actions, can_add_oot = checklist.can_add_oot,
    custom_fields = lists.copy(checklist.custom_fields or {}),
    prerun = {}, tasks = {}, task_by_step = {}, threads = {}, status = "active",
    created_at = act.now, started_at = act.now, last_updated = act.now,
  }
  for key, value in pairs(fields) do run[key] = value end
  return run
end

-- The process that holds the tasks of a fan-out. Its template is the system's: nobody can read or
-- launch it.
function work.system_run(act, name)
  local system = {
    id = act.world.ids:hex("system template of " .. act.organization.id), title = "One-off tasks",
    type = "procedure", prerun = json.array({}), automated_actions = json.array({}), can_add_oot = true,
  }
  return act.organization.runs:add(work.run(act, system, {
    name = name, started_by = act.member.id, owner_id = act.member.id, starred = false, is_public = false,
    folders = {}, users = json.array({}), groups = json.array({}), prerun_completed_at = act.now,
    prerun_completed_by = act.member.id,
  }))
end

-- What every task has; <fields> overrides and adds.
local function task(act, fields)
  local ids = act.world.ids
  local record = {
    id = ids:id("task"), increment_id = 5500 + ids:count("task number"), task_type = "task",
    status = "not-started", taskdata = {}, fields = {}, threads = {}, completed_by = {}, position = 1,
    started_at = act.now, created_at = act.now, last_updated = act.now, starter_id = act.member.id,
    problem = false, allow_guest_owners = true, max_assignable = 0, is_soft_start_date = true,
    can_complete_only_assignees = false, everyone_must_complete = false, prevent_guest_comment = false,
    top_secret = false, send_chromeless = false,
  }
  for key, value in pairs(fields) do record[key] = value end
  return record
end

-- The task that a step becomes, without owners and deadline.
function work.task_of_step(act, run, step, starts_at)
  return task(act, {
    run = run, step = step, step_id = step.id, title = step.title, summary = step.summary,
    alias = step.alias, task_type = step.step_type, position = step.position, fields = step.captures,
    started_at = starts_at, starter_id = run.started_by, allow_guest_owners = step.allow_guest_owners,
    max_assignable = step.max_assignable, is_soft_start_date = step.is_soft_start_date,
    can_complete_only_assignees = step.can_complete_only_assignees,
    everyone_must_complete = step.everyone_must_complete,
    prevent_guest_comment = step.prevent_guest_comment, top_secret = step.top_secret,
    send_chromeless = step.send_chromeless, webhook = step.webhook,
    custom_fields = lists.copy(step.custom_fields or {}),
  })
end

-- A task of its own, without owners.
function work.one_off_task(act, fields)
  local record = task(act, fields)
  record.is_oneoff_task = true
  return record
end

-- Puts a finished process and its tasks, with their owners, into the organisation's tables.
function work.keep_run(act, run, owners_of)
  act.organization.runs:add(run)
  for _, record in ipairs(run.tasks) do work.keep_task(act, record, owners_of[record]) end
end

function work.keep_task(act, record, set)
  act.organization.tasks:add(record)
  owners.settle(act, record, set)
end

-- Attaches a one-off task to a process.
function work.attach(run, record)
  record.run, record.position = run, #run.tasks + 1
  run.tasks[#run.tasks + 1] = record
end

-- A comment, issue or resolution on a task or process; newest last.
function work.thread(act, subject, fields)
  local record = {
    id = act.world.ids:id("thread"), label = "comment", state = "hide-for-guests",
    author_id = act.member.id, sent_to = {}, created_at = act.now,
  }
  for key, value in pairs(fields) do record[key] = value end
  for id in record.content:gmatch("@%[(%d+)%]") do
    local member = store.member(act.organization, math.tointeger(tonumber(id)))
    if member then record.sent_to[#record.sent_to + 1] = member.id end
  end
  subject.threads[#subject.threads + 1] = record
  return record
end

return work
