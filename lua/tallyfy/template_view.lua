-- template_view.lua - one template as an answer: whole where it fits, else without named parts, the least missed first,
-- each with the tool that shows it.
local fields, pick, shape = use "tallyfy.fields", use "tallyfy.pick", use "tallyfy.shape"

local template_view = {}

local function each_step(data, change)
  for _, step in ipairs(pick.list(data.steps) or {}) do change(step) end
end

-- What is left out, in this order, until the rest fits.
local cuts = {
  { "the fields of steps but label and type (get_dropdown_options shows the options of one)", function (data)
    each_step(data, function (step)
      if step.captures then step.captures = fields.briefs(step.captures) end
    end)
  end },
  { "descriptions of steps beyond 500 characters (get_template_steps with from_position)", function (data)
    each_step(data, function (step)
      if step.summary then step.summary = shape.object({ summary = step.summary }, { cut = 500 }).summary end
    end)
  end },
  { "rules (analyze_template_automations)", function (data) data.automated_actions = nil end },
  { "kick-off fields (get_kickoff_fields)", function (data) data.prerun = nil end },
  { "steps (get_template_steps)", function (data) data.steps = nil end },
}

-- <template>: as the API shows it. Gives the data and the list of what was left out.
function template_view.of(template)
  local data, left = shape.object(template), json.array()
  for _, cut in ipairs(cuts) do
    if #json.encode(data) <= shape.budget then break end
    cut[2](data)
    left[#left + 1] = cut[1]
  end
  local kept, more = shape.bounded(data) -- what is left may be one long text
  for _, said in ipairs(more or {}) do left[#left + 1] = said end
  if #left > 0 then kept._omitted = left end
  return kept, left
end

return template_view
