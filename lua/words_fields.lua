-- words_fields.lua - the strict field words: every rule about `text "name" { ... }` and its kin.
-- Runs only in the catalogue's states, before the tool file. What is wrong is reported through
-- host.problem(line, message, hint) and never raised, so that one look shows every problem of a file.
-- A word gives a record: { kind, name, line, spec, description, nullable, ok } with `items`, `fields`,
-- `values` where the kind has them; words_schema.lua lowers it. `ok` false = reported, do not look closer.
local _, shared = ...
local host, schema = shared.host, shared.schema

local type, pairs, ipairs, pcall, tostring = type, pairs, ipairs, pcall, tostring
local format, match, find = string.format, string.match, string.find
local concat, sort = table.concat, table.sort
local math_type, min, text_length = math.type, math.min, utf8.len

local MAX_FIELDS, MAX_CHOICES, MAX_NESTING = 100, 200, 6
local MAX_DESCRIPTION, MAX_CHOICE, MAX_TITLE = 1000, 200, 100
-- Options that mean nothing inside `items` and `values`.
local named_only = { header = 1, complete = 1 }

local rules = { problems = 0 }
local records, pending = {}, {}

function rules.problem(line, message, hint)
  rules.problems = rules.problems + 1
  host.problem(line, message, hint or "")
end

