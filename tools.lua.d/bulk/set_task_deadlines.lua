local bulk_tasks, dates, tasks = use "tallyfy.bulk_tasks", use "tallyfy.dates", use "tallyfy.tasks"

-- The change of one task: its own deadline, else the one for all.
local function change(call, task, text)
  if not text then
    return nil, { code = "missing_value", field = "deadline", message = ("No deadline was given for %q."):format(task.title),
      hint = "Give it with the task, or once in deadline for all." }
  end
  local due, words = dates.due(call, text, "deadline")
  if not due then return nil, words end
  if tasks.is_due(task, due) then
    return nil, { code = "already_done", message = ("%q is due then already."):format(task.title) }
  end
  local request, err = bulk_tasks.put(task, { deadline = due })
  if not request then return nil, err end
  return request, nil, "Due " .. words
end

tool "set_task_deadlines" {
  title  = "Set the deadlines of several tasks";
  about  = "Sets when up to 40 tasks are due: one deadline for all, or each its own. A wrong one stops none of the others; "
        .. "the result says for each what became of it.";
  effect = "change";
  limits = { time = "5min" };
  input  = {
    list "tasks" { "The tasks", min = 1, max = 40, items = object { fields = {
      text "task_id"  { "The task: its id or title", min = 1, max = 600 };
      text "run_id"   { "Its process: id or name; helps where the title is not unique", max = 550, optional = true };
      date "deadline" { "When this one is due, in words or ISO 8601", optional = true };
    } } };
    date "deadline"   { "When all of them are due, in words or ISO 8601: next Friday at 3pm", optional = true };
    flag "check_only" { "Only checks everything and sends nothing", default = false };
  };
  output = {
    whole "total"     { "How many items there were" };
    whole "done"      { "How many were changed" };
    whole "unchanged" { "How many needed nothing" };
    whole "refused"   { "How many were wrong, so that nothing was sent for them" };
    whole "failed"    { "How many Tallyfy refused, or whose outcome is unknown" };
    whole "not_tried" { "How many were not reached" };
    list  "results"   { "For each item: index, status, id, name, error", of = "object" };
  };
  run = function (args, call)
    return bulk_tasks.run(call, {
      items = args.tasks, verb = "changed", check_only = args.check_only,
      change = function (reading, task, item) return change(reading, task, item.deadline or args.deadline) end,
      finish = function (result, changed, body)
        result.deadline = changed.deadline
        local moved = tasks.moved(changed, body.deadline)
        if moved then result.note = ("%s. %s"):format(result.note, moved) end
      end,
    })
  end;
}
