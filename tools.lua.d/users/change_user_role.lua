local members, preview = use "tallyfy.members", use "tallyfy.preview"

tool "change_user_role" {
  title  = "Change user role";
  about  = "Makes a member light (does tasks), standard (builds and launches) or admin. For administrators. "
        .. "The default administrator stays one.";
  effect = "change";
  input  = {
    any    "user_id" { "The member: the number, the e-mail address or the full name", types = { "integer", "string" } };
    choice "role"    { "The new role", "light", "standard", "admin" };
  };
  output = {
    id   "id"        { "The member's id", kind = "integer", optional = true };
    text "email"     { "Their address" };
    text "full_name" { "Their name", optional = true };
    text "role"      { "Their role", optional = true };
    text "status"    { "Active, invited or disabled", optional = true };
  };
  preview = function (args, call)
    local member, err = members.one(call, args.user_id, "user_id")
    if not member then return nil, err end
    return preview.of(members.named(member), { { "Role", was = tostring(member.role):lower(), will = args.role } })
  end;
  run = function (args, call)
    local member, err = members.one(call, args.user_id, "user_id")
    if not member then return nil, err end
    local before = tostring(member.role):lower()
    if before == args.role then
      return { text = ("Nothing to change: %s"):format(members.sentence(member)), data = members.row(member) }
    end
    if member.is_default_admin == true then return members.protected(member) end
    local changed, failure = call.api:put("/organizations/{org}/users/{user_id}/role", {
      user_id = member.id, body = { role = args.role } })
    if not changed then return nil, failure end
    return { text = ("%s is %s now, was %s."):format(member.full_name, args.role, before), data = members.row(changed) }
  end;
}
