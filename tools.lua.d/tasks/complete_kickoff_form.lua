local kickoff, pick, processes = use "tallyfy.kickoff", use "tallyfy.pick", use "tallyfy.processes"

local function unreadable(run)
  return nil, { code = "unknown_state", field = "run_id", hint = "Try again in a moment.",
    message = ("The kick-off form of %q cannot be read, so nothing was sent."):format(run.name) }
end

-- Saves the values that were given; gives notes on them, or nil and the error.
local function saved(call, run, args)
  local list = pick.list(run.ko_form_fields)
  if not list then return unreadable(run) end
  local values, wrong = kickoff.values(call, list, args.prerun, pick.is_object(run.prerun) and run.prerun or {})
  if not values then return nil, wrong end
  if not values.body then return values.notes end
  local changed, err = processes.put(call, run, { prerun = values.body })
  if not changed then return nil, err end
  table.insert(values.notes, 1, "Saved the values.")
  return values.notes
end

-- Submitting again what is submitted would set off its rules once more.
local function resaved(call, run, notes)
  return processes.answer(("The kick-off form of %s was submitted already, and stays so. %s"):format(run.name,
    table.concat(notes, " ")):match("^(.-)%s*$"), processes.one(call, run.id) or run)
end

tool "complete_kickoff_form" {
  title  = "Complete kickoff form";
  about  = "Submits the kick-off form of a running process. Values that are missing or wrong can be given along in `prerun`; "
        .. "all is checked before anything is sent. reopen_kickoff_form is the way back.";
  effect = "change";
  input  = {
    text "run_id" { "The process: its id or name", min = 1, max = 550 };
    any  "prerun" { "Values to save first, keyed by the field's label, alias or id", types = { "object", "array" },
                    optional = true };
  };
  output = {
    text "id"            { "The process" };
    text "name"          { "Its name" };
    text "prerun_status" { "complete or incomplete", optional = true };
  };
  run = function (args, call)
    local run, err = processes.one(call, args.run_id, "ko_form_fields")
    if not run then return nil, err end
    local fine, refusal = processes.refuse_archived(run)
    if not fine then return nil, refusal end
    local is_submitted = run.prerun_status == "complete"
    if is_submitted and not args.prerun then
      return processes.answer(("Nothing to change: the kick-off form of %s is submitted already."):format(run.name), run)
    end
    local notes, wrong = saved(call, run, args)
    if not notes then return nil, wrong end
    if is_submitted then return resaved(call, run, notes) end
    local done, failure = call.api:post("/organizations/{org}/runs/{run_id}/complete-prerun", { run_id = run.id })
    if not done then
      if #notes > 0 then failure.message = "The values were saved, but the form was not submitted: " .. failure.message end
      return nil, failure
    end
    return processes.answer(("Submitted the kick-off form of %s. %s"):format(run.name, table.concat(notes, " "))
      :match("^(.-)%s*$"), done == true and run or done)
  end;
}
