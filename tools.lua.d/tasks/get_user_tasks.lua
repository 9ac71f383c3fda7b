local members, page, pick, shape = use "tallyfy.members", use "tallyfy.page", use "tallyfy.pick", use "tallyfy.shape"

tool "get_user_tasks" {
  title  = "Get user tasks";
  about  = "Lists the tasks of another member, 20 to a page. Give one of user_id, user_email and user_name; guests have "
        .. "get_guest_tasks, your own tasks get_my_tasks.";
  effect = "read";
  input  = {
    id    "user_id"    { "The member's id", kind = "integer", optional = true };
    text  "user_name"  { "Full name, username, or first name", max = 200, optional = true };
    text  "user_email" { "E-mail address", max = 200, optional = true };
    text  "sort_by"    { "newest, deadline or problems; - before it turns it around", max = 30, default = "newest" };
    text  "status"     { "all, active, incomplete, inprogress, not-started, completed, overdue, due_soon or hasproblem",
                         max = 30, default = "all" };
    whole "page"       { "Which page, from 1", min = 1, default = 1 };
    list   "fields" { "Only these members of each, and its id", of = "text", max = 50, optional = true };
    choice "detail" { "full: each with all its members, uncut", "short", "full", default = "short" };
  };
  output = {
    list   "data" { "The tasks", of = "object" };
    object "meta" { "page, returned, total, total_pages, truncated" };
    object "user" { "Whose tasks they are: id, full_name, email" };
  };
  run = function (args, call)
    local who, field
    for _, name in ipairs { "user_id", "user_email", "user_name" } do
      if not who and args[name] and pick.trimmed(tostring(args[name])) ~= "" then who, field = args[name], name end
    end
    if not who then
      return nil, { code = "missing_value", field = "user_id", message = "Nobody was named.",
        hint = "Give user_id, user_email or user_name." }
    end
    local member, err = members.one(call, who, field)
    if not member then return nil, err end
    local data, text = page.read(call, "/organizations/{org}/users/{user_id}/tasks", {
      page = args.page, fields = args.fields, detail = args.detail,
      params = { user_id = member.id }, row = shape.task_row, noun = "task",
      query = { sort_by = args.sort_by, status = args.status, with = "run" } })
    if not data then return nil, text end
    data.user = { id = member.id, full_name = member.full_name, email = member.email }
    return { text = ("%s: %s"):format(member.full_name or member.email, text), data = data }
  end;
}
