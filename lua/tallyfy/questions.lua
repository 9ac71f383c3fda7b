-- questions.lua - questions to the person as the official tools describe them, to the forms that clients can show, and the
-- answers back. Where the client cannot be asked, Tallyfy's own markers are the answer: its chat shows them, and the
-- person's reply comes with the next message.
local pick = use "tallyfy.pick"

local questions = {}

local function problem(field, message, hint)
  return nil, { code = "invalid_value", field = field, message = message, hint = hint }
end

local function given(value)
  return value ~= nil and value ~= json.null and value ~= ""
end

local function text_of(value)
  return given(value) and type(value) ~= "boolean" and tostring(value) or nil
end

-- "Category", 12 characters at most, as the official server cuts it.
function questions.header(text)
  local trimmed = pick.trimmed(text or "")
  local cut = utf8.offset(trimmed, 13)
  return cut and trimmed:sub(1, cut - 1) or trimmed
end

function questions.label(text, default)
  local trimmed = pick.trimmed(text or "")
  return trimmed ~= "" and trimmed or default
end

-- What the person reads above the form.
function questions.message(args)
  local header = questions.header(args.header)
  return header ~= "" and ("%s: %s"):format(header, args.question) or args.question
end

local function choices(options)
  local list, seen = {}, {}
  for index, option in ipairs(pick.list(options) or {}) do
    if not pick.is_object(option) then option = { value = option } end
    local value = text_of(option.value) or text_of(option.id) or text_of(option.label)
    if not value then return problem("fields", ("Option %d has neither value nor label."):format(index)) end
    if seen[value] then return problem("fields", ("The option %q is there twice."):format(value)) end
    seen[value] = true
    list[index] = { const = value, title = text_of(option.label) or value }
  end
  return list
end

-- The lengths a text may have.
local function with_lengths(schema, rules)
  if not pick.is_object(rules) then return schema end
  schema.minLength, schema.maxLength = math.tointeger(rules.minLength), math.tointeger(rules.maxLength)
  return schema
end

local one_of = function (field)
  local list, err = choices(field.options)
  if not list then return nil, err end
  if #list == 0 then
    return problem("fields", ("The field %q needs options."):format(field.key), "Write options: [{ value, label }].")
  end
  return { type = "string", oneOf = json.array(list) }
end

-- How each type of field is asked: a property of a form, or nil and the error.
local as_property = {
  select = one_of, radio = one_of,
  toggle = function () return { type = "boolean" } end,
  text = function (field) return with_lengths({ type = "string" }, field.validators) end,
  datepicker = function () return { type = "string", format = "date" } end,
  datetime = function () return { type = "string", format = "date-time" } end,
  timepicker = function () return { type = "string", minLength = 3, maxLength = 8 }, nil, "A time, such as 14:30." end,
  daterange = function () return { type = "string", format = "date" } end,
  file = function () return { type = "string", format = "uri" }, nil, "A link to the file." end,
  checkbox = function (field)
    local list, err = choices(field.options)
    if not list then return nil, err end
    if #list == 0 then return { type = "boolean" } end
    return { type = "array", items = { anyOf = json.array(list) } }
  end,
}
as_property.textarea = as_property.text
questions.types = { "text", "textarea", "select", "checkbox", "toggle", "radio", "datepicker", "daterange", "timepicker",
  "datetime", "file" }

-- "due_date" to "Due date".
local function label_of(key)
  local words = key:gsub("[_%-]+", " ")
  return words:sub(1, 1):upper() .. words:sub(2)
end

-- One descriptor of the caller's, checked, with a label.
local function descriptor(entry, index, seen)
  if not pick.is_object(entry) then return problem("fields", ("fields[%d] must be an object."):format(index)) end
  local key, kind = text_of(entry.key), text_of(entry.type)
  if not key or not kind then
    return problem("fields", ("fields[%d] needs a key and a type."):format(index), "Write { key, type, label }.")
  end
  if not as_property[kind] then
    return problem("fields", ("fields[%d] has the type %q, which cannot be asked."):format(index, kind),
      "Types: " .. table.concat(questions.types, ", ") .. ".")
  end
  if seen[key] then return problem("fields", ("Two fields have the key %q."):format(key)) end
  seen[key] = true
  local field = {}
  for name, value in pairs(entry) do field[name] = value end
  field.label = text_of(entry.label) or label_of(key)
  return field
end

-- All descriptors, or nil and the error. Nothing is dropped in silence.
function questions.fields(list)
  local fields, seen = json.array(), {}
  for index, entry in ipairs(list) do
    local field, err = descriptor(entry, index, seen)
    if not field then return nil, err end
    fields[index] = field
  end
  return fields
end

local function is_required(field)
  local rules = field.validators
  return field.required == true or (pick.is_object(rules) and rules.required == true)
end

local function described(field, extra)
  local parts = { text_of(field.description), text_of(field.placeholder), extra }
  local pattern = pick.is_object(field.validators) and text_of(field.validators.pattern)
  if pattern then parts[#parts + 1] = "It must match " .. pattern .. "." end
  local text = {}
  for _, part in pairs(parts) do text[#text + 1] = part end
  return #text > 0 and table.concat(text, " ") or nil
end

local function default_of(field, property)
  local value = field.defaultValue
  if not given(value) or field.type == "daterange" then return nil end
  if property.type == "boolean" then return value == true end
  if property.type == "array" then return nil end
  return text_of(value)
end

-- A form for <fields>: a JSON Schema whose properties stand in the order of the fields, which a table would lose.
function questions.form(fields)
  local parts, required = {}, json.array()
  local function add(name, property, label, is_needed)
    property.title = label
    parts[#parts + 1] = json.encode(name) .. ":" .. json.encode(property)
    if is_needed then required[#required + 1] = name end
  end
  for _, field in ipairs(fields) do
    local property, err, extra = as_property[field.type](field)
    if not property then return nil, err end
    property.description, property.default = described(field, extra), default_of(field, property)
    if field.type == "daterange" then
      add(field.key .. "_from", property, field.label .. ": from", is_required(field))
      add(field.key .. "_to", { type = "string", format = "date" }, field.label .. ": to", is_required(field))
    else
      add(field.key, property, field.label, is_required(field))
    end
  end
  return json.decode(('{"type":"object","properties":{%s},"required":%s}'):format(table.concat(parts, ","),
    json.encode(required)))
end

-- The answers by key, as the fields name them: a range of dates comes as two.
function questions.answers(fields, answer)
  local result = {}
  for _, field in ipairs(fields) do
    local key = field.key
    if field.type == "daterange" then
      local from, to = answer[key .. "_from"], answer[key .. "_to"]
      if given(from) or given(to) then result[key] = { from = from, to = to } end
    else
      result[key] = answer[key]
    end
  end
  return result
end

-- What became of a question that was not answered: the data of an answer for those who put it away, nil for a client that
-- cannot be asked, and the error for everything else.
function questions.unanswered(err)
  if err.code == "cannot_ask" then return nil end
  if err.code == "declined" or err.code == "cancelled" then
    return { text = err.code == "declined" and "The person declined to answer." or "The person put the question away.",
      data = { answered = false, action = err.code } }
  end
  return nil, err
end

-- The answer for a client that cannot be asked.
function questions.marker(args, data)
  data.question, data.header = args.question, questions.header(args.header)
  return { text = "This client shows no questions: put this one to the person yourself, and go on with the reply.\n"
    .. questions.message(args), data = data }
end

return questions
