-- shape.lua - the API's answers made fit for a model: no empty values, no wrappers, no noise, bounded.
-- Works on read-only views and gives plain tables. Nothing is renamed: what is read can be written back.
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

-- One task, whole.
function shape.task(view)
  return shape.object(view, { drop = task_noise })
end

-- A task as a row of a list: without its form, with the name of its process.
local row_noise = { step = true, run = true, taskdata = true, form_fields = true, summary = true }
for name in pairs(task_noise) do row_noise[name] = true end

function shape.task_row(view)
  local row = shape.object(view, { drop = row_noise, cut = 500 })
  local run = unwrapped(view.run)
  if is_container(run) and run.name then row.process_name = run.name end
  return row
end

-- The rows that fit into the budget, in order (one at least), and whether some were left out.
shape.budget = 25000 -- bytes of compact JSON: what a model can use of one answer

function shape.fit(rows, budget)
  local kept, size = json.array(), 0
  for index, row in ipairs(rows) do
    size = size + #json.encode(row) + 1
    if index > 1 and size > (budget or shape.budget) then return kept, true end
    kept[index] = row
  end
  return kept, false
end

-- "1 task", "3 tasks".
function shape.count(number, noun)
  return ("%d %s%s"):format(number, noun, number == 1 and "" or "s")
end

return shape
