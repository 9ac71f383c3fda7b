-- analysis_pairs.lua - rules compared with each other. <facts> by rule id: { rule, alternatives, when (key of the
-- conditions), acts (key of the actions) }. Terms:
--   duplicates       same conditions, same actions
--   same trigger     same conditions, different actions: one rule could do it all
--   same actions     different conditions: one rule with "or" could do it, where all but one have no "and" in them, and
--                    where doing it once more changes nothing (showing, hiding, assigning)
--   covered          the conditions are stricter than another rule's and it does nothing that the other does not
--   opposed          actions on one step that undo each other: show and hide, assign and take off, two deadlines
-- Whether a proposal changes what processes do is in analysis_doubt.lua.
local blueprint, doubt, logic = use "tallyfy.blueprint", use "tallyfy.analysis_doubt", use "tallyfy.analysis_logic"

local pairs_of = {}

local given = blueprint.given

-- Rules in groups of two and more with the same key, in the order of the rules.
function pairs_of.groups(model, key_of)
  local by_key, order, groups = {}, {}, {}
  for _, rule in ipairs(model.rules) do
    local key = key_of(rule)
    if key then
      if not by_key[key] then by_key[key], order[#order + 1] = {}, key end
      table.insert(by_key[key], rule)
    end
  end
  for _, key in ipairs(order) do
    if #by_key[key] > 1 then groups[#groups + 1] = by_key[key] end
  end
  return groups
end

-- The steps on which two rules undo each other: { { step_id =, first = action, second = action } ... }, each once.
function pairs_of.oppositions(first, second)
  local found, seen = {}, {}
  for _, a in ipairs(first.actions) do
    for _, b in ipairs(second.actions) do
      local target = given(a.target_step_id)
      if target and target == given(b.target_step_id) and not seen[target] and doubt.opposed(a, b) then
        seen[target], found[#found + 1] = true, { step_id = target, first = a, second = b }
      end
    end
  end
  return found
end

-- Every two rules that act on one step, in order.
function pairs_of.on_same_step(model)
  local by_step, found, seen = {}, {}, {}
  for _, rule in ipairs(model.rules) do
    for _, action in ipairs(rule.actions) do
      local target = given(action.target_step_id)
      local others = target and (by_step[target] or {}) or {}
      if target then by_step[target] = others end
      for _, other in ipairs(others) do
        local key = other.place .. " " .. rule.place
        if other ~= rule and not seen[key] then seen[key], found[#found + 1] = true, { other, rule } end
      end
      if target and others[#others] ~= rule then others[#others + 1] = rule end
    end
  end
  return found
end

-- "same", "within" (one holds whenever the other does), "never" (not both), "maybe".
function pairs_of.relation(model, a, b)
  if a.when == b.when then return "same" end
  if logic.implies(a.alternatives, b.alternatives) or logic.implies(b.alternatives, a.alternatives) then return "within" end
  return logic.exclusive(model, a.alternatives, b.alternatives) and "never" or "maybe"
end

-- Whether <a> adds nothing to <b>.
function pairs_of.covered(a, b)
  if a.when == b.when or not logic.implies(a.alternatives, b.alternatives) then return false end
  local does = {}
  for _, action in ipairs(b.rule.actions) do does[logic.action_key(action)] = true end
  for _, action in ipairs(a.rule.actions) do
    if not does[logic.action_key(action)] then return false end
  end
  return #a.rule.actions > 0
end

local read_only = { created_at = true, last_updated = true, archived_at = true, position = true }

local function part(raw, keeps_id)
  local copy = {}
  for key, value in pairs(raw) do
    if not read_only[key] and value ~= json.null and (keeps_id or key ~= "id") then copy[key] = value end
  end
  return copy
end

-- One rule in the place of several of one trigger: what update_automation_rule takes for the first of them.
function pairs_of.merged_actions(list)
  local actions, seen = json.array(), {}
  for index, rule in ipairs(list) do
    local own = {}
    for _, action in ipairs(rule.actions) do -- within one rule the order counts, and so do repeats: clear, assign, clear
      local key = logic.action_key(action)
      if not seen[key] or not doubt.is_repeatable(action) then actions[#actions + 1] = part(action, index == 1) end
      own[key] = true
    end
    for key in pairs(own) do seen[key] = true end
  end
  return { actions = actions }
end

local function has_and(rule)
  for index = 2, #rule.conditions do
    if rule.conditions[index].logic ~= "or" then return true end
  end
  return false
end

-- Whether rules with the same actions can become one, and in which order their conditions must stand; or nil.
function pairs_of.joinable(list)
  if not doubt.is_harmless(list[1]) then return nil end
  local first, rest = nil, {}
  for _, rule in ipairs(list) do
    if #rule.conditions == 0 or (has_and(rule) and first) then return nil end
    if has_and(rule) then first = rule else rest[#rest + 1] = rule end
  end
  if first then table.insert(rest, 1, first) end
  return rest
end

function pairs_of.merged_conditions(ordered)
  local conditions, seen = json.array(), {}
  for index, rule in ipairs(ordered) do
    for place, condition in ipairs(rule.conditions) do
      local key = index > 1 and logic.atom(condition).key
      if not key or not seen[key] then
        local copy = part(condition, index == 1)
        if index > 1 and place == 1 then copy.logic = "or" end
        conditions[#conditions + 1] = copy
      end
      if index > 1 or not has_and(rule) then seen[logic.atom(condition).key] = true end
    end
  end
  return { conditions = conditions }
end

return pairs_of
