-- Comments, issues and resolutions on tasks, processes and templates (api.md 19). There is no list route: they come with
-- with=threads. Only content, label and state are read.
local access = require "practice.access"
local answers = require "practice.answers"
local check = require "practice.check"
local checklists = require "practice.checklists"
local issues = require "practice.engine.issues"
local problem = require "practice.problem"
local rates = require "practice.rates"
local runs = require "practice.runs"
local shapes = require "practice.shapes"
local tasks = require "practice.tasks"
local work = require "practice.engine.work"

local threads = {}

local labels = { "comment", "problem", "resolve", "improvement", "advice" }
local states = { "hide-for-guests", "open", "collapsed" }

local function view(request, thread, status)
  return answers.one(shapes.thread(thread, request.organization, request.now), status)
end

-- Sources differ on the status of a new comment: 200, or 201 with the switch.
local function created(request, thread)
  return view(request, thread, request.world.switches.comments_answer_201 and 201 or 200)
end

local function refuse_archived(subject)
  local run = subject.run or subject
  if subject.archived_at or run.archived_at then problem.refused("This is archived: comments are closed.") end
end

-- A comment counts, and so does each guest that its mentions make.
local function count_rates(request, content)
  rates.hourly(request, "comments")
  for _, email in ipairs(work.mentioned_emails(content)) do
    if not request.organization.guest_by_email[email:lower()] then rates.hourly(request, "guests") end
  end
end

-- The body of a new thread; <more>(body) reads further keys.
local function thread_of(request, subject, more)
  local body = check.new(request:body())
  local fields = { content = body:required("content") and body:text("content", 30000),
    state = body:choice("state", states) }
  if more then more(body, fields) end
  body:done()
  refuse_archived(subject)
  count_rates(request, fields.content)
  return fields
end

local function with_label(body, fields)
  fields.label = body:choice("label", labels)
end

local function comment(request, kind, subject)
  return created(request, issues.write(request, kind, subject, thread_of(request, subject, with_label)))
end

local function report(request, kind, subject)
  local fields = thread_of(request, subject)
  fields.label = "problem"
  return created(request, issues.write(request, kind, subject, fields))
end

-- An unknown or already resolved issue is a 422 (default chosen).
local function resolve(request, kind, subject)
  local issue
  local fields = thread_of(request, subject, function (body)
    local id = body:required("thread_id") and body:text("thread_id")
    issue = id and issues.find_open(subject, id)
    if id and not issue then body:fail("thread_id", "The selected thread_id is invalid.") end
  end)
  return created(request, issues.resolve(request, kind, subject, issue, fields))
end

-- A comment in the name of the bot: it has no author.
local function bot_comment(request, task)
  local fields = thread_of(request, task)
  fields.is_bot = true
  return created(request, issues.write(request, "task", task, fields))
end

-- The comment of the path, which only its author and administrators may change.
local function own_comment(request, task)
  for _, thread in ipairs(task.threads) do
    if thread.id == request.params.comment_id then
      if thread.author_id ~= request.member.id and not access.is_admin(request.member) then
        problem.forbidden("Only the author and administrators can change a comment.")
      end
      return thread
    end
  end
  problem.not_found()
end

local function edit(request)
  local task = tasks.find(request, request.params.task_id)
  local thread = own_comment(request, task)
  local body = check.new(request:body())
  local content = body:required("content") and body:text("content", 30000)
  local label, state = body:choice("label", labels), body:choice("state", states)
  body:done()
  refuse_archived(task)
  issues.edit(request, "task", task, thread, { content = content, label = label, state = state })
  return view(request, thread)
end

local function remove(request)
  local task = tasks.find(request, request.params.task_id)
  local thread = own_comment(request, task)
  refuse_archived(task)
  issues.remove(request, "task", task, thread)
  return { status = 200, body = { message = "Comment deleted" } }
end

local function on_task(handler)
  return function (request) return handler(request, "task", tasks.find(request, request.params.task_id)) end
end

local function on_run(handler)
  return function (request) return handler(request, "run", runs.find(request)) end
end

-- Templates get their list of threads with the first one.
local function on_template(handler)
  return function (request)
    local checklist = checklists.find(request)
    checklist.threads = checklist.threads or {}
    return handler(request, "checklist", checklist)
  end
end

local task_path, run_path = "/organizations/{org}/tasks/{task_id}", "/organizations/{org}/runs/{run_id}"
local template_path = "/organizations/{org}/checklists/{template_id}"
threads.routes = {
  { "POST", task_path .. "/comment", on_task(comment) },
  { "POST", task_path .. "/bot-comment", function (request)
    return bot_comment(request, tasks.find(request, request.params.task_id))
  end },
  { "PUT", task_path .. "/comment/{comment_id}", edit },
  { "DELETE", task_path .. "/comment/{comment_id}", remove },
  { "POST", task_path .. "/problem", on_task(report) },
  { "POST", task_path .. "/resolved-threads", on_task(resolve) },
  { "POST", run_path .. "/comment", on_run(comment) },
  { "POST", run_path .. "/problem", on_run(report) },
  { "POST", run_path .. "/resolved-threads", on_run(resolve) },
  { "POST", template_path .. "/comment", on_template(comment) },
  { "POST", template_path .. "/problem", on_template(report) },
  { "POST", template_path .. "/resolved-threads", on_template(resolve) },
}

return threads
