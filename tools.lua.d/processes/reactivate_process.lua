local processes = use "tallyfy.processes"

tool "reactivate_process" {
  title  = "Reactivate process";
  about  = "Brings an archived process back, with everything on it as it was.";
  effect = "change";
  input  = {
    text "run_id" { "The archived process: its id or name", min = 1, max = 550 };
  };
  output = {
    text "id"     { "The process" };
    text "name"   { "Its name" };
    text "status" { "Its status again", optional = true };
  };
  run = function (args, call)
    local run, err = processes.one(call, args.run_id)
    if not run then return nil, err end
    if not processes.is_archived(run) then
      return processes.answer("Nothing to change: it is not archived. " .. processes.sentence(run), run)
    end
    local active, failure = call.api:put("/organizations/{org}/runs/{run_id}/activate", { run_id = run.id })
    if not active then return nil, failure end
    return processes.answer("Reactivated: " .. processes.sentence(active == true and run or active),
      active == true and run or active)
  end;
}
