-- Envelopes: one object, a list with its page, a created object. A page copies nothing but its own
-- rows: records are filtered and ordered by reference and only the rows asked for are rendered.
local json = require "json"

local answers = {}

-- { "data": {...} }
function answers.one(view, status)
  return { status = status or 200, body = { data = view } }
end

-- { "data": [...] } without meta
function answers.all(views)
  return { status = 200, body = { data = json.array(views) } }
end

function answers.empty(status)
  return { status = status or 204 }
end

-- A deleted field or rule: 204, or 200 behind a switch (some clients see that).
function answers.gone(request)
  if request.world.switches.deletes_answer_200 then return { status = 200, body = { message = "Deleted" } } end
  return answers.empty()
end

-- pagination.links: an empty array on a single page, else the neighbours that exist.
local function links_of(request, page, total_pages)
  if total_pages <= 1 then return json.array({}) end
  local base = ("http://%s%s?page="):format(request.headers.host or "localhost", request.path)
  local links = {}
  if page > 1 then links.previous = base .. page - 1 end
  if page < total_pages then links.next = base .. page + 1 end
  return links
end

-- The rows of the page asked for, and meta.pagination. <limits> = { default = 10, maximum = 100 or nil,
-- fixed = true where per_page is ignored }.
local function page_of(request, records, limits)
  local per_page = request:positive("per_page", limits.default)
  if limits.fixed then per_page = limits.default end
  if limits.maximum then per_page = math.min(per_page, limits.maximum) end
  local page = request:positive("page", 1)
  local total = #records
  local total_pages = (total + per_page - 1) // per_page
  local rows = {}
  if page <= total_pages then
    table.move(records, (page - 1) * per_page + 1, math.min(page * per_page, total), 1, rows)
  end
  return rows, {
    total = total, count = #rows, per_page = per_page, current_page = page, total_pages = total_pages,
    links = links_of(request, page, total_pages),
  }
end

-- { data, meta } of an ordered list of records. <limits>.meta(rows) may add to meta.
function answers.list_body(request, records, limits, render)
  local rows, pagination = records, nil
  if not request:flag("without_pagination") then
    rows, pagination = page_of(request, records, limits)
  end
  local views = json.array({})
  for i, record in ipairs(rows) do views[i] = render(record) end
  local meta = limits.meta and limits.meta(rows) or {}
  meta.pagination = pagination
  return { data = views, meta = meta }
end

function answers.list(request, records, limits, render)
  return { status = 200, body = answers.list_body(request, records, limits, render) }
end

-- Sorts records in place by key(record): nil keys last, equal keys by increment_id or id.
-- <descending> turns the keys around, never the place of nil.
function answers.sort(records, key, descending)
  local keys = {}
  for _, record in ipairs(records) do keys[record] = key(record) end
  table.sort(records, function (a, b)
    local x, y = keys[a], keys[b]
    if x ~= y then
      if x == nil or y == nil then return y == nil end
      if descending then return y < x end
      return x < y
    end
    return (a.increment_id or a.id or 0) < (b.increment_id or b.id or 0)
  end)
  return records
end

-- "-name" as "name", true; nil as nil.
function answers.sort_words(request)
  local text = request:text("sort") or request:text("sort_by")
  if not text then return nil end
  local sign, word = text:match("^(-?)(.+)$")
  return word, sign == "-"
end

return answers
