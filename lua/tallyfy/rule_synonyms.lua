-- rule_synonyms.lua - the short words for a rule's parts, which the draft of validate_template_mapping uses, in the place
-- of the API's: so that one way of writing a rule does for the draft, the document and the single rule.
--   condition: on = conditionable_id, type = conditionable_type (step, field, kickoff)
--   action:    target = target_step_id
--   rule:      actions = then_actions, automated_alias = alias
local synonyms = {}

local kinds = { step = "Step", field = "Capture", kickoff = "Prerun" }

-- What only a step can have done to it.
local of_steps = { completed = true, approved = true, rejected = true, reopened = true, acknowledged = true, expired = true,
  not_assigned = true }

-- The API's own word wins where both are given: then the other one stays, and is told as unknown.
local function rename(item, short, long)
  if item[short] == nil or item[long] ~= nil then return end
  item[long], item[short] = item[short], nil
end

-- <item>: a plain table, a condition or an action. Gives it, changed.
function synonyms.part(item)
  rename(item, "on", "conditionable_id")
  rename(item, "target", "target_step_id")
  if item.conditionable_id ~= nil then rename(item, "type", "conditionable_type") end
  local kind = item.conditionable_type
  if type(kind) == "string" then item.conditionable_type = kinds[kind:lower()] or kind end
  if kind == nil and item.conditionable_id ~= nil and of_steps[item.operation] then item.conditionable_type = "Step" end
  return item
end

-- The same for a whole rule of a document.
function synonyms.rule(rule)
  rename(rule, "actions", "then_actions")
  rename(rule, "automated_alias", "alias")
  return rule
end

return synonyms
