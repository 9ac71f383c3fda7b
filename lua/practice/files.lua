-- Files (api.md 20): uploading stores only; the returned object is written into taskdata or prerun by a second
-- call. The bytes are kept in memory, so their sum is bounded.
local access = require "practice.access"
local activity = require "practice.engine.activity"
local answers = require "practice.answers"
local check = require "practice.check"
local lists = require "practice.lists"
local multipart = require "practice.multipart"
local problem = require "practice.problem"
local shapes = require "practice.shapes"

local files = {}

local most_bytes = 256 * 1024 * 1024 -- of all files of one organisation
local most_files = 20000

local extensions = {}
for word in ("xls xlsx ppt pptx doc docx rtf pdf txt mpga mov qt mp4 webm jpg jpeg gif png ai psd zip xml xps dwg csv "
  .. "tif bmp"):gmatch("%S+") do extensions[word] = true end

-- A file name without a path or anything that could end a header.
local function clean(name)
  return (name:gsub("^.*[/\\]", ""):gsub('[%c"]', "_"):sub(1, 180))
end

local subject_of = {
  Run = function (request, id)
    local run = request.organization.runs:get(id)
    return run and access.sees_run(request.organization, request.member, run) and run
  end,
  Task = function (request, id)
    local task = request.organization.tasks:get(id)
    return task and access.sees_task(request.organization, request.member, task) and task
  end,
  Checklist = function (request, id)
    local checklist = request.organization.checklists:get(id)
    return checklist and access.sees_checklist(request.organization, request.member, checklist) and checklist
  end,
  Organization = function (request, id) return id == request.organization.id and request.organization end,
}

local subject_types = { "Run", "Checklist", "Task", "Organization" }

-- "Template" or "Process" as subject_type answers 500 after storing in the real API; here 422 and nothing stored
-- (default chosen).
local function read_subject(request, body)
  local kind = body:required("subject_type") and body:choice("subject_type", subject_types)
  local id = body:required("subject_id") and body:text("subject_id", 64)
  local subject = kind and id and subject_of[kind](request, id)
  if kind and id and not subject then body:fail("subject_id", "The selected subject_id is invalid.") end
  return kind, id, subject
end

local function megabytes(bytes)
  return ("%.0f MB"):format(bytes / 1048576)
end

local function check_upload(request, body, part)
  local name = clean(part.filename or "")
  local extension = name:match("%.(%w+)$")
  if not extension or not extensions[extension:lower()] then
    body:fail("name", "The name must be a file of one of the allowed types, pdf, docx or png for instance.")
  end
  local limit = request.world.switches.upload_bytes
  if #part.text > limit then
    body:fail("name", ("The name may not be greater than %s."):format(megabytes(limit)))
  end
  return name
end

-- source url: the part name holds an address instead of a file.
local function read_file(request, body, part)
  if body.body.source ~= "url" then return check_upload(request, body, part), part.text, nil end
  local url = part.text
  if not url:find("^https?://[%w%[][^%s]*$") or #url > 2000 then
    body:fail("name", "The name must be an http or https address when source is url.")
  end
  return clean(url:match("([^/?#]+)[?#]?[^/]*$") or "link"), "", url
end

-- The step of a capture, where uploaded_from names one of a process.
local function step_of(subject, capture)
  for _, task in ipairs(subject.tasks or { subject }) do
    for _, field in ipairs(task.fields or {}) do
      if field.id == capture then return field.step_id end
    end
  end
end

local function version_of(organization, fields)
  local version = 1
  for _, other in ipairs(organization.assets_by_subject[fields.subject_id] or {}) do
    if other.filename == fields.filename and other.uploaded_from == fields.uploaded_from then
      version = math.max(version, other.version + 1)
    end
  end
  return version
end

-- Puts a file into the organisation's tables; data/ uses it as well.
function files.keep(act, kind, subject, fields)
  local organization = act.organization
  fields.id, fields.created_at = act.world.ids:id("asset"), act.now
  fields.uploaded_by, fields.subject_id, fields.subject_type = act.member.id, subject.id, kind
  fields.version = version_of(organization, fields)
  local by_subject = organization.assets_by_subject
  by_subject[subject.id] = by_subject[subject.id] or {}
  table.insert(by_subject[subject.id], fields)
  organization.asset_bytes = (organization.asset_bytes or 0) + #fields.content
  local kinds = { Run = "run", Checklist = "checklist", Task = "task", Organization = "organization" }
  activity.note(act, "uploaded", kinds[kind], subject, { text = fields.filename })
  return organization.assets:add(fields)
