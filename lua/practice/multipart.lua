-- Reads multipart/form-data bodies (RFC 7578): { name = { text, filename? } }. The last part of a name counts.
local multipart = {}

local max_parts = 100

local function parameter(head, name)
  return head:match("[;%s]" .. name .. '="([^"]*)"') or head:match("[;%s]" .. name .. "=([^;%s]+)")
end

-- The parts of <body>, or nil when the content type is another or the body is not what it says.
function multipart.parse(content_type, body)
  if not (content_type or ""):lower():find("^multipart/form%-data") then return nil end
  local boundary = parameter(content_type, "boundary")
  if not boundary or #boundary > 70 then return nil end
  local mark, parts, count = "--" .. boundary, {}, 0
  local _, from = body:find(mark, 1, true)
  while from do
    if body:sub(from + 1, from + 2) == "--" then return parts end
    if body:sub(from + 1, from + 2) ~= "\r\n" or count == max_parts then return nil end
    local head_end, text_from = body:find("\r\n\r\n", from + 1, true)
    if not head_end then return nil end
    local text_end, next_from = body:find("\r\n" .. mark, text_from + 1, true)
    if not text_end then return nil end
    local disposition = body:sub(from + 1, head_end):match("\r\n[Cc]ontent%-[Dd]isposition:([^\r\n]*)")
    local name = disposition and parameter(disposition, "name")
    if not name then return nil end
    count = count + 1
    parts[name] = { text = body:sub(text_from + 1, text_end - 1), filename = parameter(disposition, "filename") }
    from = next_from
  end
  return nil
end

return multipart
