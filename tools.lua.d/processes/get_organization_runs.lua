local page, process_filters, processes = use "tallyfy.page", use "tallyfy.process_filters", use "tallyfy.processes"

tool "get_organization_runs" {
  title  = "Get organization runs";
  about  = "Lists processes, the newest first, 20 to a page, without archived ones and without kick-off values. Filters take "
        .. "names as well as ids.";
  effect = "read";
  input  = {
    text  "with_data"    { "What to show besides, separated by commas: checklist, tasks, assets, tags, next_task, folders, "
                        .. "stages, permissions, tasks_meta", max = 200, optional = true };
    flag  "form_fields_values" { "Also show the fields with their values", optional = true };
    text  "owners"       { "Only processes owned or worked on by these members, separated by commas", max = 1000,
                           optional = true };
    text  "task_status"  { "Only those with such tasks: all, in-progress or completed", max = 30, optional = true };
    text  "groups"       { "Only those that these groups may see, separated by commas", max = 1000, optional = true };
    text  "status"       { "active, problem, delayed, complete, issue, improvement, starred or archived", max = 30,
                           optional = true };
    text  "folder"       { "Only those in this folder: its id, name or path", max = 300, optional = true };
    text  "checklist_id" { "Only those of this template: its id or name", max = 250, optional = true };
    flag  "starred"      { "Only starred ones, or only others", optional = true };
    choice "run_type"    { "Kind of process", "procedure", "document", "form", optional = true };
    text  "tag"          { "Only those with this tag: its id or name", max = 100, optional = true };
    text  "sort"         { "name, created_at, last_updated or due_date; - before it turns it around", max = 30,
                           default = "-created_at" };
    text  "archived"     { "only: just archived ones; true: these as well", max = 10, optional = true };
    whole "page"         { "Which page, from 1", min = 1, default = 1 };
    list   "fields" { "Only these members of each, and its id", of = "text", max = 50, optional = true };
    choice "detail" { "full: each with all its members, uncut", "short", "full", default = "short" };
  };
  output = {
    list   "data" { "The processes", of = "object" };
    object "meta" { "page, returned, total, total_pages, truncated" };
  };
  run = function (args, call)
    local query, err = process_filters.query(call, args)
    if not query then return nil, err end
    local data, text = page.read(call, "/organizations/{org}/runs", {
      page = args.page, fields = args.fields, detail = args.detail, query = query, row = processes.row, noun = "process" })
    if not data then return nil, text end
    return { text = text, data = data }
  end;
}
