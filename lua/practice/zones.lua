-- Offsets of the time zones that the made-up people live in. The practice organisation is plain Lua without
-- the system's zone files, so the few rules it needs are written out; an unknown zone counts as UTC.
local time = require "practice.time"

local zones = {}

-- The moment (UTC) of the n-th Sunday of a month at <hour>; n = -1 is the last one.
local function sunday(year, month, n, hour)
  local first = time.of(year, month, 1)
  local day = 1 + (7 - time.weekday(first)) % 7
  if n > 0 then return time.of(year, month, day + (n - 1) * 7, hour) end
  local next_month = time.of(year, month + 1, 1)
  local last = time.of(year, month, day)
  while last + 7 * time.day < next_month do
    last = last + 7 * time.day
  end
  return last + hour * time.hour
end

-- Summer time of the European Union and the United Kingdom: both changes at 01:00 UTC.
local function europe(year)
  return sunday(year, 3, -1, 1), sunday(year, 10, -1, 1)
end

-- Summer time of the United States: 02:00 local time, given the standard offset in hours.
local function america(year, standard)
  return sunday(year, 3, 2, 2 - standard), sunday(year, 11, 1, 1 - standard)
end

local rules = {
  ["UTC"] = { 0 },
  ["Europe/London"] = { 0, europe },
  ["Europe/Berlin"] = { 1, europe },
  ["Europe/Paris"] = { 1, europe },
  ["Europe/Madrid"] = { 1, europe },
  ["America/New_York"] = { -5, america },
  ["America/Chicago"] = { -6, america },
  ["America/Los_Angeles"] = { -8, america },
  ["Asia/Kolkata"] = { 5.5 },
}

-- True for a zone's name, whether or not its rules are written out here.
function zones.known(name)
  return rules[name] ~= nil or name:find("^%u%a+/[%a_/+-]+%d*$") ~= nil
end

-- Seconds that local time in <zone> is ahead of UTC at <seconds>.
function zones.offset(zone, seconds)
  local rule = rules[zone] or rules.UTC
  local standard, summer = rule[1], rule[2]
  local offset = math.tointeger(standard * 3600)
  if summer then
    local year = time.parts(seconds)
    local from, to = summer(year, standard)
    if seconds >= from and seconds < to then offset = offset + 3600 end
  end
  return offset
end

-- "+01:00"
function zones.offset_text(zone, seconds)
  local offset = zones.offset(zone, seconds)
  local size = math.abs(offset)
  return ("%s%02d:%02d"):format(offset < 0 and "-" or "+", size // 3600, size % 3600 // 60)
end

return zones
