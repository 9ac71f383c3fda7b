local named, shape = use "tallyfy.named", use "tallyfy.shape"

local function given(value)
  return value and value:match("%S") and value:match("^%s*(.-)%s*$") or nil
end

tool "get_template" {
  title  = "Get template";
  about  = "Shows one template in full, by id or by name: its steps, kick-off fields (prerun) and automation rules. "
        .. "Give exactly one of template_id and template_name.";
  effect = "read";
  input  = {
    text "template_id"   { "The template's id", max = 64, optional = true };
    text "template_name" { "The template's name", max = 250, optional = true };
  };
  run = function (args, call)
    local id, name = given(args.template_id), given(args.template_name)
    if (id == nil) == (name == nil) then
      return nil, { code = "invalid_value", field = "template_id",
        message = id and "Both template_id and template_name were given." or "Neither template_id nor template_name was given.",
        hint = "Give exactly one of them." }
    end
    if name then
      local found, err = named.template(call, name, "template_name")
      if not found then return nil, err end
      id = found
    end
    local template, err = call.api:get("/organizations/{org}/checklists/{template_id}", {
      template_id = id, query = { with = "steps,automated_actions,prerun" } })
    if not template then return nil, err end
    local data = shape.object(template)
    return { text = ("%s: %s."):format(template.title, shape.count(data.steps and #data.steps or 0, "step")), data = data }
  end;
}
