-- step_input.lua - a step as people and models write it, to the body the API wants: people by id, name or address,
-- deadlines that work, and an error for whatever Tallyfy would take and forget.
local groups, guests, members = use "tallyfy.groups", use "tallyfy.guests", use "tallyfy.members"
local pick, templates = use "tallyfy.pick", use "tallyfy.templates"

local step_input = {}

local function problem(code, field, message, hint)
  return nil, { code = code, field = field, message = message, hint = hint }
end

local bucket_of = { users = "assignees", assignees = "assignees", guests = "guests", groups = "groups" }

-- {users, guests, groups} as an object or as its JSON text, with known keys and somebody in it.
function step_input.read_people(given, field)
  if type(given) == "string" then given = json.decode(given) end
  if not pick.is_object(given) then
    return problem("invalid_value", field, field .. " must be an object.", "Write {\"users\": [\"Ben Okonkwo\"]}.")
  end
  local found, somebody = {}, false
  for key, value in pairs(given) do
    if not bucket_of[key] then
      return problem("unknown_field", field, ("%s has no %q."):format(field, key), "There are users, guests and groups.")
    end
    if type(value) == "string" or type(value) == "number" then value = json.array { value } end
    if value ~= json.null then
      found[key] = pick.list(value)
      if not found[key] then return problem("invalid_value", ("%s.%s"):format(field, key), key .. " must be a list.") end
      somebody = somebody or #found[key] > 0
    end
  end
  if somebody then return found end
  return problem("missing_value", field, "Nobody to add was named.", "Write {\"users\": [\"Ben Okonkwo\"]}.")
end

-- users (or assignees), guests and groups of <given> as { assignees, guests, groups }; or nil and the error.
function step_input.people(call, given, field)
  local users = json.array()
  for _, key in ipairs { "users", "assignees" } do
    for _, who in ipairs(pick.list(given[key]) or {}) do users[#users + 1] = who end
  end
  local lists = {
    { "assignees", members.ids, users, ".users" }, { "guests", guests.addresses, pick.list(given.guests) or {}, ".guests" },
    { "groups", groups.ids, pick.list(given.groups), ".groups" },
  }
  local found = {}
  for _, one in ipairs(lists) do
    local ids, err = one[2](call, one[3], field .. one[4])
    if not ids then return nil, err end
    found[one[1]] = ids
  end
  return found
end

local units = { minutes = true, hours = true, days = true, weeks = true, months = true }

local function anchor_of(template, given, field)
  local anchor = given.step
  if anchor == nil or anchor == json.null or anchor == "" or anchor == "start_run" then return "start_run" end
  local step, err = templates.step(template, tostring(anchor), field .. ".step")
  if not step then return nil, err end
  return step.id
end

-- All four keys of a deadline go together; a wrong option is stored by Tallyfy and does nothing.
function step_input.deadline(template, given, field)
  local option, unit = given.option, given.unit
  if option == nil or option == json.null then option = "from" end
  if math.type(given.value) ~= "integer" or given.value < 0 then
    return problem("invalid_value", field .. ".value", "A deadline needs a whole number in value, 0 or more.")
  end
  unit = type(unit) == "string" and (units[unit] and unit or units[unit .. "s"] and unit .. "s")
  if not unit then
    return problem("invalid_value", field .. ".unit", ("%q is no unit of a deadline."):format(tostring(given.unit)),
      "Write minutes, hours, days, weeks or months.")
  end
  if option ~= "from" and option ~= "prior_to" then
    return problem("invalid_value", field .. ".option", ("%q is no option of a deadline."):format(tostring(option)),
      "Write from (after) or prior_to (before); \"before\" is a word of rules only.")
  end
  local anchor, err = anchor_of(template, given, field)
  if not anchor then return nil, err end
  if option == "prior_to" and anchor == "start_run" then
    return problem("invalid_value", field, "Nothing can be due before the process starts.",
      "Name the step in deadline.step before which it is due.")
  end
  return { value = given.value, unit = unit, option = option, step = anchor }
end

local copied = { "step_type", "max_assignable", "webhook", "assign_run_starter", "allow_guest_owners",
  "can_complete_only_assignees", "everyone_must_complete", "prevent_guest_comment", "skip_start_process" }

-- The body of a new step of <template>, from step_data; or nil and the error.
function step_input.new(call, template, given)
  local all, unreadable = templates.steps(template)
  if not all then return nil, unreadable end
  local body = { checklist_id = template.id, title = pick.trimmed(given.title), summary = given.summary or given.description }
  for _, key in ipairs(copied) do body[key] = given[key] end
  if given.description and given.description ~= body.summary then
    return problem("invalid_value", "step_data.description", "summary and description mean the same, but differ.",
      "Give one of them.")
  end
  if pick.is_object(given.deadline) then
    local deadline, err = step_input.deadline(template, given.deadline, "step_data.deadline")
    if not deadline then return nil, err end
    body.deadline = deadline
  end
  local found, err = step_input.people(call, given, "step_data")
  if not found then return nil, err end
  for bucket, list in pairs(found) do
    if #list > 0 then body[bucket] = list end
  end
  return body
end

return step_input
