-- once.lua - a call whose reads are remembered while it runs: checking many items asks for the same members, groups and
-- processes again and again, and a call may only make so many requests. For checks only: what is written is never
-- remembered, and neither is a failure.
local once = {}

local function key_of(what, path, params, more)
  return ("%s %s %s %s"):format(what, path, params and json.encode(params) or "", more and json.encode(more) or "")
end

-- <call> with an api that remembers what get and pages gave. Its third word, api:fetch(requests), reads several at once
-- (each { path, params }) so that they are known when they are asked for one by one.
function once.call(call)
  local known, api = {}, {}

  function api.get(_, path, params)
    local key = key_of("get", path, params)
    local found = known[key]
    if found then return found.value, found.whole end
    local value, whole = call.api:get(path, params)
    if value then known[key] = { value = value, whole = whole } end
    return value, whole
  end

  function api.pages(_, path, params, more)
    local key = key_of("pages", path, params, more)
    local found = known[key]
    if found then return found.value, nil, found.complete end
    local items, err, complete = call.api:pages(path, params, more)
    if items then known[key] = { value = items, complete = complete } end
    return items, err, complete
  end

  function api.all(_, requests)
    return call.api:all(requests)
  end

  function api.fetch(_, requests)
    local wanted = {}
    for index, request in ipairs(requests) do wanted[index] = { "get", request[1], request[2] } end
    if not wanted[1] then return end
    for index, answer in ipairs(call.api:all(wanted)) do
      local request = requests[index]
      if answer.value then known[key_of("get", request[1], request[2])] = answer end
    end
  end

  return setmetatable({ api = api }, { __index = call })
end

return once
