-- document_plan.lua - what has to be sent to make a template what a document says: an ordered list of jobs, each checked
-- here to the last option, step and person, so that what can be known to fail fails before the first of them. Bodies name
-- steps and fields by key; document_write.lua puts ids in their place.
local blueprint, checks, diff = use "tallyfy.blueprint", use "tallyfy.field_checks", use "tallyfy.document_diff"
local document, fields = use "tallyfy.document", use "tallyfy.fields"
local groups, members, rule_input = use "tallyfy.groups", use "tallyfy.members", use "tallyfy.rule_input"
local step_input = use "tallyfy.step_input"

local document_plan = {}

local function by_key(items)
  local found = {}
  for _, item in ipairs(items) do found[item.key] = item end
  return found
end

local function same(a, b)
  return checks.same(a, b) or (document.is_empty(a) and document.is_empty(b))
end

local clears = { summary = "", users = json.array(), groups = json.array(), assignees = json.array(), guests = json.array(),
  roles = json.array() }

-- The keys of <names> that differ, with what has to be sent for them.
local function changes_of(before, after, names)
  local changes = {}
  for _, name in ipairs(names) do
    if not same(before[name], after[name]) then
      local value = after[name]
      if value == nil then value = clears[name] or json.null end
      changes[name] = value
    end
  end
  return changes
end

local plan = {}
plan.__index = plan

