-- analysis_health_flow.lua - how a template runs. Points lost:
-- automation_efficiency: for each finding of analysis_findings.lua high 20, medium 10, low 4; a rule of more than 3
--   conditions or 2 actions 3; a rule that mixes "and" and "or" 3. Does not apply where there are no rules.
-- deadlines, of each step: incomplete or with an option that does nothing 60; counts from a step that is not there or from
--   itself in a circle 60; before the start 60; an expiring step without one 70; none 40 (steps that send mail: 0); more than
--   12 months 20; nothing but 0 15; due before a step ahead of it (both from the start) 15; from a later step 10. Of the
--   template: three steps or more with one and the same deadline 10.
-- structure: no steps in a procedure 100; one step 10; more than 30 steps 10, than 60 20; all steps hidden at launch 40; a
--   step that is never shown 20 each; an approval whose rejection leads nowhere 10 each; expiry that leads nowhere 5 each; a
--   hidden step that deadlines hang on 5 each. At most 60 for each kind.
local blueprint, findings, flow = use "tallyfy.blueprint", use "tallyfy.analysis_findings", use "tallyfy.analysis_flow"
local rules, words = use "tallyfy.rules", use "tallyfy.rule_words"

local judges = {}

local given = blueprint.given

local points_of = { high = 20, medium = 10, low = 4 }

local function is_mixed(rule)
  local seen = {}
  for index = 2, #rule.conditions do seen[rule.conditions[index].logic == "or"] = true end
  return seen[true] and seen[false]
end

