-- page.lua - one page of a list: rows that fit, and where the rest is.
local pick, shape = use "tallyfy.pick", use "tallyfy.shape"

local page = {}

-- The API counts pages itself; where it does not say, the size it used decides (never the size asked for:
-- it lowers that to its own maximum without a word).
function page.total_pages(pagination, total, returned)
  if pagination.total_pages and pagination.total_pages ~= json.null then return pagination.total_pages end
  local size = pagination.per_page
  if not size or size == json.null or size < 1 then size = math.max(returned, 1) end
  return math.max(1, (total + size - 1) // size)
end

-- options: page (from 1), per_page, query (further parameters), params (what goes into the path), row (view -> table),
-- rows (a function that may add to all rows at once), noun ("task"), fields (a list: rows keep only these members and their
-- id), detail ("full": rows as Tallyfy has them, without `row` and uncut).
-- Gives { data, meta } and a sentence, or nil and the error.
function page.read(call, path, options)
  local query = { page = options.page or 1, per_page = options.per_page or 20 }
  for name, value in pairs(options.query or {}) do query[name] = pick.searchable(value) end
  local request = { query = query }
  for name, value in pairs(options.params or {}) do request[name] = value end
  local items, whole = call.api:get(path, request)
  if not items then return nil, whole end

  local rows = json.array()
  local row = options.detail == "full" and shape.object or options.row
  for index, item in ipairs(items) do rows[index] = row(item) end
  if options.rows then options.rows(rows) end
  local chosen, unknown = shape.choose(rows, options.fields, items)
  if not chosen then return nil, unknown end
  local kept, truncated = shape.fit(chosen)
  local pagination = whole.meta and whole.meta.pagination or {}
  local total = pagination.total or #rows
  local meta = {
    page = query.page, returned = #kept, total = total, truncated = truncated,
    total_pages = page.total_pages(pagination, total, #rows),
  }
  return { data = kept, meta = meta }, page.sentence(meta, options.noun, #rows, "Name fewer `fields` to see them all.")
end

-- <how>: what to do where not all of a page fit.
function page.sentence(meta, noun, received, how)
  if meta.total == 0 then return ("No %s."):format(shape.plural(noun)) end
  if meta.returned == 0 then
    return ("Page %d is past the end: there are %s on %s."):format(
      meta.page, shape.count(meta.total, noun), shape.count(meta.total_pages, "page"))
  end
  local text = shape.count(meta.total, noun)
  if meta.total_pages > 1 then
    text = text .. (", page %d of %d"):format(meta.page, meta.total_pages)
  end
  if meta.truncated then
    text = text .. (": only the first %d of this page's %d fit here"):format(meta.returned, received)
    if how then return ("%s. %s"):format(text, how) end
  end
  return text .. "."
end

return page
