-- suggest_fields.lua - form fields that a step, or a kick-off form, may lack, each with its reason. Deterministic: the
-- same template gives the same answer. The rules, from the surest:
--   95 kick-off: a {{variable}} that no field of the template fills
--   90 step: a question in the description: Yes/No where it begins with is, has, can..., else a text
--   85 kick-off: a label that two or more steps ask for: ask once at the start
--   55-90 the words of suggest_rules.lua, in titles; 15 less in descriptions only; kick-off: 2 more (10 at most) for
--      each further step that mentions them
--   40-50 a form without any field: something to leave or to tell processes apart by
-- What is asked already, here or earlier, is not suggested but listed with where it is and its variable.
local pick, rules, shape = use "tallyfy.pick", use "tallyfy.suggest_rules", use "tallyfy.shape"
local templates, words = use "tallyfy.templates", use "tallyfy.suggest_words"

local suggest = {}

local most = 10 -- suggestions in one answer

local function list_of(entries)
  return json.array(table.move(entries, 1, #entries, 1, {}))
end

-- A field as the tools take it; the rules' tables are shared and stay as they are.
local function field_data(field)
  local copy = {}
  for key, value in pairs(field) do copy[key] = type(value) == "table" and list_of(value) or value end
  return copy
end

-- Fields that were there first: the kick-off form, then the steps in order; up to and with <last> when it is given.
local function asked(template, last)
  local list = {}
  for _, field in ipairs(pick.list(template.prerun) or {}) do list[#list + 1] = { field = field, where = "the kick-off form" } end
  for _, step in ipairs(templates.steps(template) or {}) do
    for _, field in ipairs(pick.list(step.captures) or {}) do
      list[#list + 1] = { field = field, where = ("step %q"):format(step.title), step_id = step.id }
    end
    if last and step.id == last.id then break end
  end
  return list
end

local function same_label(a, b)
  return type(a) == "string" and a:lower() == b:lower()
end

-- The field of <list> that asks what <rule> would.
local function asked_by(list, rule, label)
  for _, entry in ipairs(list) do
    local other = type(entry.field.label) == "string" and entry.field.label or ""
    if same_label(other, label) or (rule and words.first(other, rule.known)) then return entry end
  end
end

local function collector(list)
  local found, told = { suggestions = {}, already = json.array(), labels = {} }, {}
  -- Adds a suggestion, or where it is asked already.
  function found.add(field, sure, reason, rule)
    local entry = asked_by(list, rule, field.label)
    if entry and told[entry.field.id] then return end
    if entry then
      told[entry.field.id] = true
      found.already[#found.already + 1] = { label = entry.field.label, field_id = entry.field.id, where = entry.where,
        variable = ("{{%s}}"):format(entry.field.alias), instead_of = field.label }
    elseif not found.labels[field.label:lower()] then
      found.labels[field.label:lower()] = true
      found.suggestions[#found.suggestions + 1] = { field_data = field_data(field), confidence = sure, reason = reason }
    end
  end
  return found
end

-- The surest first, then in the order of the rules.
local function finish(found)
  for index, one in ipairs(found.suggestions) do one.order = index end
  table.sort(found.suggestions, function (a, b)
    if a.confidence ~= b.confidence then return a.confidence > b.confidence end
    return a.order < b.order
  end)
  local kept = json.array()
  for index, one in ipairs(found.suggestions) do
    one.order = nil
    if index <= most then kept[index] = one end
  end
  return { suggestions = kept, already_asked = found.already }
end

local function add_questions(found, text)
  for _, question in ipairs(words.questions(text)) do
    local is_closed = words.asks_yes_or_no(question)
    found.add({ label = question, field_type = is_closed and "radio" or "textarea", required = false,
      options = is_closed and { "Yes", "No" } or nil }, 90, "the description asks it, and nobody could answer")
  end
end

-- For the form of <step>: { suggestions = { { field_data, confidence, reason } }, already_asked = { { label, ... } } }.
function suggest.for_step(template, step)
  local title, text = words.plain(step.title), words.plain(step.summary)
  local found = collector(asked(template, step))
  add_questions(found, text)
  for _, rule in ipairs(rules.step) do
    local word = rule.except ~= step.step_type and words.first(title, rule.words)
    local place = word and "title" or "description"
    word = word or (rule.except ~= step.step_type and words.first(text, rule.words))
    if word then
      found.add(rule.field, place == "title" and rule.sure or rule.sure - 15, ("%q in the %s: %s"):format(word, place,
        rule.because), rule)
    end
  end
  if step.step_type == "approval" then
    found.add({ label = "Reason for the decision", field_type = "textarea", required = false }, 65,
      "an approval records yes or no itself, but not why", { known = { "reason", "why", "comment" } })
  end
  if #found.suggestions == 0 and #found.already == 0 and #(pick.list(step.captures) or {}) == 0 then
    found.add({ label = "Notes", field_type = "textarea", required = false }, 40,
      "the step has no field: what is done leaves no trace", { known = { "notes" } })
  end
  return finish(found)
end

local function alias_label(alias)
  local text = alias:gsub("%-%d+$", ""):gsub("[%-_]+", " "):match("^%s*(.-)%s*$")
  return text:sub(1, 1):upper() .. text:sub(2)
end

-- Variables in the texts of a template that no field fills, in order of appearance.
local function add_dangling(found, template, texts, list)
  local aliases, seen = {}, {}
  for _, entry in ipairs(list) do
    if type(entry.field.alias) == "string" then aliases[entry.field.alias] = true end
  end
  for _, text in ipairs(texts) do
    for alias in text:gmatch("{{%s*([%w_%-]+)%s*}}") do
      local is_builtin = alias == alias:upper() -- {{DATE}} and the like are Tallyfy's own
      if not aliases[alias] and not seen[alias] and not is_builtin then
        seen[alias] = true
        found.add({ label = alias_label(alias), field_type = "text", required = true }, 95,
          ("{{%s}} stands in the texts of %s, and no field fills it; write the new field's variable there"):format(
            alias, template.title))
      end
    end
  end
end

-- Labels that several steps ask for.
local function add_repeated(found, list)
  local places, order = {}, {}
  for _, entry in ipairs(list) do
    local label = type(entry.field.label) == "string" and entry.step_id and entry.field.label:lower()
    if label then
      if not places[label] then
        places[label] = { field = entry.field, where = {}, steps = {} }
        order[#order + 1] = label
      end
      local place = places[label]
      if not place.steps[entry.step_id] then
        place.steps[entry.step_id] = true
        place.where[#place.where + 1] = entry.where
      end
    end
  end
  for _, label in ipairs(order) do
    local place = places[label]
    if #place.where > 1 then
      local field = place.field
      local data = { label = field.label, field_type = field.field_type == "email" and "text" or field.field_type,
        required = field.required == true }
      for _, kind in ipairs { { "options", "text" }, { "columns", "label" } } do
        local texts = json.array()
        for index, entry in ipairs(pick.list(field[kind[1]]) or {}) do texts[index] = entry[kind[2]] end
        if #texts > 0 then data[kind[1]] = texts end
      end
      found.add(data, 85, ("%s ask for it: once at the start is enough"):format(table.concat(place.where, " and ")))
    end
  end
end

local function quoted(titles)
  local parts = {}
  for index, title in ipairs(titles) do
    if index > 3 then
      parts[index] = ("%d more"):format(#titles - 3)
      break
    end
    parts[index] = ("%q"):format(title)
  end
  return table.concat(parts, ", ")
end

-- Where the words of a rule stand: in the template's own texts, in which steps, and whether in a title.
local function mentions(template, steps, rule)
  local own = words.first(words.plain(template.title), rule.words)
  local said = own or words.first(words.plain(template.summary), rule.words)
  local titles, in_title, word = {}, own ~= nil, said
  for _, step in ipairs(steps) do
    local here = words.first(words.plain(step.title), rule.words)
    in_title = in_title or here ~= nil
    here = here or words.first(words.plain(step.summary), rule.words)
    if here then titles[#titles + 1], word = step.title, word or here end
  end
  return word, in_title, titles, said ~= nil
end

-- For the kick-off form of <template>: as suggest.for_step.
function suggest.for_kickoff(template, steps)
  local form = pick.list(template.prerun) or {}
  local at_start = {}
  for index, field in ipairs(form) do at_start[index] = { field = field, where = "the kick-off form" } end
  local found, everything = collector(at_start), asked(template)
  local texts = { template.default_process_name_format or "" }
  for _, step in ipairs(steps) do
    for _, text in ipairs { step.title, step.summary } do
      if type(text) == "string" then texts[#texts + 1] = text end
    end
  end
  if type(texts[1]) ~= "string" then texts[1] = "" end
  add_dangling(found, template, texts, everything)
  add_repeated(found, everything)
  for _, rule in ipairs(rules.kickoff) do
    local word, in_title, titles, in_template = mentions(template, steps, rule)
    if word then
      local more = math.min(10, 2 * math.max(0, #titles - 1))
      local places = in_template and "the template" or ""
      if #titles > 0 then
        places = places .. (in_template and ", " or "") .. ("%s %s"):format(#titles == 1 and "step" or "steps", quoted(titles))
      end
      found.add(rule.field, math.min(95, (in_title and rule.sure or rule.sure - 15) + more), ("%q in %s: %s"):format(word,
        places, rule.because), rule)
    end
  end
  if #form == 0 and #found.suggestions == 0 then
    found.add({ label = "Name", field_type = "text", required = true }, 50,
      "the form is empty: processes of this template could not be told apart")
  end
  return finish(found)
end

-- "3 fields suggested: Decision (85), ..."
function suggest.sentence(result, where)
  local count = #result.suggestions
  if count == 0 then return ("Nothing to add to %s."):format(where) end
  local parts = {}
  for index, one in ipairs(result.suggestions) do
    parts[index] = ("%s (%s, %d%%)"):format(one.field_data.label, one.field_data.field_type, one.confidence)
  end
  return ("%s suggested for %s: %s."):format(shape.count(count, "field"), where, table.concat(parts, "; "))
end

return suggest
