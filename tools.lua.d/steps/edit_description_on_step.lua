local steps, templates = use "tallyfy.steps", use "tallyfy.templates"

tool "edit_description_on_step" {
  title  = "Edit step description";
  about  = "Replaces the description of a template's step. Its people stay. {{alias}} of a field shows that field's answer.";
  effect = "change";
  input  = {
    text "template_id" { "The template: its id or title", min = 1, max = 250 };
    text "step_id"     { "The step: its id or title", min = 1, max = 600 };
    text "description" { "The new text, HTML", min = 1, max = 2000, pattern = "\\S" };
  };
  output = {
    text   "template_id" { "The template" };
    text   "template"    { "Its title" };
    text   "step_id"     { "The step" };
    object "step"        { "All of it" };
    text   "before"      { "The text it had", optional = true };
  };
  run = function (args, call)
    local template, step = templates.with_step(call, args.template_id, args.step_id)
    if not template then return nil, step end
    local before = step.summary ~= json.null and step.summary or nil
    local unknown = steps.unknown_variables(template, args.description)
    local now, failure = steps.put(call, template, step, { summary = args.description })
    if not now then return nil, failure end
    local text = ("Changed the description of the step %q."):format(now.title)
    if #unknown > 0 then
      text = text .. (" No field of the template has the alias %s: nothing shows there."):format(
        table.concat(unknown, ", "))
    end
    return steps.answer(template, text, now, { before = before })
  end;
}
