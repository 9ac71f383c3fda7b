-- folders.lua - the folder trees of templates and of processes, and folders by id, name or path ("People / Joiners").
-- The two kinds never mix: a folder has its kind for ever.
local pick, shape = use "tallyfy.pick", use "tallyfy.shape"

local folders = {}

local words = {
  run = "run", runs = "run", process = "run", processes = "run",
  checklist = "checklist", checklists = "checklist", template = "checklist", templates = "checklist",
  blueprint = "checklist", blueprints = "checklist", [""] = "checklist",
}
local plain = { run = "processes", checklist = "templates" }

-- "run" or "checklist", however it was written. Tallyfy takes every word it does not know for a template folder.
function folders.kind(text, field)
  local kind = words[pick.trimmed(text):lower()]
  if kind then return kind end
  return nil, { code = "invalid_value", field = field, message = ("%q is neither processes nor templates."):format(text),
    hint = "Write run for processes, checklist for templates." }
end

function folders.tree(call, kind)
  return call.api:get("/organizations/{org}/folders", { query = {
    folder_type = kind, with = "children", sort = "position" } })
end

-- Every folder of a tree, parents before children: { id, name, path, parent_id, kind, depth }.
local function flatten(tree, kind, into, above, depth)
  for _, folder in ipairs(pick.list(tree) or {}) do
    local path = above and above.path .. " / " .. folder.name or folder.name
    local entry = { id = folder.id, name = folder.name, path = path, parent_id = above and above.id, kind = kind,
      depth = depth }
    into[#into + 1] = entry
    if folder.children and folder.children ~= json.null and depth < 50 then
      flatten(folder.children, kind, into, entry, depth + 1)
    end
  end
  return into
end

-- The folders of the kinds: { "run" }, { "checklist" } or both.
function folders.all(call, kinds)
  local all = {}
  for _, kind in ipairs(kinds) do
    local tree, err = folders.tree(call, kind)
    if not tree then return nil, err end
    flatten(tree, kind, all, nil, 1)
  end
  return all
end

local function by_path(folder) return folder.path end
local function by_name(folder) return folder.name end

local function plain_path(text)
  return (pick.trimmed(text):gsub("%s*/%s*", " / "))
end

-- The one that <text> means among <all>: by id, path, or name.
function folders.pick(all, text, field)
  local folder = pick.one(all, plain_path(text), { noun = "folder", field = field, name = by_path })
  if folder then return folder end
  local found, err = pick.one(all, text, { noun = "folder", field = field, name = by_name })
  if err and err.code == "ambiguous" then err.hint = "Use the id, or the path: People / Joiners." end
  return found, err
end

-- <kind>: "run", "checklist" or nil for both.
function folders.one(call, text, field, kind)
  local all, err = folders.all(call, kind and { kind } or { "checklist", "run" })
  if not all then return nil, err end
  local folder, failure = folders.pick(all, text, field)
  if folder then return folder, all end
  if kind and failure.code == "not_found" then failure.message = ("There is no folder %q for %s."):format(text, plain[kind]) end
  return nil, failure
end

function folders.plain(kind)
  return plain[kind]
end

-- Whether <folder> is <other> or lies somewhere below it.
function folders.is_within(all, folder, other)
  local by_id, steps = {}, 0
  for _, one in ipairs(all) do by_id[one.id] = one end
  while folder and steps < 50 do
    if folder.id == other.id then return true end
    folder, steps = by_id[folder.parent_id], steps + 1
  end
  return false
end

local row_noise = { children = true, custom_fields = true, created_at = true, folder_type = true }

-- A branch is kept when its own name or one below has the words; what matches keeps all its children.
local function branch(folder, wanted)
  local row = shape.object(folder, { drop = row_noise })
  local matches = not wanted or folder.name:lower():find(wanted, 1, true) ~= nil
  local children = json.array()
  for _, child in ipairs(folder.children and pick.list(folder.children) or {}) do
    local kept = branch(child, not matches and wanted or nil)
    if kept then children[#children + 1] = kept end
  end
  if #children > 0 then row.children = children end
  return (matches or #children > 0) and row or nil
end

-- The answer of the two listing tools. The filter works on all depths, which the API's own does not.
function folders.listing(call, kind, q)
  local tree, err = folders.tree(call, kind)
  if not tree then return nil, err end
  local wanted = q and pick.trimmed(q):lower()
  local rows = json.array()
  for _, folder in ipairs(tree) do rows[#rows + 1] = branch(folder, wanted ~= "" and wanted or nil) end
  local kept, truncated = shape.fit(rows)
  local count = #flatten(rows, kind, {}, nil, 1)
  local text = count == 0 and ("No folders for %s%s."):format(plain[kind], q and " of that name" or "")
    or shape.count(count, "folder") .. "."
  if truncated then text = text .. (" Only the first %d branches fit here: narrow it with q."):format(#kept) end
  return { text = text, data = { data = kept, count = count, truncated = truncated } }
end

function folders.row(view)
  return shape.object(view, { drop = { custom_fields = true } })
end

return folders
