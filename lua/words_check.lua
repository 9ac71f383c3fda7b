-- words_check.lua - the strict `tool` word: every rule about a tool file as a whole.
-- Runs only in the catalogue's states, before the tool file. Arguments: the mode, "check"; a sink; a host;
-- what words_schema.lua and words_fields.lua returned. The host gives
--   host.line()                    the line of the tool file that runs now
--   host.problem(line, text, hint) takes a problem; nothing is raised
--   host.check(schema, value)      JSON texts: nil, or what is wrong with the schema or with the value
--   host.source, host.name         the file's text, and its name without ".lua"
--   host.file                      how the file's own position begins in an error message
-- Returns the words for the world and `finish(raised, line)`, to be called after the file ran, with the
-- text of what it raised, or nil, and the line where. sink.tool is then the lowered tool, or nil when there
-- was any problem.
-- luacheck: read_globals json
local _, sink, host, schema, rules = ...

local type, pairs, ipairs, pcall, tostring = type, pairs, ipairs, pcall, tostring
local format, match, find, sub = string.format, string.match, string.find, string.sub
local math_type = math.type

local MAX_TITLE, MAX_ABOUT = 100, 4000
local MAX_CPU, MAX_TIME = 30 * 1000, 10 * 60 * 1000 -- ms

local effects = { -- read_only, destructive, idempotent
  read = { true, false, true }, add = { false, false, false },
  change = { false, false, true }, remove = { false, true, true },
}

local fields = {
  title = 1, about = 1, effect = 1, input = 1, schema = 1, output = 1, run = 1, closed = 1,
  annotations = 1, limits = 1,
}
local annotation_names = { read_only = 1, destructive = 1, idempotent = 1, open_world = 1 }
local hint_names = {
  readOnlyHint = "read_only", destructiveHint = "destructive", idempotentHint = "idempotent",
  openWorldHint = "open_world",
}

-- Lua tells the line of a word, not of a key in its table; so the key is looked for in the text.
local function line_of(key, from)
  local at, line = 1, 1
  local source = host.source
  while at <= #source do
    local stop = find(source, "\n", at, true) or #source + 1
    if line >= from and match(sub(source, at, stop - 1), "^%s*([%w_]+)%s*=[^=]") == key then return line end
    at, line = stop + 1, line + 1
  end
  return from
end

local function reporter(tool)
  return function (key, message, hint)
    tool.ok = false
    local line = key and line_of(key, tool.line) or tool.line
    rules.problem(line, format("tool %s: %s", rules.show(tool.name), message), hint)
  end
end

local function check_name(tool, report)
  local name = tool.name
  if type(name) ~= "string" then
    report(nil, "the name must be a string in quotes", 'tool "get_task" { ... }')
  elseif #name > 64 or not match(name, "^[a-z0-9_]+$") then
    report(nil, "is no name for a tool", "1 to 64 of a-z, 0-9 and _")
  elseif name ~= host.name then
    report(nil, format("is declared in the file %s.lua", host.name),
      format('name the file %s.lua, or the tool "%s"', name, host.name))
  end
end

local function check_keys(spec, report)
  for key in pairs(spec) do
    if math_type(key) == "integer" then
      report(nil, format("has a value without a key (%s)", rules.show(spec[key])),
        "fields belong into input = { ... }")
    elseif not fields[key] then
      report(key, "unknown field " .. rules.show(key), rules.nearest(key, fields))
    end
  end
end

local function check_prose(spec, key, most, report, hint)
  if spec[key] == nil then return report(nil, key .. " is missing", hint) end
  local fault = rules.prose_fault(spec[key], most)
  if fault then report(key, key .. " " .. fault, hint) end
end

local function check_run(spec, report)
  local hint = "run = function (args, call) ... end"
  if spec.run == nil then return report(nil, "run is missing", hint) end
  if type(spec.run) ~= "function" then report("run", "run is " .. rules.show(spec.run), hint) end
end

-- The four hints: by effect, `closed`, and single ones overridden.
local function check_effect(spec, report, result)
  local effect = effects[spec.effect]
  if not effect then
    local hint = 'one of "read", "add", "change", "remove"'
    if spec.effect == nil then return report(nil, "effect is missing", hint) end
    return report("effect", "effect is " .. rules.show(spec.effect), hint)
  end
  if spec.closed ~= nil and type(spec.closed) ~= "boolean" then
    report("closed", "closed is " .. rules.show(spec.closed), "it must be true or false")
  end
  result.effect = spec.effect
  result.read_only, result.destructive, result.idempotent = effect[1], effect[2], effect[3]
  result.open_world = spec.closed ~= true
end

local function check_annotations(spec, report, result)
  local list = spec.annotations
  if list == nil then return end
  if type(list) ~= "table" then
    return report("annotations", "annotations is " .. rules.show(list), "{ idempotent = false }")
  end
  for key, value in pairs(list) do
    if not annotation_names[key] then
      local hint = hint_names[key] and format("here it is called %s", hint_names[key])
      report("annotations", "unknown annotation " .. rules.show(key),
        hint or rules.nearest(key, annotation_names))
    elseif type(value) ~= "boolean" then
      report("annotations", format("annotation %s is %s", key, rules.show(value)),
        "it must be true or false")
    elseif key == "read_only" and value ~= (spec.effect == "read") then
      report("annotations", "read_only contradicts the effect", "change the effect instead")
    elseif key == "destructive" and value and spec.effect == "read" then
      report("annotations", "destructive contradicts the effect", "change the effect instead")
    else
      result[key] = value
    end
  end
