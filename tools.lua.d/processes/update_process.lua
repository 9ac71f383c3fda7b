local pick, processes = use "tallyfy.pick", use "tallyfy.processes"

tool "update_process" {
  title  = "Update process";
  about  = "Changes the name, description or star of a process. Everyone who may see it stays.";
  effect = "change";
  input  = {
    text "run_id"  { "The process: its id or name", min = 1, max = 550 };
    text "name"    { "New name", min = 1, max = 550, pattern = "\\S", optional = true };
    text "summary" { "Description", max = 2000, optional = true };
    flag "starred" { "Whether it is starred", optional = true };
  };
  output = {
    text "id"   { "The process" };
    text "name" { "Its name" };
  };
  run = function (args, call)
    local something, nothing = pick.something(args, { "name", "summary", "starred" })
    if not something then return nil, nothing end
    local run, err = processes.one(call, args.run_id)
    if not run then return nil, err end
    local fine, refusal = processes.refuse_archived(run)
    if not fine then return nil, refusal end
    local changed, failure = processes.put(call, run, {
      name = pick.trimmed(args.name), summary = args.summary, starred = args.starred })
    if not changed then return nil, failure end
    return processes.answer("Changed: " .. processes.sentence(changed), changed)
  end;
}
