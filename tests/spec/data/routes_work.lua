-- Rows of practice_routes_spec.lua: processes, tasks, comments and issues, files, search, activity.
local assert = require "luassert"
local at = "/organizations/{org}"
local one_run, one_task = at .. "/runs/{run_id}", at .. "/tasks/{task_id}"

local function get(t, path) return t.amelia:get(at .. path).body.data end
local function has_nothing(t, path) assert.equal(404, t.amelia:get(at .. path).status) end

-- Places: the values of a path's placeholders.
local function nora(t) return { run_id = t:run("Nora Lindgren").id } end
local function archived(t)
  local where = nora(t)
  assert.equal(200, t.amelia:delete(at .. "/runs/" .. where.run_id).status)
  return where
end

local function in_nora(words)
  return function (t)
    local where = nora(t)
    where.task_id = t:task(words, "Nora Lindgren").id
    return where
  end
end

local function shelf(t) return { task_id = t:task("Label the returns shelf").id } end

local function archived_shelf(t)
  local where = shelf(t)
  assert.equal(204, t.amelia:delete(at .. "/tasks/" .. where.task_id).status)
  return where
end

local function commented(t)
  local where = shelf(t)
  where.comment_id = t.amelia:post(at .. "/tasks/" .. where.task_id .. "/comment", { content = "x" }).body.data.id
  return where
end

local function field(t, title, label)
  local step = t:step(title, t:template("Employee onboarding"))
  return assert(t.helper.find(step.captures, "label", label)).id
end

-- Processes
local function launch_of(t)
  local template = t:template("Vendor approval")
  local prerun = {}
  for _, one in ipairs(template.prerun) do
    if one.label == "Vendor name" then prerun[one.id] = "Hull Cables" end
    if one.label == "Expected yearly spend" then prerun[one.id] = 1200 end
  end
  return { checklist_id = template.id, name = "Hull Cables", prerun = prerun, users = { 41002 } }
end

