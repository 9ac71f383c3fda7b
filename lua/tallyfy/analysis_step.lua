-- analysis_step.lua - one step of a template: what it hangs on, what hangs on it, and when it is seen. Only rules that
-- mention the step or its fields count. Complexity is 10 for each link, 100 at most; over 70 is High, over 30 Medium.
-- Visibility: up to 1 rule Simple, up to 3 Moderate, else Complex.
local blueprint, flow, rules = use "tallyfy.blueprint", use "tallyfy.analysis_flow", use "tallyfy.rules"
local shape, variables = use "tallyfy.shape", use "tallyfy.analysis_variables"

local analysis = {}

local given = blueprint.given

local function brief(step) return { id = step.id, title = step.title, position = step.place } end

local function field_row(model, field)
  return { field_id = field.id, field = rules.name(model, field.id), kind = field.kind, step_id = field.step and field.step.id }
end

local function entry(model, rule, more)
  more.rule_id, more.rule = rule.id, rule.alias
  if more.condition then more.condition = rules.condition_said(model, more.condition) end
  if more.action then more.action = rules.action_said(model, more.action) end
  return more
end

-- The actions of a rule on the step, and those on anything else.
local function split(rule, step)
  local on, off = {}, {}
  for _, action in ipairs(rule.actions) do
    local list = given(action.target_step_id) == step.id and on or off
    list[#list + 1] = action
  end
  return on, off
end

-- What makes the rules act on the step: other steps, and fields.
local function add_sources(model, rule, step, on, found)
  for _, condition in ipairs(#on > 0 and rule.conditions or {}) do
    local id = given(condition.conditionable_id)
    local field, other = model.field[id], model.step[id]
    if field then
      local row = field_row(model, field)
      row.condition, row.action = condition, on[1]
      table.insert(found.field_dependencies, entry(model, rule, row))
    elseif not other or other ~= step then
      table.insert(found.incoming, entry(model, rule, { step_id = id, step = other and other.title, missing = not other or nil,
        condition = condition, action = on[1] }))
    end
  end
end

-- What the rules do elsewhere because of the step or its fields.
local function add_effects(model, rule, step, off, found)
  local because
  for _, condition in ipairs(rule.conditions) do
    local behind = blueprint.step_behind(model, given(condition.conditionable_id))
    because = because or (behind == step and condition) or nil
  end
  for _, action in ipairs(because and off or {}) do
    local target = model.step[given(action.target_step_id)]
    table.insert(found.outgoing, entry(model, rule, { step_id = given(action.target_step_id), step = target and target.title,
      condition = because, action = action }))
  end
end

local function add_visibility(model, rule, on, found)
  for _, action in ipairs(on) do
    if action.action_verb == "show" or action.action_verb == "hide" then
      table.insert(found.conditional_visibility, entry(model, rule, { verb = action.action_verb, action = action,
        when = rules.when_said(model, rule) }))
    end
  end
end

-- Whose deadline this one counts from, and which count from it: by the steps' own deadlines, and by rules.
local function deadlines_of(model, step)
  local base = flow.deadline_base(model, step)
  local found = { counts_from = base and brief(base) or nil, dependents = json.array(), in_circle = false }
  for _, other in ipairs(model.steps) do
    if flow.deadline_base(model, other) == step and other ~= step then table.insert(found.dependents, brief(other)) end
  end
  for _, circle in ipairs(flow.deadline_circles(model)) do
    for _, one in ipairs(circle) do found.in_circle = found.in_circle or one == step end
  end
  for _, rule in ipairs(model.rules) do
    for _, action in ipairs(rule.actions) do
      local target = model.step[given(action.target_step_id)]
      if action.action_verb == "deadline" and given(action.actionable_id) == step.id and target and target ~= step then
        local row = brief(target)
        row.rule_id = rule.id
        table.insert(found.dependents, row)
      end
    end
  end
  return found
end

local function shown_fields(model, step)
  local rows, found, unknown = json.array(), variables.of_step(model, step)
  for index, field in ipairs(found) do rows[index] = field_row(model, field) end
  return rows, json.array(unknown)
end

local function level_of(score)
  return score > 70 and "High" or (score > 30 and "Medium" or "Low")
end

local function dependency_advice(found, level)
  local advice = json.array()
  local function say(is_so, text) if is_so then advice[#advice + 1] = text end end
  say(level == "High", "Many things meet in this step: consider splitting it, or merging rules.")
  say(#found.incoming > 3, "More than 3 conditions on other steps decide about it: consider fewer, with one step that decides.")
  say(#found.outgoing > 3, "More than 3 actions follow from it: test each way before launching.")
  say(#found.incoming == 0 and #found.outgoing == 0, "No rule ties it to other steps.")
  say(found.deadlines.in_circle, "Its deadline hangs on itself through other steps: Tallyfy then takes 5 days from launch.")
  say(#found.unknown_variables > 0, "Its text names fields that are not there: they show as nothing.")
  return advice
end

-- Each list as far as it fits an answer; totals has how many there are.
local function fitted(found, names, share)
  local totals = {}
  for _, name in ipairs(names) do
    totals[name] = #found[name]
    found[name] = shape.fit(found[name], shape.budget * share)
  end
  return totals
end

-- The links of a step: { dependencies, complexity_analysis, recommendations }.
function analysis.dependencies(model, step)
  local found = { incoming = json.array(), outgoing = json.array(), field_dependencies = json.array(),
    conditional_visibility = json.array() }
  for _, rule in ipairs(model.rules) do
    local on, off = split(rule, step)
    add_sources(model, rule, step, on, found)
    add_effects(model, rule, step, off, found)
    add_visibility(model, rule, on, found)
  end
  found.deadlines = deadlines_of(model, step)
  found.variables, found.unknown_variables = shown_fields(model, step)
  local total = #found.incoming + #found.outgoing + #found.field_dependencies + #found.conditional_visibility
    + #found.deadlines.dependents + (found.deadlines.counts_from and 1 or 0)
  local score = math.min(100, 10 * total)
  local advice = dependency_advice(found, level_of(score))
  found.totals = fitted(found, { "incoming", "outgoing", "field_dependencies", "conditional_visibility" }, 0.18)
  found.totals.dependents = fitted(found.deadlines, { "dependents" }, 0.1).dependents
  return { dependencies = found, complexity_analysis = { total = total, score = score, level = level_of(score) },
    recommendations = advice }
end

local function logic_of(rule)
  local seen = {}
  for index = 2, #rule.conditions do seen[rule.conditions[index].logic == "or" and "OR" or "AND"] = true end
  if seen.OR and seen.AND then return "mixed" end
  return seen.OR and "OR" or "AND"
end

local patterns = {
  none = "Always visible.", show = "Hidden from launch on; becomes visible when a rule shows it.",
  hide = "Visible from launch on; can be hidden by a rule.",
  both = "Hidden from launch on; rules show and hide it, and the one that fires last wins.",
}

local function visibility_advice(shows, hides, complexity, is_reachable, why)
  local advice = json.array()
  local function say(is_so, text) if is_so then advice[#advice + 1] = text end end
  say(not is_reachable, "It is never shown: " .. (why or ""))
  say(complexity == "Complex", "More than 3 rules decide: merge those that can be merged (suggest_automation_consolidation).")
  say(shows > 0 and hides > 0, "Rules show and hide it: make their conditions exclude each other.")
  say(shows > 2, "More than 2 rules show it: one rule with \"or\" may do.")
  say(shows + hides == 0, "No rule decides about it: everybody always sees it.")
  return advice
end

-- When a step is seen. <facts> as findings.facts gives them.
function analysis.visibility(model, step, facts)
  local lists = { show_rules = json.array(), hide_rules = json.array(), conditional_rules = json.array() }
  for _, rule in ipairs(model.rules) do
    local on, off = split(rule, step)
    local touches = { show = lists.show_rules, hide = lists.hide_rules }
    for _, action in ipairs(on) do
      local list = touches[action.action_verb]
      if list then
        list[#list + 1] = { rule_id = rule.id, rule = rule.alias, when = rules.when_said(model, rule), logic = logic_of(rule),
          conditions = #rule.conditions, can_fire = facts.reach.fires[rule.id] == true }
      end
    end
    local found = { outgoing = {} }
    add_effects(model, rule, step, off, found)
    for _, row in ipairs(found.outgoing) do
      if row.action:find("^show ") or row.action:find("^hide ") then table.insert(lists.conditional_rules, row) end
    end
  end
  local shows, hides = #lists.show_rules, #lists.hide_rules
  local complexity = shows + hides <= 1 and "Simple" or (shows + hides <= 3 and "Moderate" or "Complex")
  local is_reachable = facts.reach.seen[step.id] == true
  local kind = shows > 0 and (hides > 0 and "both" or "show") or (hides > 0 and "hide" or "none")
  lists.totals = fitted(lists, { "show_rules", "hide_rules", "conditional_rules" }, 0.25)
  return { default_visibility = shows > 0 and "conditionally_visible" or "visible", visibility_rules = lists,
    behavior_analysis = { pattern = patterns[kind], complexity = complexity, rules = shows + hides,
      hidden_at_launch = shows > 0, reachable = is_reachable },
    recommendations = visibility_advice(shows, hides, complexity, is_reachable,
      not is_reachable and flow.why_unreachable(model, step, facts.alternatives)) }
end

return analysis
