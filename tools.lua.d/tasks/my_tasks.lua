local page, shape = use "tallyfy.page", use "tallyfy.shape"

resource "my_tasks" {
  title = "My tasks";
  about = "The tasks assigned to you, the earliest deadline first: up to 100, and how many there are in all.";
  uri   = "tallyfy://tasks/mine";
  mime  = "application/json";
  annotations = { audience = { "user", "assistant" }, priority = 0.9 };
  run = function (_, call)
    local data, text = page.read(call, "/organizations/{org}/me/tasks", {
      per_page = 100, query = { with = "run" }, row = shape.task_row, noun = "task" })
    if not data then return nil, text end
    return { data = data }
  end;
}
