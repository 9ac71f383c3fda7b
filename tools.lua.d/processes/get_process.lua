local pick, processes = use "tallyfy.pick", use "tallyfy.processes"
local shape, who = use "tallyfy.shape", use "tallyfy.who"

-- What the kick-off form asked, and the answers, in its order.
local function kickoff_values(run)
  local list = pick.list(run.ko_form_fields)
  if not list then return nil end
  local values = json.array()
  for index, field in ipairs(list) do
    values[index] = { id = field.id, label = field.label, field_type = field.field_type, value = field.field_value }
  end
  return values
end

tool "get_process" {
  title  = "Get process";
  about  = "Shows one process in full: its status, progress, kick-off values by label, people and dates. Not its tasks.";
  effect = "read";
  input  = {
    text "run_id" { "The process: its id or name", min = 1, max = 550 };
  };
  output = {
    text   "id"         { "The process" };
    text   "name"       { "Its name" };
    text   "status"     { "active, complete, problem (an open issue on a task), issue (on the process), archived" };
    object "prerun"     { "Kick-off values by field id", optional = true };
    list   "kickoff"    { "The same with id, label, field_type and value", of = "object", optional = true };
    text   "owner_name" { "Who owns it", optional = true };
  };
  run = function (args, call)
    local run, err = processes.one(call, args.run_id, "ko_form_fields", true)
    if not run then return nil, err end
    local data = shape.object(run)
    data.ko_form_fields, data.kickoff = nil, kickoff_values(run)
    if data.kickoff and #json.encode(data) > shape.budget then data.prerun = nil end -- kickoff says the same
    who.own(call, data)
    local kept, left = shape.bounded(data)
    return { text = processes.sentence(run) .. shape.omitted_said(left), data = kept }
  end;
}
