-- Rows of practice_routes_spec.lua: templates, their steps, fields and rules.
local assert = require "luassert"
local at = "/organizations/{org}/checklists"
local one = at .. "/{template_id}"
local step_at = one .. "/steps/{step_id}"

-- The safety walk: Carla owns tasks in it but may not read it until it names her; no rules.
local function walk(t) return { template_id = t:template("Warehouse safety walk").id } end
local function onboarding(t) return { template_id = t:template("Employee onboarding").id } end

local function read(t, where)
  return t.amelia:get(at .. "/" .. where.template_id .. "?with=steps").body.data
end

-- Carla may read a template that names her, and may not edit it.
local function named_carla(t, where)
  local template = t.amelia:get(at .. "/" .. where.template_id .. "?archived=true").body.data
  if template then
    t.amelia:put(at .. "/" .. where.template_id, { title = template.title, users = { 41003 } })
  end
  return t.carla
end

local function archived(t)
  local old = t.amelia:get(at .. "?archived=only").body.data[1]
  return { template_id = old.id }
end

local function in_step(title, template)
  return function (t)
    local found = t:template(template)
    local step = t:step(title, found)
    return { template_id = found.id, step_id = step.id, field_id = step.captures[1] and step.captures[1].id }
  end
end
local aisles = in_step("Check aisles and exits", "Warehouse safety walk")
local trucks = in_step("Inspect the forklift trucks", "Warehouse safety walk")
local equipment = in_step("Prepare equipment", "Employee onboarding")

local function titles(template)
  local list = {}
  for i, step in ipairs(template.steps.data) do list[i] = step.title end
  return list
end

local function step_now(t, where)
  return t.amelia:get((step_at:gsub("{template_id}", where.template_id):gsub("{step_id}", where.step_id))).body.data
end

local function rule_body(t, where)
  local template = read(t, where)
  return { automated_alias = "Trucks after Hull", conditions = {
    { conditionable_id = template.prerun[1].id, conditionable_type = "Prerun", operation = "equals",
      statement = "Hull", logic = "and", position = 1 },
  }, then_actions = {
    { action_type = "visibility", action_verb = "show", target_step_id = template.steps.data[2].id, position = 1 },
  } }
end

local function with_rule(t)
  local where = walk(t)
  local answer = t.amelia:post(at .. "/" .. where.template_id .. "/automated-actions", rule_body(t, where))
  where.automation_id = answer.body.data.id
  return where
end

local function thread_rows()
  local function commented(t)
    return walk(t)
  end
  return {
    { "POST", one .. "/comment", 200, at = commented, body = { content = "<p>Hull has a new gate</p>" },
      wrong = { label = "comment" },
      reads = function (t, data, where)
        local threads = t.amelia:get(at .. "/" .. where.template_id .. "?with=threads").body.data.threads.data
        assert.equal(data.id, threads[1].id)
      end },
    { "POST", one .. "/problem", 200, at = commented, body = { content = "<p>Step two is out of date</p>" },
      wrong = {}, reads = function (_, data) assert.equal("problem", data.label) end },
    { "POST", one .. "/resolved-threads", 200,
      at = function (t)
        local where = walk(t)
        where.thread = t.amelia:post(at .. "/" .. where.template_id .. "/problem", { content = "x" }).body.data.id
        return where
      end,
      body = function (_, where) return { thread_id = where.thread, content = "<p>Done</p>" } end,
      wrong = { thread_id = "none", content = "x" },
      reads = function (t, data, where)
        local threads = t.amelia:get(at .. "/" .. where.template_id .. "?with=threads").body.data.threads.data
        assert.equal(data.id, threads[1].resolve_id)
      end },
  }
end

