local fields, step_form, templates = use "tallyfy.fields", use "tallyfy.step_form", use "tallyfy.templates"

tool "move_form_field" {
  title  = "Move form field";
  about  = "Moves a form field to another step of the template, or within its step. Id, alias and rules stay.";
  effect = "change";
  input  = {
    text  "template_id" { "The template: its id or title", min = 1, max = 250 };
    text  "from_step"   { "The step that has it: its id or title", min = 1, max = 600 };
    text  "field_id"    { "The field: its id, alias or label", min = 1, max = 500 };
    text  "to_step"     { "The step that shall have it: its id or title", min = 1, max = 600 };
    whole "position"    { "Its place there, from 1", min = 1, max = 9999, default = 1 };
  };
  output = {
    flag   "success"     { "Whether it moved" };
    text   "template_id" { "The template" };
    text   "template"    { "Its title" };
    text   "step_id"     { "The step that has it now" };
    text   "step"        { "Its title" };
    text   "from_step"   { "The step that had it" };
    object "field"       { "The field as it is now" };
  };
  run = function (args, call)
    local form, err = step_form.with_field(call, args.template_id, args.from_step, args.field_id, "from_step")
    if not form then return nil, err end
    local target, unknown = templates.step(form.template, args.to_step, "to_step")
    if not target then return nil, unknown end
    local field, failure = step_form.move(call, form, target, args.position)
    if not field then return nil, failure end
    if field.step_id ~= target.id then
      return nil, { code = "unknown_state", field = "to_step", hint = "get_template_steps shows where it is.",
        message = ("Tallyfy took the request, but %q does not stand in %q."):format(form.field.label, target.title) }
    end
    local from = form.step
    form.step = target
    return step_form.answer(form, ("Moved the field %q from the step %q to %q, position %d."):format(field.label, from.title,
      target.title, field.position), { success = true, from_step = from.id, field = fields.row(field) })
  end;
}
