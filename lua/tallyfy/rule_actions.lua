-- rule_actions.lua - one action of a rule, as it is written, to what the API stores: type and verb that belong together,
-- a step that exists, people by id, name or address, a whole deadline.
local blueprint, guests, groups = use "tallyfy.blueprint", use "tallyfy.guests", use "tallyfy.groups"
local members, people, pick = use "tallyfy.members", use "tallyfy.people", use "tallyfy.pick"
local words = use "tallyfy.rule_words"

local actions = {}

local given = blueprint.given

actions.keys = { id = true, action_type = true, action_verb = true, target_step_id = true, position = true,
  actionable_id = true, actionable_type = true, deadline = true, assignees = true, webhook_url = true, alias_name = true,
  subject = true, user_id = true, user_ids = true, email = true, guest_email = true, created_at = true,
  last_updated = true, archived_at = true }

local function wrong(field, message, hint)
  return nil, { code = "invalid_value", field = field, message = message, hint = hint }
end

local function matrix()
  local parts = {}
  for index, kind in ipairs(words.types) do
    parts[index] = ("%s: %s"):format(kind, table.concat(words.verbs[kind], ", "))
  end
  return "Types and verbs: " .. table.concat(parts, "; ") .. "."
end

local completing = { complete = true, complete_step = true, complete_task = true }

-- Type and verb. Either is enough where it leaves no choice.
local function kind_of(item, at)
  local kind, verb = given(item.action_type), given(item.action_verb)
  for _, word in ipairs { kind or "", verb or "" } do
    if type(word) == "string" and completing[word:lower()] then
      return wrong(at, "A rule cannot complete a step: only people, or an expiring step's deadline, do.",
        "Hide the step that is not needed, or show the one that comes next.")
    end
  end
  local known_type, known_verb = words.type(kind), words.verb(verb)
  if kind and not known_type then
    return wrong(at .. ".action_type", ("%q is no type of action."):format(tostring(kind)), matrix())
  end
  if verb and not known_verb then return wrong(at .. ".action_verb", ("%q is no verb."):format(tostring(verb)), matrix()) end
  if not known_verb then known_verb = words.verb(kind) end -- "show", "reopen" ... written as the type
  if not known_verb and known_type and #words.verbs[known_type] == 1 then known_verb = words.verbs[known_type][1] end
  if not known_verb then
    return wrong(at .. ".action_verb", "What the action does is missing.", matrix())
  end
  local owner = words.type_of_verb[known_verb]
  if known_type and known_type ~= owner then
    return wrong(at .. ".action_verb", ("%s belongs to %s, not to %s."):format(known_verb, owner, known_type), matrix())
  end
  return owner, known_verb
end

local function target_of(model, item, kind, at)
  local text = given(item.target_step_id)
  if text == nil then
    if kind == "webhook" then return nil end
    return wrong(at .. ".target_step_id", "The step it acts on is missing.", "Its id or title.")
  end
  if type(text) ~= "string" then return wrong(at .. ".target_step_id", "It must be a step's id or title.") end
  local step, err = blueprint.find_step(model, text, at .. ".target_step_id")
  if not step then return nil, err end
  return step.id
end

-- Where a deadline counts from (a step or a date field), or the picker that names the people.
local function base_of(model, item, kind, at)
  local text = given(item.actionable_id)
  if text == nil then return nil end
  local field = at .. ".actionable_id"
  if type(text) ~= "string" then return wrong(field, "It must be an id, a title or a label.") end
  local entry, err = blueprint.find_field(model, text, field)
  if not entry and kind == "deadline" then entry, err = blueprint.find_step(model, text, field) end
  if not entry then return nil, err end
  local fits = kind == "deadline" and { Step = true, date = true } or { assignees_form = true }
  if not (entry.kind and fits[entry.raw.field_type] or not entry.kind and fits.Step) then
    return wrong(field, ("%q cannot be used here."):format(entry.label or entry.title),
      kind == "deadline" and "A deadline counts from a step or a date field." or "People come from an assignee picker.")
  end
  return { id = entry.id, kind = entry.kind or "Step" }
end

local function deadline_of(item, at)
  local deadline = given(item.deadline)
  if type(deadline) ~= "table" then
    return wrong(at, "The deadline is missing.", 'Such as {"value": 2, "unit": "days", "option": "from"}.')
  end
  local value = math.tointeger(tonumber(given(deadline.value)))
  local unit, option = words.unit(deadline.unit), words.option(deadline.option)
  if not value or value < 0 then return wrong(at .. ".value", "It must be a whole number, 0 or more.") end
  if not unit then return wrong(at .. ".unit", "Use one of: " .. table.concat(words.units, ", ") .. ".") end
  if not option then return wrong(at .. ".option", "Use before or from.") end
  return { value = value, unit = unit, option = option }
