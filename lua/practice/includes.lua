-- with=: what hangs on a record when asked for, and how it is wrapped (api.md section 3). Lists and single
-- objects come in "data", a member's stats too; a guest's stats and a country come bare. Unknown names are
-- ignored.
local access = require "practice.access"
local activity = require "practice.engine.activity"
local json = require "json"
local labels = require "practice.labels"
local lists = require "practice.lists"
local ordering = require "practice.ordering"
local shapes = require "practice.shapes"
local status = require "practice.engine.status"
local store = require "practice.store"
local time = require "practice.time"
local work = require "practice.shapes_work"

local includes = {}

local function list(views)
  return { data = json.array(views) }
end

local base = {
  member = function (record, request) return shapes.member(record, request.now) end,
  group = shapes.group,
  guest = function (record, request) return shapes.guest(record, request.organization) end,
  folder = shapes.folder,
  checklist = work.checklist,
  run = function (record, request) return work.run(record, request.now) end,
  task = function (record, request) return work.task(record, request.organization, request.now) end,
}

local more = { member = {}, group = {}, guest = {}, folder = {}, checklist = {}, run = {}, task = {} }

-- The view of a record with the includes of <with>, a tree as in request.with.
function includes.render(kind, record, request, with)
  local view = base[kind](record, request)
  for name, deeper in pairs(with or request.with) do
    local include = more[kind][name]
    if include then view[name] = include(record, request, deeper) end
  end
  return view
end

local function each(kind, records, request, with)
  return list(lists.map(records, function (record) return includes.render(kind, record, request, with) end))
end

function more.member.groups(member, request)
  return each("group", store.groups_of(request.organization, member), request, {})
end

function more.member.country(member)
  return lists.or_null(lists.copy(member.country))
end

function more.member.organizations(member, request)
  for _, account in ipairs(request.world.accounts) do
    if account.id == member.id then
      return list(lists.map(account.memberships, function (place)
        return shapes.organization_of_member(place.organization, place.member)
      end))
    end
  end
  return list({})
end

-- What each member has done, for all of them in one look around the organisation.
local function achievements(organization)
  local by_member = {}
  local function of(id)
    by_member[id or 0] = by_member[id or 0]
      or { steps_created = 0, tasks_completed = 0, processes_launched = 0, checklists_created = 0 }
    return by_member[id or 0]
  end
  for _, checklist in ipairs(organization.checklists.list) do
    local stats = of(checklist.owner_id)
    stats.checklists_created = stats.checklists_created + 1
    stats.steps_created = stats.steps_created + #checklist.steps
    stats.last_step_created_at = time.iso(checklist.created_at)
  end
  for _, run in ipairs(organization.runs.list) do
    local stats = of(run.started_by)
    stats.processes_launched = stats.processes_launched + 1
  end
  for _, task in ipairs(organization.tasks.list) do
    if task.completer_id then
      local stats = of(task.completer_id)
      stats.tasks_completed = stats.tasks_completed + 1
    end
  end
  return { of = of }
end

function more.member.stats(member, request)
  local organization = request.organization
  local all = ordering.selection(request.world, organization, "achievements", nil, function ()
    return achievements(organization)
  end)
  local stats = lists.copy(all.of(member.id))
  stats.last_step_created_at = stats.last_step_created_at or json.null
  return { data = stats }
end

function more.guest.stats(guest, request)
  local stats = {
    assigned_tasks = 0, tasks_completed = 0, one_off_tasks_completed = 0,
    last_task_completed_at = json.null, last_one_off_task_completed_at = json.null,
  }
  local last, last_one_off
  for task in pairs(request.organization.owner_index["guest " .. guest.email] or {}) do
    stats.assigned_tasks = stats.assigned_tasks + 1
    if not status.is_open(task) then
      stats.tasks_completed, last = stats.tasks_completed + 1, math.max(last or 0, task.completed_at)
      if task.is_oneoff_task then
        stats.one_off_tasks_completed = stats.one_off_tasks_completed + 1
        last_one_off = math.max(last_one_off or 0, task.completed_at)
      end
    end
  end
  stats.last_task_completed_at = last and time.plain(last) or json.null
  stats.last_one_off_task_completed_at = last_one_off and time.plain(last_one_off) or json.null
  return stats
