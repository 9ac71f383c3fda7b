local fields, kickoff_form = use "tallyfy.fields", use "tallyfy.kickoff_form"
local shape, suggest = use "tallyfy.shape", use "tallyfy.suggest_fields"
local templates = use "tallyfy.templates"

tool "suggest_kickoff_fields" {
  title  = "Suggest kickoff fields";
  about  = "Suggests what a template should ask for at the launch, each with a reason and ready for add_kickoff_field: "
        .. "variables nothing fills, what several steps ask for, what titles and descriptions speak of. Nothing is changed.";
  effect = "read";
  input  = {
    text "template_id" { "The template: its id or title", min = 1, max = 250 };
  };
  output = {
    text "template_id"     { "The template" };
    text "template"        { "Its title" };
    list "suggestions"     { "Surest first: { field_data, confidence, reason }", items = object {} };
    list "already_asked"   { "What is asked already, with its variable", items = object {} };
    list "existing_fields" { "The kick-off fields", items = object {} };
  };
  run = function (args, call)
    local template, list = kickoff_form.read(call, args.template_id)
    if not template then return nil, list end
    local steps, err = templates.steps(template)
    if not steps then return nil, err end
    local result = suggest.for_kickoff(template, steps)
    result.existing_fields = fields.briefs(list)
    return templates.answer(template, suggest.sentence(result, ("the kick-off form of %s"):format(template.title)),
      (shape.bounded(result)))
  end;
}
