-- bulk.lua - one kind of change for many things, with a result for each. Every item is checked as the single tool checks
-- it; what is wrong is told and not sent, the rest goes out a few at a time. Things that hang together (tasks of one
-- process) are sent one after the other, in the order given: completing one may show the next.
--
-- The status of an item:
--   done       it was sent and Tallyfy took it
--   unchanged  it was so already; nothing was sent
--   checked    it would be sent (check_only)
--   refused    the check found something wrong; nothing was sent
--   failed     it was sent and Tallyfy refused it, or the outcome is unknown (error.maybe_done)
--   not_tried  the call ended before: too many requests, or the person's access is gone
local once, shape = use "tallyfy.once", use "tallyfy.shape"

local bulk = {}

bulk.most = 40 -- items of a call: with a read and a write each they stay below the requests that a call may make
local slice = 8 -- items that are checked, then sent, together

local statuses = { "done", "unchanged", "checked", "refused", "failed", "not_tried" }

-- After these nothing else can succeed.
local function ends_all(err)
  return err.code == "too_many_requests" or err.status == 401 or err.status == 429
end

local function set_error(result, status, err)
  result.status = status
  result.error = { code = err.code, message = err.message, field = err.field, hint = err.hint, maybe_done = err.maybe_done }
end

local function describe(result, job)
  result.id, result.name, result.process_id, result.note = job.id, job.name, job.process_id, job.note
end

-- What the check says of one item: a job that can be sent, or nil. <state> belongs to the whole call.
local function checked(state, result, item, index)
  if state.stopped then
    result.status = "not_tried"
    return nil
  end
  local job, err = state.plan.check(state.reading, item, index)
  if not job then
    local already = err.code == "already_done"
    set_error(result, already and "unchanged" or ends_all(err) and "not_tried" or "refused", err)
    state.stopped = ends_all(err) and err or nil
    result.id, result.name = err.id, err.name
    return nil
  end
  describe(result, job)
  local twin = job.id and state.seen[job.id]
  if twin then
    set_error(result, "refused", { code = "invalid_value", message = ("It is the same as item %d."):format(twin) })
    return nil
  end
  if job.id then state.seen[job.id] = index end
  if not state.plan.check_only then return job end
  result.status = "checked"
  return nil
end

-- A slice at most of those that wait, with one job of each thing that hangs together.
local function next_round(waiting)
  local round, rest, busy = {}, {}, {}
  for _, entry in ipairs(waiting) do
    local key = entry.job.key
    if #round == slice or (key and busy[key]) then
      rest[#rest + 1] = entry
    else
      round[#round + 1] = entry
      if key then busy[key] = true end
    end
  end
  return round, rest
end

local function take_answer(state, entry, answer)
  local result, job = entry.result, entry.job
  if not answer.value then
    set_error(result, "failed", answer.error)
    if ends_all(answer.error) then state.stopped = answer.error end
    return
  end
  result.status = "done"
  if job.finish and answer.value ~= true then job.finish(result, answer.value, job.request[3].body) end
end

local function send(state, waiting)
  while waiting[1] and not state.stopped do
    local round, rest = next_round(waiting)
    local requests = {}
    waiting = rest
    for index, entry in ipairs(round) do requests[index] = entry.job.request end
    for index, answer in ipairs(state.call.api:all(requests)) do take_answer(state, round[index], answer) end
  end
  for _, entry in ipairs(waiting) do entry.result.status = "not_tried" end
end

local function sentence(state, counts, total)
  local plan, parts = state.plan, {}
  local words = { done = plan.verb, unchanged = "needed nothing", checked = "would be sent", refused = "refused before sending",
    failed = "failed", not_tried = "not tried" }
  for _, status in ipairs(statuses) do
    if counts[status] > 0 then parts[#parts + 1] = ("%d %s"):format(counts[status], words[status]) end
  end
  return ("%s: %s."):format(shape.count(total, plan.noun), table.concat(parts, ", "))
end

-- What went wrong, for the first few: the rest is in the results.
local function troubles(results)
  local lines, more = {}, 0
  for _, result in ipairs(results) do
    local wrong = result.error and result.status ~= "unchanged"
    if wrong and #lines < 5 then
      local unknown = result.error.maybe_done and " It may have arrived: look before repeating it." or ""
      lines[#lines + 1] = ("Item %d%s: %s%s"):format(result.index, result.name and (" (%s)"):format(result.name) or "",
        result.error.message, unknown)
    elseif wrong then
      more = more + 1
    end
  end
  if more > 0 then lines[#lines + 1] = ("And %d more, see results."):format(more) end
  return lines
end

local function answer(state, results)
  local counts = {}
  for _, status in ipairs(statuses) do counts[status] = 0 end
  for _, result in ipairs(results) do counts[result.status] = counts[result.status] + 1 end
  local lines = troubles(results)
  table.insert(lines, 1, sentence(state, counts, #results))
  if counts.refused + counts.failed + counts.not_tried > 0 and counts.done > 0 then
    lines[#lines + 1] = "To go on, send only the items that are not done."
  end
  counts.total, counts.results = #results, results
  return { text = table.concat(lines, "\n"), data = counts }
end

-- Checks items <first> to <last>: what can be sent, as { job, result }.
local function check_range(state, results, first, last)
  local plan, waiting, reads = state.plan, {}, {}
  for index = first, last do
    reads[#reads + 1] = plan.reads and not state.stopped and plan.reads(plan.items[index]) or nil
  end
  state.reading.api:fetch(reads)
  for index = first, last do
    local result = { index = index }
    results[index] = result
    local job = checked(state, result, plan.items[index], index)
    if job then waiting[#waiting + 1] = { job = job, result = result } end
  end
  return waiting
end

-- One item that is wrong keeps all from being sent, where the caller wants it so.
local function hold_back(waiting, total)
  if #waiting == total then return waiting end
  for _, entry in ipairs(waiting) do entry.result.status = "not_tried" end
  return {}
end

-- The items as plain tables; what was sent as null was not given.
local function plain(items)
  local list = {}
  for index, item in ipairs(items) do
    list[index] = {}
    for name, value in pairs(item) do
      if value ~= json.null then list[index][name] = value end
    end
  end
  return list
end

-- <plan>: items; noun ("task"); verb ("completed"); check_only; check(call, item, index) gives a job or nil and the error;
-- reads(item) may give a read { path, params } that the check will make, so that several are made at once; all_first:
-- everything is checked before anything is sent; all_or_none: and nothing is sent if one is wrong.
-- A job: request { method, path, params }; id, name, process_id, note for the result; key: jobs of one key go one by one;
-- finish(result, value, body) may add to the result,
-- from the API's answer and what was sent.
function bulk.run(call, plan)
  local state = { call = call, plan = plan, seen = {}, reading = once.call(call) }
  plan.items = plain(plan.items)
  local results, total = json.array(), #plan.items
  local step = plan.all_first and total or slice
  for first = 1, total, step do
    local last = math.min(first + step - 1, total)
    local waiting = check_range(state, results, first, last)
    if plan.all_or_none then waiting = hold_back(waiting, total) end
    send(state, waiting)
    call.progress(last, total)
  end
  return answer(state, results)
end

return bulk
