-- document_match.lua - two documents brought together: which step, field and rule of the one is which of the other (by
-- key, else by title or label, those of one name in their order), the one's keys in the place of the other's, and the
-- document that comes out when one is laid over the other. What the upper one leaves out stays; null clears.
local checks, document, pick = use "tallyfy.field_checks", use "tallyfy.document", use "tallyfy.pick"

local document_match = {}

local function lower(text) return type(text) == "string" and pick.trimmed(text):lower() or nil end

-- Names are compared without the aliases in them: those differ from template to template.
local function plain(text)
  local said = lower(text)
  return said and document.with_variables(said, function () return "" end)
end

-- { [key of <items>] = key of <onto> }, each used once: by key, else by name, those of one name in their order.
local function pairs_of(items, onto, name)
  local map, known, taken = {}, {}, {}
  for _, item in ipairs(onto) do known[item.key] = true end
  for _, item in ipairs(items) do
    if known[item.key] then map[item.key], taken[item.key] = item.key, true end
  end
  for _, item in ipairs(items) do
    local said = plain(item[name])
    for _, other in ipairs(map[item.key] and {} or onto) do
      if not map[item.key] and not taken[other.key] and said == plain(other[name]) then
        map[item.key], taken[other.key] = other.key, true
      end
    end
  end
  return map
end

local function by_key(items)
  local found = {}
  for _, item in ipairs(items or {}) do found[item.key] = item end
  return found
end

-- A reference by title or label as the key; by a key it is one already.
local function resolver(doc)
  local steps, fields = { known = {}, names = {} }, { known = {}, names = {} }
  local function learn(side, items, name)
    for _, item in ipairs(items or {}) do
      side.known[item.key] = true
      local said = lower(item[name])
      if said then side.names[said] = side.names[said] == nil and item.key or false end
    end
  end
  learn(steps, doc.steps, "title")
  learn(fields, doc.kickoff, "label")
  for _, step in ipairs(doc.steps or {}) do learn(fields, step.fields, "label") end
  local function find(side, text)
    if type(text) ~= "string" or side.known[text] then return text end
    return side.names[lower(text)] or text
  end
  return function (text) return find(steps, text) end, function (text) return find(fields, text) end
end

-- Calls step(text) and field(text) for every reference of <doc>, and puts what they give in its place.
local function each_reference(doc, step, field)
  for _, one in ipairs(doc.steps or {}) do
    if one.deadline and one.deadline.step ~= "start_run" then one.deadline.step = step(one.deadline.step) end
  end
  for _, rule in ipairs(doc.rules or {}) do
    for _, condition in ipairs(rule.conditions) do
      local is_step = lower(condition.conditionable_type) == "step"
      condition.conditionable_id = (is_step and step or field)(condition.conditionable_id)
    end
    for _, action in ipairs(rule.then_actions) do
      action.target_step_id = step(action.target_step_id)
      local is_step = lower(action.actionable_type) == "step"
      action.actionable_id = (is_step and step or field)(action.actionable_id)
    end
  end
end

local texts = { "summary", "guidance", "kickoff_title", "kickoff_description", "default_process_name_format", "title" }

local function each_text(doc, change)
  local function of(item)
    for _, name in ipairs(texts) do
      if type(item[name]) == "string" then item[name] = change(item[name]) end
    end
  end
  of(doc.template)
  for _, field in ipairs(doc.kickoff or {}) do of(field) end
  for _, step in ipairs(doc.steps or {}) do
    of(step)
    for _, field in ipairs(step.fields or {}) do of(field) end
  end
end

