local groups, shape = use "tallyfy.groups", use "tallyfy.shape"

tool "get_group" {
  title  = "Get group";
  about  = "Shows one group: its description, members (with names under `users`) and guests.";
  effect = "read";
  input  = {
    text "group_id" { "The group: its id or name", min = 1, max = 200 };
  };
  output = {
    id     "id"      { "The group's id" };
    text   "name"    { "Its name" };
    list   "members" { "Ids of its members", of = "any" };
    list   "guests"  { "Addresses of its guests", of = "any" };
  };
  run = function (args, call)
    local group, err = groups.one(call, args.group_id, "users")
    if not group then return nil, err end
    local data = groups.row(group)
    for index, user in ipairs(data.users or {}) do
      data.users[index] = { id = user.id, full_name = user.full_name, email = user.email, status = user.status }
    end
    local kept, left = shape.bounded(data)
    return { text = ("%s: %s.%s"):format(group.name, groups.sentence(group), shape.omitted_said(left)), data = kept }
  end;
}
