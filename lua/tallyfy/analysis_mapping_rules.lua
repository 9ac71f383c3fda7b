-- analysis_mapping_rules.lua - the automations of a drafted template: conditions {on, type, operation, statement, logic} and
-- then_actions {action_type, action_verb, target, ...}. Words must stand as Tallyfy knows them: a draft is to be exact.
-- Rules that pass are also read into the API's form (found.rules), with temp_ids for ids.
local blueprint, pick, words = use "tallyfy.blueprint", use "tallyfy.pick", use "tallyfy.rule_words"
local parts = use "tallyfy.analysis_mapping_parts"

local rules = {}

local given = blueprint.given
local text = parts.text

local kinds = { step = "Step", field = "field", kickoff = "Prerun", kickoff_field = "Prerun", prerun = "Prerun" }

-- The field that <on> means, by alias, else label; of the kick-off form only where <kind> says so.
local function field_of(found, on, kind)
  for _, key in ipairs { "alias", "label" } do
    for _, field in ipairs(found.fields) do
      local fits = kind ~= "Prerun" or field.kind == "Prerun"
      if fits and field[key] and (field[key] == on or key == "label" and field[key]:lower() == on:lower()) then return field end
    end
  end
end

local function one_of(report, at, value, known, list)
  if known[value] then return true end
  report.error(at, ("%q is none. Use one of: %s."):format(tostring(given(value)), table.concat(list, ", ")))
end

local needs_type = { approved = "^approval$", rejected = "^approval$", acknowledged = "^expiring", expired = "^expiring" }

local function check_step_condition(report, item, at, found)
  local step = parts.step_of(found, item.on)
  local operation, statement = given(item.operation), given(item.statement)
  if not step then report.error(at .. ".on", ("%q is no step of the draft."):format(tostring(given(item.on)))) end
  local fine = one_of(report, at .. ".operation", operation, words.is_step_operation, words.step_operations)
  if fine and step and needs_type[operation] and not step.type:find(needs_type[operation]) then
    report.error(at .. ".operation", ("%q is of type %s and is never %s."):format(step.title, step.type, operation))
  end
  if statement ~= nil and statement ~= "" then
    one_of(report, at .. ".statement", statement, words.is_clause, words.clauses)
    if not words.is_clause[statement] then statement = nil end
  end
  if not step then return nil end
  return { conditionable_type = "Step", conditionable_id = step.id, operation = operation, statement = statement or "any_time" }
end

local function values_of(statement)
  if type(statement) == "table" then return pick.list(statement) or {} end
  return statement ~= nil and { statement } or {}
end

local exact = { equals = true, not_equals = true, equals_any = true }

local function check_value(report, field, operation, value, at)
  if type(value) ~= "string" and type(value) ~= "number" then return report.error(at, "it must be a text.") end
  local plain = pick.trimmed(tostring(value))
  if plain == "" then return report.error(at, "it is empty; use is_empty to ask for that.") end
  if operation == "greater_than" or operation == "less_than" then
    return not tonumber(plain) and report.error(at, ("%s compares numbers, and %q is none."):format(operation, plain)) or nil
  end
  if not exact[operation] or not words.choice_types[field.type] then return end
  local options = {}
  for index, option in ipairs(field.options) do
    if option.text:lower() == plain:lower() then return end
    options[index] = option.text
  end
  report.error(at, ("%q is no option of %q. Options: %s."):format(plain, field.label or field.id, table.concat(options, ", ")))
end

