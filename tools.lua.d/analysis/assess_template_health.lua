local blueprint, findings, health = use "tallyfy.blueprint", use "tallyfy.analysis_findings", use "tallyfy.analysis_health"
local flow, shape, texts = use "tallyfy.analysis_health_flow", use "tallyfy.shape", use "tallyfy.analysis_health_text"
local rule_people = use "tallyfy.rule_people"

local judges = {}
for _, part in ipairs { flow, texts } do
  for name, judge in pairs(part) do judges[name] = judge end
end

local function lines_of(model, found)
  local lines = { ("%s: %s (%d of 100)."):format(model.title, found.rating, found.score) }
  for _, row in ipairs(found.dimensions) do
    lines[#lines + 1] = row.applies and ("- %s: %s (%d), %s"):format(row.name, row.rating, row.score,
      shape.count(row.findings, "finding")) or ("- %s: does not apply"):format(row.name)
  end
  for index, finding in ipairs(found.findings) do
    if index > 3 then break end
    local about = finding.step and ("%s: "):format(finding.step) or ""
    lines[#lines + 1] = ("%d. %s%s %s"):format(index, about, finding.message, finding.fix.text)
  end
  return table.concat(lines, "\n")
end

tool "assess_template_health" {
  title  = "Assess template health";
  about  = "Scores a template from 0 to 100 in six dimensions (metadata, step_clarity, form_completeness, automation_efficiency, "
        .. "deadlines, structure), with findings that name the step and the fix, heaviest first. Computed: the same template "
        .. "always scores the same.";
  effect = "read";
  limits = { cpu = "10s" };
  input  = {
    text  "template_id"  { "The template: its id or title", min = 1, max = 250 };
    whole "from_finding" { "Begin at this finding, from 1", min = 1, default = 1 };
  };
  output = {
    text   "template_id"    { "The template" };
    text   "template_title" { "Its title" };
    whole  "score"          { "0 to 100, the mean by weight" };
    text   "rating"         { "excellent, good, fair, poor or critical" };
    list   "dimensions"     { "name, weight, applies, score, rating, findings", of = "object" };
    list   "findings"       { "dimension, severity, points, message, fix, and where", of = "object" };
    object "counts"         { "steps, fields, rules, findings", values = whole {} };
    whole  "next_finding"   { "from_finding for the rest, when there is more", optional = true };
  };
  run = function (args, call)
    local model, err = blueprint.read(call, args.template_id)
    if not model then return nil, err end
    rule_people.read(call, model)
    local found = health.assess(judges, model, findings.facts(model))
    local rows = json.array()
    for index = args.from_finding, #found.findings do rows[#rows + 1] = found.findings[index] end
    local kept, cut = shape.fit(rows, shape.budget * 0.9)
    return { text = lines_of(model, found), data = { template_id = model.id, template_title = model.title, score = found.score,
      rating = found.rating, dimensions = found.dimensions, findings = kept,
      counts = { steps = #model.steps, fields = #model.fields, rules = #model.rules, findings = #found.findings },
      next_finding = cut and args.from_finding + #kept or nil } }
  end;
}
