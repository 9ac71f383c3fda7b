-- words_schema.lua - from checked field records to the text of a JSON Schema 2020-12.
-- Text and not tables, because the order of members is part of what is published: it is as declared, and
-- equal files give equal bytes. Runs only in the catalogue's states, before any tool file, and raises plain
-- sentences (level 0) for what cannot be JSON. A record is a field as words_check.lua accepted it.
-- luacheck: read_globals json
local _, shared = ...
local json, type, pairs, tostring, error = json, type, pairs, tostring, error
local format, gsub, byte, find = string.format, string.gsub, string.byte, string.find
local concat, sort = table.concat, table.sort
local math_type, huge = math.type, math.huge
local text_length = utf8.len

local MAX_DEPTH, MAX_NODES = 24, 20000
local ID_PATTERN = "^[a-f0-9]{32}$"

local schema = {}

local function quote(text)
  if not text_length(text) then error("text that is not valid UTF-8 cannot be JSON", 0) end
  return '"' .. gsub(text, '[%c"\\]', function (char)
    if char == '"' or char == "\\" then return "\\" .. char end
    return format("\\u%04x", byte(char))
  end) .. '"'
end
schema.quote = quote

-- The shortest form that reads back as the same number.
local function number_text(value)
  if math_type(value) == "integer" then return format("%d", value) end
  if value ~= value or value == huge or value == -huge then
    error("NaN and infinity cannot be JSON", 0)
  end
  for digits = 14, 17 do
    local text = format("%." .. digits .. "g", value)
    if tonumber(text) == value then return text end
  end
end

-- An empty Lua table does not say which it is; under these keywords it is a list.
local list_keywords = {
  required = true, enum = true, examples = true, prefixItems = true,
  allOf = true, anyOf = true, oneOf = true,
}

local function is_list(value, keyword)
  if json.is_array(value) then return true end
  local count = #value
  if count == 0 then return next(value) == nil and list_keywords[keyword] or false end
  local seen = 0
  for key in pairs(value) do
    if math_type(key) ~= "integer" then return false end
    seen = seen + 1
  end
  return seen == count
end

local encode_at

local function encode_list(value, path, state, depth)
  local parts = {}
  for index = 1, #value do
    parts[index] = encode_at(value[index], path .. "[" .. index .. "]", state, depth + 1)
  end
  return "[" .. concat(parts, ",") .. "]"
end

