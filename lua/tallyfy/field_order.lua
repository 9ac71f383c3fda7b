-- field_order.lua - the order of fields that a caller wants: ids, aliases or labels in a row, or { id, position }. Who is
-- not named stays in the old order around them; nobody is lost.
local fields, pick = use "tallyfy.fields", use "tallyfy.pick"

local field_order = {}

local function problem(code, message, hint)
  return nil, { code = code, field = "field_order", message = message, hint = hint }
end

-- One entry of field_order: { text, position }.
local function read(item, index)
  if type(item) == "string" then return { text = item, position = index } end
  local text = pick.is_object(item) and (item.id or item.capture_id)
  if type(text) ~= "string" then
    return problem("invalid_value", ("field_order[%d] names no field."):format(index),
      "Write the field's id or label, or { \"id\": ..., \"position\": 1 }.")
  end
  local position = item.position
  if position == nil or position == json.null then position = index end
  if math.type(position) ~= "integer" or position < 1 or position > 9999 then
    return problem("invalid_value", ("field_order[%d].position is a whole number from 1 to 9999."):format(index))
  end
  return { text = text, position = position }
end

-- The fields and the places where the caller wants them.
local function placed(list, order, noun)
  local entries, seen, taken = {}, {}, {}
  for index, item in ipairs(order) do
    local entry, err = read(item, index)
    if not entry then return nil, err end
    entry.field, err = fields.pick(list, entry.text, noun, "field_order")
    if not entry.field then return nil, err end
    if seen[entry.field.id] then return problem("invalid_value", ("%q is there twice."):format(entry.text)) end
    if taken[entry.position] then
      return problem("invalid_value", ("Position %d is there twice."):format(entry.position))
    end
    seen[entry.field.id], taken[entry.position], entries[index] = true, true, entry
  end
  table.sort(entries, function (a, b) return a.position < b.position end)
  return entries, seen
end

-- <list>: the fields in their order now. Gives all of them in the order of <order>; or nil and the error.
function field_order.of(list, order, noun)
  local entries, seen = placed(list, order, noun)
  if not entries then return nil, seen end
  local result = {}
  for _, field in ipairs(list) do
    if not seen[field.id] then result[#result + 1] = field end
  end
  for _, entry in ipairs(entries) do table.insert(result, math.min(entry.position, #result + 1), entry.field) end
  return result
end

-- "Name, Department, Start date".
function field_order.words(list)
  local labels = {}
  for index, field in ipairs(list) do labels[index] = field.label end
  return table.concat(labels, ", ")
end

function field_order.is_same(a, b)
  for index, field in ipairs(a) do
    if b[index].id ~= field.id then return false end
  end
  return true
end

return field_order
