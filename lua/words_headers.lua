-- words_headers.lua - which arguments of a tool travel in HTTP headers as well (x-mcp-header, 2026-07-28).
-- Clients drop a whole tool for one bad mark, so every rule is checked here: a mark stands on a string, an
-- integer or a boolean that is reached from the root through `properties` alone; its name is a token, and
-- unlike every other name in the tool, whatever the case. Runs only in the catalogue's states.
-- luacheck: read_globals json
local _, shared = ...
local rules = shared.rules

local type, pairs, ipairs = type, pairs, ipairs
local format, match, lower, concat = string.format, string.match, string.lower, table.concat

local MAX_DEPTH, MAX_NAME = 8, 64 -- TH_HEADER_DEPTH of catalogue.h
local MARK = "x-mcp-header"

local headers = {}

function headers.name_fault(name)
  if type(name) ~= "string" then return "must be a text in quotes" end
  if #name > MAX_NAME or not match(name, "^[%w!#$%%&'*+.^_`|~-]+$") then
    return format("is no name for a header: 1 to %d letters, digits, - and _", MAX_NAME)
  end
end

local function add(list, seen, name, kind, path, report)
  local place = concat(path, ".")
  local key = lower(name)
  if seen[key] then
    return report(format("%s and %s have the same header %s", seen[key], place, rules.show(name)),
      "upper and lower case are the same in a header")
  end
  if #path > MAX_DEPTH then return report(format("the header of %s is too deep", place)) end
  seen[key] = place
  list[#list + 1] = { name = name, type = kind, path = { table.unpack(path) } }
end

local types = { text = "string", id = "string", choice = "string", date = "string", whole = "integer",
  flag = "boolean" }

local function walk_fields(fields, path, list, seen, report)
  for _, field in ipairs(fields) do
    path[#path + 1] = field.name
    if field.spec.header then
      local kind = field.kind == "id" and field.spec.kind == "integer" and "integer" or types[field.kind]
      add(list, seen, field.spec.header, kind, path, report)
    end
    if field.fields then walk_fields(field.fields, path, list, seen, report) end
    path[#path] = nil
  end
end

-- Of checked field records; <report>(message, hint).
function headers.of_fields(fields, report)
  local list = {}
  walk_fields(fields, {}, list, {}, report)
  return list
end

local good_types = { string = true, integer = true, boolean = true }

local function is_container(value)
  local kind = type(value)
  return kind == "table" or kind == "userdata" and value ~= json.null
end

-- A mark that stands where it may not; data under these keywords is no schema.
local data_keywords = { const = true, enum = true, default = true, examples = true }

local walk_schema

-- The property schemas, by name in order, so that the first of two equal names is always the same one.
local function walk_properties(schema, path, state)
  local names = {}
  for name in pairs(schema.properties) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    path[#path + 1] = name
    walk_schema(schema.properties[name], path, state, true)
    path[#path] = nil
  end
end

function walk_schema(schema, path, state, reachable)
  if not is_container(schema) then return end
  local mark = schema[MARK]
  if mark ~= nil then
    local place = #path > 0 and concat(path, ".") or "the root"
    local fault = headers.name_fault(mark)
    if fault then
      state.report(format("%s of %s %s", MARK, place, fault))
    elseif not reachable or #path == 0 then
      state.report(format("%s stands where no argument is: under %s", MARK, place),
        "it belongs to a property that is reached through properties alone")
    elseif not good_types[schema.type] then
      state.report(format("%s of %s needs the type string, integer or boolean", MARK, place))
    else
      add(state.list, state.seen, mark, schema.type, path, state.report)
    end
  end
  for key, value in pairs(schema) do
    if key == "properties" and is_container(value) then
      if reachable then
        walk_properties(schema, path, state)
      else
        for _, property in pairs(value) do walk_schema(property, path, state, false) end
      end
    elseif is_container(value) and not data_keywords[key] then
      walk_schema(value, path, state, false)
    end
  end
end

-- Of a plain JSON Schema (a table or a view) that is known to be finite.
function headers.of_schema(schema, report)
  local state = { list = {}, seen = {}, report = report }
  walk_schema(schema, {}, state, true)
  return state.list
end

shared.headers = headers
