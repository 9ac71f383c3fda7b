-- analysis_rule.lua - what is wrong with one rule, read alone. Each problem: { kind, message, fix, where, missing (an id
-- that names nothing), dead (the condition can never hold) }. Kinds:
--   dangling     a condition, target or base names a step or field that is not there, or is of another kind
--   dead         a condition that can never hold: no time clause, no such option, an operation the step never reaches
--   empty        no conditions (such a rule never fires) or no actions
--   incomplete   an action without its step, people, whole deadline or address
--   person       an action gives work to a member or group that is not there; only where the model knows who is
--   no_effect    an action that can change nothing: Tallyfy leaves completed tasks alone, and never reopens the task
--                whose completion it is just handling
local blueprint, logic, pick = use "tallyfy.blueprint", use "tallyfy.analysis_logic", use "tallyfy.pick"
local rule_people, rules, words = use "tallyfy.rule_people", use "tallyfy.rules", use "tallyfy.rule_words"

local analysis = {}

local given = blueprint.given

local function problem(kind, where, message, fix, more)
  local result = { kind = kind, where = where, message = message, fix = fix }
  for key, value in pairs(more or {}) do result[key] = value end
  return result
end

local function missing(where, id, noun)
  return problem("dangling", where, ("%s names a %s that is not there (%s)."):format(where, noun, tostring(id)),
    "Point it to one that exists, or remove it.", { missing = tostring(id), dead = true })
end

-- What the condition is about: the step or field, or nil and the problem.
local function subject_of(model, condition, where)
  local id, kind = given(condition.conditionable_id), given(condition.conditionable_type) or "Step"
  local step, field = model.step[id], model.field[id]
  local noun = words.kind_noun[kind]
  if not noun then
    return nil, problem("dead", where, ("%s is of an unknown kind, %q."):format(where, tostring(kind)),
      "Use Step, Capture or Prerun.", { dead = true })
  end
  if not step and not field then return nil, missing(where, id, noun) end
  local stands = step and "Step" or field.kind
  if stands == kind then return step or field, nil, kind end
  return nil, problem("dangling", where, ("%s says %s, but %s is a %s."):format(where, noun, rules.name(model, id),
    words.kind_noun[stands]), ("Set conditionable_type to %s."):format(stands), { missing = id, dead = true })
end

local function step_problem(step, condition, where)
  local operation, clause = given(condition.operation), given(condition.statement)
  local function dead(message, fix) return problem("dead", where, where .. " " .. message, fix, { dead = true }) end
  if not words.is_step_operation[operation] then
    return dead(("asks whether %q %s: steps have no such operation."):format(step.title, tostring(operation)),
      "Operations: " .. table.concat(words.step_operations, ", ") .. ".")
  end
  if not words.is_clause[clause] then
    return dead("has no valid time clause in its statement, so it never holds.", "Set the statement to any_time.")
  end
  if (operation == "approved" or operation == "rejected") and step.type ~= "approval" then
    return dead(("waits for %q to be %s, but that is no approval step."):format(step.title, operation),
      "Use completed, or make it an approval step.")
  end
  if (operation == "acknowledged" or operation == "expired") and not step.type:find("^expiring") then
    return dead(("waits for %q to be %s, but that is no expiring step."):format(step.title, operation), "Use completed.")
  end
end

local function option_known(field, value)
  for _, option in ipairs(field.options) do
    local text = given(option.text) or given(option.label) or ""
    if tostring(text):lower():match("^%s*(.-)%s*$") == value then return true end
  end
  return false
end

local exact = { equals = true, equals_any = true }

local function field_problem(field, condition, where)
  local operation = given(condition.operation)
  local function dead(message, fix) return problem("dead", where, where .. " " .. message, fix, { dead = true }) end
  if not words.is_field_operation[operation] then
    return dead(("asks whether %q %s: fields have no such operation."):format(field.label, tostring(operation)),
      "Operations: " .. table.concat(words.field_operations, ", ") .. ".")
  end
  if operation == "is_empty" or operation == "is_not_empty" then return nil end
  local values = logic.atom(condition).values
  if #values == 0 then
    if operation:find("^not_") then return nil end -- true of everything: odd, but it holds
    return dead(("compares %q with nothing."):format(field.label), "Give the value in its statement.")
  end
  local known, numeric = 0, 0
  for _, value in ipairs(values) do
    known = known + (option_known(field, value) and 1 or 0)
    numeric = numeric + (tonumber(value) and 1 or 0)
  end
  local is_choice = words.choice_types[field.type] and #field.options > 0
  if exact[operation] and is_choice and known == 0 then
    return dead(("compares %q with %q, which is none of its options."):format(field.label, table.concat(values, ", ")),
      "Use one of its options (get_dropdown_options, get_kickoff_dropdown_options).")
  end
  if (operation == "greater_than" or operation == "less_than") and numeric == 0 then
    return dead(("compares numbers, and %q is none."):format(values[1]), "Give a number in its statement.")
  end
end

local function condition_problem(model, condition, where)
  local subject, wrong, kind = subject_of(model, condition, where)
  if not subject then return wrong end
  return (kind == "Step" and step_problem or field_problem)(subject, condition, where)
end

local function nobody(action)
  local assignees = given(action.assignees) or {}
  for _, bucket in ipairs { "users", "guests", "groups" } do
    if #(pick.list(assignees[bucket]) or {}) > 0 then return false end
  end
  return given(action.actionable_id) == nil
end

-- What an action lacks besides its step.
local needs = {}

