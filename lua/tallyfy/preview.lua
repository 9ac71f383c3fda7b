-- preview.lua - what a tool's `preview` gives: lines of "before" and "after" that a person can compare, in words. Only what
-- differs is shown; what stays as it is would hide it.
local preview = {}

local words

local function words_of_list(list)
  local parts = {}
  for _, item in ipairs(list) do
    local chosen = type(item) ~= "table" and type(item) ~= "userdata" or item == json.null or item.selected ~= false
    if chosen then parts[#parts + 1] = words(item) end
  end
  return #parts > 0 and table.concat(parts, ", ") or "none"
end

-- A value of the API's, or one that would be sent, as people say it.
function words(value)
  local kind = type(value)
  if value == nil or value == json.null or value == "" then return "none" end
  if kind == "boolean" then return value and "yes" or "no" end
  if kind ~= "table" and kind ~= "userdata" then return tostring(value) end
  if json.is_array(value) then return words_of_list(value) end
  for _, name in ipairs { "text", "name", "title", "label", "full_name", "value" } do
    local inner = value[name]
    if type(inner) == "string" or type(inner) == "number" then return tostring(inner) end
  end
  return json.encode(value)
end
preview.words = words

-- "Max assignable" of "max_assignable".
function preview.label(name)
  return (name:gsub("_", " "):gsub("^%l", string.upper))
end

-- <rows>: { label, was, will } each; without `will` the row says only how it is, without `was` only what follows.
function preview.of(target, rows)
  local before, after = {}, {}
  for _, row in ipairs(rows) do
    local label, was, will = row[1], row.was, row.will
    local one_sided = was == nil or will == nil
    if one_sided or words(was) ~= words(will) then
      if was ~= nil then before[#before + 1] = ("%s: %s"):format(label, words(was)) end
      if will ~= nil then after[#after + 1] = ("%s: %s"):format(label, words(will)) end
    end
  end
  return { target = target, before = before, after = after }
end

return preview
