-- templates.lua - one template by id or title with its parts, and what a change has to send again: Tallyfy detaches the
-- users and groups that a PUT leaves out, and wants the title each time.
local named, pick, shape = use "tallyfy.named", use "tallyfy.pick", use "tallyfy.shape"

local templates = {}

local path = "/organizations/{org}/checklists/{template_id}"

function templates.unreadable(what, field)
  return nil, { code = "unknown_state", field = field, hint = "Try again in a moment.",
    message = ("The %s cannot be read, so nothing was sent: it could have removed them."):format(what) }
end

-- The template with steps, rules and kick-off fields. A title must be the whole title: nothing is changed on a guess.
function templates.one(call, text)
  local wanted = pick.trimmed(text)
  local id = pick.id(wanted)
  if not id then
    local found, err = named.template(call, wanted, "template_id")
    if not found then return nil, err end
    id = found
  end
  local template, failure = call.api:get(path, { template_id = id,
    query = { with = "steps,automated_actions,prerun" } })
  if not template then
    if failure.status ~= 404 then return nil, failure end
    return nil, { code = "not_found", field = "template_id", message = ("There is no active template %q."):format(wanted),
      hint = "It may be archived. get_all_templates lists the active ones." }
  end
  return template
end

-- The steps in their order, or nil and the error.
function templates.steps(template)
  local steps = pick.list(template.steps)
  if not steps then return templates.unreadable("steps of " .. template.title, "template_id") end
  table.sort(steps, function (a, b) return (a.position or 0) < (b.position or 0) end)
  return steps
end

-- The step that <text> means: by id, alias or title.
function templates.step(template, text, field)
  local steps, err = templates.steps(template)
  if not steps then return nil, err end
  local wanted = pick.trimmed(text)
  for _, step in ipairs(steps) do
    if step.alias == wanted then return step end
  end
  local step, failure = pick.one(steps, wanted, { noun = "step", field = field or "step_id",
    name = function (one) return one.title end })
  if not step and failure.code == "not_found" then
    failure.message = ("%s has no step %q."):format(template.title, wanted)
  end
  return step, failure
end

-- Template and step in one go.
function templates.with_step(call, template_text, step_text, field)
  local template, err = templates.one(call, template_text)
  if not template then return nil, err end
  local step, failure = templates.step(template, step_text, field)
  if not step then return nil, failure end
  return template, step
end

-- Sends <changes> with all that must be sent again. Gives the template as it is now, or nil and the error.
function templates.put(call, template, changes)
  local body = { title = template.title }
  for _, bucket in ipairs { "users", "groups" } do
    body[bucket] = changes[bucket] or pick.ids(template[bucket])
    if not body[bucket] then return templates.unreadable(("%s of %s"):format(bucket, template.title), bucket) end
  end
  for key, value in pairs(changes) do body[key] = value end
  if type(body.title) ~= "string" or body.title == "" then return templates.unreadable("title", "title") end
  return call.api:put(path, { template_id = template.id, body = body })
end

-- The names of the rules that mention one of <ids>: a set of ids of steps or fields. nil when they cannot be read.
function templates.rules_using(template, ids)
  local all, rules = pick.list(template.automated_actions), {}
  if not all then return nil end
  for _, rule in ipairs(all) do
    local uses = false
    for _, condition in ipairs(pick.list(rule.conditions) or {}) do
      uses = uses or ids[condition.conditionable_id] ~= nil
    end
    for _, action in ipairs(pick.list(rule.then_actions) or {}) do
      uses = uses or ids[action.target_step_id] ~= nil or ids[action.actionable_id] ~= nil
    end
    if uses then rules[#rules + 1] = ("%q (%s)"):format(rule.automated_alias or "", rule.id) end
  end
  return rules
end

-- Where {{alias}} stands: titles and descriptions of steps, and the name format of processes.
function templates.places_of(template, alias)
  local places, pattern = {}, "{{%s*" .. tostring(alias):gsub("[^%w_]", "%%%0") .. "%s*}}"
  local function holds(value) return type(value) == "string" and value:find(pattern) ~= nil end
  if holds(template.default_process_name_format) then places[1] = "the name format of processes" end
  for _, step in ipairs(templates.steps(template) or {}) do
    if holds(step.title) or holds(step.summary) then places[#places + 1] = ("step %q"):format(step.title) end
  end
  return places
end

-- A refusal because rules use something: not a matter of rights, though the API answers 403.
function templates.used_by(rules, what, field)
  return nil, { code = "refused", field = field,
    message = ("%s is used by %s, so it cannot be deleted: %s. Nothing was sent."):format(
      what, shape.count(#rules, "rule"), table.concat(rules, ", ")),
    hint = "Change or delete the rule first: get_template shows it; update_automation_rule, delete_automation_rule." }
end

-- For a refusal that the API found on its own.
function templates.refusal(err, what, field)
  local about_rules = type(err.message) == "string" and err.message:lower():find("rule", 1, true)
  if (err.status ~= 403 and err.status ~= 422) or not about_rules then return nil, err end
  return nil, { code = "refused", status = err.status, field = field, message = ("%s cannot be deleted: %s"):format(
    what, err.message), hint = "This is not about your rights: change the rules that use it first." }
end

-- Answers carry the template by id and title.
function templates.answer(template, text, more)
  local data = { template_id = template.id, template = template.title }
  for key, value in pairs(more or {}) do data[key] = value end
  return { text = text, data = data }
end

function templates.row(view)
  local row = shape.object(view, { drop = { prerun = true, automated_actions = true, steps = true, custom_fields = true } })
  row.users, row.groups = row.users or json.array(), row.groups or json.array() -- empty says something
  return (shape.bounded(row))
end

return templates
