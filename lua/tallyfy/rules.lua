-- rules.lua - automation rules in words and as rows of an answer: "When "Remote worker?" is "Yes": show "Ship equipment"."
-- Conditions are folded left to right, with no precedence; the first one's logic means nothing.
local blueprint, shape, words = use "tallyfy.blueprint", use "tallyfy.shape", use "tallyfy.rule_words"
local pick = use "tallyfy.pick"

local rules = {}

local given = blueprint.given

-- A step's or field's name in quotation marks; an id that names nothing says so.
function rules.name(model, id)
  if given(id) == nil then return "(nothing)" end
  local step, field = model.step[id], model.field[id]
  if step then return ("%q"):format(step.title) end
  if not field then return ("(missing %s)"):format(tostring(id)) end
  return field.kind == "Prerun" and ("%q (kick-off)"):format(field.label)
    or ("%q of %q"):format(field.label, field.step.title)
end

local function statement_said(statement)
  local list = type(statement) == "table" and pick.list(statement)
  if not list then return ("%q"):format(tostring(statement)) end
  local parts = {}
  for index, value in ipairs(list) do parts[index] = ("%q"):format(tostring(value)) end
  return table.concat(parts, ", ")
end

function rules.condition_said(model, condition)
  local operation, statement = given(condition.operation), given(condition.statement)
  local text = rules.name(model, condition.conditionable_id) .. " " .. (words.operation_said[operation] or tostring(operation))
  if words.is_step_operation[operation] then
    if statement == nil or not words.is_clause[statement] then return text .. " (no valid time clause)" end
    return text .. (words.clause_said[statement] or "")
  end
  if operation == "is_empty" or operation == "is_not_empty" or statement == nil then return text end
  local column = given(condition.column_contains_name)
  return text .. (column and (" in column %q "):format(column) or " ") .. statement_said(statement)
end

-- The conditions in words, with brackets where "and" and "or" are mixed.
function rules.when_said(model, rule)
  if #rule.conditions == 0 then return "Never (no conditions)" end
  local text, last
  for index, condition in ipairs(rule.conditions) do
    local said, logic = rules.condition_said(model, condition), condition.logic == "or" and "or" or "and"
    if index == 1 then
      text = said
    else
      if last and last ~= logic then text = "(" .. text .. ")" end
      text, last = ("%s %s %s"):format(text, logic, said), logic
    end
  end
  return "When " .. text
end

-- Names where the model has them (rule_people.lua), else ids.
local function people_said(model, action)
  local assignees, parts = given(action.assignees) or {}, {}
  local known = { users = model.people or {}, groups = model.groups or {}, guests = {} }
  for _, bucket in ipairs { "users", "guests", "groups" } do
    for _, value in ipairs(pick.list(assignees[bucket]) or {}) do
      local text = known[bucket][tostring(value)] or tostring(value)
      parts[#parts + 1] = (bucket == "groups" and "group " or "") .. text
    end
  end
  return table.concat(parts, ", ")
end

local say = {}

function say.show(model, action) return "show " .. rules.name(model, action.target_step_id) end
function say.hide(model, action) return "hide " .. rules.name(model, action.target_step_id) end
function say.reopen(model, action) return "reopen " .. rules.name(model, action.target_step_id) end

function say.clear_assignees(model, action)
  return "take everybody off " .. rules.name(model, action.target_step_id)
end

function say.emit_webhook(_, action) return ("send the webhook %q"):format(given(action.alias_name) or "unnamed") end

function say.deadline(model, action)
  local deadline = given(action.deadline) or {}
  local base = given(action.actionable_id) and rules.name(model, action.actionable_id) or "its own deadline"
  return ("set the deadline of %s to %s %s %s %s"):format(rules.name(model, action.target_step_id), tostring(deadline.value),
    tostring(deadline.unit), deadline.option == "before" and "before" or "after", base)
end

local function assigning(verb)
  return function (model, action)
    local who = people_said(model, action)
    if given(action.actionable_id) then who = "whom " .. rules.name(model, action.actionable_id) .. " names" end
    return verb:format(who == "" and "nobody" or who, rules.name(model, action.target_step_id))
  end
end

say.assign = assigning("add %s to %s")
say.assign_only = assigning("assign only %s to %s")
say.unassign = assigning("take %s off %s")

function rules.action_said(model, action)
  local verb = given(action.action_verb)
  local how = say[verb]
  return how and how(model, action) or ("do %q"):format(tostring(verb))
end

function rules.sentence(model, rule)
  local parts = {}
  for index, action in ipairs(rule.actions) do parts[index] = rules.action_said(model, action) end
  return ("%s: %s."):format(rules.when_said(model, rule), #parts > 0 and table.concat(parts, ", ") or "do nothing")
end

-- The rule's name and id, for texts.
function rules.label(rule)
  return rule.alias ~= "" and ("%q"):format(rule.alias) or ("rule %s"):format(rule.id)
end

local part_noise = { created_at = true, last_updated = true, archived_at = true }

-- The rule as an answer shows it: what update_automation_rule takes back, and the same in words.
function rules.row(model, rule)
  local row = shape.object(rule.raw, { drop = part_noise })
  row.sentence = rules.sentence(model, rule)
  return row
end

-- The rule in short, for lists.
function rules.brief(model, rule)
  return { id = rule.id, automated_alias = rule.alias, sentence = rules.sentence(model, rule) }
end

-- The steps that some rule shows: Tallyfy hides them from launch on until one of these fires.
function rules.shown(model)
  local shown = {}
  for _, rule in ipairs(model.rules) do
    for _, action in ipairs(rule.actions) do
      if action.action_verb == "show" then
        local list = shown[action.target_step_id] or {}
        list[#list + 1] = rule
        shown[action.target_step_id] = list
      end
    end
  end
  return shown
end

return rules
