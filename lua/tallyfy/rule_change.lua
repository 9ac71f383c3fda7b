-- rule_change.lua - what a rule that was just written or deleted means for the template: the answer of the tools that do so.
-- A step that any rule shows begins hidden, so a rule changes more than it says.
local blueprint, findings = use "tallyfy.blueprint", use "tallyfy.analysis_findings"
local preview, rules = use "tallyfy.preview", use "tallyfy.rules"

local change = {}

-- The model as it is now: with <raw> in the place of the rule of that id, or at the end; <gone>: without that one.
function change.applied(model, raw, gone)
  local after = {}
  for key, value in pairs(model) do after[key] = value end
  after.rules, after.rule = {}, {}
  local function put(rule)
    rule.place = #after.rules + 1
    after.rules[rule.place], after.rule[rule.id] = rule, rule
  end
  for _, rule in ipairs(model.rules) do
    if raw and rule.id == raw.id then
      put(blueprint.rule(raw))
    elseif rule.id ~= gone then
      put(blueprint.rule(rule.raw))
    end
  end
  if raw and not after.rule[raw.id] then put(blueprint.rule(raw)) end
  return after
end

-- " "Ship equipment" is hidden from launch on now, ..." or "".
local function visibility_said(before, after)
  local was, is = rules.shown(before), rules.shown(after)
  local hidden, seen = {}, {}
  for _, step in ipairs(after.steps) do
    if is[step.id] and not was[step.id] then hidden[#hidden + 1] = ("%q"):format(step.title) end
    if was[step.id] and not is[step.id] then seen[#seen + 1] = ("%q"):format(step.title) end
  end
  local text = ""
  if #hidden > 0 then
    text = (" From launch on %s now stays hidden until a rule shows it."):format(table.concat(hidden, ", "))
  end
  if #seen > 0 then
    text = text .. (" No rule shows %s any more, so it is visible from launch on."):format(table.concat(seen, ", "))
  end
  return text
end

-- The answer for a rule as it is stored now. <did>: "Created", "Changed".
function change.answer(model, raw, did)
  local after = change.applied(model, raw)
  local rule = after.rule[raw.id]
  local warnings = findings.about(after, rule.id)
  local text = ("%s the rule %s of %s. %s%s"):format(did, rules.label(rule), model.title, rules.sentence(after, rule),
    visibility_said(model, after))
  if #warnings > 0 then text = text .. (" Look at: %s"):format(table.concat(warnings, " ")) end
  return { text = text, data = { template_id = model.id, template = model.title, rule = rules.row(after, rule),
    warnings = warnings } }
end

-- What a person should know before they say that <rule> may go.
function change.preview(model, rule)
  return preview.of(("%s of %q"):format(rules.label(rule), model.title), {
    { "The rule says", was = rules.sentence(model, rule) },
    { "Then", will = "deleted for good." .. visibility_said(model, change.applied(model, nil, rule.id)) },
  })
end

function change.gone(model, rule)
  local after = change.applied(model, nil, rule.id)
  return { text = ("Deleted the rule %s of %s. It said: %s%s"):format(rules.label(rule), model.title,
    rules.sentence(model, rule), visibility_said(model, after)),
    data = { template_id = model.id, template = model.title, deleted = true, rule = rules.row(model, rule) } }
end

return change
