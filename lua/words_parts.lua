-- words_parts.lua - what tools, resources and prompts have in common in the strict words: names, prose,
-- limits, icons, fields, and how problems are told. Runs only in the catalogue's states, before the file.
-- Arguments: the mode, "check"; the table that the word files share: host (see words_check.lua) and what the
-- files before this one returned.
-- luacheck: read_globals json
local _, shared = ...
local host, rules = shared.host, shared.rules

local type, pairs, ipairs, pcall, tostring = type, pairs, ipairs, pcall, tostring
local format, match, find, sub = string.format, string.match, string.find, string.sub
local math_type = math.type

local MAX_TITLE, MAX_ABOUT = 100, 4000
local MAX_CPU, MAX_TIME = 30 * 1000, 10 * 60 * 1000 -- ms
local MAX_ICONS, MAX_ICON = 10, 32 * 1024

local parts = {}

-- Lua tells the line of a word, not of a key in its table; so the key is looked for in the text.
function parts.line_of(key, from)
  local at, line = 1, 1
  local source = host.source
  while at <= #source do
    local stop = find(source, "\n", at, true) or #source + 1
    if line >= from and match(sub(source, at, stop - 1), "^%s*([%w_]+)%s*=[^=]") == key then return line end
    at, line = stop + 1, line + 1
  end
  return from
end

-- report(key, message, hint): <key> names the line, or nil for the word's own.
function parts.reporter(item)
  return function (key, message, hint)
    item.ok = false
    local line = key and parts.line_of(key, item.line) or item.line
    rules.problem(line, format("%s %s: %s", item.kind, rules.show(item.name), message), hint)
  end
end

function parts.check_name(item, report)
  local name = item.name
  if type(name) ~= "string" then
    report(nil, "the name must be a string in quotes", item.kind .. ' "get_task" { ... }')
  elseif #name > 64 or not match(name, "^[a-z0-9_]+$") then
    report(nil, "is no name for a " .. item.kind, "1 to 64 of a-z, 0-9 and _")
  elseif name ~= host.name then
    report(nil, format("is declared in the file %s.lua", host.name),
      format('name the file %s.lua, or the %s "%s"', name, item.kind, host.name))
  end
end

function parts.check_keys(spec, known, report)
  for key in pairs(spec) do
    if math_type(key) == "integer" then
      report(nil, format("has a value without a key (%s)", rules.show(spec[key])),
        "fields belong into input = { ... }")
    elseif not known[key] then
      report(key, "unknown field " .. rules.show(key), rules.nearest(key, known))
    end
  end
end

local function check_prose(spec, key, most, report, hint)
  if spec[key] == nil then return report(nil, key .. " is missing", hint) end
  local fault = rules.prose_fault(spec[key], most)
  if fault then report(key, key .. " " .. fault, hint) end
end

function parts.check_texts(spec, report, purpose)
  check_prose(spec, "title", MAX_TITLE, report, 'title = "Get a task"')
  check_prose(spec, "about", MAX_ABOUT, report, purpose)
end

function parts.check_run(spec, report)
  local hint = "run = function (args, call) ... end"
  if spec.run == nil then return report(nil, "run is missing", hint) end
  if type(spec.run) ~= "function" then report("run", "run is " .. rules.show(spec.run), hint) end
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

function parts.check_limits(spec, report, result)
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

-- A list of different strings, each accepted by <is_good>; nil and a sentence otherwise.
function parts.word_list(value, is_good)
  if type(value) ~= "table" or #value == 0 then return nil, "must be a list of texts" end
  local list, seen, count = {}, {}, 0
  for index, word in ipairs(value) do
    if type(word) ~= "string" or not is_good(word) then return nil, "has " .. rules.show(word) end
    if seen[word] then return nil, format("has %s twice", rules.show(word)) end
    seen[word], list[index] = true, word
  end
  for _ in pairs(value) do count = count + 1 end
  if count ~= #list then return nil, "must be a plain list" end
  return list
end

function parts.is_mime(value)
  return type(value) == "string" and #value <= 127
    and match(value, "^[%w!#$&^_.+-]+/[%w!#$&^_.+-]+%s*$") ~= nil
    or type(value) == "string" and #value <= 127
    and match(value, "^[%w!#$&^_.+-]+/[%w!#$&^_.+-]+%s*;[%g ]+$") ~= nil
end

