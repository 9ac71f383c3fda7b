local dates, named, one_off = use "tallyfy.dates", use "tallyfy.named", use "tallyfy.one_off"
local pick, shape, who = use "tallyfy.pick", use "tallyfy.shape", use "tallyfy.who"

local function process_of(args, call)
  local text = pick.trimmed(args.run_id)
  if not text or text == "" then return nil end
  return named.process_or_id(call, text, "run_id")
end

-- Everybody's own copy: Tallyfy answers one of them.
local function with_copies(call, data, task, words)
  local rows, why = one_off.copies(call, task)
  if not rows then
    return { data = data, text = ("Created a task for each: %s, due %s. Only the first is shown: %s"):format(task.title,
      words, why) }
  end
  who.fill(call, rows)
  local kept, truncated = shape.fit(rows, shape.budget * 0.8)
  data.task_count, data.tasks = #rows, kept
  return { text = ("Created %s: %s, due %s.%s"):format(shape.count(#rows, "task"), task.title, words,
    truncated and (" Only the first %d are shown."):format(#kept) or ""), data = data }
end

tool "create_standalone_task" {
  title  = "Create standalone task";
  about  = "Creates a one-off task for members, guests or groups. With separate_task_for_each_assignee everyone gets "
        .. "their own copy. Calling it twice creates two tasks.";
  effect = "add";
  input  = {
    text   "title"        { "What is to be done", min = 1, max = 600, pattern = "\\S" };
    date   "deadline"     { "When it is due, in words or ISO 8601, in your time zone: next Friday at 3pm, end of month" };
    text   "description"  { "Details, as plain text or simple HTML", max = 50000, optional = true };
    choice "task_type"    { "Kind of task", "task", "approval", "expiring", "email", "expiring_email", default = "task" };
    list   "user_names"   { "Names of members to assign", of = "text", single = true, max = 100, optional = true };
    list   "user_emails"  { "E-mail addresses of members to assign", of = "text", single = true, max = 100, optional = true };
    list   "guest_emails" { "E-mail addresses of guests to assign", items = text { format = "email" }, single = true,
                            max = 100, optional = true };
    list   "group_names"  { "Names of groups to assign", of = "text", single = true, max = 100, optional = true };
    whole  "max_assignable" { "Most people who can be assigned", min = 1, max = 10000, optional = true };
    flag   "prevent_guest_comment" { "Keeps guests from commenting", optional = true };
    flag   "separate_task_for_each_assignee" { "One task for each person instead of one for all", default = false };
    text   "run_id"       { "A process to attach the task to, by id or name; it must allow extra tasks", max = 550,
                            optional = true };
    list   "form_fields"  { "Questions to put on the task, as add_form_field_to_step takes them in field_data", of = "object",
                            max = 50, optional = true };
  };
  output = {
    text "id"     { "The task" };
    text "title"  { "Its title" };
    text "status" { "Its status", optional = true };
    text "deadline_understood" { "How the deadline was understood" };
    whole "task_count" { "With separate_task_for_each_assignee: how many tasks there are", optional = true };
    list "tasks"       { "Those tasks", of = "object", optional = true };
  };
  run = function (args, call)
    local due, words = dates.due(call, args.deadline, "deadline")
    if not due then return nil, words end
    local form, unfit = one_off.form(args.form_fields)
    if unfit then return nil, unfit end
    local owners, err = one_off.owners(call, args)
    if not owners then return nil, err end
    local run_id, unknown = process_of(args, call)
    if unknown then return nil, unknown end

    local task, failure = call.api:post("/organizations/{org}/tasks", { body = {
      title = pick.trimmed(args.title), deadline = due, owners = owners, task_type = args.task_type,
      summary = args.description, status = "not-started", everyone_must_complete = false, is_soft_start_date = true,
      separate_task_for_each_assignee = args.separate_task_for_each_assignee, max_assignable = args.max_assignable,
      prevent_guest_comment = args.prevent_guest_comment, run_id = run_id, form_fields = form,
    } })
    if not task then return nil, failure end
    local data = shape.task(task)
    data.deadline_understood = words
    if args.separate_task_for_each_assignee then return with_copies(call, data, task, words) end
    return { text = ("Created: %s, due %s."):format(task.title, words), data = data }
  end;
}
