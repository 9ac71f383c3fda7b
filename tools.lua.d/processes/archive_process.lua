local preview, processes = use "tallyfy.preview", use "tallyfy.processes"

tool "archive_process" {
  title  = "Archive process";
  about  = "Puts a process away with its tasks, comments and files: nothing is lost, nobody works on it any more. "
        .. "reactivate_process brings it back.";
  effect = "remove";
  input  = {
    text "run_id" { "The process: its id or name", min = 1, max = 550 };
  };
  output = {
    text "id"     { "The process" };
    text "name"   { "Its name" };
    text "status" { "archived", optional = true };
  };
  preview = function (args, call)
    local run, err = processes.one(call, args.run_id)
    if not run then return nil, err end
    return preview.of(("%q"):format(run.name), {
      { "Now", was = processes.sentence(run) },
      { "Then", will = processes.is_archived(run) and "nothing changes: it is archived already"
        or "archived with its tasks, comments and files" },
    })
  end;
  run = function (args, call)
    local run, err = processes.one(call, args.run_id)
    if not run then return nil, err end
    if processes.is_archived(run) then
      return processes.answer(("Nothing to change: %s is archived already."):format(run.name), run)
    end
    local archived, failure = call.api:delete("/organizations/{org}/runs/{run_id}", { run_id = run.id })
    if not archived then return nil, failure end
    return processes.answer(("Archived: %s. It was %s."):format(run.name, run.status), archived == true and run or archived)
  end;
}
