-- Form fields of steps (api.md 15). There is no route to read one: they come with their step.
local answers = require "practice.answers"
local blueprint = require "practice.engine.blueprint"
local check = require "practice.check"
local checklists = require "practice.checklists"
local field_forms = require "practice.field_forms"
local lists = require "practice.lists"
local problem = require "practice.problem"
local steps = require "practice.steps"
local work = require "practice.shapes_work"

local captures = {}

local max_fields = 500 -- of one step

-- The template, the step and, unless <only_step>, the field of the path.
local function find(request, only_step)
  local checklist = checklists.find_to_edit(request)
  local step = steps.find(request, checklist)
  if only_step then return checklist, step end
  for _, field in ipairs(step.captures) do
    if field.id == request.params.field_id then return checklist, step, field end
  end
  problem.not_found()
end

-- Puts a list of fields into a step; its positions follow the order.
local function keep(act, checklist, step, fields)
  return blueprint.change_step(act, checklist, step, { captures = blueprint.ordered_fields(fields) })
end

local function place_in(fields, field, position)
  local out = lists.map(fields)
  table.insert(out, position and math.max(1, math.min(position, #out + 1)) or #out + 1, field)
  return out
end

local function view(field, status)
  return answers.one(work.field(field), status)
end

-- The field as it stands in its step now: renumbering may have made a new record.
local function standing(step, id)
  return lists.filter(step.captures, function (one) return one.id == id end)[1]
end

-- Adds a checked definition to the end of a step, or to a position. Returns the field.
function captures.append(act, checklist, step, fields, position)
  local field = blueprint.field(act, { step_id = step.id, of_checklist = checklist.id }, fields)
  -- The step may have changed since: take the one that stands in the template now.
  local now = lists.filter(checklist.steps, function (one) return one.id == step.id end)[1]
  now = keep(act, checklist, now, place_in(now.captures, field, position))
  return standing(now, field.id)
end

local function create(request)
  local checklist, step = find(request, true)
  local body = check.new(request:body())
  local fields, position = field_forms.read(body), body:integer("position")
  body:done()
  if #step.captures >= max_fields then
    problem.refused(("A step can have %d fields."):format(max_fields))
  end
  return view(captures.append(request, checklist, step, fields, position), 201)
end

-- label, field_type and required every time; other keys that are absent stay. The type may change in place
-- (default chosen), which drops the stored values.
local function update(request)
  local checklist, step, field = find(request)
  local body = check.new(request:body())
  local fields, position = field_forms.read(body), body:integer("position")
  body:done()
  if fields.field_type ~= field.field_type then
    blueprint.drop_values(request.organization, checklist, field)
  else
    for key in pairs(fields) do
      if body.body[key] == nil then fields[key] = nil end
    end
  end
  local new = blueprint.changed(field, fields)
  new.last_updated = request.now
  local list = blueprint.replaced(step.captures, field, new)
  if position then list = place_in(blueprint.replaced(list, new), new, position) end
  return view(standing(keep(request, checklist, step, list), field.id))
end

local function remove(request)
  local checklist, step, field = find(request)
  if blueprint.is_used_by_rule(checklist, field.id) then
    problem.forbidden("This field is used by rules in other steps.")
  end
  blueprint.drop_values(request.organization, checklist, field)
  keep(request, checklist, step, blueprint.replaced(step.captures, field))
  return answers.gone(request)
end

-- To another step, under the key that the spelling of the route uses.
local function move(request, key)
  local checklist, step, field = find(request)
  local body = check.new(request:body())
  local id, position = body:required(key) and body:text(key), body:integer("position")
  local target = lists.filter(checklist.steps, function (one) return one.id == id end)[1]
  if id and not target then body:fail(key, ("The selected %s is invalid."):format(key)) end
  body:done()
  if target == step then
    local list = place_in(blueprint.replaced(step.captures, field), field, position)
    return view(standing(keep(request, checklist, step, list), field.id))
  end
  keep(request, checklist, step, blueprint.replaced(step.captures, field))
  local moved = blueprint.changed(field, { step_id = target.id })
  target = keep(request, checklist, target, place_in(target.captures, moved, position))
  return view(standing(target, field.id))
end

-- captures = [{capture_id, position}]: the path, the method and this key are in no source (default chosen).
-- Fields that are not named keep their order behind those that are.
local function reorder(request)
  local checklist, step = find(request, true)
  local body = check.new(request:body())
  local wanted = {}
  for i, entry in ipairs(body:required("captures") and body:list("captures") or {}) do
    local inner = body:within(("captures.%d"):format(i - 1), lists.is_object(entry) and entry or {})
    local id = inner:required("capture_id") and inner:text("capture_id")
    local position = inner:required("position") and inner:integer("position")
    if id and not standing(step, id) then inner:fail("capture_id", "The selected capture_id is invalid.") end
    wanted[id or 0] = position
  end
  body:done()
  local list = lists.map(step.captures)
  table.sort(list, function (a, b)
    local x, y = wanted[a.id] or math.huge, wanted[b.id] or math.huge
    if x ~= y then return x < y end
    return a.position < b.position
  end)
  return answers.one(work.step(keep(request, checklist, step, list)))
end

local at = "/organizations/{org}/checklists/{template_id}/steps/{step_id}/captures"
captures.routes = {
  { "POST", at, create },
  { "PUT", at .. "/{field_id}", update },
  { "DELETE", at .. "/{field_id}", remove },
  { "PUT", at .. "/{field_id}/move-out", function (request) return move(request, "target_step_id") end },
  { "POST", at .. "/{field_id}/move", function (request) return move(request, "to_step_id") end },
  { "PUT", at .. "/reorder", reorder },
}

return captures
