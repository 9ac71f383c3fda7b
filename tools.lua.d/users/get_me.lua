tool "get_me" {
  title  = "Get authenticated user profile";
  about  = "Shows who you are signed in as: name, e-mail, role, time zone, and the organization's id.";
  effect = "read";
  output = {
    id   "id"        { "The member's id", kind = "integer", optional = true };
    text "email"     { "Their address" };
    text "full_name" { "Their name", optional = true };
    text "role"      { "Their role", optional = true };
    text "status"    { "Active, invited or disabled", optional = true };
    text "organization_id" { "The organization's id" };
  };
  run = function (_, call)
    local me, err = call.api:get("/organizations/{org}/me")
    if not me then return nil, err end
    local data = use("tallyfy.shape").object(me)
    data.organization_id = call.org.id
    return { text = ("You are %s, %s in %s."):format(call.user.name, call.user.role, call.org.name), data = data }
  end;
}
