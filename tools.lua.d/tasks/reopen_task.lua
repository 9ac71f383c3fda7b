tool "reopen_task" {
  title  = "Reopen a task";
  about  = "Makes a completed task of a process open again, and posts the reason as a comment on it. What was entered stays.";
  effect = "change";
  annotations = { idempotent = false }; -- each time adds a comment
  input  = {
    id   "run_id"  { "The process the task belongs to" };
    id   "task_id" { "The completed task" };
    text "reason"  { "Why it is reopened; everyone who sees the task can read it", pattern = "\\S", max = 5000 };
  };
  run = function (args, call)
    local task, err = call.api:delete("/organizations/{org}/runs/{run_id}/completed-tasks/{task_id}", {
      run_id = args.run_id, task_id = args.task_id })
    if not task then return nil, err end
    local data = use("tallyfy.shape").task(task)
    local comment, failure = call.api:post("/organizations/{org}/tasks/{task_id}/comment", {
      task_id = args.task_id, body = { content = args.reason:match("^%s*(.-)%s*$") } })
    if not comment then
      data.comment_error = failure.message
      return { data = data, text = ("Reopened: %s. But the reason could not be posted as a comment: %s"):format(
        task.title, failure.message) }
    end
    return { text = ("Reopened: %s."):format(task.title), data = data }
  end;
}
