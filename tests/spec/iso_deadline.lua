-- iso_deadline.lua - what stands for call.date (C, tests/date) where tools run without the host: reads a moment as
-- ISO 8601 and gives UTC, "YYYY-MM-DD HH:MM:SS"; without an offset it is read as UTC.
local deadline = {}

local days_in_month = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }

local function month_length(year, month)
  local leap = year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
  return month == 2 and leap and 29 or days_in_month[month]
end

-- Days from 1970-01-01 (proleptic Gregorian), and back.
local function to_days(year, month, day)
  if month <= 2 then year, month = year - 1, month + 12 end
  local era = year // 400
  local of_era = year - era * 400
  local of_year = (153 * (month - 3) + 2) // 5 + day - 1
  return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468
end

local function from_days(days)
  days = days + 719468
  local era = days // 146097
  local of_era = days - era * 146097
  local year = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
  local of_year = of_era - (365 * year + year // 4 - year // 100)
  local month = (5 * of_year + 2) // 153
  local day = of_year - (153 * month + 2) // 5 + 1
  month = month < 10 and month + 3 or month - 9
  return year + era * 400 + (month <= 2 and 1 or 0), month, day
end

local function problem(text, why)
  return nil, {
    code = "bad_date", field = "deadline", message = ("%q is not a deadline that can be read: %s."):format(text, why),
    hint = "Write it as 2026-12-04T17:00:00+01:00, 2026-12-04T16:00:00Z, 2026-12-04 16:00 (UTC) "
      .. "or 2026-12-04 (end of that day, UTC).",
  }
end

local function offset_seconds(zone)
  if zone == "" then return 0, false end
  if zone == "Z" or zone == "z" then return 0, true end
  local sign, hours, minutes = zone:match("^([+-])(%d%d):?(%d%d)$")
  if not sign then return nil end
  hours, minutes = math.tointeger(hours), math.tointeger(minutes)
  if hours > 14 or minutes > 59 then return nil end
  return (sign == "-" and -1 or 1) * (hours * 3600 + minutes * 60), true
end

local function clock(rest)
  if rest == "" then return 23, 59, 59, "" end
  local hour, minute, tail = rest:match("^[Tt ](%d%d):(%d%d)(.*)$")
  if not hour then return nil end
  local second, zone = tail:match("^:(%d%d)%.?%d*(.*)$")
  return math.tointeger(hour), math.tointeger(minute), math.tointeger(second or 0), (zone or tail):match("^%s*(.*)$")
end

-- Gives "YYYY-MM-DD HH:MM:SS" in UTC and whether a zone was named, or nil and the error.
function deadline.parse(text)
  local trimmed = text:match("^%s*(.-)%s*$")
  local year, month, day, rest = trimmed:match("^(%d%d%d%d)-(%d%d)-(%d%d)(.*)$")
  if not year then return problem(text, "it does not begin with a date such as 2026-12-04") end
  year, month, day = math.tointeger(year), math.tointeger(month), math.tointeger(day)
  if month < 1 or month > 12 then return problem(text, "there is no month " .. month) end
  if day < 1 or day > month_length(year, month) then return problem(text, "that month has no day " .. day) end
  local hour, minute, second, zone = clock(rest)
  if not hour then return problem(text, "after the date there must be a time such as T17:00") end
  if hour > 23 or minute > 59 or second > 59 then return problem(text, "there is no such time of day") end
  local offset, named = offset_seconds(zone)
  if not offset then return problem(text, ("%q is no offset from UTC"):format(zone)) end
  local moment = to_days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - offset
  local utc_year, utc_month, utc_day = from_days(moment // 86400)
  local left = moment % 86400
  local written = ("%04d-%02d-%02d %02d:%02d:%02d"):format(utc_year, utc_month, utc_day,
    left // 3600, left // 60 % 60, left % 60)
  return written, named
end

return deadline
