local guests = use "tallyfy.guests"

-- Tallyfy keeps a guest who still has open tasks: say which, so that they can be handed over.
local function open_tasks(call, guest)
  local tasks = call.api:get("/organizations/{org}/guests/{guest_id}/tasks", { guest_id = guest.id })
  local titles = {}
  for _, task in ipairs(tasks or {}) do
    if task.status ~= "completed" and #titles < 5 then titles[#titles + 1] = ("%q (%s)"):format(task.title, task.id) end
  end
  return #titles > 0 and "Open tasks, complete or reassign them first: " .. table.concat(titles, ", ") .. "." or nil
end

tool "disable_guest" {
  title  = "Disable guest";
  about  = "Shuts a guest out. Not while they have open tasks: the refusal names them. enable_guest lets them in again.";
  effect = "remove";
  input  = {
    text "email" { "The guest: e-mail address, or name", min = 1, max = 400 };
  };
  run = function (args, call)
    local guest, err = guests.one(call, args.email, "email")
    if not guest then return nil, err end
    if guests.is_disabled(guest) then
      return { text = ("Nothing to change: %s is disabled already."):format(guests.label(guest)), data = guests.row(guest) }
    end
    local disabled, failure = call.api:delete("/organizations/{org}/guests/{email}/disable", { email = guest.email })
    if not disabled then
      local hint = failure.status == 403 and open_tasks(call, guest)
      if not hint then return nil, failure end
      return nil, { code = "refused", field = "email", message = failure.message, hint = hint }
    end
    return { text = ("Disabled the guest %s."):format(guests.label(guest)),
      data = guests.row(disabled == true and guest or disabled) }
  end;
}
