local pick, templates = use "tallyfy.pick", use "tallyfy.templates"

tool "clone_template" {
  title  = "Clone template";
  about  = "Copies a template with its steps, fields, kick-off form and rules, under a new name. All ids of the copy are new.";
  effect = "add";
  input  = {
    text "template_id" { "The template: its id or title", min = 1, max = 250 };
    text "new_name"    { "Title of the copy", min = 1, max = 250, pattern = "\\S" };
  };
  output = {
    text   "template_id"    { "The copy" };
    text   "template"       { "Its title" };
    text   "cloned_from_id" { "The original" };
    text   "cloned_from"    { "Its title" };
    object "settings"       { "All of the copy but steps, fields and rules" };
  };
  run = function (args, call)
    local original, err = templates.one(call, args.template_id)
    if not original then return nil, err end
    local copy, failure = call.api:post("/organizations/{org}/checklists/{template_id}/clone", {
      template_id = original.id, body = { tenant = call.org.id, title = pick.trimmed(args.new_name) } })
    if not copy then return nil, failure end
    return templates.answer(copy, ("Copied %s to %s (%s)."):format(original.title, copy.title, copy.id),
      { cloned_from_id = original.id, cloned_from = original.title, settings = templates.row(copy) })
  end;
}
