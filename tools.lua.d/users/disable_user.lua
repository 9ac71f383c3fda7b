local members, pick, preview = use "tallyfy.members", use "tallyfy.pick", use "tallyfy.preview"
local shape = use "tallyfy.shape"

-- How many tasks wait for the member, or nil when that cannot be read: worth a word, not worth a refusal.
local function open_tasks(call, member)
  local tasks, whole = call.api:get("/organizations/{org}/users/{user_id}/tasks", {
    user_id = member.id, query = { status = "incomplete", per_page = 1 } })
  local pagination = tasks and whole.meta and whole.meta.pagination
  return pagination and pagination.total
end

-- The steps of active templates that name the member: each launch would give them work again. nil when they cannot be read.
local function steps_of(call, member)
  local templates = call.api:pages("/organizations/{org}/checklists", { query = { with = "steps", per_page = 100 } },
    { max = 500 })
  if not templates then return nil end
  local found = json.array()
  for _, template in ipairs(templates) do
    for _, step in ipairs(pick.list(template.steps) or {}) do
      for _, one in ipairs(pick.list(step.assignees) or {}) do
        if (pick.is_object(one) and one.id or one) == member.id then
          found[#found + 1] = { template = template.title, template_id = template.id, step = step.title, step_id = step.id }
        end
      end
    end
  end
  return found
end

local function left_behind(waiting, steps)
  local text = ""
  if waiting and waiting > 0 then text = (" %s still assigned to them."):format(shape.count(waiting, "open task")) end
  if not steps or #steps == 0 then return text end
  local names = {}
  for index = 1, math.min(#steps, 5) do names[index] = ("%q of %q"):format(steps[index].step, steps[index].template) end
  return ("%s They are still on %s of templates: %s%s import_template with new assignees changes that.")
    :format(text, shape.count(#steps, "step"), table.concat(names, ", "), #steps > 5 and "..." or ".")
end

tool "disable_user" {
  title  = "Disable user";
  about  = "Shuts a member out at once and frees the seat. Their tasks and steps of templates stay theirs: hand tasks over "
        .. "first; the answer names the steps. enable_user lets them in again. For administrators.";
  effect = "remove";
  input  = {
    any "user_id" { "The member: the number, the e-mail address or the full name", types = { "integer", "string" } };
  };
  output = {
    id   "id"        { "The member's id", kind = "integer", optional = true };
    text "email"     { "Their address" };
    text "full_name" { "Their name", optional = true };
    text "role"      { "Their role", optional = true };
    text "status"    { "Active, invited or disabled", optional = true };
    whole "open_tasks" { "Tasks still theirs", optional = true };
    list "template_steps" { "Steps that still name them: template, step and their ids", of = "object", optional = true };
  };
  preview = function (args, call)
    local member, err = members.one(call, args.user_id, "user_id")
    if not member then return nil, err end
    local waiting = open_tasks(call, member)
    return preview.of(members.named(member), {
      { "Status", was = member.status or json.null, will = "disabled: shut out at once" },
      { "Role", was = tostring(member.role):lower() },
      { "Open tasks", was = waiting or "not known", will = (waiting or 1) > 0 and "stay theirs" or nil },
    })
  end;
  run = function (args, call)
    local member, err = members.one(call, args.user_id, "user_id")
    if not member then return nil, err end
    if member.status == "disabled" then
      return { text = "Nothing to change: " .. members.sentence(member), data = members.row(member) }
    end
    if member.is_default_admin == true then return members.protected(member) end
    if member.id == call.user.id then
      return nil, { code = "refused", field = "user_id", message = "That is you: you would shut yourself out.",
        hint = "Another administrator can do it." }
    end
    local waiting = open_tasks(call, member)
    local disabled, failure = call.api:delete("/organizations/{org}/users/{user_id}/disable", { user_id = member.id })
    if not disabled then return nil, failure end
    local steps = steps_of(call, member)
    local data = members.row(disabled == true and member or disabled)
    data.open_tasks, data.template_steps = waiting, steps and shape.fit(steps, shape.budget // 2)
    return { text = ("Disabled: %s."):format(member.full_name) .. left_behind(waiting, steps), data = data }
  end;
}
