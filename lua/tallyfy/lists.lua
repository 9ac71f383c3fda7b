-- lists.lua - lists that have to be known whole: what a name means can only be told among all that could bear it. One that
-- is longer than a call may read is an error, never a part taken for the whole.
local pick = use "tallyfy.pick"

local lists = {}

lists.most = 10000 -- as many as call.api:pages gives

-- All items of a paged list, a plain list or a view; or nil and the error. <noun>: "group"; <size>: items of a page.
function lists.whole(call, path, noun, params, size)
  local request = {}
  for name, value in pairs(params or {}) do request[name] = value end
  request.query = { per_page = size or 100 }
  for name, value in pairs(params and params.query or {}) do request.query[name] = pick.searchable(value) end
  local items, err, complete = call.api:pages(path, request, { max = lists.most })
  if not items then return nil, err end
  if complete ~= false then return items end
  return nil, { code = "too_many", message = ("There are more than %d %ss: they cannot be told apart by name."):format(
    lists.most, noun), hint = "Use the id." }
end

return lists
