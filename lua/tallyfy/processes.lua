-- processes.lua - one process by id or name, its rows and sentences, and changes of it. A PUT takes everyone off who is
-- not in its users and groups: both are read before and sent again, and where they cannot be read nothing is sent.
local named, pick, shape = use "tallyfy.named", use "tallyfy.pick", use "tallyfy.shape"

local processes = {}

local function problem(code, message, field, hint)
  return nil, { code = code, message = message, field = field or "run_id", hint = hint }
end

local at = "/organizations/{org}/runs/{run_id}"

-- The process as it is now, by id or name. <may_guess>: for tools that only look, see named.lua.
function processes.one(call, text, with, may_guess)
  local id, err = named.process_or_id(call, pick.trimmed(text), "run_id", may_guess)
  if not id then return nil, err end
  local run, failure = call.api:get(at, { run_id = id, query = { with = with } })
  if run or failure.status ~= 404 then return run, failure end
  return problem("not_found", ("There is no process %s."):format(id), nil,
    "search_for_processes and get_organization_runs find processes.")
end

function processes.is_archived(run)
  return run.archived_at ~= nil and run.archived_at ~= json.null
end

-- "Onboarding: Jane: active, 2 of 6 tasks done."
function processes.sentence(run)
  local text = ("%s: %s"):format(run.name, run.status or "unknown status")
  local progress = run.progress
  if pick.is_object(progress) and progress.total then
    text = text .. (", %d of %d tasks done"):format(progress.complete or 0, progress.total)
  end
  return text .. "."
end

local row_noise = {
  prerun = true, custom_fields = true, whole_progress = true, prerun_length = true, publicly_hidden_fields = true,
  assign_someone_else = true, can_add_oot = true, prerun_completed_at = true, prerun_completed_by = true,
  max_task_deadline = true, increment_id = true,
}

-- A row of a list. Tasks that were asked for come short, as in lists of tasks.
function processes.row(view)
  local row = shape.object(view, { drop = row_noise, cut = 500 })
  local inner = view.tasks
  if inner ~= nil and inner ~= json.null then
    row.tasks = json.array()
    for index, task in ipairs(pick.list(inner) or {}) do row.tasks[index] = shape.task_row(task) end
  end
  return row
end

-- Sends <body> with everyone who may see the process now; gives the process, or nil and the error.
function processes.put(call, run, body)
  local users, groups = pick.ids(run.users), pick.ids(run.groups)
  if not users or not groups then
    return problem("unknown_state", ("Who may see %q cannot be read, so nothing was sent: it could have taken people off it.")
      :format(run.name), nil, "Try again in a moment.")
  end
  body.users, body.groups = users, groups
  return call.api:put(at, { run_id = run.id, body = body })
end

-- An archived process takes no changes.
function processes.refuse_archived(run)
  if not processes.is_archived(run) then return true end
  return problem("refused", ("%q is archived."):format(run.name), nil, "reactivate_process brings it back.")
end

-- What the tools about one process answer.
function processes.answer(text, run)
  local data, left = shape.bounded(shape.object(run))
  return { text = text .. shape.omitted_said(left), data = data }
end

return processes