-- Gives <doc> the keys that <target> has for the same things, everywhere. <found> learns of fields that stand elsewhere.
function document_match.align(doc, target, found)
  local step_map = pairs_of(doc.steps or {}, target.steps, "title")
  local field_map = pairs_of(doc.kickoff or {}, target.kickoff, "label")
  local target_steps, home = by_key(target.steps), {}
  for _, field in ipairs(target.kickoff) do home[field.key] = "the kick-off form" end
  for _, step in ipairs(target.steps) do
    for _, field in ipairs(step.fields) do home[field.key] = ("the step %q"):format(step.title) end
  end
  local function check_new(items, place)
    for index, field in ipairs(items or {}) do
      if home[field.key] and not field_map[field.key] then
        found:add(("%s[%d]"):format(place, index), ("The field %q is in %s of the template."):format(field.label,
          home[field.key]), "Move it first with move_form_field, or give this one another key.")
      end
    end
  end
  for _, step in ipairs(doc.steps or {}) do
    local other = target_steps[step_map[step.key]]
    for key, new in pairs(pairs_of(step.fields or {}, other and other.fields or {}, "label")) do field_map[key] = new end
  end
  check_new(doc.kickoff, "kickoff")
  for index, step in ipairs(doc.steps or {}) do check_new(step.fields, ("steps[%d].fields"):format(index)) end
  document_match.rename(doc, step_map, field_map)
  return doc
end

-- Renames keys in <doc>: of its steps and fields, and wherever they are referred to.
function document_match.rename(doc, step_map, field_map)
  each_reference(doc, function (key) return step_map[key] or key end, function (key) return field_map[key] or key end)
  each_text(doc, function (text) return document.with_variables(text, function (key) return field_map[key] end) end)
  for _, field in ipairs(doc.kickoff or {}) do field.key = field_map[field.key] or field.key end
  for _, step in ipairs(doc.steps or {}) do
    step.key = step_map[step.key] or step.key
    for _, field in ipairs(step.fields or {}) do field.key = field_map[field.key] or field.key end
  end
end

-- References by title or label become keys.
function document_match.settle(doc)
  each_reference(doc, resolver(doc))
  return doc
end

-- The order that comes out: what <wanted> has in its order, each followed by what stood behind it and is not wanted.
function document_match.arranged(now, wanted)
  local followers, last, is_wanted = { [""] = {} }, "", {}
  for _, item in ipairs(wanted) do is_wanted[item.key], followers[item.key] = true, {} end
  for _, item in ipairs(now) do
    if is_wanted[item.key] then
      last = item.key
    else
      followers[last][#followers[last] + 1] = item
    end
  end
  local order = json.array(table.move(followers[""], 1, #followers[""], 1, {}))
  for _, item in ipairs(wanted) do
    order[#order + 1] = item
    for _, other in ipairs(followers[item.key]) do order[#order + 1] = other end
  end
  return order
end

local function laid_over(under, over)
  local result = document.copy(under or {})
  for key, value in pairs(over) do
    if value == json.null then value = nil end
    result[key] = value
  end
  return result
end

local function forms_merged(now, wanted)
  local known, result = by_key(now), json.array()
  for place, field in ipairs(document_match.arranged(now, wanted or {})) do
    local old = known[field.key]
    result[place] = old == field and document.copy(field) or laid_over(old, field)
  end
  return result
end

-- Pairs of rules: { [place in <rules>] = place in <onto> }: those that are the same, else those of one name, in order.
function document_match.rules(rules, onto)
  local map, taken = {}, {}
  local function match(is_same)
    for place, rule in ipairs(rules) do
      for other, old in ipairs(map[place] and {} or onto) do
        if not map[place] and not taken[other] and is_same(rule, old) then map[place], taken[other] = other, true end
      end
    end
  end
  match(checks.same)
  match(function (rule, old) return rule.alias ~= nil and rule.alias == old.alias end)
  return map
end

-- <target> with <doc> laid over it. The second result gives, by place, the rules of <target> that change.
function document_match.merged(doc, target)
  local merged = { format = document.format, template = laid_over(target.template, doc.template),
    kickoff = forms_merged(target.kickoff, doc.kickoff), steps = json.array(), rules = document.copy(target.rules) }
  local known = by_key(target.steps)
  for place, step in ipairs(document_match.arranged(target.steps, doc.steps or {})) do
    local old = known[step.key]
    local new = old == step and document.copy(step) or laid_over(old, step)
    new.fields = old == step and new.fields or forms_merged(old and old.fields or {}, step.fields)
    merged.steps[place] = new
  end
  local map, changed = document_match.rules(doc.rules or {}, target.rules), {}
  for place, rule in ipairs(doc.rules or {}) do
    local other = map[place] or #merged.rules + 1
    if not map[place] or not checks.same(rule, target.rules[other]) then changed[other] = place end
    merged.rules[other] = document.copy(rule)
  end
  return merged, changed
end

return document_match
