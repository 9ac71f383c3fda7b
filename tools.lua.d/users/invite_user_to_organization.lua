local members = use "tallyfy.members"

-- Why an address was refused: whose it is already, so that the next step is plain.
local function taken(call, email, failure)
  if failure.status ~= 422 or failure.field ~= "email" then return nil, failure end
  local known = members.one(call, email, "email")
  if not known then return nil, failure end
  return nil, { code = "already_exists", field = "email", message = members.sentence(known),
    hint = known.status == "disabled" and ("enable_user with user_id %d lets them in again."):format(known.id)
      or ("Nothing was sent. change_user_role with user_id %d changes the role."):format(known.id) }
end

tool "invite_user_to_organization" {
  title  = "Invite user to organization";
  about  = "Invites a person to become a member: they get an e-mail and take a seat. For somebody outside who does single "
        .. "tasks, use create_guest. Only administrators can invite administrators.";
  effect = "add";
  input  = {
    text   "email"      { "Whom to invite", format = "email", max = 255 };
    text   "first_name" { "Given name", min = 1, max = 32, pattern = "\\S" };
    text   "last_name"  { "Family name", min = 1, max = 32, pattern = "\\S" };
    choice "role"       { "What they may do", "light", "standard", "admin", default = "light" };
    text   "message"    { "A note that goes into the invitation", max = 5000, optional = true };
  };
  output = {
    id   "id"        { "The member's id", kind = "integer", optional = true };
    text "email"     { "Their address" };
    text "full_name" { "Their name", optional = true };
    text "role"      { "Their role", optional = true };
    text "status"    { "Active, invited or disabled", optional = true };
  };
  run = function (args, call)
    local trimmed = use("tallyfy.pick").trimmed
    if args.role == "admin" and call.user.role and call.user.role ~= "admin" then
      return nil, { code = "refused", field = "role", message = "Only administrators can invite administrators.",
        hint = "Invite as light or standard; an administrator can raise it with change_user_role." }
    end
    local member, err = call.api:post("/organizations/{org}/users/invite", { body = {
      email = trimmed(args.email), first_name = trimmed(args.first_name), last_name = trimmed(args.last_name),
      role = args.role, message = args.message or json.null } }) -- Tallyfy wants the key, be it empty
    if not member then return taken(call, args.email, err) end
    if member == true then return { text = ("Invited %s."):format(args.email), data = { email = args.email } } end
    return { text = "Invited. " .. members.sentence(member), data = members.row(member) }
  end;
}
