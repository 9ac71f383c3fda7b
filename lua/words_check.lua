-- words_check.lua - the strict `tool` word, and the end of a file's check.
-- Runs only in the catalogue's states, before the file. Arguments: the mode, "check"; the table that the word
-- files share: what those before this one put there, and
--   host.line()                    the line of the tool file that runs now
--   host.problem(line, text, hint) takes a problem; nothing is raised
--   host.check(schema, value)      JSON texts: nil, or what is wrong with the schema or with the value
--   host.source, host.name         the file's text, and its name without ".lua"
--   host.file                      how the file's own position begins in an error message
--   sink                           where the result goes
-- Returns the words for the world and `finish(raised, line)`, to be called after the file ran, with the
-- text of what it raised, or nil, and the line where. sink.item is then the lowered tool, resource or prompt
-- and sink.facts the same as JSON; both nil when there was any problem.
-- luacheck: read_globals json
local _, shared = ...
local host, sink, schema, rules = shared.host, shared.sink, shared.schema, shared.rules
local parts, headers, words = shared.parts, shared.headers, shared.words

local type, pairs, ipairs, pcall, tostring = type, pairs, ipairs, pcall, tostring
local format, match, sub = string.format, string.match, string.sub

local effects = { -- read_only, destructive, idempotent
  read = { true, false, true }, add = { false, false, false },
  change = { false, false, true }, remove = { false, true, true },
}

local fields = {
  title = 1, about = 1, effect = 1, input = 1, schema = 1, output = 1, run = 1, closed = 1,
  annotations = 1, limits = 1, icons = 1, task = 1, needs = 1, relay = 1, preview = 1,
}
local annotation_names = { read_only = 1, destructive = 1, idempotent = 1, open_world = 1 }
local hint_names = {
  readOnlyHint = "read_only", destructiveHint = "destructive", idempotentHint = "idempotent",
  openWorldHint = "open_world",
}

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

local tasks = { ["true"] = "may", ["false"] = "never", ["nil"] = "never", required = "must", later = "later" }

local function check_task(spec, report, result)
  local value = spec.task
  local known = (type(value) == "boolean" or type(value) == "nil" or type(value) == "string")
    and value ~= "true" and value ~= "false" and value ~= "nil"
  result.task = known and tasks[tostring(value)]
  if not result.task then
    report("task", "task is " .. rules.show(value),
      'true: may run as a task; "required": only as one; "later": when call.become_task() says so')
  end
end

-- What it calls is not known when it is listed, so it is announced as the worst that there is.
local function check_relay(spec, report, result)
  if spec.relay == nil or spec.relay == false then return end
  if spec.relay ~= true then
    return report("relay", "relay is " .. rules.show(spec.relay), "it must be true or false")
  end
  if spec.effect ~= "remove" then
    report("relay", "relay needs effect = \"remove\"", "it may call any tool; the called one's own effect decides")
  end
  result.relay = true
end

-- What a read does nobody is asked about, and what a relay calls has a preview of its own.
local function check_preview(spec, report, result)
  if spec.preview == nil then return end
  local hint = "preview = function (args, call) return { target = ..., before = ..., after = ... } end"
  if type(spec.preview) ~= "function" then
    return report("preview", "preview is " .. rules.show(spec.preview), hint)
  end
  if spec.effect == "read" then
    return report("preview", "preview is for tools that change something", "nobody is asked before a read")
  end
  if spec.relay then return report("preview", "a relay has no preview", "the tool that it calls may have one") end
  result.previews = true
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

local function check_input_fields(spec, report, result, item)
  local good = parts.check_fields("input", spec.input == nil and {} or spec.input, report, item)
  if not good then return end
  for _, field in ipairs(good) do
    if field.spec.complete ~= nil then
      report("input", format('input: "%s" has complete', field.name),
        "completions are for prompts and templates; a tool's model is told the choices")
    end
  end
  result.headers = headers.of_fields(good, function (message, hint) report("input", message, hint) end)
  result.input = parts.lower("input", report, schema.lower_root, good)
end

local function check_output_fields(spec, report, result, item)
  local good = parts.check_fields("output", spec.output, report, item)
  if not good then return end
  for _, field in ipairs(good) do
    if field.spec.default ~= nil or field.spec.header or field.spec.complete then
      report("output", format('output: "%s" has a default, header or complete', field.name),
        "they are for arguments")
    end
  end
  result.output = parts.lower("output", report, schema.lower_root, good, "output")
end

local function check_schemas(spec, report, result, item)
  if spec.input ~= nil and spec.schema ~= nil then
    report("schema", "has both input and schema", "keep one of them")
  elseif spec.schema ~= nil then
    result.input = check_schema("schema", spec.schema, report)
    if result.input then
      result.headers = headers.of_schema(spec.schema,
        function (message, hint) report("schema", message, hint) end)
    end
  else
    check_input_fields(spec, report, result, item)
  end
  if spec.output == nil then return end
  if rules.is_field_list(spec.output) then
    check_output_fields(spec, report, result, item)
  else
    result.output = check_schema("output", spec.output, report)
  end
end

words.tool = parts.item_word("tool", function (item, spec, report)
  local result = { kind = "tool", name = item.name, title = spec.title, about = spec.about }
  parts.check_keys(spec, fields, report)
  parts.check_texts(spec, report, "what it does and what comes back, for the model")
  parts.check_run(spec, report)
  check_preview(spec, report, result)
  check_effect(spec, report, result)
  check_annotations(spec, report, result)
  parts.check_limits(spec, report, result)
  parts.check_icons(spec, report, result)
  check_task(spec, report, result)
  check_relay(spec, report, result)
  parts.check_needs(spec, report, result)
  check_schemas(spec, report, result, item)
  return result
end)

for _, kind in ipairs(rules.kinds) do words[kind] = rules.word(kind) end

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
    rules.problem(0, "declares no tool, resource, prompt or handler", format('tool "%s" { ... }', host.name))
  end
  if rules.problems > 0 then sink.item = nil end
  if not sink.item then return end
  sink.item.forms = sink.forms
  local fine, text = pcall(schema.encode, sink.item, host.name)
  if fine then sink.facts = text else rules.problem(0, tostring(text)) end
end

return words, finish
