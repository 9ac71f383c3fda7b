tool "get_process" {
  title  = "Get process";
  about  = "Shows one process in full: its status, progress, kick-off values, people and dates. Not its tasks.";
  effect = "read";
  input  = {
    id "run_id" { "The process" };
  };
  run = function (args, call)
    local process, err = call.api:get("/organizations/{org}/runs/{run_id}", { run_id = args.run_id })
    if not process then return nil, err end
    local data = use("tallyfy.shape").object(process)
    local text = ("%s: %s"):format(process.name, process.status)
    local progress = data.progress
    if type(progress) == "table" and progress.total then
      text = text .. (", %d of %d tasks done"):format(progress.complete or 0, progress.total)
    end
    return { text = text .. ".", data = data }
  end;
}
