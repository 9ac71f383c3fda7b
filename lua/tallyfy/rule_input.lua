-- rule_input.lua - a rule as people and models write it, to the body the API stores. Settled here, before anything is
-- sent, because the API stores conditions that can never hold: a step condition without a time clause, an option that
-- does not exist. Steps and fields by id or name; people by id, name or address (rule_actions.lua).
local actions, blueprint, pick = use "tallyfy.rule_actions", use "tallyfy.blueprint", use "tallyfy.pick"
local synonyms, words = use "tallyfy.rule_synonyms", use "tallyfy.rule_words"

local rule_input = {}

local given = blueprint.given

local function wrong(field, message, hint)
  return nil, { code = "invalid_value", field = field, message = message, hint = hint }
end

local condition_keys = { id = true, conditionable_type = true, conditionable_id = true, operation = true, statement = true,
  logic = true, position = true, column_contains_name = true, created_at = true, last_updated = true, archived_at = true }

local function unknown_key(item, known, at)
  local names = {}
  for key in pairs(item) do
    if not known[key] then names[#names + 1] = tostring(key) end
  end
  table.sort(names)
  local allowed = {}
  for key in pairs(known) do allowed[#allowed + 1] = key end
  table.sort(allowed)
  if not names[1] then return nil end
  return { code = "invalid_value", field = at .. "." .. names[1], message = ("%q is no key of it."):format(names[1]),
    hint = "Keys: " .. table.concat(allowed, ", ") .. "." }
end

-- The list <data[key]> as plain items, each an object; or nil and the error that names the position.
local function objects(list, at, known)
  local items = type(list) == "table" and pick.list(list)
  if not items then return wrong(at, "It must be a list of objects.") end
  if #items == 0 then return wrong(at, "It is empty: a rule needs at least one.") end
  for index, item in ipairs(items) do
    local place = ("%s[%d]"):format(at, index)
    if type(item) ~= "table" or json.is_array(item) then
      return wrong(place, ("Item %d must be an object."):format(index))
    end
    local err = unknown_key(synonyms.part(item), known, place)
    if err then return nil, err end
  end
  return items
end

-- What settles a thing together: who says one of them anew does not mean the stored others.
local settles = {
  { "conditionable_type", "conditionable_id" }, { "action_type", "action_verb" }, { "actionable_type", "actionable_id" },
  { "assignees", "subject", "user_id", "user_ids", "email", "guest_email" },
}

-- An item that names a stored part by its id keeps what it does not say anew. An id that names none would make a new
-- part beside the old one, which goes: an error where a rule is changed, left out where one is made (<old> is nil).
local function completed(item, old, at)
  local whole, id = {}, given(item.id)
  if id ~= nil and old then
    local known = {}
    for index, part in ipairs(old) do
      known[index] = tostring(part.id)
      if part.id == id then
        for key, value in pairs(part) do whole[key] = value end
      end
    end
    if whole.id == nil then
      return wrong(at .. ".id", ("The rule has no part %q here."):format(tostring(id)), "Leave the id out for a new one."
        .. (#known > 0 and " Ids: " .. table.concat(known, ", ") .. "." or ""))
    end
  end
  for _, group in ipairs(settles) do
    local is_anew = false
    for _, key in ipairs(group) do is_anew = is_anew or given(item[key]) ~= nil end
    for _, key in ipairs(is_anew and group or {}) do whole[key] = nil end
  end
  for key, value in pairs(item) do whole[key] = value end
  whole.id = old and id or nil
  return whole
end

-- The step or field of the kind, or of whatever kind has it.
local function entry_of(model, text, field, kind)
  if kind == "Step" then return blueprint.find_step(model, text, field) end
  local entry, err = blueprint.find_field(model, text, field, kind)
  if kind or (err and err.code == "ambiguous") then return entry, err end
  local step = blueprint.find_step(model, text, field)
  if entry and step then
    return nil, { code = "ambiguous", field = field, message = ("%q is a step and a field."):format(text),
      hint = "Say which in conditionable_type." }
  end
  if entry or step then return entry or step end
  return nil, { code = "not_found", field = field, message = ("No step or field is called %q."):format(text),
    hint = "get_template shows them all." }
end

-- Which step or field a condition is about: { id, kind, entry }.
local function subject_of(model, item, at)
  local kind, text = given(item.conditionable_type), given(item.conditionable_id)
  local wanted = kind and words.kind(kind)
  if kind and not wanted then
    return wrong(at .. ".conditionable_type", ("%q is no kind of condition."):format(tostring(kind)),
      "Use Step, Capture (a form field) or Prerun (a kick-off field).")
  end
  if type(text) ~= "string" then
    return wrong(at .. ".conditionable_id", "It must name the step or field.", "Its id, title or label.")
  end
  local entry, err = entry_of(model, text, at .. ".conditionable_id", wanted)
  if not entry then return nil, err end
  return { id = entry.id, kind = entry.kind or "Step", entry = entry }
end

local function option_texts(entry)
  local texts = {}
  for index, option in ipairs(entry.options) do texts[index] = given(option.text) or given(option.label) or "" end
  return texts
end

-- The option that a statement means, as the field writes it: the engine compares texts without regard to case.
local function option_of(entry, text, at)
  local texts = option_texts(entry)
  for _, option in ipairs(texts) do
    if option:lower() == pick.trimmed(text):lower() then return option end
  end
  return wrong(at, ("%q is no option of %q."):format(text, entry.label),
    "Options: " .. table.concat(texts, ", ") .. ".")
end

local function plain_text(value)
  if math.type(value) == "integer" then return ("%d"):format(value) end
  if type(value) == "number" then return tostring(value) end
  return type(value) == "string" and value:match("%S") and value or nil
end

local function one_value(entry, operation, value, at)
  local text = plain_text(value)
  if not text then return wrong(at, ("%s needs the text to compare with."):format(operation)) end
  local exact = operation == "equals" or operation == "not_equals" or operation == "equals_any"
  if exact and words.choice_types[entry.type] and #entry.options > 0 then return option_of(entry, text, at) end
  if (operation == "greater_than" or operation == "less_than") and not tonumber(text) then
    return wrong(at, ("%s compares numbers, and %q is none."):format(operation, text))
  end
  return text
end

local function field_statement(entry, operation, value, at)
  if operation == "is_empty" or operation == "is_not_empty" then return json.null end
  if operation ~= "equals_any" then return one_value(entry, operation, value, at) end
  local list = type(value) == "table" and pick.list(value) or json.array { value }
  if #list == 0 then return wrong(at, "equals_any needs at least one value.") end
  local texts = json.array()
  for index, item in ipairs(list) do
    local text, err = one_value(entry, operation, item, ("%s[%d]"):format(at, index))
    if not text then return nil, err end
    texts[index] = text
  end
  return texts
end

-- null would never hold: it becomes any_time.
local function step_statement(value, at)
  local clause = words.clause(given(value) == nil and "" or tostring(value))
  if clause then return clause end
  return wrong(at, ("%q is no time clause."):format(tostring(value)),
    "Time clauses: " .. table.concat(words.clauses, ", ") .. ".")
end

-- Operations that a step of that type can never reach.
local function step_can(entry, operation, at)
  local judged = operation == "approved" or operation == "rejected"
  local expiring = operation == "acknowledged" or operation == "expired"
  if judged and entry.type ~= "approval" then
    return wrong(at, ("%q is no approval step: it is never %s."):format(entry.title, operation),
      "Use completed, or make it an approval step.")
  end
  if expiring and not entry.type:find("^expiring") then
    return wrong(at, ("%q is no expiring step: it is never %s."):format(entry.title, operation), "Use completed.")
  end
  return true
end

local function operation_of(subject, item, at)
  local is_step = subject.kind == "Step"
  local operation = (is_step and words.step_operation or words.field_operation)(item.operation)
  if not operation then
    return wrong(at, ("%q is no operation for a %s."):format(tostring(given(item.operation) or ""),
      words.kind_noun[subject.kind]),
      "Operations: " .. table.concat(is_step and words.step_operations or words.field_operations, ", ") .. ".")
  end
  if is_step then
    local can, err = step_can(subject.entry, operation, at)
    if not can then return nil, err end
  end
  return operation
end

local function column_of(subject, item, at)
  local column = given(item.column_contains_name)
  if column == nil or column == "" then return nil end
  for _, one in ipairs(pick.list(subject.entry.raw.columns) or {}) do
    if one.label == column then return column end
  end
  return wrong(at, ("%q has no column %q."):format(subject.entry.label or subject.entry.title, tostring(column)))
end

local function logic_of(value, at)
  if given(value) == nil then return nil end
  local logic = type(value) == "string" and value:lower()
  if logic == "and" or logic == "or" then return logic end
  return wrong(at, ("%q is no logic."):format(tostring(value)), "Use and, or.")
end

local function condition_of(model, item, at, logic)
  local subject, err = subject_of(model, item, at)
  if not subject then return nil, err end
  local operation, statement, own, column
  operation, err = operation_of(subject, item, at .. ".operation")
  if not operation then return nil, err end
  if subject.kind == "Step" then
    statement, err = step_statement(item.statement, at .. ".statement")
  else
    statement, err = field_statement(subject.entry, operation, given(item.statement), at .. ".statement")
  end
  if statement == nil then return nil, err end
  own, err = logic_of(item.logic, at .. ".logic")
  if err then return nil, err end
  column, err = column_of(subject, item, at .. ".column_contains_name")
  if err then return nil, err end
  return { id = item.id, conditionable_type = subject.kind, conditionable_id = subject.id, operation = operation,
    statement = statement, logic = own or logic or "and", column_contains_name = column }
end

-- <old>: the stored conditions; <logic>: what joins those that do not say.
function rule_input.conditions(model, list, at, logic, old)
  local items, err = objects(list, at, condition_keys)
  if not items then return nil, err end
  local conditions = json.array()
  for index, item in ipairs(blueprint.ordered(items)) do
    local place = ("%s[%d]"):format(at, index)
    local whole, unknown = completed(item, old, place)
    if not whole then return nil, unknown end
    local condition, failure = condition_of(model, whole, place, logic)
    if not condition then return nil, failure end
    condition.position = index
    conditions[index] = condition
  end
  return conditions
end

function rule_input.actions(call, model, list, at, alias, old)
  local items, err = objects(list, at, actions.keys)
  if not items then return nil, err end
  local made, seen = json.array(), {}
  for index, item in ipairs(blueprint.ordered(items)) do
    local place = ("%s[%d]"):format(at, index)
    local whole, unknown = completed(item, old, place)
    if not whole then return nil, unknown end
    local action, failure = actions.read(call, model, whole, place, alias)
    if not action then return nil, failure end
    local key = action.action_type .. " " .. tostring(action.target_step_id)
    if seen[key] and (action.action_type == "visibility" or action.action_type == "deadline") then
      return wrong(place, ("Item %d acts on the same step as item %d: a rule may do that once."):format(index, seen[key]))
    end
    seen[key], action.position = index, index
    made[index] = action
  end
  return made
end

local read_back = { id = true, created_at = true, last_updated = true, archived_at = true, sentence = true }
local data_keys = { alias = true, automated_alias = true, conditions = true, actions = true, then_actions = true,
  condition_logic = true, id = true, created_at = true, last_updated = true, archived_at = true, sentence = true }

local function alias_of(data, made)
  local alias = given(data.alias) or given(data.automated_alias)
  if alias ~= nil then
    alias = type(alias) == "string" and pick.trimmed(alias) or ""
    if alias == "" or (utf8.len(alias) or #alias) > 300 then
      return wrong("automation_data.alias", "A rule's name has 1 to 300 characters.")
    end
    return alias
  end
  local verbs = {}
  for index, action in ipairs(made or {}) do verbs[index] = action.action_verb end
  return #verbs > 0 and ("Auto: " .. table.concat(verbs, ", ")):sub(1, 300) or "Automation rule"
end

local read_only = { created_at = true, last_updated = true, archived_at = true }

-- A stored part as it is sent back.
local function kept(parts)
  local list = json.array()
  for index, part in ipairs(parts) do
    local copy = {}
    for key, value in pairs(part) do
      if not read_only[key] then copy[key] = value end
    end
    copy.position = index
    list[index] = copy
  end
  return list
end

local function key_errors(data, rule)
  if type(data) ~= "table" or json.is_array(data) then
    return { code = "invalid_value", field = "automation_data", message = "It must be an object." }
  end
  local err = unknown_key(data, data_keys, "automation_data")
  if err then return err end
  if given(data.actions) and given(data.then_actions) then
    return { code = "invalid_value", field = "automation_data.actions", message = "actions and then_actions are the same.",
      hint = "Give one of them." }
  end
  if rule then
    for key in pairs(data_keys) do
      if not read_back[key] and given(data[key]) ~= nil then return nil end
    end
    return { code = "missing_value", field = "automation_data", message = "Nothing to change was given.",
      hint = "Give at least one of: alias, conditions, actions, condition_logic." }
  end
  for _, key in ipairs { "conditions", "actions" } do
    if given(data[key]) == nil and not (key == "actions" and given(data.then_actions)) then
      return { code = "missing_value", field = "automation_data." .. key, message = "A new rule needs " .. key .. ".",
        hint = "conditions say when, actions what happens then." }
    end
  end
end

-- The whole body of a rule; <rule> is the stored one that it changes: what <data> leaves out stays. nil and the error.
function rule_input.body(call, model, data, rule)
  local err = key_errors(data, rule)
  if err then return nil, err end
  local logic, failure = logic_of(data.condition_logic, "automation_data.condition_logic")
  if failure then return nil, failure end
  local body, list = {}, given(data.actions) or given(data.then_actions)
  if given(data.conditions) then
    body.conditions, err = rule_input.conditions(model, data.conditions, "automation_data.conditions", logic,
      rule and rule.conditions)
    if not body.conditions then return nil, err end
  else
    body.conditions = kept(rule.conditions)
    for _, condition in ipairs(body.conditions) do condition.logic = logic or condition.logic end
  end
  local name = given(data.alias) or given(data.automated_alias) or (rule and rule.alias)
  if type(name) == "string" then name = pick.trimmed(name) end
  if list then
    body.then_actions, err = rule_input.actions(call, model, list, "automation_data.actions", name, rule and rule.actions)
    if not body.then_actions then return nil, err end
  else
    body.then_actions = kept(rule.actions)
  end
  if rule and given(data.alias) == nil and given(data.automated_alias) == nil and rule.alias ~= "" then
    body.automated_alias = rule.alias
  else
    body.automated_alias, err = alias_of(data, body.then_actions)
    if not body.automated_alias then return nil, err end
  end
  return body
end

return rule_input
