-- groups.lua - groups by id or name, and how they are shown. A group holds members (ids) and guests (addresses).
local pick, shape = use "tallyfy.pick", use "tallyfy.shape"

local groups = {}

local options = { noun = "group", field = "group_id", name = function (group) return group.name end }

-- The API pages this list: ten groups unless asked for more.
function groups.all(call, words)
  return call.api:pages("/organizations/{org}/groups", { query = { per_page = 100, q = words } })
end

-- The group as it is now, by id or name. <with> adds includes.
function groups.one(call, text, with)
  local id = pick.id(pick.trimmed(text))
  if not id then
    local all, err = groups.all(call)
    if not all then return nil, err end
    local group, failure = pick.one(all, text, options)
    if not group or not with then return group, failure end
    id = group.id
  end
  local group, err = call.api:get("/organizations/{org}/groups/{group_id}", { group_id = id, query = { with = with } })
  if not group and err.status == 404 then
    return nil, { code = "not_found", field = "group_id", message = ("There is no group %q."):format(id),
      hint = "get_groups lists them." }
  end
  return group, err
end

function groups.row(view)
  local row = shape.object(view, { drop = { logo = true }, cut = 500 })
  row.members, row.guests = row.members or json.array(), row.guests or json.array() -- empty says something
  return row
end

function groups.sentence(group)
  return ("%s, %s"):format(shape.count(#(pick.list(group.members) or {}), "member"),
    shape.count(#(pick.list(group.guests) or {}), "guest"))
end

return groups
