-- files.lua - files by reference (api.md 20): what a file is, its bytes, their pieces in the form a model can use, and a
-- new file. Where files stand in tasks and kick-off forms is in file_fields.lua.
local pick = use "tallyfy.pick"

local files = {}

files.most_text = 20000   -- bytes of a text in one answer: what a model can use
files.most_bytes = 524288 -- bytes of anything else: base64 makes them a third more

local types = {
  pdf = "application/pdf", txt = "text/plain", csv = "text/csv", rtf = "application/rtf", xml = "application/xml",
  png = "image/png", jpg = "image/jpeg", jpeg = "image/jpeg", gif = "image/gif", bmp = "image/bmp", tif = "image/tiff",
  zip = "application/zip", mp4 = "video/mp4", webm = "video/webm", mov = "video/quicktime",
  doc = "application/msword", xls = "application/vnd.ms-excel", ppt = "application/vnd.ms-powerpoint",
  docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  pptx = "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}

-- As documented; another may have been added, so Tallyfy decides and this only helps.
local taken = "xls xlsx ppt pptx doc docx rtf pdf txt mpga mov qt mp4 webm jpg jpeg gif png ai psd zip xml xps dwg csv "
  .. "tif bmp"

function files.type(filename)
  return types[(tostring(filename):match("%.(%w+)$") or ""):lower()] or "application/octet-stream"
end

-- The id in what a file field holds or shows: the id itself, or the address of its download.
function files.id(text)
  local wanted = pick.trimmed(text)
  return wanted:match("/file/([%w_-]+)/?%a*$") or wanted:match("^[%w_-]+$")
end

-- The facts of a file, or nil and the error. <argument> names it in errors.
function files.facts(call, text, argument)
  local id, field = files.id(text), argument or "file_id"
  if not id then
    return nil, { code = "invalid_value", field = field, message = ("%q is no id of a file."):format(text),
      hint = "The values of file fields have it: get_task shows them. A web address can be opened as it is." }
  end
  local asset, err = call.api:get("/organizations/{org}/assets/{asset_id}", { asset_id = id })
  if asset or err.status ~= 404 then return asset, err end
  return nil, { code = "not_found", field = field, message = ("There is no file %s."):format(id),
    hint = "It may be deleted. The values of file fields have the ids: get_task shows them." }
end

-- Its bytes as they are, or nil and the error. The API notes each download in its activity feed.
function files.bytes(call, asset)
  return call.api:download("/organizations/{org}/file/{asset_id}/dl", { asset_id = asset.id })
end

-- The piece of a text from byte <offset> that fits into one answer, and where the next begins (nil at the end).
function files.piece(text, offset)
  if offset >= #text then return "", nil end
  local from = utf8.offset(text, 0, offset + 1)
  if #text - from < files.most_text then return text:sub(from), nil end
  local next_from = utf8.offset(text, 0, from + files.most_text)
  return text:sub(from, next_from - 1), next_from - 1
end

-- What an error of the upload is about, by the arguments of the tool.
local function explained(err, file)
  if err.field == "content" then err.field = file.argument end
  if err.field ~= "name" then return err end
  err.field = "filename"
  if err.status == 422 then err.hint = "Tallyfy takes these kinds: " .. taken .. "." end
  return err
end

-- Stores <file> = { name, content or base64, argument = what errors call it } for a place of file_fields. Gives its facts,
-- which are not in the field yet; or nil and the error.
function files.upload(call, place, file)
  local asset, err = call.api:upload("/organizations/{org}/file", { body = {
    subject_type = place.subject_type, subject_id = place.subject_id, source = "local",
    uploaded_from = place.run and "ko_field" or place.field.id, step_id = place.step_id,
  } }, { name = file.name, type = files.type(file.name), content = file.content, base64 = file.base64 })
  if not asset then return nil, explained(err, file) end
  if pick.is_object(asset) and asset.id then return asset end
  return nil, { code = "unknown_state", message = "Tallyfy took the file, but its answer does not say which it is.",
    hint = "get_task shows what is in the field now." }
end

return files
