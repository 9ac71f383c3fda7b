-- Rows of practice_routes_spec.lua: signing in, the organisation, members, guests, groups, tags, folders, custom
-- fields, snippets, watchers, and the connector's helper routes.
local assert = require "luassert"
local at = "/organizations/{org}"

local function set(values)
  return function () return values end
end

-- true or nil
local function holds(list, wanted)
  for _, value in ipairs(list) do
    if value == wanted then return true end
  end
  return nil
end

local function me(t) return t.amelia:get("/me").body.data end
local function user(t, id) return t.amelia:get(at .. "/users/" .. id) end
local function guest(t, email) return t.amelia:get(at .. "/guests/" .. email) end

local function carla() return { user_id = 41003 } end
local function hugo() return { user_id = 41008 } end -- disabled
local function brandt() return { email = "j.brandt@supplier-gmbh.example" } end

local function assert_user(t, id, key, value)
  assert.equal(value, user(t, id).body.data[key])
end

-- The token of Marigold's application.
local function application(t)
  local answer = t.amelia:post("/oauth/token",
    "grant_type=client_credentials&scope=*&client_id=4001&client_secret=practice-application-marigold")
  return "Bearer " .. answer.body.access_token
end

local profile = { first_name = "Carla", last_name = "Duarte-Silva", timezone = "Europe/Madrid" }

