local groups = use "tallyfy.groups"

tool "delete_group" {
  title  = "Delete group";
  about  = "Deletes a group for good. Its people stay; tasks and steps assigned to it lose it.";
  effect = "remove";
  input  = {
    text "group_id" { "The group: its id or name", min = 1, max = 200 };
  };
  output = {
    text "id"      { "The group's id" };
    text "name"    { "Its name" };
    flag "deleted" { "Always true" };
  };
  run = function (args, call)
    local group, err = groups.one(call, args.group_id)
    if not group then return nil, err end
    local gone, failure = call.api:delete("/organizations/{org}/groups/{group_id}", { group_id = group.id })
    if not gone then return nil, failure end
    return { text = ("Deleted the group %s, which had %s."):format(group.name, groups.sentence(group)),
      data = { id = group.id, name = group.name, deleted = true } }
  end;
}
