local groups, guests, members = use "tallyfy.groups", use "tallyfy.guests", use "tallyfy.members"
local pick = use "tallyfy.pick"

tool "create_group" {
  title  = "Create group";
  about  = "Makes a group (team) that tasks and steps can be assigned to. Its name must be new in the organization.";
  effect = "add";
  input  = {
    text "name"        { "Name, new in the organization", min = 1, max = 200, pattern = "\\S" };
    text "description" { "What the group is for; required", min = 1, max = 5000, pattern = "\\S" };
    list "members"     { "Members: ids, e-mail addresses or names", items = any { types = { "integer", "string" } },
                         max = 500, optional = true };
    list "guests"      { "Guests: e-mail addresses or names", of = "text", max = 500, optional = true };
  };
  output = {
    id     "id"      { "The group's id" };
    text   "name"    { "Its name" };
    list   "members" { "Ids of its members", of = "any" };
    list   "guests"  { "Addresses of its guests", of = "any" };
  };
  run = function (args, call)
    local ids, err = members.ids(call, args.members, "members")
    if not ids then return nil, err end
    local emails, failure = guests.emails(call, args.guests, "guests")
    if not emails then return nil, failure end
    local group, refusal = call.api:post("/organizations/{org}/groups", { body = {
      name = pick.trimmed(args.name), description = pick.trimmed(args.description), members = ids, guests = emails } })
    if not group then return nil, refusal end
    return { text = ("Created the group %s: %s."):format(group.name, groups.sentence(group)), data = groups.whole(group) }
  end;
}
