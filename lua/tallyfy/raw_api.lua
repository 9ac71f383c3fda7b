-- raw_api.lua - what tallyfy_api_read and tallyfy_api_write have in common. The path is matched by the host against the
-- documented routes (core/tallyfy/routes.c), and the policy is asked about the route; here are bounds and the answer.
local shape = use "tallyfy.shape"

local raw = {}

raw.max_query, raw.max_body = 50, 256 * 1024

raw.output = {
  type = "object",
  properties = {
    status_code = { type = "integer", description = "HTTP status" },
    body = { description = "The answer; members that did not fit are named in its _omitted" },
    truncated = { type = "boolean", description = "Whether something was left out" },
  },
  required = { "status_code", "truncated" },
}

local function checked(args)
  local query, count = {}, 0
  for name, value in pairs(args.query or {}) do
    count = count + 1
    if not name:match("^[%w_.%[%]-]+$") then
      return nil, { code = "invalid_value", field = "query", message = ("%q is no name of a query parameter."):format(name) }
    end
    if value ~= json.null then query[name] = value end
  end
  if count > raw.max_query then
    return nil, { code = "invalid_value", field = "query", message = ("A query may have %d parameters."):format(raw.max_query) }
  end
  if args.body and #json.encode(args.body) > raw.max_body then
    return nil, { code = "too_large", field = "body", message = "The body is over 256 KB.", hint = "Send less at once." }
  end
  return query
end

local function size_of(value) return #json.encode(value) end

-- The answer within the budget: a list loses its last rows, an object its largest members, a text its end.
local function fitted(whole)
  if whole == true then return nil, false end
  if type(whole) == "string" then
    local long = #whole > shape.budget
    return long and whole:sub(1, (utf8.offset(whole, 0, shape.budget + 1) or 1) - 1) or whole, long
  end
  if size_of(whole) <= shape.budget then return whole, false end
  if json.is_array(whole) then return shape.fit(whole) end
  local data = whole.data
  if data == nil or type(data) == "string" or type(data) == "number" or type(data) == "boolean" or data == json.null then
    return (shape.within(whole)), true
  end
  local rest = { data = (json.is_array(data) and shape.fit or shape.within)(data) }
  for name, value in pairs(whole) do
    if name ~= "data" then rest[name] = value end
  end
  return (shape.within(rest, { data = true })), true
end

function raw.send(call, method, args)
  local query, err = checked(args)
  if not query then return nil, err end
  local data, whole, status = call.api:raw(method, args.path, { query = query, body = method ~= "GET" and args.body or nil })
  if not data then return nil, whole end
  local body, truncated = fitted(whole)
  return {
    text = ("%s %s: %d.%s"):format(method, args.path, status,
      truncated and " Not all of the answer fits here: ask for less (per_page, fewer includes in `with`)." or ""),
    data = { status_code = status, body = body, truncated = truncated },
  }
end

return raw
