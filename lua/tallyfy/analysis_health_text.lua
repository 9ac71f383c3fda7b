-- analysis_health_text.lua - how a template reads. Points lost:
-- metadata: title generic 40 or under 5 characters 30; summary missing 25, under 40 characters 10; a draft 10; no owner 10;
--   no folder 5; processes not named by a format 5; kick-off form without an introduction 5.
-- step_clarity, of each step: title generic or under 4 characters 40, over 100 characters 10; description missing 35, under
--   20 characters 15; the same title as another step 25; {{variables}} that name nothing 20; nobody gets it 30.
-- form_completeness, of each field: choice without options 60, with one 40, options that repeat 20; table without columns 60;
--   label missing or under 2 characters 25; the same label twice in one form 25; text that asks for an e-mail address, a
--   number or a date without checking 15; an upload, table or people picker without guidance 10. Of the template: no
--   fields at all 30; fields, but none required 10; texts or rules without kick-off fields to go by are not judged.
local blueprint, pick, variables = use "tallyfy.blueprint", use "tallyfy.pick", use "tallyfy.analysis_variables"
local words = use "tallyfy.rule_words"

local judges = {}

local given = blueprint.given

local function length(value)
  if type(value) ~= "string" then return 0 end
  local plain = value:gsub("<[^>]*>", " "):gsub("&nbsp;", " "):gsub("%s+", " "):match("^%s*(.-)%s*$")
  return utf8.len(plain) or #plain
end

local generic = { test = true, template = true, untitled = true, ["new template"] = true, ["my template"] = true, task = true,
  step = true, ["new step"] = true, ["new task"] = true, todo = true, ["to do"] = true, misc = true, other = true }

local function is_generic(title)
  local plain = pick.trimmed(title:lower())
  return generic[plain] or plain:find("^copy of ") ~= nil or plain:find("^step %d+$") ~= nil or plain:find("^task %d+$") ~= nil
end

local function template_fix(text) return { tool = "update_template", text = text } end

function judges.metadata(tally, model)
  local template = model.template
  local title, summary = given(template.title) or "", length(template.summary)
  if is_generic(title) then
    tally.whole(40, ("The title %q says nothing about the work."):format(title), template_fix("Name the work it is for."))
  elseif length(title) < 5 then
    tally.whole(30, ("The title %q is very short."):format(title), template_fix("Name the work it is for."))
  end
  if summary == 0 then
    tally.whole(25, "There is no summary.", template_fix("Say in a sentence or two when to use it."))
  elseif summary < 40 then
    tally.whole(10, "The summary is shorter than 40 characters.", template_fix("Say when to use it, and what comes out."))
  end
  if template.status == "draft" then
    tally.whole(10, "It is a draft.", { tool = nil, text = "Publish it in Tallyfy when it is ready." })
  end
  if given(template.owner_id) == nil then tally.whole(10, "Nobody owns it.", { text = "Give it an owner in Tallyfy." }) end
  if given(template.folder_id) == nil then
    tally.whole(5, "It is in no folder.", { tool = "add_object_to_folder", text = "File it where people look for it." })
  end
  if template.auto_naming ~= true then
    tally.whole(5, "Processes are named by title and date only.", template_fix("Set auto_naming and a name format."))
  end
  if #(pick.list(template.prerun) or {}) > 0 and length(template.kickoff_description) == 0
    and length(template.kickoff_title) == 0 then
    tally.whole(5, "The kick-off form has neither heading nor introduction.", template_fix("Set kickoff_title."))
  end
end

local function step_where(step) return { step_id = step.id, step = step.title, position = step.place } end

-- Somebody who gets the task: named, by role, by the one who launches, or by a rule.
local function has_people(model, step)
  for _, bucket in ipairs { "assignees", "guests", "groups", "roles" } do
    if #(pick.list(step.raw[bucket]) or {}) > 0 then return true end
  end
  if step.raw.assign_run_starter ~= false then return true end
  for _, rule in ipairs(model.rules) do
    for _, action in ipairs(rule.actions) do
      local assigns = action.action_verb == "assign" or action.action_verb == "assign_only"
      if assigns and given(action.target_step_id) == step.id then return true end
    end
  end
  return false
end

