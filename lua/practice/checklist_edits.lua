-- Changing templates: creating, editing, archiving, deleting, copying (api.md 13).
local activity = require "practice.engine.activity"
local answers = require "practice.answers"
local blueprint = require "practice.engine.blueprint"
local captures = require "practice.captures"
local check = require "practice.check"
local checklists = require "practice.checklists"
local cloning = require "practice.engine.cloning"
local field_forms = require "practice.field_forms"
local includes = require "practice.includes"
local json = require "json"
local lists = require "practice.lists"
local problem = require "practice.problem"
local steps = require "practice.steps"
local store = require "practice.store"

local edits = {}

local texts = {
  title = 250, summary = 2000, guidance = 30000, icon = 255, default_process_name_format = 550,
  kickoff_title = 500, kickoff_description = 30000, public_cover = 2000,
}
local flags = { "starred", "is_public", "is_public_kickoff", "auto_naming", "allow_launcher_change_name",
  "folder_changeable_by_launcher", "can_add_oot", "is_featured", "dual_version_enabled", "folderize_process",
  "tag_process" }
local types = { "procedure", "form", "document" }
local max_fields, max_steps = 500, 500

local function view(request, checklist, status)
  return answers.one(includes.render("checklist", checklist, request), status)
end

local function folder_of(request, body, key, folder_type)
  local id = body:text(key)
  if not id or id == "" then return nil end
  local folder = request.organization.folders:get(id)
  if not folder or folder.folder_type ~= folder_type then
    body:fail(key, ("The selected %s is invalid."):format(key))
  end
  return id
end

local function owner_of(request, body)
  local id = body:integer("owner_id")
  if id and not store.member(request.organization, id) then
    body:fail("owner_id", "The selected owner_id is invalid.")
  end
  return id
end

-- The template's own fields that a body gives. A key that is there but empty clears: false stands for that.
local function fields_of(request, body)
  local given = {}
  for key, maximum in pairs(texts) do given[key] = body:text(key, maximum) end
  for _, key in ipairs(flags) do given[key] = body:flag(key) end
  given.type, given.owner_id = body:choice("type", types), owner_of(request, body)
  for _, key in ipairs { "webhook", "explanation_video" } do
    given[key] = body:url(key)
    if body.body[key] == json.null or body.body[key] == "" then given[key] = false end
  end
  given.folder_id = folder_of(request, body, "folder_id", "checklist")
  given.default_folder = folder_of(request, body, "default_folder", "run")
  for _, key in ipairs { "folder_id", "default_folder" } do
    if body.body[key] == json.null or body.body[key] == "" then given[key] = false end
  end
  return given
end

