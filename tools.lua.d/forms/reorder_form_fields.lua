local field_order, fields, step_form = use "tallyfy.field_order", use "tallyfy.fields", use "tallyfy.step_form"

tool "reorder_form_fields" {
  title  = "Reorder form fields";
  about  = "Sets the order of a step's form fields. Fields that are not named keep their order behind or around them.";
  effect = "change";
  input  = {
    text "template_id" { "The template: its id or title", min = 1, max = 250 };
    text "step_id"     { "The step: its id or title", min = 1, max = 600 };
    list "field_order" { "Ids, aliases or labels in the wanted order, or { id, position } objects",
                         items = any { types = { "string", "object" } }, min = 1, max = 500 };
  };
  output = {
    text "template_id" { "The template" };
    text "template"    { "Its title" };
    text "step_id"     { "The step" };
    text "step"        { "Its title" };
    list "fields"      { "The fields in their order now", items = object {} };
  };
  run = function (args, call)
    local form, err = step_form.read(call, args.template_id, args.step_id)
    if not form then return nil, err end
    local order, wrong = field_order.of(form.list, args.field_order, "form field")
    if not order then return nil, wrong end
    local words = field_order.words(order)
    if field_order.is_same(form.list, order) then
      return step_form.answer(form, ("They stand so already: %s."):format(words), { fields = fields.briefs(order) })
    end
    local done, failure = step_form.reorder(call, form, order)
    if not done then return nil, failure end
    return step_form.answer(form, ("The form of %q is in order: %s."):format(form.step.title, words),
      { fields = fields.briefs(order) })
  end;
}
