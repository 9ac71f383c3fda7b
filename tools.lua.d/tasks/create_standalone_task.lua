local dates, people, shape = use "tallyfy.dates", use "tallyfy.people", use "tallyfy.shape"

local function owners_of(args, call)
  local users, err = people.member_ids(call, args.user_names, args.user_emails)
  if not users then return nil, err end
  local groups, failure = people.group_ids(call, args.group_names)
  if not groups then return nil, failure end
  local guests = json.array()
  for index, email in ipairs(args.guest_emails or {}) do guests[index] = email end
  if #users + #groups + #guests == 0 then
    return nil, { code = "missing_value", field = "user_names", message = "Nobody is assigned to the task.",
      hint = "Name at least one member (user_names, user_emails), guest (guest_emails) or group (group_names)." }
  end
  return { users = users, guests = guests, groups = groups }
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
    id     "run_id"       { "A process to attach the task to; it must allow extra tasks", optional = true };
    list   "form_fields"  { "Questions to put on the task", of = "object", max = 50, optional = true };
  };
  run = function (args, call)
    local due, words = dates.due(call, args.deadline, "deadline")
    if not due then return nil, words end
    local owners, err = owners_of(args, call)
    if not owners then return nil, err end

    local task, failure = call.api:post("/organizations/{org}/tasks", { body = {
      title = args.title:match("^%s*(.-)%s*$"), deadline = due, owners = owners, task_type = args.task_type,
      summary = args.description, status = "not-started", everyone_must_complete = false, is_soft_start_date = true,
      separate_task_for_each_assignee = args.separate_task_for_each_assignee, max_assignable = args.max_assignable,
      prevent_guest_comment = args.prevent_guest_comment, run_id = args.run_id, form_fields = args.form_fields,
    } })
    if not task then return nil, failure end
    local data = shape.task(task)
    data.deadline_understood = words
    return { text = ("Created: %s, due %s."):format(task.title, words), data = data }
  end;
}
