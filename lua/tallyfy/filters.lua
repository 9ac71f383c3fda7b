-- filters.lua - what lists are narrowed by, as people write it: lists of members and groups separated by commas, by id or
-- name, to the ids that the API wants. It answers an unknown id with an empty list, which reads like "there are none".
local groups, members, pick = use "tallyfy.groups", use "tallyfy.members", use "tallyfy.pick"

local filters = {}

local function parts(text)
  local list = {}
  for part in text:gmatch("[^,]+") do
    local name = pick.trimmed(part)
    if name ~= "" then list[#list + 1] = name end
  end
  return list
end

-- "41002, Carla Duarte" to "41002,41003"; nil for nothing; nil and the error for who is unknown.
function filters.members(call, text, field)
  if not text or not text:match("[^%s,]") then return nil end
  local ids, err = members.ids(call, parts(text), field)
  if not ids then return nil, err end
  return table.concat(ids, ",")
end

-- The same for groups.
function filters.groups(call, text, field)
  if not text or not text:match("[^%s,]") then return nil end
  local ids, err = groups.ids(call, parts(text), field)
  if not ids then return nil, err end
  return table.concat(ids, ",")
end

-- True when <word> is one of <known> (a list) or nil; else nil and the error that lists them.
function filters.known(word, known, field)
  if word == nil then return true end
  for _, one in ipairs(known) do
    if one == word then return true end
  end
  return nil, { code = "invalid_value", field = field, message = ("There is no %s %q."):format(field, word),
    hint = "There are: " .. table.concat(known, ", ") .. "." }
end

return filters
