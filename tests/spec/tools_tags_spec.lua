-- tools_tags_spec.lua - tags: nothing is attached twice, taken off by the right id, or deleted without a look.
local helper = dofile("tests/spec/tool_helper.lua")
local practice = helper.practice

describe("tools for tags", function ()
  local service, amelia, carla, urgent, onboarding

  before_each(function ()
    service = practice.open()
    amelia, carla = helper.person(service, "Amelia"), helper.person(service, "Carla")
    urgent = practice.find(amelia.client:get("/organizations/{org}/tags?per_page=100").body.data, "title", "Urgent")
    onboarding = amelia.client:template("Employee onboarding")
  end)

  local function refused(person, file, args, code)
    local result, err = person:run("tags/" .. file, args)
    assert.is_nil(result)
    assert.equal(code, err.code, err.message)
    assert.same({}, person.api.written)
    return err
  end

  local function tags_of(path)
    local titles = {}
    for index, tag in ipairs(amelia.client:get("/organizations/{org}/" .. path .. "?with=tags").body.data.tags.data) do
      titles[index] = tag.title
    end
    return table.concat(titles, ",")
  end

  local function switch(text)
    service:handle { method = "PUT", path = "/practice/switches", query = "", headers = { host = "practice.local" },
      body = text }
  end

  local function a_process()
    for _, run in ipairs(amelia.client:get("/organizations/{org}/runs?per_page=100").body.data) do
      if run.checklist_id == onboarding.id then return run end
    end
  end

  it("get_tags counts, filters, pages", function ()
    local result = assert(amelia:run("tags/get_tags", {}))
    assert.equal(3, result.data.meta.total)
    assert.truthy(practice.find(result.data.data, "title", "Urgent").statistics.active_template)
    local made = assert(amelia:run("tags/get_tags", { auto_generated = true }))
    assert.equal("Vendor approval", made.data.data[1].title)
    assert.equal(1, made.data.meta.total)
    assert.equal("Urgent", amelia:run("tags/get_tags", { q = "urg" }).data.data[1].title)
    local second = amelia:run("tags/get_tags", { page = 2, per_page = 2 })
    assert.equal("3 tags, page 2 of 2.", second.text)
    assert.equal("No tags.", amelia:run("tags/get_tags", { q = "zzz" }).text)
  end)

  it("create_tag writes the colour as the API wants it, and names the tag that has the title", function ()
    assert(amelia:run("tags/create_tag", { title = " Legal ", color = "ABC" }))
    assert.same({ title = "Legal", color = "#aabbcc" }, amelia.api.written[1].body)
    refused(amelia, "create_tag", { title = "Other", color = "red" }, "invalid_value")
    local _, err = amelia:run("tags/create_tag", { title = "urgent" })
    assert.equal("already_exists", err.code)
    assert.match(urgent.id, err.message, 1, true)
    _, err = carla:run("tags/create_tag", { title = "Mine" })
    assert.equal(403, err.status)
  end)

  it("update_tag keeps what is left out", function ()
    assert(amelia:run("tags/update_tag", { tag_id = "urgent", color = "#00FF00" }))
    assert.same({ title = "Urgent", color = "#00ff00" }, amelia.api.written[1].body)
    assert(amelia:run("tags/update_tag", { tag_id = urgent.id, title = "Hot" }))
    assert.same({ title = "Hot", color = "#00ff00" }, amelia.api.written[1].body)
    refused(amelia, "update_tag", { tag_id = urgent.id }, "missing_value")
    refused(amelia, "update_tag", { tag_id = urgent.id, color = "#12" }, "invalid_value")
    assert.match("Suppliers", refused(amelia, "update_tag", { tag_id = "Nothing", title = "x" }, "not_found").hint)
    local _, err = amelia:run("tags/update_tag", { tag_id = urgent.id, title = "Suppliers" })
    assert.equal("already_exists", err.code)
  end)

  it("delete_tag says what it was on, and refuses an id that is none", function ()
    local result = assert(amelia:run("tags/delete_tag", { tag_id = "Urgent" }))
    assert.match("^Deleted the tag Urgent%. It was on 1 template and %d+ process", result.text)
    assert.is_true(result.data.deleted)
    assert.equal(urgent.id, amelia.api.written[1].params.tag_id)
    refused(amelia, "delete_tag", { tag_id = urgent.id }, "not_found")
    refused(amelia, "delete_tag", { tag_id = "Urgent" }, "not_found")
  end)

  it("tag_template sends once", function ()
    local args = { template_id = "employee onboarding", tag_id = "Urgent" }
    local result = assert(amelia:run("tags/tag_template", args))
    assert.equal("Tagged Employee onboarding with Urgent.", result.text)
    assert.same({ subject_id = onboarding.id, subject_type = "Checklist", tag_id = urgent.id, tag_type = "private" },
      amelia.api.written[1].body)
    assert.equal("Onboarding,Urgent", tags_of("checklists/" .. onboarding.id))
    local again = assert(amelia:run("tags/tag_template", args))
    assert.match("^Nothing to change", again.text)
    assert.same({}, amelia.api.written)
    assert.equal(result.data.association_id, again.data.association_id)
  end)

  it("untag_template finds the association, in both forms of the answer", function ()
    for _, setting in ipairs { '{"tag_links":false}', '{"tag_links":true}' } do
      switch(setting)
      assert(amelia:run("tags/tag_template", { template_id = onboarding.id, tag_id = urgent.id }))
      local result = assert(amelia:run("tags/untag_template", { tag_id = "Urgent", template_id = "Employee onboarding" }))
      assert.equal("Took the tag Urgent off Employee onboarding.", result.text)
      assert.equal("DELETE /organizations/{org}/checklists/tags/{association_id}", amelia.api.written[1].line)
      switch('{"tag_links":false}')
      assert.equal("Onboarding", tags_of("checklists/" .. onboarding.id))
    end
    assert.match("Onboarding", refused(amelia, "untag_template", { tag_id = "Urgent", template_id = onboarding.id },
      "not_found").hint)
  end)

  it("tag_process and untag_process do the same for processes", function ()
    local run = a_process()
    local result = assert(amelia:run("tags/tag_process", { run_id = run.id, tag_id = "urgent" }))
    assert.equal("Run", amelia.api.written[1].body.subject_type)
    assert.equal(run.id, result.data.run_id)
    assert.match("Urgent", tags_of("runs/" .. run.id))
    assert(amelia:run("tags/untag_process", { run_id = run.name, tag_id = "Urgent" }))
    assert.equal("Onboarding", tags_of("runs/" .. run.id))
    refused(amelia, "untag_process", { run_id = run.id, tag_id = "Urgent" }, "not_found")
  end)

  it("refuses what is archived, unknown or unreadable", function ()
    local run = a_process()
    amelia.client:delete("/organizations/{org}/runs/" .. run.id)
    assert.match("reactivate_process", refused(amelia, "tag_process", { run_id = run.id, tag_id = "Urgent" }, "refused").hint)
    refused(amelia, "tag_process", { run_id = "No such process", tag_id = "Urgent" }, "not_found")
    refused(amelia, "tag_template", { template_id = ("0"):rep(32), tag_id = "Urgent" }, "not_found")
    refused(amelia, "tag_template", { template_id = onboarding.id, tag_id = "Nothing" }, "not_found")
    amelia.api.fail = function (_, path)
      if path:match("subject_id}$") then return { status = 200, body = { data = { id = onboarding.id, title = "x" } } } end
    end
    refused(amelia, "tag_template", { template_id = onboarding.id, tag_id = urgent.id }, "unknown_state")
    refused(amelia, "untag_template", { template_id = onboarding.id, tag_id = urgent.id }, "unknown_state")
  end)
end)
