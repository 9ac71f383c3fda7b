local shape = use "tallyfy.shape"

local function given(value)
  return value and value:match("%S") and value:match("^%s*(.-)%s*$") or nil
end

-- The template that a name means: exactly, else the only one that was found.
local function id_of(call, name)
  local found, whole = call.api:get("/organizations/{org}/search", {
    query = { on = "blueprint", search = name, per_page = 20 } })
  if not found then return nil, whole end
  local hits, titles = found.blueprint and found.blueprint.data or {}, {}
  for index, hit in ipairs(hits) do
    local title = hit.title or hit.name
    if title:lower() == name:lower() then return hit.id end
    titles[index] = ("%q"):format(title)
  end
  if #hits == 1 then return hits[1].id end
  return nil, { code = #hits == 0 and "not_found" or "ambiguous", field = "template_name",
    message = #hits == 0 and ("No template is called %q."):format(name)
      or ("%q could be: %s."):format(name, table.concat(titles, ", ", 1, math.min(#titles, 10))),
    hint = #hits == 0 and "get_all_templates lists them." or "Use the whole title, or template_id." }
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
      local found, err = id_of(call, name)
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