local function encode_object(value, path, state, depth)
  local names = {}
  for name in pairs(value) do
    if type(name) ~= "string" then
      error(path .. " mixes names and positions, so it is neither a list nor an object", 0)
    end
    names[#names + 1] = name
  end
  sort(names)
  for index, name in ipairs(names) do
    names[index] = quote(name) .. ":" .. encode_at(value[name], path .. "." .. name, state, depth + 1, name)
  end
  return "{" .. concat(names, ",") .. "}"
end

function encode_at(value, path, state, depth, keyword)
  state.left = state.left - 1
  if state.left < 0 then error(path .. " is too large: at most " .. MAX_NODES .. " values", 0) end
  if depth > MAX_DEPTH then
    error(path .. " is nested more than " .. MAX_DEPTH .. " deep, or contains itself", 0)
  end
  local kind = type(value)
  if value == json.null then return "null" end
  if kind == "string" then return quote(value) end
  if kind == "number" then return number_text(value) end
  if kind == "boolean" then return tostring(value) end
  if kind == "userdata" then return json.encode(value) end
  if kind ~= "table" then error(path .. " is a " .. kind .. ", which cannot be JSON", 0) end
  if is_list(value, keyword) then return encode_list(value, path, state, depth) end
  return encode_object(value, path, state, depth)
end

-- <what> begins the sentence of a failure: "schema", "default".
function schema.encode(value, what, as_list)
  return encode_at(value, what, { left = MAX_NODES }, 1, as_list and "enum" or nil)
end

local encode = schema.encode

-- Members in the order in which they are put; nil values are left out.
local function builder()
  local parts = {}
  return function (key, text)
    if text ~= nil then parts[#parts + 1] = quote(key) .. ":" .. text end
  end, function ()
    return "{" .. concat(parts, ",") .. "}"
  end
end

local json_types = {
  text = "string", date = "string", choice = "string", whole = "integer", number = "number",
  flag = "boolean", list = "array", object = "object",
}

local function put_bounds(put, spec, low, high)
  put(low, spec.min and number_text(spec.min))
  put(high, spec.max and number_text(spec.max))
end

local body = {}

function body.id(put, record)
  local kind = record.spec.kind or "hex"
  if kind == "hex" then put("pattern", quote(ID_PATTERN)) end
  if kind == "integer" then put("minimum", "1") end
  if kind == "text" then
    put("minLength", "1")
    put("maxLength", "64")
  end
end

function body.text(put, record)
  local spec = record.spec
  put_bounds(put, spec, "minLength", "maxLength")
  put("pattern", spec.pattern and quote(spec.pattern))
  put("format", spec.format and quote(spec.format))
  put("contentEncoding", spec.encoding and quote(spec.encoding))
end

function body.date(put)
  put("minLength", "3")
  put("maxLength", "2000")
end

function body.whole(put, record)
  put_bounds(put, record.spec, "minimum", "maximum")
end
body.number = body.whole

function body.choice(put, record, nullable)
  local parts, titles = {}, record.spec.titles
  if titles then
    for index, value in ipairs(record.values) do
      parts[index] = '{"const":' .. quote(value) .. ',"title":' .. quote(titles[index]) .. "}"
    end
    if nullable then parts[#parts + 1] = '{"type":"null"}' end
    return put("oneOf", "[" .. concat(parts, ",") .. "]")
  end
  for index, value in ipairs(record.values) do parts[index] = quote(value) end
  if nullable then parts[#parts + 1] = "null" end
  put("enum", "[" .. concat(parts, ",") .. "]")
end

-- In a form, a choice of several with titles has a shape of its own: no type, anyOf.
local function form_items(record)
  local parts = {}
  for index, value in ipairs(record.values) do
    parts[index] = '{"const":' .. quote(value) .. ',"title":' .. quote(record.spec.titles[index]) .. "}"
  end
  return '{"anyOf":[' .. concat(parts, ",") .. "]}"
end

function body.list(put, record, _, use)
  local spec, items = record.spec, record.items
  if use == "form" and items.spec.titles then
    put("items", form_items(items))
  else
    put("items", items and schema.lower(items, use) or nil)
  end
  put_bounds(put, spec, "minItems", "maxItems")
  put("uniqueItems", spec.unique and "true" or nil)
end

-- <use> says what for: nil for arguments, "output", "form".
local function put_members(put, fields, is_open, use)
  local required = {}
  local put_property, properties = builder()
  for _, field in ipairs(fields) do
    put_property(field.name, schema.lower(field, use))
    if not field.nullable then required[#required + 1] = quote(field.name) end
  end
  put("properties", properties())
  put("required", required[1] and "[" .. concat(required, ",") .. "]" or nil)
  put("additionalProperties", not is_open and "false" or nil)
end

function body.object(put, record, _, use)
  if record.fields then put_members(put, record.fields, record.spec.open or use == "output", use) end
  put("additionalProperties", record.values and schema.lower(record.values, use) or nil)
end

-- The text of "type", or nil where anything goes.
local function type_text(record, nullable)
  local names = {}
  if record.kind == "any" then
    for index, name in ipairs(record.spec.types or {}) do names[index] = quote(name) end
  elseif record.kind == "id" then
    names[1] = record.spec.kind == "integer" and '"integer"' or '"string"'
  else
    names[1] = quote(json_types[record.kind])
  end
  if #names == 0 then return nil end
  if nullable then names[#names + 1] = '"null"' end
  return names[2] and "[" .. concat(names, ",") .. "]" or names[1]
end

-- A date's description shows what can be written, unless its author did.
local function description(record)
  local text = record.description
  if text and record.kind == "date" and not find(text, "8601", 1, true)
    and not find(text, "%d%d%d%d%-%d%d%-%d%d") then
    return text .. " (in words or ISO 8601: next Friday at 3pm, 2026-11-25T17:00)"
  end
  return text
end

-- One value or a list of such values, in the field's place.
local function put_single(put, record, nullable, use)
  local put_list, list = builder()
  put_list("type", '"array"')
  body.list(put_list, record, false, use)
  local ways = { schema.lower(record.items, use), list() }
  if nullable then ways[3] = '{"type":"null"}' end
  put("anyOf", "[" .. concat(ways, ",") .. "]")
end

-- The schema of one field. Optional ones take null too, since models send it for what they leave out; not
-- those that are mirrored in a header (clients want one plain type there), nor those of a form.
function schema.lower(record, use)
  local put, text = builder()
  local about, spec = description(record), record.spec
  local nullable = record.nullable and use ~= "form" and not spec.header
  if not spec.single then put("type", type_text(record, nullable)) end
  put("title", spec.title and quote(spec.title))
  put("description", about and quote(about))
  if spec.single then
    put_single(put, record, nullable, use)
  elseif body[record.kind] then
    body[record.kind](put, record, nullable, use)
  end
  local is_list_kind = record.kind == "list"
  if spec.default ~= nil then put("default", encode(spec.default, "default", is_list_kind)) end
  if spec.example ~= nil then
    put("examples", "[" .. encode(spec.example, "example", is_list_kind) .. "]")
  end
  put("x-mcp-header", spec.header and quote(spec.header))
  return text()
end

-- The schema of a whole `input` or `output`. Outputs are open: what the API adds tomorrow is no error.
function schema.lower_root(fields, use)
  local put, text = builder()
  put("type", '"object"')
  put_members(put, fields, use == "output", use)
  return text()
end

-- Elicitation's requestedSchema: flat, and open as the protocol has it.
function schema.lower_form(fields)
  local put, text = builder()
  put("type", '"object"')
  put_members(put, fields, true, "form")
  return text()
end

shared.schema = schema
