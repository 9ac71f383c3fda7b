local bulk_tasks, completion = use "tallyfy.bulk_tasks", use "tallyfy.completion"

tool "complete_tasks" {
  title  = "Complete several tasks";
  about  = "Completes up to 40 tasks, each checked as complete_task does; a wrong one stops none of the others. Tasks of one "
        .. "process go in the order given. The result says for each what became of it.";
  effect = "change";
  annotations = { idempotent = false }; -- each completion tells people again
  limits = { time = "5min" };
  input  = {
    list "tasks" { "What to complete", min = 1, max = 40, items = object { fields = {
      text "task_id"     { "The task: its id or title", min = 1, max = 600 };
      text "run_id"      { "Its process: id or name; helps where the title is not unique", max = 550, optional = true };
      flag "is_approved" { "For approval tasks: true approves, false rejects", optional = true };
    } } };
    flag "check_only" { "Only checks everything and sends nothing", default = false };
  };
  output = {
    whole "total"     { "How many items there were" };
    whole "done"      { "How many were completed" };
    whole "unchanged" { "How many needed nothing" };
    whole "refused"   { "How many were wrong, so that nothing was sent for them" };
    whole "failed"    { "How many Tallyfy refused, or whose outcome is unknown" };
    whole "not_tried" { "How many were not reached" };
    list  "results"   { "For each item: index, status, id, name, error", of = "object" };
  };
  run = function (args, call)
    return bulk_tasks.run(call, {
      items = args.tasks, verb = "completed", check_only = args.check_only, with = completion.with,
      change = function (_, task, item)
        local plan, err = completion.plan(task, item.is_approved)
        if not plan then return nil, err end
        return { "post", plan.path, plan.params }
      end,
      finish = function (result, done)
        result.task_status = done.status
        local changed = completion.effects(done)
        result.note = changed ~= "" and changed:sub(2) or nil
      end,
    })
  end;
}
