-- Saving form values of a task or a kick-off form, and what follows (api.md 15, 28.2): the first value puts the
-- task in progress, rules about the changed fields run, files get their address.
local consequences = require "practice.engine.consequences"
local json = require "json"
local lists = require "practice.lists"
local problem = require "practice.problem"
local shapes = require "practice.shapes"
local time = require "practice.time"
local values = require "practice.engine.values"

local saving = {}

-- A file value names a file by id, url or full_url; the API adds full_url and uploaded_at.
function saving.complete_files(act, fields, stored, changed)
  for _, field in ipairs(fields) do
    if field.field_type == "file" and changed[field.id] then
      for _, entry in ipairs(stored[field.id] or {}) do
        local asset = type(entry.id) == "string" and act.organization.assets:get(entry.id)
        entry.filename = entry.filename or (asset and asset.filename)
        entry.full_url = entry.full_url or entry.url or (asset and shapes.asset_link(act.organization, asset))
        entry.uploaded_at = entry.uploaded_at or time.iso(asset and asset.created_at or act.now)
      end
    end
  end
end

-- A copy of <stored> with <given> written into it, and the ids that changed; 422 when a value has the wrong
-- shape.
function saving.merged(act, fields, given, stored)
  local copy, errors = lists.copy(stored), {}
  local changed = values.save(fields, given, copy, function (field, message)
    errors[field.id] = json.array({ message })
  end)
  if next(errors) then problem.invalid(errors) end
  saving.complete_files(act, fields, copy, changed)
  for id in pairs(changed) do
    if values.same(copy[id], stored[id]) then changed[id] = nil end
  end
  return copy, changed
end

-- Writes <given> (by field id) into <task>; nothing is written when a value has the wrong shape.
function saving.task_values(act, task, given)
  local stored, changed = saving.merged(act, task.fields, given, task.taskdata)
  if not next(changed) then return {} end
  task.taskdata, task.last_updated = stored, act.now
  if task.status == "not-started" then task.status = "in-progress" end
  return consequences.values_saved(act, task, changed)
end

-- Writes kick-off values of a running process; rules about them run when something changed.
function saving.kickoff(act, run, given)
  local stored, changed = saving.merged(act, run.fields, given, run.prerun)
  if not next(changed) then return {} end
  run.prerun = stored
  return consequences.kickoff_changed(act, run)
end

-- Marks the kick-off form as submitted or not.
function saving.set_submitted(act, run, submitted)
  run.prerun_completed_at = submitted and act.now or nil
  run.prerun_completed_by = submitted and act.member.id or nil
  if submitted then return consequences.kickoff_changed(act, run) end
  consequences.settle(act, run)
  return {}
end

return saving
