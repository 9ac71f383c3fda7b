-- named.lua - templates and processes by what people call them: the one that a name means, and names to offer
-- while somebody types.
local named = {}

local kinds = {
  template = { on = "blueprint", path = "/organizations/{org}/checklists", list = "get_all_templates" },
  process = { on = "process", path = "/organizations/{org}/runs", list = "search_all" },
  task = { on = "task", path = "/organizations/{org}/tasks", list = "search_all",
    unclear = "Use the id, or say which process in run_id." },
}

local function is_id(text)
  return #text == 32 and text:match("^[0-9a-f]+$") ~= nil
end

local function title_of(hit)
  return hit.title or hit.name
end

local function search(call, kind, text)
  local found, whole = call.api:get("/organizations/{org}/search", {
    query = { on = kind.on, search = text, per_page = 20 } })
  if not found then return nil, whole end
  local hits = found[kind.on]
  return hits and hits.data or {}
end

-- The hits that decide: called exactly so, else so without regard to case, else the only one there is.
local function decisive(hits, name)
  local exact, similar = {}, {}
  for _, hit in ipairs(hits) do
    local title = title_of(hit)
    if title == name then exact[#exact + 1] = hit end
    if type(title) == "string" and title:lower() == name:lower() then similar[#similar + 1] = hit end
  end
  if #exact > 0 then return exact end
  return #similar > 0 and similar or hits
end

-- The id of what <name> means. <field> names the argument in the error.
local function id_named(call, kind_name, name, field)
  local hits, err = search(call, kinds[kind_name], name)
  if not hits then return nil, err end
  local found = decisive(hits, name)
  if #found == 1 then return found[1].id end
  local candidates = {}
  for index, hit in ipairs(found) do candidates[index] = ("%q (%s)"):format(title_of(hit), hit.id) end
  return nil, { code = #found == 0 and "not_found" or "ambiguous", field = field,
    message = #found == 0 and ("No %s is called %q."):format(kind_name, name)
      or ("%q could be: %s."):format(name, table.concat(candidates, ", ", 1, math.min(#candidates, 10))),
    hint = #found == 0 and kinds[kind_name].list .. " finds them." or kinds[kind_name].unclear
      or "Use the whole title, or the id." }
end

function named.template(call, name, field)
  return id_named(call, "template", name, field)
end

function named.process(call, name, field)
  return id_named(call, "process", name, field)
end

-- Open tasks of all processes, and one-off tasks.
function named.task(call, name, field)
  return id_named(call, "task", name, field)
end

-- The same for a text that may be an id as well.
function named.template_or_id(call, text, field)
  if is_id(text) then return text end
  return named.template(call, text, field)
end

function named.process_or_id(call, text, field)
  if is_id(text) then return text end
  return named.process(call, text, field)
end

-- What begins with or contains <typed>: a search once two characters are there, else the newest.
local function candidates(call, kind, typed)
  if #typed >= 2 and not typed:match("^%x+$") then return search(call, kind, typed) end
  return call.api:get(kind.path, { query = { per_page = 100 } })
end

local function offer(call, kind, typed, pick)
  local hits, err = candidates(call, kind, typed)
  if not hits then return nil, err end
  local values, seen = {}, {}
  for _, hit in ipairs(hits) do
    local value = pick(hit)
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