function judges.automation_efficiency(tally, model, facts)
  if #model.rules == 0 then return tally.skip() end
  for _, entry in ipairs(findings.all(model, facts)) do
    tally.whole(points_of[entry.priority], entry.description, { tool = "suggest_automation_consolidation", text = entry.fix },
      { rule_ids = entry.rule_ids, type = entry.type })
  end
  for _, rule in ipairs(model.rules) do
    local where = { rule_ids = json.array { rule.id } }
    if #rule.conditions > 3 or #rule.actions > 2 then
      tally.whole(3, ("%s has %d conditions and %d actions."):format(rules.label(rule), #rule.conditions, #rule.actions),
        { tool = "update_automation_rule", text = "Split it where parts can be understood alone." }, where)
    end
    if is_mixed(rule) then
      tally.whole(3, ("%s mixes \"and\" and \"or\", read from left to right without brackets."):format(rules.label(rule)),
        { tool = "update_automation_rule", text = "Make two rules of it." }, where)
    end
  end
end

local minutes = { minutes = 1, hours = 60, days = 1440, weeks = 10080, months = 43200 }

-- Minutes from the start, where the deadline counts from it; nil otherwise.
local function from_start(step)
  local deadline = step.deadline
  if type(deadline) ~= "table" or deadline.step ~= "start_run" or deadline.option ~= "from" then return nil end
  local unit = words.unit(deadline.unit)
  return unit and tonumber(deadline.value) and deadline.value * minutes[unit]
end

-- What is wrong with the deadline alone: points and message; or nothing.
local function deadline_fault(model, step, in_circle)
  local deadline = step.deadline
  if type(deadline) ~= "table" or given(deadline.value) == nil then
    if step.type:find("^expiring") then return 70, "It expires, but has no deadline at which." end
    if step.type == "email" then return nil end
    return 40, "It has no deadline."
  end
  local base, unit = given(deadline.step), words.unit(deadline.unit)
  if not unit or math.tointeger(tonumber(deadline.value)) == nil then return 60, "Its deadline is incomplete." end
  if deadline.option ~= "from" and deadline.option ~= "prior_to" then
    return 60, ("Its deadline has the option %q, which does nothing."):format(tostring(given(deadline.option)))
  end
  if base ~= "start_run" and not model.step[base] then return 60, "Its deadline counts from a step that is not there." end
  if in_circle then return 60, "Its deadline hangs on itself: Tallyfy then takes 5 days from launch." end
  if base == "start_run" and deadline.option == "prior_to" then return 60, "It is due before the process starts." end
  if deadline.value * minutes[unit] > 12 * minutes.months then return 20, "It may take longer than 12 months." end
  if deadline.value == 0 and base == "start_run" then return 15, "It is due the moment the process starts." end
end

local function order_fault(model, step, latest)
  local base, due = flow.deadline_base(model, step), from_start(step)
  if base and step.deadline.option == "from" and base.place > step.place then
    return 10, ("It is due after %q, which comes later."):format(base.title)
  end
  if due and latest.due and due < latest.due then
    return 15, ("It is due before %q, which stands ahead of it."):format(latest.step.title)
  end
end

local function said(step)
  local deadline = step.deadline
  if type(deadline) ~= "table" then return nil end
  return table.concat({ tostring(given(deadline.value)), tostring(given(deadline.unit)), tostring(given(deadline.option)),
    tostring(given(deadline.step)) }, " ")
end

local deadline_fix = { text = "Set the step's deadline; suggest_step_deadline proposes one.", tool = "suggest_step_deadline" }

function judges.deadlines(tally, model)
  if #model.steps == 0 then return tally.skip() end
  local circled, latest, same = {}, {}, true
  for _, circle in ipairs(flow.deadline_circles(model)) do
    for _, step in ipairs(circle) do circled[step] = true end
  end
  for _, step in ipairs(model.steps) do
    tally.item(step.id)
    local points, message = deadline_fault(model, step, circled[step])
    if not points then points, message = order_fault(model, step, latest) end
    if points then
      tally.lose(step.id, points, message, deadline_fix, { step_id = step.id, step = step.title, position = step.place })
    end
    local due = from_start(step)
    if due and (not latest.due or due > latest.due) then latest = { due = due, step = step } end
    same = same and said(step) ~= nil and said(step) == said(model.steps[1])
  end
  if same and #model.steps >= 3 then
    tally.whole(10, "All steps have one and the same deadline: nobody has thought about them yet.", deadline_fix)
  end
end

-- Takes <each> off for every item, <most> in all.
local function off_each(tally, list, each, most, describe)
  for index, item in ipairs(list) do
    local message, fix, where = describe(item)
    tally.whole(math.max(0, math.min(each, most - (index - 1) * each)), message, fix, where)
  end
end

-- A rule that waits for completion, whatever was decided, fires then too.
local function has_condition(model, step, operation)
  for _, rule in ipairs(model.rules) do
    for _, condition in ipairs(rule.conditions) do
      local fits = condition.operation == operation or condition.operation == "completed"
      if given(condition.conditionable_id) == step.id and fits then return true end
    end
  end
  return false
end

local function leading_nowhere(model, wanted, operation)
  local list = {}
  for _, step in ipairs(model.steps) do
    if step.type:find(wanted) and not has_condition(model, step, operation) then list[#list + 1] = step end
  end
  return list
end

local function where_of(step) return { step_id = step.id, step = step.title, position = step.place } end

local function judge_size(tally, model)
  local count = #model.steps
  local fix = { tool = "add_step_to_template", text = "Add the steps of the work." }
  if count == 0 then
    tally.whole(100, "There are no steps.", fix)
  elseif count == 1 then
    tally.whole(10, "There is one step only: a one-off task may do.", fix)
  elseif count > 30 then
    tally.whole(count > 60 and 20 or 10, ("There are %d steps."):format(count),
      { text = "Split it into templates that launch each other." })
  end
end

function judges.structure(tally, model, facts)
  local is_procedure = model.template.type ~= "form" and model.template.type ~= "document"
  if #model.steps == 0 and not is_procedure then return tally.skip() end
  judge_size(tally, model)
  local create = function (text) return { tool = "create_automation_rule", text = text } end
  if #model.steps > 0 and #facts.reach.hidden == #model.steps then
    tally.whole(40, "All steps are hidden at launch: a process begins with nothing to do.",
      create("Let the first step be shown by no rule."))
  end
  off_each(tally, facts.reach.unreachable, 20, 60, function (step)
    return ("%q is never shown: %s."):format(step.title, flow.why_unreachable(model, step, facts.alternatives)),
      { tool = "update_automation_rule", text = "Let a rule that can fire show it." }, where_of(step)
  end)
  off_each(tally, leading_nowhere(model, "^approval$", "rejected"), 10, 60, function (step)
    return ("No rule says what follows when %q is rejected."):format(step.title),
      create("Say what happens on rejection: reopen a step, or show one."), where_of(step)
  end)
  off_each(tally, leading_nowhere(model, "^expiring", "expired"), 5, 60, function (step)
    return ("No rule says what follows when %q expires."):format(step.title), create("Say what happens on expiry."),
      where_of(step)
  end)
  local bases = {}
  for _, step in ipairs(facts.reach.hidden) do
    for _, other in ipairs(model.steps) do
      if flow.deadline_base(model, other) == step then bases[#bases + 1] = { step = step, other = other } end
    end
  end
  off_each(tally, bases, 5, 60, function (pair)
    return ("The deadline of %q counts from %q, which may stay hidden."):format(pair.other.title, pair.step.title),
      { text = "Count from a step that everybody sees." }, where_of(pair.other)
  end)
end

return judges
