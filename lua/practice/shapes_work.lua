-- What templates, steps, fields, processes and tasks look like on the wire, without includes.
local json = require "json"
local lists = require "practice.lists"
local owners = require "practice.engine.owners"
local status = require "practice.engine.status"
local time = require "practice.time"
local variables = require "practice.engine.variables"

local or_null = lists.or_null
local shapes = {}

local function moment(seconds)
  return seconds and time.iso(seconds) or json.null
end

-- A kick-off field or a capture; <value> only where values are asked for.
function shapes.field(field)
  local view = {
    id = field.id, alias = field.alias, field_type = field.field_type, label = field.label,
    guidance = or_null(field.guidance), position = field.position, required = field.required,
    options = lists.map(field.options, function (option)
      return { id = option.id, text = option.text, value = json.null, required = option.required or false }
    end),
    columns = lists.map(field.columns, function (column) return { id = column.id, label = column.label } end),
    default_value = or_null(lists.copy(field.default_value)),
    default_value_enabled = field.default_value_enabled, field_validation = lists.map(field.field_validation),
    use_wysiwyg_editor = field.use_wysiwyg_editor or false, collect_time = field.collect_time,
    prefix = or_null(field.prefix), suffix = or_null(field.suffix),
    settings = or_null(lists.copy(field.settings)), created_at = moment(field.created_at),
    last_updated = moment(field.last_updated), custom_fields = lists.copy(field.custom_fields or {}),
  }
  -- A kick-off field belongs to its template, a capture to its step; never both.
  view.checklist_id, view.step_id = field.checklist_id, field.step_id
  return view
end

-- A field with its saved value, null when unset. <task> is nil for kick-off fields.
function shapes.field_with_value(field, stored, task)
  local view = shapes.field(field)
  view.field_value = or_null(lists.copy(stored[field.id]))
  view.task_id = task and task.id
  return view
end

function shapes.step(step)
  return {
    id = step.id, checklist_id = step.checklist_id, title = step.title, alias = step.alias,
    summary = or_null(step.summary), step_type = step.step_type, position = step.position,
    allow_guest_owners = step.allow_guest_owners, max_assignable = step.max_assignable,
    skip_start_process = step.skip_start_process or false,
    can_complete_only_assignees = step.can_complete_only_assignees,
    everyone_must_complete = step.everyone_must_complete, webhook = or_null(step.webhook),
    start_date = or_null(lists.copy(step.start_date)), is_soft_start_date = step.is_soft_start_date,
    deadline = lists.copy(step.deadline), bp_to_launch = or_null(lists.copy(step.bp_to_launch)),
    assignees = lists.map(step.assignees),
    guests = lists.map(step.guests), groups = lists.map(step.groups),
    captures = lists.map(step.captures, shapes.field), prevent_guest_comment = step.prevent_guest_comment,
    roles = lists.map(step.roles), role_changes_every_time = step.role_changes_every_time or false,
    assign_run_starter = step.assign_run_starter, top_secret = step.top_secret,
    send_chromeless = step.send_chromeless, archived_at = json.null, created_at = moment(step.created_at),
    last_updated = moment(step.last_updated), owner_id = step.owner_id, ai_assigned = false,
    custom_fields = lists.copy(step.custom_fields or {}),
  }
end

local function condition(record)
  return {
    id = record.id, conditionable_id = record.conditionable_id,
    conditionable_type = record.conditionable_type, operation = record.operation,
    statement = or_null(lists.copy(record.statement)), logic = record.logic, position = record.position,
    column_contains_name = or_null(record.column_contains_name),
  }
end

local function action(record)
  return {
    id = record.id, action_type = record.action_type, action_verb = record.action_verb,
    target_step_id = record.target_step_id, position = record.position,
    actionable_id = or_null(record.actionable_id), actionable_type = or_null(record.actionable_type),
    deadline = or_null(lists.copy(record.deadline)), assignees = or_null(lists.copy(record.assignees)),
    webhook_url = or_null(record.webhook_url), alias_name = or_null(record.alias_name),
  }
