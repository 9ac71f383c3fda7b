-- Small helpers over lists and tables, and the word for JSON's null.
local json = require "json"

local lists = {}

-- nil becomes JSON null, everything else stays.
function lists.or_null(value)
  if value == nil then return json.null end
  return value
end

-- JSON null becomes nil, everything else stays.
function lists.given(value)
  if value == json.null then return nil end
  return value
end

function lists.has(list, wanted)
  for _, value in ipairs(list) do
    if value == wanted then return true end
  end
  return false
end

-- A new JSON array with f(value) of each element; f = nil copies.
function lists.map(list, f)
  local out = json.array({})
  for i, value in ipairs(list) do
    out[i] = f and f(value) or value
  end
  return out
end

-- A new JSON array of the elements that f takes.
function lists.filter(list, f)
  local out = json.array({})
  for _, value in ipairs(list) do
    if f(value) then out[#out + 1] = value end
  end
  return out
end

function lists.add_once(list, value)
  if not lists.has(list, value) then list[#list + 1] = value end
end

-- A table as deep as it goes, copied. Nulls and array marks stay.
function lists.copy(value)
  if type(value) ~= "table" then return value end
  local out = json.is_array(value) and json.array({}) or {}
  for key, inner in pairs(value) do out[key] = lists.copy(inner) end
  return out
end

-- True for a table that holds an object, not a list.
function lists.is_object(value)
  return type(value) == "table" and not json.is_array(value)
end

-- The whole words of a text, lower case.
function lists.words(text)
  local out = {}
  for word in text:lower():gmatch("%S+") do out[#out + 1] = word end
  return out
end

-- A test for many records whose texts repeat: test(text, other) is true when every word occurs in one of the two
-- texts, case aside. Each text is looked at once.
function lists.finder(words)
  local everything, seen = (1 << #words) - 1, {}
  if #words > 60 then
    return function (text, other) return lists.has_words(text .. " " .. (other or ""), words) end
  end
  local function found_in(text)
    local found, lower = 0, text:lower()
    for i, word in ipairs(words) do
      if lower:find(word, 1, true) then found = found | 1 << (i - 1) end
    end
    seen[text] = found
    return found
  end
  return function (text, other)
    local found = seen[text] or found_in(text)
    if found ~= everything and other then found = found | (seen[other] or found_in(other)) end
    return found == everything
  end
end

-- True when every word occurs in the text, case aside.
function lists.has_words(text, words)
  text = text:lower()
  for _, word in ipairs(words) do
    if not text:find(word, 1, true) then return false end
  end
  return true
end

return lists
