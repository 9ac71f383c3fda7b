local document, shape, templates = use "tallyfy.document", use "tallyfy.shape", use "tallyfy.templates"

tool "export_template" {
  title  = "Export template";
  about  = "Gives a template as one JSON document that import_template and compare_templates take: settings, kick-off form, "
        .. "steps with fields, rules; people by e-mail address, groups by name, no ids. Folders, tags and owner are not in it.";
  effect = "read";
  input  = {
    text "template_id" { "The template: its id or title", min = 1, max = 250 };
    list "parts"       { "Only these; all without it", items = choice { "template", "kickoff", "steps", "rules" }, min = 1,
                         unique = true, optional = true };
  };
  output = {
    text   "template_id" { "The template" };
    text   "template"    { "Its title" };
    object "document"    { "The document" };
  };
  run = function (args, call)
    local template, err = templates.one(call, args.template_id)
    if not template then return nil, err end
    local doc, failure = document.of(call, template)
    if not doc then return nil, failure end
    local text = ("%s: %s, %s, %s."):format(template.title, shape.count(#doc.kickoff, "kick-off field"),
      shape.count(#doc.steps, "step"), shape.count(#doc.rules, "rule"))
    if args.parts then
      local part = { format = doc.format }
      for _, name in ipairs(args.parts) do part[name] = doc[name] end
      doc, text = part, text .. " The document has: " .. table.concat(args.parts, ", ") .. "."
    end
    local size = #json.encode(doc)
    if size > shape.budget then text = text .. (" It is %d KB, and whole: parts gives less at once."):format(size // 1024) end
    return templates.answer(template, text, { document = doc })
  end;
}
