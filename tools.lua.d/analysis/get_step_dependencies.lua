local analysis, blueprint = use "tallyfy.analysis_step", use "tallyfy.blueprint"
local rule_people, shape = use "tallyfy.rule_people", use "tallyfy.shape"

-- What there is of each kind, and which rules are about the step.
local function line(model, step, found)
  local dependencies = found.dependencies
  local count, parts = dependencies.totals, {}
  for _, part in ipairs { { "waits for", count.incoming, "step" }, { "followed by", count.outgoing, "step" },
      { "hangs on", count.field_dependencies, "field condition" }, { "shown or hidden by", count.conditional_visibility,
      "rule" }, { "the base of", count.dependents, "deadline" } } do
    if part[2] > 0 then parts[#parts + 1] = part[1] .. " " .. shape.count(part[2], part[3]) end
  end
  local lines = { ("%s of %s: %s. Complexity %s (%d)."):format(step.title, model.title, parts[1] and table.concat(parts, ", ")
    or "nothing hangs on it", found.complexity_analysis.level, found.complexity_analysis.score) }
  for index, rule in ipairs(dependencies.conditional_visibility) do
    if index <= 5 then lines[#lines + 1] = ("- %q: %s: %s"):format(rule.rule, rule.when, rule.action) end
  end
  return table.concat(lines, "\n")
end

tool "get_step_dependencies" {
  title  = "Get step dependencies";
  about  = "What a template step hangs on and what hangs on it, by rules, deadlines and {{variables}} in its text: look here "
        .. "before changing or deleting a step.";
  effect = "read";
  input  = {
    text "template_id" { "The template: its id or title", min = 1, max = 250 };
    text "step_id"     { "The step: its id or title", min = 1, max = 600 };
  };
  output = {
    text   "template_id"         { "The template" };
    object "step_info"           { "The step: id, title, position, step_type" };
    object "dependencies"        { "incoming, outgoing, field_dependencies, conditional_visibility, deadlines, variables" };
    object "complexity_analysis" { "total, score, level" };
    list   "recommendations"     { "What to think about", of = "text" };
  };
  run = function (args, call)
    local model, err = blueprint.read(call, args.template_id)
    if not model then return nil, err end
    local step, unknown = blueprint.find_step(model, args.step_id, "step_id")
    if not step then return nil, unknown end
    rule_people.read(call, model)
    local found = analysis.dependencies(model, step)
    return { text = line(model, step, found), data = { template_id = model.id,
      step_info = { id = step.id, title = step.title, position = step.place, step_type = step.type },
      dependencies = found.dependencies, complexity_analysis = found.complexity_analysis,
      recommendations = found.recommendations } }
  end;
}