function needs.deadline(action, where)
  local deadline = given(action.deadline) or {}
  local whole = math.tointeger(given(deadline.value)) and words.unit(deadline.unit)
    and (deadline.option == "before" or deadline.option == "from")
  if not whole then
    return problem("incomplete", where, where .. " sets a deadline that is not whole.",
      "Give value, unit and option (before, from).")
  end
end

function needs.assignment(action, where)
  if action.action_verb ~= "clear_assignees" and nobody(action) then
    return problem("incomplete", where, where .. " assigns nobody.", "Name users, guests or groups, or an assignee picker.")
  end
end

function needs.webhook(action, where)
  if given(action.webhook_url) == nil then
    return problem("incomplete", where, where .. " has no webhook_url.", "Give the address.")
  end
end

local function person_problem(model, action, where)
  local gone = rule_people.missing(model, action)
  if #gone == 0 then return nil end
  return problem("person", where, ("%s gives work to %s, who cannot take it: gone, disabled or unknown."):format(where,
    table.concat(gone, ", ")), "Name somebody who is there.")
end

local function action_problems(model, action, where, found)
  found[#found + 1] = person_problem(model, action, where)
  local kind, verb, target = given(action.action_type), given(action.action_verb), given(action.target_step_id)
  if words.type_of_verb[verb] ~= kind or kind == nil then
    found[#found + 1] = problem("incomplete", where, ("%s: %s cannot be done by type %s."):format(where, tostring(verb),
      tostring(kind)), "Choose a verb of its type.")
  elseif needs[kind] then
    found[#found + 1] = needs[kind](action, where)
  end
  if target == nil and kind ~= "webhook" then
    found[#found + 1] = problem("incomplete", where, where .. " has no step to act on.", "Give target_step_id.")
  elseif target ~= nil and not model.step[target] then
    found[#found + 1] = missing(where .. "'s target", target, "step")
  end
  local base = given(action.actionable_id)
  if base ~= nil and not model.step[base] and not model.field[base] then
    found[#found + 1] = missing(where .. "'s base", base, "step or field")
  end
end

-- Whether each alternative wants the step finished (or: left open).
local function always(alternatives, step_id, wanted)
  for _, alternative in ipairs(alternatives) do
    local found = false
    for _, atom in ipairs(alternative.list) do found = found or (atom.id == step_id and wanted(atom.operation)) end
    if not found then return false end
  end
  return #alternatives > 0
end

local function is_finished(operation) return logic.is_finished[operation] == true end
local function is_open(operation) return operation == "not_assigned" or operation == "reopened" end

-- Every condition is about that step's completion: then it is the task just handled when the rule fires.
local function only_about(alternatives, step_id)
  for _, alternative in ipairs(alternatives) do
    for _, atom in ipairs(alternative.list) do
      if atom.id ~= step_id or not is_finished(atom.operation) then return false end
    end
  end
  return #alternatives > 0
end

local on_open_tasks = { hide = true, assign = true, assign_only = true, unassign = true, clear_assignees = true,
  deadline = true }

-- Whether an action of the rule before that one puts somebody on its step.
local function is_filled_before(rule, index)
  for place = 1, index - 1 do
    local other = rule.actions[place]
    local puts_on = other.action_verb == "assign" or other.action_verb == "assign_only"
    if puts_on and given(other.target_step_id) == given(rule.actions[index].target_step_id) then return true end
  end
  return false
end

local function is_empty(operation) return operation == "not_assigned" end

local function effect_problem(model, alternatives, rule, index)
  local action, where = rule.actions[index], ("Action %d"):format(index)
  local verb, target = given(action.action_verb), given(action.target_step_id)
  local step = model.step[target]
  if not step then return nil end
  local function none(why, fix)
    return problem("no_effect", where, ("%s does nothing: %s"):format(where, why:format(step.title)), fix)
  end
  if on_open_tasks[verb] and always(alternatives, target, is_finished) then
    return none("the rule fires when %q is completed, and completed tasks are left alone.", "Act on another step.")
  end
  if (verb == "unassign" or verb == "clear_assignees") and always(alternatives, target, is_empty)
    and not is_filled_before(rule, index) then
    return none("%q has nobody when the rule fires.", "Act on another step.")
  end
  if verb == "reopen" and always(alternatives, target, is_open) then
    return none("%q is open when the rule fires.", "Act on another step.")
  end
  if verb == "reopen" and only_about(alternatives, target) then
    return none("%q is the very task that was just completed, which is never reopened.",
      "Reopen the step whose work is to be done again; people complete this one anew afterwards.")
  end
end

-- The problems of a rule, in the order of its parts; the second result are the alternatives of its conditions.
function analysis.problems(model, rule)
  local found, alternatives = {}, logic.alternatives(rule)
  if #rule.conditions == 0 then
    found[1] = problem("empty", "The rule", "The rule has no conditions, so it never fires.", "Say when it shall fire.")
  end
  for index, condition in ipairs(rule.conditions) do
    found[#found + 1] = condition_problem(model, condition, ("Condition %d"):format(index))
  end
  if #rule.actions == 0 then
    found[#found + 1] = problem("empty", "The rule", "The rule has no actions, so it does nothing.", "Say what it shall do.")
  end
  for index, action in ipairs(rule.actions) do
    local where = ("Action %d"):format(index)
    action_problems(model, action, where, found)
    found[#found + 1] = effect_problem(model, alternatives, rule, index)
  end
  return found, alternatives
end

-- Whether a condition could ever hold, going by the template alone.
function analysis.can_hold(model, condition)
  local wrong = condition_problem(model, condition, "")
  return not (wrong and wrong.dead)
end

return analysis
