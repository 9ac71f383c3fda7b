-- analysis_findings.lua - all that is to be said about the rules of a template, in one list: high before medium before low,
-- otherwise in the order of the rules. The same template always gives the same list. Types (and priority):
--   orphaned_rule (high)       names a step or field that is not there       never_fires (high)  can never come true
--   exact_duplicate (high)     says the same as another rule                 conflict (high)     same trigger, undoing actions
--   unreachable_step (high)    hidden, and no rule ever shows it             incomplete_action (high)
--   missing_person (high)      gives work to somebody who is not there
--   rule_circle (high)         rules that wake each other
--   same_trigger_merge, covered_rule, dead_condition, no_effect, empty_rule (medium)
--   order_dependent (medium: one's conditions are within the other's; low: both may be true), same_actions_merge (low)
local doubt, flow, logic = use "tallyfy.analysis_doubt", use "tallyfy.analysis_flow", use "tallyfy.analysis_logic"
local pairs_of = use "tallyfy.analysis_pairs"
local rule_analysis, rules, shape = use "tallyfy.analysis_rule", use "tallyfy.rules", use "tallyfy.shape"

local findings = {}

local max_rows = 10 -- rules of one finding that are shown; rule_ids has all
local max_labels = 5
local max_oppositions = 200 -- pairs of each relation that are listed: n rules on one step can make n * n of them

local rank = { high = 1, medium = 2, low = 3 }

-- What is known of the rules: { fact = by rule id, alternatives = by rule id, reach = }.
function findings.facts(model)
  local facts = { fact = {}, alternatives = {} }
  for _, rule in ipairs(model.rules) do
    local problems, alternatives = rule_analysis.problems(model, rule)
    facts.fact[rule.id] = { rule = rule, problems = problems, alternatives = alternatives,
      when = logic.conditions_key(alternatives), acts = logic.actions_key(rule) }
    facts.alternatives[rule.id] = alternatives
  end
  facts.reach = flow.reach(model, facts.alternatives)
  return facts
end

