-- What webhooks carry (api.md 21): the process payload, the task payload, and an event for watchers. None has
-- an event name but the last; receivers tell the first two apart by their shape.
-- Values have their stored shape, file values become file names (default chosen); in the maps by alias a
-- dropdown is its text, as the documented example shows.
local json = require "json"
local lists = require "practice.lists"
local owners = require "practice.engine.owners"
local shapes = require "practice.shapes"
local status = require "practice.engine.status"
local store = require "practice.store"
local time = require "practice.time"
local variables = require "practice.engine.variables"
local values = require "practice.engine.values"
local work = require "practice.shapes_work"
local zones = require "practice.zones"

local or_null = lists.or_null
local payloads = {}

local local_format = "d/m/Y h:i A T"

-- An ISO moment in the format that the organisation chose for its webhooks.
local function dated(organization, text)
  if organization.webhook_date_field_format ~= local_format then return text end
  local seconds = time.parse(text)
  if not seconds then return text end
  local year, month, day, hour, minute = time.parts(seconds + zones.offset(organization.timezone, seconds))
  return ("%02d/%02d/%04d %02d:%02d %s %s"):format(day, month, year, (hour + 11) % 12 + 1, minute,
    hour < 12 and "AM" or "PM", zones.offset_text(organization.timezone, seconds))
end

local function moment(organization, seconds)
  return seconds and dated(organization, time.iso(seconds)) or json.null
end

