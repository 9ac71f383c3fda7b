local named = use "tallyfy.named"

-- The ids of the tasks of the process that was chosen already.
local function task_ids(typed, known, call)
  if not known.run_id then return {} end
  local tasks, err = call.api:get("/organizations/{org}/runs/{run_id}/tasks", {
    run_id = known.run_id, query = { per_page = 100 } })
  if not tasks then return nil, err end
  local wanted, values = typed:lower(), {}
  for _, task in ipairs(tasks) do
    if task.id:sub(1, #wanted) == wanted or task.title:lower():find(wanted, 1, true) then
      values[#values + 1] = task.id
    end
  end
  return values
end

resource "task" {
  title = "A task of a process";
  about = "One task in full, with its form: each field's type, options and value.";
  uri   = "tallyfy://runs/{run_id}/tasks/{task_id}";
  mime  = "application/json";
  input = {
    id "run_id"  { "The process the task belongs to", complete = named.process_ids };
    id "task_id" { "The task", complete = task_ids };
  };
  run = function (args, call)
    local task, err = call.api:get("/organizations/{org}/runs/{run_id}/tasks/{task_id}", {
      run_id = args.run_id, task_id = args.task_id, query = { with = "form_fields" } })
    if not task then return nil, err end
    return { data = use("tallyfy.shape").task(task) }
  end;
}
