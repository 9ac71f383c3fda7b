local page, shape = use "tallyfy.page", use "tallyfy.shape"

tool "get_my_tasks" {
  title  = "Get my tasks";
  about  = "Lists the open and completed tasks assigned to you, the earliest deadline first, 20 to a page. "
        .. "There is no priority: `overdue`, `due_soon` and `problem` tell what is urgent.";
  effect = "read";
  input  = {
    whole "page" { "Which page, from 1", min = 1, default = 1 };
  };
  run = function (args, call)
    local data, text = page.read(call, "/organizations/{org}/me/tasks", {
      page = args.page, query = { with = "run" }, row = shape.task_row, noun = "task" })
    if not data then return nil, text end
    return { text = text, data = data }
  end;
}
