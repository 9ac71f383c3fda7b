local mention, threads = use "tallyfy.mention", use "tallyfy.threads"

-- Labels that would say something that is not so.
local function misleading(comment, label)
  if not label or label == comment.label then return nil end
  if threads.is_open_issue(comment) then
    return { code = "refused", field = "label", message = "This is an open issue: another label would end it unresolved.",
      hint = "resolve_task_issues with this id as thread_id closes it." }
  end
  if label == "resolve" then
    return { code = "refused", field = "label", message = "The label resolve on a comment closes no issue.",
      hint = "resolve_task_issues, or add_task_comment with label resolve, closes one." }
  end
end

tool "update_task_comment" {
  title  = "Update task comment";
  about  = "Rewrites a comment: its whole text, and label or state if given; those that are left out stay. Mentions work as "
        .. "in add_task_comment. Only its author and administrators may.";
  effect = "change";
  input  = {
    text   "task_id"    { "The task: its id or title", min = 1, max = 600 };
    id     "comment_id" { "The comment" };
    text   "content"    { "The whole new text; HTML is allowed", pattern = "\\S", max = 30000 };
    text   "run_id"     { "Its process: id or name", max = 550, optional = true };
    choice "label"      { "What kind it is", "comment", "problem", "resolve", "improvement", "advice", optional = true };
    choice "state"      { "Who sees it", "hide-for-guests", "open", "collapsed", optional = true };
    list   "sent_to"    { "Members to tell as well: ids, e-mail addresses or names",
                          items = any { types = { "integer", "string" } }, max = 50, optional = true };
  };
  output = {
    id   "id"      { "The comment's id", optional = true };
    text "content" { "Its text", optional = true };
  };
  run = function (args, call)
    local comment, task = threads.one(call, args, args.comment_id, "comment_id")
    if not comment then return nil, task end
    local refusal = misleading(comment, args.label)
    if refusal then return nil, refusal end
    local content, told, left = mention.apply(call, args.content, args.sent_to)
    if not content then return nil, told end
    local changed, failure = call.api:put("/organizations/{org}/tasks/{task_id}/comment/{comment_id}", {
      task_id = task.id, comment_id = comment.id,
      body = { content = content, label = args.label or comment.label, state = args.state or comment.state } })
    if not changed then return nil, failure end
    return { text = ("Changed the comment on %s."):format(task.title) .. mention.sentence(told, left),
      data = changed == true and { id = comment.id } or threads.row(changed) }
  end;
}
