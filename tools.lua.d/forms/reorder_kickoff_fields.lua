local field_order, kickoff_form = use "tallyfy.field_order", use "tallyfy.kickoff_form"

tool "reorder_kickoff_fields" {
  title  = "Reorder kickoff fields";
  about  = "Sets the order of a template's kick-off fields. Fields that are not named follow in their old order.";
  effect = "change";
  input  = {
    text "template_id" { "The template: its id or title", min = 1, max = 250 };
    list "field_order" { "Ids, aliases or labels in the wanted order", of = "text", min = 1, max = 500 };
  };
  output = {
    text "template_id" { "The template" };
    text "template"    { "Its title" };
    list "fields"      { "All kick-off fields in order", items = object {} };
  };
  run = function (args, call)
    local template, list = kickoff_form.read(call, args.template_id)
    if not template then return nil, list end
    local order, wrong = field_order.of(list, args.field_order, "kick-off field")
    if not order then return nil, wrong end
    if field_order.is_same(list, order) then
      return kickoff_form.answer(template, ("They stand so already: %s."):format(field_order.words(list)), list)
    end
    local now, after = kickoff_form.write(call, template, order)
    if not now then return nil, after end
    return kickoff_form.answer(now, ("The kick-off form of %s is in order: %s."):format(now.title,
      field_order.words(after)), after)
  end;
}
