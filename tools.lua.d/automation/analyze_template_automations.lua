local blueprint, findings, rules = use "tallyfy.blueprint", use "tallyfy.analysis_findings", use "tallyfy.rules"
local shape = use "tallyfy.shape"
local rule_people = use "tallyfy.rule_people"

-- The official server's two kinds, without the proposals of suggest_automation_consolidation.
local redundant = { exact_duplicate = "exact_duplicate", same_trigger_merge = "same_trigger" }

local function groups_of(list)
  local groups = json.array()
  for _, entry in ipairs(list) do
    if redundant[entry.type] then
      groups[#groups + 1] = { type = redundant[entry.type], description = entry.description, rule_ids = entry.rule_ids,
        rules = entry.rules }
    end
  end
  return groups
end

local function titles(steps)
  local rows = json.array()
  for index, step in ipairs(steps) do rows[index] = { id = step.id, title = step.title } end
  return (shape.fit(rows, shape.budget * 0.08))
end

local function brief(list)
  local rows = json.array()
  for index, entry in ipairs(list) do
    rows[index] = { type = entry.type, priority = entry.priority, rule_ids = entry.rule_ids, description = entry.description }
  end
  return rows
end

-- All steps, or in a long template those that the rules shown act on and wait for.
local function lookup_of(model, rows)
  local titles_by_id, is_long = {}, #model.steps > 50
  for _, step in ipairs(is_long and {} or model.steps) do titles_by_id[step.id] = step.title end
  for _, row in ipairs(is_long and rows or {}) do
    for _, list in ipairs { row.conditions or {}, row.then_actions or {} } do
      for _, part in ipairs(list) do
        local step = model.step[part.target_step_id or part.conditionable_id]
        if step then titles_by_id[step.id] = step.title end
      end
    end
  end
  return titles_by_id
end

tool "analyze_template_automations" {
  title  = "Analyze template automations";
  about  = "Shows a template's rules, each in words too, and what is wrong with them: duplicates, rules of one trigger, "
        .. "conflicts, references to what is not there, rules that never fire, steps that are never shown, circles. "
        .. "suggest_automation_consolidation says what to do about it.";
  effect = "read";
  limits = { cpu = "10s" };
  input  = {
    text  "template_id"   { "The template: its id or title", min = 1, max = 250 };
    whole "from_rule"     { "Show the rules from this one on, from 1", min = 1, default = 1 };
  };
  output = {
    text   "template_id"       { "The template" };
    text   "template_title"    { "Its title" };
    list   "automations"       { "The rules", of = "object" };
    object "step_lookup"       { "Titles of steps by id", values = text {} };
    list   "redundant_groups"  { "exact_duplicate and same_trigger", of = "object" };
    list   "findings"          { "What was found, most important first", of = "object" };
    list   "hidden_at_launch"  { "Steps that some rule shows", of = "object" };
    list   "unreachable_steps" { "Those that are never shown", of = "object" };
    whole  "total_automations" { "How many rules there are" };
    whole  "total_steps"       { "How many steps there are" };
    whole  "next_rule"         { "from_rule for the rest, when there is more", optional = true };
  };
  run = function (args, call)
    local model, err = blueprint.read(call, args.template_id)
    if not model then return nil, err end
    rule_people.read(call, model)
    local facts = findings.facts(model)
    local list, rows = findings.all(model, facts), json.array()
    for index = args.from_rule, #model.rules do rows[#rows + 1] = rules.row(model, model.rules[index]) end
    local kept, cut = shape.fit(rows, shape.budget * 0.4)
    local next_rule = cut and args.from_rule + #kept or nil
    local summary = findings.summary(model, list)
    local text = ("%s: %s"):format(model.title, findings.sentence(summary))
    if next_rule then text = text .. (" More rules from number %d."):format(next_rule) end
    return { text = text, data = { template_id = model.id, template_title = model.title, automations = kept,
      step_lookup = lookup_of(model, kept), redundant_groups = shape.fit(groups_of(list), shape.budget * 0.15),
      findings = shape.fit(brief(list), shape.budget * 0.15), hidden_at_launch = titles(facts.reach.hidden),
      unreachable_steps = titles(facts.reach.unreachable), total_automations = #model.rules, total_steps = #model.steps,
      next_rule = next_rule } }
  end;
}
