local shape, threads = use "tallyfy.shape", use "tallyfy.threads"

-- The newest that fit, oldest of them first.
local function newest(list)
  local rows = json.array()
  for index = #list, 1, -1 do rows[#rows + 1] = threads.row(list[index], 2000) end
  local kept, truncated = shape.fit(rows)
  local ordered = json.array()
  for index = #kept, 1, -1 do ordered[#ordered + 1] = kept[index] end
  return ordered, truncated
end

tool "get_task_comments" {
  title  = "Get task comments";
  about  = "Lists the comments on a task, oldest first, with who wrote them. A comment labelled problem is an issue; "
        .. "`is_open` says whether it is unresolved.";
  effect = "read";
  input  = {
    text "task_id" { "The task: its id or title", min = 1, max = 600 };
    text "run_id"  { "Its process: id or name; helps where the title is not unique", max = 550, optional = true };
  };
  output = {
    text  "task_id"     { "The task" };
    text  "task"        { "Its title" };
    list  "data"        { "The comments", of = "object" };
    whole "total"       { "How many there are in all" };
    whole "open_issues" { "How many of them are open issues" };
    flag  "truncated"   { "Whether the oldest did not fit" };
  };
  run = function (args, call)
    local task, list = threads.of(call, args)
    if not task then return nil, list end
    local rows, truncated = newest(list)
    local text = #list == 0 and ("No comments on %s."):format(task.title)
      or ("%s on %s."):format(shape.count(#list, "comment"), task.title)
    local open = #threads.open_issues(list)
    if open > 0 then text = text .. " " .. shape.count(open, "open issue") .. "." end
    if truncated then text = text .. (" Only the newest %d fit here."):format(#rows) end
    return { text = text, data = { task_id = task.id, task = task.title, data = rows, total = #list, open_issues = open,
      truncated = truncated } }
  end;
}
