-- tasks.lua - one task by id or name, and a change of it: what the two tools that change tasks have in common.
local dates, field_values, owners = use "tallyfy.dates", use "tallyfy.field_values", use "tallyfy.owners"
local pick, shape, threads = use "tallyfy.pick", use "tallyfy.shape", use "tallyfy.threads"

local tasks = {}

local form = { argument = "taskdata", noun = "form field", none = "This task has no form fields.", shown_by = "get_task" }

local function problem(code, message, field, hint)
  return nil, { code = code, message = message, field = field, hint = hint }
end

-- Whether it is no step of a process; it may hang on one all the same.
function tasks.is_one_off(task)
  return task.is_oneoff_task == true or task.run_id == nil or task.run_id == json.null
end

-- The path of a task with what goes into it. A task of a process is changed through its process only.
function tasks.path(task)
  if not tasks.is_one_off(task) then
    return "/organizations/{org}/runs/{run_id}/tasks/{task_id}", { run_id = task.run_id, task_id = task.id }
  end
  return "/organizations/{org}/tasks/{task_id}", { task_id = task.id }
end

-- The path and parameters of a read.
function tasks.reading(task_id, run_id, with)
  return run_id and "/organizations/{org}/runs/{run_id}/tasks/{task_id}" or "/organizations/{org}/tasks/{task_id}",
    { run_id = run_id, task_id = task_id, query = { with = with } }
end

-- The task as it is now. args: task_id (id or title), run_id (id or name; may be left out).
function tasks.one(call, args, with)
  local place, err = threads.place(call, args)
  if not place then return nil, err end
  local task, failure = call.api:get(tasks.reading(place.task_id, place.run_id, with))
  if task or failure.status ~= 404 then return task, failure end
  return problem("not_found", ("There is no task %s%s."):format(place.task_id, place.run_id and " in that process" or ""),
    "task_id", "search_for_tasks, get_tasks_for_process and get_my_tasks find tasks.")
end

function tasks.is_completed(task)
  return task.status == "completed"
end

-- What a PUT may say about status: completing has its own tool, and would be ignored here with a success.
local function status_word(args, body)
  local word = args.status
  if not word then return true end
  if word == "not-started" or word == "in-progress" or word == "auto-skipped" then
    body.status = word
    return true
  end
  local completing = word:find("complet", 1, true) ~= nil
  return problem("invalid_value", ("A task cannot be made %q this way."):format(word), "status",
    completing and "complete_task completes it, reopen_task opens it again."
      or "There are not-started, in-progress and auto-skipped (hidden).")
end

local function moments(call, args, body, notes)
  for _, name in ipairs { "deadline", "started_at" } do
    if args[name] then
      local due, words = dates.due(call, args[name], name)
      if not due then return nil, words end
      body[name] = due
      notes[#notes + 1] = ("%s: %s."):format(name == "deadline" and "Deadline" or "Start", words)
    end
  end
  return true
end

-- The form's values by field id. Definitions that cannot be read are no reason to write blindly.
local function form_values(call, args, task, body, notes)
  if not args.taskdata then return true end
  local list = pick.list(task.form_fields)
  if not list then
    return problem("unknown_state", ("The form of %q cannot be read, so nothing was sent."):format(task.title), "taskdata",
      "Try again in a moment.")
  end
  local values, said = field_values.settle(call, list, args.taskdata, form)
  if not values then return nil, said end
  if next(values) then body.taskdata = values end
  for _, note in ipairs(said) do notes[#notes + 1] = note end
  return true
end

local plain = { "summary", "position", "max_assignable", "top_secret", "prevent_guest_comment", "task_type", "webhook" }
tasks.changeable = { "title", "summary", "deadline", "owners", "taskdata", "status", "position", "max_assignable",
  "top_secret", "prevent_guest_comment", "started_at", "task_type", "webhook" }

-- What to PUT for <args>, and notes on how dates were understood; or nil and the error. <task> was read with its
-- form_fields where taskdata is given.
function tasks.changes(call, args, task)
  local something, nothing = pick.something(args, tasks.changeable)
  if not something then return nil, nothing end
  if tasks.is_completed(task) then
    return problem("refused", ("%q is completed: a completed task cannot be changed."):format(task.title), "task_id",
      task.is_oneoff_task and "Nothing was sent." or "reopen_task opens it again.")
  end
  local body, notes = { title = pick.trimmed(args.title) }, {}
  for _, name in ipairs(plain) do body[name] = args[name] end
  local right, err = status_word(args, body)
  if right then right, err = moments(call, args, body, notes) end
  if right then right, err = form_values(call, args, task, body, notes) end
  if not right then return nil, err end
  if args.owners then
    body.owners, err = owners.completed(call, task, args.owners)
    if not body.owners then return nil, err end
  end
  return body, notes
end

-- What a PUT of <task> has to carry besides <body>, which is filled in and given back: of a one-off task Tallyfy wants
-- title, deadline and owners each time, and what is not changed goes back as it is, uncut.
function tasks.whole(task, body)
  if not tasks.is_one_off(task) then return body end
  body.title = body.title or task.title
  body.deadline = body.deadline or (task.deadline ~= json.null and task.deadline or nil)
  if not body.deadline then
    return problem("missing_value", ("%q has no deadline, and needs one to be changed."):format(task.title), "deadline",
      "Say when it is due.")
  end
  if not body.owners then body.owners = owners.of(task) end
  if not body.owners then return owners.unreadable(task.title) end
  return body
end

-- "2026-12-04T16:00:00Z" and "2026-12-04 16:00:00" are the same moment.
local function moment(text)
  return text:sub(1, 19):gsub("T", " ", 1)
end

function tasks.is_due(task, due)
  return type(task.deadline) == "string" and moment(task.deadline) == moment(due)
end

-- Tallyfy moves deadlines to working days without a word: here it is said. nil where it kept the one that was sent.
function tasks.moved(changed, due)
  if not due or type(changed.deadline) ~= "string" or tasks.is_due(changed, due) then return nil end
  return ("Tallyfy made it %s, its next working time."):format(changed.deadline)
end

-- Sends a change. The stored description is shown: where the answer lacks it the task is read once more.
function tasks.put(call, task, body, notes)
  local path, params = tasks.path(task)
  params.body = body
  local changed, err = call.api:put(path, params)
  if not changed then return nil, err end
  local data = shape.task(changed)
  if body.summary and changed.summary == nil then
    local again = call.api:get(path, { run_id = params.run_id, task_id = params.task_id, query = { with = "summary" } })
    data.summary = again and again.summary ~= json.null and again.summary or nil
  end
  local text = ("Changed: %s."):format(changed.title)
  notes[#notes + 1] = tasks.moved(changed, body.deadline)
  if #notes > 0 then text = text .. " " .. table.concat(notes, " ") end
  return { text = text, data = data }
end

return tasks
