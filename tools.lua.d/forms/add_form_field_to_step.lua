local fields, step_form = use "tallyfy.fields", use "tallyfy.step_form"

tool "add_form_field_to_step" {
  title  = "Add form field to step";
  about  = "Adds a form field to a template's step, at its end unless a position is given. Processes that run keep their "
        .. "forms. Calling it twice adds two.";
  effect = "add";
  input  = {
    text   "template_id" { "The template: its id or title", min = 1, max = 250 };
    text   "step_id"     { "The step: its id or title", min = 1, max = 600 };
    object "field_data"  { fields.about };
  };
  output = {
    text   "template_id" { "The template" };
    text   "template"    { "Its title" };
    text   "step_id"     { "The step" };
    text   "step"        { "Its title" };
    object "field"       { "The new field, with its id and alias" };
  };
  run = function (args, call)
    local body, wrong = fields.new(args.field_data)
    if not body then return nil, wrong end
    local form, err = step_form.read(call, args.template_id, args.step_id)
    if not form then return nil, err end
    local field, failure = step_form.add(call, form, body)
    if not field then return nil, failure end
    local text = ("Added the %s field %q to the step %q. Its answers can be shown as {{%s}}."):format(field.field_type,
      field.label, form.step.title, field.alias)
    if fields.repeats_label(form.list, field.label) then
      text = text .. " The step has another field of that label: tell them apart by id."
    end
    return step_form.answer(form, text, { field = fields.row(field) })
  end;
}
