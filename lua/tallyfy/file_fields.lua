-- file_fields.lua - the file field of a task or of a process's kick-off form, with the files in it, and one more file
-- written beside them. A PUT replaces a field's value, so what is there goes back with it.
local field_values, parts, pick = use "tallyfy.field_values", use "tallyfy.field_parts", use "tallyfy.pick"
local processes, tasks = use "tallyfy.processes", use "tallyfy.tasks"

local file_fields = {}

local function problem(code, field, message, hint)
  return nil, { code = code, field = field, message = message, hint = hint }
end

local function unreadable(place)
  return problem("unknown_state", place.argument, ("The form of %q cannot be read, so nothing was sent."):format(place.name),
    "Try again in a moment.")
end

-- The file field that <text> means; without it the only one.
local function pick_field(place, list, text)
  local found = json.array()
  for _, field in ipairs(list) do
    if field.field_type == "file" then found[#found + 1] = field end
  end
  if text then return use("tallyfy.fields").pick(found, text, "file field") end
  if #found == 1 then return found[1] end
  local labels = {}
  for index, field in ipairs(found) do labels[index] = ("%q"):format(field.label) end
  if #found > 1 then
    return problem("ambiguous", "field_id", ("%s has %d file fields."):format(place.owner, #found),
      "Name one: " .. table.concat(labels, ", ") .. ".")
  end
  return problem("not_found", "field_id", place.owner .. " has no file field.", place.adder
    .. " adds one to the template, for processes launched later.")
end

local function of_task(call, args)
  local task, err = tasks.one(call, args, "form_fields")
  if not task then return nil, err end
  if tasks.is_completed(task) then
    return problem("refused", "task_id", ("%q is completed: a completed task cannot be changed."):format(task.title),
      "reopen_task opens it again.")
  end
  local one_off = tasks.is_one_off(task)
  return { task = task, name = task.title, argument = "task_id", owner = "This task", adder = "add_form_field_to_step",
    words = ("of the task %q"):format(task.title), list = pick.list(task.form_fields),
    subject_type = one_off and "Task" or "Run", subject_id = one_off and task.id or task.run_id,
    step_id = type(task.step_id) == "string" and task.step_id or nil }
end

local function of_process(call, args)
  local run, err = processes.one(call, args.run_id, "ko_form_fields")
  if not run then return nil, err end
  local fine, refusal = processes.refuse_archived(run)
  if not fine then return nil, refusal end
  return { run = run, name = run.name, argument = "run_id", owner = "The kick-off form", adder = "add_kickoff_field",
    words = ("of the kick-off form of %q"):format(run.name), list = pick.list(run.ko_form_fields),
    subject_type = "Run", subject_id = run.id }
end

local function stored_value(place)
  if place.task then return place.field.field_value end
  local values = place.run.prerun
  if pick.is_object(values) then return values[place.field.id] end
  return nil
end

-- args: task_id with or without run_id, or run_id alone for the kick-off form; field_id. Gives the place: .field, .now
-- (the files in it), .words; or nil and the error.
function file_fields.read(call, args)
  if not args.task_id and not args.run_id then
    return problem("missing_value", "task_id", "Neither a task nor a process is named.",
      "task_id for a task, run_id alone for the kick-off form of a process.")
  end
  local place, err = (args.task_id and of_task or of_process)(call, args)
  if not place then return nil, err end
  if not place.list then return unreadable(place) end
  place.field, err = pick_field(place, place.list, args.field_id)
  if not place.field then return nil, err end
  local value = stored_value(place)
  place.now = field_values.is_empty(value) and json.array() or pick.list(value)
  if not place.now then return unreadable(place) end
  return place
end

-- The same place as it is now: between reading and writing somebody may have added a file.
function file_fields.again(call, place)
  return file_fields.read(call, { task_id = place.task and place.task.id, run_id = place.subject_type == "Run"
    and place.subject_id or nil, field_id = place.field.id })
end

-- Whether the field has that address already.
function file_fields.has(place, url)
  for _, file in ipairs(place.now) do
    if file.url == url or file.full_url == url then return true end
  end
  return false
end

local function put(call, place, list)
  if place.run then return processes.put(call, place.run, { prerun = { [place.field.id] = list } }) end
  local body, unknown = tasks.whole(place.task, { taskdata = { [place.field.id] = list } })
  if not body then return nil, unknown end
  local path, params = tasks.path(place.task)
  params.body = body
  return call.api:put(path, params)
end

-- Writes the field with what is there and one more: { url, filename }, or what an upload gave. Gives the whole list as
-- it was sent, or nil and the error.
function file_fields.add(call, place, file)
  local added, err = parts.file(place.field, file)
  if not added then return nil, err end
  local list = json.array()
  for index, other in ipairs(place.now) do list[index] = other end
  list[#list + 1] = added[1]
  local changed, failure = put(call, place, list)
  if not changed then return nil, failure end
  return list
end

-- What tools answer about the place.
function file_fields.data(place, more)
  local data = { task_id = place.task and place.task.id, task = place.task and place.task.title,
    run_id = place.subject_type == "Run" and place.subject_id or nil, run = place.run and place.run.name,
    field_id = place.field.id, field = place.field.label, files = place.now }
  for key, value in pairs(more or {}) do data[key] = value end
  return data
end

return file_fields
