local guests, pick = use "tallyfy.guests", use "tallyfy.pick"

local function is_open(task, guest)
  if task.status == "completed" then return false end
  if not guest then return true end
  for _, email in ipairs(pick.list(task.owners and task.owners.guests) or {}) do
    if type(email) == "string" and email:lower() == guest.email:lower() then return true end
  end
  return false
end

local function add(titles, task, process)
  titles[#titles + 1] = ("%q%s (%s)"):format(task.title, process and (" of %q"):format(process) or "", task.id)
end

-- Steps that a rule keeps hidden count, and no list of the guest's tasks shows them: their processes do.
local function hidden_tasks(call, guest, titles)
  local runs = call.api:get("/organizations/{org}/runs", { query = { with = "tasks", per_page = 100 } })
  for _, run in ipairs(runs or {}) do
    for _, task in ipairs(pick.list(run.tasks) or {}) do
      if is_open(task, guest) then add(titles, task, run.name) end
    end
  end
end

-- Tallyfy keeps a guest who still has open tasks: say which, so that they can be handed over.
local function open_tasks(call, guest)
  local titles = {}
  local tasks = call.api:get("/organizations/{org}/guests/{guest_id}/tasks", { guest_id = guest.id, query = { with = "run" } })
  for _, task in ipairs(tasks or {}) do
    if is_open(task) then add(titles, task, pick.is_object(task.run) and (task.run.data or task.run).name) end
  end
  local kind = "Open tasks"
  if #titles == 0 then
    kind = "Steps that are hidden now, but could be shown to the guest"
    hidden_tasks(call, guest, titles)
  end
  if #titles == 0 then return "get_tasks_for_process shows hidden ones (auto-skipped) too: look through the processes." end
  return ("%s; complete them or hand them over first (reassign_tasks): %s%s"):format(kind,
    table.concat(titles, ", ", 1, math.min(#titles, 10)), #titles > 10 and (", and %d more."):format(#titles - 10) or ".")
end

tool "disable_guest" {
  title  = "Disable guest";
  about  = "Shuts a guest out. Not while they have open tasks, hidden ones too: the refusal names them. enable_guest lets "
        .. "them in again.";
  effect = "remove";
  input  = {
    text "email" { "The guest: e-mail address, or name", min = 1, max = 400 };
  };
  output = {
    text   "email"   { "The guest's address" };
    object "details" { "Name, company, phones and disabled_at, where known", optional = true };
  };
  run = function (args, call)
    local guest, err = guests.one(call, args.email, "email")
    if not guest then return nil, err end
    if guests.is_disabled(guest) then
      return { text = ("Nothing to change: %s is disabled already."):format(guests.label(guest)), data = guests.row(guest) }
    end
    local disabled, failure = call.api:delete("/organizations/{org}/guests/{email}/disable", { email = guest.email })
    if not disabled then
      if failure.status ~= 403 then return nil, failure end
      return nil, { code = "refused", field = "email", message = failure.message, hint = open_tasks(call, guest) }
    end
    return { text = ("Disabled the guest %s."):format(guests.label(guest)),
      data = guests.row(disabled == true and guest or disabled) }
  end;
}
