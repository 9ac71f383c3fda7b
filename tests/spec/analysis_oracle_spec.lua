-- analysis_oracle_spec.lua - what the analysis claims about rules, against what happens: random small templates are run through
-- random events by a simulation of Tallyfy's rules (api.md 28.2) that shares nothing with the analysis or the practice
-- organisation. A rule that "never fires" must not fire, a step that is "never shown" must stay hidden, and a proposal that
-- is carried out must leave every process as it was without it.
local helper = dofile("tests/spec/tool_helper.lua")
local json = helper.json

-- ---- a process: { visible, done, approved, owners } by step, value by kick-off field ----

local steps = { "s1", "s2", "s3", "s4" } -- s3 is an approval
local fields = { "k1", "k2" } -- radio of a, b, c
local options = { "a", "b", "c" }
local people = { "ann", "ben" }

local holds = {}

function holds.completed(state, id) return state.done[id] end
function holds.approved(state, id) return state.done[id] and state.approved[id] == true end
function holds.rejected(state, id) return state.done[id] and state.approved[id] == false end
function holds.reopened(_, id, event) return event.name == "reopened" and event.step == id end
function holds.not_assigned(state, id) return not state.done[id] and next(state.owners[id]) == nil end

local function condition_holds(state, condition, event)
  local id, operation = condition.conditionable_id, condition.operation
  if condition.conditionable_type == "Step" then
    return state.visible[id] == true and holds[operation](state, id, event) == true
  end
  local value, matches = state.value[id], false
  for _, wanted in ipairs(type(condition.statement) == "table" and condition.statement or { condition.statement }) do
    matches = matches or value == wanted
  end
  if operation == "is_empty" then return value == nil end
  if operation == "is_not_empty" then return value ~= nil end
  if operation == "not_equals" then return not matches end
  return value ~= nil and matches
end

local function rule_holds(state, rule, event)
  local result
  for index, condition in ipairs(rule.conditions) do
    local one = condition_holds(state, condition, event)
    if index == 1 then result = one
    elseif condition.logic == "or" then result = result or one
    else result = result and one end
  end
  return result == true
end

local function wakes(rule, event)
  for _, condition in ipairs(rule.conditions) do
    local id, operation, is_step = condition.conditionable_id, condition.operation, condition.conditionable_type == "Step"
    if event.name == "launch" and (not is_step or operation == "not_assigned") then return true end
    if event.name == "kickoff" and not is_step then return true end
    if event.name == "completed" and id == event.step then return true end
    if event.name == "reopened" and id == event.step and operation == "reopened" then return true end
    if event.name == "owners" and id == event.step and operation == "not_assigned" then return true end
  end
  return false
end

-- Does the action; true when it changed something, and the event that follows from it.
local function act(state, action, origin)
  local id, verb = action.target_step_id, action.action_verb
  if verb == "show" or verb == "hide" then
    if state.done[id] or state.visible[id] == (verb == "show") then return false end
    state.visible[id] = verb == "show"
    return true
  end
  if verb == "reopen" then
    if not state.done[id] or id == origin then return false end
    state.done[id], state.approved[id] = nil, nil
    return true, { name = "reopened", step = id }
  end
  local owners, before = state.owners[id], {}
  if state.done[id] then return false end
  for who in pairs(owners) do before[who] = true end
  if verb == "clear_assignees" or verb == "assign_only" then state.owners[id], owners = {}, {} end
  if verb ~= "clear_assignees" then
    owners = state.owners[id]
    for _, who in ipairs(action.assignees.guests) do owners[who] = verb ~= "unassign" and true or nil end
  end
  state.owners[id] = owners
  for _, who in ipairs(people) do
    if before[who] ~= owners[who] then return true, { name = "owners", step = id } end
  end
  return false
end

