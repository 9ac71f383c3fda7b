-- The practice organisation's clock: the host's time, until somebody moves it. A moved clock runs on from
-- where it was put, or stands still there when frozen. One request can live at another moment by
-- X-Practice-Now; that is request.lua's affair.
local time = require "practice.time"

local clock = {}
clock.__index = clock

-- <source> gives the host's seconds since 1970.
function clock.new(source)
  return setmetatable({ source = source, offset = 0, frozen_at = nil }, clock)
end

function clock:now()
  return self.frozen_at or self.source() + self.offset
end

function clock:set(seconds, frozen)
  self.offset = seconds - self.source()
  self.frozen_at = frozen and seconds or nil
end

-- Back to the host's time.
function clock:reset()
  self.offset, self.frozen_at = 0, nil
end

function clock:view()
  return { now = time.iso(self:now()), moved = self.offset ~= 0, frozen = self.frozen_at ~= nil }
end

return clock
