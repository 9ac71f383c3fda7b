-- document_check.lua - a document as somebody wrote it, to one that can be worked with: known keys only, every step and
-- field with a key of its own, references by key. All that is wrong is told at once, by its place: steps[2].deadline.
local checks, document, fields = use "tallyfy.field_checks", use "tallyfy.document", use "tallyfy.fields"
local pick, synonyms = use "tallyfy.pick", use "tallyfy.rule_synonyms"

local document_check = {}

local max_items = 500 -- steps, fields of a form, rules
local max_problems = 20

local function set(list, more)
  local known = {}
  for _, key in ipairs(list) do known[key] = true end
  for _, key in ipairs(more) do known[key] = true end
  return known
end

local known_keys = {
  document = set({ "format", "template", "kickoff", "steps", "rules" }, {}),
  template = set(document.settings, {}),
  step = set(document.step_keys, { "key", "fields" }),
  rule = set({ "alias", "conditions", "then_actions" }, {}),
  conditions = set(document.condition_keys, {}),
  then_actions = set(document.action_keys, {}),
}

local problems = {}
problems.__index = problems

function problems:add(place, message, hint)
  self.count = self.count + 1
  if self.count <= max_problems then self[#self + 1] = { field = place, message = message, hint = hint } end
end

-- What a module told, at its place in the document.
function problems:take(place, err)
  local inner = err.field and err.field ~= "" and not err.field:find("^automation_data") and "." .. err.field
    or err.field and err.field:gsub("^automation_data", "") or ""
  self:add(place .. inner, err.message, err.hint)
end

function document_check.problems()
  return setmetatable({ count = 0 }, problems)
end

-- nil when there are none, else one error that lists them.
function document_check.error(found)
  if found.count == 0 then return nil end
  local lines = {}
  for index, one in ipairs(found) do
    lines[index] = ("%s: %s%s"):format(one.field, one.message, one.hint and " " .. one.hint or "")
  end
  if found.count > #found then lines[#lines + 1] = ("and %d more"):format(found.count - #found) end
  return { code = "invalid_value", field = "document." .. found[1].field, message = ("The document has %d %s. Nothing was "
    .. "sent. %s"):format(found.count, found.count == 1 and "mistake" or "mistakes", table.concat(lines, " | ")),
    hint = "export_template shows what a document looks like." }
end

-- In one order, so that the same document gives the same answer.
local function sorted_names(of)
  local names = {}
  for name in pairs(of) do names[#names + 1] = tostring(name) end
  table.sort(names)
  return names
end

local function check_keys(found, item, known, place)
  for _, key in ipairs(sorted_names(item)) do
    if not known[key] then
      found:add(("%s.%s"):format(place, key), "There is no such key.", "Keys: "
        .. table.concat(sorted_names(known), ", ") .. ".")
    end
  end
end

-- The list <owner[name]> of objects, or nil where there is none (also when it is wrong).
local function objects(found, owner, name, place)
  local list = owner[name]
  if list == nil or list == json.null then return nil end
  if pick.is_object(list) and next(list) == nil then list = json.array() end
  if not json.is_array(list) then return found:add(place, "It must be a list of objects.") end
  if #list > max_items then return found:add(place, ("It has more than %d items."):format(max_items)) end
  for index, item in ipairs(list) do
    if not pick.is_object(item) then return found:add(("%s[%d]"):format(place, index), "It must be an object.") end
  end
  return list
end

local function check_text(found, item, name, place, most, needed)
  local value = item[name]
  if value == nil and not needed then return end
  if type(value) ~= "string" or not value:match("%S") then
    found:add(("%s.%s"):format(place, name), "It must be a text.")
  elseif (utf8.len(value) or #value) > most then
    found:add(("%s.%s"):format(place, name), ("It has more than %d characters."):format(most))
  end
end

-- Keys are made where there are none; two of one name are a mistake.
local function give_key(found, item, name, taken, place)
  local key = item.key
  if key == nil or key == json.null then
    key = type(item[name]) == "string" and item[name]:match("%S") and pick.trimmed(item[name]) or place
  end
  if type(key) ~= "string" or key == "" then return found:add(place .. ".key", "A key is a text.") end
  if taken[key] then
    found:add(place .. ".key", ("%q is the key of %s, too."):format(key, taken[key]), "Give each a key of its own.")
  end
  item.key, taken[key] = key, place
end

-- A field as fields.new wants it, with its lists as the document has them. One that stands so already passes as it is.
local function checked_field(found, item, place, stored)
  if stored and checks.same(stored, item) then return document.copy(item) end
  local given = document.copy(item)
  given.key = nil
  if given.required == nil then given.required = false end
  local is_email = given.field_type == "email" -- it can be stored and sent, though nobody is offered it
  if is_email then given.field_type = "text" end
  local body, err = fields.new(given)
  if not body then return found:take(place, err) end
  if is_email then body.field_type = "email" end
  local field = document.field(body, item.key)
  for name, value in pairs(given) do
    if value == json.null then field[name] = json.null end -- clears
  end
  return field
end

local function check_fields(found, owner, name, taken, place, stored)
  local list = objects(found, owner, name, place)
  if not list then return nil end
  local result = json.array()
  for index, item in ipairs(list) do
    local at = ("%s[%d]"):format(place, index)
    give_key(found, item, "label", taken, at)
    result[index] = checked_field(found, item, at, stored[item.key])
      or { key = item.key, label = item.label, field_type = "text" } -- never sent: there is a mistake
  end
  return result
end

local types = { procedure = true, form = true, document = true }
local kinds = { task = true, approval = true, expiring = true, email = true, expiring_email = true }

local is_text = { summary = 100000, guidance = 30000, icon = 255, webhook = 2000, explanation_video = 2000, public_cover = 2000,
  kickoff_title = 500, kickoff_description = 30000, default_process_name_format = 550, step_type = 30, type = 30 }
local is_list = { users = true, assignees = true, guests = true, groups = true, roles = true }
local is_object = { deadline = true, start_date = true, bp_to_launch = true }

local function check_list(found, item, name, place)
  local list = item[name]
  if pick.is_object(list) and next(list) == nil then list = json.array() end
  if not json.is_array(list) then return found:add(place, "It must be a list.") end
  for index, one in ipairs(list) do
    if type(one) ~= "string" and math.type(one) ~= "integer" then
      found:add(("%s[%d]"):format(place, index), "It must be a text or an id.")
    end
  end
  item[name] = list
end

-- What null stands for: what cannot be without a value stays as it is.
local function cleared(name)
  if is_list[name] then return json.array() end
  local can_be_empty = is_text[name] and name ~= "type" and name ~= "step_type"
  if can_be_empty or name == "start_date" or name == "bp_to_launch" then return json.null end
  return nil
end

-- Every key that is neither a text nor one of the above is a flag, but max_assignable. null clears, and passes.
local function check_types(found, item, keys, place)
  for _, name in ipairs(keys) do
    local value, at = item[name], ("%s.%s"):format(place, name)
    if value ~= nil and value ~= json.null and name ~= "title" then
      if is_text[name] then
        if value ~= "" then check_text(found, item, name, place, is_text[name]) end
      elseif is_list[name] then
        check_list(found, item, name, at)
      elseif is_object[name] then
        if not pick.is_object(value) or next(value) == nil then found:add(at, "It must be an object.") end
      elseif name == "max_assignable" then
        if math.type(value) ~= "integer" or value < 0 then found:add(at, "It must be a whole number; 0 is no limit.") end
      elseif type(value) ~= "boolean" then
        found:add(at, "It must be true or false.")
      end
    elseif value == json.null and name ~= "title" then
      item[name] = cleared(name)
    end
  end
end

local function check_settings(found, doc, is_new)
  local template = doc.template
  if template == nil or template == json.null then template = {} end
  doc.template = template
  if not pick.is_object(template) then return found:add("template", "It must be an object.") end
  check_keys(found, template, known_keys.template, "template")
  check_text(found, template, "title", "template", 250, is_new)
  check_types(found, template, document.settings, "template")
  if type(template.type) == "string" and not types[template.type] then
    found:add("template.type", ("%q is no type."):format(tostring(template.type)), "Types: procedure, form, document.")
  end
end

local function check_steps(found, doc, taken, stored)
  local steps = objects(found, doc, "steps", "steps")
  doc.steps = steps
  for index, step in ipairs(steps or {}) do
    local place = ("steps[%d]"):format(index)
    check_keys(found, step, known_keys.step, place)
    check_text(found, step, "title", place, 600, true)
    check_types(found, step, document.step_keys, place)
    if type(step.step_type) == "string" and not kinds[step.step_type] then
      found:add(place .. ".step_type", ("%q is no kind of step."):format(tostring(step.step_type)),
        "Kinds: task, approval, expiring, email, expiring_email.")
    end
    if not pick.is_object(step.deadline) then step.deadline = nil end
    give_key(found, step, "title", taken.step, place)
    step.fields = check_fields(found, step, "fields", taken.field, place .. ".fields", stored)
  end
end

local function check_rules(found, doc)
  local rules = objects(found, doc, "rules", "rules")
  doc.rules = rules
  for index, rule in ipairs(rules or {}) do
    local place = ("rules[%d]"):format(index)
    check_keys(found, synonyms.rule(rule), known_keys.rule, place)
    for _, name in ipairs { "conditions", "then_actions" } do
      if not objects(found, rule, name, place .. "." .. name) then
        if rule[name] == nil then found:add(place .. "." .. name, "It is missing.") end
        rule[name] = json.array()
      end
      for part, item in ipairs(rule[name]) do
        check_keys(found, synonyms.part(item), known_keys[name], ("%s.%s[%d]"):format(place, name, part))
      end
    end
    for _, condition in ipairs(rule.conditions) do condition.logic = condition.logic or "and" end
  end
end

local function fields_of(doc)
  local fields_by_key = {}
  local function learn(list)
    for _, field in ipairs(list) do fields_by_key[field.key] = field end
  end
  if doc then learn(doc.kickoff) end
  for _, step in ipairs(doc and doc.steps or {}) do learn(step.fields) end
  return fields_by_key
end

-- <given>: an object or its JSON text. Gives the document (parts that were not given are nil) and the problems found so
-- far; nil and an error when it is no document at all. <target>: the document of the template that it changes, nil when
-- it makes one.
function document_check.read(given, target)
  if type(given) == "string" then given = json.decode(given) end
  if not pick.is_object(given) then
    return nil, { code = "invalid_value", field = "document", message = "The document must be an object, or its JSON text.",
      hint = "export_template gives one." }
  end
  local doc, found, stored = document.copy(given), document_check.problems(), fields_of(target)
  check_keys(found, doc, known_keys.document, "document")
  if doc.format ~= nil and doc.format ~= document.format then
    found:add("format", ("%q is not known here."):format(tostring(doc.format)), ("Write %s."):format(document.format))
  end
  local taken = { step = {}, field = {} }
  check_settings(found, doc, target == nil)
  doc.kickoff = check_fields(found, doc, "kickoff", taken.field, "kickoff", stored)
  check_steps(found, doc, taken, stored)
  check_rules(found, doc)
  return doc, found
end

return document_check