end

function more.group.users(group, request)
  return each("member", lists.map(group.members, function (id)
    return store.member(request.organization, id)
  end), request, {})
end

function more.group.guests(group, request)
  return each("guest", lists.map(lists.filter(group.guests, function (email)
    return request.organization.guest_by_email[email:lower()] ~= nil
  end), function (email) return request.organization.guest_by_email[email:lower()] end), request, {})
end

function more.folder.children(folder, request)
  local children = lists.filter(request.organization.folders.list, function (other)
    return other.parent_id == folder.id
  end)
  table.sort(children, function (a, b) return a.position < b.position end)
  return each("folder", children, request, { children = {} })
end

function more.checklist.steps(checklist)
  return list(lists.map(checklist.steps, work.step))
end

-- What the caller may do with a template. The shape of this answer is in no source (default chosen).
function includes.permissions(request, checklist)
  local organization, member = request.organization, request.member
  local reads = access.sees_checklist(organization, member, checklist)
  local edits = access.edits_checklist(organization, member, checklist)
  return {
    CHECKLIST_READ = reads, CHECKLIST_EDIT = edits, CHECKLIST_DUPLICATE = edits,
    PROCESS_LAUNCH = access.launches(organization, member, checklist), PROCESS_READ = reads,
  }
end

function more.checklist.permissions(checklist, request)
  return { data = includes.permissions(request, checklist) }
end

-- One-off tasks do not link to templates here, and templates have no stages.
function more.checklist.linked_tasks() return list({}) end
function more.checklist.stages() return list({}) end

function more.checklist.tags(checklist, request)
  return labels.view(request.organization, checklist.id, request.world.switches.tag_links)
end

function more.checklist.folder(checklist, request)
  local folder = request.organization.folders:get(checklist.folder_id)
  return folder and { data = shapes.folder(folder) } or json.null
end

function more.run.checklist(run, request, with)
  local checklist = request.organization.checklists:get(run.checklist_id)
  if not checklist then return json.null end -- the system template of one-off tasks
  return { data = includes.render("checklist", checklist, request, with) }
end

function more.run.tasks(run, request, with)
  return each("task", run.tasks, request, with)
end

-- At most one: the open visible task with the earliest deadline.
function more.run.next_task(run)
  local earliest
  for _, task in ipairs(run.tasks) do
    if status.is_open(task) and status.is_visible(task)
      and (not earliest or (task.deadline or math.huge) < (earliest.deadline or math.huge)) then
      earliest = task
    end
  end
  return list(lists.map({ earliest }, work.next_task))
end

function more.run.ko_form_fields(run)
  return list(lists.map(run.fields, function (field) return work.field_with_value(field, run.prerun) end))
end

