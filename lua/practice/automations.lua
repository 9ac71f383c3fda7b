-- Automation rules of templates (api.md 16). There is no route to read them: they come with the template.
local answers = require "practice.answers"
local blueprint = require "practice.engine.blueprint"
local check = require "practice.check"
local checklists = require "practice.checklists"
local lists = require "practice.lists"
local problem = require "practice.problem"
local rule_forms = require "practice.rule_forms"
local work = require "practice.shapes_work"

local automations = {}

local max_rules = 500 -- of one template

local function find(request, checklist)
  for _, rule in ipairs(checklist.automated_actions) do
    if rule.id == request.params.automation_id then return rule end
  end
  problem.not_found()
end

-- Parts keep the ids they had in <old>; others are new. What was not sent is gone.
local function name_parts(ids, kind, parts, old)
  local known = {}
  for _, part in ipairs(old) do known[part.id] = true end
  for _, part in ipairs(parts) do
    if not part.id or not known[part.id] then part.id = ids:id(kind) end
    known[part.id] = nil -- one id, one part
  end
end

local function read(request, checklist, old)
  local body = check.new(request:body())
  local rule = rule_forms.read(body, checklist)
  body:done()
  name_parts(request.world.ids, "condition", rule.conditions, old and old.conditions or {})
  name_parts(request.world.ids, "action", rule.then_actions, old and old.then_actions or {})
  rule.last_updated = request.now
  return rule
end

local function create(request)
  local checklist = checklists.find_to_edit(request)
  local rule = read(request, checklist)
  if #checklist.automated_actions >= max_rules then
    problem.refused(("A template can have %d rules."):format(max_rules))
  end
  rule.id, rule.created_at = request.world.ids:id("rule"), request.now
  checklist.automated_actions = lists.map(checklist.automated_actions)
  checklist.automated_actions[#checklist.automated_actions + 1] = rule
  blueprint.touch(checklist, request)
  return answers.one(work.rule(rule), 201)
end

local function update(request)
  local checklist = checklists.find_to_edit(request)
  local old = find(request, checklist)
  local rule = read(request, checklist, old)
  rule.id, rule.created_at = old.id, old.created_at
  checklist.automated_actions = blueprint.replaced(checklist.automated_actions, old, rule)
  blueprint.touch(checklist, request)
  return answers.one(work.rule(rule))
end

local function remove(request)
  local checklist = checklists.find_to_edit(request)
  checklist.automated_actions = blueprint.replaced(checklist.automated_actions, find(request, checklist))
  blueprint.touch(checklist, request)
  return answers.gone(request)
end

local at = "/organizations/{org}/checklists/{template_id}/automated-actions"
automations.routes = {
  { "POST", at, create },
  { "PUT", at .. "/{automation_id}", update },
  { "DELETE", at .. "/{automation_id}", remove },
}

return automations
