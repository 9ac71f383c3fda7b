-- shape.lua - the API's answers made fit for a model: no empty values, no wrappers, no noise, bounded.
-- Works on read-only views and gives plain tables. Nothing is renamed: what is read can be written back.
-- The host says how long answers should be at most (setting script.answer_bytes); a specification says nothing.
local answer_bytes = ...
local shape = {}

local null = json.null

-- Flags of a task that say nothing to the person who has to do it (behaviour.md 4).
local task_noise = {
  allow_guest_owners = true, is_completable = true, status_label = true,
  has_deadline_dependent_child_tasks = true, can_complete_only_assignees = true,
  is_soft_start_date = true, everyone_must_complete = true, send_chromeless = true, top_secret = true,
  taskUrls = true, original_title = true, blueprint_position = true, webhook = true,
}

local function is_container(value)
  local kind = type(value)
  return kind == "table" or (kind == "userdata" and value ~= null)
end

-- Includes come as { data = ... } and nothing else: the value is inside (api.md 3).
local function unwrapped(value)
  if not is_container(value) or json.is_array(value) then return value end
  local inner = value.data
  if inner == nil then return value end
  for key in pairs(value) do
    if key ~= "data" then return value end
  end
  return inner
end

-- Over-long text is cut only in lists, and says so.
local function cut_text(value, limit)
  if not limit or #value <= limit then return value end
  local cut = utf8.offset(value, 0, limit + 1) -- the start of the character the limit falls into
  return value:sub(1, cut - 1) .. "... (cut)"
end

local compact

local function compact_array(value, options)
  local result = json.array()
  for index, item in ipairs(value) do
    local kept = compact(item, options)
    result[index] = kept == nil and null or kept -- items are never dropped: their order means something
  end
  return result
end

local function compact_object(value, options)
  local result, filled = {}, false
  for key, item in pairs(value) do
    if not (options.drop and options.drop[key]) then
      local kept = compact(item, options)
      if kept ~= nil then
        result[key] = kept
        filled = true
      end
    end
  end
  return filled and result or nil
end

-- nil for what is empty: null, "", [] and {}. False and 0 say something and stay.
function compact(value, options)
  if value == null or value == "" then return nil end
  if type(value) == "string" then return cut_text(value, options.cut) end
  value = unwrapped(value)
  if not is_container(value) then
    if value == null then return nil end
    return value
  end
  if json.is_array(value) then
    if #value == 0 then return nil end
    return compact_array(value, options)
  end
  return compact_object(value, options)
end

-- options.drop: names of members left out at every level; options.cut: longest text in bytes.
function shape.object(value, options)
  return compact(value, options or {}) or {}
end

-- Of the label only what the status does not say.
local function urgency(view, row)
  row.overdue = view.status_label == "Overdue" or nil
  row.due_soon = view.status_label == "Due soon" or nil
  return row
end

local most_options = 20 -- of a choice field, in a task that does not fit whole

-- One task, whole where it fits. Else without taskdata where the form has the same answers, then with fewer options, then
-- shortened.
function shape.task(view)
  local task = urgency(view, shape.object(view, { drop = task_noise }))
  if #json.encode(task) <= shape.budget then return task end
  if task.form_fields then task.taskdata = nil end
  for _, field in ipairs(task.form_fields or {}) do
    local options = field.options or {}
    if #options > most_options then
      field.options, field.options_in_all = json.array(table.move(options, 1, most_options, 1, {})), #options
    end
  end
  return (shape.bounded(task))
end

-- A task as a row of a list: without its form, with the name of its process.
local row_noise = { step = true, run = true, taskdata = true, form_fields = true, summary = true, alias = true,
  increment_id = true, max_assignable = true, prevent_guest_comment = true }
for name in pairs(task_noise) do row_noise[name] = true end

function shape.task_row(view)
  local row = shape.object(view, { drop = row_noise, cut = 500 })
  local run = unwrapped(view.run)
  if is_container(run) and run.name then row.process_name = run.name end
  return urgency(view, row)
end

-- A row with the answers that were given: for the tasks of one process.
local answered_noise = {}
for name in pairs(row_noise) do answered_noise[name] = name ~= "taskdata" or nil end

function shape.answered_row(view)
  return urgency(view, shape.object(view, { drop = answered_noise, cut = 500 }))
end

-- The rows that fit into the budget, in order (one at least), and whether some were left out.
-- bytes of compact JSON: what a model can use of one answer, less what stands around the rows
shape.budget = (answer_bytes or 25600) - 600

function shape.fit(rows, budget)
  local kept, size = json.array(), 0
  for index, row in ipairs(rows) do
    size = size + #json.encode(row) + 1
    if index > 1 and size > (budget or shape.budget) then return kept, true end
    kept[index] = row
  end
  return kept, false