local function distance(a, b)
  local row = {}
  for j = 0, #b do row[j] = j end
  for i = 1, #a do
    local diagonal = row[0]
    row[0] = i
    for j = 1, #b do
      local above = row[j]
      local cost = a:byte(i) == b:byte(j) and 0 or 1
      row[j] = min(above + 1, row[j - 1] + 1, diagonal + cost)
      diagonal = above
    end
  end
  return row[#b]
end

-- The names of <known> (a table by name), sorted; for hints.
function rules.names(known)
  local list = {}
  for name in pairs(known) do list[#list + 1] = name end
  sort(list)
  return list
end

-- `did you mean "title"?`, or the whole choice when nothing is near.
function rules.nearest(word, known)
  local list, best, least = rules.names(known), nil, 3
  for _, name in ipairs(list) do
    local far = type(word) == "string" and #word <= 64 and distance(word, name) or 99
    if far < least and far < #name then best, least = name, far end
  end
  if best then return format('did you mean "%s"?', best) end
  return "known are: " .. concat(list, ", ")
end

-- Values from files go into messages cut and without control characters.
function rules.show(value)
  local kind = type(value)
  if kind == "number" or kind == "boolean" or kind == "nil" then return tostring(value) end
  if kind ~= "string" then return "a " .. kind end
  return '"' .. value:sub(1, 60):gsub("%c", "?") .. (#value > 60 and '..."' or '"')
end

-- A sentence for people: valid UTF-8, not blank, at most <most> characters. Gives what is wrong, or nil.
function rules.prose_fault(value, most)
  if type(value) ~= "string" then return "must be a string in quotes" end
  local length = text_length(value)
  if not length then return "is not valid UTF-8" end
  if not find(value, "%S") then return "is empty" end
  if find(value, "[^%C\n\t]") then return "holds a control character" end
  if length > most then return format("has %d characters; at most %d", length, most) end
end

local function is_whole(value) return math_type(value) == "integer" end
local function is_number(value)
  return math_type(value) ~= nil and type(value) == "number" and value == value
end
local function is_count(value) return is_whole(value) and value >= 0 and value <= 1000000000 end
local function is_flag(value) return type(value) == "boolean" end
local function is_text(value) return type(value) == "string" end
local function is_anything() return true end

local function one_of(words)
  local known = {}
  for word in words:gmatch("%S+") do known[word] = true end
  return { function (value) return known[value] == true end,
    'one of "' .. concat(rules.names(known), '", "') .. '"' }
end

function rules.titles_fault(list)
  for _, text in ipairs(list) do
    local fault = rules.prose_fault(text, MAX_CHOICE)
    if fault then return fault end
  end
end

local function is_record(value) return records[value] ~= nil end
local function is_field_list(value) return type(value) == "table" and not records[value] end
local function is_type_list(value)
  if type(value) ~= "table" or #value == 0 then return false end
  local known = { string = 1, integer = 1, number = 1, boolean = 1, object = 1, array = 1 }
  for key, name in pairs(value) do
    if not is_whole(key) or not known[name] then return false end
    known[name] = nil
  end
  return true
end

local count = { is_count, "a whole number from 0" }
local whole = { is_whole, "a whole number" }
local number = { is_number, "a number" }
local flag = { is_flag, "true or false" }

local title = { function (value) return not rules.prose_fault(value, MAX_TITLE) end,
  "a text of at most 100 characters" }
local header = { function (value) return not shared.headers.name_fault(value) end,
  "the end of a header's name, such as \"Region\"" }
local complete = { function (value)
  return type(value) == "function" or shared.parts.word_list(value, is_text) and #value <= MAX_CHOICES or false
end, "a list of texts, or function (value, args, call) ... end" }
local titles = { function (value)
  return type(value) == "table" and #value > 0 and not rules.titles_fault(value)
end, "a list of texts, one for each choice" }

local common = {
  optional = flag,
  default = { is_anything, "" },
  example = { is_anything, "" },
  title = title,
}
local options = {
  id = { kind = one_of "hex integer text", header = header, complete = complete },
  text = {
    header = header, complete = complete, min = count, max = count, pattern = { is_text, "a regular expression in quotes" },
    format = one_of "email uri date date-time time uuid hostname ipv4 ipv6", encoding = one_of "base64",
  },
  whole = { min = whole, max = whole, header = header },
  number = { min = number, max = number },
  flag = { header = header },
  choice = { header = header, complete = complete, titles = titles },
  date = { header = header, complete = complete },
  list = {
    of = one_of "text id whole number flag date object any",
    items = { is_record, "a word without a name, such as text { max = 20 }" },
    min = count, max = count, unique = flag, single = flag,
  },
  object = {
    fields = { is_field_list, "a list of fields" }, open = flag,
    values = { is_record, "a word without a name, such as text {}" },
  },
  any = { types = { is_type_list, 'a list of JSON types, such as { "object", "array" }' } },
}
for _, known in pairs(options) do
  for name, rule in pairs(common) do known[name] = rule end
end
rules.kinds = rules.names(options)

local function title_of(record)
  return record.name and format('%s "%s"', record.kind, record.name) or record.kind .. " { ... }"
end

local function report(record, message, hint)
  record.ok = false
  rules.problem(record.line, title_of(record) .. ": " .. message, hint)
end

local function check_name(record)
  local name = record.name
  if type(name) ~= "string" then
    record.name = "?"
    report(record, "the name must be a string in quotes", format('%s "name" { ... }', record.kind))
  elseif #name > 64 or not match(name, "^[%a_][%w_]*$") then
    record.name = name:sub(1, 64):gsub("[%c\"]", "?")
    report(record, "is no name for a field",
      "1 to 64 letters, digits and _, not beginning with a digit")
  end
end

-- What stands without a key: the description of a named word, then the values of a choice.
local function check_positions(record)
  local spec, first, most = record.spec, 1, 0
  if record.name then
    record.description, first, most = spec[1], 2, 1
    local fault = rules.prose_fault(spec[1], MAX_DESCRIPTION)
    if fault then
      report(record, "the description " .. (spec[1] == nil and "is missing" or fault),
        format('%s "%s" { "What it is", ... }', record.kind, record.name))
    end
  end
  if record.kind ~= "choice" then
    if #spec > most then
      report(record, record.name and "has more than a description without a key"
        or "has a description, but inside a list a word has none", "describe it in the field around it")
    end
    return
  end
  record.values = {}
  local seen = {}
  for index = first, #spec do
    local fault = rules.prose_fault(spec[index], MAX_CHOICE)
    if fault then
      report(record, format("choice %d %s", index - first + 1, fault))
    elseif seen[spec[index]] then
      report(record, "has the choice " .. rules.show(spec[index]) .. " twice")
    else
      seen[spec[index]] = true
      record.values[#record.values + 1] = spec[index]
    end
  end
  if #record.values == 0 and record.ok then
    report(record, "offers no choice", 'write them behind the description: { "What", "open", "done" }')
  elseif #record.values > MAX_CHOICES then
    report(record, format("offers %d choices; at most %d", #record.values, MAX_CHOICES))
  end
end

local function check_options(record)
  local known = options[record.kind]
  for key, value in pairs(record.spec) do
    local rule = known[key]
    if is_whole(key) then
      if key < 1 or key > #record.spec then report(record, "has an empty place in its list") end
    elseif not rule then
      report(record, format("unknown option %s", rules.show(key)), rules.nearest(key, known))
    elseif not rule[1](value) then
      report(record, format("%s is %s", key, rules.show(value)), "it must be " .. rule[2])
    elseif not record.name and (common[key] or named_only[key]) then
      report(record, key .. " works only in a field with a name")
    end
  end
  local low, high = record.spec.min, record.spec.max
  if record.ok and low and high and low > high then
    report(record, format("min %s is over max %s", low, high))
  end
  local names = record.spec.titles
  if record.ok and names and #names ~= #record.values then
    report(record, format("has %d titles for %d choices", #names, #record.values))
  end
  if record.name and record.spec.header then record.has_header = true end
end

-- Fields of `input`, `output` or an object: words with different names. Gives the good ones in order.
function rules.field_list(list, owner, line)
  local good, seen = {}, {}
  local function fault(at, message, hint) rules.problem(at or line, owner .. ": " .. message, hint) end
  for key, value in pairs(list) do
    if not is_whole(key) then
      fault(nil, format("%s is set as a key, so its place is lost", rules.show(key)),
        format('write text "%s" { ... }; in the list', type(key) == "string" and key:sub(1, 40) or "name"))
    elseif pending[value] or records[value] then
      if key > #list then fault(nil, "has an empty place in its list") end
    else
      fault(nil, format("element %d is %s and no field", key, rules.show(value)),
        'a field is a word: text "name" { "What it is" }')
    end
  end
  for _, record in ipairs(list) do
    record = records[record]
    if record and not record.name then
      if record.ok then
        fault(record.line, record.kind .. " has no name", record.kind .. ' "name" { ... }')
      end
    elseif record and seen[record.name] then
      fault(record.line, format('"%s" is declared twice', record.name),
        "first on line " .. seen[record.name])
    elseif record then
      seen[record.name] = record.line
      good[#good + 1] = record
    end
  end
  if #good > MAX_FIELDS then fault(nil, format("has %d fields; at most %d", #good, MAX_FIELDS)) end
  return good
end

local single_kinds = { text = 1, id = 1, whole = 1, number = 1, choice = 1, date = 1 }
local check_field

-- A header must be reached through objects alone: not from inside a list, nor under names as they come.
local function refuse_headers(record, inner)
  if inner.has_header then
    report(record, "holds a field with a header", "a header is for an argument of its own, not for one of many")
  end
end

local function adopt(record, inner)
  record.depth = math.max(record.depth, inner.depth + 1)
  if not inner.ok then record.ok = false end
  if inner.spec.default ~= nil and inner.name and inner.ok then
    report(inner, "default works only at the top level of input", "use optional = true")
    record.ok = false
  end
end

local function check_list(record)
  local spec = record.spec
  if spec.of and spec.items then report(record, "has both of and items", "keep one of them") end
  if spec.of then spec.items = check_field(spec.of, nil, {}, record.line) end
  record.items = records[spec.items]
  if record.items then
    if record.items.name then report(record, "items is a word with a name", "write it without one") end
    adopt(record, record.items)
    refuse_headers(record, record.items)
  end
  if spec.single and not (record.items and single_kinds[record.items.kind]) then
    report(record, "single needs items of one plain kind", 'such as of = "text"')
  end
end

local function check_object(record)
  local spec = record.spec
  if spec.fields and spec.values then report(record, "has both fields and values", "keep one of them") end
  if spec.open and not spec.fields then report(record, "open means nothing without fields") end
  if spec.fields then
    local before = rules.problems
    record.fields = rules.field_list(spec.fields, title_of(record), record.line)
    if rules.problems > before then record.ok = false end
    for _, field in ipairs(record.fields) do
      adopt(record, field)
      record.has_header = record.has_header or field.has_header
    end
  end
  record.values = records[spec.values]
  if record.values then
    if record.values.name then report(record, "values is a word with a name", "write it without one") end
    adopt(record, record.values)
    refuse_headers(record, record.values)
  end
end

-- The pattern, the default and the example, by the same engine that will check the arguments. What has
-- none of them cannot fail there.
local function check_by_schema(record)
  local spec = record.spec
  if spec.pattern == nil and spec.default == nil and spec.example == nil then return end
  local ok, text = pcall(schema.lower, record)
  if not ok then return report(record, tostring(text)) end
  local fault = host.check(text)
  if fault then return report(record, fault) end
  for _, key in ipairs { "default", "example" } do
    if spec[key] ~= nil then
      fault = host.check(text, schema.encode(spec[key], key, record.kind == "list"))
      if fault then report(record, format("its own %s does not fit: %s", key, fault)) end
    end
  end
end

function check_field(kind, name, spec, line)
  local record = { kind = kind, name = name, line = line, spec = spec, ok = true, depth = 1 }
  if type(spec) ~= "table" or records[spec] then
    record.spec = {}
    report(record, "what follows the name must be a table", format('%s "name" { "What it is" }', kind))
  else
    if name ~= nil then check_name(record) end
    check_positions(record)
    check_options(record)
    record.nullable = record.spec.optional == true or record.spec.default ~= nil
    if record.ok and kind == "list" then check_list(record) end
    if record.ok and kind == "object" then check_object(record) end
    if record.ok and record.depth > MAX_NESTING then
      report(record, "is nested more than " .. MAX_NESTING .. " deep")
    end
    if record.ok then check_by_schema(record) end
  end
  records[record] = record
  return record
end

-- The word of a kind. Without its table it stays pending, which finish() reports.
function rules.word(kind)
  return function (name)
    local line = host.line()
    if type(name) == "table" and not records[name] then return check_field(kind, nil, name, line) end
    local finish
    function finish(spec)
      pending[finish] = nil
      return check_field(kind, name, spec, line)
    end
    pending[finish] = { kind = kind, name = name, line = line }
    return finish
  end
end

function rules.wait_for(finish, kind, name, line)
  pending[finish] = { kind = kind, name = name, line = line }
end

function rules.done_with(finish)
  pending[finish] = nil
end

function rules.report_pending()
  for finish, word in pairs(pending) do
    pending[finish] = nil
    rules.problem(word.line, format("%s %s is not finished", word.kind, rules.show(word.name)),
      format('%s "name" { ... }', word.kind))
  end
end

-- A list whose first element came from a word, finished or not; else it may be a schema.
function rules.is_field_list(value)
  local first = type(value) == "table" and value[1]
  return first and (records[first] or pending[first]) and true or false
end

shared.rules = rules