-- One event and all that follows. <seen> is told of each firing, each change, and each rule that was held back.
local function run(state, rules, event, seen)
  local queue, fired, origin = { event }, {}, event.step
  while #queue > 0 do
    local current = table.remove(queue, 1)
    for _, rule in ipairs(rules) do
      if wakes(rule, current) and rule_holds(state, rule, current) then
        if fired[rule.id] then seen("again", rule) else
          fired[rule.id] = true
          seen("fired", rule)
          for _, action in ipairs(rule.then_actions) do
            local changed, follows = act(state, action, origin)
            if changed then seen("changed", rule, action) end
            queue[#queue + 1] = follows
          end
        end
      end
    end
  end
end

local function launch(rules)
  local state = { visible = {}, done = {}, approved = {}, owners = {}, value = {} }
  for _, id in ipairs(steps) do state.visible[id], state.owners[id] = true, { ann = true } end
  for _, rule in ipairs(rules) do
    for _, action in ipairs(rule.then_actions) do
      if action.action_verb == "show" then state.visible[action.target_step_id] = false end
    end
  end
  return state
end

-- What can happen next, drawn as numbers, so that two processes can be told the same.
local function draw(random)
  return { random(4), random(#steps), random(#fields), random(4), random(2) }
end

local function happen(state, rules, drawn, seen)
  local id, field = steps[drawn[2]], fields[drawn[3]]
  if drawn[1] == 1 then
    state.value[field] = options[drawn[4]]
    return run(state, rules, { name = "kickoff" }, seen)
  elseif drawn[1] <= 3 and state.visible[id] and not state.done[id] then
    state.done[id] = true
    if id == "s3" then state.approved[id] = drawn[5] == 1 end
    return run(state, rules, { name = "completed", step = id }, seen)
  elseif drawn[1] == 4 and state.done[id] then
    state.done[id], state.approved[id] = nil, nil
    return run(state, rules, { name = "reopened", step = id }, seen)
  end
end

local function shown(state)
  local parts = {}
  for index, id in ipairs(steps) do
    local who = {}
    for _, name in ipairs(people) do who[#who + 1] = state.owners[id][name] and name or "-" end
    parts[index] = ("%s %s %s %s"):format(id, tostring(state.visible[id]), tostring(state.done[id]), table.concat(who))
  end
  return table.concat(parts, "; ")
end

-- ---- random templates ----

local function generator(seed)
  local value = seed
  return function (most) -- the same numbers everywhere
    value = (value * 1103515245 + 12345) % 2147483648
    return (value >> 16) % most + 1
  end
end

local function random_condition(random, index)
  local condition = { logic = random(2) == 1 and "and" or "or", position = index }
  if random(2) == 1 then
    local operations = { "completed", "completed", "approved", "rejected", "reopened", "not_assigned" }
    condition.conditionable_type, condition.conditionable_id = "Step", steps[random(#steps)]
    condition.operation, condition.statement = operations[random(#operations)], "any_time"
    if condition.operation == "approved" or condition.operation == "rejected" then condition.conditionable_id = "s3" end
  else
    local operations = { "equals", "equals", "not_equals", "is_empty", "is_not_empty", "equals_any" }
    condition.conditionable_type, condition.conditionable_id = "Prerun", fields[random(#fields)]
    condition.operation, condition.statement = operations[random(#operations)], options[random(3)]
    if condition.operation == "equals_any" then condition.statement = json.array { "a", options[random(3)] } end
  end
  return condition
end

local verbs = { "show", "show", "hide", "assign", "assign_only", "unassign", "clear_assignees", "reopen" }
local types = { show = "visibility", hide = "visibility", reopen = "status" }

local function random_rule(random, index)
  local rule = { id = ("r%d"):format(index), automated_alias = ("R%d"):format(index), conditions = json.array(),
    then_actions = json.array() }
  for place = 1, random(3) do rule.conditions[place] = random_condition(random, place) end
  for place = 1, random(2) do
    local verb = verbs[random(#verbs)]
    local takes_people = not types[verb] and verb ~= "clear_assignees"
    rule.then_actions[place] = { action_verb = verb, action_type = types[verb] or "assignment", position = place,
      target_step_id = steps[random(#steps)],
      assignees = { guests = json.array(takes_people and { people[random(#people)] } or {}) } }
  end
  return rule
end

local function copied(list)
  local copy = json.array()
  for index, one in ipairs(list) do copy[index] = json.table(one) end
  return copy
end

-- Rules of one template: some are made of parts of others, so that there is something to find.
local function random_rules(random)
  local rules = {}
  for index = 1, 1 + random(4) do
    local rule, other = random_rule(random, index), #rules > 0 and rules[random(#rules)]
    local how = other and random(4) or 0
    if how == 1 or how == 2 then rule.then_actions = copied(other.then_actions) end
    if how == 2 or how == 3 then
      rule.conditions = copied(other.conditions)
      if random(2) == 1 then rule.conditions[#rule.conditions + 1] = random_condition(random, #rule.conditions + 1) end
    end
    rules[index] = rule
  end
  return rules
end

local function template_of(rules)
  local template = { id = "t", title = "T", steps = json.array(), prerun = json.array(),
    automated_actions = json.array(rules) }
  for index, id in ipairs(steps) do
    template.steps[index] = { id = id, title = "Step " .. id, position = index, captures = json.array(),
      step_type = id == "s3" and "approval" or "task" }
  end
  for index, id in ipairs(fields) do
    local list = json.array()
    for place, text in ipairs(options) do list[place] = { id = place, text = text } end
    template.prerun[index] = { id = id, label = "Field " .. id, field_type = "radio", options = list, position = index }
  end
  return template
end

-- The rules after what a finding recommends; nil where it recommends no edit that can be carried out as it stands.
local function carried_out(rules, finding)
  if not finding.keep_rule_id or (finding.type:find("_merge$") and not finding.merged) then return nil end
  local gone, result = {}, {}
  for _, id in ipairs(finding.delete_rule_ids) do gone[id] = true end
  for _, rule in ipairs(rules) do
    if rule.id == finding.keep_rule_id and finding.merged then
      rule = { id = rule.id, conditions = finding.merged.conditions or rule.conditions,
        then_actions = finding.merged.actions or rule.then_actions }
    end
    if not gone[rule.id] then result[#result + 1] = rule end
  end
  return result
end

describe("claims of the analysis, against a simulation", function ()
  local findings, blueprint = helper.use("tallyfy.analysis_findings"), helper.use("tallyfy.blueprint")
  local rule_analysis = helper.use("tallyfy.analysis_rule")

  -- Calls check(rules, model, list, facts, random) for <count> random templates, after change(rule, random) of each rule.
  local function for_templates(count, check, change)
    for seed = 1, count do
      local random = generator(seed * 7919)
      for _ = 1, 3 do random(2) end
      local rules = random_rules(random)
      for _, rule in ipairs(change and rules or {}) do change(rule, random) end
      local model = blueprint.of(template_of(rules))
      local facts = findings.facts(model)
      check(rules, model, findings.all(model, facts), facts, random)
    end
  end

  local function walk(rules, random, length, seen, after)
    local state = launch(rules)
    run(state, rules, { name = "launch" }, seen)
    if after then after(state) end
    for _ = 1, length do
      happen(state, rules, draw(random), seen)
      if after then after(state) end
    end
  end

  it("what never fires does not fire, what is never shown stays hidden, what does nothing changes nothing", function ()
    local claims = 0
    for_templates(200, function (rules, model, list, facts, random)
      local never, hidden, idle = {}, {}, {}
      for _, entry in ipairs(list) do
        if entry.type == "never_fires" then never[entry.rule_ids[1]] = true end
        if entry.type == "unreachable_step" then hidden[entry.step_ids[1]] = true end
      end
      for _, rule in ipairs(model.rules) do
        for _, problem in ipairs(facts.fact[rule.id].problems) do
          local index = problem.kind == "no_effect" and tonumber(problem.where:match("%d+"))
          if index then idle[rule.actions[index]] = true end
        end
      end
      claims = claims + (next(never) and 1 or 0) + (next(hidden) and 1 or 0) + (next(idle) and 1 or 0)
      local function seen(what, rule, action)
        assert(what ~= "fired" or not never[rule.id], "it fired: " .. json.encode { rules, rule.id })
        assert(what ~= "changed" or not idle[action], "it changed something: " .. json.encode { rules, action })
      end
      for _ = 1, 12 do
        walk(rules, random, 12, seen, function (state)
          for id in pairs(hidden) do assert(not state.visible[id], "it is shown: " .. json.encode { rules, id }) end
        end)
      end
    end)
    assert(claims > 50, claims)
  end)

  it("rules that exclude each other never hold together; what holds within another holds only with it", function ()
    local pairs_of = helper.use("tallyfy.analysis_pairs")
    local count = { never = 0, within = 0, same = 0, maybe = 0 }
    for_templates(150, function (rules, model, _, facts, random)
      for first = 1, #rules - 1 do
        local a, b = facts.fact[rules[first].id], facts.fact[rules[first + 1].id]
        local relation = pairs_of.relation(model, a, b)
        count[relation] = count[relation] + 1
        local forth, back = true, true -- whether the one held whenever the other did, so far
        walk(rules, random, 25, function () end, function (state)
          for _, event in ipairs { { name = "none" }, { name = "reopened", step = "s1" } } do
            local x, y = rule_holds(state, a.rule.raw, event), rule_holds(state, b.rule.raw, event)
            if event.step and (state.done.s1 or not state.visible.s1) then x, y = false, false end
            forth, back = forth and (not x or y), back and (not y or x)
            local fine = relation == "maybe" or (relation == "never" and not (x and y))
              or (relation == "same" and forth and back) or (relation == "within" and (forth or back))
            assert(fine, ("%s: %s"):format(relation, json.encode { a.rule.raw, b.rule.raw }))
          end
        end)
      end
    end)
    assert(count.never > 5 and count.same > 10 and count.within > 10, json.encode(count))
  end)

  it("proposals without a note that are carried out change no process", function ()
    local count = {}
    for_templates(400, function (rules, _, list, _, random)
      for _, finding in ipairs(list) do
        local changed = not finding.note and carried_out(rules, finding)
        if changed then count[finding.type] = (count[finding.type] or 0) + 1 end
        for _ = 1, changed and 10 or 0 do
          local drawn = {}
          for index = 1, 14 do drawn[index] = draw(random) end
          local before, after, quiet = launch(rules), launch(changed), function () end
          run(before, rules, { name = "launch" }, quiet)
          run(after, changed, { name = "launch" }, quiet)
          for index = 0, #drawn do
            if index > 0 then
              happen(before, rules, drawn[index], quiet)
              happen(after, changed, drawn[index], quiet)
            end
            assert(shown(before) == shown(after), ("%s: %s\nbefore %s\nafter  %s\n%s"):format(finding.type, finding.description,
              shown(before), shown(after), json.encode(rules)))
          end
        end
      end
    end)
    for _, kind in ipairs { "exact_duplicate", "covered_rule", "same_trigger_merge", "same_actions_merge" } do
      assert((count[kind] or 0) >= 4, ("%s: %d times only"):format(kind, count[kind] or 0))
    end
  end)

  -- Rules about people only, half of them without any condition but that a step is empty.
  local function about_people(rule, random)
    local condition = rule.conditions[1]
    condition.conditionable_type, condition.conditionable_id = "Step", steps[random(2)]
    condition.operation, condition.statement = "not_assigned", "any_time"
    if random(2) == 1 then rule.conditions = json.array { condition } end
    for _, action in ipairs(rule.then_actions) do
      local verb = ({ "assign", "assign_only", "clear_assignees" })[random(3)]
      action.action_verb, action.action_type, action.target_step_id = verb, "assignment", steps[random(2)]
      action.assignees.guests = json.array(verb ~= "clear_assignees" and { people[random(2)] } or {})
    end
  end

  it("rules that wake each other do, in some process", function ()
    local claimed, proven = 0, 0
    for_templates(300, function (rules, _, list, _, random)
      local circle = {}
      for _, entry in ipairs(list) do
        for _, id in ipairs(entry.type == "rule_circle" and entry.rule_ids or {}) do circle[id] = true end
      end
      if next(circle) then
        local own, again, tries = {}, false, 0 -- alone: other rules may fill a step first
        for _, rule in ipairs(rules) do own[#own + 1] = circle[rule.id] and rule or nil end
        while not again and tries < 40 do
          tries = tries + 1
          local state = launch(own)
          for _, id in ipairs(steps) do state.owners[id] = random(2) == 1 and {} or { ben = true } end
          local function seen(what, rule) again = again or (what == "again" and circle[rule.id] == true) end
          run(state, own, { name = "launch" }, seen)
          for _ = 1, 10 do happen(state, own, draw(random), seen) end
        end
        claimed, proven = claimed + 1, proven + (again and 1 or 0)
      end
    end, about_people)
    assert(claimed >= 10 and proven >= claimed * 0.8, ("%d of %d"):format(proven, claimed))
  end)

  it("is the same each time, whatever the order in which tables are walked", function ()
    for_templates(40, function (rules, _, list)
      local model = blueprint.of(json.table(template_of(copied(rules))))
      assert.same(list, findings.all(model, findings.facts(model)))
      assert.is_boolean(rule_analysis.can_hold(model, rules[1].conditions[1]))
    end)
  end)
end)
