-- words.lua - the words of a tool file as a session's state sees them: nothing is checked here (the
-- catalogue did, with words_check.lua, before this file's tool could exist), so this stays small.
-- Run with the world as its environment and two arguments: the mode, "state", and a sink. `tool` stores
-- into it: sink.name, and sink.tool, whose `run` is wrapped to see plain arguments with defaults filled in.
-- Returns the words, to be put into the world.
-- Keep in step: what is understood here is checked in words_fields.lua and lowered in words_schema.lua.
-- luacheck: read_globals json
local _, sink = ...

local json, type, pairs, ipairs = json, type, pairs, ipairs
local null = json.null

-- A field is its own specification with the name put in. Words inside `items` and `values` have no name.
local function word(name)
  if type(name) == "table" then return name end
  return function (spec)
    spec.name = name
    return spec
  end
end

-- An empty table does not say that it is a list, and may be sent on as JSON.
local function list_word(name)
  if type(name) == "table" then return name end
  return function (spec)
    spec.name = name
    if type(spec.default) == "table" then spec.default = json.array(spec.default) end
    return spec
  end
end

-- A default is given out as a copy: what one call does to it must not reach the next.
local function copy(value)
  if type(value) ~= "table" then return value end
  local result = json.is_array(value) and json.array() or {}
  for key, item in pairs(value) do result[key] = copy(item) end
  return result
end

local function is_single(value)
  local kind = type(value)
  return kind ~= "table" and kind ~= "userdata"
end

-- What a call needs of the fields; the rest of a tool's form is garbage once its file has run.
local function names_of(fields)
  local names, defaults, singles = {}, {}, {}
  for index, field in ipairs(fields) do
    names[index], defaults[field.name], singles[field.name] = field.name, field.default, field.single
  end
  return names, defaults, singles
end

-- For `input`: the declared fields and nothing else.
local function by_fields(fields, run)
  local names, defaults, singles = names_of(fields)
  return function (args, call)
    local filled = {}
    for _, name in ipairs(names) do
      local value = args[name]
      if value == nil or value == null then value = copy(defaults[name]) end
      if singles[name] and value ~= nil and is_single(value) then value = json.array({ value }) end
      filled[name] = value
    end
    return run(filled, call)
  end
end

-- For `schema`: all that came, and the defaults of its top-level properties.
local function by_schema(schema, run)
  local defaults = {}
  for name, property in pairs(schema.properties or {}) do
    local value
    if type(property) ~= "boolean" then value = property.default end
    if value ~= null then defaults[name] = value end
  end
  return function (args, call)
    local filled = {}
    for name, value in pairs(args) do
      if value ~= null then filled[name] = value end
    end
    for name, value in pairs(defaults) do
      if filled[name] == nil then filled[name] = copy(value) end
    end
    return run(filled, call)
  end
end

local words = {}

function words.tool(name)
  return function (spec)
    sink.name, sink.tool = name, spec
    spec.run = spec.schema and by_schema(spec.schema, spec.run) or by_fields(spec.input or {}, spec.run)
  end
end

for _, name in ipairs {
  "id", "text", "whole", "number", "flag", "choice", "date", "object", "any",
} do
  words[name] = word
end
words.list = list_word

return words
