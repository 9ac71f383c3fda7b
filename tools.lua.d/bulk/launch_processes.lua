local bulk, launching, pick = use "tallyfy.bulk", use "tallyfy.launching", use "tallyfy.pick"

-- The values for all, with those of the row over them. Keys are compared as people write them.
local function with_common(common, row)
  if not common then return row end
  local given, merged = {}, {}
  for key, value in pairs(row or {}) do
    merged[key], given[pick.trimmed(key):lower()] = value, true
  end
  for key, value in pairs(common) do
    if not given[pick.trimmed(key):lower()] then merged[key] = value end
  end
  return merged
end

local function job_of(call, template, args, row)
  local body, notes = launching.body(call, template, {
    name = row.name, summary = row.summary, owner_id = row.owner_id or args.owner_id, tags = row.tags or args.tags,
    folders = args.folders, users = args.users, groups = args.groups, prerun = with_common(args.prerun, row.prerun) })
  if not body then
    notes.name = row.name
    return nil, notes
  end
  return { request = { "post", "/organizations/{org}/runs", { body = body } }, name = row.name,
    note = notes[1] and table.concat(notes, " "), finish = function (result, run)
      result.id, result.name, result.process_status = run.id, run.name, run.status
    end }
end

tool "launch_processes" {
  title  = "Launch several processes";
  about  = "Starts up to 40 processes from one template, one for each row. All rows are checked first; wrong ones are told and "
        .. "stop none of the others, unless `all_or_none`. Calling it twice starts them twice: repeat only what is not done.";
  effect = "add";
  limits = { time = "5min" };
  input  = {
    text   "template_id" { "The template to start from: its id or name", min = 1, max = 250 };
    list   "rows" { "One for each process", min = 1, max = 40, items = object { fields = {
      text   "name"     { "Name of the process", min = 1, max = 550, pattern = "\\S" };
      object "prerun"   { "Kick-off values, keyed by the field's label, alias or id", values = any {}, optional = true };
      text   "summary"  { "Description", max = 2000, optional = true };
      any    "owner_id" { "The member who will own it: id, e-mail address or name", types = { "integer", "string" },
                          optional = true };
      list   "tags"     { "Tags to attach, in place of those for all: ids or names", of = "text", max = 50, optional = true };
    } } };
    object "prerun"   { "Kick-off values for all rows that do not say their own", values = any {}, optional = true };
    any    "owner_id" { "The owner of all, where a row names none", types = { "integer", "string" }, optional = true };
    list   "tags"     { "Tags for all: ids or names", of = "text", max = 50, optional = true };
    list   "folders"  { "Folders for all: ids, names or paths", of = "text", max = 20, optional = true };
    list   "users"    { "Members who may see them: ids, e-mail addresses or names",
                        items = any { types = { "integer", "string" } }, max = 500, optional = true };
    list   "groups"   { "Groups who may see them: ids or names", of = "text", max = 100, optional = true };
    flag   "all_or_none" { "Whether one wrong row keeps all from being launched", default = false };
    flag   "check_only"  { "Only checks everything and sends nothing", default = false };
  };
  output = {
    whole "total"     { "How many items there were" };
    whole "done"      { "How many were launched" };
    whole "unchanged" { "How many needed nothing" };
    whole "refused"   { "How many were wrong, so that nothing was sent for them" };
    whole "failed"    { "How many Tallyfy refused, or whose outcome is unknown" };
    whole "not_tried" { "How many were not reached" };
    list  "results"   { "For each item: index, status, id, name, error", of = "object" };
  };
  run = function (args, call)
    local template, err = launching.template(call, args.template_id)
    if not template then return nil, err end
    return bulk.run(call, { items = args.rows, noun = "process", verb = "launched", check_only = args.check_only,
      all_first = true, all_or_none = args.all_or_none,
      check = function (reading, row) return job_of(reading, template, args, row) end })
  end;
}
