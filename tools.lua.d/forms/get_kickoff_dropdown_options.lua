local fields, kickoff_form = use "tallyfy.fields", use "tallyfy.kickoff_form"
local options, shape, templates = use "tallyfy.options", use "tallyfy.shape", use "tallyfy.templates"

tool "get_kickoff_dropdown_options" {
  title  = "Get kickoff dropdown options";
  about  = "Lists the options of a dropdown, radio or multiselect kick-off field of a template, with their ids.";
  effect = "read";
  input  = {
    text "template_id" { "The template: its id or title", min = 1, max = 250 };
    text "field_id"    { "The field: its id, alias or label", min = 1, max = 500 };
  };
  output = {
    text  "template_id" { "The template" };
    text  "template"    { "Its title" };
    text  "field_id"    { "The field" };
    list  "options"     { "The options: { id, text }", items = object {} };
    whole "unusable"    { "Stored options without id or text, which are not listed" };
  };
  run = function (args, call)
    local template, list, field = kickoff_form.with_field(call, args.template_id, args.field_id)
    if not template then return nil, list end
    local fine, wrong = fields.require_choice(field)
    if not fine then return nil, wrong end
    local usable, unusable = options.read(field)
    return templates.answer(template, options.sentence(field, usable, unusable),
      (shape.bounded { field_id = field.id, options = usable, unusable = unusable }))
  end;
}
