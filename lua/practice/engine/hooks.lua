-- Who is told of what by webhook (api.md 21): the template's or the step's address, the address of a rule, and
-- the watchers of the organisation. Each delivery is handed to world.deliver(url, headers, body) once; whether
-- it arrives is not the organisation's concern. Without that function (while the world is being made) nothing
-- is sent.
local json = require "json"
local payloads = require "practice.engine.payloads"

local hooks = {}

-- <compose> gives the body; it is only called when there is somebody to send it to.
local function send(act, url, compose)
  local deliver = act.world.deliver
  if not deliver or not url or url == "" then return end
  local headers = { ["Content-Type"] = "application/json", ["X-Tallyfy-orgID"] = act.organization.id }
  deliver(url, headers, json.encode(compose()))
end

local function template_address(act, run)
  local checklist = act.organization.checklists:get(run.checklist_id)
  return checklist and checklist.webhook
end

-- Tells every watcher.
function hooks.event(act, name, subjects)
  for _, watcher in ipairs(act.organization.watchers.list) do
    send(act, watcher.webhook, function () return payloads.event(act, name, subjects) end)
  end
end

-- On launch and completion: the process payload to the template's address, the event to watchers.
function hooks.process(act, run, name)
  send(act, template_address(act, run), function () return payloads.run(act, run) end)
  hooks.event(act, name, { process = run })
end

-- The step's address stands in for the template's.
function hooks.task_completed(act, task)
  local url = task.webhook
  if (not url or url == "") and task.run then url = template_address(act, task.run) end
  send(act, url, function () return payloads.task(act, task) end)
  hooks.event(act, "task.completed", { task = task })
end

-- A rule's webhook: the payload of the task that set it off, at launch the process payload, plus alias_name
-- (default chosen).
function hooks.rule(act, run, emit)
  send(act, emit.url, function ()
    local body = emit.task and payloads.task(act, emit.task) or payloads.run(act, run)
    body.alias_name = emit.alias_name
    return body
  end)
end

return hooks