end

local units = { ms = 1, s = 1000, min = 60 * 1000 }

-- "2s", "500ms", "1min" or a number of ms; nil when it is none of them.
local function milliseconds(value)
  if type(value) == "string" then
    local digits, unit = match(value, "^(%d+)%s*(%l+)$")
    if not digits or #digits > 9 or not units[unit] then return nil end
    return tonumber(digits) * units[unit]
  end
  return math_type(value) == "integer" and value or nil
end

local function check_limits(spec, report, result)
  result.cpu, result.time = 0, 0
  if spec.limits == nil then return end
  local known = { cpu = MAX_CPU, time = MAX_TIME }
  if type(spec.limits) ~= "table" then
    return report("limits", "limits is " .. rules.show(spec.limits), '{ cpu = "2s", time = "60s" }')
  end
  for key, value in pairs(spec.limits) do
    local number = known[key] and milliseconds(value)
    if not known[key] then
      report("limits", "unknown limit " .. rules.show(key), rules.nearest(key, known))
    elseif not number or number < 1 or number > known[key] then
      report("limits", format("limit %s is %s", key, rules.show(value)),
        format('it must be 1ms to %ds, such as "2s"', known[key] // 1000))
    else
      result[key] = number
    end
  end
end

-- Older clients know schemas as objects only, and arguments are always an object.
local function check_schema(key, value, report)
  local kind = type(value)
  if kind ~= "table" and kind ~= "userdata" or value == json.null then
    return report(key, key .. " is " .. rules.show(value), 'a JSON Schema: { type = "object", ... }')
  end
  local fine, text = pcall(schema.encode, value, key)
  if not fine then return report(key, tostring(text)) end
  if sub(text, 1, 1) ~= "{" or value.type ~= "object" then
    return report(key, key .. " must describe an object", 'give it type = "object"')
  end
  local fault = host.check(text)
  if fault then return report(key, format("%s: %s", key, fault)) end
  for name, property in pairs(value.properties or {}) do
    if type(property) == "boolean" then
      return report(key, format("%s: property %s is a boolean", key, rules.show(name)),
        "write an object; an empty one allows anything")
    end
  end
  return text
end

local function check_fields(key, list, report, tool, is_output)
  if type(list) ~= "table" then
    return report(key, key .. " is " .. rules.show(list), 'a list of fields: { text "name" { "..." } }')
  end
  local before = rules.problems
  local good = rules.field_list(list, format("tool %s: %s", rules.show(tool.name), key),
    line_of(key, tool.line))
  for _, field in ipairs(good) do
    if is_output and field.spec.default ~= nil then
      report(key, format('%s: "%s" has a default', key, field.name), "a default is for arguments")
    end
  end
  for _, field in ipairs(good) do before = field.ok and before or -1 end
  if rules.problems ~= before then return nil end
  local fine, text = pcall(schema.lower_root, good, is_output)
  if not fine then return report(key, tostring(text)) end
  return text
end

local function check_schemas(spec, report, result, tool)
  if spec.input ~= nil and spec.schema ~= nil then
    report("schema", "has both input and schema", "keep one of them")
  elseif spec.schema ~= nil then
    result.input = check_schema("schema", spec.schema, report)
  else
    result.input = check_fields("input", spec.input == nil and {} or spec.input, report, tool, false)
  end
  if spec.output == nil then return end
  if rules.is_field_list(spec.output) then
    result.output = check_fields("output", spec.output, report, tool, true)
  else
    result.output = check_schema("output", spec.output, report)
  end
end

local function check_tool(name, spec, line)
  local tool = { name = name, line = line, ok = true }
  local report = reporter(tool)
  sink.count = (sink.count or 0) + 1
  if sink.count > 1 then
    return report(nil, "is the second tool in this file", "one tool per file, named as the file")
  end
  if type(spec) ~= "table" then
    return report(nil, "what follows the name must be a table", 'tool "get_task" { title = ... }')
  end
  local result = { name = name, title = spec.title, about = spec.about }
  check_name(tool, report)
  check_keys(spec, report)
  check_prose(spec, "title", MAX_TITLE, report, 'title = "Get a task"')
  check_prose(spec, "about", MAX_ABOUT, report, "what it does and what comes back, for the model")
  check_run(spec, report)
  check_effect(spec, report, result)
  check_annotations(spec, report, result)
  check_limits(spec, report, result)
  check_schemas(spec, report, result, tool)
  if tool.ok then sink.tool = result end
end

local words = {}
for _, kind in ipairs(rules.kinds) do words[kind] = rules.word(kind) end

function words.tool(name)
  local line = host.line()
  local finish
  function finish(spec)
    rules.done_with(finish)
    check_tool(name, spec, line)
  end
  rules.wait_for(finish, "tool", name, line)
  return finish
end

local function finish(raised, at)
  if raised then -- words may be unfinished because of that
    local own = host.file .. ":"
    local line, message
    if sub(raised, 1, #own) == own then line, message = match(raised, "^(%d+): (.*)$", #own + 1) end
    local name = match(raised, "undefined name '([%w_]+)'")
    rules.problem(tonumber(line) or at or 0, message or raised, name and rules.nearest(name, words))
  else
    rules.report_pending()
  end
  if not sink.count and rules.problems == 0 then
    rules.problem(0, "declares no tool", format('tool "%s" { ... }', host.name))
  end
  if rules.problems > 0 then sink.tool = nil end
end

return words, finish
