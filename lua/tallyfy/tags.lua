-- tags.lua - tags by id or name, and putting them on templates and processes. Tallyfy takes a tag off by the id of
-- the association, which only the tagged object's own answer shows; putting one on twice makes its events happen twice.
local lists, named, pick, shape = use "tallyfy.lists", use "tallyfy.named", use "tallyfy.pick", use "tallyfy.shape"

local tags = {}

local options = { noun = "tag", field = "tag_id", name = function (tag) return tag.title end }

local function all_of(call)
  return lists.whole(call, "/organizations/{org}/tags", "tag", { query = { all = true } })
end

-- The tag as it is now. <with> adds includes.
function tags.one(call, text, with)
  local id = pick.id(pick.trimmed(text))
  if not id then
    local all, err = all_of(call)
    if not all then return nil, err end
    local tag, failure = pick.one(all, text, options)
    if not tag or not with then return tag, failure end
    id = tag.id
  end
  local tag, err = call.api:get("/organizations/{org}/tags/{tag_id}", { tag_id = id, query = { with = with } })
  if not tag and err.status == 404 then
    return nil, { code = "not_found", field = "tag_id", message = ("There is no tag %q."):format(id),
      hint = "get_tags lists them." }
  end
  return tag, err
end

-- A list of ids and titles to ids without repeats; or nil and the error. The list of tags is read once, and only for titles.
function tags.ids(call, list, field)
  local ids, seen, all = json.array(), {}, nil
  for _, text in ipairs(list) do
    local id, err = pick.id(pick.trimmed(text)), nil
    if not id then
      if not all then all, err = all_of(call) end
      if not all then return nil, err end
      local tag, unknown = pick.one(all, text, { noun = "tag", field = field, name = options.name })
      if not tag then return nil, unknown end
      id = tag.id
    end
    if not seen[id] then seen[id], ids[#ids + 1] = true, id end
  end
  return ids
end

function tags.row(view)
  return shape.object(view, { cut = 500 })
end

-- "#3fb65f", or nil and the error.
function tags.color(text)
  if not text then return nil end
  local digits = text:match("^%s*#?(%x+)%s*$")
  if digits and #digits == 3 then digits = digits:gsub("%x", "%0%0") end
  if digits and #digits == 6 then return "#" .. digits:lower() end
  return nil, { code = "invalid_value", field = "color", message = ("%q is no colour."):format(text),
    hint = "Write it as #RRGGBB, for instance #3fb65f." }
end

-- A title that is taken: which tag has it.
function tags.taken(call, title, failure)
  if failure.status ~= 422 or failure.field ~= "title" then return nil, failure end
  local known = tags.one(call, title)
  if not known then return nil, failure end
  return nil, { code = "already_exists", field = "title", message = ("There is a tag %q already (%s)."):format(
    known.title, known.id), hint = "Use that one, or another title." }
end

local subjects = {
  template = { type = "Checklist", field = "template_id", find = named.template_or_id, title = "title",
    path = "/organizations/{org}/checklists/{subject_id}",
    missing = "It may be archived: archived templates cannot be tagged. get_all_templates lists the active ones." },
  process = { type = "Run", field = "run_id", find = named.process_or_id, title = "name",
    path = "/organizations/{org}/runs/{subject_id}", missing = "search_all finds processes." },
}

-- The template or process with its tags.
local function subject_of(call, kind, text)
  local id, err = kind.find(call, pick.trimmed(text), kind.field)
  if not id then return nil, err end
  local subject, failure = call.api:get(kind.path, { subject_id = id, query = { with = "tags" } })
  if not subject then
    if failure.status ~= 404 then return nil, failure end
    return nil, { code = "not_found", field = kind.field, message = ("There is no %s %q."):format(
      kind.type == "Run" and "process" or "template", text), hint = kind.missing }
  end
  local attached = pick.list(subject.tags)
  if attached then return subject, attached end
  return nil, { code = "unknown_state", field = kind.field, hint = "Try again in a moment.",
    message = "Its tags cannot be read, so nothing was sent." }
end

-- The association's id when <tag> is attached. Rows are tags that carry it, or the associations themselves.
local function association(attached, tag)
  for _, row in ipairs(attached) do
    if row.tag_id == tag.id then return row.association_id or row.id end
    if row.id == tag.id then return row.association_id end
  end
end

local function both(call, kind_name, subject_text, tag_text)
  local kind = subjects[kind_name]
  local tag, err = tags.one(call, tag_text)
  if not tag then return nil, err end
  local subject, attached = subject_of(call, kind, subject_text)
  if not subject then return nil, attached end
  return { kind = kind, tag = tag, subject = subject, attached = attached, name = subject[kind.title],
    link = association(attached, tag) }
end

local function answer(found, text)
  return { text = text, data = { [found.kind.field] = found.subject.id, [found.kind.title] = found.name,
    tag_id = found.tag.id, tag = found.tag.title, association_id = found.link } }
end

-- Puts a tag on; nothing is sent when it is there already.
function tags.attach(call, kind_name, subject_text, tag_text)
  local found, err = both(call, kind_name, subject_text, tag_text)
  if not found then return nil, err end
  if found.link then
    return answer(found, ("Nothing to change: %s has the tag %s already."):format(found.name, found.tag.title))
  end
  local archived = found.subject.archived_at
  if archived ~= nil and archived ~= json.null then
    return nil, { code = "refused", field = found.kind.field, message = ("%s is archived: only active ones can be tagged.")
      :format(found.name), hint = kind_name == "process" and "reactivate_process first." or "Restore it first." }
  end
  local link, failure = call.api:post("/organizations/{org}/checklists/tags", { body = { subject_id = found.subject.id,
    subject_type = found.kind.type, tag_id = found.tag.id, tag_type = "private" } })
  if not link then return nil, failure end
  found.link = link ~= true and link.id or nil
  return answer(found, ("Tagged %s with %s."):format(found.name, found.tag.title))
end

-- Takes a tag off.
function tags.detach(call, kind_name, subject_text, tag_text)
  local found, err = both(call, kind_name, subject_text, tag_text)
  if not found then return nil, err end
  if not found.link then
    local titles = {}
    for index, row in ipairs(found.attached) do titles[index] = ("%q"):format(row.title or row.tag_id) end
    return nil, { code = "not_found", field = "tag_id", message = ("%s does not have the tag %s."):format(
      found.name, found.tag.title), hint = #titles == 0 and "It has no tags."
      or "It has: " .. table.concat(titles, ", ") .. "." }
  end
  local gone, failure = call.api:delete("/organizations/{org}/checklists/tags/{association_id}", {
    association_id = found.link })
  if not gone then return nil, failure end
  return answer(found, ("Took the tag %s off %s."):format(found.tag.title, found.name))
end

return tags
