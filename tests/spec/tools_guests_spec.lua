-- tools_guests_spec.lua - guests: found by address or name, no detail lost in silence, refusals that say what to do.
local helper = dofile("tests/spec/tool_helper.lua")
local practice = helper.practice

describe("tools for guests", function ()
  local service, amelia, carla
  local rita = "shift.lead@tempstaff.example"

  before_each(function ()
    service = practice.open()
    amelia, carla = helper.person(service, "Amelia"), helper.person(service, "Carla")
  end)

  local function refused(person, file, args, code)
    local result, err = person:run("guests/" .. file, args)
    assert.is_nil(result)
    assert.equal(code, err.code, err.message)
    assert.same({}, person.api.written)
    return err
  end

  -- Gives the guest nothing to do, so that they can be disabled.
  local function fresh_guest()
    assert(amelia:run("guests/create_guest", { email = "new@else.example", first_name = " Nia ", last_name = "Owusu",
      phone_1 = "+44 1", company_name = "Else" }))
  end

  it("the lists show no links that let anybody in", function ()
    local paged = assert(amelia:run("guests/get_organization_guests", { with_stats = true }))
    local all = assert(amelia:run("guests/get_organization_guests_list"))
    assert.equal(#all.data.data, paged.data.meta.total)
    assert.equal(#all.data.data, all.data.count)
    local row = practice.find(paged.data.data, "email", rita)
    assert.equal("TempStaff", row.details.company_name)
    assert.truthy(row.stats.assigned_tasks)
    assert.is_nil(row.link)
    assert.is_nil(row.guest_code)
    assert.is_nil(assert(amelia:run("guests/get_organization_guests", {})).data.data[1].stats)
  end)

  it("get_guest takes an address or a name", function ()
    for _, who in ipairs { rita, " " .. rita, "Rita Coyle", "rita coyle", "Coyle" } do
      local result = assert(amelia:run("guests/get_guest", { email = who }))
      assert.equal(rita, result.data.email)
      assert.equal(("Rita Coyle <%s>, active."):format(rita), result.text)
      assert.truthy(result.data.link)
    end
    refused(amelia, "get_guest", { email = "Nobody" }, "not_found")
    assert.match("create_guest", refused(amelia, "get_guest", { email = "no@body.example" }, "not_found").hint)
  end)

  it("create_guest sends the keys the API stores", function ()
    fresh_guest()
    assert.same({ email = "new@else.example", first_name = "Nia", last_name = "Owusu", phone_1 = "+44 1",
      company_name = "Else" }, amelia.api.written[1].body)
    assert.equal("+44 1", amelia:run("guests/get_guest", { email = "new@else.example" }).data.details.phone_1)
  end)

  it("create_guest refuses a known guest, whose details would be dropped, and members", function ()
    local args = { email = rita, first_name = "R", last_name = "C", phone_1 = "1" }
    refused(amelia, "create_guest", args, "already_exists")
    args.email = "ben.okonkwo@marigold.example"
    local _, err = amelia:run("guests/create_guest", args)
    assert.equal(422, err.status)
    amelia.api.fail = function (method) return method == "GET" and { status = 500, body = { message = "no" } } or nil end
    args.email = "some@body.example"
    refused(amelia, "create_guest", args, "http_500")
    args.email = "other@body.example"
    _, err = carla:run("guests/create_guest", args)
    assert.equal(403, err.status)
  end)

  it("update_guest replaces the members by id, address or name", function ()
    local result = assert(amelia:run("guests/update_guest", { email = "Rita Coyle",
      associated_members = { 41002, "dev.patel@marigold.example", "Ben Okonkwo" } }))
    assert.same({ email = rita, associated_members = { 41002, 41004 } }, amelia.api.written[1].body)
    assert.match("belongs to 2 members now: 2 added, 1 removed", result.text)
    assert.same({ 41001 }, result.data.removed)
    assert.same({}, assert(amelia:run("guests/update_guest", { email = rita,
      associated_members = helper.json.array() })).data.associated_members)
  end)

  it("update_guest refuses what would change nothing or is nobody", function ()
    assert.match("%[%] clears", refused(amelia, "update_guest", { email = rita }, "missing_value").hint)
    refused(amelia, "update_guest", { email = rita, associated_members = { 7 } }, "not_found")
    refused(amelia, "update_guest", { email = rita, associated_members = { "Ben", "Nobody" } }, "not_found")
    refused(amelia, "update_guest", { email = "x@y.example", associated_members = { 41002 } }, "not_found")
  end)

  it("disable_guest and enable_guest, each only when there is something to do", function ()
    fresh_guest()
    assert.equal("Disabled the guest Nia Owusu <new@else.example>.",
      assert(amelia:run("guests/disable_guest", { email = "Nia Owusu" })).text)
    assert.equal("DELETE /organizations/{org}/guests/{email}/disable", amelia.api.written[1].line)
    assert.match("^Nothing to change", amelia:run("guests/disable_guest", { email = "new@else.example" }).text)
    assert.same({}, amelia.api.written)
    assert.match("enable_guest", refused(amelia, "create_guest", { email = "new@else.example", first_name = "a",
      last_name = "b" }, "already_exists").hint)
    assert.match("^Enabled the guest Nia", amelia:run("guests/enable_guest", { email = "new@else.example" }).text)
    assert.equal("PUT /organizations/{org}/guests/{email}/enable", amelia.api.written[1].line)
    assert.match("^Nothing to change", amelia:run("guests/enable_guest", { email = "new@else.example" }).text)
    refused(amelia, "enable_guest", { email = "who@else.example" }, "not_found")
  end)

  it("disable_guest names the open tasks that stand in the way", function ()
    fresh_guest()
    local task = amelia.client:post("/organizations/{org}/tasks", { title = "Sign the form", deadline = "2026-12-04 16:00:00",
      task_type = "task", owners = { users = {}, guests = { "new@else.example" }, groups = {} } }).body.data
    local _, err = amelia:run("guests/disable_guest", { email = "new@else.example" })
    assert.equal("refused", err.code)
    assert.match(task.id, err.hint, 1, true)
    assert.match("Sign the form", err.hint, 1, true)
  end)
end)