local rows = {
  { "POST", "/oauth/token", 200, open = true, form = true,
    body = "grant_type=password&client_id=4001&client_secret=practice-application-marigold"
      .. "&username=ben.okonkwo@marigold.example&password=practice",
    wrong = { grant_type = "password" }, wrong_status = 400,
    reads = function (t, _, _, answer)
      local headers = { authorization = "Bearer " .. answer.body.access_token }
      assert.equal("Ben Okonkwo", t.amelia:get("/me", headers).body.data.full_name)
      local refreshed = t.amelia:post("/oauth/token", "grant_type=refresh_token&client_id=4001"
        .. "&client_secret=practice-application-marigold&refresh_token=" .. answer.body.refresh_token)
      assert.equal(200, refreshed.status)
      assert.not_equal(answer.body.refresh_token, refreshed.body.refresh_token)
    end },
  { "GET", "/oauth/authorize", 302, open = true,
    query = "client_id=4001&response_type=code&redirect_uri=https%3A%2F%2Fapp.example%2Fback&state=s1",
    reads = function (t, _, _, answer)
      local code = answer.headers.Location:match("^https://app.example/back%?code=(.-)&state=s1$")
      local token = t.amelia:post("/oauth/token", "grant_type=authorization_code&client_id=4001&client_secret="
        .. "practice-application-marigold&redirect_uri=https%3A%2F%2Fapp.example%2Fback&code=" .. code)
      assert.equal(200, token.status)
    end },
  { "POST", "/applications/{org}/users", 200, token = application,
    body = { email = "new.hand@marigold.example", first_name = "New", last_name = "Hand" },
    wrong = { email = "ben.okonkwo@marigold.example", first_name = "B", last_name = "O" },
    refused = function (t)
      t.amelia.org = t.ines.org
      return t.amelia
    end,
    reads = function (t, data) assert.equal("light", user(t, data.id).body.data.role) end },
  { "POST", "/applications/{org}/users/{email}/token", 200, token = application,
    at = set { email = "carla.duarte@marigold.example" }, no_body = "takes no body",
    refused = function (t)
      t.amelia.org = t.ines.org
      return t.amelia
    end,
    reads = function (t, _, _, answer)
      assert.equal(7776000, answer.body.expires_in)
      local headers = { authorization = "Bearer " .. answer.body.access_token }
      assert.equal("Carla Duarte", t.amelia:get("/me", headers).body.data.full_name)
    end },
  { "GET", "/docs/index", 200, reads = function (_, _, _, answer)
    assert.equal("2.0", answer.body.swagger)
    assert.is_table(answer.body.paths["/organizations/{org}/runs"].post)
  end },
  { "GET", "/health", 200, open = true },

  { "GET", "/me", 200, reads = function (_, data) assert.equal("Amelia Hartmann", data.full_name) end },
  { "GET", "/me/organizations", 200, reads = function (_, data) assert.equal("admin", data[1].user_role) end },
  { "GET", at .. "/me", 200 },
  { "PUT", at .. "/me", 200, body = { phone = "+44 113 496 0001", job_title = "COO" },
    wrong = { phone = ("1"):rep(21) },
    reads = function (t) assert.equal("COO", me(t).job_title) end },
  { "GET", at, 200, reads = function (_, data) assert.equal("Marigold Logistics", data.name) end },
  { "PUT", at, 200, role = "admin", body = { name = "Marigold & Sons", address2 = "Floor 3", odd = 1 },
    wrong = { timezone = "nowhere" },
    reads = function (t)
      local now = t.amelia:get(at).body.data
      assert.equal("Marigold & Sons", now.name)
      assert.equal("Floor 3", now.address2)
      assert.equal("Leeds", now.city)
    end },
  { "GET", "/current-user/{user_id}/organizations", 200, at = set { user_id = 41001 }, missing = false,
    why_never = "whoever it is, it is somebody else: 403", refused = function (t) return t.ben end,
    reads = function (_, data) assert.equal(1, #data) end },
  { "GET", at .. "/me/tasks", 200, reads = function (_, data) assert.is_true(#data > 0) end },

  { "GET", at .. "/users", 200, reads = function (_, data) assert.is_true(#data > 8) end },
  { "GET", at .. "/users-list", 200 },
  { "GET", at .. "/users/{user_id}", 200, at = carla, role = "admin", query = "with=stats,groups,country" },
  { "PUT", at .. "/users/{user_id}", 200, at = carla, role = "admin", body = profile,
    wrong = { first_name = "Carla" },
    reads = function (t)
      assert_user(t, 41003, "last_name", "Duarte-Silva")
      assert_user(t, 41003, "full_name", "Carla Duarte-Silva")
      assert.equal(422, t.amelia:put(at .. "/users/41010", profile).status, "Owen belongs to two organisations")
    end },
  { "POST", at .. "/users/invite", 200, refused = function (t) return t.carla end,
    body = { email = "temp@marigold.example", first_name = "Tom", last_name = "Temp", role = "standard" },
    wrong = { email = "carla.duarte@marigold.example", first_name = "C", last_name = "D" },
    reads = function (t, data)
      assert.equal("invited", data.status)
      assert_user(t, data.id, "role", "standard")
      local grab = { email = "boss@marigold.example", first_name = "B", last_name = "B", role = "admin" }
      assert.equal(403, t.ben:post(at .. "/users/invite", grab).status)
      t.service.world.switches.full_seats = true
      local full = t.amelia:post(at .. "/users/invite", grab)
      assert.equal(409, full.status)
      assert.equal("full", full.body.error.details.pool_type)
    end },
  { "PUT", at .. "/users/{user_id}/role", 200, at = carla, role = "admin", body = { role = "standard" },
    wrong = { role = "owner" }, reads = function (t) assert_user(t, 41003, "role", "standard") end },
  { "DELETE", at .. "/users/{user_id}/disable", 200, at = carla, role = "admin",
    reads = function (t)
      assert_user(t, 41003, "status", "disabled")
      assert.equal(403, t.carla:get(at .. "/me").status)
      assert.equal(400, t.amelia:delete(at .. "/users/41001/disable").status)
    end },
  { "PUT", at .. "/users/{user_id}/enable", 200, at = hugo, role = "admin", no_body = "takes no body",
    reads = function (t) assert_user(t, 41008, "status", "active") end },
  { "DELETE", at .. "/users/{user_id}", 200, at = carla, role = "admin", query = "with_reassignment=true&to=41002",
    reads = function (t)
      assert_user(t, 41003, "status", "disabled")
      assert.equal(0, #t.amelia:get(at .. "/users/41003/tasks?status=incomplete&q=label").body.data)
      assert.equal(1, #t.amelia:get(at .. "/users/41002/tasks?status=incomplete&q=label").body.data)
      assert.equal(422, t.amelia:delete(at .. "/users/41002?with_reassignment=true&to=x").status)
    end },
  { "DELETE", at .. "/users/{user_id}/delete", 200, at = hugo, role = "admin",
    reads = function (t)
      assert.equal(404, user(t, 41008).status)
      assert.equal(422, t.amelia:delete(at .. "/users/41003/delete").status)
      assert.is_nil(holds(t:group("Warehouse Floor").members, 41008))
    end },
  { "PUT", at .. "/users/{user_id}/to/guest", 200, at = carla, role = "admin", no_body = "takes no body",
    reads = function (t, data)
      assert.equal("carla.duarte@marigold.example", data.email)
      assert.equal(404, user(t, 41003).status)
      local task = t:task("Label the returns shelf")
      assert.same({ "carla.duarte@marigold.example" }, task.owners.guests)
      assert.same({}, task.owners.users)
    end },
  { "GET", at .. "/users/{user_id}/tasks", 200, at = carla,
    reads = function (_, _, _, answer) assert.is_number(answer.body.meta.overdue_tasks) end },

  { "POST", at .. "/users/{user_id}/add-watcher", 200, at = set { user_id = 41001 }, role = "admin",
    missing = 403, -- whoever it is, it is not oneself
    body = function (t)
      return { object_type = "organization", object_id = t.amelia.org, notification_type = "webhook",
        frequency = "electric", webhook = "https://hooks.example/org" }
    end,
    wrong = { object_type = "organization", notification_type = "webhook", webhook = "ftp://x" },
    reads = function (t, data)
      local list = t.amelia:get(at .. "/watchers?notification=webhook").body.data
      assert.equal("https://hooks.example/org", t.helper.find(list, "id", data.id).webhook)
    end },
  { "DELETE", at .. "/remove-watcher/{watcher_id}", 200, role = "admin",
    at = function (t)
      return { watcher_id = t.amelia:post(at .. "/users/41001/add-watcher", {
        object_type = "organization", object_id = t.amelia.org, notification_type = "webhook",
        webhook = "https://hooks.example/org",
      }).body.data.id }
    end,
    reads = function (t) assert.same({}, t.amelia:get(at .. "/watchers").body.data) end },
  { "GET", at .. "/watchers", 200, role = "admin" },

  { "GET", at .. "/guests", 200, query = "with=stats",
    reads = function (_, data) assert.is_number(data[1].stats.assigned_tasks) end },
  { "GET", at .. "/guests-list", 200 },
  { "POST", at .. "/guests", 201, role = "standard",
    body = { email = "mia@printshop.example", first_name = "Mia", phone_1 = "+44 20", phone = "dropped" },
    wrong = { email = "no address" },
    reads = function (t)
      local now = guest(t, "mia@printshop.example").body.data
      assert.equal("+44 20", now.details.phone_1)
      assert.equal("Mia", now.first_name)
      assert.equal(422, t.amelia:post(at .. "/guests", { email = "ben.okonkwo@marigold.example" }).status)
    end },
  { "GET", at .. "/guests/{email}", 200, at = brandt, reads = function (t)
    t.service.world.switches.guest_created_status = true
    assert.equal(201, guest(t, brandt().email).status)
  end },
  { "PUT", at .. "/guests/{email}", 201, at = brandt, role = "standard",
    body = { associated_members = { 41002, 41004 }, first_name = "Ignored", email = "other@x.example" },
    wrong = { associated_members = { 1 } },
    reads = function (t)
      local now = guest(t, brandt().email).body.data
      assert.same({ 41002, 41004 }, now.details.associated_members)
      assert.equal("Jonas", now.first_name)
    end },
  { "DELETE", at .. "/guests/{email}", 200, at = brandt, role = "standard", missing = 422,
    reads = function (t)
      assert.equal(404, guest(t, brandt().email).status)
      local tasks = t.amelia:get(at .. "/tasks?without_pagination=true").body.data
      for _, task in ipairs(tasks) do assert.is_nil(holds(task.owners.guests, brandt().email)) end
    end },
  { "PUT", at .. "/guests/{email}/enable", 200, role = "standard", no_body = "takes no body",
    at = function (t)
      t.amelia:post(at .. "/guests", { email = "mia@printshop.example" })
      t.amelia:delete(at .. "/guests/mia@printshop.example/disable")
      return { email = "mia@printshop.example" }
    end,
    reads = function (t)
      local details = guest(t, "mia@printshop.example").body.data.details
      assert.equal(t.null, details.disabled_at)
      assert.equal(41001, details.reactivated_by)
    end },
  { "DELETE", at .. "/guests/{email}/disable", 200, role = "standard",
    at = function (t)
      t.amelia:post(at .. "/guests", { email = "mia@printshop.example" })
      return { email = "mia@printshop.example" }
    end,
    reads = function (t)
      assert.is_string(guest(t, "mia@printshop.example").body.data.details.disabled_at)
      assert.equal(403, t.amelia:delete(at .. "/guests/" .. brandt().email .. "/disable").status)
    end },
  { "POST", at .. "/guests/{email}/to/member", 200, at = brandt, role = "admin", body = {},
    wrong = { role = "king" },
    reads = function (t, data)
      assert.equal("light", data.role)
      assert.equal(404, guest(t, brandt().email).status)
      assert.is_true(#t.amelia:get(at .. "/users/" .. data.id .. "/tasks").body.data > 0)
    end },
  { "GET", at .. "/guests/{guest_id}/tasks", 200, query = "per_page=3",
    at = function (t) return { guest_id = guest(t, brandt().email).body.data.guest_code } end,
    reads = function (_, data, _, answer)
      assert.is_true(#data > 0)
      assert.equal(10, answer.body.meta.pagination.per_page)
    end },
  { "POST", at .. "/guests/{email}/form-field/value", 200, at = brandt, role = "standard",
    body = function (t)
      return { id = t:step("Ship equipment to home address", t:template("Employee onboarding")).captures[1].id,
        form_value = "Large" }
    end,
    wrong = function (t)
      return { id = t:step("Ship equipment to home address", t:template("Employee onboarding")).captures[1].id,
        form_value = "Gigantic" }
    end,
    reads = function (t, data)
      local task = t.amelia:get(at .. "/tasks/" .. data.task_id).body.data
      assert.equal("Large", task.taskdata[data.id])
    end },

  { "GET", at .. "/groups", 200, query = "with=users" },
  { "POST", at .. "/groups", 201, role = "manage_groups",
    body = { name = "Night shift", description = "After ten", members = { "41003" }, guests = { "a@b.example" } },
    wrong = { name = "warehouse floor", description = "taken" },
    reads = function (t, data)
      local now = t.amelia:get(at .. "/groups/" .. data.id).body.data
      assert.same({ 41003 }, now.members)
      assert.same({ "a@b.example" }, now.guests)
      assert.equal(403, t.ben:post(at .. "/groups", { name = "x", description = "y" }).status)
      assert.equal(201, t.helper.client(t.service, "Jonas"):post(at .. "/groups",
        { name = "x", description = "y" }).status, "Juniper lets standard members manage groups")
    end },
  { "GET", at .. "/groups/{group_id}", 200,
    at = function (t) return { group_id = t:group("Warehouse Floor").id } end },
  { "PUT", at .. "/groups/{group_id}", 201, role = "manage_groups",
    at = function (t) return { group_id = t:group("Warehouse Floor").id } end,
    body = { description = "Leeds only", guests = {} }, wrong = { name = "No description" },
    reads = function (t, _, where)
      local now = t.amelia:get(at .. "/groups/" .. where.group_id).body.data
      assert.equal("Leeds only", now.description)
      assert.equal("Warehouse Floor", now.name)
      assert.same({ 41003, 41008 }, now.members)
      t.service.world.switches.groups_detach = true
      assert.same({}, t.amelia:put(at .. "/groups/" .. where.group_id, { description = "x" }).body.data.members)
    end },
  { "DELETE", at .. "/groups/{group_id}", 204, role = "manage_groups",
    at = function (t) return { group_id = t:group("Warehouse Floor").id } end,
    reads = function (t, _, where)
      assert.equal(404, t.amelia:get(at .. "/groups/" .. where.group_id).status)
      for _, task in ipairs(t.amelia:get(at .. "/tasks?without_pagination=true").body.data) do
        assert.is_nil(holds(task.owners.groups, where.group_id))
      end
      local step = t:step("Inspect the forklift trucks", t:template("Warehouse safety walk"))
      assert.same({}, step.groups)
    end },

  { "GET", at .. "/tags", 200, query = "with=statistics",
    reads = function (t, data)
      assert.is_nil(t.helper.find(data, "title", "Vendor approval"))
      assert.equal(1, t.helper.find(data, "title", "Onboarding").statistics.data.active_template)
    end },
  { "POST", at .. "/tags", 201, role = "standard", body = { title = "Fragile" },
    wrong = { title = "URGENT" },
    reads = function (t, data)
      assert.matches("^#%x+$", t.amelia:get(at .. "/tags/" .. data.id).body.data.color)
    end },
  { "GET", at .. "/tags/{tag_id}", 200, at = function (t) return { tag_id = t:tag("Urgent").id } end },
  { "PUT", at .. "/tags/{tag_id}", 200, role = "standard",
    at = function (t) return { tag_id = t:tag("Urgent").id } end,
    body = { title = "On fire", color = "#ff0000" }, wrong = { color = "#ff0000" },
    reads = function (t, _, where)
      assert.equal("On fire", t.amelia:get(at .. "/tags/" .. where.tag_id).body.data.title)
    end },
  { "DELETE", at .. "/tags/{tag_id}", 204, role = "standard", missing = 204,
    at = function (t) return { tag_id = t:tag("Onboarding").id } end,
    reads = function (t, _, where)
      assert.equal(404, t.amelia:get(at .. "/tags/" .. where.tag_id).status)
      local id = t:template("Employee onboarding").id
      assert.same({}, t.amelia:get(at .. "/checklists/" .. id .. "?with=tags").body.data.tags.data)
    end },
  { "POST", at .. "/checklists/tags", 200, role = "standard",
    body = function (t)
      return { subject_id = t:template("Monthly close").id, subject_type = "Checklist",
        tag_id = t:tag("Urgent").id, tag_type = "private" }
    end,
    wrong = function (t)
      local old = t.amelia:get(at .. "/checklists?archived=only").body.data[1]
      return { subject_id = old.id, subject_type = "Checklist", tag_id = t:tag("Urgent").id }
    end,
    reads = function (t, data)
      local target = at .. "/checklists/" .. data.subject_id .. "?with=tags"
      assert.equal(data.id, t.amelia:get(target).body.data.tags.data[1].association_id)
      local again = t.amelia:post(at .. "/checklists/tags", { subject_id = data.subject_id,
        subject_type = "Checklist", tag_id = data.tag_id })
      assert.equal(data.id, again.body.data.id)
    end },
  { "DELETE", at .. "/checklists/tags/{association_id}", 204, role = "standard",
    at = function (t)
      local run = t:run("Nora Lindgren")
      local tags = t.amelia:get(at .. "/runs/" .. run.id .. "?with=tags").body.data.tags.data
      return { association_id = tags[1].association_id }
    end,
    reads = function (t)
      local run = t:run("Nora Lindgren")
      assert.same({}, t.amelia:get(at .. "/runs/" .. run.id .. "?with=tags").body.data.tags.data)
    end },

  { "GET", at .. "/folders", 200, query = "with=children" },
  { "POST", at .. "/folders", 201, role = "standard",
    body = function (t) return { name = "Leavers", parent_id = t:folder("People").id } end,
    wrong = function (t) return { name = "Leavers", folder_type = "run", parent_id = t:folder("People").id } end,
    reads = function (t, data)
      assert.equal(2, t.amelia:get(at .. "/folders/" .. data.id).body.data.position)
    end },
  { "GET", at .. "/folders/{folder_id}", 200, at = function (t) return { folder_id = t:folder("People").id } end },
  { "PUT", at .. "/folders/{folder_id}", 200, role = "standard",
    at = function (t) return { folder_id = t:folder("People").id } end,
    body = { name = "Humans", position = 3 },
    wrong = function (t, where)
      local child = t.amelia:get(at .. "/folders?with=children").body.data[1].children.data[1]
      assert.equal(where.folder_id, child.parent_id)
      return { parent_id = child.id }
    end,
    reads = function (t)
      local names = {}
      for i, folder in ipairs(t.amelia:get(at .. "/folders").body.data) do names[i] = folder.name end
      assert.same({ "Finance", "Operations", "Humans" }, names)
    end },
  { "DELETE", at .. "/folders/{folder_id}", 200, role = "standard",
    at = function (t) return { folder_id = t:folder("People").id } end,
    reads = function (t, _, where)
      assert.equal(404, t.amelia:get(at .. "/folders/" .. where.folder_id).status)
      assert.equal("Joiners and leavers", t:folder("Joiners").name)
    end },
  { "POST", at .. "/folders/add-object", 200, role = "standard",
    body = function (t)
      local folder = t.amelia:get(at .. "/folders?folder_type=run").body.data[1]
      return { folder_id = folder.id, subject_id = t:run("Northgate").id, subject_type = "Run" }
    end,
    wrong = function (t)
      return { folder_id = t:folder("People").id, subject_id = t:run("Northgate").id, subject_type = "Run" }
    end,
    reads = function (t, data)
      assert.equal("integer", math.type(data.id))
      local run = t.amelia:get(at .. "/runs/" .. data.subject_id .. "?with=folders").body.data
      assert.equal("Live projects", run.folders.data[1].name)
    end },
  { "DELETE", at .. "/folders-objects/{folder_object_id}", 200, role = "standard",
    at = function (t)
      local folder = t.amelia:get(at .. "/folders?folder_type=run").body.data[1]
      local answer = t.amelia:post(at .. "/folders/add-object",
        { folder_id = folder.id, subject_id = t:run("Northgate").id, subject_type = "Run" })
      return { folder_object_id = answer.body.data.id }
    end,
    reads = function (t)
      local id = t:run("Northgate").id
      assert.same({}, t.amelia:get(at .. "/runs/" .. id .. "?with=folders").body.data.folders.data)
    end },

  { "GET", at .. "/text-templates", 200, reads = function (_, data) assert.is_string(data[1].body) end },
  { "GET", at .. "/custom-field-keys", 200, query = "applies_to=run",
    reads = function (_, data) assert.equal(2, #data) end },
  { "POST", at .. "/custom-field-keys", 201, role = "admin",
    body = { key = "site", applies_to = "run", field_type = "dropdown", options = { "Leeds", "Hull" } },
    wrong = { key = "cost_center", applies_to = "run", field_type = "text" },
    reads = function (t, data)
      local list = t.amelia:get(at .. "/custom-field-keys?q=site").body.data
      assert.equal(data.id, list[1].id)
    end },
}

local function key_id(t, name)
  return { key_id = t.helper.find(t.amelia:get(at .. "/custom-field-keys?per_page=100").body.data, "key", name).id }
end

rows[#rows + 1] = { "PUT", at .. "/custom-field-keys/{key_id}", 200, role = "admin",
  at = function (t) return key_id(t, "cost_center") end,
  body = { is_required = true, key = "never" }, wrong = { is_required = "yes" },
  reads = function (t)
    local key = t.helper.find(t.amelia:get(at .. "/custom-field-keys").body.data, "key", "cost_center")
    assert.is_true(key.is_required)
    local run = t:run("Northgate").id
    assert.equal(422, t.amelia:put(at .. "/runs/" .. run .. "/custom-fields", { custom_fields = {} }).status)
  end }
rows[#rows + 1] = { "DELETE", at .. "/custom-field-keys/{key_id}", 204, role = "admin",
  at = function (t) return key_id(t, "cost_center") end,
  reads = function (t)
    assert.same({}, t.amelia:get(at .. "/custom-field-keys?q=cost").body.data)
    local system = key_id(t, "source_system").key_id
    assert.equal(403, t.amelia:delete(at .. "/custom-field-keys/" .. system).status)
  end }

-- Custom fields: kind, place, values of its placeholders. Each kind gets a key of its own first.
local function capture_place(t)
  local template = t:template("Employee onboarding")
  local step = t:step("Prepare equipment", template)
  return { template_id = template.id, step_id = step.id, field_id = step.captures[1].id }
end

local places = {
  { "run", "/runs/{run_id}", function (t) return { run_id = t:run("Northgate").id } end, single = true },
  { "task", "/runs/{run_id}/tasks/{task_id}", function (t)
    -- Carla launched it and sees the task, which is not hers.
    return { run_id = t:run("Incident").id, task_id = t:task("Inform", "Incident").id }
  end, single = true },
  { "user", "/users/{user_id}", carla, single = true, refused = function (t) return t.ben end },
  { "guest", "/guests/{guest_code}", function (t)
    return { guest_code = guest(t, brandt().email).body.data.guest_code }
  end, single = true },
  { "folder", "/folders/{folder_id}", function (t) return { folder_id = t:folder("People").id } end, single = true },
  { "tag", "/tags/{tag_id}", function (t) return { tag_id = t:tag("Urgent").id } end, single = true },
  { "checklist", "/checklists/{template_id}", function (t)
    return { template_id = t:template("Monthly close").id }
  end },
  { "step", "/checklists/{template_id}/steps/{step_id}", capture_place },
  { "capture", "/checklists/{template_id}/steps/{step_id}/captures/{field_id}", capture_place },
  { "prerun", "/checklists/{template_id}/preruns/{field_id}", function (t)
    local template = t:template("Employee onboarding")
    return { template_id = template.id, field_id = template.prerun[1].id }
  end },
}

for _, place in ipairs(places) do
  local kind, path = place[1], at .. place[2] .. "/custom-fields"
  local function prepared(t)
    for _, key in ipairs { "mark", "note" } do
      t.amelia:post(at .. "/custom-field-keys", { key = key, applies_to = kind, field_type = "text" })
    end
    local where = place[3](t)
    where.key = "mark"
    return where
  end
  local function target(where) return (path:gsub("{([%w_]+)}", function (n) return n ~= "org" and where[n] or nil end)) end
  local function now(t, where) return t.amelia:get(target(where)).body.data end

  rows[#rows + 1] = { "GET", path, 200, at = prepared, reads = function (_, data) assert.is_nil(data.mark) end }
  rows[#rows + 1] = { "PUT", path, 200, at = prepared, role = "standard", refused = place.refused,
    body = { custom_fields = { mark = "A1", note = "first" } }, wrong = { custom_fields = { unknown_key = 1 } },
    reads = function (t, _, where)
      assert.equal("A1", now(t, where).mark)
      t.amelia:put(target(where), { custom_fields = { note = "second" } })
      assert.same({ note = "second" }, now(t, where))
    end }
  if place.single then
    rows[#rows + 1] = { "PATCH", path .. "/{key}", 200, at = prepared, role = "standard", missing = 422,
      refused = place.refused,
      body = { value = "B2" }, wrong = { value = { "a", "list" } },
      reads = function (t, _, where) assert.equal("B2", now(t, where).mark) end }
    rows[#rows + 1] = { "DELETE", path .. "/{key}", 200, role = "standard", refused = place.refused,
      at = function (t)
        local where = prepared(t)
        t.amelia:put(target(where), { custom_fields = { mark = "A1", note = "stays" } })
        return where
      end,
      reads = function (t, _, where) assert.same({ note = "stays" }, now(t, where)) end }
  end
end

local helper_at = "/processes/micro-functions/organizations/{org}"
local function shelf(t) return { task_id = t:task("Label the returns shelf").id, user_id = 41003 } end

rows[#rows + 1] = { "POST", helper_at .. "/tasks", 200, role = "standard",
  body = { name = "From the connector", task_type = "task", deadline = "2026-12-01 12:00:00",
    description = "<p>Text</p>", owners = { users = { 41003 } } },
  wrong = { title = "The wrong name", task_type = "task", deadline = "2026-12-01 12:00:00" },
  reads = function (t, data)
    local task = t.amelia:get(at .. "/tasks/" .. data.id).body.data
    assert.equal("From the connector", task.title)
    assert.equal("<p>Text</p>", task.summary)
  end }
rows[#rows + 1] = { "PUT", helper_at .. "/tasks/{task_id}/edit-deadline", 200, at = shelf,
  body = { Deadline = "2026-12-02 10:00:00" }, wrong = { deadline = "2026-12-02 10:00:00" },
  reads = function (t, _, where)
    assert.equal("2026-12-02T10:00:00Z", t.amelia:get(at .. "/tasks/" .. where.task_id).body.data.deadline)
  end }
rows[#rows + 1] = { "PUT", helper_at .. "/tasks/{task_id}/remove-guest/{email}", 200,
  no_body = "takes no body",
  at = function (t)
    return { task_id = t:task("Ship equipment", "Tomas Varga").id, email = brandt().email }
  end,
  reads = function (t, _, where)
    assert.same({}, t.amelia:get(at .. "/tasks/" .. where.task_id).body.data.owners.guests)
  end }
rows[#rows + 1] = { "PUT", helper_at .. "/tasks/{task_id}/remove-assignee/{user_id}", 200, at = shelf,
  no_body = "takes no body",
  reads = function (t, _, where)
    assert.same({}, t.amelia:get(at .. "/tasks/" .. where.task_id).body.data.owners.users)
  end }
rows[#rows + 1] = { "PUT", helper_at .. "/blueprints/{template_id}/steps/{step_id}/edit-step-type", 200,
  at = capture_place, body = { stepType = "all" }, wrong = { stepType = "some" }, refused = function (t)
    -- Light members see templates that name them.
    t.amelia:put(at .. "/checklists/" .. capture_place(t).template_id,
      { title = "Employee onboarding", users = { 41003 } })
    return t.carla
  end,
  reads = function (t, _, where)
    local target = at .. "/checklists/" .. where.template_id .. "/steps/" .. where.step_id
    assert.is_true(t.amelia:get(target).body.data.everyone_must_complete)
  end }

return rows
