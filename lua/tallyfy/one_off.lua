-- one_off.lua - a new one-off task: who gets it, the questions on it, and the copies that Tallyfy makes of it when everyone
-- is to have their own, of which it answers only the first.
local fields, groups, guests = use "tallyfy.fields", use "tallyfy.groups", use "tallyfy.guests"
local lists, members, shape = use "tallyfy.lists", use "tallyfy.members", use "tallyfy.shape"

local one_off = {}

-- Members by name and by address, each once.
local function users_of(call, args)
  local ids, seen = json.array(), {}
  for _, field in ipairs { "user_names", "user_emails" } do
    local found, err = members.ids(call, args[field], field)
    if not found then
      if err.code == "not_found" then err.hint = err.hint .. " Guests go into guest_emails." end
      return nil, err
    end
    for _, id in ipairs(found) do
      if not seen[id] then seen[id], ids[#ids + 1] = true, id end
    end
  end
  return ids
end

-- { users, guests, groups } with somebody in it; or nil and the error.
function one_off.owners(call, args)
  local users, err = users_of(call, args)
  if not users then return nil, err end
  local group_ids, unknown = groups.ids(call, args.group_names, "group_names")
  if not group_ids then return nil, unknown end
  local emails, wrong = guests.addresses(call, args.guest_emails or {}, "guest_emails")
  if not emails then return nil, wrong end
  if #users + #group_ids + #emails == 0 then
    return nil, { code = "missing_value", field = "user_names", message = "Nobody is assigned to the task.",
      hint = "Name at least one member (user_names, user_emails), guest (guest_emails) or group (group_names)." }
  end
  return { users = users, guests = emails, groups = group_ids }
end

-- The definitions, checked as those of a step are; nil where there are none.
function one_off.form(given)
  if not given or #given == 0 then return nil end
  local list = json.array()
  for index, definition in ipairs(given) do
    local field, err = fields.new(definition)
    if not field then
      err.field, err.message = ("form_fields[%d].%s"):format(index, err.field), ("Field %d: %s"):format(index, err.message)
      return nil, err
    end
    list[index] = field
  end
  return list
end

-- All copies of <task>, the first of them; or nil and why they cannot be shown. A process it was attached to has other tasks.
function one_off.copies(call, task)
  local run_id = type(task.run_id) == "string" and task.run_id
  if not run_id then return nil, "Tallyfy did not say where they are." end
  local all, err = lists.whole(call, "/organizations/{org}/runs/{run_id}/tasks", "task", { run_id = run_id })
  if not all then return nil, err.message end
  local rows = json.array()
  for _, one in ipairs(all) do
    local is_copy = one.title == task.title and one.is_oneoff_task == true and one.created_at >= task.created_at
    if is_copy then rows[#rows + 1] = shape.task_row(one) end
  end
  if #rows == 0 then return nil, "They are not among the tasks of the process yet." end
  return rows
end

return one_off
