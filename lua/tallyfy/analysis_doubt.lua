-- analysis_doubt.lua - whether rules can be put together or taken away without changing what processes do. Conditions that
-- mean the same are not enough, because rules are events: Tallyfy looks at a rule only when something in its conditions
-- happens, in the order of the list, and does not undo. So a proposal is beyond doubt when
--   the rules are looked at in the same moments (for a covered rule: the other whenever it is),
--   no other rule between them acts on the steps that they are about, or asks for those they act on,
--   and what they do does not decide about their own conditions.
-- Where this fails, actions that may be repeated (showing, hiding, assigning people by name) still come to the same unless
-- something is undone in between, by a rule or by reopening: that is told in a note. Other actions are left alone.
local blueprint, logic, pick = use "tallyfy.blueprint", use "tallyfy.analysis_logic", use "tallyfy.pick"

local doubt = {}

local given = blueprint.given

local function people_of(action)
  local set, count, assignees = {}, 0, given(action.assignees) or {}
  for _, bucket in ipairs { "users", "guests", "groups" } do
    for _, who in ipairs(pick.list(assignees[bucket]) or {}) do set[bucket .. tostring(who)], count = true, count + 1 end
  end
  if given(action.actionable_id) ~= nil then set["picker " .. tostring(action.actionable_id)] = true end
  return set, count
end

local function overlap(a, b)
  local first, second = people_of(a), people_of(b)
  for who in pairs(first) do
    if second[who] then return true end
  end
  return false
end

local puts_on = { assign = true, assign_only = true }

local function undoes(a, b)
  local x, y = a.action_verb, b.action_verb
  if (x == "show" and y == "hide") or (puts_on[x] and y == "clear_assignees") then return true end
  if puts_on[x] and y == "unassign" then return overlap(a, b) end
  if x == y and (x == "deadline" or x == "assign_only") then return logic.action_key(a) ~= logic.action_key(b) end
  return x == "assign_only" and y == "assign" and not overlap(a, b)
end

-- Whether two actions on one step undo each other.
function doubt.opposed(a, b)
  return undoes(a, b) or undoes(b, a)
end

local harmless = { visibility = true, assignment = true }

-- Done twice is done once: not so a webhook, a deadline that counts from itself, and people from a picker, who change.
function doubt.is_repeatable(action)
  if action.action_type == "webhook" then return false end
  if action.action_type == "deadline" then return given(action.actionable_id) ~= nil end
  return given(action.actionable_id) == nil
end

-- A rule as a whole: what leaves completed tasks alone does more once a "reopen" behind it has opened them.
function doubt.is_repeatable_rule(rule)
  local verbs = {}
  for _, action in ipairs(rule.actions) do
    local target, is_reopening = given(action.target_step_id) or "", action.action_verb == "reopen"
    if not doubt.is_repeatable(action) then return false end
    if verbs[target] and (verbs[target] == "reopen") ~= is_reopening then return false end
    verbs[target] = action.action_verb
  end
  return true
end

function doubt.is_harmless(rule)
  for _, action in ipairs(rule.actions) do
    if not harmless[action.action_type] or not doubt.is_repeatable(action) then return false end
  end
  return true
end

-- The moments in which Tallyfy looks at a rule.
local function moments(model, rule)
  local set = {}
  for _, condition in ipairs(rule.conditions) do
    local id, operation = given(condition.conditionable_id), condition.operation
    local step = blueprint.step_behind(model, id)
    if not step then
      set.kickoff, set.launch = true, true
    else
      set["completed " .. step.id] = true
      if model.field[id] then set["value " .. id] = true end
      if operation == "reopened" then set["reopened " .. id] = true end
      if operation == "not_assigned" then set["owners " .. id], set.launch = true, true end
    end
  end
  return set
end

local function within(small, large)
  for key in pairs(small) do
    if not large[key] then return false end
  end
  return true
end

local function targets(rule)
  local set = {}
  for _, action in ipairs(rule.actions) do set[given(action.target_step_id) or ""] = true end
  return set
end

local function asks(model, rule)
  local set = {}
  for _, condition in ipairs(rule.conditions) do
    local step = blueprint.step_behind(model, given(condition.conditionable_id))
    if step then set[step.id] = true end
  end
  return set
end

local function meet(a, b)
  for key in pairs(a) do
    if b[key] then return true end
  end
  return false
end

local function rules_opposed(first, second)
  for _, a in ipairs(first.actions) do
    for _, b in ipairs(second.actions) do
      local target = given(a.target_step_id)
      if target and target == given(b.target_step_id) and doubt.opposed(a, b) then return true end
    end
  end
  return false
end

-- The first rule outside of <group> that stands between its first and last and meddles with it.
local function between(model, group)
  local inside, from, to = {}, math.huge, 0
  for _, rule in ipairs(group) do
    inside[rule], from, to = true, math.min(from, rule.place), math.max(to, rule.place)
  end
  for place = from + 1, to - 1 do
    local other = model.rules[place]
    for _, rule in ipairs(inside[other] and {} or group) do
      if meet(targets(other), asks(model, rule)) or meet(asks(model, other), targets(rule)) or rules_opposed(other, rule) then
        return other
      end
    end
  end
end

-- Whether a rule of the template outside of <group> undoes what it does.
local function undone(model, group)
  local inside = {}
  for _, rule in ipairs(group) do inside[rule] = true end
  for _, other in ipairs(model.rules) do
    for _, rule in ipairs(inside[other] and {} or group) do
      if rules_opposed(other, rule) then return true end
    end
  end
  return false
end

local function decides_itself(model, group)
  for _, rule in ipairs(group) do
    for _, other in ipairs(group) do
      if meet(targets(rule), asks(model, other)) then return true end
    end
  end
  return false
end

local notes = {
  twice = "As it is, all of it happens once for each of them.",
  order = "Another rule between them has to do with the same steps, so their order counts: look at what comes out.",
  itself = "What they do decides about their own conditions, so their order counts: look at what comes out.",
  moments = "Tallyfy looks at a rule when something in its conditions happens, and these differ in that: where a step is "
    .. "reopened, or changed by hand, one rule may act at another moment than these.",
}

-- What is doubtful about one rule in the place of <group>: nil (nothing), a note, and whether it should not be proposed
-- at all. <plan>: kept = the rule that stays as it is, whose moments must have those of the others (nil: all must have the
-- same); acts = false where the rules do the same and one of them is enough.
function doubt.of(model, group, plan)
  local same = true
  local first = moments(model, plan.kept or group[1])
  for _, rule in ipairs(group) do
    local own = moments(model, rule)
    same = same and within(own, first) and (plan.kept ~= nil or within(first, own))
  end
  local note
  if between(model, group) then note = notes.order
  elseif plan.acts ~= false and decides_itself(model, group) then note = notes.itself
  elseif not same then note = notes.moments end
  if not note then
    local is_twice = (plan.acts == false or plan.kept) and not doubt.is_repeatable_rule(group[1])
    return is_twice and notes.twice or nil, false
  end
  local is_harmless = true
  for _, rule in ipairs(group) do is_harmless = is_harmless and doubt.is_harmless(rule) end
  return note, not is_harmless or undone(model, group)
end

return doubt
