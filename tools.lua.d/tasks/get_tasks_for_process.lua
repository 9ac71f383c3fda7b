local filters, named, page = use "tallyfy.filters", use "tallyfy.named", use "tallyfy.page"
local pick, shape, who = use "tallyfy.pick", use "tallyfy.shape", use "tallyfy.who"

-- The process that was named, as a short description.
local function process_of(call, args)
  for _, name in ipairs { "process_id", "run_id", "process_name" } do
    local text = pick.trimmed(args[name])
    if text and text ~= "" then
      local id, err = named.process_or_id(call, text, name, true)
      if not id then return nil, err end
      local run, failure = call.api:get("/organizations/{org}/runs/{run_id}", { run_id = id })
      if not run then return nil, failure end
      return { id = run.id, name = run.name, status = run.status, increment_id = run.increment_id }
    end
  end
  return nil, { code = "missing_value", field = "process_id", message = "No process was named.",
    hint = "Give process_id or process_name: search_for_processes finds it." }
end

tool "get_tasks_for_process" {
  title  = "Get tasks for process";
  about  = "Lists the tasks of one process in the order of its steps, 20 to a page, with their answers (taskdata) and owners. "
        .. "Hidden ones have the status auto-skipped. get_task shows one with the labels of its form.";
  effect = "read";
  input  = {
    text  "process_id"   { "The process: its id or name", max = 550, optional = true };
    text  "run_id"       { "The same as process_id", max = 550, optional = true };
    text  "process_name" { "The same, by name", max = 550, optional = true };
    text  "status"       { "complete, hasproblem, overdue, due_soon, active, active_visible, incomplete, inprogress or "
                        .. "not-started", max = 30, optional = true };
    text  "sort"         { "position or deadline; - before it turns it around", max = 30, optional = true };
    text  "owners"       { "Only tasks of these members: ids, addresses or names, separated by commas", max = 1000,
                           optional = true };
    text  "groups"       { "Only tasks of these groups: ids or names, separated by commas", max = 1000, optional = true };
    whole "page"         { "Which page, from 1", min = 1, default = 1 };
    list   "fields" { "Only these members of each, and its id", of = "text", max = 50, optional = true };
    choice "detail" { "full: each with all its members, uncut", "short", "full", default = "short" };
  };
  output = {
    list   "data" { "The tasks", of = "object" };
    object "meta" { "page, returned, total, total_pages, truncated" };
    object "process_info" { "The process: id, name, status, increment_id" };
  };
  run = function (args, call)
    local process, err = process_of(call, args)
    if not process then return nil, err end
    local owners, stranger = filters.members(call, args.owners, "owners")
    if stranger then return nil, stranger end
    local groups, unknown = filters.groups(call, args.groups, "groups")
    if unknown then return nil, unknown end
    local data, text = page.read(call, "/organizations/{org}/runs/{run_id}/tasks", {
      page = args.page, fields = args.fields, detail = args.detail,
      params = { run_id = process.id }, row = shape.answered_row, noun = "task",
      rows = function (rows) who.fill(call, rows) end,
      query = { status = args.status, sort = args.sort, owners = owners, groups = groups } })
    if not data then return nil, text end
    data.process_info = process
    return { text = ("%s (%s): %s"):format(process.name, process.status, text), data = data }
  end;
}
