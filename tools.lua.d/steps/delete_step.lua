local pick, preview, steps = use "tallyfy.pick", use "tallyfy.preview", use "tallyfy.steps"
local templates, who = use "tallyfy.templates", use "tallyfy.who"

tool "delete_step" {
  title  = "Delete step";
  about  = "Deletes a step of a template with its form, for good; running processes keep their task. Refused while a rule or "
        .. "another step's deadline needs it.";
  effect = "remove";
  input  = {
    text "template_id" { "The template: its id or title", min = 1, max = 250 };
    text "step_id"     { "The step: its id or title", min = 1, max = 600 };
  };
  output = {
    text "template_id" { "The template" };
    text "template"    { "Its title" };
    text "step_id"     { "The step" };
    text "step"        { "Its title" };
    flag "deleted"     { "Always true" };
    list "mentions"    { "Where its fields are still mentioned as {{alias}}", of = "text" };
  };
  preview = function (args, call)
    local template, step = templates.with_step(call, args.template_id, args.step_id)
    if not template then return nil, step end
    local free, used = steps.is_free(template, step)
    local place, count = steps.place_of(template, step)
    local mentions = steps.mentions(template, step)
    local people = steps.people_of(call, template, step)
    return preview.of(("%q of %q"):format(step.title, template.title), {
      { "Place", was = ("%d of %d"):format(place, count) },
      { "Assigned to", was = people and who.words(call, { users = people.assignees, guests = people.guests,
        groups = people.groups }) or "not known" },
      { "Form fields", was = pick.list(step.captures) or json.null },
      { "Then", will = free and "deleted for good, with its form" or "not deleted: " .. used.message },
      { "Still mentioned in", will = #mentions > 0 and mentions or nil },
    })
  end;
  run = function (args, call)
    local template, step = templates.with_step(call, args.template_id, args.step_id)
    if not template then return nil, step end
    local free, used = steps.is_free(template, step)
    if not free then return nil, used end
    local mentions = steps.mentions(template, step)
    local gone, err = call.api:delete("/organizations/{org}/checklists/{template_id}/steps/{step_id}", {
      template_id = template.id, step_id = step.id })
    if not gone then return templates.refusal(err, ("The step %q"):format(step.title), "step_id") end
    local text = ("Deleted the step %q of %s."):format(step.title, template.title)
    if #mentions > 0 then text = text .. (" Its fields are still mentioned in %s."):format(table.concat(mentions, "; ")) end
    return templates.answer(template, text, { step_id = step.id, step = step.title, deleted = true, mentions = mentions })
  end;
}
