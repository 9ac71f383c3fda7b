-- words_items.lua - the strict words `resource`, `prompt`, `on` and `form`: every rule about them as a whole.
-- Runs only in the catalogue's states. Adds to shared.words.
local _, shared = ...
local host, schema, rules, parts = shared.host, shared.schema, shared.rules, shared.parts

local type, pairs, ipairs = type, pairs, ipairs
local format, match, gmatch, find, gsub = string.format, string.match, string.gmatch, string.find, string.gsub
local math_type = math.type

local MAX_URI, MAX_VARIABLES, MAX_FORMS = 1024, 8, 20
local MAX_SIZE = 2 ^ 53

local words = shared.words

-- ---- arguments of prompts and variables of templates: texts, all of them ----

local text_kinds = { text = 1, id = 1, choice = 1, date = 1 }

local function check_texts_only(key, fields, report, what)
  for _, field in ipairs(fields) do
    if not text_kinds[field.kind] or field.spec.kind == "integer" then
      report(key, format('%s: "%s" must be a text', key, field.name),
        what .. " are texts: use text, id, choice or date")
    elseif field.spec.header then
      report(key, format('%s: "%s" has a header', key, field.name), "headers are for tools")
    end
  end
end

local function arguments_of(fields)
  local list = {}
  for index, field in ipairs(fields) do
    list[index] = {
      name = field.name, title = field.spec.title, about = field.description,
      required = not field.nullable,
      completes = field.spec.complete ~= nil or field.kind == "choice",
    }
  end
  return list
end

local function check_input(item, spec, report, result, what)
  local fields = parts.check_fields("input", spec.input == nil and {} or spec.input, report, item)
  if not fields then return end
  check_texts_only("input", fields, report, what)
  result.arguments = arguments_of(fields)
  result.input = parts.lower("input", report, schema.lower_root, fields)
  return fields
end

local function start(item, spec, known, report, purpose)
  parts.check_keys(spec, known, report)
  parts.check_texts(spec, report, purpose)
  parts.check_run(spec, report)
  local result = {
    kind = item.kind, name = item.name, title = spec.title, about = spec.about, effect = "read",
    read_only = true, destructive = false, idempotent = true, open_world = true,
  }
  parts.check_limits(spec, report, result)
  parts.check_icons(spec, report, result)
  parts.check_needs(spec, report, result)
  return result
end

-- ---- resource ----

