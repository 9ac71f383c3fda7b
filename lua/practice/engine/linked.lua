-- A step can start another template when its task is completed (bp_to_launch, api.md 28.6): once for each task,
-- as a process of its own or as more tasks of the same process. Only active templates without required kick-off
-- fields; a bot's comment records it.
local launch = require "practice.engine.launch"
local lists = require "practice.lists"
local problem = require "practice.problem"
local time = require "practice.time"
local work = require "practice.engine.work"
local zones = require "practice.zones"

local linked = {}

local months = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" }

-- "Nov 25, 9:05am - Employee onboarding", in the organisation's zone
local function default_name(act, checklist)
  local moment = act.now + zones.offset(act.organization.timezone, act.now)
  local _, month, day, hour, minute = time.parts(moment)
  return ("%s %02d, %d:%02d%s - %s"):format(months[month], day, (hour + 11) % 12 + 1, minute,
    hour < 12 and "am" or "pm", checklist.title)
end

-- The template to start, or nil when it cannot be.
local function template_of(act, task)
  local order = task.step and lists.given(task.step.bp_to_launch)
  local id = order and lists.given(order.id)
  local checklist = id and act.organization.checklists:get(id)
  if not checklist or checklist.archived_at then return nil end
  for _, field in ipairs(checklist.prerun) do
    if field.required then return nil end
  end
  return checklist, order
end

-- The launcher of a linked process is who launched the first one.
local function starter_of(act, task)
  return act.organization.members:get(task.starter_id) or act.organization.members.list[1]
end

-- What happened with the process of its own, as text. The task is completed already: a template that cannot be
-- launched as it stands must not undo that.
local function launch_own(act, task, checklist, order)
  local name = lists.given(order.default_name_format)
  local ok, run = pcall(launch.start, act, {
    checklist = checklist, name = name ~= "" and name or default_name(act, checklist), parent_id = task.run.id,
  })
  if ok then return ("<p>The process \"%s\" was launched from this task.</p>"):format(run.name) end
  if not problem.is(run) then error(run, 0) end
  return ("<p>\"%s\" could not be launched from this task.</p>"):format(checklist.title)
end

function linked.start(act, task)
  local checklist, order = template_of(act, task)
  if not checklist or task.linked_started then return end
  task.linked_started = true
  local as_starter = {
    world = act.world, organization = act.organization, now = act.now, member = act.member or starter_of(act, task),
  }
  local text
  if order.tasks_within_process then
    launch.graft(as_starter, task.run, checklist, task)
    text = ("<p>The steps of \"%s\" were added to this process.</p>"):format(checklist.title)
  else
    text = launch_own(as_starter, task, checklist, order)
  end
  work.thread(as_starter, task, { content = text, is_bot = true })
end

return linked
