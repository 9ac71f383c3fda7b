-- groups.lua - groups by id or name, and how they are shown. A group holds members (ids) and guests (addresses).
local lists, pick, shape = use "tallyfy.lists", use "tallyfy.pick", use "tallyfy.shape"

local groups = {}

local options = { noun = "group", field = "group_id", name = function (group) return group.name end }

-- The API pages this list: ten groups unless asked for more.
function groups.all(call, words)
  return lists.whole(call, "/organizations/{org}/groups", "group", { query = { q = words } })
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

-- A list of ids and names to ids without repeats, and to names by id. Who is unknown is an error.
function groups.ids(call, list, field)
  local ids, names = json.array(), {}
  if not list or #list == 0 then return ids, names end
  local all, err = groups.all(call)
  if not all then return nil, err end
  for _, text in ipairs(list) do
    local group, failure = pick.one(all, tostring(text), { noun = "group", field = field, name = options.name })
    if not group then return nil, failure end
    if not names[group.id] then
      ids[#ids + 1], names[group.id] = group.id, group.name
    end
  end
  return ids, names
end

function groups.row(view)
  local row = shape.object(view, { drop = { logo = true }, cut = 500 })
  row.members, row.guests = row.members or json.array(), row.guests or json.array() -- empty says something
  return row
end

-- One group as an answer: a large one does not fit whole.
function groups.whole(view)
  return (shape.bounded(groups.row(view)))
end

function groups.sentence(group)
  return ("%s, %s"):format(shape.count(#(pick.list(group.members) or {}), "member"),
    shape.count(#(pick.list(group.guests) or {}), "guest"))
end

return groups
