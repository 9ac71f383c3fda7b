local step_input, steps, templates = use "tallyfy.step_input", use "tallyfy.steps", use "tallyfy.templates"

tool "add_assignees_to_step" {
  title  = "Add assignees to step";
  about  = "Adds members, guests or groups to a template's step; whoever is on it stays. They get the task in processes "
        .. "launched from then on.";
  effect = "change";
  input  = {
    text "template_id" { "The template: its id or title", min = 1, max = 250 };
    text "step_id"     { "The step: its id or title", min = 1, max = 600 };
    any  "assignees"   { "{users: ids, e-mail addresses or names; guests: e-mail addresses; groups: ids or names}",
                         types = { "object", "string" }, example = { users = { "Ben Okonkwo" } } };
  };
  output = {
    text   "template_id" { "The template" };
    text   "template"    { "Its title" };
    text   "step_id"     { "The step" };
    object "step"        { "All of it" };
    whole  "added"       { "How many were not on it before" };
  };
  run = function (args, call)
    local given, wrong = step_input.read_people(args.assignees, "assignees")
    if not given then return nil, wrong end
    local template, step = templates.with_step(call, args.template_id, args.step_id)
    if not template then return nil, step end
    local found, err = step_input.people(call, given, "assignees")
    if not found then return nil, err end
    local now, failure = steps.people_of(call, template, step)
    if not now then return nil, failure end
    local added = steps.add_people(now, found)
    if added == 0 then
      return steps.answer(template, ("Nothing to change: they are on the step %q already."):format(step.title), step,
        { added = 0 })
    end
    local changed
    changed, failure = steps.put(call, template, step, now)
    if not changed then return nil, failure end
    return steps.answer(template, ("Added %d to the step %q, which has %s now."):format(added, changed.title,
      steps.people_words(changed)), changed, { added = added })
  end;
}