local rows = {
  { "GET", at, 200, query = "with=steps,tags,folder,permissions",
    reads = function (_, data) assert.is_true(data[1].permissions.data.CHECKLIST_EDIT) end },
  { "POST", at, 201, role = "standard",
    body = {
      title = "Vehicle inspection", type = "procedure", users = { 41003 }, id = "mine", alias = "mine",
      prerun = { { label = "Plate", field_type = "text", required = true, id = "mine" } },
      steps = {
        { title = "Look under the bonnet", captures = { { label = "Oil", field_type = "radio", required = true,
          options = { { id = 1, text = "Fine" }, { id = 2, text = "Low" } } } } },
        { title = "Drive round the yard", position = 1 },
      },
    },
    wrong = { title = "No type", prerun = { { label = "Half", field_type = "number", required = true } } },
    reads = function (t, data)
      local now = read(t, { template_id = data.id })
      assert.not_equal("mine", now.id)
      assert.same({ 41003 }, now.users)
      assert.equal("Plate", now.prerun[1].label)
      assert.same({ "Look under the bonnet", "Drive round the yard" }, titles(now))
      assert.equal("Oil", now.steps.data[1].captures[1].label)
    end },
  { "GET", one, 200, at = onboarding, query = "with=steps",
    reads = function (_, data) assert.is_nil(data.prerun.data) end },
  { "PUT", one, 200, at = onboarding, refused = named_carla,
    body = function (t, where)
      local prerun = read(t, where).prerun
      prerun[1].label = "Name of the new colleague"
      return { title = "Onboarding", groups = {}, prerun = {
        prerun[4], prerun[1], { label = "Desk", field_type = "text", required = false } } }
    end,
    wrong = { summary = "No title" },
    reads = function (t, _, where)
      local now = read(t, where)
      assert.equal("Onboarding", now.title)
      assert.same({}, now.users)
      assert.same({}, now.groups)
      assert.same({ "Remote worker?", "Name of the new colleague", "Desk" },
        { now.prerun[1].label, now.prerun[2].label, now.prerun[3].label })
      local used = t.amelia:put(at .. "/" .. where.template_id, { title = "x", prerun = { now.prerun[2] } })
      assert.equal(403, used.status, "a rule uses the field that would go")
    end },
  { "DELETE", one, 200, at = onboarding, refused = named_carla,
    reads = function (t, _, where, answer)
      assert.is_table(answer.body.deleted_references)
      assert.is_nil(answer.body.data)
      assert.equal(404, t.amelia:get(at .. "/" .. where.template_id).status)
      assert.equal("active", t:run("Nora Lindgren").status)
      assert.equal(422, t.amelia:post("/organizations/{org}/runs", { checklist_id = where.template_id }).status)
    end },
  { "PUT", one .. "/restore", 200, at = archived, no_body = "takes no body",
    refused = function (t, where)
      t.service.world.organizations[1].checklists:get(where.template_id).users = { 41003 }
      return t.carla
    end,
    reads = function (t, _, where) assert.equal(t.null, read(t, where).archived_at) end },
  { "DELETE", one .. "/delete", 200, at = archived, role = "admin",
    reads = function (t)
      assert.same({}, t.amelia:get(at .. "?archived=only").body.data)
      assert.equal(422, t.amelia:delete(at .. "/" .. onboarding(t).template_id .. "/delete").status)
    end },
  { "POST", one .. "/clone", 201, at = onboarding, refused = named_carla,
    body = function (t) return { tenant = t.amelia.org, title = "Onboarding, Hull" } end,
    wrong = function (t) return { tenant = t.ines.org } end,
    reads = function (t, data, where)
      local old, new = read(t, where), read(t, { template_id = data.id })
      assert.same(titles(old)[2], titles(new)[2])
      assert.not_equal(old.steps.data[1].id, new.steps.data[1].id)
      assert.equal(new.prerun[4].id, new.automated_actions[1].conditions[1].conditionable_id)
      assert.equal(new.steps.data[3].id, new.steps.data[2].deadline.step)
      assert.matches(new.prerun[1].alias, new.steps.data[1].title, 1, true)
      local run = t.amelia:post("/organizations/{org}/runs", { checklist_id = data.id, prerun = {
        [new.prerun[1].id] = "Kay", [new.prerun[2].id] = { id = 1, text = "Finance" },
        [new.prerun[3].id] = "2026-12-01" } })
      assert.equal("Onboarding: Kay", run.body.data.name)
    end },
  { "PUT", one .. "/publish", 200, at = function (t) return { template_id = t:template("Employee offboarding").id } end,
    refused = named_carla, no_body = "takes no body",
    reads = function (t, _, where)
      assert.equal("published", read(t, where).status)
      assert.is_true(read(t, where).is_published_state)
    end },
  { "GET", one .. "/steps", 200, at = onboarding },
  { "GET", one .. "/form-fields", 200, at = onboarding, reads = function (_, data)
    assert.equal("New starter name", data.ko_form_fields[1].label)
    assert.is_nil(data.form_fields[1].field_value)
  end },
  { "GET", one .. "/steps-deadlines", 200, at = onboarding,
    reads = function (_, data) assert.equal("2026-11-30T10:30:00Z", data[3].deadline_time) end },
  { "GET", one .. "/permissions", 200, at = onboarding,
    reads = function (_, data) assert.is_true(data.PROCESS_LAUNCH) end },
  { "DELETE", one .. "/preruns/{field_id}", 200, refused = named_carla,
    at = function (t)
      local template = t:template("Vendor approval")
      return { template_id = template.id, field_id = template.prerun[1].id }
    end,
    reads = function (t, _, where)
      for _, field in ipairs(read(t, where).prerun) do assert.not_equal(where.field_id, field.id) end
      local used = onboarding(t)
      local field = read(t, used).prerun[4].id
      assert.equal(403, t.amelia:delete(at .. "/" .. used.template_id .. "/preruns/" .. field).status)
    end },

  { "POST", one .. "/steps", 201, at = walk, refused = named_carla,
    body = { title = "Lock the gate", position = 1, assignees = { "41003" }, step_type = "approval",
      deadline = { value = 2, unit = "hours", option = "from", step = "start_run" } },
    wrong = { title = "Half a deadline", deadline = { value = 2, unit = "hours" } },
    reads = function (t, data, where)
      assert.equal(4, data.position)
      assert.same({ 41003 }, data.assignees)
      assert.equal("Lock the gate", titles(read(t, where))[4])
      local plain = t.amelia:post(at .. "/" .. where.template_id .. "/steps", { title = "Plain" }).body.data
      assert.same({ value = 5, unit = "days", option = "from", step = "start_run" }, plain.deadline)
      assert.is_true(plain.assign_run_starter and plain.allow_guest_owners and plain.is_soft_start_date)
    end },
  { "GET", step_at, 200, at = aisles, reads = function (_, data) assert.equal(1, data.position) end },
  { "PUT", step_at, 200, at = aisles, refused = named_carla,
    body = { title = "Check aisles", groups = {} }, wrong = { summary = "no title" },
    reads = function (t, _, where)
      local now = step_now(t, where)
      assert.equal("Check aisles", now.title)
      assert.same({}, now.assignees)
      assert.equal("Aisles clear?", now.captures[1].label)
      assert.equal("Check aisles and exits", t:task("Check aisles", "Hull").title)
    end },
  { "DELETE", step_at, 200, at = trucks, refused = named_carla,
    reads = function (t, _, where)
      assert.same({ "Check aisles and exits", "File the walk report" }, titles(read(t, where)))
      assert.equal(2, read(t, where).steps.data[2].position)
      local tied = in_step("Approve the start package", "Employee onboarding")(t)
      assert.equal(422, t.amelia:delete(at .. "/" .. tied.template_id .. "/steps/" .. tied.step_id).status)
    end },
  { "POST", step_at .. "/clone", 201, at = aisles, refused = named_carla, no_body = "takes no body",
    reads = function (t, data, where)
      assert.equal(4, data.position)
      assert.not_equal(step_now(t, where).captures[1].id, data.captures[1].id)
      assert.equal(4, #read(t, where).steps.data)
    end },
  { "PUT", step_at .. "/reorder", 200, at = aisles, refused = named_carla, body = { position = 3 }, wrong = {},
    reads = function (t, _, where)
      assert.same({ "Inspect the forklift trucks", "File the walk report", "Check aisles and exits" },
        titles(read(t, where)))
    end },

  { "POST", step_at .. "/captures", 201, at = aisles, refused = named_carla,
    body = { label = "Damage", field_type = "table", required = false,
      columns = { { id = 1, label = "Where" }, { id = 2, label = "What" } } },
    wrong = { label = "Only one", field_type = "radio", required = true, options = { { id = 1, text = "Yes" } } },
    reads = function (t, data, where)
      assert.is_nil(data.checklist_id)
      assert.equal("What", step_now(t, where).captures[2].columns[2].label)
    end },
  { "PUT", step_at .. "/captures/{field_id}", 200, at = aisles, refused = named_carla,
    body = { label = "All clear?", field_type = "text", required = false, field_validation = "numeric|min:2" },
    wrong = { label = "No type", required = true },
    reads = function (t, _, where)
      local now = step_now(t, where).captures[1]
      assert.equal("text", now.field_type)
      assert.same({ "numeric", "min:2" }, now.field_validation)
      assert.same({}, t:task("Check aisles", "Leeds").taskdata)
    end },
  { "DELETE", step_at .. "/captures/{field_id}", 204, at = aisles, refused = named_carla,
    reads = function (t, _, where)
      assert.same({}, step_now(t, where).captures)
      t.service.world.switches.deletes_answer_200 = true
      local field = equipment(t)
      local target = at .. "/" .. field.template_id .. "/steps/" .. field.step_id .. "/captures/" .. field.field_id
      assert.equal(200, t.amelia:delete(target).status)
    end },
  { "PUT", step_at .. "/captures/{field_id}/move-out", 200, at = aisles, refused = named_carla,
    body = function (t) return { target_step_id = trucks(t).step_id, position = 1 } end,
    wrong = { target_step_id = "none" },
    reads = function (t, data, where)
      assert.same({}, step_now(t, where).captures)
      assert.equal(data.id, step_now(t, trucks(t)).captures[1].id)
    end },
  { "POST", step_at .. "/captures/{field_id}/move", 200, at = aisles, refused = named_carla,
    body = function (t) return { to_step_id = trucks(t).step_id } end, wrong = { to_step_id = "none" },
    reads = function (t, data) assert.equal(data.id, step_now(t, trucks(t)).captures[1].id) end },
  { "PUT", step_at .. "/captures/reorder", 200, at = equipment, refused = named_carla,
    body = function (t, where)
      local fields = step_now(t, where).captures
      return { captures = { { capture_id = fields[3].id, position = 1 }, { capture_id = fields[1].id, position = 2 } } }
    end,
    wrong = { captures = { { capture_id = "none", position = 1 } } },
    reads = function (t, _, where)
      local fields = step_now(t, where).captures
      assert.same({ "Asset numbers", "Laptop model", "Extras" },
        { fields[1].label, fields[2].label, fields[3].label })
      assert.equal(1, fields[1].position)
    end },

  { "POST", one .. "/automated-actions", 201, at = walk, refused = named_carla, body = rule_body,
    wrong = function (t, where)
      local body = rule_body(t, where)
      body.conditions[1].statement = nil
      return body
    end,
    reads = function (t, data, where)
      local rule = read(t, where).automated_actions[1]
      assert.equal(data.id, rule.id)
      assert.equal("Hull", rule.conditions[1].statement)
    end },
  { "PUT", one .. "/automated-actions/{automation_id}", 200, at = with_rule, refused = named_carla,
    body = function (t, where)
      local body = rule_body(t, where)
      local old = read(t, where).automated_actions[1]
      body.automated_alias, body.conditions[1].id = "Renamed", old.conditions[1].id
      return body
    end,
    wrong = { conditions = {} },
    reads = function (t, data, where)
      local rule = read(t, where).automated_actions[1]
      assert.equal("Renamed", rule.automated_alias)
      assert.equal(1, #rule.then_actions)
      assert.equal(data.then_actions[1].id, rule.then_actions[1].id)
    end },
  { "DELETE", one .. "/automated-actions/{automation_id}", 204, at = with_rule, refused = named_carla,
    reads = function (t, _, where) assert.same({}, read(t, where).automated_actions) end },
}

for _, row in ipairs(thread_rows()) do rows[#rows + 1] = row end

return rows
