-- analysis_logic.lua - what the conditions of a rule say together. Tallyfy folds them from left to right, so a rule is an
-- "or" of alternatives, each an "and" of conditions: A or B and C is (A and C) or (B and C). In that form rules are
-- compared: the same, one within the other, never both. Field values are compared as Tallyfy does: without regard to
-- case and outer spaces. What cannot be decided here counts as possible: two rules exclude each other only if it is sure.
local blueprint, pick, words = use "tallyfy.blueprint", use "tallyfy.pick", use "tallyfy.rule_words"

local logic = {}

local given = blueprint.given

local max_alternatives = 24 -- beyond them two rules are not compared pair by pair

local function plain(value)
  return tostring(value):lower():match("^%s*(.-)%s*$")
end

-- The values that a field condition compares with, in a fixed order without repeats.
local function values_of(statement)
  local list = type(statement) == "table" and (pick.list(statement) or { statement.text or statement.id }) or { statement }
  local seen, values = {}, {}
  for _, value in ipairs(list) do
    local text = plain(value)
    if text ~= "" and not seen[text] then seen[text], values[#values + 1] = true, text end
  end
  table.sort(values)
  return values
end

-- One condition, comparable. key is equal for conditions that mean the same.
function logic.atom(condition)
  local kind, operation = given(condition.conditionable_type) or "Step", given(condition.operation) or ""
  local atom = { kind = kind, id = given(condition.conditionable_id) or "", operation = operation, condition = condition }
  if words.is_step_operation[operation] then
    local statement = given(condition.statement)
    atom.clause = words.is_clause[statement] and statement or nil
    atom.key = ("%s %s %s %s"):format(kind, atom.id, operation, atom.clause or "never")
    return atom
  end
  atom.column = given(condition.column_contains_name) or ""
  atom.values = (operation == "is_empty" or operation == "is_not_empty") and {} or values_of(given(condition.statement))
  if operation == "equals_any" and #atom.values == 1 then operation = "equals" end
  if operation == "equals" and #atom.values > 1 then operation = "equals_any" end
  atom.key = ("%s %s %s %s %s"):format(kind, atom.id, operation, json.encode(json.array(atom.values)), atom.column)
  return atom
end

local function with(alternative, atom)
  local more = { list = table.move(alternative.list, 1, #alternative.list, 1, {}), has = {} }
  for key in pairs(alternative.has) do more.has[key] = true end
  if not more.has[atom.key] then more.list[#more.list + 1], more.has[atom.key] = atom, true end
  return more
end

local function within(small, large)
  for key in pairs(small.has) do
    if not large.has[key] then return false end
  end
  return true
end

-- Without alternatives that another one already covers.
local function shortest(alternatives)
  local kept = {}
  for index, one in ipairs(alternatives) do
    local covered = false
    for other_index, other in ipairs(alternatives) do
      local is_same = other_index ~= index and within(other, one)
      covered = covered or is_same and (other_index < index or not within(one, other))
    end
    if not covered then kept[#kept + 1] = one end
  end
  return kept
end

-- The alternatives of a rule: { { list = atoms, has = set of keys } ... }. None where there are no conditions.
function logic.alternatives(rule)
  local result = {}
  for index, condition in ipairs(rule.conditions) do
    local atom = logic.atom(condition)
    if index == 1 or condition.logic == "or" then
      result[#result + 1] = with({ list = {}, has = {} }, atom)
    else
      for place, alternative in ipairs(result) do result[place] = with(alternative, atom) end
    end
  end
  return #result <= 200 and shortest(result) or result
end

local function sorted_keys(set)
  local keys = {}
  for key in pairs(set) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

-- Equal for rules whose conditions mean the same.
function logic.conditions_key(alternatives)
  local parts = {}
  for index, alternative in ipairs(alternatives) do parts[index] = table.concat(sorted_keys(alternative.has), " & ") end
  table.sort(parts)
  return table.concat(parts, " | ")
end

local function sorted_texts(list)
  local texts = json.array()
  for index, value in ipairs(pick.list(list) or {}) do texts[index] = tostring(value) end
  table.sort(texts)
  return json.encode(texts)
end

-- Equal for actions that do the same.
function logic.action_key(action)
  local assignees, deadline = given(action.assignees) or {}, given(action.deadline) or {}
  local unit = tostring(given(deadline.unit)):gsub("s$", "")
  return table.concat({ tostring(given(action.action_type)), tostring(given(action.action_verb)),
    tostring(given(action.target_step_id)), tostring(given(action.actionable_id)), sorted_texts(assignees.users),
    sorted_texts(assignees.guests), sorted_texts(assignees.groups), tostring(given(deadline.value)), unit,
    tostring(given(deadline.option)), tostring(given(action.webhook_url)) }, " ")
end

-- Equal for rules that do the same. The order counts only among actions on one step: "clear, then assign".
function logic.actions_key(rule)
  local by_target, order = {}, {}
  for _, action in ipairs(rule.actions) do
    local target = tostring(given(action.target_step_id))
    if not by_target[target] then by_target[target], order[#order + 1] = {}, target end
    local list = by_target[target]
    local key = logic.action_key(action)
    if list[#list] ~= key then list[#list + 1] = key end
  end
  table.sort(order)
  for index, target in ipairs(order) do order[index] = table.concat(by_target[target], " ; ") end
  return table.concat(order, " | ")
end

local finished = { completed = true, approved = true, rejected = true, acknowledged = true, expired = true }
local unlike = { approved = "rejected", rejected = "approved", acknowledged = "expired", expired = "acknowledged" }
local many_valued = { multiselect = true, table = true, file = true, assignees_form = true }

logic.is_finished = finished

local function steps_clash(a, b)
  if unlike[a.operation] == b.operation then return true end
  local both_finished = finished[a.operation] and finished[b.operation]
  if not both_finished then return (finished[a.operation] or finished[b.operation]) == true end
  local late = (a.clause == "late_24" and 1 or 0) + (b.clause == "late_24" and 1 or 0)
  return late == 1 and (a.clause == "on-time" or a.clause == "early_24" or b.clause == "on-time" or b.clause == "early_24")
end

local positive = { equals = true, equals_any = true, contains = true, greater_than = true, less_than = true,
  is_not_empty = true }

-- Whether a value satisfies the other condition, where one value is all there is: true, false, or nil (not known).
local satisfies = {
  equals = function (value, other) return other == value end,
  contains = function (value, other) return value:find(other, 1, true) ~= nil end,
  greater_than = function (value, other)
    local x, y = tonumber(value), tonumber(other)
    return x ~= nil and y ~= nil and x > y
  end,
  less_than = function (value, other)
    local x, y = tonumber(value), tonumber(other)
    return x ~= nil and y ~= nil and x < y
  end,
}
satisfies.equals_any = satisfies.equals
local opposite = { not_equals = "equals", not_contains = "contains" }

local function any_satisfies(value, test, others)
  for _, other in ipairs(others) do
    if test(value, other) then return true end
  end
  return false
end

-- <a> says which values there may be; none of them may pass <b>.
local function values_clash(a, b, is_single)
  if a.operation ~= "equals" and a.operation ~= "equals_any" then return false end
  local negated = opposite[b.operation]
  local test = satisfies[negated or b.operation]
  if not test or not (negated or is_single) then return false end
  for _, value in ipairs(a.values) do
    local holds = any_satisfies(value, test, b.values)
    if holds ~= (negated ~= nil) then return false end
  end
  return #a.values > 0
end

-- Of several values one is enough: the lowest of what is to be passed, the highest of what is not to be reached.
local function bound(values, is_better)
  local best
  for _, value in ipairs(values) do
    local number = tonumber(value)
    if number and (not best or is_better(number, best)) then best = number end
  end
  return best
end

local function range_clash(a, b)
  if a.operation ~= "greater_than" or b.operation ~= "less_than" then return false end
  local low = bound(a.values, function (x, y) return x < y end)
  local high = bound(b.values, function (x, y) return x > y end)
  return low ~= nil and high ~= nil and high <= low
end

local function fields_clash(a, b, is_single)
  if a.operation == "is_empty" then return positive[b.operation] == true end
  if b.operation == "is_empty" then return positive[a.operation] == true end
  if opposite[a.operation] == b.operation or opposite[b.operation] == a.operation then
    if json.encode(json.array(a.values)) == json.encode(json.array(b.values)) then return true end
  end
  if values_clash(a, b, is_single) or values_clash(b, a, is_single) then return true end
  return is_single and (range_clash(a, b) or range_clash(b, a))
end

-- Whether two conditions can never hold at the same time.
function logic.clash(model, a, b)
  if a.id ~= b.id then return false end
  if words.is_step_operation[a.operation] and words.is_step_operation[b.operation] then return steps_clash(a, b) end
  if not a.values or not b.values or a.column ~= b.column then return false end
  local field = model.field[a.id]
  return field ~= nil and fields_clash(a, b, not many_valued[field.type])
end

local function lists_clash(model, first, second)
  for _, a in ipairs(first) do
    for _, b in ipairs(second) do
      if a ~= b and logic.clash(model, a, b) then return true end
    end
  end
  return false
end

-- Whether an alternative contradicts itself.
function logic.contradicts(model, alternative)
  return lists_clash(model, alternative.list, alternative.list)
end

-- Whether two rules can never be true together.
function logic.exclusive(model, first, second)
  if #first > max_alternatives or #second > max_alternatives then return false end
  for _, a in ipairs(first) do
    for _, b in ipairs(second) do
      if not lists_clash(model, a.list, b.list) then return false end
    end
  end
  return true
end

-- Whether the second holds whenever the first does.
function logic.implies(first, second)
  for _, a in ipairs(first) do
    local covered = false
    for _, b in ipairs(second) do covered = covered or within(b, a) end
    if not covered then return false end
  end
  return #first > 0
end

return logic
