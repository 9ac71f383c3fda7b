local mention, shape, threads = use "tallyfy.mention", use "tallyfy.shape", use "tallyfy.threads"

-- label "resolve" through a plain comment closes nothing in Tallyfy: so the open issues are closed instead.
local function resolve(call, args, content)
  local task, list = threads.of(call, args)
  if not task then return nil, list end
  local issues = threads.open_issues(list)
  if #issues == 0 then return false, task.id end
  local done, failed, err = threads.resolve(call, task.id, issues, content, args.state)
  if #done == 0 then return nil, err end
  local text = ("Resolved %s on %s."):format(shape.count(#done, "issue"), task.title)
  if #failed > 0 then text = text .. (" %d could not be resolved: %s"):format(#failed, failed[1].error) end
  return { text = text, data = { task_id = task.id, resolved_problems = #done, resolved = done, failed = failed } }
end

tool "add_task_comment" {
  title  = "Add task comment";
  about  = "Writes a comment on a task. @\"Full Name\", @username or @e-mail in it, and sent_to, tell those people and let "
        .. "them see the task. label problem opens an issue; label resolve closes all open issues of the task. Guests do "
        .. "not see it unless state is open.";
  effect = "add";
  input  = {
    text   "task_id" { "The task: its id or title", min = 1, max = 600 };
    text   "content" { "The comment; HTML is allowed", pattern = "\\S", max = 30000 };
    text   "run_id"  { "Its process: id or name", max = 550, optional = true };
    choice "label"   { "What kind it is; comment if left out", "comment", "problem", "resolve", "improvement", "advice",
                       optional = true };
    choice "state"   { "Who sees it; hide-for-guests if left out", "hide-for-guests", "open", "collapsed", optional = true };
    list   "sent_to" { "Members to tell as well: ids, e-mail addresses or names",
                       items = any { types = { "integer", "string" } }, max = 50, optional = true };
  };
  output = {
    id   "id"      { "The comment's id", optional = true };
    text "content" { "Its text", optional = true };
  };
  run = function (args, call)
    local content, told, left = mention.apply(call, args.content, args.sent_to)
    if not content then return nil, told end
    local task_id
    if args.label == "resolve" then
      local resolved, other = resolve(call, args, content)
      if resolved then resolved.text = resolved.text .. mention.sentence(told, left) end
      if resolved ~= false then return resolved, other end
      task_id = other
    else
      local place, err = threads.place(call, args)
      if not place then return nil, err end
      task_id = place.task_id
    end
    local comment, failure = call.api:post("/organizations/{org}/tasks/{task_id}/comment", { task_id = task_id,
      body = { content = content, label = args.label, state = args.state } })
    if not comment then return nil, failure end
    local text = args.label == "problem" and "Opened an issue." or args.label == "resolve"
      and "Commented. There was no open issue to resolve." or "Commented."
    return { text = text .. mention.sentence(told, left), data = comment == true and { task_id = task_id }
      or threads.row(comment) }
  end;
}
