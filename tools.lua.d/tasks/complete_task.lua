local completion, members = use "tallyfy.completion", use "tallyfy.members"
local once, owners, preview = use "tallyfy.once", use "tallyfy.owners", use "tallyfy.preview"
local shape, task_preview, tasks = use "tallyfy.shape", use "tallyfy.task_preview", use "tallyfy.tasks"

local ends = { [true] = "approved", [false] = "rejected" }

tool "complete_task" {
  title  = "Complete a task";
  about  = "Marks a task as done. An approval task needs `is_approved`. Completing can show, hide or assign other tasks: the "
        .. "answer lists what the process's rules changed. complete_tasks does many at once.";
  effect = "change";
  annotations = { idempotent = false }; -- each completion tells people again
  input  = {
    text "run_id"        { "The process: its id or name; none for a one-off task", max = 550, optional = true };
    text "task_id"       { "The task: its id or title", min = 1, max = 600 };
    flag "is_approved"   { "For approval tasks: true approves, false rejects", optional = true };
    any  "override_user" { "The member to record as the one who completed it: id, e-mail address or name",
                           types = { "integer", "string" }, optional = true };
  };
  output = {
    text "id"     { "The task" };
    text "title"  { "Its title" };
    text "status" { "completed; in-progress while others have to complete it too", optional = true };
    list "tasks_changed_by_rules" { "Other tasks that changed with it", of = "object", optional = true };
  };
  preview = function (args, call)
    local reading = once.call(call)
    local task, err = tasks.one(reading, args, completion.with)
    if not task then return nil, err end
    local completer, unknown = members.ids(reading, args.override_user and { args.override_user }, "override_user")
    if not completer then return nil, unknown end
    local plan, refusal = completion.plan(task, args.is_approved, completer[1])
    if not plan then return nil, refusal end
    return preview.of(task_preview.target(reading, task), {
      { "Status", was = task.status or json.null, will = ends[plan.sent] or "completed" },
      { "Assigned to", was = task_preview.people(reading, owners.of(task)) },
      { "Completed by", will = completer[1] and unknown[completer[1]] or call.user.name },
    })
  end;
  run = function (args, call)
    local task, err = tasks.one(call, args, completion.with)
    if not task then return nil, err end
    local completer, unknown = members.ids(call, args.override_user and { args.override_user }, "override_user")
    if not completer then return nil, unknown end
    local plan, refusal = completion.plan(task, args.is_approved, completer[1])
    if not plan then return nil, refusal end
    local done, failure = call.api:post(plan.path, plan.params)
    if not done then return nil, failure end
    return { text = ("%s: %s.%s"):format(completion.verb(done, plan.sent), done.title, completion.effects(done)),
      data = shape.task(done) }
  end;
}
