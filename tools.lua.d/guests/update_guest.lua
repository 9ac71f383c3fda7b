local guests, members, pick = use "tallyfy.guests", use "tallyfy.members", use "tallyfy.pick"

-- Who comes and who goes, as ids.
local function differences(before, after)
  local had, has, added, removed = {}, {}, json.array(), json.array()
  for _, id in ipairs(before) do had[id] = true end
  for _, id in ipairs(after) do
    has[id] = true
    if not had[id] then added[#added + 1] = id end
  end
  for _, id in ipairs(before) do
    if not has[id] then removed[#removed + 1] = id end
  end
  return added, removed
end

tool "update_guest" {
  title  = "Set guest's associated members";
  about  = "Replaces the list of members a guest belongs to. Nothing else about a guest can be changed by Tallyfy's API: "
        .. "not the name, phone or company.";
  effect = "change";
  input  = {
    text "email"              { "The guest: e-mail address, or name", min = 1, max = 400 };
    list "associated_members" { "All members from now on: ids, e-mail addresses or names; [] for none",
                                items = any { types = { "integer", "string" } }, max = 500, optional = true };
  };
  output = {
    text  "email"              { "The guest" };
    whole "id"                 { "The guest's number" };
    list  "associated_members" { "Ids, as they are now", of = "whole" };
    list  "added"              { "Ids that are new", of = "whole" };
    list  "removed"            { "Ids that are gone", of = "whole" };
  };
  run = function (args, call)
    if not args.associated_members then
      return nil, { code = "missing_value", field = "associated_members",
        message = "associated_members was not given, and is all that can be changed.",
        hint = "Give the whole list as it shall be; [] clears it." }
    end
    local guest, err = guests.one(call, args.email, "email")
    if not guest then return nil, err end
    local ids, failure = members.ids(call, args.associated_members, "associated_members")
    if not ids then return nil, failure end
    local details = guest.details
    local before = details and details ~= json.null and pick.list(details.associated_members) or json.array()
    local changed, refusal = call.api:put("/organizations/{org}/guests/{email}", { email = guest.email,
      body = { email = guest.email, associated_members = ids } })
    if not changed then return nil, refusal end
    local added, removed = differences(before, ids)
    return { text = ("%s belongs to %d member%s now: %d added, %d removed."):format(guests.label(guest), #ids,
      #ids == 1 and "" or "s", #added, #removed),
      data = { email = guest.email, id = guest.id, associated_members = ids, added = added, removed = removed } }
  end;
}
