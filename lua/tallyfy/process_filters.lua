-- process_filters.lua - what the list of processes is narrowed by, as people write it, to the query that Tallyfy reads. It
-- ignores words that it does not know, or answers them with an empty list: so each is checked here.
local filters, folders, named = use "tallyfy.filters", use "tallyfy.folders", use "tallyfy.named"
local pick, tags = use "tallyfy.pick", use "tallyfy.tags"

local process_filters = {}

local statuses = { "active", "problem", "delayed", "complete", "issue", "improvement", "starred", "archived" }
local task_statuses = { "all", "in-progress", "completed" }
local relations = { "checklist", "tasks", "assets", "tags", "next_task", "folders", "stages", "permissions", "tasks_meta" }
local sorts = { "name", "created_at", "last_updated", "due_date", "deadline" }
local archives = { "only", "true", "false" }

-- nil for what is blank or left out.
local function given(text)
  local trimmed = pick.trimmed(text)
  return trimmed ~= "" and trimmed or nil
end

local function with_relations(text)
  if not text then return nil end
  local list = {}
  for word in text:gmatch("[^,%s]+") do
    local known, err = filters.known(word, relations, "with_data")
    if not known then return nil, err end
    list[#list + 1] = word
  end
  return #list > 0 and table.concat(list, ",") or nil
end

-- The words that must be among known ones, checked; "complete" and "completed" are both said by people.
local function words(args)
  local status = given(args.status)
  if status == "completed" then status = "complete" end
  local sort = given(args.sort)
  for _, case in ipairs {
    { status, statuses, "status" }, { given(args.task_status), task_statuses, "task_status" },
    { sort and sort:gsub("^%-", "") or nil, sorts, "sort" }, { given(args.archived), archives, "archived" },
  } do
    local known, err = filters.known(case[1], case[2], case[3])
    if not known then return nil, err end
  end
  return { status = status, sort = sort, task_status = given(args.task_status), archived = given(args.archived) }
end

-- Ids of the folder, template and tag that were named.
local function places(call, args, query)
  local err
  if given(args.folder) then
    local folder
    folder, err = folders.one(call, args.folder, "folder", "run")
    if not folder then return nil, err end
    query.folder = folder.id
  end
  if given(args.checklist_id) then
    query.checklist_id, err = named.template_or_id(call, given(args.checklist_id), "checklist_id", true)
    if not query.checklist_id then return nil, err end
  end
  if given(args.tag) then
    local tag
    tag, err = tags.one(call, args.tag)
    if not tag then
      if err.field == "tag_id" then err.field = "tag" end
      return nil, err
    end
    query.tag = tag.id
  end
  return query
end

-- The query for the arguments of get_organization_runs; or nil and the error.
function process_filters.query(call, args)
  local query, err = words(args)
  if not query then return nil, err end
  if query.status == "archived" then query.status, query.archived = nil, "only" end
  if query.archived == "false" then query.archived = nil end
  query["with"], err = with_relations(args.with_data)
  if err then return nil, err end
  query.owners, err = filters.members(call, args.owners, "owners")
  if err then return nil, err end
  query.groups, err = filters.groups(call, args.groups, "groups")
  if err then return nil, err end
  query.form_fields_values, query.starred, query.type = args.form_fields_values, args.starred, args.run_type
  return places(call, args, query)
end

return process_filters
