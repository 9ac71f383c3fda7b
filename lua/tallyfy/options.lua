-- options.lua - the options of choice fields and the columns of tables. Stored answers and rules name an option by its id:
-- so an option that stays keeps its id, and an id that was used is not given to another.
local pick = use "tallyfy.pick"

local options = {}

local function whole(value)
  return math.tointeger(tonumber(value))
end

local function bad(argument, index, message, hint)
  return nil, { code = "invalid_value", field = argument, message = ("%s[%d] %s"):format(argument, index, message),
    hint = hint }
end

-- What stands for the text of an option, or the label of a column.
function options.text(entry, key)
  for _, name in ipairs { key or "text", "text", "label", "value" } do
    local value = entry[name]
    if value ~= nil and value ~= json.null and value ~= "" then return tostring(value) end
  end
end

-- One entry of the caller's: { text, id, required }.
local function read(item, index, key, argument)
  local kind = type(item)
  if kind == "string" or kind == "number" then item = { text = tostring(item) } end
  if not pick.is_object(item) then return bad(argument, index, "must be a text, or { id, " .. key .. " }.") end
  local text = pick.trimmed(options.text(item, key))
  if not text or text == "" then return bad(argument, index, ("has no %s."):format(key)) end
  local id = item.id
  if id == json.null then id = nil end
  if id ~= nil and not whole(id) then
    return bad(argument, index, ("has the id %q: ids are whole numbers."):format(tostring(id)), "Leave new ids out.")
  end
  return { text = text, id = id and whole(id), required = item.required == true or nil }
end

local function index_of(stored, key)
  local by_text, by_id, highest = {}, {}, 0
  for _, entry in ipairs(stored or {}) do
    local id, text = whole(entry.id), options.text(entry, key)
    if id then
      highest, by_id[id] = math.max(highest, id), entry
      if text then by_text[text:lower()] = entry end
    end
  end
  return by_text, by_id, highest
end

local function claim(used, entry, id, index, argument)
  if used[id] then return bad(argument, index, ("has the id %d, which another one has."):format(id)) end
  used[id], entry.id = true, id
  return true
end

-- Gives the entries the ids they name themselves, or that their text had where nobody took it; the result are the ids in
-- use.
local function known_ids(entries, by_text, argument)
  local used, texts = {}, {}
  for index, entry in ipairs(entries) do
    local lowered = entry.text:lower()
    if texts[lowered] then return bad(argument, index, ("is there twice: %q."):format(entry.text)) end
    texts[lowered] = true
    if entry.id then
      local fine, err = claim(used, entry, entry.id, index, argument)
      if not fine then return nil, err end
    end
  end
  for _, entry in ipairs(entries) do
    local old = by_text[entry.text:lower()]
    local id = old and whole(old.id)
    if not entry.id and id and not used[id] then used[id], entry.id = true, id end
  end
  return used
end

-- <given>: texts or objects; <stored>: what is there now; <key>: "text" for options, "label" for columns. Gives the list
-- as the API wants it, or nil and the error.
function options.list(given, stored, key, argument)
  if not json.is_array(given) then
    if not pick.is_object(given) or next(json.table(given)) ~= nil then
      return nil, { code = "invalid_value", field = argument, message = argument .. " must be a list.",
        hint = "Write [\"Yes\", \"No\"]." }
    end
    given = {}
  end
  local entries = {}
  for index, item in ipairs(given) do
    local entry, err = read(item, index, key, argument)
    if not entry then return nil, err end
    entries[index] = entry
  end
  local by_text, by_id, highest = index_of(stored, key)
  local used, err = known_ids(entries, by_text, argument)
  if not used then return nil, err end
  for id in pairs(used) do highest = math.max(highest, id) end
  local list = json.array()
  for index, entry in ipairs(entries) do
    if not entry.id then
      highest = highest + 1
      entry.id = highest
    end
    local old = by_id[entry.id]
    list[index] = { id = entry.id, [key] = entry.text, required = entry.required or (old and old.required == true) or nil }
  end
  return list
end

-- Usable options as { id, text }, and how many are not (without id or text).
function options.read(field)
  local rows, unusable = json.array(), 0
  for _, option in ipairs(pick.list(field.options) or {}) do
    local text = options.text(option, "text")
    if option.id ~= nil and option.id ~= json.null and text then
      rows[#rows + 1] = { id = option.id, text = text }
    else
      unusable = unusable + 1
    end
  end
  return rows, unusable
end

-- "1=Yes, 2=No": for comparing and for people.
function options.words(list, key)
  local parts = {}
  for index, entry in ipairs(list or {}) do
    parts[index] = ("%s=%s"):format(tostring(entry.id), options.text(entry, key) or "")
  end
  return table.concat(parts, ", ")
end

local most_words = 40 -- options in a sentence; answers and get_dropdown_options have more

-- The same for people only, not of all where there are very many.
function options.some_words(list, key)
  if #list <= most_words then return options.words(list, key) end
  return ("%s and %d more"):format(options.words(table.move(list, 1, most_words, 1, {}), key), #list - most_words)
end

local function names_option(statement, texts)
  if type(statement) == "string" then return texts[statement:lower()] ~= nil end
  if not pick.is_object(statement) then return true end -- lists of options and empty ones are not judged
  local text = options.text(statement, "text")
  return not text or texts[text:lower()] ~= nil
end

-- The names of rules that compare the field with an option that <list> lacks: a set.
local function stranded(template, field_id, list)
  local texts, rules = {}, {}
  for _, option in ipairs(list) do texts[option.text:lower()] = true end
  for _, rule in ipairs(pick.list(template.automated_actions) or {}) do
    for _, condition in ipairs(pick.list(rule.conditions) or {}) do
      local exact = condition.operation == "equals" or condition.operation == "not_equals"
      if exact and condition.conditionable_id == field_id and not names_option(condition.statement, texts) then
        rules[("%q"):format(rule.automated_alias or rule.id)] = true
      end
    end
  end
  return rules
end

local with_options = { dropdown = true, radio = true, multiselect = true }

-- What a change of a field's options did to the rules of its template: a sentence to append ("" when nothing) and the
-- names of the rules that compare with an option that was there before and is gone.
function options.stranded_rules(template, before, now)
  local names = json.array()
  if with_options[before.field_type] and with_options[now.field_type] then
    local earlier = stranded(template, before.id, options.read(before))
    for name in pairs(stranded(template, before.id, options.read(now))) do
      if not earlier[name] then names[#names + 1] = name end
    end
    table.sort(names)
  end
  if #names == 0 then return "", names end
  return (" Rules that compare with an option that is gone can no longer be right: %s. update_automation_rule changes them.")
    :format(table.concat(names, ", ")), names
end

-- The texts of <before> that <now> lacks.
function options.gone(before, now)
  local there, texts = {}, json.array()
  for _, option in ipairs(now) do there[option.text] = true end
  for _, option in ipairs(before) do
    if not there[option.text] then texts[#texts + 1] = option.text end
  end
  return texts
end

-- "Department has 2 options: 1=IT, 2=Sales."
function options.sentence(field, list, unusable)
  local text = #list == 0 and ("%s has no options that could be used."):format(field.label)
    or ("%s has %d option%s: %s."):format(field.label, #list, #list == 1 and "" or "s", options.some_words(list, "text"))
  if unusable == 0 then return text end
  return text .. (" %d more stored option%s no id or no text: do not write this list back as the whole one."):format(
    unusable, unusable == 1 and " has" or "s have")
end

return options
