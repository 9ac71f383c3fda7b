-- Calendar arithmetic on seconds since 1970 in UTC, without the host's libraries, so that the clock
-- can be injected and a spec gets the same answer everywhere.
local time = {}

time.minute, time.hour, time.day = 60, 3600, 86400

-- Days since 1970-01-01 of a civil date (proleptic Gregorian); months over 12 carry into the year.
local function days_of(year, month, day)
  year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
  local y = month <= 2 and year - 1 or year
  local era = y // 400
  local year_of_era = y - era * 400
  local day_of_year = (153 * (month + (month > 2 and -3 or 9)) + 2) // 5 + day - 1
  return era * 146097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719468
end

-- The civil date of a day number.
local function date_of(days)
  days = days + 719468
  local era = days // 146097
  local day_of_era = days - era * 146097
  local year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36524 - day_of_era // 146096) // 365
  local day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
  local shifted = (5 * day_of_year + 2) // 153
  local month = shifted < 10 and shifted + 3 or shifted - 9
  local year = year_of_era + era * 400 + (month <= 2 and 1 or 0)
  return year, month, day_of_year - (153 * shifted + 2) // 5 + 1
end

local function days_in_month(year, month)
  return days_of(year, month + 1, 1) - days_of(year, month, 1)
end

-- Seconds of a civil date and time in UTC.
function time.of(year, month, day, hour, minute, second)
  return days_of(year, month, day) * time.day + (hour or 0) * 3600 + (minute or 0) * 60 + (second or 0)
end

-- year, month, day, hour, minute, second
function time.parts(seconds)
  local days, rest = seconds // time.day, seconds % time.day
  local year, month, day = date_of(days)
  return year, month, day, rest // 3600, rest % 3600 // 60, rest % 60
end

-- 1 = Monday ... 7 = Sunday
function time.weekday(seconds)
  return (seconds // time.day + 3) % 7 + 1
end

-- The first moment of that UTC day.
function time.midnight(seconds)
  return seconds // time.day * time.day
end

-- "2026-11-25T09:00:00Z"
function time.iso(seconds)
  return ("%04d-%02d-%02dT%02d:%02d:%02dZ"):format(time.parts(seconds))
end

-- "2026-11-25 09:00:00", as guest objects have it
function time.plain(seconds)
  return ("%04d-%02d-%02d %02d:%02d:%02d"):format(time.parts(seconds))
end

-- "2026-11-25"
function time.date(seconds)
  local year, month, day = time.parts(seconds)
  return ("%04d-%02d-%02d"):format(year, month, day)
end

local function offset_of(zone)
  if zone == "" or zone == "Z" then return 0 end
  local sign, hours, minutes = zone:match("^([+-])(%d%d):?(%d%d)$")
  if not sign or tonumber(minutes) > 59 or tonumber(hours) > 14 then return nil end
  local offset = tonumber(hours) * 3600 + tonumber(minutes) * 60
  return sign == "-" and -offset or offset
end

local function clock_of(text)
  if text == "" then return 0 end
  local hour, minute, rest = text:match("^[T ](%d%d):(%d%d)(.*)$")
  if not hour then return nil end
  local second, zone = rest:match("^:(%d%d)%.?%d*(.*)$")
  second, zone = second or "0", zone or rest
  local offset = offset_of(zone)
  hour, minute, second = tonumber(hour), tonumber(minute), tonumber(second)
  if not offset or hour > 23 or minute > 59 or second > 59 then return nil end
  return hour * 3600 + minute * 60 + second - offset
end

-- Reads "YYYY-MM-DD", "YYYY-MM-DD HH:MM:SS" (UTC) and ISO 8601 with Z or an offset; nil for anything else.
function time.parse(text)
  if type(text) ~= "string" then return nil end
  local year, month, day, rest = text:match("^(%d%d%d%d)%-(%d%d)%-(%d%d)(.*)$")
  if not year then return nil end
  year, month, day = tonumber(year), tonumber(month), tonumber(day)
  if month < 1 or month > 12 or day < 1 or day > days_in_month(year, month) then return nil end
  local clock = clock_of(rest)
  return clock and days_of(year, month, day) * time.day + clock
end

local seconds_of = { minute = 60, hour = 3600, day = 86400, week = 604800 }

local function add_months(seconds, months)
  local year, month, day, hour, minute, second = time.parts(seconds)
  local total = year * 12 + month - 1 + months
  year, month = total // 12, total % 12 + 1
  return time.of(year, month, math.min(day, days_in_month(year, month)), hour, minute, second)
end

-- <seconds> plus an amount like 3, "days"; the singular is tolerated. Months keep the day of month, or take
-- the last day where it does not exist. nil for an unknown unit.
function time.add(seconds, value, unit)
  unit = tostring(unit):gsub("s$", "")
  if unit == "month" then return add_months(seconds, value) end
  local each = seconds_of[unit]
  return each and seconds + value * each
end

return time
