-- analysis_variables.lua - which fields a text shows: {{alias}} in titles and descriptions. Tallyfy puts an empty text where
-- an alias names nothing.
local blueprint = use "tallyfy.blueprint"

local variables = {}

local given = blueprint.given

local own = { DATE = true, TEMPLATE_NAME = true, TEMPLATE_ID = true, PROCESS_ID = true }

-- Fields by alias.
local function by_alias(model)
  local fields = {}
  for _, field in ipairs(model.fields) do
    if field.alias then fields[field.alias] = field end
  end
  return fields
end

-- The fields that the texts show, each once, in their order; and the names that stand for nothing.
function variables.of(model, ...)
  local known, found, unknown, seen = by_alias(model), {}, {}, {}
  for _, text in ipairs { ... } do
    for name in (type(text) == "string" and text or ""):gmatch("{{%s*([^{}]-)%s*}}") do
      if not seen[name] then
        seen[name] = true
        if known[name] then
          found[#found + 1] = known[name]
        elseif not own[name] then
          unknown[#unknown + 1] = name
        end
      end
    end
  end
  return found, unknown
end

function variables.of_step(model, step)
  return variables.of(model, given(step.raw.title) or "", given(step.raw.summary) or "")
end

return variables
