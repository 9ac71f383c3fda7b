-- raw_routes_spec.lua - the routes that raw calls may reach (core/tallyfy/routes.c) are the documented ones, less those that
-- are left out on purpose.
local left_out = {
  ["POST /oauth/token"] = true, ["GET /oauth/authorize"] = true, ["POST /applications/{org}/users"] = true,
  ["POST /applications/{org}/users/{email}/token"] = true, ["GET /docs/index"] = true, ["GET /health"] = true,
  ["GET /current-user/{user_id}/organizations"] = true, ["POST /organizations/{org}/file"] = true,
  ["POST /organizations/{org}/assets"] = true, ["GET /organizations/{org}/file/{asset_id}/dl"] = true,
}
local methods = { G = "GET", P = "POST", U = "PUT", A = "PATCH", D = "DELETE" }

local function allowed()
  local found = {}
  local text = assert(io.open("core/tallyfy/routes.c")):read("a"):gsub('"%s+"', "") -- pieces of one text
  for path, domain, letters in text:gmatch('{"(/[^"]+)",%s*"(%l+)",%s*([%u |\n]+)}') do
    for letter in letters:gmatch("%u") do found[methods[letter] .. " " .. path] = domain end
  end
  return found
end

describe("the routes of the raw API", function ()
  it("are the documented ones, less what is left out on purpose", function ()
    local found, wrong = allowed(), {}
    for method, path in dofile("tests/spec/data/routes.lua"):gmatch("(%u+)%s+%d+ (%S+)") do
      local route = method .. " " .. path
      if left_out[route] and found[route] then wrong[#wrong + 1] = "must not be there: " .. route end
      if not left_out[route] and not found[route] then wrong[#wrong + 1] = "is missing: " .. route end
      found[route] = nil
    end
    for route in pairs(found) do wrong[#wrong + 1] = "is not documented: " .. route end
    assert.equal("", table.concat(wrong, "\n"))
  end)

  it("are of domains that tools have, so that lists by domain hold for them", function ()
    for route, domain in pairs(allowed()) do
      local folder = io.open("tools.lua.d/" .. domain)
      assert.truthy(folder, route .. " is of the domain " .. domain)
      folder:close()
    end
  end)
end)
