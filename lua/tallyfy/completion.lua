-- completion.lua - completing and reopening tasks, one or many: what is checked before, where it is sent, and what is said
-- afterwards. Completing is felt by people each time, and the API may take a second one with a success: so a task that
-- is completed already is told and nothing is sent. Whether a rule hides the task is left to the API, since the completion
-- before may have shown it.
local field_values, pick, tasks = use "tallyfy.field_values", use "tallyfy.pick", use "tallyfy.tasks"

local completion = {}

local function problem(code, message, field, hint)
  return nil, { code = code, message = message, field = field, hint = hint }
end

-- What completion needs to know of the task.
completion.with = "form_fields"

-- Only approval and expiring tasks know a decision. The API would store it elsewhere without a word.
local function decision(task_type, is_approved)
  if is_approved == nil then
    if task_type == "approval" then
      return problem("missing_value", "This is an approval task: it needs a decision.", "is_approved",
        "is_approved: true approves, false rejects.")
    end
    return { sent = nil }
  end
  if task_type == "approval" then return { sent = is_approved } end
  if is_approved == false and (task_type == "expiring" or task_type == "expiring_email") then
    return problem("invalid_value",
      "An expiring task cannot be rejected: false would record it as expired instead of acknowledged.", "is_approved",
      "Leave is_approved out to acknowledge it.")
  end
  if is_approved == false then -- sent without a decision it would be completed: the opposite of what was asked
    return problem("invalid_value", "This is no approval task, so it cannot be rejected; it would be completed.",
      "is_approved", "Leave is_approved out to complete it, or use add_task_comment to say what is wrong.")
  end
  return { sent = nil }
end

-- The labels of required form fields without a value.
local function unanswered(task)
  local labels = {}
  for _, field in ipairs(pick.list(task.form_fields) or {}) do
    if field.required == true and field_values.is_empty(field.field_value) then
      labels[#labels + 1] = ("%q"):format(field.label or field.id)
    end
  end
  return labels
end

-- What to do for <task> (read with completion.with): { path, params, sent }; or nil and the error. The error's code is
-- already_done where there is nothing to do.
function completion.plan(task, is_approved, override_user)
  if tasks.is_completed(task) then
    local how = task.task_type == "approval" and (task.is_approved and " (approved)" or " (rejected)") or ""
    return problem("already_done", ("%q is completed already%s: nothing was sent."):format(task.title, how), "task_id",
      "reopen_task opens it again.")
  end
  local decided, refusal = decision(task.task_type, is_approved)
  if not decided then return nil, refusal end
  local missing = unanswered(task)
  if #missing > 0 then
    return problem("missing_value", ("%q cannot be completed before these fields have a value: %s."):format(task.title,
      table.concat(missing, ", ")), "task_id", ("%s saves answers (taskdata)."):format(tasks.is_one_off(task)
      and "update_standalone_task" or "update_task"))
  end
  if task.problem == true then
    return problem("refused", ("%q has an open issue: it has to be resolved first."):format(task.title), "task_id",
      "get_task_comments shows it, add_task_comment with label resolve closes it.")
  end
  local path = tasks.is_one_off(task) and "/organizations/{org}/completed-tasks"
    or "/organizations/{org}/runs/{run_id}/completed-tasks"
  return { path = path, sent = decided.sent, params = { run_id = not tasks.is_one_off(task) and task.run_id or nil,
    body = { task_id = task.id, is_approved = decided.sent, override_user = override_user } } }
end

-- "Approved"; "Completed"; or what stands in the way where each assignee completes for oneself.
function completion.verb(done, sent)
  if done.status and done.status ~= "completed" then return "Your part is done; others are still to complete" end
  if sent == nil then return "Completed" end
  return sent and "Approved" or "Rejected"
end

-- "It changed 2 other tasks: ...": what rules did, or nothing.
function completion.effects(done)
  local titles = {}
  for index, other in ipairs(pick.list(done.tasks_changed_by_rules) or {}) do
    titles[index] = ("%s (%s)"):format(other.title or other.id, other.status or "changed")
  end
  if #titles == 0 then return "" end
  return (" Rules changed: %s."):format(table.concat(titles, ", ", 1, math.min(#titles, 5))
    .. (#titles > 5 and (" and %d more"):format(#titles - 5) or ""))
end

-- Opens a completed task again; gives it, or nil and the error.
function completion.reopen(call, task)
  if not tasks.is_completed(task) then
    return problem("already_done", ("%q is not completed: nothing was sent."):format(task.title), "task_id",
      "add_task_comment adds a comment.")
  end
  if tasks.is_one_off(task) then
    return call.api:delete("/organizations/{org}/completed-tasks/{task_id}", { task_id = task.id })
  end
  return call.api:delete("/organizations/{org}/runs/{run_id}/completed-tasks/{task_id}", {
    run_id = task.run_id, task_id = task.id })
end

return completion
