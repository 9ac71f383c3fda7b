local named, pick, shape = use "tallyfy.named", use "tallyfy.pick", use "tallyfy.shape"
local template_view = use "tallyfy.template_view"

local function given(value)
  return value and value:match("%S") and pick.trimmed(value) or nil
end

tool "get_template" {
  title  = "Get template";
  about  = "Shows one template in full, by id or by name: its steps, kick-off fields (prerun) and automation rules. "
        .. "Give exactly one of template_id and template_name.";
  effect = "read";
  input  = {
    text "template_id"   { "The template: its id or title", max = 250, optional = true };
    text "template_name" { "The template's name", max = 250, optional = true };
  };
  output = json.decode [[ { "type": "object", "required": ["id", "title"], "properties": {
    "id": { "type": "string" }, "title": { "type": "string" },
    "steps": { "type": "array", "items": { "type": "object" } },
    "prerun": { "type": "array", "items": { "type": "object" }, "description": "Kick-off fields" },
    "automated_actions": { "type": "array", "items": { "type": "object" }, "description": "Rules" },
    "_omitted": { "type": "array", "items": { "type": "string" }, "description": "What did not fit, and what shows it" }
  } } ]];
  run = function (args, call)
    local id, name = given(args.template_id), given(args.template_name)
    if (id == nil) == (name == nil) then
      return nil, { code = "invalid_value", field = "template_id",
        message = id and "Both template_id and template_name were given." or "Neither template_id nor template_name was given.",
        hint = "Give exactly one of them." }
    end
    local found, unknown = named.template_or_id(call, id or name, id and "template_id" or "template_name", true)
    if not found then return nil, unknown end
    local template, err = call.api:get("/organizations/{org}/checklists/{template_id}", {
      template_id = found, query = { with = "steps,automated_actions,prerun" } })
    if not template then
      if err.status ~= 404 then return nil, err end
      return nil, { code = "not_found", status = 404, field = "template_id", message = err.message,
        hint = "It may be archived. get_all_templates lists the active ones." }
    end
    local data, left = template_view.of(template)
    local text = ("%s: %s."):format(template.title, shape.count(#(pick.list(template.steps) or {}), "step"))
    if #left > 0 then text = text .. " Left out because it did not fit: " .. table.concat(left, ", ") .. "." end
    return { text = text, data = data }
  end;
}
