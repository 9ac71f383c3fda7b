-- Lists that stay in order: large collections are not sorted for each request. An order remembers its records
-- with the keys it put them by; after a write it looks through them once, and moves only those whose key has
-- changed. What a list of filters let through is remembered as well, until something is written, so that
-- further pages cost nothing.
-- Invariant: what is remembered belongs to one world.version, which every write raises.
local ordering = {}

local max_selections = 32 -- per organisation; beyond it the oldest goes
local none = false -- stands for a key that is nil

-- True when a stands before b: keys ascending or descending, nil last either way, then by increment_id.
local function before(order, key_a, a, key_b, b)
  if key_a ~= key_b then
    if key_a == nil or key_b == nil then return key_b == nil end
    if order.descending then return key_b < key_a end
    return key_a < key_b
  end
  return (a.increment_id or a.id or 0) < (b.increment_id or b.id or 0)
end

-- Key and increment_id of a record as one integer that sorts like them; nil where that cannot be: keys that are no
-- integers, or too large.
local function packed(order, key, record)
  local tie = record.increment_id
  if math.type(tie) ~= "integer" or tie < 0 or tie >> 24 ~= 0 then return nil end
  if key == nil then return (1 << 62) | tie end
  if math.type(key) ~= "integer" or key < -(1 << 36) or key > 1 << 36 then return nil end
  return ((order.descending and -key or key) << 24) + tie
end

-- Sorting plain integers takes a fifth of the time that a comparing function takes; nil when they will not do.
local function sort_packed(order, records)
  local numbers, record_of = {}, {}
  for i, record in ipairs(records) do
    local number = packed(order, order.key(record), record)
    if not number or record_of[number] then return nil end
    numbers[i], record_of[number] = number, record
  end
  table.sort(numbers)
  for i, number in ipairs(numbers) do numbers[i] = record_of[number] end
  return numbers
end

local function sort_compared(order, records)
  local key_of, list = {}, table.move(records, 1, #records, 1, {})
  for _, record in ipairs(list) do key_of[record] = order.key(record) end
  table.sort(list, function (a, b) return before(order, key_of[a], a, key_of[b], b) end)
  return list
end

local function sort_whole(order, records)
  order.list = sort_packed(order, records) or sort_compared(order, records)
  order.keys = {}
  for i, record in ipairs(order.list) do order.keys[i] = order.key(record) or none end
end

local function insert(order, record)
  local list, keys, key = order.list, order.keys, order.key(record)
  local low, high = 1, #list + 1
  while low < high do
    local middle = (low + high) // 2
    local other = keys[middle]
    if before(order, other ~= none and other or nil, list[middle], key, record) then
      low = middle + 1
    else
      high = middle
    end
  end
  table.insert(list, low, record)
  table.insert(keys, low, key or none)
end

-- Takes out the records at the places in <gone>, which ascend.
local function take_out(order, gone)
  local list, keys, kept, next_gone = order.list, order.keys, gone[1] - 1, 1
  for i = gone[1], #list do
    if gone[next_gone] == i then
      next_gone = next_gone + 1
    else
      kept = kept + 1
      list[kept], keys[kept] = list[i], keys[i]
    end
  end
  for i = #list, kept + 1, -1 do list[i], keys[i] = nil, nil end
end

-- Takes out what stands wrong, or is no longer there; returns the former.
local function strays(order, collection)
  local list, keys, key = order.list, order.keys, order.key
  local shrunk = order.removals ~= collection.removals
  local moved, gone = {}, {}
  for i = 1, #list do
    local record = list[i]
    if shrunk and collection.by_id[record.id] ~= record then
      gone[#gone + 1] = i
    elseif keys[i] ~= (key(record) or none) then
      gone[#gone + 1] = i
      moved[#moved + 1] = record
    end
  end
  if #gone > 0 then take_out(order, gone) end
  return moved
end

-- Records are only ever added at the end of a collection: what came since is behind the last one known.
local function add_newcomers(order, collection, moved)
  local records = collection.list
  for i = #records, 1, -1 do
    if records[i] == order.last then break end
    moved[#moved + 1] = records[i]
  end
end

local function repair(order, collection)
  local moved = strays(order, collection)
  -- When the last one known is gone itself, nothing tells where the new ones begin.
  local lost = order.removals ~= collection.removals
    and (not order.last or collection.by_id[order.last.id] ~= order.last)
  if not lost then add_newcomers(order, collection, moved) end
  if lost or #moved > 64 + #order.list // 50 then
    sort_whole(order, collection.list)
  else
    for _, record in ipairs(moved) do insert(order, record) end
  end
end

local function remember(order, collection, version)
  order.version, order.removals = version, collection.removals
  order.last = collection.list[#collection.list]
end

-- The records of organization[kind] ordered by key(record). <name> stands for the key. The list is the order's
-- own: to be read only.
function ordering.sorted(world, organization, kind, name, key, descending)
  local orders = organization.orders
  local label = ("%s %s %s"):format(kind, name, descending and "down" or "up")
  local order = orders[label]
  local collection = organization[kind]
  if not order then
    order = { key = key, descending = descending }
    sort_whole(order, collection.list)
    orders[label] = order
  elseif order.version ~= world.version then
    repair(order, collection)
  end
  remember(order, collection, world.version)
  return order.list
end

-- Nothing remembered.
function ordering.forget(organization)
  organization.orders, organization.selections = {}, { labels = {}, by_label = {} }
end

-- Everything in a request that decides which records its list holds, and in which order: who asks, and the query
-- but for what only chooses a page or adds to its rows.
function ordering.label(request, kind)
  local parts = {}
  for key, value in pairs(request.query) do
    if key ~= "page" and key ~= "per_page" and key ~= "with" then parts[#parts + 1] = key .. "=" .. value end
  end
  table.sort(parts)
  return ("%s %d %s"):format(kind, request.member.id, table.concat(parts, "&"))
end

-- What compute() gives, remembered under <label> until something is written or, when <now> is given, until
-- time has moved.
function ordering.selection(world, organization, label, now, compute)
  local selections = organization.selections
  local known = selections.by_label[label]
  if known and known.version == world.version and known.now == now then return known.list end
  if not known then
    selections.labels[#selections.labels + 1] = label
    if #selections.labels > max_selections then
      selections.by_label[table.remove(selections.labels, 1)] = nil
    end
  end
  local list = compute()
  selections.by_label[label] = { version = world.version, now = now, list = list }
  return list
end

return ordering
