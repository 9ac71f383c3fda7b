local fields, options = use "tallyfy.fields", use "tallyfy.options"
local shape, step_form = use "tallyfy.shape", use "tallyfy.step_form"

tool "get_dropdown_options" {
  title  = "Get dropdown options";
  about  = "Lists the options of a dropdown, radio or multiselect field of a template's step, with their ids.";
  effect = "read";
  input  = {
    text "template_id" { "The template: its id or title", min = 1, max = 250 };
    text "step_id"     { "The step: its id or title", min = 1, max = 600 };
    text "field_id"    { "The field: its id, alias or label", min = 1, max = 500 };
  };
  output = {
    text  "template_id" { "The template" };
    text  "template"    { "Its title" };
    text  "step_id"     { "The step" };
    text  "step"        { "Its title" };
    text  "field_id"    { "The field" };
    list  "options"     { "The options: { id, text }", items = object {} };
    whole "unusable"    { "Stored options without id or text, which are not listed" };
  };
  run = function (args, call)
    local form, err = step_form.with_field(call, args.template_id, args.step_id, args.field_id)
    if not form then return nil, err end
    local fine, wrong = fields.require_choice(form.field)
    if not fine then return nil, wrong end
    local list, unusable = options.read(form.field)
    return step_form.answer(form, options.sentence(form.field, list, unusable),
      (shape.bounded { field_id = form.field.id, options = list, unusable = unusable }))
  end;
}