local runs = {
  { "GET", at .. "/runs", 200, query = "with=checklist,tasks,tags,next_task,folders,permissions,tasks_meta",
    reads = function (_, data, _, answer)
      assert.equal(10, #data)
      assert.is_number(answer.body.meta.pagination.total)
    end },
  { "POST", at .. "/runs", 201, body = launch_of, wrong = { name = "no template" },
    refused = function (t) return t.carla end,
    reads = function (t, data)
      local run = get(t, "/runs/" .. data.id)
      assert.equal("Hull Cables", run.name)
      assert.same({ 41002 }, run.users)
      assert.equal(5, #get(t, "/runs/" .. data.id .. "/tasks"))
    end },
  { "GET", one_run, 200, at = nora, query = "with=tasks.threads,tasks.form_fields,checklist.steps,assets,stages",
    reads = function (_, data)
      assert.equal("Employee onboarding", data.checklist.data.title)
      assert.is_true(#data.tasks.data > 4)
    end },
  { "PUT", one_run, 200, at = nora, role = "standard", body = { name = "Nora joins", users = { 41002 } },
    wrong = { name = ("x"):rep(551) },
    reads = function (t, data)
      assert.equal("Nora joins", get(t, "/runs/" .. data.id).name)
      assert.same({ 41002 }, get(t, "/runs/" .. data.id).users)
    end },
  { "DELETE", one_run, 200, at = nora, role = "standard",
    reads = function (t, data)
      assert.equal("archived", data.status)
      assert.is_string(get(t, "/runs/" .. data.id).archived_at)
    end },
  { "PUT", one_run .. "/activate", 200, at = archived, role = "standard", no_body = "takes no body",
    reads = function (t, data)
      assert.equal("active", get(t, "/runs/" .. data.id).status)
      assert.equal(422, t.amelia:put(at .. "/runs/" .. data.id .. "/activate").status)
    end },
  { "DELETE", one_run .. "/delete", 200, at = archived, role = "admin",
    reads = function (t, _, where)
      has_nothing(t, "/runs/" .. where.run_id)
      assert.equal(422, t.amelia:delete(at .. "/runs/" .. t:run("Tomas Varga").id .. "/delete").status)
    end },
  { "POST", one_run .. "/complete-prerun", 200, at = nora, no_body = "takes no body",
    refused = function (t, where)
      t.amelia:post(at .. "/runs/" .. where.run_id .. "/comment", { content = "@[41003]" }) -- lets Carla see it
      return t.carla
    end,
    reads = function (t, data) assert.equal("complete", get(t, "/runs/" .. data.id).prerun_status) end },
  { "DELETE", one_run .. "/complete-prerun", 200, at = nora,
    refused = function (t, where)
      t.amelia:post(at .. "/runs/" .. where.run_id .. "/comment", { content = "@[41003]" })
      return t.carla
    end,
    reads = function (t, data)
      local run = get(t, "/runs/" .. data.id)
      assert.equal("incomplete", run.prerun_status)
      assert.equal(t.null, run.prerun_completed_at)
    end },
  { "POST", one_run .. "/export", 200, at = nora, no_body = "takes no body",
    reads = function (_, data) assert.is_table(data.tasks.data[1].form_fields) end },
  { "GET", one_run .. "/form-fields", 200, at = nora,
    reads = function (_, data)
      assert.is_string(data.form_fields[1].task_id)
      assert.equal("Nora Lindgren", data.ko_form_fields[1].field_value)
    end },
  { "POST", one_run .. "/comment", 200, at = nora, body = { content = "<p>Welcome pack is ready</p>" }, wrong = {},
    reads = function (t, data, where)
      local threads = get(t, "/runs/" .. where.run_id .. "?with=threads").threads.data
      assert.equal(data.id, threads[#threads].id)
    end },
  { "POST", one_run .. "/problem", 200, at = nora, body = { content = "<p>The contract is void</p>" }, wrong = {},
    reads = function (t, _, where)
      local run = get(t, "/runs/" .. where.run_id)
      assert.equal("issue", run.status)
      assert.is_true(run.has_open_issue)
    end },
  { "POST", one_run .. "/resolved-threads", 200,
    at = function (t)
      local where = nora(t)
      where.issue = t.amelia:post(at .. "/runs/" .. where.run_id .. "/problem", { content = "x" }).body.data.id
      return where
    end,
    body = function (_, where) return { thread_id = where.issue, content = "<p>Signed again</p>" } end,
    wrong = { thread_id = "none", content = "x" },
    reads = function (t, data, where)
      assert.equal("active", get(t, "/runs/" .. where.run_id).status)
      assert.equal("resolve", data.label)
    end },
}

-- Tasks of processes
local tasks_of_runs = {
  { "GET", one_run .. "/tasks", 200, at = nora, query = "with=step,form_fields,threads&sort=-position",
    reads = function (_, data) assert.equal(6, data[1].position) end },
  { "GET", one_run .. "/tasks/{task_id}", 200, at = in_nora "Prepare equipment", query = "with=run.checklist,step,"
    .. "form_fields,ko-form-fields,tags,threads,issues,assets,activities,threads_count,roles,folders",
    reads = function (_, data) assert.equal("Employee onboarding", data.run.data.checklist.data.title) end },
  { "PUT", one_run .. "/tasks/{task_id}", 200, at = in_nora "Prepare equipment",
    body = function (t)
      return { title = "Prepare the laptop", owners = { users = { 41006 } },
        taskdata = { [field(t, "Prepare equipment", "Laptop model")] = { id = 2, text = "Pro 14" } } }
    end,
    wrong = function (t) return { taskdata = { [field(t, "Prepare equipment", "Laptop model")] = "Pro 14" } } end,
    reads = function (t, _, where)
      local task = get(t, "/runs/" .. where.run_id .. "/tasks/" .. where.task_id)
      assert.equal("Prepare the laptop", task.title)
      assert.same({ 41006 }, task.owners.users)
      assert.same({ id = 2, text = "Pro 14" }, task.taskdata[field(t, "Prepare equipment", "Laptop model")])
    end },
  { "POST", one_run .. "/completed-tasks", 200, at = in_nora "Welcome",
    body = function (_, where) return { task_id = where.task_id } end, wrong = {},
    reads = function (t, data, where)
      assert.same({}, data.tasks_changed_by_rules)
      assert.equal("completed", get(t, "/runs/" .. where.run_id .. "/tasks/" .. where.task_id).status)
    end },
  { "DELETE", one_run .. "/completed-tasks/{task_id}", 200, at = in_nora "Collect signed documents",
    reads = function (t, _, where)
      local task = get(t, "/runs/" .. where.run_id .. "/tasks/" .. where.task_id)
      assert.equal("in-progress", task.status)
      assert.equal(t.null, task.completed_at)
    end },
}

-- One-off tasks, and what serves both kinds
local errand = { title = "Buy tape", task_type = "task", deadline = "2026-12-02 12:00:00",
  owners = { users = { 41003 }, guests = {}, groups = {} }, summary = "<p>Brown, 50 mm</p>" }

local one_offs = {
  { "GET", at .. "/tasks", 200, query = "sort=-deadline&status=incomplete&with=run", reads = function (_, data)
    assert.equal(10, #data)
  end },
  { "POST", at .. "/tasks", 201, role = "standard", body = errand, wrong = { title = "Buy tape" },
    reads = function (t, data)
      local task = get(t, "/tasks/" .. data.id)
      assert.equal("<p>Brown, 50 mm</p>", task.summary)
      assert.same({ 41003 }, task.owners.users)
    end },
  { "GET", one_task, 200, at = shelf, query = "with=threads" },
  { "PUT", one_task, 200, at = shelf, body = errand, wrong = { title = "Only a title" },
    reads = function (t, _, where) assert.equal("Buy tape", get(t, "/tasks/" .. where.task_id).title) end },
  { "DELETE", one_task, 204, at = shelf,
    reads = function (t, _, where) assert.is_string(get(t, "/tasks/" .. where.task_id).archived_at) end },
  { "PUT", one_task .. "/restore", 200, at = archived_shelf, no_body = "takes no body",
    reads = function (t, _, where)
      assert.equal(t.null, get(t, "/tasks/" .. where.task_id).archived_at)
      assert.equal(422, t.amelia:put(at .. "/tasks/" .. where.task_id .. "/restore").status)
    end },
  { "DELETE", one_task .. "/delete", 204, at = shelf,
    reads = function (t, _, where) has_nothing(t, "/tasks/" .. where.task_id) end },
  { "POST", one_task .. "/clone", 201, at = shelf, role = "standard", no_body = "takes no body",
    reads = function (t, data, where)
      assert.not_equal(where.task_id, data.id)
      assert.equal("Label the returns shelf", get(t, "/tasks/" .. data.id).title)
      local step_task = t:task("Prepare equipment", "Nora Lindgren").id
      assert.equal(422, t.amelia:post(at .. "/tasks/" .. step_task .. "/clone").status)
    end },
  { "POST", at .. "/completed-tasks", 200, at = shelf, wrong = {},
    body = function (_, where) return { task_id = where.task_id } end,
    reads = function (t, data, where)
      assert.is_nil(data.tasks_changed_by_rules)
      assert.equal("completed", get(t, "/tasks/" .. where.task_id).status)
    end },
  { "DELETE", at .. "/completed-tasks/{task_id}", 200,
    at = function (t)
      local where = shelf(t)
      t.amelia:post(at .. "/completed-tasks", where)
      return where
    end,
    reads = function (t, _, where) assert.equal("in-progress", get(t, "/tasks/" .. where.task_id).status) end },
  { "POST", one_task .. "/captures", 200, at = in_nora "Prepare equipment",
    body = function (t) return { id = field(t, "Prepare equipment", "Laptop model"), value = { id = 1, text = "Light 13" } } end,
    wrong = { id = "none", value = 1 },
    reads = function (t, data, where)
      assert.same({ id = 1, text = "Light 13" }, data.field_value)
      assert.same(data.field_value, get(t, "/tasks/" .. where.task_id).taskdata[data.id])
    end },
  { "PUT", at .. "/form-field/value", 200,
    at = function (t)
      local where = in_nora "Prepare equipment"(t)
      where.field = field(t, "Prepare equipment", "Laptop model")
      t.amelia:post(at .. "/tasks/" .. where.task_id .. "/captures", { id = where.field,
        value = { id = 1, text = "Light 13" } })
      return where
    end,
    body = function (_, where) return { id = where.field, form_value = { id = 3, text = "Workstation 16" } } end,
    wrong = { id = "only" },
    reads = function (t, data)
      assert.equal("Workstation 16", get(t, "/tasks/" .. data.task_id).taskdata[data.id].text)
      local extras = t.amelia:put(at .. "/form-field/value", { id = "nothing", form_value = 1 })
      assert.equal(404, extras.status)
    end },
}

-- Comments and issues
local function threads_of(t, where) return get(t, "/tasks/" .. where.task_id .. "?with=threads").threads.data end

local threads = {
  { "POST", one_task .. "/comment", 200, at = shelf, body = { content = "<p>Done by noon</p>", sent_to = { 1 } },
    wrong = { content = "x", label = "shout" },
    reads = function (t, data, where)
      assert.equal("<p>Done by noon</p>", threads_of(t, where)[1].content)
      assert.same({ "hide-for-guests", "comment" }, { data.state, data.label })
      assert.same({}, data.sent_to)
    end },
  { "POST", one_task .. "/bot-comment", 200, at = shelf, body = { content = "<p>Synced</p>" }, wrong = {},
    reads = function (t, _, where) assert.equal(t.null, threads_of(t, where)[1].author) end },
  { "PUT", one_task .. "/comment/{comment_id}", 200, at = commented, body = { content = "<p>y</p>" }, wrong = {},
    refused = function (t) return t.carla end, -- hers is the task, but not the comment
    reads = function (t, _, where) assert.equal("<p>y</p>", threads_of(t, where)[1].content) end },
  { "DELETE", one_task .. "/comment/{comment_id}", 200, at = commented, refused = function (t) return t.carla end,
    reads = function (t, _, where) assert.same({}, threads_of(t, where)) end },
  { "POST", one_task .. "/problem", 200, at = shelf, body = { content = "<p>No labels left</p>" }, wrong = {},
    reads = function (t, data, where)
      assert.is_true(get(t, "/tasks/" .. where.task_id).problem)
      assert.same({ "problem", t.null }, { data.label, data.resolve_id })
    end },
  { "POST", one_task .. "/resolved-threads", 200,
    at = function (t)
      local where = shelf(t)
      where.issue = t.amelia:post(at .. "/tasks/" .. where.task_id .. "/problem", { content = "x" }).body.data.id
      return where
    end,
    body = function (_, where) return { thread_id = where.issue, content = "<p>Found some</p>" } end,
    wrong = { thread_id = "none", content = "x" },
    reads = function (t, data, where)
      assert.is_false(get(t, "/tasks/" .. where.task_id).problem)
      assert.equal(data.id, threads_of(t, where)[1].resolve_id)
    end },
}

-- Files
local form_data = "multipart/form-data; boundary=--cut"

local function upload(parts)
  local text = {}
  for _, part in ipairs(parts) do
    text[#text + 1] = ('----cut\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'):format(part[1],
      part.file and ('; filename="%s"\r\nContent-Type: application/pdf'):format(part.file) or "", part[2])
  end
  return table.concat(text) .. "----cut--\r\n"
end

local function agreement(t)
  return upload {
    { "name", "%PDF-1.4 agreement \0\255", file = "agreement.pdf" }, { "subject_type", "Run" },
    { "subject_id", t:run("Nora Lindgren").id }, { "uploaded_from", "ko_field" }, { "source", "local" },
  }
end

local function kept(t)
  local headers = { ["content-type"] = form_data }
  return { asset_id = t.amelia:post(at .. "/file", agreement(t), headers).body.data.id }
end

local no_file = upload { { "subject_type", "Run" }, { "subject_id", "x" } }

local function is_listed(t, data)
  local assets = get(t, "/runs/" .. t:run("Nora Lindgren").id .. "?with=assets").assets.data
  assert.equal(data.id, assets[1].id)
  assert.equal("agreement.pdf", get(t, "/assets/" .. data.id).filename)
end

local files = {
  { "POST", at .. "/file", 200, body = agreement, content_type = form_data, wrong = no_file, reads = is_listed },
  { "POST", at .. "/assets", 200, body = agreement, content_type = form_data, wrong = no_file, reads = is_listed },
  { "GET", at .. "/assets/{asset_id}", 200, at = kept, reads = function (_, data)
    assert.same({ "Run", 1 }, { data.subject.type, data.version })
  end },
  { "DELETE", at .. "/assets/{asset_id}", 200, at = kept, refused = function (t)
    t.amelia:put(at .. "/runs/" .. t:run("Nora Lindgren").id, { users = { 41003 } })
    return t.carla
  end, reads = function (t, _, where) has_nothing(t, "/assets/" .. where.asset_id) end },
  { "GET", at .. "/file/{asset_id}", 200, at = kept, reads = function (_, _, _, answer)
    assert.equal("application/pdf", answer.content_type)
  end },
  { "GET", at .. "/file/{asset_id}/dl", 200, at = kept, reads = function (_, _, _, answer)
    assert.equal("%PDF-1.4 agreement \0\255", answer.text)
    assert.equal('attachment; filename="agreement.pdf"', answer.headers["Content-Disposition"])
  end },
  { "DELETE", at .. "/file/{asset_id}", 200, at = kept,
    reads = function (t, _, where) has_nothing(t, "/file/" .. where.asset_id .. "/dl") end },
}

local more = {
  { "GET", at .. "/search", 200, query = "search=equipment&on=process,blueprint,task,snippet,capture,step&tags=true",
    reads = function (t, _, _, answer)
      for _, kind in ipairs { "process", "blueprint", "task", "snippet", "capture", "step" } do
        assert.is_table(answer.body[kind].data, kind)
      end
      assert.is_table(t.helper.find(answer.body.step.data, "title", "Prepare equipment"))
    end },
  { "GET", at .. "/activity-feeds", 200, query = "verb=completed&type=Task",
    reads = function (_, data)
      assert.equal(20, #data)
      assert.same({ "completed" }, data[1].verb)
    end },
}

local rows = {}
for _, list in ipairs { runs, tasks_of_runs, one_offs, threads, files, more } do
  table.move(list, 1, #list, #rows + 1, rows)
end
return rows
