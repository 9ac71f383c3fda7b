-- dates.lua - dates as people write them, to what the API stores, with the words that say how each was understood.
local dates = {}

local function read(call, text, field)
  local date, err
  if type(text) == "string" then
    date, err = call.date.find(text)
  else
    err = { code = "bad_date", message = "A date must be text.", hint = "Such as \"next Friday at 3pm\" or 2026-12-04." }
  end
  if not date then
    err.field = field
    return nil, err
  end
  return date
end

-- A deadline: the moment by which something is over, "YYYY-MM-DD HH:MM:SS" in UTC, and the words; or nil and the error.
function dates.due(call, text, field)
  local date, err = read(call, text, field)
  if not date then return nil, err end
  return date.due, date.note and ("%s (%s)"):format(date.words, date.note) or date.words
end

-- The value of a form's date field: the day that was said, or the moment in UTC where a time was said too.
function dates.value(call, text, field)
  local date, err = read(call, text, field)
  if not date then return nil, err end
  return date.has_time and date.due or date.iso:sub(1, 10) .. " 00:00:00", date.words
end

return dates
