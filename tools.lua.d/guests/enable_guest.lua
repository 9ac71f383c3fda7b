local guests = use "tallyfy.guests"

tool "enable_guest" {
  title  = "Enable guest";
  about  = "Lets a disabled guest in again.";
  effect = "change";
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
    if not guests.is_disabled(guest) then
      return { text = ("Nothing to change: %s is active."):format(guests.label(guest)), data = guests.row(guest) }
    end
    local enabled, failure = call.api:put("/organizations/{org}/guests/{email}/enable", { email = guest.email })
    if not enabled then return nil, failure end
    return { text = ("Enabled the guest %s."):format(guests.label(guest)),
      data = guests.row(enabled == true and guest or enabled) }
  end;
}
