-- {{alias}} in titles, summaries and names: stored raw, replaced on every read, so that a changed value
-- shows everywhere (api.md 28.4). Unknown and empty ones become nothing.
local time = require "practice.time"
local values = require "practice.engine.values"
local zones = require "practice.zones"

local variables = {}

local function text_of_field(run, alias)
  for _, field in ipairs(run.fields) do
    if field.alias == alias then return table.concat(values.texts(field, run.prerun[field.id]), ", ") end
  end
  for _, task in ipairs(run.tasks) do
    for _, field in ipairs(task.fields) do
      if field.alias == alias then return table.concat(values.texts(field, task.taskdata[field.id]), ", ") end
    end
  end
  return ""
end

local entities = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }

-- The date a process was launched, in its organisation's zone.
function variables.launch_date(run)
  return time.date(run.created_at + zones.offset(run.organization.timezone, run.created_at))
end

-- <text> for people. <html> escapes the values. <task> may be nil.
function variables.expand(text, run, task, html)
  if not text or not run or not text:find("{{", 1, true) then return text end
  return (text:gsub("{{%s*([%w_-]+)%s*}}", function (alias)
    local value
    if alias == "DATE" then
      value = variables.launch_date(run)
    elseif alias == "TEMPLATE_NAME" then
      value = run.checklist_title
    elseif alias == "current-process-id" then
      value = run.id
    elseif alias == "current-task-id" then
      value = task and task.id or ""
    else
      value = text_of_field(run, alias)
    end
    return html and value:gsub('[&<>"]', entities) or value
  end))
end

return variables
