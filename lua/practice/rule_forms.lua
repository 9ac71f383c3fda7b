-- Reads an automation rule out of a body and checks it against its template (api.md 16).
local json = require "json"
local lists = require "practice.lists"

local rule_forms = {}

local step_operations = { "completed", "reopened", "approved", "rejected", "acknowledged", "expired",
  "not_assigned" }
local field_operations = { "equals", "not_equals", "equals_any", "contains", "not_contains", "greater_than",
  "less_than", "is_empty", "is_not_empty" }
local verbs = {
  visibility = { "show", "hide" }, deadline = { "deadline" }, status = { "reopen" },
  assignment = { "assign", "assign_only", "unassign", "clear_assignees" }, webhook = { "emit_webhook" },
}
local action_types = { "visibility", "deadline", "status", "assignment", "webhook" }
local units = { "minutes", "hours", "days", "weeks", "months", "minute", "hour", "day", "week", "month" }
local max_parts = 200 -- conditions or actions of one rule

-- What an id means in a template: "Step", "Capture", "Prerun" or nil.
local function kind_of(checklist, id)
  for _, field in ipairs(checklist.prerun) do
    if field.id == id then return "Prerun" end
  end
  for _, step in ipairs(checklist.steps) do
    if step.id == id then return "Step" end
    for _, field in ipairs(step.captures) do
      if field.id == id then return "Capture" end
    end
  end
  return nil
end

-- The statement's key must be there, even when it is null. A step condition takes any text: one that is no time
-- clause is stored, and never fires.
local function statement_of(body)
  local value = body.body.statement
  if value == nil then
    body:fail("statement", "The statement field must be present.")
  elseif lists.is_object(value) and next(value) ~= nil then
    body:fail("statement", "The statement must be a text, an array or null.")
  end
  return lists.copy(lists.given(value))
end

local function condition_of(body, checklist, place)
  local kind = body:required("conditionable_type")
    and body:choice("conditionable_type", { "Step", "Capture", "Prerun" })
  local id = body:required("conditionable_id") and body:text("conditionable_id")
  if kind and id and kind_of(checklist, id) ~= kind then
    body:fail("conditionable_id", "The selected conditionable_id is invalid.")
  end
  local operations = kind == "Step" and step_operations or field_operations
  return {
    id = lists.given(body.body.id), conditionable_id = id, conditionable_type = kind,
    operation = body:required("operation") and body:choice("operation", operations),
    statement = statement_of(body), logic = body:choice("logic", { "and", "or" }) or "and",
    position = body:integer("position") or place, column_contains_name = body:text("column_contains_name"),
  }
end

local function deadline_of(body)
  local given = body:object("deadline")
  if not given or next(given) == nil then return nil end
  local inner = body:within("deadline", given)
  return {
    value = inner:required("value") and inner:integer("value"),
    unit = inner:required("unit") and inner:choice("unit", units),
    option = inner:required("option") and inner:choice("option", { "before", "from" }),
  }
end

local function assignees_of(body)
  local given = body:object("assignees")
  if not given then return nil end
  local inner, out = body:within("assignees", given), {}
  for _, bucket in ipairs { "users", "guests", "groups" } do out[bucket] = inner:list(bucket) or json.array({}) end
  return lists.copy(out)
end

local function names_nobody(assignees)
  return not assignees or (#assignees.users == 0 and #assignees.guests == 0 and #assignees.groups == 0)
end

-- What each type of action needs besides a step.
local needs = {}

function needs.deadline(body, action)
  if not action.deadline then body:fail("deadline", "The deadline field is required.") end
end

function needs.assignment(body, action)
  if action.action_verb ~= "clear_assignees" and names_nobody(action.assignees) and not action.actionable_id then
    body:fail("assignees", "The assignees field is required when actionable_id is not present.")
  end
end

function needs.webhook(body)
  for _, key in ipairs { "webhook_url", "alias_name" } do body:required(key) end
end

local function action_of(body, checklist, place)
  local kind = body:required("action_type") and body:choice("action_type", action_types)
  local action = {
    id = lists.given(body.body.id), action_type = kind,
    action_verb = body:required("action_verb") and body:choice("action_verb", verbs[kind] or {}),
    position = body:integer("position") or place, actionable_id = body:text("actionable_id"),
    actionable_type = body:choice("actionable_type", { "Step", "Capture", "Prerun" }),
    target_step_id = kind ~= "webhook" and body:required("target_step_id") and body:text("target_step_id")
      or body:text("target_step_id"),
    deadline = deadline_of(body), assignees = assignees_of(body), webhook_url = body:url("webhook_url"),
    alias_name = body:text("alias_name", 300),
  }
  if action.target_step_id and kind_of(checklist, action.target_step_id) ~= "Step" then
    body:fail("target_step_id", "The selected target_step_id is invalid.")
  end
  if action.actionable_id and not kind_of(checklist, action.actionable_id) then
    body:fail("actionable_id", "The selected actionable_id is invalid.")
  end
  if needs[kind] then needs[kind](body, action) end
  return action
end

-- A visibility or deadline action may name a step only once inside one rule (default chosen).
local function refuse_doubles(body, actions)
  local seen = {}
  for _, action in ipairs(actions) do
    local key = (action.action_type or "") .. " " .. (action.target_step_id or "")
    local counts = action.action_type == "visibility" or action.action_type == "deadline"
    if counts and seen[key] then
      body:fail("then_actions", "A rule can name a step only once with an action of this type.")
    end
    seen[key] = true
  end
end

-- The parts of one list in the order of their positions.
local function parts_of(body, key, checklist, read)
  local parts = json.array({})
  local given = body:list(key) or {}
  if #given > max_parts then
    body:fail(key, ("The %s may not have more than %d items."):format(key, max_parts))
    return parts
  end
  for i, entry in ipairs(given) do
    local inner = body:within(("%s.%d"):format(key, i - 1), lists.is_object(entry) and entry or {})
    parts[i] = read(inner, checklist, i)
    parts[i].place = i
  end
  table.sort(parts, function (a, b)
    local x, y = a.position or a.place, b.position or b.place
    if x ~= y then return x < y end
    return a.place < b.place
  end)
  for _, part in ipairs(parts) do part.place = nil end
  return parts
end

-- The rule that a body defines. Its parts carry the id that was sent, or none.
function rule_forms.read(body, checklist)
  local rule = {
    automated_alias = body:required("automated_alias") and body:text("automated_alias", 300),
    conditions = parts_of(body, "conditions", checklist, condition_of),
    then_actions = parts_of(body, "then_actions", checklist, action_of),
  }
  refuse_doubles(body, rule.then_actions)
  return rule
end

return rule_forms
