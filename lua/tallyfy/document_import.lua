-- document_import.lua - from a document and perhaps a template to what is to be done: read, checked, matched, planned and
-- compared. Nothing is sent here.
local check, diff, document = use "tallyfy.document_check", use "tallyfy.document_diff", use "tallyfy.document"
local match, pick, plan = use "tallyfy.document_match", use "tallyfy.pick", use "tallyfy.document_plan"
local people, templates = use "tallyfy.document_people", use "tallyfy.templates"

local document_import = {}

-- A template with its document: { template, doc, index }.
function document_import.read(call, reading, text)
  local template, err = templates.one(call, text)
  if not template then return nil, err end
  local doc, index = document.of(reading, template)
  if not doc then return nil, index end
  return { template = template, doc = doc, index = index }
end

-- options: title (of a new template), leave_out (people who are unknown). <target>: of document_import.read, or nil.
-- Gives { before, after, jobs, rows, skipped }; or nil and the error, which lists all that is wrong.
function document_import.prepare(reading, given, target, options)
  local before = target and target.doc or diff.nothing()
  local doc, found = check.read(given, target and before)
  if not doc then return nil, found end
  if options.title and pick.is_object(doc.template) then doc.template.title = pick.trimmed(options.title) end
  if found.count > 0 then return nil, check.error(found) end
  found.leave_out, found.skipped = options.leave_out, json.array()
  local fine, err = people.settle(reading, doc, before, found)
  if not fine then return nil, err end
  match.settle(doc)
  match.align(doc, before, found)
  if found.count > 0 then return nil, check.error(found) end
  local after, changed = match.merged(doc, before)
  local jobs = plan.jobs(reading, before, after, changed, target and target.index, found)
  if found.count > 0 then return nil, check.error(found) end
  return { before = before, after = after, jobs = jobs, rows = diff.rows(before, after), skipped = found.skipped }
end

-- What differs from one template to another, both of document_import.read.
function document_import.compared(first, other)
  return diff.rows(first.doc, match.align(document.copy(other.doc), first.doc, check.problems()))
end

-- What differs from what was asked for, now that it is written: Tallyfy drops some things with a success.
function document_import.left(call, reading, id, after)
  local now, err = document_import.read(call, reading, id)
  if not now then return nil, err end
  local wanted = match.align(document.copy(after), now.doc, check.problems())
  return diff.rows(now.doc, (match.merged(wanted, now.doc)))
end

return document_import
