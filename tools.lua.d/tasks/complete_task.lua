local shape = use "tallyfy.shape"

-- Only approval and expiring tasks know a decision. The API would store it elsewhere without a word.
local function decision(task_type, is_approved)
  if is_approved == nil then
    if task_type == "approval" then
      return nil, { code = "missing_value", field = "is_approved",
        message = "This is an approval task: it needs a decision.", hint = "is_approved: true approves, false rejects." }
    end
    return { sent = nil }
  end
  if task_type == "approval" then return { sent = is_approved } end
  if is_approved == false and (task_type == "expiring" or task_type == "expiring_email") then
    return nil, { code = "invalid_value", field = "is_approved",
      message = "An expiring task cannot be rejected: false would record it as expired instead of acknowledged.",
      hint = "Leave is_approved out to acknowledge it." }
  end
  return { sent = nil }
end

tool "complete_task" {
  title  = "Complete a task";
  about  = "Marks a task of a process as done. An approval task needs `is_approved`. Completing a task can show, hide or "
        .. "assign others: the answer lists what the process's rules changed.";
  effect = "change";
  annotations = { idempotent = false }; -- each completion tells people again
  input  = {
    id   "run_id"        { "The process the task belongs to" };
    id   "task_id"       { "The task to complete" };
    flag "is_approved"   { "For approval tasks: true approves, false rejects", optional = true };
    id   "override_user" { "The member to record as the one who completed it", kind = "integer", optional = true };
  };
  run = function (args, call)
    local place = { run_id = args.run_id, task_id = args.task_id }
    local task, err = call.api:get("/organizations/{org}/runs/{run_id}/tasks/{task_id}", place)
    if not task then return nil, err end
    local decided, refusal = decision(task.task_type, args.is_approved)
    if not decided then return nil, refusal end

    local done, failure = call.api:post("/organizations/{org}/runs/{run_id}/completed-tasks", {
      run_id = args.run_id,
      body = { task_id = args.task_id, is_approved = decided.sent, override_user = args.override_user },
    })
    if not done then return nil, failure end
    local verb = "Completed"
    if decided.sent ~= nil then verb = decided.sent and "Approved" or "Rejected" end
    return { text = ("%s: %s."):format(verb, done.title), data = shape.task(done) }
  end;
}
