local fields, shape, templates = use "tallyfy.fields", use "tallyfy.shape", use "tallyfy.templates"
local who = use "tallyfy.who"

local noise = { captures = true, custom_fields = true, archived_at = true, checklist_id = true, ai_assigned = true,
  send_chromeless = true, top_secret = true }

-- With its form in short: add_form_field_to_step and get_dropdown_options know more of a field.
local function row_of(step)
  local row = shape.object(step, { drop = noise, cut = 500 })
  row.form_fields = fields.briefs(step.captures)
  return row
end

tool "get_template_steps" {
  title  = "Get template steps";
  about  = "Lists a template's steps in order, with people, deadline and form fields in short. Descriptions are cut after 500 "
        .. "characters here; get_template shows them whole.";
  effect = "read";
  input  = {
    text  "template_id"   { "The template: its id or title", min = 1, max = 250 };
    whole "from_position" { "Begin at this step, from 1", min = 1, default = 1 };
  };
  output = {
    text  "template_id"   { "The template" };
    text  "template"      { "Its title" };
    list  "steps"         { "The steps", of = "object" };
    whole "total"         { "How many the template has" };
    whole "next_position" { "from_position for the rest, when there is more", optional = true };
  };
  run = function (args, call)
    local template, err = templates.one(call, args.template_id)
    if not template then return nil, err end
    local steps, unread = templates.steps(template)
    if not steps then return nil, unread end
    local rows = json.array()
    for index = args.from_position, #steps do rows[#rows + 1] = row_of(steps[index]) end
    who.fill_steps(call, rows)
    local kept, truncated = shape.fit(rows)
    local rest = truncated and args.from_position + #kept or nil
    local text = ("%s: %s."):format(template.title, shape.count(#steps, "step"))
    if #rows == 0 and #steps > 0 then text = text .. (" None from position %d."):format(args.from_position) end
    if rest then text = text .. (" More from position %d."):format(rest) end
    return templates.answer(template, text, { steps = kept, total = #steps, next_position = rest })
  end;
}
