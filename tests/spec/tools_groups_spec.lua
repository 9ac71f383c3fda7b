-- tools_groups_spec.lua - groups: nobody falls out of one by omission, names mean one thing or are a question.
local helper = dofile("tests/spec/tool_helper.lua")
local practice, json = helper.practice, helper.json

describe("tools for groups", function ()
  local service, amelia, ben, floor
  local rita = "shift.lead@tempstaff.example"

  before_each(function ()
    service = practice.open()
    amelia, ben = helper.person(service, "Amelia"), helper.person(service, "Ben")
    floor = practice.find(amelia.client:get("/organizations/{org}/groups?per_page=100").body.data, "name", "Warehouse Floor")
  end)

  local function refused(person, file, args, code)
    local result, err = person:run("groups/" .. file, args)
    assert.is_nil(result)
    assert.equal(code, err.code, err.message)
    assert.same({}, person.api.written)
    return err
  end

  local function now()
    return amelia.client:get("/organizations/{org}/groups/" .. floor.id).body.data
  end

  it("get_groups walks all pages and filters", function ()
    for i = 1, 101 do
      amelia.client:post("/organizations/{org}/groups", { name = "Team " .. i, description = "x" })
    end
    local result = assert(amelia:run("groups/get_groups"))
    assert.equal(104, result.data.count)
    assert.equal(2, #amelia.api.sent)
    assert.equal("1 group.", amelia:run("groups/get_groups", { q = "warehouse" }).text)
    assert.equal("No groups.", amelia:run("groups/get_groups", { q = "zzz" }).text)
  end)

  it("get_group names its people", function ()
    for _, which in ipairs { floor.id, floor.id:upper(), "Warehouse Floor", " warehouse floor" } do
      local result = assert(amelia:run("groups/get_group", { group_id = which }))
      assert.equal("Warehouse Floor: 2 members, 1 guest.", result.text)
      assert.same({ 41003, 41008 }, result.data.members)
      assert.equal("Carla Duarte", result.data.users[1].full_name)
      assert.is_nil(result.data.users[1].job_title)
      assert.same({ rita }, result.data.guests)
    end
    assert.match("Finance Team", refused(amelia, "get_group", { group_id = "Florists" }, "not_found").hint)
    refused(amelia, "get_group", { group_id = ("0"):rep(32) }, "not_found")
  end)

  it("create_group takes names, and refuses who is unknown", function ()
    local result = assert(amelia:run("groups/create_group", { name = " Night shift ", description = "After ten",
      members = { 41003, "Ben Okonkwo" }, guests = { "Rita Coyle" } }))
    assert.same({ name = "Night shift", description = "After ten", members = { 41003, 41002 }, guests = { rita } },
      amelia.api.written[1].body)
    assert.equal("Created the group Night shift: 2 members, 1 guest.", result.text)
    refused(amelia, "create_group", { name = "a", description = "b", members = { "Nobody" } }, "not_found")
    refused(amelia, "create_group", { name = "a", description = "b", guests = { "no@body.example" } }, "not_found")
    local _, err = amelia:run("groups/create_group", { name = "night SHIFT", description = "b" })
    assert.equal(422, err.status)
    _, err = ben:run("groups/create_group", { name = "a", description = "b" })
    assert.equal(403, err.status)
  end)

  it("update_group sends everything, so that nobody falls out", function ()
    service:handle { method = "PUT", path = "/practice/switches", query = "", headers = { host = "practice.local" },
      body = '{"groups_detach":true}' }
    local result = assert(amelia:run("groups/update_group", { group_id = "Warehouse Floor", name = "Floor" }))
    assert.same({ name = "Floor", description = floor.description, members = { 41003, 41008 }, guests = { rita } },
      amelia.api.written[1].body)
    assert.equal("Changed Floor: 2 members, 1 guest (before: 2 members, 1 guest).", result.text)
    assert.same({ 41003, 41008 }, now().members)
    assert(amelia:run("groups/update_group", { group_id = floor.id, members = { "Carla Duarte", "Ben" },
      guests = json.array() }))
    assert.same({ 41003, 41002 }, now().members)
    assert.same({}, now().guests)
    assert.equal(floor.description, now().description)
  end)

  it("update_group refuses when it cannot know", function ()
    assert.match("members", refused(amelia, "update_group", { group_id = floor.id }, "missing_value").hint)
    refused(amelia, "update_group", { group_id = floor.id, members = { "Nobody" } }, "not_found")
    refused(amelia, "update_group", { group_id = floor.id, guests = { "Nobody" } }, "not_found")
    amelia.api.fail = function (method, path)
      if method ~= "GET" or not path:match("group_id}$") then return nil end
      return { status = 200, body = { data = { id = floor.id, name = "Floor", description = "x", members = json.null } } }
    end
    refused(amelia, "update_group", { group_id = floor.id, name = "b" }, "unknown_state")
    amelia.api.fail = function () return { status = 503, body = { message = "later" } } end
    refused(amelia, "update_group", { group_id = floor.id, name = "b" }, "http_503")
  end)

  it("update_group asks for a description where there is none", function ()
    amelia.api.fail = function (method)
      return method == "GET" and { status = 200, body = { data = { id = floor.id, name = "Floor", description = json.null,
        members = json.array(), guests = json.array() } } } or nil
    end
    assert.equal("description", refused(amelia, "update_group", { group_id = floor.id, name = "b" }, "missing_value").field)
  end)

  it("delete_group says what it was", function ()
    local result = assert(amelia:run("groups/delete_group", { group_id = "warehouse floor" }))
    assert.equal("Deleted the group Warehouse Floor, which had 2 members, 1 guest.", result.text)
    assert.equal(floor.id, amelia.api.written[1].params.group_id)
    assert.same({ id = floor.id, name = "Warehouse Floor", deleted = true }, result.data)
    refused(amelia, "delete_group", { group_id = "Warehouse Floor" }, "not_found")
    refused(amelia, "delete_group", { group_id = floor.id }, "not_found")
  end)
end)
