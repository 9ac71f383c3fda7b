-- Refusals: every way a request can fail, in the body shapes of the real API. A refusal is raised and
-- caught once, by the router, so that handlers and the engine read as if nothing could go wrong.
local problem = {}

local refusal = {}

local function raise(status, body, headers)
  error(setmetatable({ status = status, body = body, headers = headers }, refusal), 0)
end

-- True when <value> was raised by this file.
function problem.is(value)
  return getmetatable(value) == refusal
end

-- 400: the request as such cannot be read.
function problem.malformed(message)
  raise(400, { error = true, message = message })
end

function problem.unauthenticated()
  raise(401, { error = true, message = "Unauthenticated." })
end

function problem.forbidden(message)
  raise(403, { error = true, message = message or "You are not allowed to do this." })
end

-- 409: no seat left for a member of that role.
function problem.no_seat(pool)
  raise(409, { error = {
    code = "SEAT_POOL_EXHAUSTED", message = "No seats left", details = { pool_type = pool },
  } })
end

-- 429 with the seconds to wait.
function problem.too_many(seconds)
  raise(429, { message = "Too many requests, slow down.", code = "RATE_LIMIT_EXCEEDED" },
    { ["Retry-After"] = ("%d"):format(seconds), ["X-RateLimit-Remaining"] = "0" })
end

-- 401 of the token endpoint, whose `error` is a word.
function problem.bad_client()
  raise(401, { error = "invalid_client", message = "Client authentication failed" })
end

-- 404 for a path the API does not know.
function problem.no_route()
  raise(404, { error = true, message = "API endpoint not found", code = "ENDPOINT_NOT_FOUND" })
end

-- 404 for an object that does not exist, or not for this caller.
function problem.not_found()
  raise(404, { error = true, message = "Resource not found", code = "RESOURCE_NOT_FOUND" })
end

-- 500 where the real API is known to break.
function problem.broken(message)
  raise(500, { error = true, message = message })
end

-- 422 with texts by body key: { title = { "The title field is required." } }.
function problem.invalid(errors)
  raise(422, { error = true, errors = errors })
end

-- 422 for a business rule.
function problem.refused(message)
  raise(422, { error = true, message = message })
end

return problem