-- Gives the names of the template's variables in order; nil when the uri has a problem.
local function check_uri(uri, report)
  local hint = '"tallyfy://tasks/mine", or a template: "tallyfy://runs/{run_id}"'
  if uri == nil then return report(nil, "uri is missing", hint) end
  if type(uri) ~= "string" then return report("uri", "uri is " .. rules.show(uri), hint) end
  if #uri > MAX_URI then return report("uri", format("uri is longer than %d bytes", MAX_URI)) end
  local names, seen = {}, {}
  for name, behind in gmatch(uri, "{([^{}]*)}(.?)") do
    if not match(name, "^[%a_][%w_]*$") or #name > 64 then
      return report("uri", format("uri: {%s} is no variable", name),
        "between braces stands one name: letters, digits and _; no operators")
    elseif seen[name] then
      return report("uri", format("uri: {%s} stands in it twice", name))
    elseif behind ~= "" and not find(behind, "[:/?#%[%]@!$&'()*+,;=]") then
      return report("uri", format("uri: {%s} is followed by %s", name, rules.show(behind)),
        "behind a variable stands the end or a delimiter, such as / ? # & or ,")
    end
    seen[name], names[#names + 1] = true, name
  end
  local plain = gsub(uri, "{[^{}]*}", "")
  if not match(plain, "^%a[%w+.-]*:.") and not match(uri, "^%a[%w+.-]*:.") then
    return report("uri", "uri has no scheme", hint)
  elseif find(match(uri, "^[^:]*"), "{", 1, true) then
    return report("uri", "uri has a variable in its scheme", hint)
  elseif find(plain, "[^%w:/?#%[%]@!$&'()*+,;=%%._~-]") then
    return report("uri", "uri has a character that no URI may have",
      "percent-encode it; braces come in pairs")
  elseif #names > MAX_VARIABLES then
    return report("uri", format("uri has %d variables; at most %d", #names, MAX_VARIABLES))
  end
  return names, seen
end

local function check_variables(names, seen, fields, report)
  local declared = {}
  for _, field in ipairs(fields) do
    declared[field.name] = true
    if not seen[field.name] then
      report("input", format('input: "%s" is no variable of the uri', field.name),
        format("write {%s} in the uri, or leave the field out", field.name))
    elseif field.nullable then
      report("input", format('input: "%s" is optional', field.name),
        "every variable of a template has a value; declare a second resource")
    end
  end
  for _, name in ipairs(names) do
    if not declared[name] then
      report("uri", format("the variable {%s} is not described", name),
        format('input = { text "%s" { "What it is" } }', name))
    end
  end
end

local annotation_fields = { audience = 1, priority = 1, last_modified = 1 }
local audiences = { user = true, assistant = true }

local function check_annotations(spec, report, result)
  local list = spec.annotations
  if list == nil then return end
  local hint = '{ audience = { "user" }, priority = 0.5, last_modified = "2026-11-25T10:00:00Z" }'
  if type(list) ~= "table" then return report("annotations", "annotations is " .. rules.show(list), hint) end
  for key in pairs(list) do
    if not annotation_fields[key] then
      report("annotations", "unknown annotation " .. rules.show(key), rules.nearest(key, annotation_fields))
    end
  end
  local audience, fault
  if list.audience ~= nil then
    audience, fault = parts.word_list(list.audience, function (word) return audiences[word] end)
    if fault then report("annotations", "audience " .. fault, 'such as { "user", "assistant" }') end
  end
  local priority = list.priority
  if priority ~= nil and not (math_type(priority) and priority >= 0 and priority <= 1) then
    report("annotations", "priority is " .. rules.show(priority), "a number from 0 to 1")
  end
  local changed = list.last_modified
  if changed ~= nil and not (type(changed) == "string"
    and match(changed, "^%d%d%d%d%-%d%d%-%d%d$") or match(changed, "^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d[%d:.]*[Z+-][%d:]*$")) then
    report("annotations", "last_modified is " .. rules.show(changed), "such as 2026-11-25T10:00:00Z")
  end
  result.annotations = { audience = audience, priority = priority, lastModified = changed }
end

local resource_fields = {
  title = 1, about = 1, uri = 1, mime = 1, size = 1, annotations = 1, icons = 1, input = 1, run = 1, limits = 1,
  needs = 1,
}

words.resource = parts.item_word("resource", function (item, spec, report)
  local result = start(item, spec, resource_fields, report, "what it holds, for those who choose what to read")
  local names, seen = check_uri(spec.uri, report)
  local fields = check_input(item, spec, report, result, "variables of a template")
  if names then
    result.uri, result.template = spec.uri, #names > 0
    if fields then check_variables(names, seen, fields, report) end
  end
  if spec.mime ~= nil and not parts.is_mime(spec.mime) then
    report("mime", "mime is " .. rules.show(spec.mime), 'such as "text/plain" or "application/json"')
  end
  local size = spec.size
  if size ~= nil and not (math_type(size) == "integer" and size >= 0 and size <= MAX_SIZE) then
    report("size", "size is " .. rules.show(size), "bytes: a whole number from 0")
  elseif size ~= nil and result.template then
    report("size", "a template has no size", "leave it out")
  end
  result.mime, result.size = spec.mime, size
  check_annotations(spec, report, result)
  return result
end)

-- ---- prompt ----

local prompt_fields = { title = 1, about = 1, icons = 1, input = 1, run = 1, limits = 1, needs = 1 }

words.prompt = parts.item_word("prompt", function (item, spec, report)
  local result = start(item, spec, prompt_fields, report, "what it is good for, for the person who chooses it")
  check_input(item, spec, report, result, "arguments of a prompt")
  return result
end)

-- ---- on: what the organisation told by webhook ----

local events = { -- core/chat/webhook.c recognises these
  ["process.launched"] = 1, ["process.completed"] = 1, ["task.completed"] = 1, ["task.assigned"] = 1,
  ["task.comment_added"] = 1, ["task.issue_raised"] = 1, ["task.issue_resolved"] = 1, ["rule.triggered"] = 1,
}
local handler_fields = { title = 1, about = 1, run = 1, limits = 1 }

-- A file may hold one handler and an event may have many, so its name is the file's.
local function check_event(item, report)
  local name = host.name
  if #name > 64 or not match(name, "^[a-z0-9_]+$") then
    report(nil, format("the file's name %s is no name for a handler", rules.show(name)), "1 to 64 of a-z, 0-9 and _")
  end
  if not events[item.name] then
    report(nil, "is no event", type(item.name) == "string" and rules.nearest(item.name, events)
      or 'on "task.completed" { ... }')
  end
end

words.on = parts.item_word("on", function (item, spec, report)
  parts.check_keys(spec, handler_fields, report)
  if spec.title == nil then spec.title = events[item.name] and item.name or "A handler" end
  parts.check_texts(spec, report, "what it does when that happens, for those who run the host")
  parts.check_run(spec, report)
  local result = {
    kind = "handler", name = host.name, title = spec.title, about = spec.about, event = item.name, effect = "read",
    read_only = true, destructive = false, idempotent = false, open_world = false, needs = 0,
  }
  parts.check_limits(spec, report, result)
  result.input = parts.lower(nil, report, schema.lower_root, {})
  return result
end, check_event)

-- ---- form: what call.ask puts to a person ----

local form_kinds = { text = 1, whole = 1, number = 1, flag = 1, choice = 1, list = 1 }
local form_formats = { email = 1, uri = 1, date = 1, ["date-time"] = 1 }

local function check_form_field(field, report)
  local spec = field.spec
  if not form_kinds[field.kind] then
    return report(format('%s "%s" cannot be asked', field.kind, field.name),
      "a form has text, whole, number, flag, choice, and a list of choices")
  elseif field.kind == "list" and not (field.items and field.items.kind == "choice") or spec.single then
    return report(format('list "%s" cannot be asked', field.name),
      'a list in a form is a choice of several: items = choice { "a", "b" }')
  elseif spec.unique then
    return report(format('list "%s" has unique, which no form knows', field.name))
  elseif spec.pattern then
    return report(format('text "%s" has a pattern, which no form knows', field.name), "check the answer in run")
  elseif spec.format and not form_formats[spec.format] then
    return report(format('text "%s" has the format %s', field.name, rules.show(spec.format)),
      "a form knows email, uri, date and date-time")
  elseif spec.example ~= nil or spec.header or spec.complete then
    return report(format('%s "%s" has example, header or complete', field.kind, field.name),
      "a form knows none of them; say it in the description")
  end
end

function words.form(list)
  local line = shared.host.line()
  local function report(message, hint) rules.problem(line, "form: " .. message, hint) end
  local forms = shared.sink.forms or {}
  shared.sink.forms = forms
  local form = { form = #forms + 1 }
  if #forms >= MAX_FORMS then
    report(format("more than %d forms in one file", MAX_FORMS))
    return form
  end
  forms[#forms + 1] = "{}"
  if type(list) ~= "table" then
    report("what follows must be a list of fields", 'form { text "name" { "Your name" } }')
    return form
  end
  local before = rules.problems
  local fields = rules.field_list(list, "form", line)
  for _, field in ipairs(fields) do
    if not field.ok then return form end
    check_form_field(field, report)
  end
  if #fields == 0 and rules.problems == before then report("asks for nothing", 'form { text "name" { "..." } }') end
  if rules.problems > before then return form end
  forms[form.form] = parts.lower(nil, function (_, message) report(message) end, schema.lower_form, fields) or "{}"
  return form
end
