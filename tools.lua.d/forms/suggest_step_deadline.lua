local steps, suggest, templates = use "tallyfy.steps", use "tallyfy.suggest_deadline", use "tallyfy.templates"

local said = { fits = " The deadline it has (%s) fits.", differs = " It has another one: %s.", missing = " It has none." }

tool "suggest_step_deadline" {
  title  = "Suggest step deadline";
  about  = "Suggests a deadline for a template's step, with reasons, and says whether the one it has fits. By fixed rules on "
        .. "title, description, kind of step, rules and the steps before it; nothing is changed.";
  effect = "read";
  input  = {
    text "template_id" { "The template: its id or title", min = 1, max = 250 };
    text "step_id"     { "The step: its id or title", min = 1, max = 600 };
  };
  output = {
    text   "template_id" { "The template" };
    text   "template"    { "Its title" };
    text   "step_id"     { "The step" };
    text   "step"        { "Its title" };
    object "deadline"    { "The suggestion, as a step takes it: { value, unit, option, step }" };
    whole  "confidence"  { "How sure, of 100" };
    list   "reasons"     { "Why", of = "text" };
    object "current"     { "The deadline it has", optional = true };
    choice "verdict"     { "Of the deadline it has", "fits", "differs", "missing" };
    whole  "total_steps" { "Steps of the template" };
  };
  run = function (args, call)
    local template, step = templates.with_step(call, args.template_id, args.step_id)
    if not template then return nil, step end
    local result, err = suggest.of(template, step)
    if not result then return nil, err end
    local text = ("For %q: %s (%d%% sure). %s%s"):format(step.title, steps.deadline_words(template, result.deadline),
      result.confidence, table.concat(result.reasons, " "),
      said[result.verdict]:format(steps.deadline_words(template, step.deadline)))
    result.step_id, result.step, result.total_steps = step.id, step.title, #templates.steps(template)
    return templates.answer(template, text, result)
  end;
}
