-- hits.lua - a page of what a search for one kind found. Tallyfy answers with one bucket for each kind; hits of tasks do not
-- say which process they belong to, so that is looked up, several at once, for as many as a page may sensibly have.
local page, pick, shape = use "tallyfy.page", use "tallyfy.pick", use "tallyfy.shape"

local hits = {}

hits.lookups = 50 -- the most tasks of a page whose process is looked up

local function cut(hit)
  return shape.object(hit, { cut = 500 })
end

-- Gives each row of a task its run_id and process_name; gives how many stay without.
function hits.place(call, rows)
  local missing = {}
  for _, row in ipairs(rows) do
    if row.is_oneoff_task ~= true and not row.run_id then missing[#missing + 1] = row end
  end
  local requests = {}
  for index = 1, math.min(#missing, hits.lookups) do
    requests[index] = { "get", "/organizations/{org}/tasks/{task_id}", { task_id = missing[index].id,
      query = { with = "run" } } }
  end
  local left = #missing - #requests
  for index, answer in ipairs(#requests > 0 and call.api:all(requests) or {}) do
    local task = answer.value
    if task and type(task.run_id) == "string" then
      local row = shape.task_row(task)
      missing[index].run_id, missing[index].process_name = row.run_id, row.process_name
    else
      left = left + 1
    end
  end
  return left
end

local function names_of(rows)
  local names = {}
  for index = 1, math.min(#rows, 5) do names[index] = rows[index].title or rows[index].name or rows[index].id end
  return table.concat(names, "; ") .. (#rows > 5 and "; ..." or "")
end

-- The rows of a bucket, and how many tasks among them stay without their process.
local function rows_of(call, kind, bucket)
  local rows = json.array()
  for index, hit in ipairs(bucket.data or {}) do rows[index] = cut(hit) end
  local left = kind == "task" and hits.place(call, rows) or 0
  return rows, left > 0 and left or nil
end

local function fitted(bucket, rows, budget, unplaced)
  local kept, truncated = shape.fit(rows, budget)
  local pagination = bucket.meta and bucket.meta.pagination or {}
  local total = pagination.total or #rows
  return { data = kept, meta = { page = pagination.current_page, returned = #kept, total = total, truncated = truncated,
    total_pages = page.total_pages(pagination, total, #rows), without_process = unplaced } }
end

-- args: query, page, per_page, tags. <kind>: the API's word; <noun>: ours. The answer of the search tools.
function hits.answer(call, kind, noun, args)
  local found, err = call.api:get("/organizations/{org}/search", { query = { on = kind, search = pick.searchable(args.query),
    page = args.page, per_page = args.per_page, tags = args.tags } })
  if not found then return nil, err end
  local bucket = found[kind] or {}
  local rows, unplaced = rows_of(call, kind, bucket)
  local data = fitted(bucket, rows, nil, unplaced)
  data.meta.page = data.meta.page or args.page
  local text = page.sentence(data.meta, noun, #rows, "A smaller per_page shows them all.")
  if data.meta.total == 0 then text = ("No %s has all the words of %q."):format(noun, args.query) end
  if #data.data > 0 then text = text .. " " .. names_of(data.data) .. "." end
  return { text = text, data = data }
end

-- The buckets of <kinds> in one answer: each has an equal share of the room, and what one does not need goes to the others,
-- so that many of one kind hide no other.
function hits.share(call, kinds, found)
  local order, rows, unplaced, sizes = {}, {}, {}, {}
  for _, kind in ipairs(kinds) do
    if found[kind] and not rows[kind] then
      rows[kind], unplaced[kind] = rows_of(call, kind, found[kind])
      order[#order + 1], sizes[kind] = kind, #json.encode(rows[kind])
    end
  end
  table.sort(order, function (a, b) return sizes[a] < sizes[b] or (sizes[a] == sizes[b] and a < b) end)
  local data, room = {}, shape.budget - 150 * #order
  for index, kind in ipairs(order) do
    data[kind] = fitted(found[kind], rows[kind], room // (#order - index + 1), unplaced[kind])
    room = room - math.min(sizes[kind], room // (#order - index + 1))
  end
  return data
end

return hits
