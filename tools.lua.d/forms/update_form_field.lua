local fields, options, step_form = use "tallyfy.fields", use "tallyfy.options", use "tallyfy.step_form"

tool "update_form_field" {
  title  = "Update form field";
  about  = "Changes a form field of a template's step. What is left out stays. Another field_type drops the stored answers "
        .. "and what no longer fits; options that stay keep their ids.";
  effect = "change";
  input  = {
    text   "template_id" { "The template: its id or title", min = 1, max = 250 };
    text   "step_id"     { "The step: its id or title", min = 1, max = 600 };
    text   "field_id"    { "The field: its id, alias or label", min = 1, max = 500 };
    object "field_data"  { "What to change, at least one key of what add_form_field_to_step takes" };
  };
  output = {
    text   "template_id" { "The template" };
    text   "template"    { "Its title" };
    text   "step_id"     { "The step" };
    text   "step"        { "Its title" };
    object "field"       { "The field as it is now" };
    list   "changed"     { "The keys that changed", of = "text" };
    list   "stranded_rules" { "Rules that compare with an option that is gone", of = "text" };
  };
  run = function (args, call)
    local something, nothing = fields.something(args.field_data)
    if not something then return nil, nothing end
    local form, err = step_form.with_field(call, args.template_id, args.step_id, args.field_id)
    if not form then return nil, err end
    local body, changed = fields.merged(form.field, args.field_data)
    if not body then return nil, changed end
    local field, failure = step_form.put(call, form, form.field, body)
    if not field then return nil, failure end
    local warning, rules = options.stranded_rules(form.template, form.field, field)
    local text = ("Changed the field %q of the step %q: %s.%s"):format(field.label, form.step.title,
      #changed > 0 and table.concat(changed, ", ") or "nothing was different", warning)
    return step_form.answer(form, text, { field = fields.row(field), changed = json.array(changed), stranded_rules = rules })
  end;
}
