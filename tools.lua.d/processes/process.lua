local named = use "tallyfy.named"

resource "process" {
  title = "A process";
  about = "One process in full: its status, progress, kick-off values, people and dates. Not its tasks.";
  uri   = "tallyfy://runs/{run_id}";
  mime  = "application/json";
  input = {
    id "run_id" { "The process", complete = named.process_ids };
  };
  run = function (args, call)
    local process, err = call.api:get("/organizations/{org}/runs/{run_id}", { run_id = args.run_id })
    if not process then return nil, err end
    return { data = use("tallyfy.shape").object(process) }
  end;
}
