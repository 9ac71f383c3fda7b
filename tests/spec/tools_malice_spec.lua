-- tools_malice_spec.lua - texts that no name has, where a name is taken: a refusal that says so, never a fault of the tool.
local helper = dofile("tests/spec/tool_helper.lua")
local practice = helper.practice

describe("texts that are no names", function ()
  local amelia

  before_each(function ()
    amelia = helper.person(practice.open(), "Amelia")
    -- As the host does: a request cannot carry these, and it is the tool's fault to send them.
    local send = amelia.api.send
    function amelia.api:send(method, path, params)
      for name, value in pairs(params or {}) do
        if name == "query" then
          for key, text in pairs(value) do assert(not tostring(text):find("\0", 1, true), key .. " holds a NUL byte") end
        elseif name ~= "body" then
          for part in (tostring(value) .. "/"):gmatch("([^/]*)/") do
            assert(part ~= "" and part ~= "." and part ~= "..", name .. " is a path")
          end
        end
      end
      return send(self, method, path, params)
    end
  end)

  local function refused(file, args, code)
    local result, err = amelia:run(file, args)
    assert.is_nil(result)
    if err.code ~= "ambiguous" then assert.equal(code, err.code, err.message) end -- what is left of it may be in many names
    assert.same({}, amelia.api.written)
  end

  for _, text in ipairs { "\0a", "a\0", "../..", "a/../b@x.example", ".", "..", "%s%d", "(.*" } do
    it(("%q names nothing"):format(text), function ()
      refused("processes/archive_process", { run_id = text }, "not_found")
      refused("templates/delete_template", { template_id = text }, "not_found")
      refused("tasks/complete_task", { task_id = text }, "not_found")
      refused("groups/delete_group", { group_id = text }, "not_found")
      refused("tags/delete_tag", { tag_id = text }, "not_found")
      refused("folders/delete_folder", { folder_id = text }, "not_found")
      refused("users/disable_user", { user_id = text }, "not_found")
      refused("guests/disable_guest", { email = text }, "not_found")
      refused("tasks/get_guest_tasks", { guest_id = text, sort_by = "newest", status = "all" }, "not_found")
      assert(amelia:run("groups/get_groups", { q = text }))
      assert(amelia:run("search/search_for_tasks", { query = text, page = 1, per_page = 5 }))
      assert(amelia:run("search/search_all", { query = text, page = 1, per_page = 5 }))
    end)
  end

  it("an address that no path can carry makes no guest", function ()
    refused("guests/create_guest", { email = "a/../b@x.example", first_name = "A", last_name = "B" }, "invalid_value")
  end)
end)
