local pick, preview, templates = use "tallyfy.pick", use "tallyfy.preview", use "tallyfy.templates"

tool "delete_template" {
  title  = "Delete template";
  about  = "Archives a template: nothing can be launched from it any more; running processes go on. Somebody can restore it "
        .. "in Tallyfy.";
  effect = "remove";
  input  = {
    text "template_id" { "The template: its id or title", min = 1, max = 250 };
  };
  output = {
    text "template_id" { "The template" };
    text "template"    { "Its title" };
    flag "archived"    { "Always true" };
    any  "deleted_references" { "What referred to it and was removed", types = { "object", "array" }, optional = true };
  };
  preview = function (args, call)
    local template, err = templates.one(call, args.template_id)
    if not template then return nil, err end
    return preview.of(("%q"):format(template.title), {
      { "Steps", was = #(pick.list(template.steps) or {}) },
      { "Rules", was = #(pick.list(template.automated_actions) or {}) },
      { "Processes launched from it", was = template.started_processes or 0 },
      { "Status", was = "active", will = "archived: nothing can be launched from it any more" },
    })
  end;
  run = function (args, call)
    local template, err = templates.one(call, args.template_id)
    if not template then return nil, err end
    local gone, failure = call.api:delete("/organizations/{org}/checklists/{template_id}", { template_id = template.id })
    if not gone then return nil, failure end
    local references = gone ~= true and gone.deleted_references or nil
    if references == json.null then references = nil end
    return templates.answer(template, ("Archived the template %s. %d processes were launched from it; those that run go on.")
      :format(template.title, template.started_processes or 0), { archived = true, deleted_references = references })
  end;
}
