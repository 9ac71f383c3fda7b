-- Trouble on request: "503x2, latency=200ms" makes the next two answers 503 and every answer late. A
-- fault is one or more of these, separated by "," or ";", each with an optional count "xK" (default 1,
-- x* = always):
--   503 (any status from 400 to 599)   that status instead of the answer; retry-after=1 adds the header
--   html                               200 with a page instead of JSON
--   huge=50MB                          200 with JSON of that size, streamed
--   hang                               no answer at all
--   latency=200ms                      the answer, later (always, unless counted)
--   cut                                the answer, broken off in the middle of its body
--   garbage                            the answer, damaged so that it is no JSON
--   drip=50ms                          the answer in twenty pieces with that pause between them
-- The first four stand in front of the API: the request has no effect. The last four spoil the answer
-- of a request that was carried out, as a bad network does. Faults come from the header
-- X-Practice-Fault of a request, or from POST /practice/faults for requests of others.
local faults = {}
faults.__index = faults

local max_rules, max_counters = 100, 1000
local max_bytes, max_wait = 64 * 1024 * 1024, 120000

local units = { ms = 1, s = 1000, kb = 1024, mb = 1024 * 1024, b = 1 }

local function amount(text, allowed, maximum)
  local number, unit = (text or ""):lower():match("^(%d+%.?%d*)(%a*)$")
  local factor = number and (unit == "" and 1 or (allowed:find(unit, 1, true) and units[unit]))
  local value = factor and math.floor(tonumber(number) * factor)
  return value and value <= maximum and value or nil
end

local kinds = {
  hang = { front = true }, html = { front = true }, huge = { front = true, size = true },
  latency = { wait = true, always = true }, drip = { wait = true }, cut = {}, garbage = {},
}

-- How often: "3", "*" for always, or nil for the kind's own default.
local function times_of(count, default)
  if count == "*" then return math.huge end
  return tonumber(count) or default
end

-- One item of a fault as { kind, amount, times } or nil and what is wrong.
local function parse_item(text)
  local head, count = text:match("^(.-)x([%d*]+)$")
  local name, value = (head or text):match("^([%w-]+)=?(.*)$")
  local status = name and math.tointeger(tonumber(name))
  if status and status >= 400 and status <= 599 then
    return { kind = "status", amount = status, times = times_of(count, 1), front = true }
  end
  local kind = kinds[name]
  if not kind then return nil, ("unknown fault %q"):format(text) end
  local size = kind.wait and amount(value, "ms", max_wait) or kind.size and amount(value, "kb mb", max_bytes)
  if (kind.wait or kind.size) and not size then
    return nil, ("%q needs an amount: latency=200ms (two minutes at most), huge=50MB (64MB at most)")
      :format(text)
  end
  local times = times_of(count, kind.always and math.huge or 1)
  return { kind = name, amount = size, times = times, front = kind.front }
end

