-- Whatever a client sends, the practice organisation answers with a documented status: a raised error would be a
-- defect. Random requests from fixed seeds, so that a failure can be repeated.
local root = debug.getinfo(1, "S").source:match("^@(.*)practice_malice_spec.lua$")
local helper = dofile(root .. "practice_helper.lua")

local keys = {
  "title", "task_type", "deadline", "owners", "users", "guests", "groups", "taskdata", "prerun", "tasks",
  "checklist_id", "task_id", "is_approved", "override_user", "content", "label", "name", "status",
    "summary", "run_id",
  "separate_task_for_each_assignee", "max_assignable", "owner_id", "folders", "id", "text", "selected",
  "type", "steps", "captures", "conditions", "then_actions", "automated_alias", "conditionable_id",
  "conditionable_type", "operation", "statement", "position", "action_type", "action_verb", "target_step_id",
  "field_type", "required", "options", "columns", "default_value", "default_value_enabled", "field_validation",
  "email", "role", "members", "folder_id", "parent_id", "subject_id", "subject_type", "tag_id", "color",
  "custom_fields", "value", "unit", "option", "step", "assignees", "roles", "tags", "bp_to_launch", "start_date",
  "form_fields", "form_value", "thread_id", "webhook", "associated_members", "applies_to", "key", "Deadline",
}
local words = {
  "task", "approval", "completed", "auto-skipped", "2026-12-01", "Yes", "{{DATE}}", "@[41001]",
    "a@b.example", "",
  ("z"):rep(700), "%", "[",
}
local queries = {
  "with=run.checklist,step,form_fields,threads,summary",
    "with=tasks.form_fields,next_task,folders,ko-form-fields",
  "with=groups,stats,organizations,country,users,children", "status=overdue", "status=%", "q=%5B%25",
    "page=-1",
  "per_page=99999999999999999999", "sort=-deadline", "owners[]=41001&owners[]=x", "archived=only",
    "on=task,step",
  "search=e", "deadline_on=2026-01-01:x", "without_pagination=true", "=&&=", "unassigned=1",
}
local documented = {
  [200] = true, [201] = true, [204] = true, [400] = true, [401] = true, [403] = true, [404] = true, [422] = true,
}

describe("random requests", function ()
  -- Ids of everything there is, and some that are none.
  local function ids_of(organization)
    local ids = { "x", "0", "..", "%2F", "%00", "41001", organization.id }
    for _, name in ipairs { "runs", "tasks", "checklists", "groups", "folders", "tags", "tag_links", "field_keys" } do
      for _, record in ipairs(organization[name].list) do ids[#ids + 1] = record.id end
    end
    for _, checklist in ipairs(organization.checklists.list) do
      for _, field in ipairs(checklist.prerun) do ids[#ids + 1] = field.id end
      for _, step in ipairs(checklist.steps) do
        ids[#ids + 1] = step.id
        for _, field in ipairs(step.captures) do ids[#ids + 1] = field.id end
      end
      for _, rule in ipairs(checklist.automated_actions) do ids[#ids + 1] = rule.id end
    end
    return ids
  end

  it("never raise", function ()
    local service = helper.open(3)
    local people = { helper.client(service, "Amelia"), helper.client(service, "Ben"),
      helper.client(service, "Carla") }
    local all, ids = service.router.routes, ids_of(service.world.organizations[1])
    math.randomseed(42)

    local function pick(list) return list[math.random(#list)] end
    local function value(depth)
      local kind = math.random(10)
      if kind == 1 then return helper.null end
      if kind == 2 then return true end
      if kind == 3 then return math.random(41000, 41012) end
      if kind == 4 then return 1.5 end
      if kind <= 6 or depth == 0 then return pick(words) end
      if kind == 7 then return pick(ids) end
      local out = kind == 8 and helper.json.array {} or {}
      for i = 1, math.random(0,
        4) do out[kind == 8 and i or pick(math.random(2) == 1 and keys or ids)] = value(depth - 1) end
      return out
    end

    -- Bodies that come near to being right: where a random one is refused at once, these go further in.
    local likely = {
      title = "Something", name = "Something", description = "x", type = "procedure", label = "Field",
      field_type = "text", required = true, content = "<p>x</p>", task_type = "task",
      deadline = "2026-12-01 10:00:00", email = "new@people.example", first_name = "New", last_name = "Person",
      timezone = "Europe/London", automated_alias = "Rule", role = "standard", position = 2, value = "x",
    }

    for _ = 1, 12000 do
      local route, body = pick(all), {}
      local path = route[2]:gsub("{(%w+_?%w*)}",
        function (name) return name ~= "org" and pick(ids) or nil end)
      if math.random(2) == 1 then
        for key, one in pairs(likely) do body[key] = one end
      end
      for _ = 1, math.random(0, 8) do body[pick(keys)] = value(3) end
      local target = path .. "?" .. pick(queries) .. "&" .. pick(queries)
      local answer = pick(people):call(route[1], target, route[1] ~= "GET" and body or nil)
      assert.is_true(documented[answer.status], answer.status)
    end
  end)
end)
