-- field_parts.lua - values of the form fields that are made of parts: tables, files and people pickers.
--   table   as the API has it, one entry for each column in order; or { column = rows }; or a list of rows, each an
--           object by column label or id
--   file    web addresses, or what a file field or an upload gives back: { id | url | full_url, filename }; one or a list
--   picker  { users, guests, groups }, or whom in one word or list: ids, addresses, names of members, names of groups
local groups, members, pick = use "tallyfy.groups", use "tallyfy.members", use "tallyfy.pick"

local parts = {}

local function problem(code, field, message, hint)
  return nil, { code = code, field = field.label, message = message, hint = hint }
end

local function columns_words(columns)
  local words = {}
  for index, column in ipairs(columns) do words[index] = ("%q"):format(column.label or "") end
  return ("Columns: %s."):format(table.concat(words, ", "))
end

-- The place of the column that <key> means: by label, else by id.
local function column_of(field, columns, key)
  local text = pick.trimmed(tostring(key))
  local readings = {
    function (column) return column.label == text end,
    function (column) return type(column.label) == "string" and column.label:lower() == text:lower() end,
    function (column) return tostring(column.id) == text end,
  }
  for _, same in ipairs(readings) do
    local found = {}
    for index, column in ipairs(columns) do
      if same(column) then found[#found + 1] = index end
    end
    if #found == 1 then return found[1] end
    if #found > 1 then
      return problem("ambiguous", field, ("%q has %d columns %q."):format(field.label, #found, text),
        "Send a list with one entry for each column.")
    end
  end
  return problem("unknown_field", field, ("%q has no column %q."):format(field.label, text), columns_words(columns))
end

local function by_column(field, columns, value)
  local entries = json.array()
  for index = 1, #columns do entries[index] = "" end
  for key, rows in pairs(value) do
    local place, err = column_of(field, columns, key)
    if not place then return nil, err end
    entries[place] = rows == json.null and "" or rows
  end
  return entries
end

local function by_row(field, columns, rows)
  local entries = json.array()
  for index = 1, #columns do entries[index] = json.array() end
  for number, row in ipairs(rows) do
    if not pick.is_object(row) then
      return problem("invalid_value", field, ("Row %d of %q is no object."):format(number, field.label),
        "Send all rows as objects by column. " .. columns_words(columns))
    end
    for index = 1, #columns do entries[index][number] = "" end
    for key, cell in pairs(row) do
      local place, err = column_of(field, columns, key)
      if not place then return nil, err end
      entries[place][number] = cell == json.null and "" or cell
    end
  end
  return entries
end

function parts.table(field, value)
  local columns = pick.list(field.columns) or {}
  if pick.is_object(value) then return by_column(field, columns, value) end
  if json.is_array(value) and pick.is_object(value[1]) then return by_row(field, columns, value) end
  if not json.is_array(value) or #value ~= #columns then
    return problem("invalid_value", field,
      ("%q is a table: it takes one entry for each of its %d columns, or a list of rows as objects."):format(
        field.label, #columns), columns_words(columns))
  end
  return value
end

local function text_of(value)
  return type(value) == "string" and value:find("%S") and value or nil
end

-- The last part of the path, without the query.
local function name_in(url)
  local path = url:gsub("[?#].*$", ""):gsub("^%a+://[^/]*", "")
  return text_of(path:match("([^/]+)/*$")) or url:match("^%a+://([^/?#]+)") or "link"
end

parts.file_name = name_in

function parts.is_address(text)
  return text:find("^[hH][tT][tT][pP][sS]?://[%w%[][^%s]*$") ~= nil and #text <= 2000
end

local file_hint = "Send a web address (https://...), or { url, filename }, or { id, filename } of an uploaded file; "
  .. "upload_file stores one."

local function file_of(field, item)
  if type(item) == "string" then item = { url = pick.trimmed(item) } end
  if not pick.is_object(item) then return problem("invalid_value", field, ("%q takes files."):format(field.label), file_hint) end
  local url, full, id = text_of(item.url), text_of(item.full_url), text_of(item.id)
  if not url and not full and not id then
    return problem("missing_value", field, ("A file of %q has no id, url or full_url."):format(field.label), file_hint)
  end
  if not id and not parts.is_address(url or full) then
    return problem("invalid_value", field, ("%q is no web address."):format(url or full), file_hint)
  end
  local file = json.table(item)
  if not text_of(file.filename) then file.filename = text_of(file.name) or name_in(url or full or id) end
  file.name = nil -- the app shows filename only
  if not text_of(file.source) then file.source = id and "local" or "url" end
  return file
end

function parts.file(field, value)
  if not json.is_array(value) then value = json.array { value } end
  local files = json.array()
  for _, item in ipairs(value) do
    local file, err = file_of(field, item)
    if not file then return nil, err end
    files[#files + 1] = file
  end
  return files
end

local function is_address_of_mail(who)
  return who:match("^[^@%s]+@[^@%s]+%.[^@%s]+$") ~= nil
end

-- One word for somebody, into the buckets of <found>: a member's id, address or name; an unknown address is a guest's;
-- an unknown name may be a group's.
local function place_person(call, who, field, found)
  if math.type(who) ~= "integer" and type(who) ~= "string" then
    return problem("invalid_value", field, ("%q takes members, guests and groups."):format(field.label),
      "Send ids, e-mail addresses or names.")
  end
  local ids, err = members.ids(call, { who }, field.label, found.roster)
  if ids then
    table.insert(found.users, ids[1])
    return true
  end
  if err.code ~= "not_found" or type(who) ~= "string" then return nil, err end
  local text = pick.trimmed(who)
  if is_address_of_mail(text) then
    table.insert(found.guests, text:lower())
    return true
  end
  local group, failure = groups.ids(call, { text }, field.label)
  if not group then return nil, failure.code == "not_found" and err or failure end
  table.insert(found.groups, group[1])
  return true
end

local function list_of(value)
  if value == nil or value == json.null then return {} end
  if json.is_array(value) or type(value) == "table" then return value end
  return { value }
end

local function without_repeats(list)
  local seen, unique = {}, json.array()
  for _, item in ipairs(list) do
    if not seen[item] then
      seen[item] = true
      unique[#unique + 1] = item
    end
  end
  return unique
end

local function known_buckets(field, value)
  for key in pairs(value) do
    if key ~= "users" and key ~= "guests" and key ~= "groups" then
      return problem("unknown_field", field, ("%q has no %q."):format(field.label, key), "There are users, guests and groups.")
    end
  end
  return true
end

function parts.people(field, value, call)
  local roster, unread = call.api:get("/organizations/{org}/users-list")
  if not roster then return nil, unread end
  local found = { users = {}, guests = {}, groups = {}, roster = roster }
  local who = list_of(value)
  if pick.is_object(value) then
    local known, strange = known_buckets(field, value)
    if not known then return nil, strange end
    local ids, err = groups.ids(call, list_of(value.groups), field.label)
    if not ids then return nil, err end
    found.groups, who = ids, {}
    for _, bucket in ipairs { "users", "guests" } do
      for _, one in ipairs(list_of(value[bucket])) do who[#who + 1] = one end
    end
  end
  for _, one in ipairs(who) do
    local placed, err = place_person(call, one, field, found)
    if not placed then return nil, err end
  end
  return { users = without_repeats(found.users), guests = without_repeats(found.guests),
    groups = without_repeats(found.groups) }
end

return parts