local function check_field_condition(report, item, at, found, kind)
  local on, operation = text(item.on), given(item.operation)
  local field = on and field_of(found, on, kind)
  if not on then report.error(at .. ".on", "it must name the field by its alias or label.")
  elseif not field and kind == "Prerun" then report.error(at .. ".on", ("%q is no field of the kick-off form."):format(on))
  elseif not field then report.warn(at .. ".on", ("%q is no field of the draft."):format(on)) end
  if not one_of(report, at .. ".operation", operation, words.is_field_operation, words.field_operations) then return nil end
  local is_bare = operation == "is_empty" or operation == "is_not_empty"
  local values = values_of(given(item.statement))
  if not is_bare and #values == 0 then
    report.error(at .. ".statement", ("%s needs a value to compare with."):format(operation))
  end
  for index, value in ipairs(field and not is_bare and values or {}) do
    check_value(report, field, operation, value, #values > 1 and ("%s.statement[%d]"):format(at, index) or at .. ".statement")
  end
  if not field then return nil end
  return { conditionable_type = field.kind, conditionable_id = field.raw.id, operation = operation,
    statement = not is_bare and item.statement or json.null }
end

local function check_condition(report, entry, found)
  local item, at = entry.item, entry.at
  local kind = kinds[given(item.type)]
  local logic = given(item.logic)
  if logic ~= nil and logic ~= "and" and logic ~= "or" then report.error(at .. ".logic", "use and, or.") end
  if not kind then
    report.error(at .. ".type", ("%q is no type of condition. Use step, field or kickoff."):format(tostring(given(item.type))))
    return nil
  end
  local condition
  if kind == "Step" then condition = check_step_condition(report, item, at, found)
  else condition = check_field_condition(report, item, at, found, kind) end
  if condition then condition.logic, condition.position = logic or "and", entry.index end
  return condition
end

local function check_deadline(report, deadline, at)
  deadline = given(deadline)
  if type(deadline) ~= "table" then return report.error(at, "a deadline action needs value, unit and option.") end
  if math.type(given(deadline.value)) ~= "integer" or deadline.value < 0 then
    report.error(at .. ".value", "it must be a whole number, 0 or more.")
  end
  one_of(report, at .. ".unit", deadline.unit, words.is_unit, words.units)
  if deadline.option ~= "before" and deadline.option ~= "from" then
    report.error(at .. ".option", deadline.option == "prior_to" and "prior_to is a word of steps; a rule says before."
      or "use before or from.")
  end
end

local shorthands = { "subject", "user_id", "user_ids", "email", "guest_email" }

local function names_somebody(report, item, at)
  if given(item.assignees) ~= nil then return parts.people(report, item.assignees, at .. ".assignees") > 0 end
  for _, key in ipairs(shorthands) do
    local value = given(item[key])
    if value ~= nil and value ~= "" and value ~= false and value ~= true then return true end
  end
  return false
end

-- Who is named, in Tallyfy's form; the analysis only asks whether and whom.
local function people_in(item)
  local assignees, result = given(item.assignees), { users = json.array() }
  if type(assignees) ~= "table" then
    for _, key in ipairs(shorthands) do table.insert(result.users, given(item[key])) end
    return result
  end
  for _, key in ipairs { "users", "assignees", "guests", "groups" } do
    local bucket = key == "assignees" and "users" or key
    result[bucket] = result[bucket] or json.array()
    for _, who in ipairs(values_of(given(assignees[key]))) do table.insert(result[bucket], who) end
  end
  return result
end

local check_kind = {}

function check_kind.deadline(report, item, at) check_deadline(report, item.deadline, at .. ".deadline") end

function check_kind.webhook(report, item, at)
  local url = text(item.webhook_url)
  if not url or not url:match("^https?://[%w%[]") then
    report.error(at .. ".webhook_url", "a webhook needs an http or https address.")
  elseif not text(item.alias_name) then
    report.error(at .. ".alias_name", "a webhook needs a name.")
  end
end

function check_kind.assignment(report, item, at)
  if given(item.action_verb) == "clear_assignees" then return end
  if not names_somebody(report, item, at) and given(item.actionable_id) == nil then
    report.error(at .. ".assignees", "it assigns nobody: give users, guests or groups, or actionable_id.")
  end
end

local function kind_of(report, item, at)
  local kind, verb = given(item.action_type), given(item.action_verb)
  if kind == "complete" or kind == "complete_step" then
    return report.error(at .. ".action_type", "a rule cannot complete a step.")
  end
  if not words.is_type[kind] then
    one_of(report, at .. ".action_type", kind, words.is_type, words.types)
    if verb ~= nil and not words.type_of_verb[verb] then
      report.error(at .. ".action_verb", ("%q is no verb."):format(tostring(verb)))
    end
    return
  end
  if verb == nil and #words.verbs[kind] == 1 then verb = words.verbs[kind][1] end
  local owner = words.type_of_verb[verb]
  if owner == kind then return kind, verb end
  report.error(at .. ".action_verb", owner and ("%s belongs to %s, not to %s."):format(verb, owner, kind)
    or ("%s does one of: %s."):format(kind, table.concat(words.verbs[kind], ", ")))
end

local function check_action(report, entry, found)
  local item, at = entry.item, entry.at
  local kind, verb = kind_of(report, item, at)
  local target, step = given(item.target), parts.step_of(found, item.target)
  if target ~= nil and not step then
    report.error(at .. ".target", ("%q is no step of the draft."):format(tostring(target)))
  elseif target == nil and kind ~= "webhook" then
    report.error(at .. ".target", "the step it acts on is missing.")
  end
  if not kind then return nil end
  if check_kind[kind] then check_kind[kind](report, item, at) end
  return { action_type = kind, action_verb = verb, target_step_id = step and step.id, position = entry.index,
    deadline = item.deadline, assignees = people_in(item), webhook_url = item.webhook_url, alias_name = item.alias_name,
    actionable_id = item.actionable_id }
end

local function read_list(report, entry, key, found, check)
  local entries, count = parts.objects(report, entry.item, key, entry.at)
  if count == 0 then
    report.error(("%s.%s"):format(entry.at, key), key == "conditions" and "a rule without conditions never fires."
      or "a rule without actions does nothing.")
  end
  local list = json.array()
  for _, one in ipairs(entries) do list[#list + 1] = check(report, one, found) end
  return list
end

local function check_alias(report, entry, aliases)
  local alias, at = text(entry.item.automated_alias), entry.at .. ".automated_alias"
  if not alias then
    report.warn(at, "the rule has no name.")
    return entry.at
  end
  if (utf8.len(alias) or #alias) > 300 then report.error(at, "it has more than 300 characters.") end
  if aliases[alias] then report.warn(at, ("%q is the name of %s too."):format(alias, aliases[alias])) end
  aliases[alias] = entry.at
  return alias
end

function rules.check(report, draft, found)
  local aliases, entries = {}
  entries, found.counts.automations = parts.objects(report, draft, "automations")
  for index, entry in ipairs(entries) do
    found.rules[index] = { id = entry.at, automated_alias = check_alias(report, entry, aliases),
      conditions = read_list(report, entry, "conditions", found, check_condition),
      then_actions = read_list(report, entry, "then_actions", found, check_action) }
  end
end

return rules
