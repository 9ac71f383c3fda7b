local members, shape = use "tallyfy.members", use "tallyfy.shape"

tool "get_user" {
  title  = "Get user";
  about  = "Shows one member in full: role, status, job, time zone, when last seen. For administrators; "
        .. "get_organization_users shows everyone's profile to all members.";
  effect = "read";
  input  = {
    any "user_id" { "The member: the number, the e-mail address or the full name", types = { "integer", "string" } };
  };
  output = {
    id   "id"        { "The member's id", kind = "integer", optional = true };
    text "email"     { "Their address" };
    text "full_name" { "Their name", optional = true };
    text "role"      { "Their role", optional = true };
    text "status"    { "Active, invited or disabled", optional = true };
  };
  run = function (args, call)
    local member, err = members.one(call, args.user_id, "user_id")
    if not member then return nil, err end
    return { text = members.sentence(member), data = shape.object(member, { drop = { profile_pic = true } }) }
  end;
}
