local steps, templates = use "tallyfy.steps", use "tallyfy.templates"

tool "reorder_step" {
  title  = "Reorder step";
  about  = "Moves a step of a template to another position; the others close up. Deadlines and rules stay as they are.";
  effect = "change";
  input  = {
    text  "template_id" { "The template: its id or title", min = 1, max = 250 };
    text  "step_id"     { "The step: its id or title", min = 1, max = 600 };
    whole "position"    { "Where to, from 1", min = 1, max = 9999 };
  };
  output = {
    text  "template_id" { "The template" };
    text  "template"    { "Its title" };
    text  "step_id"     { "The step" };
    object "step"       { "All of it" };
    whole "from"        { "Its position before" };
  };
  run = function (args, call)
    local template, step = templates.with_step(call, args.template_id, args.step_id)
    if not template then return nil, step end
    local place, count = steps.place_of(template, step)
    local wanted = math.min(args.position, count)
    if place == wanted then
      return steps.answer(template, ("Nothing to change: the step %q is at position %d of %d."):format(step.title, place,
        count), step, { from = place })
    end
    local moved, err = steps.move(call, template, step, wanted)
    if not moved then return nil, err end
    return steps.answer(template, ("Moved the step %q from position %d to %d of %d."):format(step.title, place, wanted,
      count), moved, { from = place })
  end;
}