local function judge_step(tally, model, step, twins)
  local where, title = step_where(step), length(step.title)
  local function lose(points, message, tool, fix) tally.lose(step.id, points, message, { tool = tool, text = fix }, where) end
  tally.item(step.id)
  if is_generic(step.title) or title < 4 then
    lose(40, ("The title %q does not say what to do."):format(step.title), nil, "Begin with a verb: \"Check the invoice\".")
  elseif title > 100 then
    lose(10, "The title has more than 100 characters.", "edit_description_on_step", "Move the details to the description.")
  end
  local about = length(step.raw.summary)
  if about == 0 or length(step.title) == about and step.raw.summary:find(step.title, 1, true) then
    lose(35, "It has no description of its own.", "edit_description_on_step", "Say how it is done and when it is done well.")
  elseif about < 20 then
    lose(15, "The description is shorter than 20 characters.", "edit_description_on_step", "Say how it is done.")
  end
  if twins > 1 then lose(25, ("%d steps have this title."):format(twins), nil, "Make the titles differ.") end
  local _, unknown = variables.of_step(model, step)
  if #unknown > 0 then
    lose(20, ("The text shows {{%s}}, which no field is called."):format(table.concat(unknown, "}}, {{")),
      "edit_description_on_step", "Use the alias of a field of this template.")
  end
  if not has_people(model, step) then
    lose(30, "Nobody gets this task.", "add_assignees_to_step", "Assign somebody, or let a rule do it.")
  end
end

function judges.step_clarity(tally, model)
  if #model.steps == 0 then return tally.skip() end
  local count = {}
  for _, step in ipairs(model.steps) do
    local key = step.title:lower()
    count[key] = (count[key] or 0) + 1
  end
  for _, step in ipairs(model.steps) do judge_step(tally, model, step, count[step.title:lower()]) end
end

local checks = {
  { "e%-?mail", "email", "an e-mail address", "Set field_validation to [\"email\"]." },
  { "amount", "numeric", "a number", "Set field_validation to [\"numeric\"]." },
  { "price", "numeric", "a number", "Set field_validation to [\"numeric\"]." },
  { "number of ", "numeric", "a number", "Set field_validation to [\"numeric\"]." },
  { "%f[%w]date%f[%W]", nil, "a date", "Make it a field of type date." },
}

local function validates(field, word)
  local rules = given(field.raw.field_validation)
  if type(rules) == "string" then return word ~= nil and rules:find(word, 1, true) ~= nil end
  for _, rule in ipairs(pick.list(rules) or {}) do
    if rule == word then return true end
  end
  return false
end

local function repeats(options)
  local seen = {}
  for _, option in ipairs(options) do
    local text = tostring(given(option.text) or given(option.label)):lower()
    if seen[text] then return option end
    seen[text] = true
  end
end

local function tool_of(field) return field.kind == "Prerun" and "update_kickoff_field" or "update_form_field" end

local needs_guidance = { file = "Say which file, and in what form.", table = "Say what goes into the columns.",
  assignees_form = "Say who is meant to be named." }

local function judge_kind(field, lose)
  if words.choice_types[field.type] then
    if #field.options == 0 then lose(60, "It has no options to choose from.", "Give its options.")
    elseif #field.options == 1 then lose(40, "It has one option only.", "Give two options or more.")
    elseif repeats(field.options) then lose(20, "Two of its options are the same.", "Make the options differ.") end
  elseif field.type == "table" and #(pick.list(field.raw.columns) or {}) == 0 then
    lose(60, "The table has no columns.", "Give its columns.")
  elseif field.type == "text" then
    for _, check in ipairs(checks) do
      if field.label:lower():find(check[1]) and not validates(field, check[2]) then
        return lose(15, ("It asks for %s and takes any text."):format(check[3]), check[4])
      end
    end
  end
end

local function judge_field(tally, field, twins)
  local where = { field_id = field.id, field = field.label, step_id = field.step and field.step.id,
    step = field.step and field.step.title or "kick-off form" }
  local function lose(points, message, fix)
    tally.lose(field.id, points, message, { tool = tool_of(field), text = fix }, where)
  end
  tally.item(field.id)
  judge_kind(field, lose)
  if length(field.label) < 2 or field.label == field.id then lose(25, "It has no telling label.", "Name what is asked for.") end
  if twins > 1 then lose(25, ("%d fields of this form have this label."):format(twins), "Make the labels differ.") end
  if needs_guidance[field.type] and length(field.raw.guidance) == 0 then
    lose(10, "It has no guidance.", needs_guidance[field.type])
  end
end

local function form_key(field) return (field.step and field.step.id or "kick-off") .. " " .. field.label:lower() end

function judges.form_completeness(tally, model)
  if #model.fields == 0 then
    if model.template.type == "document" then return tally.skip() end
    return tally.whole(30, "There are no form fields: nothing that people find out is recorded.",
      { tool = "suggest_form_fields_for_step", text = "Add fields for what is asked and decided." })
  end
  local count, required = {}, 0
  for _, field in ipairs(model.fields) do
    count[form_key(field)] = (count[form_key(field)] or 0) + 1
    required = required + (field.required and 1 or 0)
  end
  for _, field in ipairs(model.fields) do judge_field(tally, field, count[form_key(field)]) end
  if required == 0 then
    tally.whole(10, "No field is required: everything can be left empty.",
      { tool = "update_form_field", text = "Require what the next steps cannot do without." })
  end
end

return judges
