local processes = use "tallyfy.processes"

tool "reopen_kickoff_form" {
  title  = "Reopen kickoff form";
  about  = "Makes the submitted kick-off form of a process open again, so that its values can be changed. "
        .. "complete_kickoff_form submits it again.";
  effect = "change";
  input  = {
    text "run_id" { "The process: its id or name", min = 1, max = 550 };
  };
  output = {
    text "id"            { "The process" };
    text "name"          { "Its name" };
    text "prerun_status" { "complete or incomplete", optional = true };
  };
  run = function (args, call)
    local run, err = processes.one(call, args.run_id)
    if not run then return nil, err end
    if run.prerun_status == "incomplete" then
      return processes.answer(("Nothing to change: the kick-off form of %s is open."):format(run.name), run)
    end
    local fine, refusal = processes.refuse_archived(run)
    if not fine then return nil, refusal end
    local open, failure = call.api:delete("/organizations/{org}/runs/{run_id}/complete-prerun", { run_id = run.id })
    if not open then return nil, failure end
    return processes.answer(("Opened the kick-off form of %s again."):format(run.name), open == true and run or open)
  end;
}
