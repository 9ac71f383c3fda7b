local blueprint, change = use "tallyfy.blueprint", use "tallyfy.rule_change"
local rule_people = use "tallyfy.rule_people"

tool "delete_automation_rule" {
  title  = "Delete automation rule";
  about  = "Deletes a rule for good. The answer holds it, so that create_automation_rule could make it again.";
  effect = "remove";
  input  = {
    text "template_id"   { "The template: its id or title", min = 1, max = 250 };
    text "automation_id" { "The rule: its id or name", min = 1, max = 300 };
  };
  output = {
    text   "template_id" { "The template" };
    text   "template"    { "Its title" };
    flag   "deleted"     { "Always true" };
    object "rule"        { "The rule that was deleted" };
  };
  preview = function (args, call)
    local model, err = blueprint.read(call, args.template_id)
    if not model then return nil, err end
    local rule, unknown = blueprint.find_rule(model, args.automation_id)
    if not rule then return nil, unknown end
    rule_people.read(call, model)
    return change.preview(model, rule)
  end;
  run = function (args, call)
    local model, err = blueprint.read(call, args.template_id)
    if not model then return nil, err end
    local rule, unknown = blueprint.find_rule(model, args.automation_id)
    if not rule then return nil, unknown end
    rule_people.read(call, model)
    local gone, refusal = call.api:delete("/organizations/{org}/checklists/{template_id}/automated-actions/{automation_id}", {
      template_id = model.id, automation_id = rule.id })
    if not gone then return nil, refusal end
    return change.gone(model, rule)
  end;
}
