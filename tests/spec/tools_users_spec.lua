-- tools_users_spec.lua - members: found by number, address or name; what is sent; what is refused before anything is.
local helper = dofile("tests/spec/tool_helper.lua")
local practice = helper.practice

describe("tools for members", function ()
  local service, amelia, ben

  before_each(function ()
    service = practice.open()
    amelia, ben = helper.person(service, "Amelia"), helper.person(service, "Ben")
  end)

  local function refused(person, file, args, code)
    local result, err = person:run("users/" .. file, args)
    assert.is_nil(result)
    assert.equal(code, err.code, err.message)
    assert.same({}, person.api.written)
    return err
  end

  it("get_organization_users shows every status, compactly", function ()
    local result = assert(amelia:run("users/get_organization_users", { with_groups = true }))
    local hugo = practice.find(result.data.data, "full_name", "Hugo Marsh")
    assert.equal("disabled", hugo.status)
    assert.equal("Warehouse Floor", hugo.groups[1].name)
    assert.is_nil(hugo.groups[1].members)
    assert.is_nil(hugo.profile_pic)
    assert.equal(result.data.meta.total, #result.data.data)
    assert.is_nil(assert(amelia:run("users/get_organization_users", {})).data.data[2].groups)
    assert.match("past the end", amelia:run("users/get_organization_users", { page = 9 }).text)
  end)

  it("get_user takes a number, an address or a name", function ()
    for _, who in ipairs { 41002, "41002", "ben.okonkwo@MARIGOLD.example", "Ben Okonkwo", "ben okonkwo", "Ben" } do
      local result = assert(amelia:run("users/get_user", { user_id = who }))
      assert.equal(41002, result.data.id)
      assert.match("^Ben Okonkwo <ben.okonkwo@marigold.example> %(id 41002%), standard, active%.$", result.text)
    end
    assert.match("users_list", refused(amelia, "get_user", { user_id = "Nobody" }, "not_found").hint)
    refused(amelia, "get_user", { user_id = 7 }, "not_found")
    refused(ben, "get_user", { user_id = 41001 }, "http_403")
  end)

  it("an unclear name is a question", function ()
    local row = { email = "other@marigold.example", first_name = "Ben", last_name = "Okonkwo", role = "light" }
    assert(amelia:run("users/invite_user_to_organization", row))
    assert.match("other@marigold.example", refused(amelia, "get_user", { user_id = "Ben Okonkwo" }, "ambiguous").message)
  end)

  it("invite_user_to_organization sends trimmed names and says who has the address already", function ()
    local result = assert(amelia:run("users/invite_user_to_organization", { email = "new@marigold.example",
      first_name = " Nia ", last_name = "Owusu", message = "Welcome" }))
    assert.same({ email = "new@marigold.example", first_name = "Nia", last_name = "Owusu", role = "light",
      message = "Welcome" }, amelia.api.written[1].body)
    assert.equal("invited", result.data.status)
    assert(amelia:run("users/invite_user_to_organization", { email = "b@marigold.example", first_name = "B", last_name = "C" }))
    assert.same({ email = "b@marigold.example", first_name = "B", last_name = "C", role = "light", message = helper.json.null },
      amelia.api.written[1].body)
    local _, err = amelia:run("users/invite_user_to_organization", { email = "hugo.marsh@marigold.example",
      first_name = "Hugo", last_name = "Marsh" })
    assert.equal("already_exists", err.code)
    assert.match("enable_user", err.hint)
    _, err = ben:run("users/invite_user_to_organization", { email = "boss@marigold.example", first_name = "A",
      last_name = "B", role = "admin" })
    assert.same({ "refused", "role" }, { err.code, err.field })
    assert.match("change_user_role", err.hint)
    assert.same({}, ben.api.written)
    assert(service:handle { method = "PUT", path = "/practice/switches", query = "", headers = { host = "practice.local" },
      body = '{"full_seats":true}' }.status == 200)
    _, err = amelia:run("users/invite_user_to_organization", { email = "x@marigold.example", first_name = "A", last_name = "B" })
    assert.equal(409, err.status)
  end)

  it("change_user_role sends once, and nothing when it is so already", function ()
    local result = assert(amelia:run("users/change_user_role", { user_id = "Carla Duarte", role = "standard" }))
    assert.equal("Carla Duarte is standard now, was light.", result.text)
    assert.same({ role = "standard" }, amelia.api.written[1].body)
    assert.match("^Nothing to change", amelia:run("users/change_user_role", { user_id = 41003, role = "standard" }).text)
    assert.same({}, amelia.api.written)
    refused(amelia, "change_user_role", { user_id = "Amelia", role = "light" }, "refused")
    refused(ben, "change_user_role", { user_id = 41003, role = "admin" }, "http_403")
  end)

  it("disable_user tells what is left with them; enable_user undoes it", function ()
    local result = assert(amelia:run("users/disable_user", { user_id = "Ben Okonkwo" }))
    assert.equal("DELETE /organizations/{org}/users/{user_id}/disable", amelia.api.written[1].line)
    assert.equal(41002, amelia.api.written[1].params.user_id)
    assert.match("^Disabled: Ben Okonkwo%. %d+ open tasks? still assigned to them%. They are still on 7 steps of templates: ",
      result.text)
    assert.match('"Place the order" of "Purchase request"', result.text)
    assert.equal(7, #result.data.template_steps)
    assert.equal("Employee onboarding", result.data.template_steps[1].template)
    assert.truthy(result.data.open_tasks > 0)
    assert.match("^Nothing to change", amelia:run("users/disable_user", { user_id = 41002 }).text)
    assert.match("^Enabled: Ben", assert(amelia:run("users/enable_user", { user_id = "ben okonkwo" })).text)
    assert.equal("PUT /organizations/{org}/users/{user_id}/enable", amelia.api.written[1].line)
    assert.match("^Nothing to change", amelia:run("users/enable_user", { user_id = "Isla Byrne" }).text)
    assert.same({}, amelia.api.written)
  end)

  it("disable_user refuses oneself and the default administrator", function ()
    refused(amelia, "disable_user", { user_id = 41001 }, "refused")
    local greta = assert(amelia:run("users/get_user", { user_id = "Greta Lindqvist" })).data
    amelia.call.user.id = greta.id
    assert.match("shut yourself out", refused(amelia, "disable_user", { user_id = greta.id }, "refused").message)
  end)

  it("what is left that cannot be read does not stop disable_user", function ()
    amelia.api.fail = function (_, path)
      return (path:match("/tasks$") or path:match("/checklists$")) and { status = 500, body = { message = "no" } } or nil
    end
    assert.equal("Disabled: Carla Duarte.", assert(amelia:run("users/disable_user", { user_id = 41003 })).text)
  end)
end)
