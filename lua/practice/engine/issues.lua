-- Comments and issues on tasks, processes and templates (api.md 19). An issue is a thread labelled problem without
-- resolve_id; while one is open the task cannot be completed, and an issue of the process itself blocks every
-- change to its tasks. Invariant: task.problem and run.has_issue follow from the threads; recount() only.
local activity = require "practice.engine.activity"
local consequences = require "practice.engine.consequences"
local hooks = require "practice.engine.hooks"
local rules = require "practice.engine.rules"
local work = require "practice.engine.work"

local issues = {}

local function is_open(thread)
  return thread.label == "problem" and not thread.resolve_id
end

local function has_open(subject)
  for _, thread in ipairs(subject.threads) do
    if is_open(thread) then return true end
  end
  return false
end

-- <kind> = "task", "run" or "checklist"
function issues.recount(act, kind, subject)
  if kind == "checklist" then return end -- nothing follows from the issues of a template
  local run = subject
  if kind == "task" then
    subject.problem, run = has_open(subject), subject.run
  else
    subject.has_issue = has_open(subject)
  end
  if run then consequences.settle(act, run) end
end

-- Watchers hear of tasks and processes.
local function tell(act, event, kind, subject, thread)
  if kind == "checklist" then return end
  hooks.event(act, event, { [kind == "task" and "task" or "process"] = subject, thread = thread })
end

-- Writes a comment; one labelled problem opens an issue, which reopens a completed task. <fields> = { content,
-- label?, state?, is_bot? }. Returns the thread.
function issues.write(act, kind, subject, fields)
  local thread = work.thread(act, subject, fields)
  if thread.label ~= "problem" then
    activity.note(act, "commented", "thread", thread, { parent = { kind, subject }, text = thread.content })
    tell(act, "task.comment_added", kind, subject, thread)
    return thread
  end
  activity.note(act, "issue-reported", kind, subject, { text = thread.content })
  tell(act, "task.issue_raised", kind, subject, thread)
  if kind == "task" and subject.status == "completed" then
    subject.problem = true
    rules.clear_completion(subject, act.now)
    consequences.reopened(act, subject)
  end
  issues.recount(act, kind, subject)
  return thread
end

-- The open issue of that id, or nil.
function issues.find_open(subject, id)
  for _, thread in ipairs(subject.threads) do
    if thread.id == id and is_open(thread) then return thread end
  end
end

-- Closes an issue with a resolution, which is stored and returned.
function issues.resolve(act, kind, subject, issue, fields)
  local thread = work.thread(act, subject, { content = fields.content, state = fields.state, label = "resolve" })
  issue.resolve_id = thread.id
  activity.note(act, "issue-resolved", kind, subject, { text = thread.content })
  tell(act, "task.issue_resolved", kind, subject, thread)
  issues.recount(act, kind, subject)
  return thread
end

-- Changes a comment; mentions count anew. A label can open an issue, or end one without a resolution.
function issues.edit(act, kind, subject, thread, fields)
  thread.content, thread.sent_to = fields.content, {}
  thread.label, thread.state = fields.label or thread.label, fields.state or thread.state
  thread.last_updated_at = act.now
  work.mention(act, subject, thread)
  issues.recount(act, kind, subject)
end

-- Takes a comment away.
function issues.remove(act, kind, subject, thread)
  for i, other in ipairs(subject.threads) do
    if other == thread then table.remove(subject.threads, i) break end
  end
  activity.note(act, "comment-deleted", kind, subject)
  issues.recount(act, kind, subject)
end

return issues