end

function shapes.rule(rule)
  return {
    id = rule.id, automated_alias = rule.automated_alias, conditions = lists.map(rule.conditions, condition),
    then_actions = lists.map(rule.then_actions, action), archived_at = json.null,
    created_at = moment(rule.created_at), last_updated = moment(rule.last_updated or rule.created_at),
  }
end

function shapes.checklist(checklist)
  return {
    id = checklist.id, increment_id = checklist.increment_id, title = checklist.title,
    summary = or_null(checklist.summary), starred = checklist.starred, webhook = or_null(checklist.webhook),
    guidance = or_null(checklist.guidance), alias = checklist.alias, type = checklist.type,
    status = checklist.status, is_pinned = checklist.is_pinned,
    is_featured = checklist.is_featured or false, is_public = checklist.is_public or false,
    is_public_kickoff = checklist.is_public_kickoff or false,
    is_published_state = checklist.status == "published",
    dual_version_enabled = checklist.dual_version_enabled or false, icon = or_null(checklist.icon),
    public_cover = or_null(checklist.public_cover), explanation_video = or_null(checklist.explanation_video),
    folder_id = or_null(checklist.folder_id), created_by = checklist.created_by or checklist.owner_id,
    owner_id = checklist.owner_id, last_updated_by = checklist.last_updated_by or checklist.owner_id,
    kickoff_title = or_null(checklist.kickoff_title),
    kickoff_description = or_null(checklist.kickoff_description),
    prerun = lists.map(checklist.prerun, shapes.field),
    automated_actions = lists.map(checklist.automated_actions, shapes.rule),
    started_processes = checklist.started_processes, steps_count = #checklist.steps,
    users = lists.map(checklist.users), groups = lists.map(checklist.groups), topic_tags = json.array({}),
    industry_tags = json.array({}), auto_naming = checklist.auto_naming,
    default_process_name_format = or_null(checklist.default_process_name_format),
    allow_launcher_change_name = checklist.allow_launcher_change_name,
    default_folder = or_null(checklist.default_folder),
    folder_changeable_by_launcher = checklist.folder_changeable_by_launcher ~= false,
    folderize_process = checklist.folderize_process or false, tag_process = checklist.tag_process or false,
    can_add_oot = checklist.can_add_oot,
    ko_form_blueprint_id = json.null, kickoff_sharing_user_id = json.null, linked_tasks = json.array({}),
    created_at = moment(checklist.created_at), last_updated = moment(checklist.last_updated),
    archived_at = moment(checklist.archived_at),
    custom_fields = lists.copy(checklist.custom_fields or {}),
  }
end

-- Owner, launcher and every member who owns a task, groups expanded, ascending.
local function collaborators(run)
  local ids = json.array({})
  lists.add_once(ids, run.owner_id)
  lists.add_once(ids, run.started_by)
  for _, task in ipairs(run.tasks) do
    for _, id in ipairs(owners.members(run.organization, task.owners)) do lists.add_once(ids, id) end
  end
  table.sort(ids)
  return ids
end

function shapes.run(run, now)
  local due = status.due_date(run)
  local open = run.status ~= "complete" and run.status ~= "archived"
  return {
    id = run.id, increment_id = run.increment_id, checklist_id = run.checklist_id,
    checklist_title = run.checklist_title, assign_someone_else = false, name = run.name,
    summary = or_null(run.summary), status = run.status, progress = status.progress(run),
    whole_progress = status.progress(run), started_by = run.started_by, owner_id = run.owner_id,
    prerun = lists.copy(run.prerun), prerun_status = run.prerun_completed_at and "complete" or "incomplete",
    prerun_completed_at = moment(run.prerun_completed_at),
    prerun_completed_by = or_null(run.prerun_completed_by), prerun_length = #run.fields,
    starred = run.starred, is_public = run.is_public, type = run.type, users = lists.map(run.users),
    groups = lists.map(run.groups), collaborators = collaborators(run), parent_id = or_null(run.parent_id),
    can_add_oot = run.can_add_oot, has_open_issue = run.has_issue or run.status == "problem",
    due_date = moment(due), max_task_deadline = moment(due),
    due_date_passed = open and due ~= nil and due < now,
    due_soon = status.count(run, status.is_due_soon, now) > 0,
    late_tasks = status.count(run, status.is_overdue, now),
    custom_fields = lists.copy(run.custom_fields or {}),
    created_at = moment(run.created_at), started_at = moment(run.started_at),
    last_updated = moment(run.last_updated), completed_at = moment(run.completed_at),
    archived_at = moment(run.archived_at),
  }