local function new_list(model)
  local list = { model = model, oppositions = { same = 0, within = 0, maybe = 0 }, covered = {} }
  function list.add(kind, priority, concerned, description, action, more)
    local ids, rows = json.array(), json.array()
    for index, rule in ipairs(concerned) do
      ids[index] = rule.id
      rows[index] = index <= max_rows and rules.brief(model, rule) or nil
    end
    local entry = { type = kind, priority = priority, rule_ids = ids, rules = rows, description = description,
      recommended_action = action, place = #list + 1 }
    for key, value in pairs(more or {}) do entry[key] = value end
    list[#list + 1] = entry
  end
  return list
end

local function labels(list)
  local parts = {}
  for index, rule in ipairs(list) do
    if index > max_labels then
      parts[index] = ("and %d more"):format(#list - max_labels)
      break
    end
    parts[index] = rules.label(rule)
  end
  return table.concat(parts, ", ")
end

local function of_kind(problems, kind)
  local found = {}
  for _, problem in ipairs(problems) do
    if problem.kind == kind then found[#found + 1] = problem end
  end
  return found
end

local function said(problems)
  local messages, fixes, seen = {}, {}, {}
  for index, problem in ipairs(problems) do
    messages[index] = problem.message
    if not seen[problem.fix] then seen[problem.fix], fixes[#fixes + 1] = true, problem.fix end
  end
  return table.concat(messages, " "), table.concat(fixes, " ")
end

local function why_never(model, facts, fact)
  for _, alternative in ipairs(fact.alternatives) do
    if logic.contradicts(model, alternative) then return "its conditions contradict each other" end
    for _, atom in ipairs(alternative.list) do
      local step = use("tallyfy.blueprint").step_behind(model, atom.id)
      if step and not facts.reach.seen[step.id] then return ("it waits for %q, which is never shown"):format(step.title) end
    end
  end
  return "its conditions can never hold"
end

local function add_single(list, facts, fact)
  local rule, model = fact.rule, list.model
  local orphans = of_kind(fact.problems, "dangling")
  local fires = facts.reach.fires[rule.id]
  if #orphans > 0 then
    local message, fix = said(orphans)
    local ids = json.array()
    for index, orphan in ipairs(orphans) do ids[index] = orphan.missing end
    list.add("orphaned_rule", "high", { rule }, ("%s: %s%s"):format(rules.label(rule), message,
      fires and "" or " The rule never fires."), "review", { orphaned_step_ids = ids, fix = fix })
  elseif not fires then
    local dead = of_kind(fact.problems, "dead")
    if #dead == 0 and #rule.conditions == 0 then dead = of_kind(fact.problems, "empty") end
    local message, fix = said(dead)
    if #dead == 0 then message = "It can never come true: " .. why_never(model, facts, fact) .. "." end
    list.add("never_fires", "high", { rule }, ("%s never fires. %s"):format(rules.label(rule), message), "fix_or_delete",
      { fix = fix ~= "" and fix or "Change its conditions, or delete it." })
  end
  local kinds = { { "incomplete", "incomplete_action", "high" }, { "person", "missing_person", "high" },
    { "no_effect", "no_effect", "medium" } }
  if fires then kinds[#kinds + 1] = { "dead", "dead_condition", "medium" } end
  if #rule.actions == 0 then kinds[#kinds + 1] = { "empty", "empty_rule", "medium" } end
  for _, kind in ipairs(kinds) do
    local found = of_kind(fact.problems, kind[1])
    local message, fix = said(found)
    if #found > 0 then
      list.add(kind[2], kind[3], { rule }, ("%s: %s"):format(rules.label(rule), message), "fix", { fix = fix })
    end
  end
end

local function rest_ids(list)
  local ids = json.array()
  for index = 2, #list do ids[#ids + 1] = list[index].id end
  return ids
end

local function add_duplicates(list, same)
  local note, is_refused = doubt.of(list.model, same, { acts = false })
  list.add("exact_duplicate", "high", same, ("%s say exactly the same: %s"):format(labels(same),
    rules.sentence(list.model, same[1])), is_refused and "review" or "delete_duplicates",
    { keep_rule_id = not is_refused and same[1].id or nil, delete_rule_ids = not is_refused and rest_ids(same) or nil,
      note = note, fix = is_refused and "Decide which of them is meant, then delete the others."
      or "Keep the first; delete the others with delete_automation_rule." })
end

local merge_fix = "update_automation_rule of the first with `merged` as automation_data, then delete_automation_rule of the "
  .. "others."

local function any_opposed(group)
  for index, rule in ipairs(group) do
    for other = index + 1, #group do
      if #pairs_of.oppositions(rule, group[other]) > 0 then return true end
    end
  end
  return false
end

-- Rules of one trigger: the duplicates among them, and what could be one rule.
local function add_group(list, facts, group)
  local by_acts, distinct = {}, {}
  for _, rule in ipairs(group) do
    local acts = facts.fact[rule.id].acts
    if not by_acts[acts] then by_acts[acts], distinct[#distinct + 1] = {}, acts end
    table.insert(by_acts[acts], rule)
  end
  for _, acts in ipairs(distinct) do
    if #by_acts[acts] > 1 then add_duplicates(list, by_acts[acts]) end
  end
  if #distinct < 2 then return end
  local is_opposed, note, is_refused = any_opposed(group), doubt.of(list.model, group, {})
  if is_refused and not is_opposed then return end
  list.add("same_trigger_merge", "medium", group, ("%s fire on the same conditions and do different things: %sone rule can "
    .. "do it all."):format(labels(group), is_opposed and "with the conflict settled, " or ""), "merge_actions",
    { keep_rule_id = group[1].id, delete_rule_ids = rest_ids(group), note = note,
      merged = not is_opposed and pairs_of.merged_actions(group) or nil,
      fix = is_opposed and "Settle the conflict between them first, then put all actions into one." or merge_fix })
end

-- Groups with the same conditions; rules without any do not count.
function findings.trigger_groups(model, facts)
  return pairs_of.groups(model, function (rule) return #rule.conditions > 0 and facts.fact[rule.id].when or nil end)
end

local relation_said = { same = "fire on the same conditions", within = "hold together whenever the stricter one does",
  maybe = "may be true at the same time" }

local function add_opposition(list, facts, first, second)
  local fact, other = facts.fact[first.id], facts.fact[second.id]
  if not (facts.reach.fires[first.id] and facts.reach.fires[second.id]) then return end
  local found = pairs_of.oppositions(first, second)
  local relation = #found > 0 and pairs_of.relation(list.model, fact, other) or "never"
  if relation == "never" then return end
  list.oppositions[relation] = list.oppositions[relation] + 1
  if list.oppositions[relation] > max_oppositions then return end
  local parts, step_ids = {}, json.array()
  for index, one in ipairs(found) do
    parts[index] = ("%s against %s"):format(rules.action_said(list.model, one.first), rules.action_said(list.model, one.second))
    step_ids[index] = one.step_id
  end
  local is_conflict = relation == "same"
  list.add(is_conflict and "conflict" or "order_dependent",
    is_conflict and "high" or (relation == "within" and "medium" or "low"), { first, second },
    ("%s and %s %s and undo each other: %s. When both fire, the later in the list wins."):format(rules.label(first),
      rules.label(second), relation_said[relation], table.concat(parts, "; ")),
    is_conflict and "review_and_resolve" or "make_exclusive",
    { step_ids = step_ids, fix = is_conflict and "Decide which is meant and delete the other, or give them different conditions."
      or "Where both must not happen, add the opposite condition to one of them." })
end

local function add_unlisted(list)
  for _, relation in ipairs { "same", "within", "maybe" } do
    local number = list.oppositions[relation]
    if number > max_oppositions then
      list.add("order_dependent", "low", {}, ("%d pairs of rules %s and undo each other; %d of them are listed."):format(number,
        relation_said[relation], max_oppositions), "review", { fix = "Merge the rules that act on one step first." })
    end
  end
end

local function add_cover(list, facts, first, second)
  if #first.conditions == 0 or #second.conditions == 0 then return end
  local a, b = facts.fact[first.id], facts.fact[second.id]
  if pairs_of.covered(b, a) then a, b = b, a elseif not pairs_of.covered(a, b) then return end
  if list.covered[a.rule.id] then return end
  local note, is_refused = doubt.of(list.model, { a.rule, b.rule }, { kept = b.rule })
  if is_refused then return end
  list.covered[a.rule.id] = true
  list.add("covered_rule", "medium", { a.rule, b.rule }, ("%s adds nothing: its conditions are within those of %s, which does "
    .. "the same."):format(rules.label(a.rule), rules.label(b.rule)), "delete_covered", { keep_rule_id = b.rule.id,
    delete_rule_ids = json.array { a.rule.id }, note = note, fix = "Delete it with delete_automation_rule." })
end

-- Rules of a group whose conditions are not within another's: those are covered, and said to be so.
local function uncovered(facts, group)
  local kept = {}
  for _, rule in ipairs(group) do
    local is_covered = false
    for _, other in ipairs(group) do
      is_covered = is_covered or pairs_of.covered(facts.fact[rule.id], facts.fact[other.id])
    end
    if not is_covered then kept[#kept + 1] = rule end
  end
  return kept
end

local function add_same_actions(list, facts)
  local groups = pairs_of.groups(list.model, function (rule)
    return #rule.actions > 0 and #rule.conditions > 0 and facts.reach.fires[rule.id] and facts.fact[rule.id].acts or nil
  end)
  for _, group in ipairs(groups) do
    local whens, distinct = {}, {}
    for _, rule in ipairs(uncovered(facts, group)) do
      local when = facts.fact[rule.id].when
      if not whens[when] then whens[when], distinct[#distinct + 1] = true, rule end
    end
    local ordered = #distinct > 1 and pairs_of.joinable(distinct)
    local note, is_refused = nil, true
    if ordered then note, is_refused = doubt.of(list.model, ordered, {}) end
    if not is_refused then
      list.add("same_actions_merge", "low", ordered, ("%s do the same: one rule with \"or\" can stand for them.")
        :format(labels(ordered)), "merge_conditions", { keep_rule_id = ordered[1].id, delete_rule_ids = rest_ids(ordered),
        merged = pairs_of.merged_conditions(ordered), note = note, fix = merge_fix })
    end
  end
end

local function add_flow(list, facts)
  local shown = rules.shown(list.model)
  for _, step in ipairs(facts.reach.unreachable) do
    list.add("unreachable_step", "high", shown[step.id], ("%q is hidden from launch on and never shown: %s."):format(
      step.title, flow.why_unreachable(list.model, step, facts.alternatives)), "fix_visibility",
      { step_ids = json.array { step.id }, fix = "Let a rule that can fire show it, or remove the show action." })
  end
  for _, circle in ipairs(flow.rule_circles(list.model, facts.reach)) do
    list.add("rule_circle", "high", circle, ("%s wake %s again without anybody doing anything; Tallyfy cuts such a chain off "
      .. "somewhere."):format(labels(circle), #circle == 1 and "itself" or "each other"), "break_circle",
      { fix = "Take out one of the actions that reopen a step or empty its people." })
  end
end

-- The whole list. <facts> is findings.facts(model).
function findings.all(model, facts)
  local list = new_list(model)
  for _, rule in ipairs(model.rules) do add_single(list, facts, facts.fact[rule.id]) end
  for _, group in ipairs(findings.trigger_groups(model, facts)) do add_group(list, facts, group) end
  for _, pair in ipairs(pairs_of.on_same_step(model)) do
    add_opposition(list, facts, pair[1], pair[2])
    add_cover(list, facts, pair[1], pair[2])
  end
  add_unlisted(list)
  add_flow(list, facts)
  add_same_actions(list, facts)
  local sorted = json.array()
  for index, entry in ipairs(list) do sorted[index] = entry end
  table.sort(sorted, function (a, b)
    if rank[a.priority] ~= rank[b.priority] then return rank[a.priority] < rank[b.priority] end
    return a.place < b.place
  end)
  for _, entry in ipairs(sorted) do entry.place = nil end
  return sorted
end

-- How many there are: { total_automations, total_suggestions, high_priority, medium_priority, low_priority }.
function findings.summary(model, list)
  local counts = { high = 0, medium = 0, low = 0 }
  for _, entry in ipairs(list) do counts[entry.priority] = counts[entry.priority] + 1 end
  return { total_automations = #model.rules, total_suggestions = #list, high_priority = counts.high,
    medium_priority = counts.medium, low_priority = counts.low }
end

function findings.sentence(summary)
  if summary.total_automations == 0 then return "no rules." end
  local text = shape.count(summary.total_automations, "rule")
  if summary.total_suggestions == 0 then return text .. ", nothing to clean up." end
  return ("%s, %s (%d high, %d medium, %d low)."):format(text, shape.count(summary.total_suggestions, "finding"),
    summary.high_priority, summary.medium_priority, summary.low_priority)
end

local max_rules_told = 200 -- more are not compared right after a write: that could outlast the call's computing time

-- The findings that concern one rule, as sentences: what a tool that just wrote it warns of.
function findings.about(model, rule_id)
  if #model.rules > max_rules_told then
    return json.array { ("The template has %d rules: suggest_automation_consolidation compares them."):format(#model.rules) }
  end
  local texts = json.array()
  for _, entry in ipairs(findings.all(model, findings.facts(model))) do
    local concerns = false
    for _, id in ipairs(entry.rule_ids) do concerns = concerns or id == rule_id end
    if concerns then texts[#texts + 1] = ("%s: %s"):format(entry.type, entry.description) end
  end
  return texts
end

return findings
