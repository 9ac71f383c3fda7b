local diff, import = use "tallyfy.document_diff", use "tallyfy.document_import"
local people, shape, templates = use "tallyfy.document_people", use "tallyfy.shape", use "tallyfy.templates"
local write = use "tallyfy.document_write"

local function counted(doc)
  return ("%s, %s, %s"):format(shape.count(#doc.kickoff, "kick-off field"), shape.count(#doc.steps, "step"),
    shape.count(#doc.rules, "rule"))
end

local function sentence(done, target, found, left)
  local text = target and ("Changed %s (%s) in %s:\n%s"):format(done.title, done.id, shape.count(done.done, "write"),
    diff.lines(found.rows, 40)) or ("Made %s (%s) in %s: %s."):format(done.title, done.id, shape.count(done.done, "write"),
    counted(found.after))
  if #found.skipped > 0 then text = text .. "\nLeft out, because unknown here: " .. table.concat(found.skipped, ", ") .. "." end
  if #left > 0 then text = text .. "\nTallyfy did not take over:\n" .. diff.lines(left, 20) end
  return text
end

local function answer(template, text, found, more)
  local kept, truncated = shape.fit(found.rows)
  local data = { differences = kept, total = #found.rows, truncated = truncated, left_out = found.skipped,
    not_taken = json.array(), written = false }
  for key, value in pairs(more) do data[key] = value end
  return templates.answer(template, text, data)
end

tool "import_template" {
  title  = "Import template";
  about  = "Makes a template from a document of export_template, or changes one to what the document says; what the document "
        .. "leaves out stays, null clears, nothing is ever deleted. All of it is checked first. dry_run shows the differences "
        .. "only. If it stops midway, the same document with the template_id it names goes on from there.";
  effect = "change";
  annotations = { idempotent = false };
  limits = { time = "5min" };
  task   = true;
  input  = {
    any    "document"       { "The document, or its JSON text: {template: {title, summary...}, kickoff: [{label, "
      .. "field_type, required, options}], steps: [{title, step_type, summary, assignees, groups, deadline, fields}], rules: "
      .. "[{alias, conditions: [{on, operation, statement, logic}], then_actions: [{action_verb, target, deadline, "
      .. "assignees}]}]}, in the words of create_automation_rule. Rules and deadlines name steps and fields by title, label or "
      .. "key; {{key}} in a text shows a field", types = { "object", "string" } };
    text   "template_id"    { "The template to change: its id or title; without it a new one is made", min = 1, max = 250,
                              optional = true };
    text   "title"          { "Title in place of the document's", min = 1, max = 250, pattern = "\\S", optional = true };
    choice "unknown_people" { "What to do about people and groups that are not known here", "refuse", "leave out",
                              default = "refuse" };
    flag   "dry_run"        { "Only check and show what would change", default = false };
  };
  output = {
    text "template_id" { "The template", optional = true };
    text "template"    { "Its title" };
    flag "written"     { "Whether anything was sent" };
    list "differences" { "Each with part, name, change, key, before, after and text", of = "object" };
    whole "total"      { "How many there are" };
    flag "truncated"   { "Whether some did not fit" };
    list "left_out"    { "People who were left out", of = "text" };
    list "not_taken"   { "What Tallyfy did not take over", of = "object" };
  };
  run = function (args, call)
    local reading, target = people.reading(call), nil
    if args.template_id then
      local stored, err = import.read(call, reading, args.template_id)
      if not stored then return nil, err end
      target = stored
    end
    local found, wrong = import.prepare(reading, args.document, target, { title = args.title,
      leave_out = args.unknown_people == "leave out" })
    if not found then return nil, wrong end
    local template = target and target.template or { title = found.after.template.title }
    if #found.jobs == 0 then return answer(template, "Nothing to change.", found, {}) end
    if args.dry_run then
      local text = ("The document is fine. %s in %s:\n%s\nNothing was sent."):format(shape.count(#found.rows, "difference"),
        shape.count(#found.jobs, "write"), diff.lines(found.rows, 40))
      return answer(template, text, found, {})
    end
    local done, failure = write.run(call, found.jobs, target and target.template, target and target.index, found.after)
    if not done then return nil, failure end
    local left, unread = import.left(call, reading, done.id, found.after)
    local text = sentence(done, target, found, left or {})
    if not left then text = text .. "\nIt could not be read back to check it: " .. unread.message end
    return answer(done, text, found, { written = true, not_taken = left })
  end;
}
