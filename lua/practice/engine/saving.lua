-- Saving form values of a task, and what follows (api.md 15, 28.2): the first value puts the task in
-- progress, rules about the changed fields run.
local json = require "json"
local problem = require "practice.problem"
local rules = require "practice.engine.rules"
local values = require "practice.engine.values"
local lists = require "practice.lists"

local saving = {}

-- Writes <given> (by field id) into <task>; 422 when a value has the wrong shape, and then nothing is
-- written.
function saving.task_values(act, task, given)
  local stored, errors = lists.copy(task.taskdata), {}
  local changed = values.save(task.fields, given, stored, function (field, message)
    errors[field.id] = json.array({ message })
  end)
  if next(errors) then problem.invalid(errors) end
  if not next(changed) then return {} end
  task.taskdata, task.last_updated = stored, act.now
  if task.status == "not-started" then task.status = "in-progress" end
  if not task.run then return {} end
  return rules.run(act, task.run, { name = "values", task = task, changed = changed })
end

return saving