end

local function size_of(value) return #json.encode(value) end

-- One object, whole if it fits; else without its largest members, which `_omitted` names with their sizes, largest first.
-- Members that <keep> names stay. Gives a copy, and whether something was left out.
function shape.within(value, keep, budget)
  budget = budget or shape.budget
  local kept, sizes, left, total = {}, {}, json.array(), 2
  for name, member in pairs(value) do
    kept[name] = member
    local size = size_of(member) + #tostring(name) + 4
    sizes[#sizes + 1] = { name = name, size = size }
    total = total + size
  end
  table.sort(sizes, function (a, b) return a.size > b.size or (a.size == b.size and a.name < b.name) end)
  for _, member in ipairs(sizes) do
    if total <= budget then break end
    if not (keep and keep[member.name]) then
      kept[member.name] = nil
      left[#left + 1] = ("%s (%d KB)"):format(member.name, (member.size + 1023) // 1024)
      total = total - member.size
    end
  end
  if #left > 0 then kept._omitted = left end
  return kept, #left > 0
end

-- What of <value> fits into <room> bytes, and how to say that it is not all; nil where nothing can be taken away. A list
-- keeps its beginning, an object what bounded leaves it, a text its beginning.
local function shortened(name, value, room)
  if type(value) == "string" then
    return cut_text(value, math.max(room - 40, 200)), ("%s (cut)"):format(name)
  end
  if not is_container(value) then return nil end
  if not json.is_array(value) then
    local kept, left = shape.bounded(value, room)
    return kept, left and ("parts of %s"):format(name)
  end
  local kept = shape.fit(value, room)
  if #kept == 1 and is_container(kept[1]) and not json.is_array(kept[1]) then kept[1] = shape.bounded(kept[1], room) end
  return kept, ("%s: the first %d of %d"):format(name, #kept, #value)
end

-- One answer, whole if it fits; else its largest members shortened until it does, `_omitted` naming them. All members stay,
-- so that an output schema holds. Gives the answer (a copy if it was shortened) and the list of what was.
function shape.bounded(value, budget)
  budget = budget or shape.budget
  local total = size_of(value)
  if total <= budget then return value end
  local kept, sizes, left = {}, {}, json.array()
  for name, member in pairs(value) do
    kept[name] = member
    sizes[#sizes + 1] = { name = name, size = size_of(member) }
  end
  table.sort(sizes, function (a, b) return a.size > b.size or (a.size == b.size and a.name < b.name) end)
  for _, member in ipairs(sizes) do
    if total <= budget or member.size < 400 then break end
    local less, said = shortened(member.name, kept[member.name], math.max(member.size - (total - budget) - 100, 200))
    if less ~= nil and size_of(less) < member.size then
      total = total - member.size + size_of(less) + #said
      kept[member.name], left[#left + 1] = less, said
    end
  end
  if #left > 0 then kept._omitted = left end
  return kept, #left > 0 and left or nil
end

-- " Shortened to fit: ...": for the text of an answer; "" when it is whole.
function shape.omitted_said(left)
  return left and (" Shortened to fit here: %s."):format(table.concat(left, ", ")) or ""
end

-- Rows with only the members that <fields> names (and their id); unknown ones are an error with the choices. <items>: what
-- the rows were made of: a member that is empty in all of them, or that rows leave out, is known by these.
function shape.choose(rows, fields, items)
  if not fields or #fields == 0 or #rows == 0 then return rows end
  local known, names = {}, {}
  for _, list in ipairs { rows, items } do
    for _, row in ipairs(list) do
      for name in pairs(row) do
        if not known[name] then known[name], names[#names + 1] = true, name end
      end
    end
  end
  table.sort(names)
  for _, name in ipairs(fields) do
    if not known[name] then
      return nil, { code = "unknown_field", field = "fields", message = ("The rows have no %q."):format(name),
        hint = "They have: " .. table.concat(names, ", ") .. "." }
    end
  end
  local chosen = json.array()
  for index, row in ipairs(rows) do
    local short = { id = row.id }
    for _, name in ipairs(fields) do
      short[name] = row[name]
      if short[name] == nil and items then short[name] = compact(items[index][name], { cut = 500 }) end
    end
    chosen[index] = short
  end
  return chosen
end

-- "tasks", "processes".
function shape.plural(noun)
  return noun .. (noun:match("s$") and "es" or "s")
end

-- "1 task", "3 tasks".
function shape.count(number, noun)
  return ("%d %s"):format(number, number == 1 and noun or shape.plural(noun))
end

return shape
