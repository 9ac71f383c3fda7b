local fields, shape = use "tallyfy.fields", use "tallyfy.shape"
local step_form, suggest = use "tallyfy.step_form", use "tallyfy.suggest_fields"

tool "suggest_form_fields_for_step" {
  title  = "Suggest form fields for a step";
  about  = "Suggests form fields that a template's step may lack, each with a reason and ready for add_form_field_to_step. "
        .. "By fixed rules on titles, descriptions and what is asked already; nothing is changed.";
  effect = "read";
  input  = {
    text "template_id" { "The template: its id or title", min = 1, max = 250 };
    text "step_id"     { "The step: its id or title", min = 1, max = 600 };
  };
  output = {
    text   "template_id"     { "The template" };
    text   "template"        { "Its title" };
    text   "step_id"         { "The step" };
    text   "step"            { "Its title" };
    list   "suggestions"     { "Surest first: { field_data, confidence, reason }", items = object {} };
    list   "already_asked"   { "What is asked already, with where and its variable", items = object {} };
    list   "existing_fields" { "The step's fields", items = object {} };
  };
  run = function (args, call)
    local form, err = step_form.read(call, args.template_id, args.step_id)
    if not form then return nil, err end
    local result = suggest.for_step(form.template, form.step)
    result.existing_fields = fields.briefs(form.list)
    return step_form.answer(form, suggest.sentence(result, ("the step %q"):format(form.step.title)),
      (shape.bounded(result)))
  end;
}
