local once, task_preview, tasks = use "tallyfy.once", use "tallyfy.task_preview", use "tallyfy.tasks"

tool "update_standalone_task" {
  title  = "Update standalone task";
  about  = "Changes a one-off task, or saves answers in its form (taskdata, keyed by the field's label, alias or id). What is "
        .. "left out stays.";
  effect = "change";
  input  = {
    text   "task_id"   { "The task: its id or title", min = 1, max = 600 };
    text   "title"     { "New title", min = 1, max = 600, pattern = "\\S", optional = true };
    text   "summary"   { "Description, as plain text or simple HTML", max = 50000, optional = true };
    date   "deadline"  { "When it is due, in words or ISO 8601: next Friday at 3pm", optional = true };
    object "owners"    { "Who has it from then on; a list that is left out stays", fields = {
      list "users"  { "All members: ids, e-mail addresses or names", items = any { types = { "integer", "string" } },
                      max = 500, optional = true };
      list "guests" { "All guests: e-mail addresses", of = "text", max = 500, optional = true };
      list "groups" { "All groups: ids or names", of = "text", max = 100, optional = true };
    }, optional = true };
    object "taskdata"  { "Answers by field label, alias or id: bare values; choices by text or id, dates in words",
                         values = any {}, optional = true };
    text   "status"    { "not-started, in-progress or auto-skipped (hidden)", max = 40, optional = true };
    whole  "max_assignable" { "Most people who can be assigned; 0 is no limit", min = 0, optional = true };
    flag   "top_secret" { "Whether only its owners see it", optional = true };
    flag   "prevent_guest_comment" { "Whether guests are kept from commenting", optional = true };
    date   "started_at" { "When it starts, in words or ISO 8601", optional = true };
    choice "task_type" { "Kind of task", "task", "approval", "expiring", "email", "expiring_email", optional = true };
    text   "webhook"   { "URL to call when it is completed", max = 2000, optional = true };
  };
  output = {
    text "id"     { "The task" };
    text "title"  { "Its title" };
    text "status" { "Its status", optional = true };
  };
  preview = function (args, call)
    local reading = once.call(call)
    local task, err = tasks.one(reading, { task_id = args.task_id }, task_preview.with(args))
    if not task then return nil, err end
    local body, refusal = tasks.changes(reading, args, task)
    if not body then return nil, refusal end
    return task_preview.change(reading, task, body)
  end;
  run = function (args, call)
    local task, err = tasks.one(call, { task_id = args.task_id }, args.taskdata and "form_fields" or nil)
    if not task then return nil, err end
    if not tasks.is_one_off(task) then
      return nil, { code = "invalid_value", field = "task_id", message = ("%q belongs to a process."):format(task.title),
        hint = "update_task changes it." }
    end
    local body, notes = tasks.changes(call, args, task)
    if not body then return nil, notes end
    local complete, unknown = tasks.whole(task, body)
    if not complete then return nil, unknown end
    return tasks.put(call, task, complete, notes)
  end;
}
