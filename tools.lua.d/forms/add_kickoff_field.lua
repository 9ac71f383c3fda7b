local fields, kickoff_form = use "tallyfy.fields", use "tallyfy.kickoff_form"

tool "add_kickoff_field" {
  title  = "Add kickoff field";
  about  = "Adds a field to the form that is filled in when a process is launched, at its end unless a position is given. "
        .. "Calling it twice adds two.";
  effect = "add";
  input  = {
    text   "template_id" { "The template: its id or title", min = 1, max = 250 };
    object "field_data"  { fields.about };
  };
  output = {
    text   "template_id" { "The template" };
    text   "template"    { "Its title" };
    object "field"       { "The new field, with its id and alias" };
    list   "fields"      { "All kick-off fields in order", items = object {} };
  };
  run = function (args, call)
    local body, wrong = fields.new(args.field_data)
    if not body then return nil, wrong end
    local template, list = kickoff_form.read(call, args.template_id)
    if not template then return nil, list end
    local repeated = fields.repeats_label(list, body.label)
    local known = kickoff_form.ids(list)
    table.insert(list, math.min(body.position or #list + 1, #list + 1), body)
    local now, after = kickoff_form.write(call, template, list)
    if not now then return nil, after end
    local field = kickoff_form.not_in(after, known)
    if not field then return kickoff_form.not_taken(body.label) end
    local text = ("Added the %s field %q to the kick-off form of %s. Its answers can be shown as {{%s}}."):format(
      field.field_type, field.label, now.title, field.alias)
    if repeated then text = text .. " There is another kick-off field of that label: tell them apart by id." end
    return kickoff_form.answer(now, text, after, field)
  end;
}