local icon_fields = { src = 1, mime = 1, sizes = 1, theme = 1 }

-- What is wrong with an icon, or nil and the icon as the protocol has it.
local function icon_fault(icon)
  if type(icon) ~= "table" then return "is " .. rules.show(icon) end
  for key in pairs(icon) do
    if not icon_fields[key] then return format("has an unknown field %s", rules.show(key)) end
  end
  local src = icon.src
  if type(src) ~= "string" or #src > MAX_ICON or find(src, "[%c%s]")
    or not (match(src, "^https://[^/]+") or match(src, "^data:image/[%w.+-]+[;,]")) then
    return "needs a src: an https: address, or a data: image of at most 32 KB"
  end
  if icon.mime ~= nil and not parts.is_mime(icon.mime) then return "has a mime that is no media type" end
  if icon.theme ~= nil and icon.theme ~= "light" and icon.theme ~= "dark" then
    return 'has a theme that is neither "light" nor "dark"'
  end
  local sizes
  if icon.sizes ~= nil then
    local fault
    sizes, fault = parts.word_list(type(icon.sizes) == "string" and { icon.sizes } or icon.sizes,
      function (size) return size == "any" or match(size, "^%d+x%d+$") end)
    if not sizes then return 'has sizes that ' .. fault .. '; such as { "48x48", "any" }' end
  end
  return nil, { src = src, mimeType = icon.mime, sizes = sizes, theme = icon.theme }
end

function parts.check_icons(spec, report, result)
  if spec.icons == nil then return end
  local hint = '{ { src = "https://example.com/icon.png", mime = "image/png", sizes = { "48x48" } } }'
  if type(spec.icons) ~= "table" or #spec.icons == 0 or #spec.icons > MAX_ICONS then
    return report("icons", "icons must be a list of 1 to " .. MAX_ICONS .. " icons", hint)
  end
  result.icons = {}
  for index, icon in ipairs(spec.icons) do
    local fault, lowered = icon_fault(icon)
    if fault then report("icons", format("icon %d %s", index, fault), hint) end
    result.icons[index] = lowered or {}
  end
end

local needs = { elicitation = 1, url = 2, sampling = 4, roots = 8 } -- th_need_t of catalogue.h

function parts.check_needs(spec, report, result)
  result.needs = 0
  if spec.needs == nil then return end
  local list, fault = parts.word_list(spec.needs, function (word) return needs[word] end)
  if not list then return report("needs", "needs " .. fault, "known are: elicitation, roots, sampling, url") end
  for _, word in ipairs(list) do result.needs = result.needs | needs[word] end
end

-- Checks a list of fields, <key> of the item; gives the good records, or nil when any has a problem.
function parts.check_fields(key, list, report, item)
  if type(list) ~= "table" then
    report(key, key .. " is " .. rules.show(list), 'a list of fields: { text "name" { "..." } }')
    return nil
  end
  local before = rules.problems
  local good = rules.field_list(list, format("%s %s: %s", item.kind, rules.show(item.name), key),
    parts.line_of(key, item.line))
  for _, field in ipairs(good) do before = field.ok and before or -1 end
  return rules.problems == before and good or nil
end

-- The text of a schema that <lower>(...) makes; what it raises is a problem.
function parts.lower(key, report, lower, ...)
  local fine, text = pcall(lower, ...)
  if fine then return text end
  report(key, tostring(text))
end

-- Starts an item of <kind>: gives the function that takes its form. <check>(item, spec, report) does the rest;
-- <check_name>(item, report), where what stands behind the word is not the file's name.
function parts.item_word(kind, check, check_name)
  return function (name)
    local line = host.line()
    local finish
    function finish(spec)
      rules.done_with(finish)
      local item = { kind = kind, name = name, line = line, ok = true }
      local report = parts.reporter(item)
      local sink = shared.sink
      sink.count = (sink.count or 0) + 1
      if sink.count > 1 then
        return report(nil, "is the second declaration in this file",
          "one tool, resource, prompt or handler per file, named as the file")
      end
      if type(spec) ~= "table" then
        return report(nil, "what follows the name must be a table",
          kind .. ' "get_task" { title = ... }')
      end
      (check_name or parts.check_name)(item, report)
      local result = check(item, spec, report)
      if item.ok then sink.item = result end
    end
    rules.wait_for(finish, kind, name, line)
    return finish
  end
end

shared.parts = parts
