local guests = use "tallyfy.guests"

tool "get_guest" {
  title  = "Get guest by email";
  about  = "Shows one guest in full: name, company, phones, whether disabled, associated members. Not their tasks. "
        .. "`link` and `guest_code` let anybody act as the guest: do not pass them on.";
  effect = "read";
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
    return { text = ("%s, %s."):format(guests.label(guest), guests.is_disabled(guest) and "disabled" or "active"),
      data = use("tallyfy.shape").object(guest) }
  end;
}
