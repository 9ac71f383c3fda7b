-- Folders of templates and of processes, and what lies in them (api.md 12).
local access = require "practice.access"
local answers = require "practice.answers"
local check = require "practice.check"
local includes = require "practice.includes"
local lists = require "practice.lists"
local problem = require "practice.problem"
local shapes = require "practice.shapes"

local folders = {}

-- The top-level folders of one type, whole; with=children nests the rest.
local function list(request)
  local folder_type = request:text("folder_type") or "checklist"
  local words = lists.words(request:text("q") or "")
  local found = lists.filter(request.organization.folders.list, function (folder)
    return folder.folder_type == folder_type and not folder.parent_id and lists.has_words(folder.name, words)
  end)
  answers.sort(found, function (folder) return folder.position end)
  return answers.all(lists.map(found, function (folder)
    return includes.render("folder", folder, request)
  end))
end

local function find(request)
  local folder = request.organization.folders:get(request.params.folder_id)
  if not folder then problem.not_found() end
  return folder
end

local function view(request, folder, status)
  return answers.one(includes.render("folder", folder, request), status)
end

local function get(request)
  return view(request, find(request))
end

local function siblings(organization, parent_id, folder_type)
  return lists.filter(organization.folders.list, function (folder)
    return folder.parent_id == parent_id and folder.folder_type == folder_type
  end)
end

-- The parent that a body names: of the same type, and not below the folder itself.
local function parent_of(request, body, folder_type, folder)
  local id = body:text("parent_id")
  if not id or id == "" then return nil end
  local parent = request.organization.folders:get(id)
  if not parent or parent.folder_type ~= folder_type then
    body:fail("parent_id", "The selected parent_id is invalid: it must be a folder of the same type.")
    return nil
  end
  local above = parent
  while above do
    if above == folder then body:fail("parent_id", "A folder cannot become its own descendant.") end
    above = above ~= folder and request.organization.folders:get(above.parent_id) or nil
  end
  return id
end

-- A template folder unless folder_type is exactly "run".
local function create(request)
  local body = check.new(request:body())
  local folder_type = body.body.folder_type == "run" and "run" or "checklist"
  local folder = {
    name = body:required("name") and body:text("name", 32), folder_type = folder_type,
    parent_id = parent_of(request, body, folder_type),
  }
  body:done()
  folder.id, folder.created_at = request.world.ids:id("folder"), request.now
  folder.position = #siblings(request.organization, folder.parent_id, folder_type) + 1
  return view(request, request.organization.folders:add(folder), 201)
end

