local groups, guests, members = use "tallyfy.groups", use "tallyfy.guests", use "tallyfy.members"
local pick = use "tallyfy.pick"

local function unreadable(group, what)
  return nil, { code = "unknown_state", field = what,
    message = ("The %s of %s cannot be read, so nothing was sent: it could have removed them."):format(what, group.name),
    hint = "Try again in a moment." }
end

-- The whole group as it shall be: Tallyfy wants the description each time, and may empty a list that is left out.
local function whole(group, args, call)
  local body = { name = pick.trimmed(args.name) or group.name,
    description = pick.trimmed(args.description) or (group.description ~= json.null and group.description or nil) }
  local err
  if not body.description then
    return nil, { code = "missing_value", field = "description", message = "This group has no description, and needs one.",
      hint = "Say what the group is for." }
  end
  if args.members then body.members, err = members.ids(call, args.members, "members")
  else body.members = pick.ids(group.members) end
  if not body.members then if err then return nil, err end return unreadable(group, "members") end
  if args.guests then body.guests, err = guests.emails(call, args.guests, "guests")
  else body.guests = pick.list(group.guests) end
  if not body.guests then if err then return nil, err end return unreadable(group, "guests") end
  return body
end

tool "update_group" {
  title  = "Update group";
  about  = "Changes a group's name, description, members or guests. What is left out stays; a list that is given is the "
        .. "whole list from then on ([] empties it).";
  effect = "change";
  input  = {
    text "group_id"    { "The group: its id or name", min = 1, max = 200 };
    text "name"        { "New name", min = 1, max = 200, pattern = "\\S", optional = true };
    text "description" { "What the group is for", min = 1, max = 5000, pattern = "\\S", optional = true };
    list "members"     { "All members from now on: ids, e-mail addresses or names",
                         items = any { types = { "integer", "string" } }, max = 500, optional = true };
    list "guests"      { "All guests from now on: e-mail addresses or names", of = "text", max = 500, optional = true };
  };
  output = {
    id     "id"      { "The group's id" };
    text   "name"    { "Its name" };
    list   "members" { "Ids of its members", of = "any" };
    list   "guests"  { "Addresses of its guests", of = "any" };
  };
  run = function (args, call)
    local something, nothing = pick.something(args, { "name", "description", "members", "guests" })
    if not something then return nil, nothing end
    local group, err = groups.one(call, args.group_id)
    if not group then return nil, err end
    local body, failure = whole(group, args, call)
    if not body then return nil, failure end
    local changed, refusal = call.api:put("/organizations/{org}/groups/{group_id}", { group_id = group.id, body = body })
    if not changed then return nil, refusal end
    return { text = ("Changed %s: %s (before: %s)."):format(changed.name, groups.sentence(changed),
      groups.sentence(group)), data = groups.whole(changed) }
  end;
}
