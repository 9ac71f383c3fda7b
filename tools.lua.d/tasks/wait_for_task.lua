local shape, tasks = use "tallyfy.shape", use "tallyfy.tasks"

-- Seconds until the next look: longer and longer, since people take their time.
local function pause_after(looks)
  return math.min(2 * 2 ^ (looks - 1), 30)
end

local function ended(task, waited)
  if tasks.is_completed(task) then return "completed" end
  if task.status == "auto-skipped" then return "hidden" end
  if task.archived_at ~= nil and task.archived_at ~= json.null then return "archived" end
  return waited and "still_open" or nil
end

local words = {
  completed = "Completed: %s.", hidden = "%s was hidden by a rule: nobody will complete it.", archived = "%s was archived.",
  still_open = "%s is still open (%s). Call wait_for_task again to wait on.",
}

tool "wait_for_task" {
  title  = "Wait for a task to be completed";
  about  = "Waits until somebody completes a task, and gives the task as it is then. It also ends when a rule hides the task, or "
        .. "when `seconds` are over: then `outcome` is still_open.";
  effect = "read";
  task   = true; -- where the client can, it gets a handle and asks later
  limits = { time = "10min" };
  input  = {
    text  "task_id" { "The task: its id or title", min = 1, max = 600 };
    text  "run_id"  { "Its process: id or name; helps where the title is not unique", max = 550, optional = true };
    whole "seconds" { "How long to wait at most; many clients give up a plain call after 60", min = 1, max = 540, default = 50 };
  };
  output = {
    choice "outcome" { "How the waiting ended", "completed", "hidden", "archived", "still_open" };
    object "task"    { "The task as it is now" };
  };
  run = function (args, call)
    local until_then, looks = call.now() + args.seconds, 0
    local task, err = tasks.one(call, args)
    if not task then return nil, err end
    while not ended(task) and call.now() < until_then do
      looks = looks + 1
      call.progress(looks, nil, ("%s: %s"):format(task.title, task.status))
      call.wait(math.min(pause_after(looks), math.max(1, until_then - call.now())))
      local again, failure = call.api:get(tasks.reading(task.id, nil))
      if not again and failure.status and failure.status < 500 then return nil, failure end
      task = again or task -- an API in trouble is asked again, until the time is over
    end
    local outcome = ended(task, true)
    return { text = words[outcome]:format(task.title, task.status), data = { outcome = outcome, task = shape.task(task) } }
  end;
}