end

local function wrapped(value)
  if given(value) == nil then return {} end
  return type(value) == "table" and (pick.list(value) or {}) or { value }
end

-- The shorthands, as the lists that assignees has. An address is a member's when a member has it.
local function shorthands(call, item)
  local lists = { users = wrapped(item.user_ids), guests = wrapped(item.guest_email), groups = {} }
  for _, key in ipairs { "user_id", "subject", "email" } do
    for _, who in ipairs(wrapped(item[key])) do
      local is_guest = false
      if type(who) == "string" and who:find("@", 1, true) then
        local roster, err = call.api:get("/organizations/{org}/users-list")
        if not roster then return nil, err end
        is_guest = #people.matches(roster, who) == 0
      end
      local bucket = lists[is_guest and "guests" or "users"]
      bucket[#bucket + 1] = who
    end
  end
  return lists
end

local bucket_names = { users = true, guests = true, groups = true, members = true, assignees = true }

local function lists_of(call, item, at)
  local assignees = given(item.assignees)
  if assignees == nil then return shorthands(call, item) end
  for _, key in ipairs { "subject", "user_id", "user_ids", "email", "guest_email" } do
    if given(item[key]) ~= nil then
      return wrong(at, ("assignees and %s both say who."):format(key), "Give assignees only.")
    end
  end
  if type(assignees) ~= "table" or (json.is_array(assignees) and #assignees > 0) then
    return wrong(at, "It must be an object with the lists users, guests and groups.")
  end
  for key in pairs(assignees) do
    if not bucket_names[key] then
      return wrong(at .. "." .. tostring(key), "It has the lists users, guests and groups only.")
    end
  end
  return { users = wrapped(assignees.users or assignees.members or assignees.assignees),
    guests = wrapped(assignees.guests), groups = wrapped(assignees.groups) }
end

local function assignees_of(call, item, verb, has_picker, at)
  if verb == "clear_assignees" then return nil end
  local lists, err = lists_of(call, item, at)
  if not lists then return nil, err end
  local result = {}
  for _, bucket in ipairs { "users", "guests" } do
    for index, who in ipairs(lists[bucket]) do
      if type(who) ~= "string" and math.type(who) ~= "integer" then
        return wrong(("%s.%s[%d]"):format(at, bucket, index), "It must be an id, a name or an e-mail address.")
      end
    end
  end
  result.users, err = members.ids(call, lists.users, at .. ".users")
  if not result.users then return nil, err end
  result.guests, err = guests.emails(call, lists.guests, at .. ".guests")
  if not result.guests then return nil, err end
  result.groups, err = groups.ids(call, lists.groups, at .. ".groups")
  if not result.groups then return nil, err end
  if #result.users + #result.guests + #result.groups > 0 then return result end
  if has_picker then return nil end
  return nil, { code = "missing_value", field = at, message = ("%s needs somebody."):format(verb),
    hint = "Give assignees {users, guests, groups}, or an assignee picker in actionable_id." }
end

local function webhook_of(item, at, alias)
  local url, name = given(item.webhook_url), given(item.alias_name) or alias
  if type(url) ~= "string" or not url:match("^https?://[%w%[]%S*$") then
    return wrong(at .. ".webhook_url", "A webhook needs an http or https address.")
  end
  if type(name) ~= "string" or name == "" then
    return nil, { code = "missing_value", field = at .. ".alias_name", message = "A webhook needs a name in alias_name." }
  end
  return url, name
end

-- The stored form of <item>, or nil and the error. <alias>: the rule's name, which a webhook without one takes.
function actions.read(call, model, item, at, alias)
  local kind, verb = kind_of(item, at)
  if not kind then return nil, verb end
  local target, err = target_of(model, item, kind, at)
  if err then return nil, err end
  local action = { id = item.id, action_type = kind, action_verb = verb, target_step_id = target }
  if kind == "deadline" or (kind == "assignment" and verb ~= "clear_assignees") then
    local base
    base, err = base_of(model, item, kind, at)
    if err then return nil, err end
    if base then action.actionable_id, action.actionable_type = base.id, base.kind end
  end
  if kind == "deadline" then
    action.deadline, err = deadline_of(item, at .. ".deadline")
  elseif kind == "assignment" then
    action.assignees, err = assignees_of(call, item, verb, action.actionable_id ~= nil, at .. ".assignees")
  elseif kind == "webhook" then
    action.webhook_url, action.alias_name = webhook_of(item, at, alias)
    if not action.webhook_url then return nil, action.alias_name end
  end
  if err then return nil, err end
  return action
end

return actions
