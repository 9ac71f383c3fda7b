local fields, kickoff_form, options = use "tallyfy.fields", use "tallyfy.kickoff_form", use "tallyfy.options"

tool "update_kickoff_field" {
  title  = "Update kickoff field";
  about  = "Changes a kick-off field of a template. What is left out stays. Another field_type drops the stored answers and "
        .. "what no longer fits; options that stay keep their ids.";
  effect = "change";
  input  = {
    text   "template_id" { "The template: its id or title", min = 1, max = 250 };
    text   "field_id"    { "The field: its id, alias or label", min = 1, max = 500 };
    object "field_data"  { "What to change, at least one key of what add_kickoff_field takes" };
  };
  output = {
    text   "template_id" { "The template" };
    text   "template"    { "Its title" };
    object "field"       { "The field as it is now" };
    list   "fields"      { "All kick-off fields in order", items = object {} };
    list   "changed"     { "The keys that changed", of = "text" };
    list   "stranded_rules" { "Rules that compare with an option that is gone", of = "text" };
  };
  run = function (args, call)
    local something, nothing = fields.something(args.field_data)
    if not something then return nil, nothing end
    local template, list, stored = kickoff_form.with_field(call, args.template_id, args.field_id)
    if not template then return nil, list end
    local body, changed = fields.merged(stored, args.field_data)
    if not body then return nil, changed end
    local now, after = kickoff_form.write(call, template, kickoff_form.replaced(list, stored, body))
    if not now then return nil, after end
    local field = kickoff_form.by_id(after, stored.id)
    if not field then return kickoff_form.not_taken(stored.label) end
    local warning, rules = options.stranded_rules(now, stored, field)
    local answer = kickoff_form.answer(now, ("Changed the kick-off field %q of %s: %s.%s"):format(field.label, now.title,
      #changed > 0 and table.concat(changed, ", ") or "nothing was different", warning), after, field)
    answer.data.changed, answer.data.stranded_rules = json.array(changed), rules
    return answer
  end;
}
