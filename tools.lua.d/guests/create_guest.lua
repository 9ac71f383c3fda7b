local guests, pick = use "tallyfy.guests", use "tallyfy.pick"

-- The API attaches a guest it knows and drops the new details with a success: so look first.
local function must_be_new(call, email)
  if email:find("/", 1, true) then
    return nil, { code = "invalid_value", field = "email", message = "Tallyfy's API cannot name a guest with a / in the address.",
      hint = "Use another address of theirs." }
  end
  local known, err = call.api:get("/organizations/{org}/guests/{email}", { email = email })
  if known then
    return nil, { code = "already_exists", field = "email", message = ("%s is a guest already%s."):format(
      guests.label(known), guests.is_disabled(known) and ", disabled" or ""),
      hint = guests.is_disabled(known) and "enable_guest lets them in again."
        or "Assign tasks to the address; Tallyfy does not change a guest's details by this route." }
  end
  if err.status ~= 404 then return nil, err end
  return true
end

tool "create_guest" {
  title  = "Create guest";
  about  = "Adds somebody outside the organization, who can then be given tasks by e-mail. Takes no seat. For a colleague "
        .. "use invite_user_to_organization.";
  effect = "add";
  input  = {
    text "email"        { "The guest's e-mail address: their key from then on", format = "email", max = 255 };
    text "first_name"   { "Given name", min = 1, max = 200, pattern = "\\S" };
    text "last_name"    { "Family name", min = 1, max = 200, pattern = "\\S" };
    text "phone_1"      { "Main phone", max = 20, optional = true };
    text "phone_2"      { "Second phone", max = 20, optional = true };
    text "company_name" { "Company of the guest", max = 200, optional = true };
  };
  output = {
    text   "email"   { "The guest's address" };
    object "details" { "Name, company, phones and disabled_at, where known", optional = true };
  };
  run = function (args, call)
    local email = pick.trimmed(args.email)
    local new, err = must_be_new(call, email)
    if not new then return nil, err end
    local guest, failure = call.api:post("/organizations/{org}/guests", { body = {
      email = email, first_name = pick.trimmed(args.first_name), last_name = pick.trimmed(args.last_name),
      phone_1 = args.phone_1, phone_2 = args.phone_2, company_name = args.company_name } })
    if not guest then return nil, failure end
    return { text = ("Created the guest %s."):format(guests.label(guest)), data = guests.row(guest) }
  end;
}
