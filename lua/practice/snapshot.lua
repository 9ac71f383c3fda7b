-- Copies of the whole world, so that a test or a demonstration can come back to a moment. A copy keeps
-- every connection between records: what was one table stays one table. Functions, the ids' generator
-- rules (metatables) and JSON's null are shared, for nothing ever changes them.
local json = require "json"

local snapshot = {}

-- An empty table of the same kind. The host's mark of an array cannot be taken from one table to another.
local function twin_of(value)
  local kind = getmetatable(value)
  if type(kind) == "table" then return setmetatable({}, kind) end
  return kind ~= nil and json.array({}) or {}
end

local function copied(value, seen)
  if type(value) ~= "table" then return value end
  local twin = seen[value]
  if twin then return twin end
  twin = twin_of(value)
  seen[value] = twin
  for key, inner in next, value do
    rawset(twin, copied(key, seen), copied(inner, seen))
  end
  return twin
end

-- A copy of <world> that shares nothing with it that can change.
function snapshot.copy(world)
  return copied(world, {})
end

return snapshot
