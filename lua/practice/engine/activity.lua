-- What happened in an organisation, for its activity feed (api.md 22): one row for each event, the newest
-- kept. Only the engine and the resources write here; activity_feed.lua reads.
local activity = {}

-- The oldest rows go when there are more: a demonstration must not grow for ever.
local most, spare = 20000, 2000

-- By kind of record: the class name and the word of `type`, where another record is the parent.
local kinds = {
  checklist = { class = "Checklist", type = "Blueprint" },
  step = { class = "Step", type = "Step" },
  run = { class = "Run", type = "Process" },
  task = { class = "Task", type = "Task" },
  thread = { class = "Thread", type = "Comment" },
  user = { class = "User", type = "User" },
  tag = { class = "Tag", type = "Tag" },
  group = { class = "Group", type = "Group" },
  organization = { class = "Organization", type = "Organization" },
}

local words = {
  created = "created", updated = "updated", completed = "completed", uncompleted = "reopened",
  deleted = "deleted", archived = "archived", unarchived = "restored", commented = "commented on",
  uploaded = "uploaded a file to", emitted = "sent a webhook for", executed = "ran a rule of",
  ["owners-updated"] = "changed the owners of", ["issue-reported"] = "reported an issue on",
  ["issue-resolved"] = "resolved an issue on", ["comment-deleted"] = "deleted a comment of",
  ["re-opened"] = "reopened", ["re-ordered"] = "reordered", enabled = "enabled", disabled = "disabled",
  invited = "invited", linked = "linked", unlinked = "unlinked",
}

local nouns = { run = "process", checklist = "template", thread = "comment" }

-- The class name that stands for a kind in auditable_type, or nil.
function activity.class_of(kind)
  local known = kinds[kind]
  return known and "App\\Models\\" .. known.class
end

local function name_of(record)
  return record.title or record.name or record.full_name or record.label
end

-- The record that an event of <record> also belongs to: kind and record.
local function parent_of(act, kind, record, parent)
  if parent then return parent[1], parent[2] end
  if kind == "task" and record.run then return "run", record.run end
  if kind == "run" then
    local checklist = act.organization.checklists:get(record.checklist_id)
    if checklist then return "checklist", checklist end
  end
end

-- Writes a row. <act> = { organization, world, member (nil: nobody, the clock for instance), now }; <more> may
-- give text, field, old_value, type, source, and parent = { kind, record }.
function activity.note(act, verb, kind, record, more)
  more = more or {}
  local rows = act.organization.activities
  local parent_kind, parent = parent_of(act, kind, record, more.parent)
  if #rows >= most + spare then
    table.move(rows, spare + 1, #rows, 1)
    for i = #rows, #rows - spare + 1, -1 do rows[i] = nil end
  end
  rows[#rows + 1] = {
    id = 7720000 + act.world.ids:count("activity"), verb = verb, kind = kind,
    type = more.type or kinds[kind].type, source = more.source or "Member",
    actor_id = act.member and act.member.id, subject_id = record.id, subject_name = name_of(record),
    parent_kind = parent_kind, parent_id = parent and parent.id, parent_name = parent and name_of(parent),
    description = ("%s the %s"):format(words[verb] or verb, nouns[kind] or kind), text = more.text,
    field = more.field, old_value = more.old_value, created_at = act.now,
  }
end

-- Puts rows in the order in which they happened: the made-up past is written one process after another.
function activity.order(organization)
  table.sort(organization.activities, function (a, b)
    if a.created_at ~= b.created_at then return a.created_at < b.created_at end
    return a.id < b.id
  end)
end

return activity
