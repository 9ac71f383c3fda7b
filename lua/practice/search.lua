-- Search over several kinds at once: no data envelope, one key per kind asked for (api.md section 3).
-- Every word of the text must occur; case does not matter. Archived processes are found, archived
-- templates are not.
local access = require "practice.access"
local answers = require "practice.answers"
local includes = require "practice.includes"
local json = require "json"
local labels = require "practice.labels"
local lists = require "practice.lists"
local problem = require "practice.problem"
local status = require "practice.engine.status"
local time = require "practice.time"
local variables = require "practice.engine.variables"

local search = {}
local default_kinds = { "blueprint", "process", "task", "snippet" }
local or_null = lists.or_null

local kinds = {}

local function visible_checklists(request)
  return lists.filter(request.organization.checklists.list, function (checklist)
    return not checklist.archived_at
      and access.sees_checklist(request.organization, request.member, checklist)
  end)
end

kinds.blueprint = {
  records = function (request, words)
    return lists.filter(visible_checklists(request), function (checklist)
      return lists.has_words(checklist.title, words)
    end)
  end,
  activity = function (checklist) return checklist.last_updated end,
  hit = function (checklist, request)
    return {
      id = checklist.id, increment_id = checklist.increment_id, title = checklist.title,
      status = checklist.status, type = checklist.type, steps_count = #checklist.steps,
      icon = checklist.icon, is_public = false, is_featured = false,
      organization_id = request.organization.id,
      folders = includes.folder_rows(request.organization, { checklist.folder_id }),
    }
  end,
}

kinds.process = {
  records = function (request, words)
    local sight = access.sight(request)
    return lists.filter(request.organization.runs.list, function (run)
      return sight.run(run) and lists.has_words(run.name, words)
    end)
  end,
  activity = function (run) return run.last_updated end,
  hit = function (run, request)
    local due = status.due_date(run)
    return {
      id = run.id, increment_id = run.increment_id, name = run.name, status = run.status, type = run.type,
      organization_id = request.organization.id,
      due_date_passed = run.status ~= "complete" and due ~= nil and due < request.now,
      due_soon = status.count(run, status.is_due_soon, request.now) > 0,
      folders = includes.folder_rows(request.organization, run.folders),
      created_at = time.iso(run.created_at), starter_id = run.started_by,
    }
  end,
}

-- Hits of tasks carry no run_id: one reads the task to get at its process.
kinds.task = {
  records = function (request, words)
    local tasks = access.sight(request).tasks or request.organization.tasks.list
    local matches = lists.finder(words)
    return lists.filter(tasks, function (task)
      return status.is_visible(task)
        and matches(variables.expand(task.title, task.run, task), task.run and task.run.name)
    end)
  end,
  activity = function (task) return task.last_updated end,
  hit = function (task, request)
    return {
      id = task.id, increment_id = task.increment_id, title = variables.expand(task.title, task.run, task),
      status = task.status, type = task.task_type, organization_id = request.organization.id,
      status_label = status.label(task, request.now), position = task.position,
      due_soon = status.is_due_soon(task, request.now),
      due_date_passed = status.is_overdue(task, request.now),
      deadline = task.deadline and time.iso(task.deadline) or json.null,
      created_at = time.iso(task.created_at), starter_id = task.starter_id,
      is_oneoff_task = task.is_oneoff_task or false,
      owners = {
        users = lists.map(task.owners.users), guests = lists.map(task.owners.guests),
        groups = lists.map(task.owners.groups),
      },
    }
  end,
}

kinds.snippet = {
  records = function (request, words)
    return lists.filter(request.organization.snippets.list, function (snippet)
      return lists.has_words(snippet.title, words)
    end)
  end,
  activity = function (snippet) return snippet.created_at end,
  hit = function (snippet) return { id = snippet.id, title = snippet.title } end,
}

-- Steps of the visible templates, each with its template.
local function steps(request)
  local found = {}
  for _, checklist in ipairs(visible_checklists(request)) do
    for _, step in ipairs(checklist.steps) do found[#found + 1] = step end
  end
  return found
end

kinds.step = {
  records = function (request, words)
    return lists.filter(steps(request), function (step) return lists.has_words(step.title, words) end)
  end,
  activity = function (step) return step.last_updated end,
  hit = function (step)
    return {
      id = step.id, title = step.title, alias = step.alias, checklist_id = step.checklist_id,
      position = step.position,
    }
  end,
}

kinds.capture = {
  records = function (request, words)
    local found = {}
    for _, step in ipairs(steps(request)) do
      for _, field in ipairs(step.captures) do
        if lists.has_words(field.label, words) then found[#found + 1] = field end
      end
    end
    return found
  end,
  activity = function (field) return field.last_updated end,
  hit = function (field)
    return {
      id = field.id, label = field.label, alias = field.alias, field_type = field.field_type,
      step_id = field.step_id, checklist_id = or_null(field.of_checklist),
    }
  end,
}

local function kinds_asked(request)
  local asked = request:list("on") or default_kinds
  for _, word in ipairs(asked) do
    if not kinds[word] then
      problem.invalid { on = json.array({ ("The selected on %s is invalid: use blueprint, process, task, "
        .. "snippet, capture or step."):format(word) }) }
    end
  end
  return asked
end

-- Most recently active first.
local function bucket(request, kind, words)
  local records = answers.sort(kind.records(request, words), kind.activity, true)
  return answers.list_body(request, records, { default = 10, maximum = 100 }, function (record)
    local hit = kind.hit(record, request)
    if request:flag("tags") then hit.tags = labels.view(request.organization, record.id) end
    return hit
  end)
end

local function run(request)
  local words = lists.words(request:text("search") or "")
  if #words == 0 then
    problem.invalid { search = json.array({ "The search field is required." }) }
  end
  local body = {}
  for _, word in ipairs(kinds_asked(request)) do body[word] = bucket(request, kinds[word], words) end
  return { status = 200, body = body }
end

search.routes = {
  { "GET", "/organizations/{org}/search", run },
}

return search
