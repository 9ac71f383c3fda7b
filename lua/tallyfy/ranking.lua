-- ranking.lua - putting options in order with the forms that clients have: one choice for each place. An order in which
-- something stands twice is asked for again, so that what comes back has each option once.
local pick = use "tallyfy.pick"

local ranking = {}

local attempts = 3

local function problem(index, message, hint)
  return nil, { code = "invalid_value", field = "items", message = ("items[%d] %s"):format(index, message), hint = hint }
end

-- Options as { id, label, description }, each id once; or nil and the error.
function ranking.items(given)
  local items, seen = json.array(), {}
  for index, item in ipairs(given) do
    local id = pick.is_object(item) and item.id
    if id == nil or id == json.null or id == "" or type(id) == "boolean" then
      return problem(index, "needs an id.", "Write { id, label }.")
    end
    id = tostring(id)
    if seen[id] then return problem(index, ("has the id %q, which another one has."):format(id)) end
    seen[id] = true
    local function text(value) return type(value) == "string" and value ~= "" and value or nil end
    items[index] = { id = id, label = text(item.label) or id, description = text(item.description) }
  end
  return items
end

local function place(number)
  return ("place_%02d"):format(number) -- sorts as it counts
end

local function form_of(items)
  local options, properties, required = json.array(), {}, json.array()
  for index, item in ipairs(items) do
    options[index] = { const = item.id,
      title = item.description and ("%s (%s)"):format(item.label, item.description) or item.label }
  end
  for number = 1, #items do
    properties[place(number)] = { type = "string", title = ("Place %d"):format(number), oneOf = options }
    required[number] = place(number)
  end
  return { type = "object", properties = properties, required = required }
end

-- The ids in order, or nil when one stands twice.
local function order_in(items, answer)
  local order, seen = json.array(), {}
  for number = 1, #items do
    local id = answer[place(number)]
    if id == nil or seen[id] then return nil end
    seen[id], order[number] = true, id
  end
  return order
end

function ranking.ask(call, message, items)
  local form, text = form_of(items), message
  for _ = 1, attempts do
    local answer, err = call.ask { message = text, schema = form }
    if not answer then return nil, err end
    local order = order_in(items, answer)
    if order then return order end
    text = "Each option can have one place only. " .. message
  end
  return nil, { code = "bad_answer", message = "The person gave no order in which each option stands once.",
    hint = "Ask in your own words, or with fewer options." }
end

-- "1. First; 2. Second"
function ranking.words(items, order)
  local labels, parts = {}, {}
  for _, item in ipairs(items) do labels[item.id] = item.label end
  for number, id in ipairs(order) do parts[number] = ("%d. %s"):format(number, labels[id]) end
  return table.concat(parts, "; ")
end

return ranking
