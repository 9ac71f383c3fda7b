-- tools_previews_spec.lua - what a person is shown before they say yes: by name, only what differs, and without a write.
local helper = dofile("tests/spec/tool_helper.lua")
local practice, json = helper.practice, helper.json

describe("previews", function ()
  local service, amelia

  before_each(function ()
    service = practice.open()
    amelia = helper.person(service, "Amelia")
  end)

  local function shown(file, args, person)
    local who = person or amelia
    local result, err = who:preview(file, args)
    assert.is_table(result, err and err.message)
    assert.same({}, who.api.written)
    for _, line in ipairs(who.api.sent) do assert.match("^GET ", line) end
    return result
  end

  local function refused(file, args, code)
    local result, err = amelia:preview(file, args)
    assert.is_nil(result)
    assert.equal(code, err.code, err.message)
    assert.same({}, amelia.api.written)
  end

  local function get(path) return amelia.client:get("/organizations/{org}/" .. path).body.data end

  local function list_of(value) return value and (value.data or value) or {} end

  local function named(list, key, name) return assert(practice.find(list, key, name), name) end

  -- The first task of a process, read whole, that <fits>; and the process.
  local function task_that(fits)
    for _, run in ipairs(get("runs?per_page=100")) do
      for _, row in ipairs(get("runs/" .. run.id .. "/tasks?per_page=100")) do
        local task = get("runs/" .. run.id .. "/tasks/" .. row.id .. "?with=form_fields")
        if run.status == "active" and task.status ~= "completed" and fits(task) then return task, run end
      end
    end
    error("the practice organization has no such task")
  end

  local function open_task()
    return task_that(function (task)
      local required = false
      for _, field in ipairs(list_of(task.form_fields)) do required = required or field.required == true end
      return task.task_type == "task" and #task.owners.users > 0 and not task.problem and not required
    end)
  end

  local function one_off()
    return amelia.client:post("/organizations/{org}/tasks", { title = "Call the caterer", task_type = "task",
      deadline = "2026-12-04 16:00:00", owners = { users = { 41002 }, guests = { "j.brandt@supplier-gmbh.example" },
        groups = json.array() } }).body.data
  end

  it("of complete_task say which task of which process, whose it is and who completes it", function ()
    local task, run = open_task()
    local card = shown("tasks/complete_task", { task_id = task.id })
    assert.equal(("%q of %q"):format(task.title, run.name), card.target)
    assert.equal("Status: " .. task.status, card.before[1])
    assert.match("^Assigned to: %a", card.before[2])
    assert.same({ "Status: completed", "Completed by: " .. amelia.me.full_name }, card.after)
    assert.equal("Completed by: Ben Okonkwo", shown("tasks/complete_task", { task_id = task.id,
      override_user = "Ben Okonkwo" }).after[2])
    refused("tasks/complete_task", { task_id = "No such task" }, "not_found")
  end)

  it("of update_task and update_standalone_task say what differs, people by name", function ()
    local task = one_off()
    local card = shown("tasks/update_standalone_task", { task_id = task.id, title = "Call the baker",
      deadline = "2026-12-04T16:00:00Z", owners = { users = { amelia.me.full_name } } }, amelia)
    assert.equal('"Call the caterer"', card.target)
    assert.same({ "Title: Call the caterer", "Assigned to: Ben Okonkwo, j.brandt@supplier-gmbh.example (guest)" }, card.before)
    assert.same({ "Title: Call the baker",
      ("Assigned to: %s, j.brandt@supplier-gmbh.example (guest)"):format(amelia.me.full_name) }, card.after)
    local step, run = open_task()
    card = shown("tasks/update_task", { run_id = run.name, task_id = step.id, summary = "New words", top_secret = true })
    assert.equal(("%q of %q"):format(step.title, run.name), card.target)
    assert.equal("Summary: New words", card.after[1])
    assert.equal("Top secret: yes", card.after[2])
    refused("tasks/update_task", { run_id = run.id, task_id = step.id }, "missing_value")
  end)

  it("of update_task show answers by the field's label", function ()
    local found
    local task, run = task_that(function (task)
      for _, field in ipairs(list_of(task.form_fields)) do
        if field.field_type == "text" and type(field.field_validation) ~= "string" then found = field end
      end
      return found
    end)
    local card = shown("tasks/update_task", { run_id = run.id, task_id = task.id, taskdata = { [found.id] = "Seven" } })
    assert.same({ found.label .. ": Seven" }, card.after)
    assert.match(": ", card.before[1])
  end)

  it("of reassign_tasks say for each task who has it and who would, and what is wrong", function ()
    local task = one_off()
    local card = shown("bulk/reassign_tasks", { tasks = { { task_id = task.id }, { task_id = ("0"):rep(32) } },
      to = { users = { amelia.me.full_name } }, from = { users = { "Ben Okonkwo" } } })
    assert.equal("2 tasks", card.target)
    assert.same({ '"Call the caterer": Ben Okonkwo, j.brandt@supplier-gmbh.example (guest)' }, card.before)
    assert.equal(('"Call the caterer": %s, j.brandt@supplier-gmbh.example (guest)'):format(amelia.me.full_name), card.after[1])
    assert.match("^Item 2: not changed: There is no task", card.after[2])
    refused("bulk/reassign_tasks", { tasks = { { task_id = task.id } }, to = { users = {} } }, "missing_value")
  end)

  it("of what removes say what goes and what stays", function ()
    local card = shown("templates/delete_template", { template_id = "Employee onboarding" })
    assert.equal('"Employee onboarding"', card.target)
    assert.match("^Steps: [1-9]", card.before[1])
    assert.same({ "Status: archived: nothing can be launched from it any more" }, card.after)
    local _, run = open_task()
    card = shown("processes/archive_process", { run_id = run.id })
    assert.equal(("%q"):format(run.name), card.target)
    assert.match("tasks done", card.before[1])
    amelia.client:delete("/organizations/{org}/runs/" .. run.id)
    assert.match("archived already", shown("processes/archive_process", { run_id = run.id }).after[1])
    refused("templates/delete_template", { template_id = "No such template" }, "not_found")
  end)

  it("of delete_step say where it is, whose, and why it would be refused", function ()
    local free, used
    for _, template in ipairs(get("checklists?per_page=100&with=steps")) do
      for _, step in ipairs(list_of(template.steps)) do
        local card = shown("steps/delete_step", { template_id = template.id, step_id = step.id })
        assert.equal(("%q of %q"):format(step.title, template.title), card.target)
        assert.match("^Place: %d+ of %d+$", card.before[1])
        assert.match("^Assigned to: %a", card.before[2])
        free = free or card.after[1] == "Then: deleted for good, with its form"
        used = used or card.after[1]:match("^Then: not deleted: ")
      end
    end
    assert.truthy(free)
    assert.truthy(used)
  end)

  it("of delete_automation_rule say what the rule says", function ()
    for _, template in ipairs(get("checklists?per_page=100&with=automated_actions")) do
      local rule = list_of(template.automated_actions)[1]
      if rule then
        local card = shown("automation/delete_automation_rule", { template_id = template.id, automation_id = rule.id })
        assert.match("^The rule says: When ", card.before[1])
        assert.match("^Then: deleted for good%.", card.after[1])
        return
      end
    end
    error("the practice organization has no rule")
  end)

  it("of what is done to members name them", function ()
    local card = shown("users/disable_user", { user_id = 41002 })
    assert.equal("Ben Okonkwo <ben.okonkwo@marigold.example>", card.target)
    assert.same({ "Status: active" }, { card.before[1] })
    assert.equal("Status: disabled: shut out at once", card.after[1])
    local role = tostring(named(get("users?per_page=100"), "id", 41002).role):lower()
    card = shown("users/change_user_role", { user_id = "Ben Okonkwo", role = role == "light" and "standard" or "light" })
    assert.same({ "Role: " .. role }, card.before)
    assert.same({ before = {}, after = {}, target = card.target },
      shown("users/change_user_role", { user_id = 41002, role = role }))
    refused("users/change_user_role", { user_id = "Nobody Known", role = "light" }, "not_found")
  end)

  it("of update_template say what differs, with the names of people and folders", function ()
    local template = named(get("checklists?per_page=100"), "title", "Employee onboarding")
    local card = shown("templates/update_template", { template_id = template.id, template_data = { title = "Joining us",
      is_featured = template.is_featured ~= true, users = { "Ben Okonkwo" } } })
    assert.equal('"Employee onboarding"', card.target)
    assert.equal("Title: Employee onboarding", card.before[2])
    assert.equal("Title: Joining us", card.after[2])
    assert.equal("Users: Ben Okonkwo", card.after[3])
    refused("templates/update_template", { template_id = template.id, template_data = { users = { "Nobody Known" } } },
      "not_found")
  end)

  it("say values in words, and leave out what stays", function ()
    local preview = helper.use "tallyfy.preview"
    assert.same({ target = "t", before = { "A: none", "C: x, y", "D: no" }, after = { "A: 1", "C: x", "D: yes", "E: later" } },
      preview.of("t", { { "A", was = json.null, will = 1 }, { "B", was = "same", will = "same" },
        { "C", was = json.array { { text = "x" }, { text = "y" }, { text = "z", selected = false } }, will = json.array { "x" } },
        { "D", was = false, will = true }, { "E", will = "later" } }))
    assert.equal("Max assignable", preview.label("max_assignable"))
  end)
end)
