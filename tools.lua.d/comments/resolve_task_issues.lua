local shape, threads = use "tallyfy.shape", use "tallyfy.threads"

local function not_an_issue(thread, list)
  local ids = {}
  for index, issue in ipairs(threads.open_issues(list)) do ids[index] = issue.id end
  return nil, { code = "invalid_value", field = "thread_id", message = ("%s is a comment (%s), not an issue."):format(
    thread.id, thread.label), hint = #ids > 0 and "Open issues of this task: " .. table.concat(ids, ", ") .. "."
    or "This task has no open issue." }
end

tool "resolve_task_issues" {
  title  = "Resolve task issues";
  about  = "Closes one issue of a task. add_task_comment with label resolve closes all of them, with a text of yours.";
  effect = "change";
  input  = {
    text "task_id"   { "The task: its id or title", min = 1, max = 600 };
    id   "thread_id" { "The issue: get_task_comments shows it, labelled problem" };
    text "run_id"    { "Its process: id or name", max = 550, optional = true };
  };
  output = {
    text  "thread_id"   { "The issue" };
    text  "task_id"     { "The task" };
    whole "open_issues" { "How many are still open" };
  };
  run = function (args, call)
    local issue, task, list = threads.one(call, args, args.thread_id, "thread_id")
    if not issue then return nil, task end
    if issue.label ~= "problem" then return not_an_issue(issue, list) end
    local left = #threads.open_issues(list)
    if not threads.is_open_issue(issue) then
      return { text = "Nothing to change: that issue is resolved already.",
        data = { thread_id = issue.id, task_id = task.id, open_issues = left } }
    end
    local done, _, err = threads.resolve(call, task.id, { issue }, "Resolved")
    if #done == 0 then return nil, err end
    return { text = ("Resolved the issue on %s. %s left."):format(task.title, shape.count(left - 1, "open issue")),
      data = { thread_id = issue.id, task_id = task.id, open_issues = left - 1 } }
  end;
}