function plan:job(job)
  self.jobs[#self.jobs + 1] = job
end

-- E-mail addresses to ids, group names to ids, in the buckets that <body> has.
function plan:ids(body, place)
  local finders = { users = members.ids, assignees = members.ids, groups = groups.ids }
  for _, bucket in ipairs { "users", "assignees", "groups" } do
    local find = finders[bucket]
    if json.is_array(body[bucket]) and #body[bucket] > 0 then
      local ids, err = find(self.reading, body[bucket], bucket)
      if ids then body[bucket] = ids else self.found:take(place, err) end
    end
  end
end

-- The definition to send: a new one, or the stored one with what changed. nil when nothing did.
function plan:field_body(old, field, raw, place)
  local changes = changes_of(old or {}, field, document.field_keys)
  if next(changes) == nil then return nil end
  local is_email = field.field_type == "email"
  local given = document.copy(old and changes or field)
  given.key = nil
  local body, err
  if not old then
    if is_email then given.field_type = "text" end
    body, err = fields.new(given)
  else
    body, err = fields.merged(raw, given)
  end
  if not body then return nil, self.found:take(place, err) end
  if is_email then body.field_type = "email" end
  return body
end

-- The whole kick-off form as it shall be: { key, label, body (nil: as it stands), raw (nil: new) } in order; nil when
-- nothing changes.
function plan:kickoff(before, after, index)
  local old, entries = by_key(before), {}
  local is_changed = #before ~= #after
  for place, field in ipairs(after) do
    local raw = old[field.key] and index.field[field.key]
    local body = self:field_body(old[field.key], field, raw, ("kickoff %q"):format(field.label))
    entries[place] = { key = field.key, label = field.label, body = body, raw = raw }
    is_changed = is_changed or body ~= nil or not before[place] or before[place].key ~= field.key
  end
  return is_changed and entries or nil
end

function plan:settings(before, after, index)
  local changes = changes_of(before.template, after.template, document.settings)
  self:ids(changes, "template")
  if not self.target then
    for name, value in pairs(changes) do
      if document.is_empty(value) then changes[name] = nil end
    end
    changes.type = changes.type or "procedure"
  end
  local prerun = self:kickoff(before.kickoff, after.kickoff, index)
  if self.target and next(changes) == nil and not prerun then return end
  local what = prerun and next(changes) ~= nil and "settings and kick-off form" or prerun and "kick-off form" or "settings"
  self:job { kind = "template", label = self.target and "change the " .. what or "create the template", changes = changes,
    prerun = prerun }
end

function plan:step(before, after, place)
  local changes = changes_of(before or {}, after, document.step_keys)
  if not before then
    for name, value in pairs(changes) do
      if document.is_empty(value) then changes[name] = nil end
    end
  end
  if changes.deadline ~= nil then
    local deadline, err = step_input.deadline(self.virtual, changes.deadline, "deadline")
    if deadline then
      changes.deadline, after.deadline = deadline, document.copy(deadline)
      if before and same(before.deadline, deadline) then changes.deadline = nil end
    else
      self.found:take(place, err)
    end
  end
  if changes.guests and #changes.guests > 0 then
    local fine, err = step_input.people(self.reading, { guests = changes.guests }, place)
    if not fine then self.found:add(place .. ".guests", err.message, err.hint) end
  end
  self:ids(changes, place)
  if next(changes) == nil then return end
  self:job { kind = before and "change_step" or "new_step", key = after.key, changes = changes,
    label = ("%s the step %q"):format(before and "change" or "add", after.title) }
end

function plan:form(before, step, index)
  local old, last = by_key(before and before.fields or {}), #step.fields
  for position, field in ipairs(step.fields) do
    local raw = old[field.key] and index.field[field.key]
    local body = self:field_body(old[field.key], field, raw, ("field %q of step %q"):format(field.label, step.title))
    if body then
      if not raw and position < last then body.position = position end
      self:job { kind = raw and "change_field" or "new_field", key = field.key, step = step.key, body = body, label =
        ("%s the field %q of the step %q"):format(raw and "change" or "add", field.label, step.title) }
    end
  end
  if before and next(diff.moved(before.fields, step.fields)) ~= nil then
    local keys = {}
    for position, field in ipairs(step.fields) do keys[position] = field.key end
    self:job { kind = "order_fields", step = step.key, keys = keys,
      label = ("put the fields of the step %q in order"):format(step.title) }
  end
end

-- New steps stand at the end at first, in the order of the document. Each that moves goes behind the one before it.
function plan:order(before, after)
  local now, known = json.array(), by_key(before)
  for _, step in ipairs(before) do now[#now + 1] = step end
  for _, step in ipairs(after) do
    if not known[step.key] then now[#now + 1] = step end
  end
  local moves, keys = diff.moved(now, after), {}
  for place, step in ipairs(now) do keys[place] = step.key end
  local function place_of(key)
    for place, other in ipairs(keys) do
      if other == key then return place end
    end
    return 0
  end
  for index, step in ipairs(after) do
    if moves[step.key] then
      table.remove(keys, place_of(step.key))
      local position = index == 1 and 1 or place_of(after[index - 1].key) + 1
      table.insert(keys, position, step.key)
      self:job { kind = "move_step", key = step.key, position = position,
        label = ("move the step %q to position %d"):format(step.title, index) }
    end
  end
end

-- The rule as it will be read back; people keep their names.
local function settle_rule(rule, body)
  rule.alias = body.automated_alias
  for index, condition in ipairs(rule.conditions) do
    for _, key in ipairs(document.condition_keys) do condition[key] = document.copy(body.conditions[index][key]) end
  end
  for index, action in ipairs(rule.then_actions) do
    for _, key in ipairs(document.action_keys) do
      if key ~= "assignees" then action[key] = document.copy(body.then_actions[index][key]) end
    end
  end
  for _, parts in ipairs { rule.conditions, rule.then_actions } do
    for _, part in ipairs(parts) do
      for key, value in pairs(part) do
        if document.is_empty(value) then part[key] = nil end
      end
    end
  end
  for _, condition in ipairs(rule.conditions) do condition.logic = condition.logic or "and" end
end

function plan:rules(after, changed, count)
  local model, places = blueprint.of(self.virtual), {}
  for other in pairs(changed) do places[#places + 1] = other end
  table.sort(places)
  for _, other in ipairs(places) do
    local rule = after.rules[other]
    local body, err = rule_input.body(self.reading, model, { alias = rule.alias, conditions = rule.conditions,
      then_actions = rule.then_actions })
    if body then
      settle_rule(rule, body)
      local is_new = other > count
      self:job { kind = is_new and "new_rule" or "change_rule", place = other, body = body,
        label = ("%s the rule %q"):format(is_new and "add" or "change", body.automated_alias) }
    else
      self.found:take(("rules[%d]"):format(changed[other]), err)
    end
  end
end

-- <before>: the document of the target, or diff.nothing(); <after>: what it shall be; <changed>: the rules that change, of
-- document_match.merged; <index>: of the target's document, nil for a new template. Gives the jobs; mistakes go to <found>.
function document_plan.jobs(reading, before, after, changed, index, found)
  local self = setmetatable({ jobs = {}, reading = reading, found = found, target = index ~= nil,
    virtual = document.as_template(after) }, plan)
  index = index or { field = {} }
  self:settings(before, after, index)
  local old = by_key(before.steps)
  for place, step in ipairs(after.steps) do -- laid over a template, places are not those of the document
    self:step(old[step.key], step, self.target and ("step %q"):format(step.title) or ("steps[%d]"):format(place))
  end
  for _, step in ipairs(after.steps) do self:form(old[step.key], step, index) end
  self:order(before.steps, after.steps)
  self:rules(after, changed, #before.rules)
  return self.jobs
end

return document_plan
