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

-- Tasks of the expiring types are looked at when time has passed (engine/expiry.lua).
function work.watch_clock(organization, record)
  local expires = record.task_type == "expiring" or record.task_type == "expiring_email"
  organization.expiring[record] = expires or nil
end

-- Takes a task out of every table; it belongs to no process afterwards.
function work.forget_task(organization, record)
  store.set_owners(organization, record, owners.none())
  organization.expiring[record] = nil
  organization.tasks:remove(record)
  for i, other in ipairs(record.run and record.run.tasks or {}) do
    if other == record then
      table.remove(record.run.tasks, i)
      break
    end
  end
end

function work.keep_task(act, record, set)
  act.organization.tasks:add(record)
  work.watch_clock(act.organization, record)
  owners.settle(act, record, set)
end

-- Puts tasks into a process behind one of its own; positions count anew.
function work.insert_tasks(run, added, after)
  local place = #run.tasks
  for i, other in ipairs(run.tasks) do
    if other == after then place = i end
  end
  for i, record in ipairs(added) do table.insert(run.tasks, place + i, record) end
  for i, record in ipairs(run.tasks) do record.position = i end
end

-- Moves a task of a process to another place; positions count anew.
function work.move_task(run, record, position)
  for i, other in ipairs(run.tasks) do
    if other == record then table.remove(run.tasks, i) break end
  end
  table.insert(run.tasks, math.max(1, math.min(position, #run.tasks + 1)), record)
  for i, other in ipairs(run.tasks) do other.position = i end
end

-- Attaches a one-off task to a process.
function work.attach(run, record)
  record.run, record.position = run, #run.tasks + 1
  run.tasks[#run.tasks + 1] = record
end

-- The e-mail addresses that a text mentions by +e-mail.
function work.mentioned_emails(text)
  local emails = {}
  for email in text:gmatch("%+([%w._-]+@[%w-]+%.[%w.-]*%w)") do emails[#emails + 1] = email end
  return emails
end

-- Whoever is named in a text is told, and may see what it is about: @[user id], @[group id], and +e-mail, which
-- makes the address a guest. Only the text counts; a sent_to in a request does not.
function work.mention(act, subject, record)
  local organization = act.organization
  local function add(id)
    lists.add_once(record.sent_to, id)
    subject.mentioned = subject.mentioned or {}
    subject.mentioned[id] = true
  end
  for id in record.content:gmatch("@%[(%w+)%]") do
    local member = store.member(organization, math.tointeger(tonumber(id)))
    local group = organization.groups:get(id)
    if member then add(member.id) end
    for _, member_id in ipairs(group and group.members or {}) do add(member_id) end
  end
  for _, email in ipairs(work.mentioned_emails(record.content)) do
    local set = owners.read(act, { guests = { email } }, function () end)
    for _, known in ipairs(set.guests) do owners.guest(act, known) end
  end
end

-- A comment, issue or resolution on a task or process; newest last.
function work.thread(act, subject, fields)
  local record = {
    id = act.world.ids:id("thread"), label = "comment", state = "hide-for-guests",
    author_id = act.member and act.member.id, sent_to = {}, created_at = act.now,
  }
  for key, value in pairs(fields) do record[key] = value end
  if record.is_bot then record.author_id = nil end -- a comment that nobody wrote
  work.mention(act, subject, record)
  subject.threads[#subject.threads + 1] = record
  return record
end

return work
