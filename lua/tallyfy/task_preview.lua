-- task_preview.lua - previews of what changes tasks: which task it is, of which process, and who has it, by name.
local owners, preview, tasks = use "tallyfy.owners", use "tallyfy.preview", use "tallyfy.tasks"
local pick, who = use "tallyfy.pick", use "tallyfy.who"

local task_preview = {}

-- "Approve the budget" of "Budget 2027". A process that cannot be read is no reason to show nothing.
function task_preview.target(call, task)
  if tasks.is_one_off(task) then return ("%q"):format(task.title) end
  local run = call.api:get("/organizations/{org}/runs/{run_id}", { run_id = task.run_id })
  return run and ("%q of %q"):format(task.title, run.name) or ("%q"):format(task.title)
end

-- { users, guests, groups } by name; what cannot be known is said so.
function task_preview.people(call, set)
  return set and who.words(call, set) or "not known"
end

-- The includes that task_preview.change needs, for tasks.one.
function task_preview.with(args)
  local parts = {}
  if args.taskdata then parts[1] = "form_fields" end
  if args.summary then parts[#parts + 1] = "summary" end
  return parts[1] and table.concat(parts, ",") or nil
end

local function answers(rows, task, taskdata)
  for _, field in ipairs(pick.list(task.form_fields) or {}) do
    local will = taskdata[field.id]
    if will ~= nil then
      local was = field.field_value
      rows[#rows + 1] = { field.label or field.id, was = was == nil and json.null or was, will = will }
    end
  end
end

-- How <task> is, and how it would be with <body>, which tasks.changes made.
function task_preview.change(call, task, body)
  local rows = {}
  for _, name in ipairs(tasks.changeable) do
    local will = body[name]
    if name == "taskdata" and will then
      answers(rows, task, will)
    elseif name == "owners" and will then
      rows[#rows + 1] = { "Assigned to", was = task_preview.people(call, owners.of(task)),
        will = task_preview.people(call, will) }
    elseif will ~= nil and not (name == "deadline" and tasks.is_due(task, will)) then
      rows[#rows + 1] = { preview.label(name), was = task[name] == nil and json.null or task[name], will = will }
    end
  end
  return preview.of(task_preview.target(call, task), rows)
end

return task_preview