-- Puts a folder to a place among its siblings; the others shift. Places count from 1.
local function move(organization, folder, position)
  local others = lists.filter(siblings(organization, folder.parent_id, folder.folder_type), function (other)
    return other ~= folder
  end)
  answers.sort(others, function (other) return other.position end)
  table.insert(others, math.max(1, math.min(position, #others + 1)), folder)
  for i, other in ipairs(others) do other.position = i end
end

-- The type never changes. parent_id null moves to the top.
local function update(request)
  local folder = find(request)
  local body = check.new(request:body())
  local name, position = body:text("name", 32), body:integer("position")
  if name == "" then body:fail("name", "The name field is required.") end
  local parent_id = parent_of(request, body, folder.folder_type, folder)
  body:done()
  folder.name = name or folder.name
  if body.body.parent_id ~= nil and parent_id ~= folder.parent_id then
    folder.parent_id = parent_id
    position = position or math.huge
  end
  if position then move(request.organization, folder, position) end
  return view(request, folder)
end

local function unfile(organization, relation)
  organization.folder_objects:remove(relation)
  local run = relation.subject_type == "Run" and organization.runs:get(relation.subject_id)
  if run then
    run.folders = lists.filter(run.folders, function (id) return id ~= relation.folder_id end)
  end
  local checklist = relation.subject_type == "Checklist" and organization.checklists:get(relation.subject_id)
  if checklist and checklist.folder_id == relation.folder_id then checklist.folder_id = nil end
end

-- What lay in it becomes unfiled, child folders move up (default chosen).
local function remove(request)
  local organization, folder = request.organization, find(request)
  for _, other in ipairs(organization.folders.list) do
    if other.parent_id == folder.id then other.parent_id = folder.parent_id end
  end
  for _, checklist in ipairs(organization.checklists.list) do
    if checklist.folder_id == folder.id then checklist.folder_id = nil end
    if checklist.default_folder == folder.id then checklist.default_folder = nil end
  end
  for _, run in ipairs(organization.runs.list) do
    if lists.has(run.folders, folder.id) then
      run.folders = lists.filter(run.folders, function (id) return id ~= folder.id end)
    end
  end
  for _, relation in ipairs(lists.map(organization.folder_objects.list)) do
    if relation.folder_id == folder.id then organization.folder_objects:remove(relation) end
  end
  organization.folders:remove(folder)
  return { status = 200, body = { message = "Folder deleted" } }
end

local function subject_of(request, kind, id)
  if kind == "Run" then
    local run = request.organization.runs:get(id)
    return run and access.sees_run(request.organization, request.member, run) and run
  end
  local checklist = request.organization.checklists:get(id)
  return checklist and not checklist.archived_at
    and access.sees_checklist(request.organization, request.member, checklist) and checklist
end

local function relation_of(organization, kind, id, folder_id)
  for _, relation in ipairs(organization.folder_objects.list) do
    if relation.subject_id == id and relation.subject_type == kind
      and (not folder_id or relation.folder_id == folder_id) then
      return relation
    end
  end
  return nil
end

-- A process may lie in several folders, a template in one (default chosen). Filing twice answers the same row.
function folders.file(act, kind, subject, folder)
  local organization = act.organization
  local known = relation_of(organization, kind, subject.id, folder.id)
  if known then return known end
  if kind == "Checklist" then
    local old = relation_of(organization, kind, subject.id)
    if old then organization.folder_objects:remove(old) end
    subject.folder_id = folder.id
  else
    subject.folders = lists.map(subject.folders)
    lists.add_once(subject.folders, folder.id)
  end
  return organization.folder_objects:add {
    id = 7700 + act.world.ids:count("folder object"), folder_id = folder.id, subject_id = subject.id,
    subject_type = kind,
  }
end

local function add_object(request)
  local body = check.new(request:body())
  local kind = body:choice("subject_type", { "Run", "Checklist" }) or "Run"
  local folder_id = body:required("folder_id") and body:text("folder_id")
  local subject_id = body:required("subject_id") and body:text("subject_id")
  local folder = folder_id and request.organization.folders:get(folder_id)
  if folder_id and (not folder or (folder.folder_type == "run") ~= (kind == "Run")) then
    body:fail("folder_id", "The selected folder_id is invalid: it must be a folder for this kind of object.")
  end
  local subject = subject_id and subject_of(request, kind, subject_id)
  if subject_id and not subject then body:fail("subject_id", "Subject not found") end
  body:done()
  return answers.one(shapes.folder_object(folders.file(request, kind, subject, folder)))
end

local function remove_object(request)
  local id = math.tointeger(tonumber(request.params.folder_object_id))
  local relation = id and request.organization.folder_objects:get(id)
  if not relation then problem.not_found() end
  unfile(request.organization, relation)
  return { status = 200, body = { message = "Removed from folder" } }
end

folders.routes = {
  { "GET", "/organizations/{org}/folders", list },
  { "POST", "/organizations/{org}/folders", create, role = "standard" },
  { "GET", "/organizations/{org}/folders/{folder_id}", get },
  { "PUT", "/organizations/{org}/folders/{folder_id}", update, role = "standard" },
  { "DELETE", "/organizations/{org}/folders/{folder_id}", remove, role = "standard" },
  { "POST", "/organizations/{org}/folders/add-object", add_object, role = "standard" },
  { "DELETE", "/organizations/{org}/folders-objects/{folder_object_id}", remove_object, role = "standard" },
}

return folders
