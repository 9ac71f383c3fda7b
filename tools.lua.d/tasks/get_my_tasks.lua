local page, shape = use "tallyfy.page", use "tallyfy.shape"

tool "get_my_tasks" {
  title  = "Get my tasks";
  about  = "Lists the tasks assigned to you, the earliest deadline first, 20 to a page, completed ones too unless `status` "
        .. "narrows it. There is no priority: `overdue`, `due_soon` and `problem` tell what is urgent.";
  effect = "read";
  input  = {
    text  "status" { "all, active, incomplete, inprogress, not-started, completed, overdue, due_soon or hasproblem", max = 30,
                     default = "all" };
    whole "page" { "Which page, from 1", min = 1, default = 1 };
    list   "fields" { "Only these members of each, and its id", of = "text", max = 50, optional = true };
    choice "detail" { "full: each with all its members, uncut", "short", "full", default = "short" };
  };
  output = {
    list   "data" { "The tasks", of = "object" };
    object "meta" { "page, returned, total, total_pages, truncated" };
  };
  run = function (args, call)
    local data, text = page.read(call, "/organizations/{org}/me/tasks", {
      page = args.page, fields = args.fields, detail = args.detail,
      query = { with = "run", status = args.status ~= "all" and args.status or nil }, row = shape.task_row, noun = "task" })
    if not data then return nil, text end
    return { text = text, data = data }
  end;
}
