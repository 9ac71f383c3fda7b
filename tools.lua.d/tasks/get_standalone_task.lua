local shape, tasks, who = use "tallyfy.shape", use "tallyfy.tasks", use "tallyfy.who"

tool "get_standalone_task" {
  title  = "Get standalone task";
  about  = "Shows one task in full by its id or title, without its process: its form with each field's type, options and "
        .. "`field_value`. For one-off tasks; works for tasks of processes too.";
  effect = "read";
  input  = {
    text "task_id" { "The task: its id or title", min = 1, max = 600 };
  };
  output = {
    text "id"          { "The task" };
    text "title"       { "Its title" };
    text "status"      { "not-started, in-progress, completed, or auto-skipped (hidden)" };
    list "form_fields" { "Its form, with field_value", of = "object", optional = true };
  };
  run = function (args, call)
    local task, err = tasks.one(call, { task_id = args.task_id }, "form_fields")
    if not task then return nil, err end
    local data = shape.task(task)
    who.fill(call, { data })
    return { text = ("%s: %s."):format(task.title, task.status), data = data }
  end;
}