end

local function upload(request)
  local parts = multipart.parse(request.headers["content-type"], request.raw_body)
  local texts = {}
  for name, part in pairs(parts or {}) do texts[name] = part.text end
  local body = check.new(texts)
  local part = parts and parts.name
  if not part then body:fail("name", "The name field is required: send the file as multipart/form-data.") end
  local kind, _, subject = read_subject(request, body)
  local from = body:required("uploaded_from") and body:text("uploaded_from", 64)
  local source = body:choice("source", { "local", "url" }) or "local"
  local system, step = body:text("system", 100), body:text("step_id", 64)
  local filename, content, url
  if part then filename, content, url = read_file(request, body, part) end
  body:done()
  local organization = request.organization
  if (organization.asset_bytes or 0) + #content > most_bytes or organization.assets:count() >= most_files then
    problem.refused(("The practice organisation keeps %s of files: delete some."):format(megabytes(most_bytes)))
  end
  return answers.one(shapes.asset(files.keep(request, kind, subject, {
    filename = filename, content = content, url = url, uploaded_from = from, source = source,
    system = system ~= "" and system or nil, step_id = step or step_of(subject, from),
  })))
end

-- The asset of the path, when its subject is visible; archived ones are only there to be deleted.
local function find(request, archived_too)
  local asset = request.organization.assets:get(request.params.asset_id)
  if not asset or (asset.archived_at and not archived_too) then problem.not_found() end
  if not subject_of[asset.subject_type](request, asset.subject_id) then problem.not_found() end
  return asset
end

local function metadata(request)
  return answers.one(shapes.asset(find(request)))
end

local types = {
  pdf = "application/pdf", txt = "text/plain", csv = "text/csv", png = "image/png", jpg = "image/jpeg",
  jpeg = "image/jpeg", gif = "image/gif",
}

local function bytes(asset, disposition, content_type)
  if asset.url then return { status = 302, headers = { Location = asset.url } } end
  return {
    status = 200, text = asset.content, content_type = content_type,
    headers = { ["Content-Disposition"] = ('%s; filename="%s"'):format(disposition, asset.filename) },
  }
end

local function download(request)
  local asset = find(request)
  local parent = { "organization", request.organization }
  activity.note(request, "downloaded", "organization", request.organization, { text = asset.filename, parent = parent })
  return bytes(asset, "attachment", "application/octet-stream")
end

-- A known defect of the real API: files of the tasks of a process are not found here.
local function inline(request)
  local asset = find(request)
  if asset.step_id then problem.not_found() end
  local extension = (asset.filename:match("%.(%w+)$") or ""):lower()
  return bytes(asset, "inline", types[extension] or "application/octet-stream")
end

local function require_right(request, asset)
  if request.member.role == "light" and asset.uploaded_by ~= request.member.id then problem.forbidden() end
end

local function archive(request)
  local asset = find(request)
  require_right(request, asset)
  asset.archived_at = request.now
  return answers.one(shapes.asset(asset))
end

local function remove(request)
  local asset = find(request, true)
  require_right(request, asset)
  files.forget(request.organization, asset)
  return answers.empty(200)
end

-- Deletes a file for good.
function files.forget(organization, asset)
  organization.assets:remove(asset)
  organization.asset_bytes = organization.asset_bytes - #asset.content
  local list = organization.assets_by_subject[asset.subject_id]
  organization.assets_by_subject[asset.subject_id] = lists.filter(list, function (other) return other ~= asset end)
end

local at = "/organizations/{org}"
files.routes = {
  { "POST", at .. "/file", upload },
  { "POST", at .. "/assets", upload },
  { "GET", at .. "/assets/{asset_id}", metadata },
  { "DELETE", at .. "/assets/{asset_id}", archive },
  { "GET", at .. "/file/{asset_id}", inline },
  { "GET", at .. "/file/{asset_id}/dl", download },
  { "DELETE", at .. "/file/{asset_id}", remove },
}

return files
