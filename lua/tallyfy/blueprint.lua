-- blueprint.lua - one template read whole and indexed: its steps, fields and rules by id and by name. What the tools for
-- rules and the analyses work on. Plain tables; ids that name nothing stay, so that they can be found.
local pick, templates = use "tallyfy.pick", use "tallyfy.templates"

local blueprint = {}

local null = json.null

-- nil for null and for what is absent.
function blueprint.given(value)
  if value == null then return nil end
  return value
end

local given = blueprint.given

-- A copy in the order of <position>, items without one last, ties as they came.
function blueprint.ordered(items)
  local marked = {}
  for index, item in ipairs(items) do
    local position = type(item.position) == "number" and item.position or math.huge
    marked[index] = { item = item, position = position, index = index }
  end
  table.sort(marked, function (a, b)
    if a.position ~= b.position then return a.position < b.position end
    return a.index < b.index
  end)
  local sorted = json.array()
  for index, mark in ipairs(marked) do sorted[index] = mark.item end
  return sorted
end

local function add_field(model, raw, kind, step)
  local entry = { id = raw.id, label = given(raw.label) or raw.id, alias = given(raw.alias), kind = kind, step = step,
    type = raw.field_type, options = pick.list(raw.options) or {}, required = raw.required == true, raw = raw }
  model.fields[#model.fields + 1] = entry
  model.field[raw.id] = entry
end

-- A rule as the API shows it: conditions and actions in their order.
function blueprint.rule(raw)
  return { id = raw.id, alias = given(raw.automated_alias) or "", raw = raw,
    conditions = blueprint.ordered(pick.list(raw.conditions) or {}),
    actions = blueprint.ordered(pick.list(raw.then_actions) or {}) }
end

-- The model of a template as the API shows it (with=steps,automated_actions,prerun), or nil when a part of it cannot
-- be read. steps and fields in their order; step, field and rule by id; each step has its fields in .fields.
function blueprint.of(template)
  local steps, rules, prerun = pick.list(template.steps), pick.list(template.automated_actions), pick.list(template.prerun)
  if not steps or not rules or not prerun then return nil end
  local model = { template = template, id = template.id, title = template.title, steps = {}, step = {}, fields = {},
    field = {}, rules = {}, rule = {} }
  for _, raw in ipairs(blueprint.ordered(prerun)) do add_field(model, raw, "Prerun") end
  for place, raw in ipairs(blueprint.ordered(steps)) do
    local step = { id = raw.id, title = given(raw.title) or raw.id, place = place, raw = raw,
      type = given(raw.step_type) or "task", deadline = given(raw.deadline) }
    local first = #model.fields
    for _, capture in ipairs(blueprint.ordered(pick.list(raw.captures) or {})) do add_field(model, capture, "Capture", step) end
    step.fields = table.move(model.fields, first + 1, #model.fields, 1, {})
    model.steps[place], model.step[raw.id] = step, step
  end
  for index, raw in ipairs(rules) do
    local rule = blueprint.rule(raw)
    rule.place, model.rules[index], model.rule[raw.id] = index, rule, rule
  end
  return model
end

-- Reads a template by id or title, whole and for sure. nil and the error: not_found, ambiguous, unknown_state, the API's.
function blueprint.read(call, text)
  local template, err = templates.one(call, text)
  if not template then return nil, err end
  local model = blueprint.of(json.table(template))
  if model then return model end
  return templates.unreadable("steps, fields or rules of " .. tostring(template.title), "template_id")
end

-- The step that <text> means: its id, title, or alias.
function blueprint.find_step(model, text, field)
  local wanted = pick.trimmed(text)
  for _, step in ipairs(model.steps) do
    if step.raw.alias == wanted then return step end
  end
  return pick.one(model.steps, text, { noun = "step", field = field, name = function (step) return step.title end })
end

-- The field that <text> means among those of <kind> ("Capture", "Prerun"; nil: both): its id, alias or label.
function blueprint.find_field(model, text, field, kind)
  local wanted, fields = pick.trimmed(text), {}
  for _, entry in ipairs(model.fields) do
    if not kind or entry.kind == kind then
      if entry.alias == wanted then return entry end
      fields[#fields + 1] = entry
    end
  end
  return pick.one(fields, text, { noun = kind == "Prerun" and "kick-off field" or "field", field = field,
    name = function (entry) return entry.label end })
end

-- The rule that <text> means: its id or alias.
function blueprint.find_rule(model, text)
  return pick.one(model.rules, text, { noun = "rule", field = "automation_id", name = function (rule) return rule.alias end })
end

-- The step an id stands for in a rule: the step itself, or the one that owns the field. nil for kick-off fields.
function blueprint.step_behind(model, id)
  return model.step[id] or (model.field[id] and model.field[id].step)
end

return blueprint
