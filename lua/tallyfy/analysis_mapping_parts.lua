-- analysis_mapping_parts.lua - the fields and steps of a drafted template: each with the path to it in what is reported.
-- Deadlines of steps say from or prior_to; "before" is a word of rules only, and Tallyfy would store it and do nothing.
local blueprint, flow, pick = use "tallyfy.blueprint", use "tallyfy.analysis_flow", use "tallyfy.pick"
local words = use "tallyfy.rule_words"

local parts = {}

local given = blueprint.given

local function set(list)
  local known = {}
  for _, word in ipairs(list) do known[word] = true end
  return known
end

local field_types, step_types = set(words.field_types), set(words.step_types)
local type_hints = { email = "text with a check for addresses", number = "text with a check for numbers",
  checkbox = "multiselect, or radio with Yes and No", assignee = "assignees_form", select = "dropdown" }

-- The objects of <parent[key]>, each with its path; what is no list or no object is reported and left out.
function parts.objects(report, parent, key, at)
  local value, items = given(parent[key]), {}
  at = at and (at .. "." .. key) or key
  if value == nil or (type(value) == "table" and next(value) == nil) then return items, 0 end
  local list = type(value) == "table" and json.is_array(value) and pick.list(value)
  if not list then
    report.error(at, "it must be a list.")
    return items, 0
  end
  for index, item in ipairs(list) do
    local place = ("%s[%d]"):format(at, index)
    if type(item) ~= "table" or json.is_array(item) then
      report.error(place, "it must be an object.")
    else
      items[#items + 1] = { item = item, at = place, index = index }
    end
  end
  return items, #list
end

local function text(value)
  value = given(value)
  return type(value) == "string" and value:match("%S") and pick.trimmed(value) or nil
end

parts.text = text

local function option_texts(report, field, at)
  local texts, seen = json.array(), {}
  local list = type(given(field.options)) == "table" and pick.list(field.options) or {}
  for index, option in ipairs(list) do
    local value = given(option)
    if type(value) == "table" then value = given(value.text) or given(value.label) or given(value.value) end
    if (type(value) ~= "string" and type(value) ~= "number") or not tostring(value):match("%S") then
      report.error(("%s.options[%d]"):format(at, index), "an option needs a text.")
    else
      local key = pick.trimmed(tostring(value)):lower()
      if seen[key] then report.error(("%s.options[%d]"):format(at, index), ("%q is there twice."):format(tostring(value))) end
      seen[key], texts[#texts + 1] = true, { id = #texts + 1, text = pick.trimmed(tostring(value)) }
    end
  end
  return texts
end

local fewest = { radio = 2, dropdown = 1, multiselect = 1 }

local function check_type(report, field, kind, options, at)
  if not field_types[kind] then
    local hint = type(kind) == "string" and type_hints[kind:lower()]
    return report.error(at .. ".type", ("%s. %s"):format(kind == nil and "the field needs a type"
      or ("%q is no type of field"):format(tostring(kind)), hint and ("Use %s."):format(hint)
      or "Types: " .. table.concat(words.field_types, ", ") .. "."))
  end
  if fewest[kind] and #options < fewest[kind] then
    report.error(at .. ".options", ("a %s field needs at least %s."):format(kind, fewest[kind] == 1 and "one option"
      or "two options"))
  elseif not fewest[kind] and #options > 0 then
    report.warn(at .. ".options", ("a %s field has no options; they are ignored."):format(kind))
  end
  if kind == "table" and #(type(given(field.columns)) == "table" and pick.list(field.columns) or {}) == 0 then
    report.error(at .. ".columns", "a table needs columns.")
  end
end

local function read_field(report, entry, kind, found)
  local field, at = entry.item, entry.at
  local label, alias = text(field.label), text(field.alias)
  local field_type = given(field.type) or given(field.field_type)
  local options = option_texts(report, field, at)
  check_type(report, field, field_type, options, at)
  if not label then report.warn(at .. ".label", "the field has no label.") end
  if given(field.required) ~= nil and type(field.required) ~= "boolean" then
    report.error(at .. ".required", "it must be true or false.")
  end
  local id = alias or label or at
  if alias and found.field_at[alias] then
    report.error(at .. ".alias", ("%q is the alias of %s too."):format(alias, found.field_at[alias].at))
  end
  local known = { id = id, at = at, kind = kind, label = label, alias = alias, type = field_type, options = options,
    raw = { id = at, label = label, alias = alias, field_type = field_type, options = options, position = entry.index } }
  if alias then found.field_at[alias] = known end
  found.fields[#found.fields + 1] = known
  return known
end

local function read_fields(report, entries, kind, found)
  local list, labels = {}, {}
  for index, entry in ipairs(entries) do
    local field = read_field(report, entry, kind, found)
    local key = field.label and field.label:lower()
    if key and labels[key] then
      report.warn(entry.at .. ".label", ("%q is the label of %s too."):format(field.label, labels[key]))
    end
    if key then labels[key] = entry.at end
    list[index] = field
  end
  return list
end

function parts.kickoff(report, draft, found)
  found.fields, found.field_at = {}, {}
  local entries
  entries, found.counts.kickoff_form = parts.objects(report, draft, "kickoff_form")
  found.kickoff = read_fields(report, entries, "Prerun", found)
end

-- users (also written assignees), guests, groups; returns how many are named.
function parts.people(report, value, at)
  value = given(value)
  if value == nil then return 0 end
  if type(value) ~= "table" or (json.is_array(value) and #value > 0) then
    report.error(at, "it must be an object with the lists users, guests and groups.")
    return 0
  end
  local count, buckets = 0, { users = "users", assignees = "users", guests = "guests", groups = "groups" }
  for _, key in ipairs { "users", "assignees", "guests", "groups" } do
    local list = given(value[key])
    for index, who in ipairs(type(list) == "table" and pick.list(list) or (list ~= nil and { list } or {})) do
      local is_fine = type(who) == "string" and who:match("%S") or (buckets[key] == "users" and math.type(who) == "integer")
      if is_fine and buckets[key] == "guests" then is_fine = who:match("^%s*[^%s@]+@[^%s@]+%s*$") end
      if is_fine then count = count + 1 else
        report.error(("%s.%s[%d]"):format(at, key, index), key == "guests" and "a guest is an e-mail address."
          or "it must be an id or a name.")
      end
    end
  end
  for key in pairs(value) do
    if not buckets[key] then report.error(("%s.%s"):format(at, tostring(key)), "there are users, guests and groups only.") end
  end
  return count
end

-- The step of a temp_id, however it is written.
function parts.step_of(found, id)
  id = given(id)
  return (type(id) == "string" or math.type(id) == "integer") and found.step[tostring(id)] or nil
end

local function check_deadline(report, entry, found)
  local deadline, at = given(entry.item.deadline), entry.at .. ".deadline"
  if deadline == nil then return end
  if type(deadline) ~= "table" or json.is_array(deadline) then return report.error(at, "it must be an object.") end
  local unit, option, base = given(deadline.unit), given(deadline.option), given(deadline.step)
  local value = math.tointeger(tonumber(given(deadline.value)))
  if not value or value < 0 then report.error(at .. ".value", "it must be a whole number, 0 or more.") end
  if type(unit) ~= "string" or not words.is_unit[unit:gsub("s$", "") .. "s"] then
    report.error(at .. ".unit", "use one of: " .. table.concat(words.units, ", ") .. ".")
  end
  if option ~= nil and option ~= "from" and option ~= "prior_to" then
    report.error(at .. ".option", option == "before" and "before is a word of rules; a step's deadline says prior_to."
      or "use from or prior_to.")
  end
  local step = parts.step_of(found, base)
  if base ~= nil and base ~= "start_run" and not step then
    report.error(at .. ".step", ("%q is no step of the draft. Use start_run or a temp_id."):format(tostring(base)))
  elseif step == entry.step then
    report.error(at .. ".step", "a step cannot be due by its own deadline.")
  elseif option == "prior_to" and (base == nil or base == "start_run") then
    report.error(at, "nothing can be due before the process starts: name the step in deadline.step.")
  end
  entry.step.base = step
end

local function read_step(report, entry, found)
  local item, at = entry.item, entry.at
  local id = given(item.temp_id)
  if id ~= nil and type(id) ~= "string" and math.type(id) ~= "integer" then
    report.error(at .. ".temp_id", "it must be a text.")
    id = nil
  end
  id = id ~= nil and tostring(id) or ("step_%d"):format(entry.index)
  if found.step[id] then report.error(at .. ".temp_id", ("%q is the temp_id of %s too."):format(id, found.step[id].at)) end
  local title, kind = text(item.title), given(item.step_type)
  if not title then report.error(at .. ".title", "the step needs a title.")
  elseif (utf8.len(title) or #title) > 600 then report.error(at .. ".title", "it has more than 600 characters.") end
  if kind ~= nil and not step_types[kind] then
    report.error(at .. ".step_type", ("%q is no type of step. Types: %s."):format(tostring(kind),
      table.concat(words.step_types, ", ")))
  end
  local step = { id = id, at = at, title = title or id, type = kind or "task" }
  step.fields = read_fields(report, (parts.objects(report, item, "form_fields", at)), "Capture", found)
  parts.people(report, item.assignees, at .. ".assignees")
  return step
end

local function check_positions(report, entries)
  local at_position = {}
  for _, entry in ipairs(entries) do
    local position = given(entry.item.position)
    if position ~= nil then
      local whole = math.type(position) == "integer" and position >= 1
      if not whole then
        report.error(entry.at .. ".position", "positions are whole numbers from 1.")
      elseif at_position[position] then
        report.error(entry.at .. ".position", ("%d is the position of %s too."):format(position, at_position[position]))
      else
        at_position[position] = entry.at
        if position > #entries then report.warn(entry.at .. ".position", ("there are %d steps only."):format(#entries)) end
      end
    end
  end
end

function parts.steps(report, draft, found)
  found.step = {}
  local entries
  entries, found.counts.steps = parts.objects(report, draft, "steps")
  for index, entry in ipairs(entries) do
    entry.step = read_step(report, entry, found)
    found.steps[index] = entry.step
    found.step[entry.step.id] = found.step[entry.step.id] or entry.step
  end
  if #entries == 0 and found.counts.steps == 0 then report.warn("steps", "the draft has no steps.") end
  check_positions(report, entries)
  for _, entry in ipairs(entries) do check_deadline(report, entry, found) end
  local circles = flow.circles(found.steps, function (step) return step.base and step.base ~= step and { step.base } or {} end)
  for _, circle in ipairs(circles) do
    local titles = {}
    for index, step in ipairs(circle) do titles[index] = ("%q"):format(step.title) end
    report.error(circle[1].at .. ".deadline", ("the deadlines of %s hang on each other."):format(table.concat(titles, ", ")))
  end
end

return parts
