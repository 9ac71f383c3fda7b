local blueprint, findings, shape = use "tallyfy.blueprint", use "tallyfy.analysis_findings", use "tallyfy.shape"
local rule_people = use "tallyfy.rule_people"

tool "suggest_automation_consolidation" {
  title  = "Suggest automation consolidation";
  about  = "What to clean up in a template's rules, most important first, each with what to do. `merged` is ready for "
        .. "update_automation_rule; nothing is changed here.";
  effect = "read";
  limits = { cpu = "10s" };
  input  = {
    text  "template_id"     { "The template: its id or title", min = 1, max = 250 };
    whole "from_suggestion" { "Begin at this suggestion, from 1", min = 1, default = 1 };
  };
  output = {
    text   "template_id"     { "The template" };
    text   "template_title"  { "Its title" };
    list   "suggestions"     { "type, priority, rules, description, recommended_action, fix", of = "object" };
    object "summary"         { "Counts", values = whole {} };
    whole  "next_suggestion" { "from_suggestion for the rest, when there is more", optional = true };
  };
  run = function (args, call)
    local model, err = blueprint.read(call, args.template_id)
    if not model then return nil, err end
    rule_people.read(call, model)
    local list = findings.all(model, findings.facts(model))
    local rows = json.array()
    for index = args.from_suggestion, #list do rows[#rows + 1] = list[index] end
    local kept, cut = shape.fit(rows, shape.budget * 0.9)
    local rest = cut and args.from_suggestion + #kept or nil
    local summary = findings.summary(model, list)
    local lines = { ("%s: %s"):format(model.title, findings.sentence(summary)) }
    for index, entry in ipairs(kept) do
      if index <= 5 then lines[#lines + 1] = ("- %s (%s) %s"):format(entry.type, entry.priority, entry.description) end
    end
    if rest or #kept > 5 then lines[#lines + 1] = "More under `suggestions`." end
    return { text = table.concat(lines, "\n"), data = { template_id = model.id, template_title = model.title,
      suggestions = kept, summary = summary, next_suggestion = rest } }
  end;
}
