local blueprint, change, rule_input = use "tallyfy.blueprint", use "tallyfy.rule_change", use "tallyfy.rule_input"
local rule_people = use "tallyfy.rule_people"

tool "update_automation_rule" {
  title  = "Update automation rule";
  about  = "Changes a rule; the words are those of create_automation_rule. What is left out stays. conditions or actions "
        .. "that are given are the whole list from then on; an item with the id of a stored one keeps what it does not say.";
  effect = "change";
  limits = { cpu = "10s" };
  input  = {
    text   "template_id"     { "The template: its id or title", min = 1, max = 250 };
    text   "automation_id"   { "The rule: its id or name", min = 1, max = 300 };
    object "automation_data" { "What to change: alias, conditions, actions, condition_logic" };
  };
  output = {
    text   "template_id" { "The template" };
    text   "template"    { "Its title" };
    object "rule"        { "The rule as it is now; sentence says it in words" };
    list   "warnings"    { "What is doubtful about it, beside the other rules", of = "text" };
  };
  run = function (args, call)
    local model, err = blueprint.read(call, args.template_id)
    if not model then return nil, err end
    local rule, unknown = blueprint.find_rule(model, args.automation_id)
    if not rule then return nil, unknown end
    local body, wrong = rule_input.body(call, model, json.table(args.automation_data), rule)
    if not body then return nil, wrong end
    rule_people.read(call, model, body.then_actions)
    local now, refusal = call.api:put("/organizations/{org}/checklists/{template_id}/automated-actions/{automation_id}", {
      template_id = model.id, automation_id = rule.id, body = body })
    if not now then return nil, refusal end
    return change.answer(model, json.table(now), "Changed")
  end;
}
