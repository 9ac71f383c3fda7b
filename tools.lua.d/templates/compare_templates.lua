local diff, import = use "tallyfy.document_diff", use "tallyfy.document_import"
local people, shape, templates = use "tallyfy.document_people", use "tallyfy.shape", use "tallyfy.templates"

-- Rows to the other template, or to the first one with a document laid over it.
local function rows_of(call, reading, args, first)
  if args.other_template_id then
    local other, err = import.read(call, reading, args.other_template_id)
    if not other then return nil, err end
    return import.compared(first, other)
  end
  local found, err = import.prepare(reading, args.document, first, {})
  if not found then return nil, err end
  return found.rows
end

tool "compare_templates" {
  title  = "Compare templates";
  about  = "Shows what differs from one template to another one, or to a document of export_template: settings, steps, "
        .. "fields, people, deadlines, rules. Steps and fields are matched by alias, else by name. With a document this is "
        .. "what import_template would change, and a check of it.";
  effect = "read";
  input  = {
    text "template_id"       { "The template: its id or title", min = 1, max = 250 };
    text "other_template_id" { "The other one: its id or title", min = 1, max = 250, optional = true };
    any  "document"          { "Or a document, or its JSON text", types = { "object", "string" }, optional = true };
  };
  output = {
    text "template_id" { "The template" };
    text "template"    { "Its title" };
    flag "is_same"     { "Whether nothing differs" };
    list "differences" { "Each with part, name, change, key, before, after and text", of = "object" };
    whole "total"      { "How many there are" };
    flag "truncated"   { "Whether some did not fit" };
  };
  run = function (args, call)
    if (args.other_template_id == nil) == (args.document == nil) then
      return nil, { code = "invalid_value", field = "other_template_id", hint = "Give exactly one of them.",
        message = "Neither or both of other_template_id and document were given." }
    end
    local reading = people.reading(call)
    local first, err = import.read(call, reading, args.template_id)
    if not first then return nil, err end
    local rows, failure = rows_of(call, reading, args, first)
    if not rows then return nil, failure end
    local kept, truncated = shape.fit(rows)
    local text = #rows == 0 and "Nothing differs." or ("%s from %s:\n%s"):format(shape.count(#rows, "difference"),
      first.template.title, diff.lines(rows, 40))
    return templates.answer(first.template, text, { is_same = #rows == 0, differences = kept, total = #rows,
      truncated = truncated })
  end;
}
