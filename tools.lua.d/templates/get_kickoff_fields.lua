local fields, kickoff_form = use "tallyfy.fields", use "tallyfy.kickoff_form"
local shape, templates = use "tallyfy.shape", use "tallyfy.templates"

tool "get_kickoff_fields" {
  title  = "Get kick-off fields";
  about  = "Lists what a template asks for at its launch, in order. launch_process takes values by these labels or ids; "
        .. "field_type can be written back.";
  effect = "read";
  input  = {
    text  "template_id" { "The template: its id or title", min = 1, max = 250 };
    whole "from_field"  { "Begin at this field, from 1", min = 1, default = 1 };
  };
  output = {
    text  "template_id" { "The template" };
    text  "template"    { "Its title" };
    list  "fields"      { "The kick-off fields", of = "object" };
    whole "total"       { "How many there are" };
    flag  "truncated"   { "Whether some did not fit" };
    whole "next_field"  { "from_field for the rest, when there is more", optional = true };
  };
  run = function (args, call)
    local template, form = kickoff_form.read(call, args.template_id)
    if not template then return nil, form end
    local rows = json.array()
    local first = args.from_field or 1
    for index = first, #form do rows[#rows + 1] = fields.row(form[index]) end
    local kept, truncated = shape.fit(rows)
    local rest = truncated and first + #kept or nil
    local text = #form == 0 and ("%s asks for nothing at its launch."):format(template.title)
      or ("%s asks for %s at its launch."):format(template.title, shape.count(#form, "value"))
    if rest then text = text .. (" More from field %d."):format(rest) end
    return templates.answer(template, text, { fields = kept, total = #form, truncated = truncated, next_field = rest })
  end;
}
