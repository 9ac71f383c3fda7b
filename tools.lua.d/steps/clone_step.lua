local steps, templates = use "tallyfy.steps", use "tallyfy.templates"

tool "clone_step" {
  title  = "Clone step";
  about  = "Copies a step inside its template, with its form and people, under the same title, at the end. Rules are not "
        .. "copied. reorder_step moves the copy. Twice makes two.";
  effect = "add";
  input  = {
    text "template_id" { "The template: its id or title", min = 1, max = 250 };
    text "step_id"     { "The step: its id or title", min = 1, max = 600 };
  };
  output = {
    text   "template_id"    { "The template" };
    text   "template"       { "Its title" };
    text   "step_id"        { "The copy" };
    object "step"           { "All of it" };
    text   "cloned_from_id" { "The original" };
  };
  run = function (args, call)
    local template, step = templates.with_step(call, args.template_id, args.step_id)
    if not template then return nil, step end
    local copy, err = call.api:post("/organizations/{org}/checklists/{template_id}/steps/{step_id}/clone", {
      template_id = template.id, step_id = step.id })
    if not copy then return nil, err end
    return steps.answer(template, ("Copied the step %q: the copy is %s, at position %s."):format(step.title, copy.id,
      tostring(copy.position)), copy, { cloned_from_id = step.id })
  end;
}
