-- analysis_flow.lua - how a process can go: which rules can fire, which steps can come to be seen, and what runs in
-- circles. Tallyfy's ways (api.md 28): a step that any rule shows is hidden from launch; a hidden task satisfies no step
-- condition, and its fields hold nothing. So: begin with the steps that no rule shows, let every rule fire that can, and
-- go on until nothing is added. What is left is unreachable.
local blueprint, logic, rule_analysis = use "tallyfy.blueprint", use "tallyfy.analysis_logic", use "tallyfy.analysis_rule"
local rules = use "tallyfy.rules"

local flow = {}

local given = blueprint.given

local function can_fire(model, alternatives, holds, seen)
  for _, alternative in ipairs(alternatives) do
    local fine = not logic.contradicts(model, alternative)
    for _, atom in ipairs(fine and alternative.list or {}) do
      local step = blueprint.step_behind(model, atom.id)
      fine = fine and holds[atom.condition] and (not step or seen[step.id] == true)
    end
    if fine then return true end
  end
  return false
end

local function shows_of(rule)
  local ids = {}
  for _, action in ipairs(rule.actions) do
    if action.action_verb == "show" then ids[#ids + 1] = action.target_step_id end
  end
  return ids
end

-- <alternatives> by rule id. Gives { hidden = steps that begin hidden, seen = { [step id] = true }, unreachable =
-- steps, fires = { [rule id] = true } }.
function flow.reach(model, alternatives)
  local shown, seen, holds, fires = rules.shown(model), {}, {}, {}
  local result = { hidden = {}, seen = seen, unreachable = {}, fires = fires }
  for _, step in ipairs(model.steps) do
    if shown[step.id] then result.hidden[#result.hidden + 1] = step else seen[step.id] = true end
  end
  for _, rule in ipairs(model.rules) do
    for _, condition in ipairs(rule.conditions) do holds[condition] = rule_analysis.can_hold(model, condition) end
  end
  local grew = true
  while grew do
    grew = false
    for _, rule in ipairs(model.rules) do
      if not fires[rule.id] and can_fire(model, alternatives[rule.id], holds, seen) then
        fires[rule.id], grew = true, true
        for _, id in ipairs(shows_of(rule)) do seen[id] = true end
      end
    end
  end
  for _, step in ipairs(result.hidden) do
    if not seen[step.id] then result.unreachable[#result.unreachable + 1] = step end
  end
  return result
end

-- Why an unreachable step is never shown: for each rule that would show it, in words.
function flow.why_unreachable(model, step, alternatives)
  local reasons = {}
  for _, rule in ipairs(rules.shown(model)[step.id] or {}) do
    local waits = {}
    for _, alternative in ipairs(alternatives[rule.id]) do
      for _, atom in ipairs(alternative.list) do
        local behind = blueprint.step_behind(model, atom.id)
        if behind and behind.id == step.id then
          waits[#waits + 1] = "it waits for the step itself"
        elseif not rule_analysis.can_hold(model, atom.condition) then
          waits[#waits + 1] = "a condition of it can never hold"
        elseif behind and rules.shown(model)[behind.id] then
          waits[#waits + 1] = ("it waits for %q, which is hidden as well"):format(behind.title)
        end
      end
    end
    reasons[#reasons + 1] = ("%s never fires: %s"):format(rules.label(rule), waits[1] or (#rule.conditions == 0
      and "it has no conditions" or "its conditions contradict each other"))
  end
  return table.concat(reasons, "; ")
end

-- The circles of a graph: lists of nodes that reach each other, each once, from the first in <nodes> on. next_of(node) gives
-- a list of nodes. Walks without recursion (templates have hundreds of rules).
function flow.circles(nodes, next_of)
  local reaches = {}
  for _, node in ipairs(nodes) do
    local found, queue, first = {}, { node }, 1
    while queue[first] do
      for _, other in ipairs(next_of(queue[first])) do
        if not found[other] then found[other], queue[#queue + 1] = true, other end
      end
      first = first + 1
    end
    reaches[node] = found
  end
  local circles, taken = {}, {}
  for _, node in ipairs(nodes) do
    if not taken[node] and reaches[node][node] then
      local circle = {}
      for _, other in ipairs(nodes) do
        if reaches[node][other] and reaches[other][node] then
          circle[#circle + 1], taken[other] = other, true
        end
      end
      circles[#circles + 1] = circle
    end
  end
  return circles
end

local empties = { unassign = true, clear_assignees = true }
local fills = { assign = true, assign_only = true }

local function fills_of(rule)
  local ids = {}
  for _, action in ipairs(rule.actions) do
    if fills[action.action_verb] then ids[#ids + 1] = given(action.target_step_id) end
  end
  return ids
end

-- The steps that a rule leaves empty: its last word about their people.
local function empties_of(rule)
  local ids, last = {}, {}
  for _, action in ipairs(rule.actions) do
    local id = given(action.target_step_id)
    if id and (empties[action.action_verb] or fills[action.action_verb]) then
      if last[id] == nil then ids[#ids + 1] = id end
      last[id] = empties[action.action_verb] == true
    end
  end
  local left = {}
  for _, id in ipairs(ids) do
    if last[id] then left[#left + 1] = id end
  end
  return left
end

-- Who wakes whom: { [rule] = { { rule =, step_id = } ... } }, over the step that one empties and the other waits for.
local function wakings(model, reach)
  local waiting, nodes, edges = {}, {}, {}
  for _, rule in ipairs(model.rules) do
    for _, condition in ipairs(reach.fires[rule.id] and rule.conditions or {}) do
      local id = given(condition.conditionable_id)
      if id and condition.operation == "not_assigned" then
        waiting[id] = waiting[id] or {}
        table.insert(waiting[id], rule)
      end
    end
    if reach.fires[rule.id] then nodes[#nodes + 1] = rule end
  end
  for _, rule in ipairs(nodes) do
    edges[rule] = {}
    for _, id in ipairs(empties_of(rule)) do
      for _, other in ipairs(waiting[id] or {}) do table.insert(edges[rule], { rule = other, step_id = id }) end
    end
  end
  return nodes, edges
end

-- Takes out of <edges> those within <circle> over steps that nobody in it fills again; true when there were some.
local function take_out(circle, edges)
  local inside, filled, taken = {}, {}, false
  for _, rule in ipairs(circle) do
    inside[rule] = true
    for _, id in ipairs(fills_of(rule)) do filled[id] = true end
  end
  for _, rule in ipairs(circle) do
    for index = #edges[rule], 1, -1 do
      local edge = edges[rule][index]
      if inside[edge.rule] and not filled[edge.step_id] then
        table.remove(edges[rule], index)
        taken = true
      end
    end
  end
  return taken
end

-- Rules that wake each other without anybody doing anything: one empties a step that another waits to be empty, and the
-- step is filled again on the way. (Reopening makes no circle: only people complete tasks, so a step is reopened once.)
-- Tallyfy ends such a chain (each rule once per event, ten deep); what it leaves behind depends on where that is.
function flow.rule_circles(model, reach)
  local nodes, edges = wakings(model, reach)
  local function next_of(rule)
    local list = {}
    for index, edge in ipairs(edges[rule]) do list[index] = edge.rule end
    return list
  end
  while true do
    local circles, changed = flow.circles(nodes, next_of), false
    for _, circle in ipairs(circles) do changed = take_out(circle, edges) or changed end
    if not changed then return circles end
  end
end

-- The step that a deadline counts from; nil for the start, and for what is not there.
function flow.deadline_base(model, step)
  local deadline = given(step.deadline)
  return type(deadline) == "table" and model.step[given(deadline.step)] or nil
end

-- Steps whose deadlines hang on each other: Tallyfy then takes five days from launch for them.
function flow.deadline_circles(model)
  return flow.circles(model.steps, function (step)
    local base = flow.deadline_base(model, step)
    return base and { base } or {}
  end)
end

return flow
