local blueprint, change, rule_input = use "tallyfy.blueprint", use "tallyfy.rule_change", use "tallyfy.rule_input"
local rule_people = use "tallyfy.rule_people"

tool "create_automation_rule" {
  title  = "Create automation rule";
  about  = "Adds an if-then rule to a template. Names stand for ids. conditions: {conditionable_type: Step, Capture (form field) "
        .. "or Prerun (kick-off field), conditionable_id, operation, statement, logic}, read from left to right without "
        .. "precedence. Steps: completed, approved, rejected, reopened, acknowledged, expired, not_assigned; statement any_time, "
        .. "on-time, early_24 or late_24. Fields: equals, not_equals, equals_any, contains, not_contains, greater_than, "
        .. "less_than, is_empty, is_not_empty. actions: {action_verb: show, hide, reopen, deadline, assign, assign_only, "
        .. "unassign, clear_assignees or emit_webhook, target_step_id; deadline {value, unit, option: before or from}; "
        .. "assignees {users, guests, groups}; webhook_url}. A step that any rule shows is hidden from launch on.";
  effect = "add";
  limits = { cpu = "10s" };
  input  = {
    text   "template_id"     { "The template: its id or title", min = 1, max = 250 };
    object "automation_data" { "alias (its name), conditions, actions, condition_logic (and, or: the default)",
                               example = { alias = "Ship if remote", conditions = { { conditionable_type = "Prerun",
                               conditionable_id = "Remote worker?", operation = "equals", statement = "Yes" } },
                               actions = { { action_verb = "show", target_step_id = "Ship it" } } } };
  };
  output = {
    text   "template_id" { "The template" };
    text   "template"    { "Its title" };
    object "rule"        { "The rule as stored; sentence says it in words" };
    list   "warnings"    { "What is doubtful about it, beside the other rules", of = "text" };
  };
  run = function (args, call)
    local model, err = blueprint.read(call, args.template_id)
    if not model then return nil, err end
    local body, wrong = rule_input.body(call, model, json.table(args.automation_data))
    if not body then return nil, wrong end
    rule_people.read(call, model, body.then_actions)
    local made, refusal = call.api:post("/organizations/{org}/checklists/{template_id}/automated-actions", {
      template_id = model.id, body = body })
    if not made then return nil, refusal end
    return change.answer(model, json.table(made), "Created")
  end;
}
