local completion, pick, tasks = use "tallyfy.completion", use "tallyfy.pick", use "tallyfy.tasks"

tool "reopen_task" {
  title  = "Reopen a task";
  about  = "Makes a completed task open again, and posts the reason as a comment on it. What was entered stays.";
  effect = "change";
  annotations = { idempotent = false }; -- each time adds a comment
  input  = {
    text "run_id"  { "The process: its id or name; none for a one-off task", max = 550, optional = true };
    text "task_id" { "The completed task: its id or title", min = 1, max = 600 };
    text "reason"  { "Why it is reopened; everyone who sees the task can read it", pattern = "\\S", max = 5000 };
  };
  output = {
    text "id"            { "The task" };
    text "title"         { "Its title" };
    text "comment_error" { "Why the reason could not be posted", optional = true };
  };
  run = function (args, call)
    local now, err = tasks.one(call, args)
    if not now then return nil, err end
    local task, failure = completion.reopen(call, now)
    if not task then return nil, failure end
    local data = use("tallyfy.shape").task(task)
    local comment, unposted = call.api:post("/organizations/{org}/tasks/{task_id}/comment", {
      task_id = now.id, body = { content = pick.trimmed(args.reason) } })
    if comment then return { text = ("Reopened: %s."):format(task.title), data = data } end
    data.comment_error = unposted.message
    return { data = data, text = ("Reopened: %s. But the reason could not be posted as a comment: %s"):format(
      task.title, unposted.message) }
  end;
}
