local pick, templates = use "tallyfy.pick", use "tallyfy.templates"

tool "create_template" {
  title  = "Create template";
  about  = "Makes an empty template. Then: add_step_to_template, add_form_field_to_step, add_kickoff_field, "
        .. "create_automation_rule, launch_process. Twice makes two.";
  effect = "add";
  input  = {
    text   "title"    { "Title", min = 1, max = 250, pattern = "\\S" };
    choice "type"     { "What it is", "procedure", "form", "document", default = "procedure" };
    text   "summary"  { "What it is for", max = 2000, optional = true };
    text   "guidance" { "Guidance for those who launch it, HTML", max = 30000, optional = true };
    flag   "starred"  { "Whether it is starred", optional = true };
  };
  output = {
    text   "template_id" { "The template" };
    text   "template"    { "Its title" };
    object "settings"    { "All of it" };
  };
  run = function (args, call)
    local template, err = call.api:post("/organizations/{org}/checklists", { body = { title = pick.trimmed(args.title),
      type = args.type, summary = args.summary, guidance = args.guidance, starred = args.starred } })
    if not template then return nil, err end
    return templates.answer(template, ("Created the template %s (%s). It has no steps yet: add_step_to_template."):format(
      template.title, template.id), { settings = templates.row(template) })
  end;
}
