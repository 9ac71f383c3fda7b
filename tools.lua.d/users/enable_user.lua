local members = use "tallyfy.members"

tool "enable_user" {
  title  = "Enable user";
  about  = "Lets a disabled member in again, with the role they had. It takes a seat. For administrators.";
  effect = "change";
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
    if member.status ~= "disabled" then
      return { text = "Nothing to change: " .. members.sentence(member), data = members.row(member) }
    end
    local enabled, failure = call.api:put("/organizations/{org}/users/{user_id}/enable", { user_id = member.id })
    if not enabled then return nil, failure end
    return { text = ("Enabled: %s."):format(member.full_name), data = members.row(enabled == true and member or enabled) }
  end;
}
