local kickoff_form, templates = use "tallyfy.kickoff_form", use "tallyfy.templates"

tool "delete_kickoff_field" {
  title  = "Delete kickoff field";
  about  = "Deletes a kick-off field of a template, with all answers that were given in it, for good. A field that a rule uses "
        .. "cannot be deleted.";
  effect = "remove";
  input  = {
    text "template_id" { "The template: its id or title", min = 1, max = 250 };
    text "field_id"    { "The field: its id, alias or label", min = 1, max = 500 };
  };
  output = {
    text "template_id" { "The template" };
    text "template"    { "Its title" };
    text "field_id"    { "The field that is gone" };
    list "fields"      { "The kick-off fields that are left", items = object {} };
    list "left_in"     { "Where its variable still stands, empty from now on", of = "text" };
  };
  run = function (args, call)
    local template, list, field = kickoff_form.with_field(call, args.template_id, args.field_id)
    if not template then return nil, list end
    local what = ("The kick-off field %q"):format(field.label)
    local rules = templates.rules_using(template, { [field.id] = true })
    if #rules > 0 then return templates.used_by(rules, what, "field_id") end
    local gone, failure = call.api:delete("/organizations/{org}/checklists/{template_id}/preruns/{field_id}",
      { template_id = template.id, field_id = field.id })
    if not gone then return templates.refusal(failure, what, "field_id") end
    local places = json.array(templates.places_of(template, field.alias))
    local text = ("Deleted the kick-off field %q of %s."):format(field.label, template.title)
    if #places > 0 then
      text = text .. (" {{%s}} still stands in %s."):format(field.alias, table.concat(places, ", "))
    end
    local answer = kickoff_form.answer(template, text, kickoff_form.without(list, field))
    answer.data.field_id, answer.data.left_in = field.id, places
    return answer
  end;
}
