-- named.lua - templates and processes by what people call them: the one that a name means, and names to offer
-- while somebody types.
local fold, hits, pick = use "tallyfy.fold", use "tallyfy.hits", use "tallyfy.pick"

local named = {}

local most_pages = 10 -- of a hundred hits: a name that is in more than a thousand others is asked for by its id

local kinds = {
  template = { on = "blueprint", path = "/organizations/{org}/checklists", list = "get_all_templates" },
  process = { on = "process", path = "/organizations/{org}/runs", list = "search_all" },
  task = { on = "task", path = "/organizations/{org}/tasks", list = "search_all",
    unclear = "Use the id, or say which process in run_id." },
}

local function title_of(hit)
  return hit.title or hit.name
end

-- The hits of <pages> pages at most, and whether those are all: a name is only known to be the only one of its kind when
-- all that contain it were looked at.
local function search(call, kind, text, pages)
  local found, number, last = {}, 1, 1
  while number <= math.min(last, pages) do
    local answer, whole = call.api:get("/organizations/{org}/search", {
      query = { on = kind.on, search = pick.searchable(text), per_page = 100, page = number } })
    if not answer then return nil, whole end
    local bucket = answer[kind.on] or {}
    for _, hit in ipairs(bucket.data or {}) do found[#found + 1] = hit end
    local pagination = bucket.meta and bucket.meta.pagination
    last, number = pagination and pagination.total_pages or 1, number + 1
  end
  return found, nil, last <= pages
end

-- The hits that decide: called exactly so, else so without regard to case. <others>: none is, but they contain the words.
local function decisive(matches, name)
  local exact, similar = {}, {}
  for _, hit in ipairs(matches) do
    local title = title_of(hit)
    if title == name then exact[#exact + 1] = hit end
    if type(title) == "string" and fold(title) == fold(name) then similar[#similar + 1] = hit end
  end
  if #exact > 0 then return exact end
  if #similar > 0 then return similar end
  return {}, matches
end

-- What could be meant, ten at most. Tasks of one title are told apart by their processes.
local function candidates_of(call, kind_name, found)
  local rows, texts = {}, {}
  for index = 1, math.min(#found, 10) do
    local hit = found[index]
    rows[index] = { id = hit.id, title = title_of(hit), is_oneoff_task = hit.is_oneoff_task }
  end
  if kind_name == "task" then hits.place(call, rows) end
  for index, row in ipairs(rows) do
    local place = row.process_name and (" of %q"):format(row.process_name) or row.is_oneoff_task and ", a one-off task" or ""
    texts[index] = ("%q%s (%s)"):format(row.title, place, row.id)
  end
  return table.concat(texts, ", ")
end

local function problem(code, message, field, hint)
  return nil, { code = code, message = message, field = field, hint = hint }
end

-- Why <name> means nothing, or not one thing.
local function unclear(call, kind_name, name, field, found, others)
  local kind = kinds[kind_name]
  if #found > 1 or #others > 1 then
    local candidates = candidates_of(call, kind_name, #found > 1 and found or others)
    return problem("ambiguous", ("%q could be: %s."):format(name, candidates), field,
      kind.unclear or "Use the whole title, or the id.")
  end
  if #others == 0 then
    return problem("not_found", ("No %s is called %q."):format(kind_name, name), field, kind.list .. " finds them.")
  end
  return problem("not_found", ("No %s is called %q."):format(kind_name, name), field,
    ("Did you mean %s? Then give the id."):format(candidates_of(call, kind_name, others)))
end

-- The id of what <name> means. <field> names the argument in the error. Nothing is changed on a guess: only where
-- <may_guess>, in tools that look, a part of the name will do if nothing else has it.
local function id_named(call, kind_name, name, field, may_guess)
  local matches, err, are_all = search(call, kinds[kind_name], name, most_pages)
  if not matches then return nil, err end
  if not are_all then
    return problem("ambiguous", ("More than %d have %q in their name."):format(most_pages * 100, name), field,
      kinds[kind_name].unclear or "Use the id.")
  end
  local found, others = decisive(matches, name)
  if #found == 1 then return found[1].id end
  if may_guess and others and #others == 1 then return others[1].id end
  return unclear(call, kind_name, name, field, found, others or {})
end

function named.template(call, name, field, may_guess)
  return id_named(call, "template", name, field, may_guess)
end

-- Open tasks of all processes, and one-off tasks.
function named.task(call, name, field, may_guess)
  return id_named(call, "task", name, field, may_guess)
end

-- The same for a text that may be an id as well.
function named.template_or_id(call, text, field, may_guess)
  local id = pick.id(text)
  if id then return id end
  return id_named(call, "template", text, field, may_guess)
end

function named.process_or_id(call, text, field, may_guess)
  local id = pick.id(text)
  if id then return id end
  return id_named(call, "process", text, field, may_guess)
end

-- What begins with or contains <typed>: a search once two characters are there, else the newest.
local function candidates(call, kind, typed)
  if #typed >= 2 and not typed:match("^%x+$") then return search(call, kind, typed, 1) end
  return call.api:get(kind.path, { query = { per_page = 100 } })
end

local function offer(call, kind, typed, chosen)
  local matches, err = candidates(call, kind, typed)
  if not matches then return nil, err end
  local values, seen = {}, {}
  for _, hit in ipairs(matches) do
    local value = chosen(hit)
    if type(value) == "string" and value ~= "" and not seen[value] then
      seen[value] = true
      values[#values + 1] = value
    end
  end
  return values
end

-- For `complete`: titles of templates that fit what was typed.
function named.template_titles(typed, _, call)
  local wanted = typed:lower()
  return offer(call, kinds.template, typed, function (hit)
    local title = title_of(hit)
    return type(title) == "string" and title:lower():find(wanted, 1, true) and title or nil
  end)
end

-- For `complete`: ids whose thing is called so, or that begin with what was typed.
local function ids(kind)
  return function (typed, _, call)
    local wanted = typed:lower()
    return offer(call, kind, typed, function (hit)
      local title = title_of(hit)
      local by_title = type(title) == "string" and title:lower():find(wanted, 1, true)
      return (by_title or hit.id:sub(1, #wanted) == wanted) and hit.id or nil
    end)
  end
end

named.template_ids = ids(kinds.template)
named.process_ids = ids(kinds.process)

return named
