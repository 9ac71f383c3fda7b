local mention, threads = use "tallyfy.mention", use "tallyfy.threads"

tool "report_task_issue" {
  title  = "Report task issue";
  about  = "Reports a problem on a task: its people are told, a completed task is open again, and it cannot be completed "
        .. "until resolve_task_issues. Mentions work as in add_task_comment.";
  effect = "add";
  input  = {
    text "task_id" { "The task: its id or title", min = 1, max = 600 };
    text "content" { "What is wrong; HTML is allowed", pattern = "\\S", max = 30000 };
    text "run_id"  { "Its process: id or name", max = 550, optional = true };
  };
  output = {
    id   "id"      { "The comment's id", optional = true };
    text "content" { "Its text", optional = true };
    id   "task_id" { "The task", kind = "text" };
  };
  run = function (args, call)
    local content, told, left = mention.apply(call, args.content)
    if not content then return nil, told end
    local place, err = threads.place(call, args)
    if not place then return nil, err end
    local issue, failure = call.api:post("/organizations/{org}/tasks/{task_id}/problem", { task_id = place.task_id,
      body = { content = content } })
    if not issue then return nil, failure end
    local data = issue == true and {} or threads.row(issue)
    data.task_id = place.task_id
    return { text = "Reported the issue." .. mention.sentence(told, left), data = data }
  end;
}