end

-- null unless every owner completes for oneself.
local function completion_progress(task, organization)
  if not task.everyone_must_complete then return json.null end
  local total = #owners.members(organization, task.owners) + #owners.guests(organization, task.owners)
  return {
    complete = task.status == "completed" and total or #task.completed_by, total = total,
    users = lists.map(task.completed_by), guests = json.array({}),
  }
end

local function has_children(task)
  for _, other in ipairs(task.step_id and task.run.tasks or {}) do
    if other.step and other.step.deadline.step == task.step_id then return true end
  end
  return false
end

-- Without the summary, which only single reads and with=summary show.
function shapes.task(task, organization, now)
  local run = task.run
  local set = task.owners
  return {
    id = task.id, increment_id = task.increment_id, title = variables.expand(task.title, run, task),
    original_title = task.title, run_id = run and run.id or json.null,
    checklist_id = task.step_id and run.checklist_id or json.null, step_id = or_null(task.step_id),
    linked_step_id = json.null, alias = or_null(task.alias), task_type = task.task_type,
    status = task.status, status_label = status.label(task, now), is_approved = or_null(task.is_approved),
    position = task.position, blueprint_position = task.step and task.step.position or json.null,
    owners = {
      users = lists.map(set.users), guests = lists.map(set.guests), groups = lists.map(set.groups),
      taskUrls = json.array({}),
    },
    taskdata = lists.copy(task.taskdata), started_at = moment(task.started_at),
    deadline = moment(task.deadline), created_at = moment(task.created_at),
    last_updated = moment(task.last_updated), completed_at = moment(task.completed_at),
    -- An archived process takes its tasks along.
    archived_at = moment(task.archived_at or (run and run.archived_at)), starter_id = task.starter_id,
    completer_id = or_null(task.completer_id), completer_guest = or_null(task.completer_guest),
    is_completable = status.is_visible(task), is_oneoff_task = task.is_oneoff_task or false,
    everyone_must_complete = task.everyone_must_complete,
    completion_progress = completion_progress(task, organization),
    has_deadline_dependent_child_tasks = has_children(task),
    can_complete_only_assignees = task.can_complete_only_assignees,
    allow_guest_owners = task.allow_guest_owners, max_assignable = task.max_assignable,
    prevent_guest_comment = task.prevent_guest_comment, is_soft_start_date = task.is_soft_start_date,
    webhook = or_null(task.webhook), stage_id = json.null, problem = task.problem,
    send_chromeless = task.send_chromeless, top_secret = task.top_secret,
    run_status = run and run.status or json.null,
    custom_fields = lists.copy(task.custom_fields or {}),
  }
end

-- The summary with its variables replaced, escaped since it is HTML.
function shapes.task_summary(task)
  return or_null(variables.expand(task.summary, task.run, task, true))
end

-- A task inside tasks_changed_by_rules.
function shapes.changed_task(task)
  return {
    id = task.id, title = variables.expand(task.title, task.run, task), status = task.status,
    step_id = or_null(task.step_id),
  }
end

-- The task inside a process's next_task.
function shapes.next_task(task)
  return {
    id = task.id, increment_id = task.increment_id, title = variables.expand(task.title, task.run, task),
    alias = or_null(task.alias), deadline = moment(task.deadline),
    owners = {
      users = lists.map(task.owners.users), guests = lists.map(task.owners.guests),
      groups = lists.map(task.owners.groups),
    },
  }
end

return shapes
