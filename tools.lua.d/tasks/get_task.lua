local shape, tasks, who = use "tallyfy.shape", use "tallyfy.tasks", use "tallyfy.who"

tool "get_task" {
  title  = "Get task";
  about  = "Shows one task of a process in full, with its form: each field's type, options and `field_value`. "
        .. "For a task without a process there is get_standalone_task.";
  effect = "read";
  input  = {
    text "run_id"  { "The process: its id or name", min = 1, max = 550 };
    text "task_id" { "The task: its id or title", min = 1, max = 600 };
  };
  output = {
    text "id"          { "The task" };
    text "title"       { "Its title" };
    text "status"      { "not-started, in-progress, completed, or auto-skipped (hidden)" };
    list "form_fields" { "Its form, with field_value", of = "object", optional = true };
  };
  run = function (args, call)
    local task, err = tasks.one(call, args, "form_fields")
    if not task then return nil, err end
    local data = shape.task(task)
    who.fill(call, { data })
    return { text = ("%s: %s."):format(task.title, task.status), data = data }
  end;
}
