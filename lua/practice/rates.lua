-- Rate limits, off unless a switch gives a number: requests of a user in a rolling minute, and what an
-- organisation may do in a rolling hour (api.md section 4). Memory is bounded by the limits themselves:
-- a window remembers as many moments as it allows, in a ring.
local problem = require "practice.problem"

local rates = {}

-- At most this many windows; beyond it all begin anew. A practice world has far fewer users.
local max_windows = 10000

function rates.new()
  return { windows = {}, count = 0 }
end

local function window_of(book, key, limit)
  local window = book.windows[key]
  if window and window.limit == limit then return window end
  if not window then
    if book.count >= max_windows then book.windows, book.count = {}, 0 end
    book.count = book.count + 1
  end
  window = { limit = limit, moments = {}, next = 1 }
  book.windows[key] = window
  return window
end

-- Counts one more of <key>; 429 with Retry-After when <limit> of them lie within the last <seconds>. A
-- limit of 0 counts nothing.
function rates.count(book, key, limit, seconds, now)
  if limit == 0 then return end
  local window = window_of(book, key, limit)
  local oldest = window.moments[window.next]
  -- The clock can be moved back: a moment of the future counts for nothing.
  if oldest and oldest <= now and oldest > now - seconds then
    problem.too_many(math.max(1, oldest + seconds - now))
  end
  window.moments[window.next] = now
  window.next = window.next % limit + 1
end

function rates.request(world, account, now)
  rates.count(world.rates, "user " .. account.id, world.switches.requests_per_minute, 60, now)
end

-- One more comment or guest of an organisation: <kind> = "comments" or "guests".
function rates.hourly(request, kind)
  local limit = request.world.switches[kind .. "_per_hour"]
  rates.count(request.world.rates, kind .. " " .. request.organization.id, limit, 3600, request.now)
end

return rates
