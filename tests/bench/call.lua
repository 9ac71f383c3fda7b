-- wrk script: POSTs one tools/call over and over. Arguments: tool, session id, key, organisation.
local name, session, key, org

function init(args)
  name, session, key, org = args[1], args[2], args[3], args[4]
  wrk.method = "POST"
  wrk.body = ('{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"%s","arguments":{}}}'):format(name)
  wrk.headers["Content-Type"] = "application/json"
  wrk.headers["Accept"] = "application/json, text/event-stream"
  wrk.headers["Authorization"] = "Bearer " .. key
  wrk.headers["X-Tallyfy-Org-Id"] = org
  wrk.headers["MCP-Protocol-Version"] = "2025-11-25"
  wrk.headers["Mcp-Session-Id"] = session
end

local wrong = 0
function response(status, _, body)
  if status ~= 200 or body:find('"isError":true', 1, true) then wrong = wrong + 1 end
  if wrong == 1 then io.stderr:write("wrong answer: ", status, " ", body:sub(1, 200), "\n") wrong = 2 end
end