local function file_names(value)
  local names = {}
  for _, entry in ipairs(value) do names[#names + 1] = entry.filename or entry.id or entry.url or entry.full_url end
  return table.concat(names, ", ")
end

local function value_of(organization, field, stored)
  if values.is_empty(stored) then return json.null end
  if field.field_type == "file" then return file_names(stored) end
  if field.field_type == "date" then return dated(organization, stored) end
  return lists.copy(stored)
end

local function readable(organization, field, stored)
  if field.field_type == "dropdown" and not values.is_empty(stored) then return stored.text end
  return value_of(organization, field, stored)
end

local function person(organization, id)
  local member = id and store.member(organization, id)
  return member and { id = id, email = member.email, full_name = member.full_name } or json.null
end

-- The answers of some fields by field id; those without one are left out.
local function answers_of(organization, fields, stored)
  local out = {}
  for _, field in ipairs(fields) do
    if not values.is_empty(stored[field.id]) then
      out[field.id] = {
        alias = field.alias, label = field.label, value = value_of(organization, field, stored[field.id]),
      }
    end
  end
  return out
end

local function add_by_alias(out, organization, fields, stored)
  for _, field in ipairs(fields) do
    if not values.is_empty(stored[field.id]) then
      out[field.alias] = readable(organization, field, stored[field.id])
    end
  end
  return out
end

-- { alias or, without one, id = id } of all tasks of a process
local function task_ids(run)
  local out = {}
  for _, task in ipairs(run.tasks) do out[task.alias or task.id] = task.id end
  return out
end

local function guest_links(organization, run)
  local out = {}
  for _, task in ipairs(run.tasks) do
    for _, email in ipairs(owners.guests(organization, task.owners)) do
      local guest = organization.guest_by_email[email:lower()]
      if guest then out[email] = { link_for_guest = shapes.guest(guest, organization).link } end
    end
  end
  return out
end

local run_dates = { "created_at", "started_at", "last_updated", "completed_at", "archived_at", "due_date",
  "max_task_deadline", "prerun_completed_at" }

-- On launch and on completion of a process.
function payloads.run(act, run)
  local organization = act.organization
  local view = work.run(run, act.now)
  for _, key in ipairs(run_dates) do view[key] = dated(organization, view[key]) end
  view.assign_someone_else, view.custom_fields = nil, nil
  view.progress = status.progress(run).percent
  view.whole_progress = view.progress
  view.users = lists.map(run.users, function (id)
    local member = store.member(organization, id)
    return { user_id = id, full_name = or_null(member and member.full_name) }
  end)
  view.groups = lists.map(run.groups, function (id)
    local group = organization.groups:get(id)
    return { group_id = id, name = or_null(group and group.name) }
  end)
  view.launcher = person(organization, run.started_by)
  view["process-tasks"] = task_ids(run)
  view["ko-form-fields"] = add_by_alias({}, organization, run.fields, run.prerun)
  view["guest-links"] = guest_links(organization, run)
  return view
end

-- The files of a task: those named by its values and those uploaded to it.
local function assets_of(organization, task)
  local out, seen = json.array({}), {}
  local function add(id)
    local asset = type(id) == "string" and not seen[id] and organization.assets:get(id)
    if not asset then return end
    seen[id] = true
    out[#out + 1] = {
      id = id, filename = asset.filename, version = tostring(asset.version),
      public_link = shapes.asset_link(organization, asset),
    }
  end
  for _, field in ipairs(task.fields) do
    local stored = task.taskdata[field.id]
    for _, entry in ipairs(field.field_type == "file" and stored or {}) do add(entry.id) end
  end
  for _, asset in ipairs(organization.assets_by_subject[task.id] or {}) do add(asset.id) end
  return out
end

local function task_view(organization, task)
  return {
    id = task.id, title = variables.expand(task.title, task.run, task), alias = or_null(task.alias),
    status = task.status, summary = work.task_summary(task), deadline = moment(organization, task.deadline),
    position = task.position, captures = answers_of(organization, task.fields, task.taskdata),
    owners = {
      users = lists.map(owners.members(organization, task.owners), function (id)
        return person(organization, id)
      end),
      guests = owners.guests(organization, task.owners),
    },
  }
end

-- The first open visible task by position that is not <done>; [] when there is none.
local function next_task(organization, done)
  local first
  for _, task in ipairs(done.run and done.run.tasks or {}) do
    if task ~= done and status.is_open(task) and status.is_visible(task)
      and (not first or task.position < first.position) then
      first = task
    end
  end
  return first and task_view(organization, first) or json.array({})
end

local function tags_of(organization, run)
  local tags = json.array({})
  for _, link in ipairs(organization.links_by_subject[run.id] or {}) do
    local tag = organization.tags:get(link.tag_id)
    if tag then tags[#tags + 1] = { id = tag.id, name = tag.title, color = tag.color } end
  end
  return tags
end

local function process_of(organization, run)
  local forms = {}
  for _, task in ipairs(run.tasks) do
    local answers = answers_of(organization, task.fields, task.taskdata)
    if next(answers) then forms[task.step_id or task.id] = answers end
  end
  local prerun = {}
  for _, field in ipairs(run.fields) do
    if not values.is_empty(run.prerun[field.id]) then
      prerun[field.id] = value_of(organization, field, run.prerun[field.id])
    end
  end
  return {
    id = run.id, organization_id = organization.id, name = run.name, summary = or_null(run.summary),
    status = run.status, progress = status.progress(run).percent,
    created_at = moment(organization, run.created_at), ClientURL = "https://go.tallyfy.com/tracker/" .. run.id,
    prerun = prerun, process_forms = forms, tags = tags_of(organization, run),
  }
end

local function template_of(organization, run)
  local checklist = organization.checklists:get(run.checklist_id)
  return checklist and {
    id = checklist.id, title = checklist.title, alias = checklist.alias, summary = or_null(checklist.summary),
  } or json.null
end

-- On completion of a task, and for rules. A task of no process has null for process and template (default
-- chosen).
function payloads.task(act, task)
  local organization, run = act.organization, task.run
  local this = task_view(organization, task)
  this.completed_at = moment(organization, task.completed_at)
  this.completed_by = person(organization, task.completer_id)
  this.assets = assets_of(organization, task)
  local forms = run and add_by_alias({}, organization, run.fields, run.prerun) or {}
  for _, other in ipairs(run and run.tasks or { task }) do
    add_by_alias(forms, organization, other.fields, other.taskdata)
  end
  return {
    this_task = this, next_task = next_task(organization, task), launcher = person(organization, task.starter_id),
    completer = person(organization, task.completer_id), ["process-tasks"] = run and task_ids(run) or {},
    ["form-fields"] = forms, template = run and template_of(organization, run) or json.null,
    process = run and process_of(organization, run) or json.null,
    ["guest-links"] = run and guest_links(organization, run) or {},
  }
end

-- For a watcher: only the event's name is documented, the rest is default chosen.
-- <subjects> = { process = run } | { task = task } | { task =, thread = }
function payloads.event(act, name, subjects)
  local body = { event = name, organization_id = act.organization.id, occurred_at = moment(act.organization, act.now) }
  if subjects.process then body.process = work.run(subjects.process, act.now) end
  if subjects.task then body.task = work.task(subjects.task, act.organization, act.now) end
  if subjects.thread then body.thread = shapes.thread(subjects.thread, act.organization, act.now) end
  return body
end

return payloads
