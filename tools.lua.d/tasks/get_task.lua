tool "get_task" {
  title  = "Get task";
  about  = "Shows one task of a process in full, with its form: each field's type, options and `field_value`. "
        .. "For a task without a process, use its id with search_all or get_my_tasks.";
  effect = "read";
  input  = {
    id "run_id"  { "The process the task belongs to" };
    id "task_id" { "The task" };
  };
  run = function (args, call)
    local task, err = call.api:get("/organizations/{org}/runs/{run_id}/tasks/{task_id}", {
      run_id = args.run_id, task_id = args.task_id, query = { with = "form_fields" } })
    if not task then return nil, err end
    return { text = ("%s: %s."):format(task.title, task.status), data = use("tallyfy.shape").task(task) }
  end;
}
