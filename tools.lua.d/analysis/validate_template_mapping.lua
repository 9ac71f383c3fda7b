local mapping, shape = use "tallyfy.analysis_mapping", use "tallyfy.shape"

tool "validate_template_mapping" {
  title  = "Validate template mapping";
  about  = "Checks the draft of a template before it is built: every field, step, deadline and rule, and whether the rules work "
        .. "together. Touches nothing. steps: temp_id, title, step_type, deadline {value, unit, option: from or prior_to, step}, "
        .. "form_fields {label, alias, type, options}. automations: automated_alias, conditions {on, type: step, field or "
        .. "kickoff, operation, statement, logic}, then_actions {action_type, action_verb, target, deadline (before or from)}.";
  effect = "read";
  closed = true;
  limits = { cpu = "10s" };
  input  = {
    object "mapping" { "The draft: title, summary, kickoff_form, steps, automations" };
  };
  output = {
    flag   "valid"    { "Whether there are no errors" };
    list   "errors"   { "What must be mended, each with its place", of = "text" };
    list   "warnings" { "What should be looked at", of = "text" };
    whole  "total_errors"   { "How many errors there are; errors has those that fit" };
    whole  "total_warnings" { "How many warnings there are" };
    object "summary"  { "How many there are", fields = {
      whole "steps"          { "Steps" };
      whole "kickoff_fields" { "Kick-off fields" };
      whole "automations"    { "Rules" };
    } };
  };
  run = function (args)
    local found = mapping.check(json.table(args.mapping))
    local lines = { ("%s: %s, %s."):format(found.valid and "Valid" or "Not valid", shape.count(#found.errors, "error"),
      shape.count(#found.warnings, "warning")) }
    for _, list in ipairs { found.errors, found.warnings } do
      for _, message in ipairs(list) do
        if #lines <= 20 then lines[#lines + 1] = "- " .. message end
      end
    end
    if #found.errors + #found.warnings > 20 then lines[#lines + 1] = "More in the structured answer." end
    found.total_errors, found.total_warnings = #found.errors, #found.warnings
    found.errors = shape.fit(found.errors, shape.budget * 0.6)
    found.warnings = shape.fit(found.warnings, shape.budget * 0.3)
    return { text = table.concat(lines, "\n"), data = found }
  end;
}
