-- bulk_tasks.lua - what the tools for many tasks have in common: finding each task, and the job that changes it.
local bulk, pick, tasks = use "tallyfy.bulk", use "tallyfy.pick", use "tallyfy.tasks"

local bulk_tasks = {}

-- The read that tasks.one will make for an item that says ids; nil where a name has to be looked up first.
local function read_of(item, with)
  local id, run_id = pick.id(pick.trimmed(item.task_id)), pick.trimmed(item.run_id)
  if not id then return nil end
  if run_id == "" or run_id == id then run_id = nil end
  if run_id and not pick.id(run_id) then return nil end
  local path, params = tasks.reading(id, run_id and pick.id(run_id), with)
  return { path, params }
end

-- <plan>: items ({ task_id, run_id, ... }), verb, check_only, with (includes of the read), and change(call, task, item),
-- which gives a request { method, path, params }, or nil and the error; a third result is a note.
function bulk_tasks.run(call, plan)
  return bulk.run(call, {
    items = plan.items, noun = "task", verb = plan.verb, check_only = plan.check_only,
    reads = function (item) return read_of(item, plan.with) end,
    check = function (reading, item)
      local task, err = tasks.one(reading, { task_id = item.task_id, run_id = item.run_id }, plan.with)
      if not task then return nil, err end
      local request, refusal, note = plan.change(reading, task, item)
      if not request then
        refusal.id, refusal.name = task.id, task.title
        return nil, refusal
      end
      local run_id = task.run_id ~= json.null and task.run_id or nil
      return { request = request, id = task.id, name = task.title, process_id = run_id, key = run_id, note = note,
        finish = plan.finish }
    end,
  })
end

-- The request that writes <body> into <task>, with all that the API wants along; or nil and the error.
function bulk_tasks.put(task, body)
  if tasks.is_completed(task) then
    return nil, { code = "refused", field = "task_id", message = ("%q is completed: a completed task cannot be changed.")
      :format(task.title), hint = "reopen_task opens it again." }
  end
  local whole, err = tasks.whole(task, body)
  if not whole then return nil, err end
  local path, params = tasks.path(task)
  params.body = whole
  return { "put", path, params }
end

return bulk_tasks
