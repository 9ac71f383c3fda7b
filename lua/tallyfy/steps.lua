-- steps.lua - changing one step of a template: a PUT wants the title and empties the people it leaves out, so they are
-- read and sent again; what rules, deadlines and texts say about a step; and how steps are answered.
local fields, pick, shape = use "tallyfy.fields", use "tallyfy.pick", use "tallyfy.shape"
local templates = use "tallyfy.templates"

local steps = {}

local path = "/organizations/{org}/checklists/{template_id}/steps/{step_id}"
local buckets = { "assignees", "guests", "groups" }

local function buckets_of(step)
  local found = {}
  for _, bucket in ipairs(buckets) do
    found[bucket] = pick.ids(step[bucket])
    if not found[bucket] then return nil end
  end
  return found
end

-- The people of a step, each bucket as a list. Read again when the template did not carry them; refused when unknown.
function steps.people_of(call, template, step)
  local found = buckets_of(step)
  if found then return found end
  local current, err = call.api:get(path, { template_id = template.id, step_id = step.id })
  if not current then return nil, err end
  found = buckets_of(current)
  if not found then return templates.unreadable("people of the step " .. step.title, "step_id") end
  return found
end

-- Sends <changes> with title and people. Gives the step as it is now, or nil and the error.
function steps.put(call, template, step, changes)
  local body, err = steps.people_of(call, template, step)
  if not body then return nil, err end
  body.title = step.title
  for key, value in pairs(changes) do body[key] = value end
  if type(body.title) ~= "string" or body.title == "" then return templates.unreadable("title of the step", "step_id") end
  return call.api:put(path, { template_id = template.id, step_id = step.id, body = body })
end

-- To a position from 1. Where the API has no route for it the step is written with its position and its people.
function steps.move(call, template, step, position)
  local moved, err = call.api:put(path .. "/reorder", { template_id = template.id, step_id = step.id,
    body = { position = position } })
  if moved or (err.status ~= 404 and err.status ~= 405) then return moved, err end
  return steps.put(call, template, step, { position = position })
end

-- A step that was just added is the last one: moves it where it was wanted. Gives the step, or nil and a sentence.
function steps.place(call, template, step, position)
  local last = #(templates.steps(template) or {}) + 1 -- <template> is as it was before
  if not position or position >= last then return step end
  local moved, err = steps.move(call, template, step, position)
  if moved then return moved end
  return nil, (" It could not be moved to position %d (%s): do not add it again, use reorder_step."):format(position,
    err.message)
end

-- Its place in the order, from 1, and how many there are.
function steps.place_of(template, step)
  local all = templates.steps(template) or {}
  for place, one in ipairs(all) do
    if one.id == step.id then return place, #all end
  end
  return 0, #all
end

-- Puts those of <more> into <people> who are not there. How many that were.
function steps.add_people(people, more)
  local added = 0
  for _, bucket in ipairs(buckets) do
    local seen = {}
    for _, who in ipairs(people[bucket]) do seen[tostring(who):lower()] = true end
    for _, who in ipairs(more[bucket]) do
      if not seen[tostring(who):lower()] then
        people[bucket][#people[bucket] + 1], added = who, added + 1
      end
    end
  end
  return added
end

function steps.people_words(step)
  local function many(bucket, noun) return shape.count(#(pick.list(step[bucket]) or {}), noun) end
  return ("%s, %s, %s"):format(many("assignees", "member"), many("guests", "guest"), many("groups", "group"))
end

local function ids_of(step)
  local ids = { [step.id] = true }
  for _, field in ipairs(pick.list(step.captures) or {}) do ids[field.id] = true end
  return ids
end

-- Whether nothing needs the step: true, or nil and the refusal with the names of what does.
function steps.is_free(template, step)
  local all, err = templates.steps(template)
  if not all then return nil, err end
  local rules = templates.rules_using(template, ids_of(step))
  if not rules then return templates.unreadable("rules of " .. template.title, "template_id") end
  local what = ("The step %q"):format(step.title)
  if #rules > 0 then return templates.used_by(rules, what, "step_id") end
  local waiting = {}
  for _, one in ipairs(all) do
    local deadline = one.id ~= step.id and pick.is_object(one.deadline) and one.deadline
    if deadline and deadline.step == step.id then waiting[#waiting + 1] = ("%q"):format(one.title) end
  end
  if #waiting == 0 then return true end
  return nil, { code = "refused", field = "step_id", message = ("The deadline of %s counts from %q, so it cannot be deleted. "
    .. "Nothing was sent."):format(table.concat(waiting, ", "), step.title),
    hint = "Let those deadlines count from another step first." }
end

-- Where the fields of <step> stand as {{alias}} outside of it.
function steps.mentions(template, step)
  local places, own = json.array(), ("step %q"):format(step.title)
  for _, field in ipairs(pick.list(step.captures) or {}) do
    for _, place in ipairs(templates.places_of(template, field.alias)) do
      if place ~= own then places[#places + 1] = ("%s ({{%s}})"):format(place, field.alias) end
    end
  end
  return places
end

local known_words = { DATE = true, TEMPLATE_NAME = true, ["current-process-id"] = true, ["current-task-id"] = true }

-- The aliases in <text> that no field of the template has: Tallyfy shows nothing in their place.
function steps.unknown_variables(template, text)
  local known, unknown = {}, {}
  local function learn(list)
    for _, field in ipairs(pick.list(list) or {}) do known[field.alias or ""] = true end
  end
  learn(template.prerun)
  for _, step in ipairs(templates.steps(template) or {}) do learn(step.captures) end
  for alias in text:gmatch("{{%s*([%w_-]+)%s*}}") do
    if not known[alias] and not known_words[alias] then
      known[alias], unknown[#unknown + 1] = true, ("{{%s}}"):format(alias)
    end
  end
  return unknown
end

-- "2 days after the start", "1 day before Approve the package".
function steps.deadline_words(template, deadline)
  if not pick.is_object(deadline) or not deadline.value then return "no deadline" end
  local unit = tostring(deadline.unit):gsub("s$", "")
  local words = ("due %s %s"):format(shape.count(deadline.value, unit), deadline.option == "prior_to" and "before" or "after")
  if deadline.step == "start_run" then return words .. " the start" end
  local step = templates.step(template, tostring(deadline.step))
  return ("%s %q"):format(words, step and step.title or "another step")
end

function steps.row(view)
  local row = shape.object(view, { drop = { captures = true, custom_fields = true } })
  row.form_fields = fields.briefs(view.captures)
  for _, bucket in ipairs(buckets) do row[bucket] = row[bucket] or json.array() end
  return row
end

function steps.answer(template, text, step, more)
  local data = { step_id = step.id, step = (shape.bounded(steps.row(step))) }
  for key, value in pairs(more or {}) do data[key] = value end
  return templates.answer(template, text, data)
end

return steps
