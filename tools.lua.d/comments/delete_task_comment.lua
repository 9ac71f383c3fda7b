local threads = use "tallyfy.threads"

tool "delete_task_comment" {
  title  = "Delete task comment";
  about  = "Deletes a comment for good. Deleting an open issue ends it without a resolution: resolve_task_issues is better. "
        .. "Only its author and administrators may.";
  effect = "remove";
  input  = {
    text "task_id"    { "The task: its id or title", min = 1, max = 600 };
    id   "comment_id" { "The comment" };
    text "run_id"     { "Its process: id or name", max = 550, optional = true };
  };
  output = {
    id   "id"      { "The comment's id", optional = true };
    text "content" { "Its text", optional = true };
    flag "deleted" { "true" };
  };
  run = function (args, call)
    local comment, task = threads.one(call, args, args.comment_id, "comment_id")
    if not comment then return nil, task end
    local gone, err = call.api:delete("/organizations/{org}/tasks/{task_id}/comment/{comment_id}", {
      task_id = task.id, comment_id = comment.id })
    if not gone then return nil, err end
    local text = ("Deleted the comment on %s."):format(task.title)
    if threads.is_open_issue(comment) then text = text .. " It was an open issue, which has ended with it." end
    local data = threads.row(comment)
    data.deleted = true
    return { text = text, data = data }
  end;
}
