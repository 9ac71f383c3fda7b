-- Templates: listing and reading (api.md 13 and 14). Changing them is in checklist_edits.lua.
local access = require "practice.access"
local answers = require "practice.answers"
local deadlines = require "practice.engine.deadlines"
local includes = require "practice.includes"
local json = require "json"
local labels = require "practice.labels"
local lists = require "practice.lists"
local problem = require "practice.problem"
local time = require "practice.time"
local work = require "practice.shapes_work"

local checklists = {}

local function in_folder(request)
  local folder = request:text("folder") or request:text("folder_id")
  return not folder and function () return true end
    or function (checklist) return checklist.folder_id == folder end
end

-- archived=only lists archived ones, any other truthy value adds them.
local function by_archive(request)
  local wish = request:text("archived")
  return function (checklist)
    if wish == "only" then return checklist.archived_at ~= nil end
    return request:flag("archived") or checklist.archived_at == nil
  end
end

local function matches(request)
  local words = lists.words(request:text("q") or "")
  local filed, kept = in_folder(request), by_archive(request)
  local status, kind, owner = request:text("status"), request:text("type"), request:text("owner_id")
  local starred, tag = request:flag("starred"), request:text("tag")
  return function (checklist)
    return kept(checklist) and filed(checklist) and lists.has_words(checklist.title, words)
      and (not status or checklist.status == status) and (not kind or checklist.type == kind)
      and (not owner or checklist.owner_id == tonumber(owner))
      and (starred == nil or checklist.starred == starred)
      and (not tag or labels.has(request.organization, checklist.id, tag))
      and access.sees_checklist(request.organization, request.member, checklist)
  end
end

local sort_keys = {
  title = function (checklist) return checklist.title:lower() end,
  created_at = function (checklist) return checklist.created_at end,
  last_updated = function (checklist) return checklist.last_updated end,
}

-- Pinned first, each part in the order asked for (last update, newest first).
local function list(request)
  local word, descending = answers.sort_words(request)
  local key = sort_keys[word]
  if not key then key, descending = sort_keys.last_updated, true end
  local found = lists.filter(request.organization.checklists.list, matches(request))
  answers.sort(found, key, descending)
  local ordered = lists.filter(found, function (checklist) return checklist.is_pinned end)
  for _, checklist in ipairs(found) do
    if not checklist.is_pinned then ordered[#ordered + 1] = checklist end
  end
  return answers.list(request, ordered, { default = 10, maximum = 100 }, function (checklist)
    return includes.render("checklist", checklist, request)
  end)
end

-- The template of the path. An archived one answers as an unknown one does, unless <archived_too>.
function checklists.find(request, archived_too)
  local checklist = request.organization.checklists:get(request.params.template_id)
  if not checklist or (checklist.archived_at and not archived_too)
    or not access.sees_checklist(request.organization, request.member, checklist) then
    problem.not_found()
  end
  return checklist
end

-- The same for a change: 403 for who may only read it.
function checklists.find_to_edit(request, archived_too)
  local checklist = checklists.find(request, archived_too)
  if not access.edits_checklist(request.organization, request.member, checklist) then
    problem.forbidden("You are not allowed to edit this template.")
  end
  return checklist
end

local function get(request)
  return answers.one(includes.render("checklist", checklists.find(request), request))
end

local function steps(request)
  return answers.all(lists.map(checklists.find(request).steps, work.step))
end

-- All fields of a template, as for processes but without values.
local function form_fields(request)
  local checklist, views = checklists.find(request), json.array({})
  for _, step in ipairs(checklist.steps) do
    for _, field in ipairs(step.captures) do views[#views + 1] = work.field(field) end
  end
  return answers.one({ form_fields = views, ko_form_fields = lists.map(checklist.prerun, work.field) })
end

-- When each step would be due if the template were launched now.
local function steps_deadlines(request)
  local checklist = checklists.find(request)
  local run = { organization = request.organization, created_at = request.now, tasks = {}, task_by_step = {} }
  for i, step in ipairs(checklist.steps) do
    run.tasks[i] = { step = step, step_id = step.id }
    run.task_by_step[step.id] = run.tasks[i]
  end
  return answers.all(lists.map(run.tasks, function (task)
    return { step_id = task.step_id, deadline_time = time.iso(deadlines.of_task(run, task)) }
  end))
end

local function permissions(request)
  return answers.one(includes.permissions(request, checklists.find(request)))
end

checklists.routes = {
  { "GET", "/organizations/{org}/checklists", list },
  { "GET", "/organizations/{org}/checklists/{template_id}", get },
  { "GET", "/organizations/{org}/checklists/{template_id}/steps", steps },
  { "GET", "/organizations/{org}/checklists/{template_id}/form-fields", form_fields },
  { "GET", "/organizations/{org}/checklists/{template_id}/steps-deadlines", steps_deadlines },
  { "GET", "/organizations/{org}/checklists/{template_id}/permissions", permissions },
}

return checklists