-- Reads a fault. Returns its items, or nil and a sentence.
function faults.parse(text)
  local items, retry_after = {}, nil
  for item in text:gmatch("[^,;%s]+") do
    local seconds = item:match("^retry%-after=(%d+)$")
    if seconds then
      retry_after = seconds
    else
      local parsed, message = parse_item(item)
      if not parsed then return nil, message end
      items[#items + 1] = parsed
    end
  end
  if #items == 0 then
    return nil, "a fault needs at least one of: 503, html, huge, hang, latency, cut, garbage, drip"
  end
  for _, item in ipairs(items) do item.retry_after = retry_after end
  return items
end

function faults.new()
  return setmetatable({ rules = {}, counters = {}, counter_count = 0 }, faults)
end

function faults:clear()
  self.rules, self.counters, self.counter_count = {}, {}, 0
end

-- Adds a fault for requests that match: { method, path_prefix, path_contains, who, items }. False when
-- there are too many.
function faults:add(rule)
  if #self.rules >= max_rules then return false end
  self.rules[#self.rules + 1] = rule
  return true
end

local function matches(rule, raw, who)
  return (not rule.method or rule.method == raw.method)
    and (not rule.path_prefix or raw.path:sub(1, #rule.path_prefix) == rule.path_prefix)
    and (not rule.path_contains or raw.path:find(rule.path_contains, 1, true) ~= nil)
    and (not rule.who or rule.who == who)
end

-- Takes what is due from <items>, counting down. Returns whether anything is left that counts.
local function take(items, into)
  local left, front_taken = false, false
  for _, item in ipairs(items) do
    -- One thing instead of the answer at a time: the next one waits for the next request.
    local waits = item.front and front_taken
    if item.times > 0 and not waits then
      item.times = item.times - 1
      front_taken = front_taken or item.front
      into[item.kind], into.retry_after = item.amount or true, into.retry_after or item.retry_after
    end
    if item.times > 0 then left = true end
  end
  return left
end

-- A repeated request with the same header continues to count where the last one left off; once nothing
-- is left, or only what is always, it begins anew.
local function take_header(self, raw, into)
  local text = raw.headers["x-practice-fault"]
  if not text then return nil end
  local key = table.concat({ raw.method, raw.path, raw.headers.authorization or "", text }, "\0")
  local items = self.counters[key]
  if not items then
    local parsed, message = faults.parse(text)
    if not parsed then return message end
    items = parsed
    if self.counter_count >= max_counters then self.counters, self.counter_count = {}, 0 end
    self.counters[key], self.counter_count = items, self.counter_count + 1
  end
  local before = {}
  take(items, before)
  for name, value in pairs(before) do into[name] = value end
  before.latency, before.retry_after = nil, nil
  if not next(before) then
    self.counters[key], self.counter_count = nil, self.counter_count - 1
  end
  return nil
end

-- What is to go wrong with this request: a table with status, html, huge, hang, latency, cut, garbage,
-- drip, retry_after as asked for; empty when nothing. Second: a sentence when the header cannot be
-- read.
function faults:due(raw, who)
  local due = {}
  local message = take_header(self, raw, due)
  for i = #self.rules, 1, -1 do
    local rule = self.rules[i]
    if matches(rule, raw, who) and not take(rule.items, due) then table.remove(self.rules, i) end
  end
  return due, message
end

local function status_answer(due)
  local answer = { status = due.status, headers = {} }
  if due.status == 429 then
    answer.body = { message = "Too many requests, slow down.", code = "RATE_LIMIT_EXCEEDED" }
    answer.headers["Retry-After"], answer.headers["X-RateLimit-Remaining"] = due.retry_after or "1", "0"
    return answer
  end
  if due.retry_after then answer.headers["Retry-After"] = due.retry_after end
  if due.status >= 502 and due.status <= 504 then -- the edge answers, not the application
    answer.text = ("<html><body><h1>%d</h1></body></html>\n"):format(due.status)
    answer.content_type = "text/html"
  else
    answer.body = { error = true, message = ("Practice fault %d."):format(due.status) }
  end
  return answer
end

-- The answer that stands in front of the API, or nil.
function faults.front(due)
  if due.hang then return { status = 0, delivery = "hang" } end
  if due.status then return status_answer(due) end
  if due.html then
    return {
      status = 200, content_type = "text/html; charset=UTF-8",
      text = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head>"
        .. "<body>Please sign in.</body></html>\n",
    }
  end
  if due.huge then return { status = 200, delivery = "huge", bytes = due.huge } end
  return nil
end

-- Spoils a finished answer.
function faults.spoil(due, answer)
  answer.delay = due.latency
  if answer.delivery then return answer end -- nothing or far too much comes anyway
  if due.cut then answer.delivery = "cut" end
  if due.drip then answer.delivery, answer.pause = "drip", due.drip end
  if due.garbage then
    answer.body, answer.text, answer.content_type = nil, '{"data": [{"id": ', "application/json"
  end
  return answer
end

return faults
