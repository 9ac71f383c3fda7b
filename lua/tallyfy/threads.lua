-- threads.lua - a task's comments and issues. Tallyfy has no list of them: they come with the task. An issue is a
-- comment labelled problem; it is open until a resolution's id stands in its resolve_id.
local lists, named, pick, shape = use "tallyfy.lists", use "tallyfy.named", use "tallyfy.pick", use "tallyfy.shape"

local threads = {}

-- The process, or nil where none was given: empty, or the task's own id, as callers sometimes send.
local function run_of(call, args)
  local text = pick.trimmed(args.run_id)
  if not text or text == "" or text == pick.trimmed(args.task_id) then return nil end
  return named.process_or_id(call, text, "run_id")
end

local function task_in_run(call, run_id, text)
  local tasks, err = lists.whole(call, "/organizations/{org}/runs/{run_id}/tasks", "task", { run_id = run_id })
  if not tasks then return nil, err end
  local task, failure = pick.one(tasks, text, { noun = "task", field = "task_id",
    name = function (one) return one.title end })
  return task and task.id, failure
end

-- The task's id by id or title, and the process's where one was given.
function threads.place(call, args)
  local run_id, err = run_of(call, args)
  if err then return nil, err end
  local text = pick.trimmed(args.task_id)
  local task_id = pick.id(text)
  if not task_id and run_id then task_id, err = task_in_run(call, run_id, text)
  elseif not task_id then task_id, err = named.task(call, text, "task_id") end
  if not task_id then return nil, err end
  return { task_id = task_id, run_id = run_id }
end

local function read(call, place)
  local path = place.run_id and "/organizations/{org}/runs/{run_id}/tasks/{task_id}" or "/organizations/{org}/tasks/{task_id}"
  return call.api:get(path, { run_id = place.run_id, task_id = place.task_id, query = { with = "threads" } })
end

-- The task, and its comments as a plain list, oldest first.
function threads.of(call, args)
  local place, err = threads.place(call, args)
  if not place then return nil, err end
  local task, failure = read(call, place)
  if task and not pick.list(task.threads) and not place.run_id and type(task.run_id) == "string" then
    place.run_id = task.run_id
    task, failure = read(call, place)
  end
  if not task and failure.status == 404 then
    return nil, { code = "not_found", field = "task_id", message = ("There is no task %s%s."):format(place.task_id,
      place.run_id and " in that process" or ""), hint = "search_all or get_my_tasks find tasks." }
  end
  if not task then return nil, failure end
  local list = pick.list(task.threads)
  if list then return task, list end
  return nil, { code = "unknown_state", field = "task_id", hint = "Give the process in run_id, or try again in a moment.",
    message = "The comments of this task cannot be read, so nothing was sent." }
end

function threads.is_open_issue(thread)
  return thread.label == "problem" and (thread.resolve_id == nil or thread.resolve_id == json.null)
end

function threads.open_issues(list)
  local open = {}
  for _, thread in ipairs(list) do
    if threads.is_open_issue(thread) then open[#open + 1] = thread end
  end
  return open
end

local row_noise = { sent_by = true, created_ago = true, author_id = true }

-- <cut>: the longest text of a comment, in lists.
function threads.row(view, cut)
  local row = shape.object(view, { drop = row_noise, cut = cut })
  local author = view.author
  row.author = author and author ~= json.null and { id = author.id, full_name = author.full_name } or nil
  if view.label == "problem" then row.is_open = threads.is_open_issue(view) end
  return row
end

-- The comment of that id on the task.
function threads.one(call, args, id, field)
  local task, list = threads.of(call, args)
  if not task then return nil, list end
  for _, thread in ipairs(list) do
    if thread.id == pick.id(id) then return thread, task, list end
  end
  return nil, { code = "not_found", field = field, message = ("%q has no comment %s."):format(task.title, id),
    hint = "get_task_comments lists them with their ids." }
end

-- Closes each open issue of a task: the first that can be closed gets <content>. What was closed, what was not.
function threads.resolve(call, task_id, issues, content, state)
  local done, failed, first = json.array(), json.array(), nil
  for _, issue in ipairs(issues) do
    local resolution, err = call.api:post("/organizations/{org}/tasks/{task_id}/resolved-threads", { task_id = task_id,
      body = { thread_id = issue.id, content = #done == 0 and content or "Resolved", state = state } })
    if resolution then
      done[#done + 1] = issue.id
    else
      first = first or err
      failed[#failed + 1] = { id = issue.id, error = err.message }
    end
  end
  return done, failed, first
end

return threads
