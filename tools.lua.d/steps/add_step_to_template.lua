local step_input, steps, templates = use "tallyfy.step_input", use "tallyfy.steps", use "tallyfy.templates"

tool "add_step_to_template" {
  title  = "Add step to template";
  about  = "Adds a step, at the end or at step_data.position. approved/rejected rules need step_type approval. Without a "
        .. "deadline it gets the organization's usual one. Twice makes two.";
  effect = "add";
  input  = {
    text   "template_id" { "The template: its id or title", min = 1, max = 250 };
    object "step_data"   { "The step", fields = {
      text   "title"       { "What is to be done, a verb first", min = 1, max = 600, pattern = "\\S" };
      text   "summary"     { "Description, HTML; {{alias}} shows a field's answer", max = 100000, optional = true };
      text   "description" { "The same as summary", max = 100000, optional = true };
      choice "step_type"   { "Kind", "task", "approval", "expiring", "email", "expiring_email", optional = true };
      whole  "position"    { "Where, from 1; without it at the end", min = 1, max = 9999, optional = true };
      list   "users"       { "Members: ids, e-mail addresses or names", items = any { types = { "integer", "string" } },
                             max = 500, optional = true };
      list   "assignees"   { "The same as users", items = any { types = { "integer", "string" } }, max = 500, optional = true };
      list   "guests"      { "E-mail addresses", items = text { max = 250 }, max = 500, optional = true };
      list   "groups"      { "Ids or names", items = text { max = 200 }, max = 500, optional = true };
      object "deadline"    { "When it is due", optional = true, fields = {
        whole  "value"  { "How many", min = 0, max = 9999 };
        choice "unit"   { "Of what", "minutes", "hours", "days", "weeks", "months" };
        choice "option" { "After or before", "from", "prior_to", optional = true };
        text   "step"   { "Counted from: a step, or start_run", max = 600, optional = true };
      } };
      whole  "max_assignable"              { "Most people at once; 0 is no limit", min = 0, optional = true };
      text   "webhook"                     { "URL told when it is completed", max = 2000, optional = true };
      flag   "assign_run_starter"          { "Whether the launcher gets it when nobody else does", optional = true };
      flag   "allow_guest_owners"          { "Whether guests may have it", optional = true };
      flag   "can_complete_only_assignees" { "Whether only its people may complete it", optional = true };
      flag   "everyone_must_complete"      { "Whether each of its people must complete it", optional = true };
      flag   "prevent_guest_comment"       { "Whether guests may not comment", optional = true };
      flag   "skip_start_process"          { "Whether the launcher may leave it out", optional = true };
    } };
  };
  output = {
    text   "template_id"  { "The template" };
    text   "template"     { "Its title" };
    text   "step_id"      { "The new step" };
    object "step"        { "All of it" };
    flag   "is_in_place"  { "False when it stands at the end because it could not be moved" };
  };
  run = function (args, call)
    local template, err = templates.one(call, args.template_id)
    if not template then return nil, err end
    local body, wrong = step_input.new(call, template, args.step_data)
    if not body then return nil, wrong end
    local step, failure = call.api:post("/organizations/{org}/checklists/{template_id}/steps", {
      template_id = template.id, body = body })
    if not step then return nil, failure end
    local placed, note = steps.place(call, template, step, args.step_data.position)
    local now = placed or step
    return steps.answer(template, ("Added the step %q (%s) to %s at position %s, %s.%s"):format(now.title, now.id,
      template.title, tostring(now.position), steps.deadline_words(template, now.deadline), note or ""), now,
      { is_in_place = placed ~= nil })
  end;
}
