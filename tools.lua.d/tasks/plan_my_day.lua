local page, shape = use "tallyfy.page", use "tallyfy.shape"

prompt "plan_my_day" {
  title = "Plan my day";
  about = "Looks at the tasks assigned to you and suggests an order for today: what is late, what blocks others, what can "
       .. "wait.";
  input = {
    text "focus" { "What matters most today, or how much time you have", title = "Focus", max = 1000, optional = true };
  };
  run = function (args, call)
    local data, text = page.read(call, "/organizations/{org}/me/tasks", {
      per_page = 100, query = { with = "run" }, row = shape.task_row, noun = "task" })
    if not data then return nil, text end
    local request = ("Plan my day. It is %s (UTC); I am %s. Above are my tasks: %s"):format(
      call.today(), call.user.name or "the person signed in", text)
    if args.focus then request = request .. "\n\nToday this matters: " .. args.focus end
    return {
      { content = { type = "resource", resource = {
        uri = "tallyfy://tasks/mine", mime = "application/json", text = json.encode(data) } } },
      request .. [[


Please:
1. Leave out what is completed. Put overdue tasks first, then what is due today, then what others in the same process wait
   for; Tallyfy has no priorities, so say by what you ordered them.
2. Give me at most seven things for today, each with its process, its deadline in my words ("since Tuesday") and the first
   thing to do. Use get_task where the title does not tell what is to be done.
3. Name what can wait, and what I should rather hand back or comment on because it is stuck.
4. Change nothing. If I say so afterwards, complete or comment on tasks one at a time.]],
    }
  end;
}
