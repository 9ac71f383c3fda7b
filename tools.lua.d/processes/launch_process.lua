local launching, processes = use "tallyfy.launching", use "tallyfy.processes"

tool "launch_process" {
  title  = "Launch process";
  about  = "Starts a process from a template. Kick-off values go into `prerun` by the field's label, alias or id; choices "
        .. "by text or id, dates in words. Everything is checked before anything is sent. Calling it twice starts two "
        .. "processes. launch_processes starts many.";
  effect = "add";
  input  = {
    text   "template_id" { "The template to start from: its id or name", min = 1, max = 250 };
    text   "name"        { "Name of the new process", min = 1, max = 550, pattern = "\\S" };
    text   "summary"     { "Description", max = 2000, optional = true };
    any    "owner_id"    { "The member who will own it, by id, e-mail address or name; you, if left out",
                           types = { "integer", "string" }, optional = true };
    any    "prerun"      { "Kick-off values, keyed by the field's label, alias or id", types = { "object", "array" },
                           optional = true };
    list   "tags"        { "Tags to attach: ids or names", of = "text", max = 50, optional = true };
    list   "folders"     { "Folders to put it in: ids, names or paths", of = "text", max = 20, optional = true };
    list   "users"       { "Members who may see it: ids, e-mail addresses or names",
                           items = any { types = { "integer", "string" } }, max = 500, optional = true };
    list   "groups"      { "Groups who may see it: ids or names", of = "text", max = 100, optional = true };
    flag   "is_public"   { "Whether anybody with the link may see it", optional = true };
    any    "tasks"       { "Per step (id or title): { deadline, owners { users, guests, groups } } in place of the "
                        .. "template's; deadlines in words", types = { "object", "array" }, optional = true };
    any    "roles"       { "Per role id: { users, guests, groups }", types = { "object", "array" }, optional = true };
    text   "parent_id"   { "The process this one belongs to: its id or name", max = 550, optional = true };
  };
  output = {
    text "id"     { "The new process" };
    text "name"   { "Its name" };
    text "status" { "Its status", optional = true };
  };
  run = function (args, call)
    local template, err = launching.template(call, args.template_id)
    if not template then return nil, err end
    local body, notes = launching.body(call, template, args)
    if not body then return nil, notes end
    local run, failure = call.api:post("/organizations/{org}/runs", { body = body })
    if not run then return nil, failure end
    local text = ("Launched: %s, from the template %s. %s"):format(run.name, template.title, table.concat(notes, " "))
    return processes.answer(text:match("^(.-)%s*$"), run)
  end;
}