function more.run.form_fields(run)
  local views = {}
  for _, task in ipairs(run.tasks) do
    for _, field in ipairs(task.fields) do
      views[#views + 1] = work.field_with_value(field, task.taskdata, task)
    end
  end
  return list(views)
end

function more.run.folders(run, request)
  local folders = {}
  for _, id in ipairs(run.folders) do folders[#folders + 1] = request.organization.folders:get(id) end
  return each("folder", folders, request, {})
end

function more.run.tags(run, request)
  return labels.view(request.organization, run.id, request.world.switches.tag_links)
end

local function threads(record, request)
  return list(lists.map(record.threads or {}, function (thread)
    return shapes.thread(thread, request.organization, request.now)
  end))
end
more.run.threads, more.task.threads, more.task.comments = threads, threads, threads
more.run.comments, more.checklist.threads = threads, threads

local function issues(record, request)
  return list(lists.map(lists.filter(record.threads, function (thread)
    return thread.label == "problem"
  end), function (thread) return shapes.thread(thread, request.organization, request.now) end))
end
more.task.issues, more.run.issues = issues, issues

-- The files uploaded to a record itself; archived ones are left out.
local function assets(record, request)
  local found = request.organization.assets_by_subject[record.id] or {}
  return list(lists.map(lists.filter(found, function (asset) return not asset.archived_at end), shapes.asset))
end
more.run.assets, more.task.assets, more.checklist.assets = assets, assets, assets

-- Nobody watches single records here, and processes have no stages; the keys are there all the same.
local function none() return list({}) end
for _, kind in ipairs { "run", "task", "checklist" } do
  more[kind].member_watchers, more[kind].guest_watchers = none, none
end
more.run.stages, more.task.selected_text_comment, more.task.roles = none, none, none

-- Who is named by the process; the shape is in no source (default chosen).
function more.run.permissions(run)
  return { data = { PROCESS_READ = { users = lists.map(run.users), groups = lists.map(run.groups) } } }
end

-- Counts of the tasks of a process; the shape is in no source (default chosen).
function more.run.tasks_meta(run, request)
  local function count(word) return status.count(run, status.filter(word), request.now) end
  return { data = {
    total = #run.tasks, completed = count("completed"), incomplete = count("incomplete"), overdue = count("overdue"),
    due_soon = count("due_soon"), hidden = count("auto-skipped"), has_problem = count("hasproblem"),
  } }
end

local function actor(request, row)
  local member = row.actor_id and request.organization.members:get(row.actor_id)
  if not member then return json.array({}) end
  return json.array({ {
    email = member.email, username = member.username, first_name = member.first_name, last_name = member.last_name,
    full_name = member.full_name, profile_pic = lists.or_null(member.profile_pic), resize_profile_pic = json.null,
  } })
end

local function named(kind, id, name)
  if not id then return json.null end
  local key = (kind == "run" or kind == "organization" or kind == "group") and "name" or "title"
  return { data = { id = id, [key] = lists.or_null(name) } }
end

-- A row of the activity feed.
function includes.activity(request, row)
  return {
    id = row.id, organization_id = request.organization.id, verb = json.array({ row.verb }),
    source = json.array({ row.source }),
    actor_type = json.array(row.actor_id and { "App\\Models\\User" } or {}), actor_id = json.array({ row.actor_id }),
    auditable_type = lists.or_null(activity.class_of(row.kind)), auditable_id = row.subject_id,
    parentable_type = lists.or_null(activity.class_of(row.parent_kind)), parentable_id = lists.or_null(row.parent_id),
    type = json.array({ row.type }), description = json.array({ row.description }), field = lists.or_null(row.field),
    old_value = lists.or_null(row.old_value), text = lists.or_null(row.text), references = json.null, actor = actor(request, row),
    undoable = false, created_at = time.iso(row.created_at), audit = named(row.kind, row.subject_id, row.subject_name),
    parent = named(row.parent_kind, row.parent_id, row.parent_name), origin = json.null, audit_state = json.null,
    parent_state = json.null,
  }
end

-- What happened to a task, newest first.
function more.task.activities(task, request)
  local rows, views = request.organization.activities, {}
  for i = #rows, 1, -1 do
    if rows[i].subject_id == task.id or rows[i].parent_id == task.id then
      views[#views + 1] = includes.activity(request, rows[i])
    end
  end
  return list(views)
end

function more.task.threads_count(task)
  return #task.threads
end

function more.task.run(task, request, with)
  return task.run and { data = includes.render("run", task.run, request, with) } or json.null
end

function more.task.step(task)
  return task.step and { data = work.step(task.step) } or json.null
end

function more.task.form_fields(task)
  return list(lists.map(task.fields, function (field)
    return work.field_with_value(field, task.taskdata, task)
  end))
end

function more.task.ko_form_fields(task)
  return task.run and more.run.ko_form_fields(task.run) or list({})
end

function more.task.summary(task)
  return work.task_summary(task)
end

function more.task.tags(task, request)
  return labels.view(request.organization, task.id, request.world.switches.tag_links)
end

function more.task.folders(task, request)
  return task.run and more.run.folders(task.run, request) or list({})
end

-- The names of the folders of a record as search hits show them.
function includes.folder_rows(organization, ids)
  local rows = json.array({})
  for _, id in ipairs(ids) do
    local folder = organization.folders:get(id)
    if folder then
      rows[#rows + 1] = { id = folder.id, parent = lists.or_null(folder.parent_id), name = folder.name }
    end
  end
  return rows
end

return includes
