local step_form, templates = use "tallyfy.step_form", use "tallyfy.templates"

tool "delete_form_field" {
  title  = "Delete form field";
  about  = "Deletes a form field from a template's step, with its answers in running processes, for good. A field that a rule "
        .. "uses cannot be deleted.";
  effect = "remove";
  input  = {
    text "template_id" { "The template: its id or title", min = 1, max = 250 };
    text "step_id"     { "The step: its id or title", min = 1, max = 600 };
    text "field_id"    { "The field: its id, alias or label", min = 1, max = 500 };
  };
  output = {
    text "template_id" { "The template" };
    text "template"    { "Its title" };
    text "step_id"     { "The step" };
    text "step"        { "Its title" };
    text "field_id"    { "The field that is gone" };
    list "left_in"     { "Where its variable still stands, empty from now on", of = "text" };
  };
  run = function (args, call)
    local form, err = step_form.with_field(call, args.template_id, args.step_id, args.field_id)
    if not form then return nil, err end
    local field, what = form.field, ("The field %q"):format(form.field.label)
    local rules = templates.rules_using(form.template, { [field.id] = true })
    if #rules > 0 then return templates.used_by(rules, what, "field_id") end
    local gone, failure = step_form.delete(call, form)
    if not gone then return templates.refusal(failure, what, "field_id") end
    local places = json.array(templates.places_of(form.template, field.alias))
    local text = ("Deleted the field %q from the step %q."):format(field.label, form.step.title)
    if #places > 0 then
      text = text .. (" {{%s}} still stands in %s."):format(field.alias, table.concat(places, ", "))
    end
    return step_form.answer(form, text, { field_id = field.id, left_in = places })
  end;
}
