-- pick.lua - the one thing of a list that a text means: its id, else its name, exactly before without regard to
-- case. One match, or an error with the candidates; never a guess.
local fold = use "tallyfy.fold"

local pick = {}

-- Tallyfy's ids: 32 hex digits, in lower case when they are sent.
function pick.id(text)
  return #text == 32 and text:match("^%x+$") and text:lower() or nil
end

function pick.trimmed(text)
  return text and text:match("^%s*(.-)%s*$")
end

-- Text as it can go into a query: no name has control characters, and a request cannot carry all of them.
function pick.searchable(text)
  return type(text) == "string" and (text:gsub("%c", " ")) or text
end

-- An object of arguments or of the API's: neither a list nor null.
function pick.is_object(value)
  local kind = type(value)
  return (kind == "table" or (kind == "userdata" and value ~= json.null)) and not json.is_array(value)
end

local function described(items, options)
  local parts = {}
  for index, item in ipairs(items) do
    if index > 20 then
      parts[index] = ("and %d more"):format(#items - 20)
      break
    end
    parts[index] = ("%q (%s)"):format(options.name(item), item.id)
  end
  return table.concat(parts, ", ")
end

local function matching(items, same)
  local found = {}
  for _, item in ipairs(items) do
    if same(item) then found[#found + 1] = item end
  end
  return found
end

-- options: noun ("group"), field (the argument, for errors), name = function (item). <items> is the whole list.
function pick.one(items, text, options)
  local wanted = pick.trimmed(text)
  local folded = fold(wanted)
  local readings = {
    function (item) return item.id == (pick.id(wanted) or wanted) end,
    function (item) return options.name(item) == wanted end,
    function (item) return fold(options.name(item)) == folded end,
  }
  for _, same in ipairs(readings) do
    local found = matching(items, same)
    if #found == 1 then return found[1] end
    if #found > 1 then
      return nil, { code = "ambiguous", field = options.field, hint = "Use the id.",
        message = ("%q is the name of %d %ss: %s."):format(wanted, #found, options.noun, described(found, options)) }
    end
  end
  return nil, { code = "not_found", field = options.field,
    message = ("There is no %s %q."):format(options.noun, wanted),
    hint = #items == 0 and ("There are no %ss."):format(options.noun)
      or ("There are: %s."):format(described(items, options)) }
end

-- A change that names nothing to change is refused: fields is a list of the arguments that could.
function pick.something(args, fields)
  for _, name in ipairs(fields) do
    if args[name] ~= nil then return true end
  end
  return nil, { code = "missing_value", field = fields[1], message = "Nothing to change was given.",
    hint = "Give at least one of: " .. table.concat(fields, ", ") .. "." }
end

-- A list of the API's as a plain one that can be changed and sent back; nil when it is none: then its state is
-- unknown and nothing may be written over it.
function pick.list(value)
  if value == nil or value == json.null or type(value) == "string" then return nil end
  if not json.is_array(value) then
    local inner = type(value) ~= "boolean" and type(value) ~= "number" and value.data or nil
    if inner == nil then return type(value) == "table" and next(value) == nil and json.array() or nil end
    value = inner
  end
  local list = json.array()
  for index, item in ipairs(value) do list[index] = item end
  return list
end

-- The same for a list of people or groups: ids, however they came. Members are numbers, in some answers texts of digits or
-- whole objects; groups are texts or objects; guests are addresses.
function pick.ids(value)
  local list = pick.list(value)
  for index, item in ipairs(list or {}) do
    if pick.is_object(item) then item = item.id end
    local is_number = type(item) == "string" and #item <= 15 and item:match("^%d+$")
    list[index] = is_number and math.tointeger(tonumber(item)) or item
  end
  return list
end

return pick
