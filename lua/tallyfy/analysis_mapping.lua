-- analysis_mapping.lua - checks the draft of a template before anything is made of it. Looks at the draft alone. The parts are
-- in analysis_mapping_parts.lua (fields, steps) and analysis_mapping_rules.lua (automations); when those find no error,
-- the draft is read as a template and its rules are analysed like those of any other (analysis_findings.lua): what comes
-- of that are warnings. Errors are what the making tools would refuse, or what could never work.
local blueprint, findings = use "tallyfy.blueprint", use "tallyfy.analysis_findings"
local mapping_rules, parts = use "tallyfy.analysis_mapping_rules", use "tallyfy.analysis_mapping_parts"

local mapping = {}

local given = blueprint.given

local known_keys = { title = true, summary = true, kickoff_form = true, steps = true, automations = true, type = true,
  guidance = true, folder = true, tags = true }

local function new_report()
  local report = { errors = json.array(), warnings = json.array() }
  function report.error(at, message) report.errors[#report.errors + 1] = at .. ": " .. message end
  function report.warn(at, message) report.warnings[#report.warnings + 1] = at .. ": " .. message end
  return report
end

local function check_texts(report, draft)
  local title, summary = given(draft.title), given(draft.summary)
  if type(title) ~= "string" or not title:match("%S") then
    report.error("title", "the template needs a title.")
  elseif (utf8.len(title) or #title) > 250 then
    report.error("title", "it has more than 250 characters.")
  end
  if summary ~= nil and type(summary) ~= "string" then
    report.error("summary", "it must be text.")
  elseif summary and (utf8.len(summary) or #summary) > 2000 then
    report.error("summary", "it has more than 2000 characters.")
  end
  local strange = {}
  for key in pairs(draft) do
    if not known_keys[key] then strange[#strange + 1] = tostring(key) end
  end
  table.sort(strange)
  for _, key in ipairs(strange) do
    report.warn(key, "no such part of a template; it is ignored. Parts: title, summary, kickoff_form, steps, automations.")
  end
end

-- The draft as the API would show the template, with temp_ids and aliases for ids.
local function as_template(draft, found)
  local template = { id = "draft", title = draft.title, prerun = json.array(), steps = json.array(),
    automated_actions = json.array(found.rules) }
  for index, entry in ipairs(found.steps) do
    local step = { id = entry.id, title = entry.title, step_type = entry.type, position = index, captures = json.array() }
    for place, field in ipairs(entry.fields) do step.captures[place] = field.raw end
    template.steps[index] = step
  end
  for index, field in ipairs(found.kickoff) do template.prerun[index] = field.raw end
  return template
end

local function warn_of_findings(report, draft, found)
  local model = blueprint.of(as_template(draft, found))
  for _, entry in ipairs(model and findings.all(model, findings.facts(model)) or {}) do
    if entry.priority ~= "low" then
      report.warn(("automations (%s)"):format(entry.type), ("%s %s"):format(entry.description, entry.fix))
    end
  end
end

-- { valid, errors, warnings, summary }; all plain tables.
function mapping.check(draft)
  local report = new_report()
  check_texts(report, draft)
  local found = { kickoff = {}, steps = {}, rules = {}, counts = {} }
  parts.kickoff(report, draft, found)
  parts.steps(report, draft, found)
  mapping_rules.check(report, draft, found)
  if #report.errors == 0 and #found.rules > 0 then warn_of_findings(report, draft, found) end
  return { valid = #report.errors == 0, errors = report.errors, warnings = report.warnings,
    summary = { steps = found.counts.steps, kickoff_fields = found.counts.kickoff_form, automations = found.counts.automations } }
end

return mapping
