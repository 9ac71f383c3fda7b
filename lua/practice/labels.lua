-- Tags on templates, processes and tasks: the links between them. Knows no routes; the tags' own are in
-- tags.lua.
local json = require "json"
local shapes = require "practice.shapes"

local labels = {}

-- The links of one subject, oldest first.
function labels.of(organization, subject_id)
  return organization.links_by_subject[subject_id] or {}
end

-- Puts a tag on a subject: a template, process or task record. Again answers the same link.
-- <kind> = "Checklist" | "Run" | "Task"
function labels.attach(act, kind, subject, tag)
  local organization = act.organization
  local links = labels.of(organization, subject.id)
  for _, link in ipairs(links) do
    if link.tag_id == tag.id then return link end
  end
  local link = organization.tag_links:add {
    id = act.world.ids:id("tag link"), number = 6200 + act.world.ids:count("tag link number"),
    tag_id = tag.id, subject_id = subject.id, subject_type = kind,
  }
  organization.links_by_subject[subject.id] = links
  links[#links + 1] = link
  return link
end

function labels.detach(organization, link)
  organization.tag_links:remove(link)
  local links = labels.of(organization, link.subject_id)
  for i, other in ipairs(links) do
    if other == link then return table.remove(links, i) end
  end
end

-- True when a subject carries a tag.
function labels.has(organization, subject_id, tag_id)
  for _, link in ipairs(labels.of(organization, subject_id)) do
    if link.tag_id == tag_id then return true end
  end
  return false
end

-- The tags of a subject as includes show them: each carries the id of its link as association_id, a name that
-- is in no source (default chosen). <as_links>, a switch: the rows are the links themselves, as the SDK reads them.
function labels.view(organization, subject_id, as_links)
  local views = json.array({})
  for _, link in ipairs(labels.of(organization, subject_id)) do
    local view = shapes.tag(organization.tags:get(link.tag_id))
    view.association_id = link.id
    if as_links then view.id, view.tag_id, view.association_id = link.number, link.tag_id, nil end
    views[#views + 1] = view
  end
  return { data = views }
end

-- A link by its id, or by its number.
function labels.find(organization, text)
  local number = math.tointeger(tonumber(text))
  for _, link in ipairs(number and organization.tag_links.list or {}) do
    if link.number == number then return link end
  end
  return organization.tag_links:get(text)
end

return labels