-- Each entry of a list as a check of its own; nil when the list is absent.
local function entries(body, key, maximum)
  local given = body:list(key)
  if not given then return nil end
  if #given > maximum then body:fail(key, ("The %s may not have more than %d items."):format(key, maximum)) end
  local checks = {}
  for i, entry in ipairs(given) do
    local place = ("%s.%d"):format(key, i - 1)
    if lists.is_object(entry) or (type(entry) == "table" and next(entry) == nil) then
      checks[#checks + 1] = body:within(place, entry)
    else
      body:fail(place, ("The %s must be an object."):format(place))
    end
  end
  return checks
end

-- Kick-off field definitions: { { id = or nil, fields = } } in their order, or nil when absent.
local function prerun_of(body)
  local checks = entries(body, "prerun", max_fields)
  return checks and lists.map(checks, function (inner)
    return { id = lists.given(inner.body.id), fields = field_forms.read(inner) }
  end)
end

-- Replaces the whole list, matched by id; entries without a known id are new. What a rule uses must stay: 403.
local function replace_prerun(request, checklist, wanted)
  local old, kept = {}, {}
  for _, field in ipairs(checklist.prerun) do old[field.id] = field end
  for _, entry in ipairs(wanted) do kept[entry.id or 0] = true end
  for id in pairs(old) do
    if not kept[id] and blueprint.is_used_by_rule(checklist, id) then
      problem.forbidden("A rule uses this field: change the rule first.")
    end
  end
  local new = json.array({})
  for i, entry in ipairs(wanted) do
    local field = old[entry.id]
    if field then
      if field.field_type ~= entry.fields.field_type then
        blueprint.drop_values(request.organization, checklist, field)
      end
      new[i] = blueprint.changed(field, entry.fields)
      new[i].last_updated = request.now
    else
      new[i] = blueprint.field(request, { checklist_id = checklist.id }, entry.fields)
    end
    new[i].position = i
  end
  checklist.prerun = new
end

-- An export can be sent back: server-managed keys are ignored, and so are rules (default chosen). Steps are
-- created in their order, ids in the body ignored.
local function create(request)
  local body = check.new(request:body())
  for _, key in ipairs { "title", "type" } do body:required(key) end
  local fields, prerun = fields_of(request, body), prerun_of(body)
  fields.users, fields.groups = steps.users(request, body, "users"), steps.groups(request, body, "groups")
  local parts = lists.map(entries(body, "steps", max_steps) or {}, function (inner)
    local step = { fields = steps.fields(request, inner, true) }
    step.captures = lists.map(entries(inner, "captures", max_fields) or {}, field_forms.read)
    return step
  end)
  body:done()
  for key, value in pairs(fields) do fields[key] = value or nil end
  for _, key in ipairs(flags) do if body.body[key] == false then fields[key] = false end end
  local checklist = blueprint.checklist(request, fields)
  replace_prerun(request, checklist, prerun or {})
  for _, part in ipairs(parts) do
    local step = blueprint.step(request, checklist, part.fields)
    for _, field in ipairs(part.captures) do captures.append(request, checklist, step, field) end
  end
  request.organization.checklists:add(checklist)
  activity.note(request, "created", "checklist", checklist)
  return view(request, checklist, 201)
end

-- users and groups that are left out are detached: the trap that the real API sets.
local function update(request)
  local checklist = checklists.find_to_edit(request)
  local body = check.new(request:body())
  body:required("title")
  local fields, prerun = fields_of(request, body), prerun_of(body)
  local users, groups = steps.users(request, body, "users"), steps.groups(request, body, "groups")
  body:done()
  if prerun then replace_prerun(request, checklist, prerun) end
  for key, value in pairs(fields) do
    if value == false and not lists.has(flags, key) then value = nil end
    checklist[key] = value
  end
  checklist.users, checklist.groups = users or json.array({}), groups or json.array({})
  blueprint.touch(checklist, request)
  activity.note(request, "updated", "checklist", checklist)
  return view(request, checklist)
end

local function references(message)
  return { status = 200, body = { message = message, deleted_references = {} } }
end

-- Running processes go on.
local function archive(request)
  local checklist = checklists.find_to_edit(request)
  checklist.archived_at = request.now
  blueprint.touch(checklist, request)
  activity.note(request, "archived", "checklist", checklist)
  return references("Archived")
end

local function restore(request)
  local checklist = checklists.find_to_edit(request, true)
  checklist.archived_at = nil
  blueprint.touch(checklist, request)
  activity.note(request, "unarchived", "checklist", checklist)
  return view(request, checklist)
end

local function remove(request)
  local checklist = checklists.find_to_edit(request, true)
  if not checklist.archived_at then problem.refused("Archive the template first.") end
  local organization = request.organization
  for _, relation in ipairs(lists.map(organization.folder_objects.list)) do
    if relation.subject_id == checklist.id then organization.folder_objects:remove(relation) end
  end
  organization.checklists:remove(checklist)
  activity.note(request, "deleted", "checklist", checklist)
  return references("Deleted")
end

local function publish(request)
  local checklist = checklists.find_to_edit(request)
  checklist.status = "published"
  blueprint.touch(checklist, request)
  return view(request, checklist)
end

-- The organisation that gets the copy: clients send their own; another one must be the caller's as well.
local function tenant_of(request, body)
  local id = body:text("tenant")
  if not id or id == request.organization.id then return request.organization, request.member end
  for _, place in ipairs(request.account.memberships) do
    if place.organization.id == id and place.member.status == "active" then
      return place.organization, place.member
    end
  end
  body:fail("tenant", "The selected tenant is invalid.")
end

local function clone(request)
  local checklist = checklists.find_to_edit(request)
  local body = check.new(request:body())
  local title = body:text("title", 250)
  local organization, member = tenant_of(request, body)
  body:done()
  if title == "" then title = nil end
  local act = { world = request.world, organization = organization, member = member, now = request.now }
  local copy = cloning.checklist(act, checklist, title or checklist.title .. " (copy)",
    organization ~= request.organization)
  activity.note(act, "created", "checklist", copy)
  return view(request, copy, 201)
end

-- A kick-off field and its collected values; writing single ones goes through PUT only.
local function drop_field(request)
  local checklist = checklists.find_to_edit(request)
  local field = lists.filter(checklist.prerun, function (one) return one.id == request.params.field_id end)[1]
  if not field then problem.not_found() end
  if blueprint.is_used_by_rule(checklist, field.id) then
    problem.forbidden("A rule uses this field: change the rule first.")
  end
  blueprint.drop_values(request.organization, checklist, field)
  checklist.prerun = blueprint.ordered_fields(blueprint.replaced(checklist.prerun, field))
  blueprint.touch(checklist, request)
  return { status = 200, body = { message = "Field deleted" } }
end

edits.routes = {
  { "POST", "/organizations/{org}/checklists", create, role = "standard" },
  { "PUT", "/organizations/{org}/checklists/{template_id}", update },
  { "DELETE", "/organizations/{org}/checklists/{template_id}", archive },
  { "PUT", "/organizations/{org}/checklists/{template_id}/restore", restore },
  { "DELETE", "/organizations/{org}/checklists/{template_id}/delete", remove, role = "admin" },
  { "POST", "/organizations/{org}/checklists/{template_id}/clone", clone },
  { "PUT", "/organizations/{org}/checklists/{template_id}/publish", publish },
  { "DELETE", "/organizations/{org}/checklists/{template_id}/preruns/{field_id}", drop_field },
}

return edits
