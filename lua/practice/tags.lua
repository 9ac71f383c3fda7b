-- Tags (api.md 11): the tags themselves, and putting them on templates and processes.
local access = require "practice.access"
local activity = require "practice.engine.activity"
local answers = require "practice.answers"
local check = require "practice.check"
local json = require "json"
local labels = require "practice.labels"
local lists = require "practice.lists"
local problem = require "practice.problem"
local shapes = require "practice.shapes"

local tags = {}

local grey = "#9b9b9b" -- where no colour is given (default chosen)

-- How many templates and processes carry a tag, living and archived.
local function statistics(organization, tag)
  local counts = { active_template = 0, archived_template = 0, active_process = 0, archived_process = 0 }
  for _, link in ipairs(organization.tag_links.list) do
    local kind = ({ Checklist = "template", Run = "process" })[link.subject_type]
    local table_of = link.subject_type == "Run" and organization.runs or organization.checklists
    local subject = link.tag_id == tag.id and kind and table_of:get(link.subject_id)
    if subject then
      local key = (subject.archived_at and "archived_" or "active_") .. kind
      counts[key] = counts[key] + 1
    end
  end
  return { data = counts }
end

local function view_of(request, tag)
  local view = shapes.tag(tag)
  if request.with.statistics then view.statistics = statistics(request.organization, tag) end
  return view
end

local sort_keys = {
  title = function (tag) return tag.title:lower() end,
  created_at = function (tag) return tag.created_at end,
}

-- Auto-generated ones only with all=true.
local function list(request)
  local words, all = lists.words(request:text("q") or ""), request:flag("all")
  local generated = request:flag("auto_generated")
  local found = lists.filter(request.organization.tags.list, function (tag)
    if generated ~= nil and (tag.auto_generated or false) ~= generated then return false end
    return (all or generated or not tag.auto_generated) and lists.has_words(tag.title, words)
  end)
  local word, descending = answers.sort_words(request)
  answers.sort(found, sort_keys[word] or sort_keys.title, descending)
  return answers.list(request, found, { default = 10, maximum = 100 }, function (tag)
    return view_of(request, tag)
  end)
end

local function find(request)
  local tag = request.organization.tags:get(request.params.tag_id)
  if not tag then problem.not_found() end
  return tag
end

local function get(request)
  return answers.one(view_of(request, find(request)))
end

local function fields_of(request, body, tag)
  local title, color = body:required("title") and body:text("title", 30), body:text("color")
  for _, other in ipairs(title and request.organization.tags.list or {}) do
    if other ~= tag and other.title:lower() == title:lower() then
      body:fail("title", "The title has already been taken.")
    end
  end
  if color and not color:find("^#%x%x%x%x%x%x$") then
    body:fail("color", "The color must be written as #rrggbb.")
  end
  return title, color
end

local function create(request)
  local body = check.new(request:body())
  local title, color = fields_of(request, body)
  body:done()
  local tag = request.organization.tags:add {
    id = request.world.ids:id("tag"), title = title, color = color or grey, created_at = request.now,
  }
  activity.note(request, "created", "tag", tag)
  return answers.one(view_of(request, tag), 201)
end

local function update(request)
  local tag = find(request)
  local body = check.new(request:body())
  local title, color = fields_of(request, body, tag)
  body:done()
  tag.title, tag.color = title, color or tag.color
  activity.note(request, "updated", "tag", tag)
  return answers.one(view_of(request, tag))
end

-- For good, with all links; 204 also for an id that is none.
local function remove(request)
  local organization = request.organization
  local tag = organization.tags:get(request.params.tag_id)
  if tag then
    for _, link in ipairs(lists.filter(organization.tag_links.list, function (link)
      return link.tag_id == tag.id
    end)) do
      labels.detach(organization, link)
    end
    organization.tags:remove(tag)
    activity.note(request, "deleted", "tag", tag)
  end
  return answers.empty()
end

-- Archived, unknown and invisible subjects are refused with one generic text.
local function subject_of(request, kind, id)
  local organization, member = request.organization, request.member
  if kind == "Run" then
    local run = organization.runs:get(id)
    return run and not run.archived_at and access.sees_run(organization, member, run) and run
  end
  local checklist = organization.checklists:get(id)
  return checklist and not checklist.archived_at
    and access.sees_checklist(organization, member, checklist) and checklist
end

local function attach(request)
  local body = check.new(request:body())
  local kind = body:required("subject_type") and body:choice("subject_type", { "Checklist", "Run" })
  local subject_id = body:required("subject_id") and body:text("subject_id")
  local tag_id = body:required("tag_id") and body:text("tag_id")
  body:choice("tag_type", { "private" })
  local tag = tag_id and request.organization.tags:get(tag_id)
  if tag_id and not tag then body:fail("tag_id", "The selected tag_id is invalid.") end
  local subject = kind and subject_id and subject_of(request, kind, subject_id)
  if kind and subject_id and not subject then body:fail("subject_id", "Subject not found") end
  body:done()
  -- Attached already or not: the event happens again.
  activity.note(request, "linked", "tag", tag, { parent = { kind == "Run" and "run" or "checklist", subject } })
  return answers.one(shapes.tag_link(labels.attach(request, kind, subject, tag)))
end

local function detach(request)
  local link = labels.find(request.organization, request.params.association_id)
  if not link then problem.not_found() end
  labels.detach(request.organization, link)
  return answers.empty()
end

-- Reads a list of tag ids of a body, for launches and one-off tasks: the tags, or a complaint.
function tags.named(request, body)
  return lists.map(body:list("tags") or {}, function (id)
    local tag = type(id) == "string" and request.organization.tags:get(id)
    if not tag then body:fail("tags", "The selected tags is invalid.") end
    return tag or json.null
  end)
end

tags.routes = {
  { "GET", "/organizations/{org}/tags", list },
  { "POST", "/organizations/{org}/tags", create, role = "standard" },
  { "GET", "/organizations/{org}/tags/{tag_id}", get },
  { "PUT", "/organizations/{org}/tags/{tag_id}", update, role = "standard" },
  { "DELETE", "/organizations/{org}/tags/{tag_id}", remove, role = "standard" },
  { "POST", "/organizations/{org}/checklists/tags", attach, role = "standard" },
  { "DELETE", "/organizations/{org}/checklists/tags/{association_id}", detach, role = "standard" },
}

return tags
