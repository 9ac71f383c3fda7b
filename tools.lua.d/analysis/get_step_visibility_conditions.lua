local analysis, blueprint, findings = use "tallyfy.analysis_step", use "tallyfy.blueprint", use "tallyfy.analysis_findings"

tool "get_step_visibility_conditions" {
  title  = "Get step visibility conditions";
  about  = "When a template step is shown and hidden: the rules that do so in words, whether it begins hidden, and whether "
        .. "anything ever shows it. conditional_rules: other steps that it shows or hides.";
  effect = "read";
  limits = { cpu = "10s" };
  input  = {
    text "template_id" { "The template: its id or title", min = 1, max = 250 };
    text "step_id"     { "The step: its id or title", min = 1, max = 600 };
  };
  output = {
    text   "template_id"       { "The template" };
    object "step_info"         { "The step", fields = {
      text "id"                 { "Its id" };
      text "title"              { "Its title" };
      text "default_visibility" { "visible or conditionally_visible" };
    } };
    object "visibility_rules"  { "show_rules, hide_rules, conditional_rules; totals" };
    object "behavior_analysis" { "pattern, complexity, rules, hidden_at_launch, reachable" };
    list   "recommendations"   { "What to think about", of = "text" };
  };
  run = function (args, call)
    local model, err = blueprint.read(call, args.template_id)
    if not model then return nil, err end
    local step, unknown = blueprint.find_step(model, args.step_id, "step_id")
    if not step then return nil, unknown end
    local found = analysis.visibility(model, step, findings.facts(model))
    local text = ("%s of %s: %s"):format(step.title, model.title, found.behavior_analysis.pattern)
    for _, kind in ipairs { "show", "hide" } do
      for index, rule in ipairs(found.visibility_rules[kind .. "_rules"]) do
        if index > 10 then break end
        text = text .. ("\n- %s: %s%s"):format(kind, rule.when, rule.can_fire and "" or " (can never be true)")
      end
    end
    if not found.behavior_analysis.reachable then text = text .. "\nIt is never shown." end
    return { text = text, data = { template_id = model.id, step_info = { id = step.id, title = step.title,
      default_visibility = found.default_visibility }, visibility_rules = found.visibility_rules,
      behavior_analysis = found.behavior_analysis, recommendations = found.recommendations } }
  end;
}
