-- words.lua - the words of a tool file as a session's state sees them: nothing is checked here (the
-- catalogue did, with words_check.lua, before this file's tool could exist), so this stays small.
-- Run with the world as its environment and two arguments: the mode, "state", and a sink. `tool`, `resource`,
-- `prompt` and `on` store into it: sink.name, and sink.tool = { run =, preview =, complete = }, where `run` and `preview`
-- are wrapped to see plain arguments with defaults filled in, and complete(argument, value, args, call) is there when any
-- argument has values to offer. sink.forms counts the forms of the file that runs.
-- Returns the words, to be put into the world.
-- Keep in step: what is understood here is checked in words_fields.lua and lowered in words_schema.lua.
-- luacheck: read_globals json
local _, sink = ...

local json, type, pairs, ipairs = json, type, pairs, ipairs
local lower, find, sub = string.lower, string.find, string.sub
local null = json.null

-- A field is its own specification with the name put in. Words inside `items` and `values` have no name.
local function word(name)
  if type(name) == "table" then return name end
  return function (spec)
    spec.name = name
    return spec
  end
end

-- A choice completes itself: its values, without the description of a word with a name.
local function choice_word(name)
  if type(name) == "table" then return name end
  return function (spec)
    spec.name = name
    spec.complete = spec.complete or { table.unpack(spec, 2) }
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

-- Those of <list> that begin with <typed>, then those that contain it, whatever the case.
local function matching(list, typed)
  local first, rest = json.array(), {}
  typed = lower(typed)
  for _, text in ipairs(list) do
    local candidate = lower(text)
    if sub(candidate, 1, #typed) == typed then
      first[#first + 1] = text
    elseif find(candidate, typed, 1, true) then
      rest[#rest + 1] = text
    end
  end
  for _, text in ipairs(rest) do first[#first + 1] = text end
  return first
end

-- nil when no argument has values to offer.
local function completer(fields)
  local ways
  for _, field in ipairs(fields) do
    if field.complete then
      ways = ways or {}
      ways[field.name] = field.complete
    end
  end
  return ways and function (argument, value, args, call)
    local way = ways[argument]
    if type(way) == "function" then return way(value, args, call) end
    return matching(way or {}, value)
  end
end

local words = {}

function words.tool(name)
  return function (spec)
    local wrap, form = spec.schema and by_schema or by_fields, spec.schema or spec.input or {}
    sink.name, sink.tool = name, { run = wrap(form, spec.run), preview = spec.preview and wrap(form, spec.preview) }
  end
end

function words.resource(name)
  return function (spec)
    local fields = spec.input or {}
    sink.name, sink.tool = name, { run = by_fields(fields, spec.run), complete = completer(fields) }
  end
end
words.prompt = words.resource

-- A handler that returns nothing has nothing to say, which is no failure; the host knows it by data without text.
function words.on(name)
  return function (spec)
    local run = spec.run
    sink.name = name
    sink.tool = { run = function (event, call)
      local said, err = run(event, call)
      if said == nil and err == nil then return { data = true } end
      return said, err
    end }
  end
end

-- The host kept what the form asks when it checked the file; here it is only a number.
function words.form()
  sink.forms = (sink.forms or 0) + 1
  return { form = sink.forms }
end

for _, name in ipairs { "id", "text", "whole", "number", "flag", "date", "object", "any" } do
  words[name] = word
end
words.choice, words.list = choice_word, list_word

return words
