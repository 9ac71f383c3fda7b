local fields, options, step_form = use "tallyfy.fields", use "tallyfy.options", use "tallyfy.step_form"

tool "update_dropdown_options" {
  title  = "Update dropdown options";
  about  = "Replaces the whole option list of a dropdown, radio or multiselect field of a template's step. Options that stay "
        .. "keep their ids, so that answers and rules still fit; rename one as { id, text }.";
  effect = "change";
  input  = {
    text "template_id" { "The template: its id or title", min = 1, max = 250 };
    text "step_id"     { "The step: its id or title", min = 1, max = 600 };
    text "field_id"    { "The field: its id, alias or label", min = 1, max = 500 };
    list "options"     { "All options from now on: texts, or { id, text }", items = any { types = { "string", "object" } },
                         max = 500 };
  };
  output = {
    text "template_id" { "The template" };
    text "template"    { "Its title" };
    text "step_id"     { "The step" };
    text "step"        { "Its title" };
    text "field_id"    { "The field" };
    list "options"     { "The options now: { id, text }", items = object {} };
    list "removed"     { "Texts that are gone", of = "text" };
    list "stranded_rules" { "Rules that compare with an option that is gone", of = "text" };
  };
  run = function (args, call)
    local form, err = step_form.with_field(call, args.template_id, args.step_id, args.field_id)
    if not form then return nil, err end
    local fine, wrong = fields.require_choice(form.field)
    if not fine then return nil, wrong end
    local body, unfit = fields.merged(form.field, { options = args.options })
    if not body then return nil, unfit end
    local field, failure = step_form.put(call, form, form.field, body)
    if not field then return nil, failure end
    local now = options.read(field)
    local removed = options.gone(options.read(form.field), now)
    local warning, rules = options.stranded_rules(form.template, form.field, field)
    local text = ("%s%s%s"):format(options.sentence(field, now, 0), #removed > 0
      and (" Gone: %s."):format(table.concat(removed, ", ")) or "", warning)
    return step_form.answer(form, text, { field_id = field.id, options = now, removed = removed, stranded_rules = rules })
  end;
}
