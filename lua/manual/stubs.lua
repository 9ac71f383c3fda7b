-- stubs.lua - from words.lua to what lua-language-server reads. Gives the text of a file.
local manual = require "manual.words"

local lines = {}

local function put(text, ...)
  lines[#lines + 1] = select("#", ...) > 0 and text:format(...) or text
end

local function put_class(name, fields, about)
  put("---%s", about)
  put("---@class tallyhost.%s", name)
  for _, field in ipairs(fields) do
    local optional = field[2]:sub(-1) == "?" and field[2]:sub(1, 4) ~= "fun("
    local kind = optional and field[2]:sub(1, -2) or field[2]
    put((("---@field %s%s %s %s"):format(field[1], optional and "?" or "", kind, field[3] or ""):gsub(" +$", "")))
  end
  put("")
end

local function capital(word) return (word:gsub("^%l", string.upper)) end

put("---@meta")
put("-- Made by `tallyhost tool stubs` from lua/manual/words.lua: change that, not this.")
put("")
put_class("Annotations", { { "read_only", "boolean?" }, { "destructive", "boolean?" }, { "idempotent", "boolean?" },
  { "open_world", "boolean?" } }, "Hints for clients")
put_class("Limits", { { "cpu", "string|integer?", '"2s", or milliseconds' }, { "time", "string|integer?", '"60s"' } }, "Limits of one call")
put_class("Preview", { { "target", "string?", "what it is about, by name" },
  { "before", "string|string[]?", "how it is now, a line each" },
  { "after", "string|string[]?", "how it would be, or what follows" } }, "What a person is shown before they say yes")
put_class("Field", {}, "What a field word gives")
put_class("User", { { "id", "integer?" }, { "name", "string?" }, { "email", "string?" }, { "role", "string?" }, { "timezone", "string?" } },
  "Who asks")
put_class("Org", { { "id", "string" }, { "name", "string?" }, { "timezone", "string?" } }, "Their organization")
put_class("Error", { { "code", "string" }, { "message", "string" }, { "field", "string?" }, { "hint", "string?" },
  { "status", "integer?" }, { "retry_after", "integer?" }, { "maybe_done", "boolean?" } }, "Why something failed")
put_class("Params", { { "query", "table?", "behind the path" }, { "body", "table?", "sent as JSON" }, { "[string]", "any", "placeholders" } },
  "What goes into a request")
put_class("File", { { "name", "string", "cleaned: no path, quotes or control characters" }, { "content", "string?", "its bytes" },
  { "base64", "string?", "or its bytes as base64" }, { "type", "string?", "its media type" },
  { "field", "string?", 'the part of the form, "name" if left out' } }, "A file to upload")
put_class("Date", { { "find", "fun(text: string, options?: table): table?, tallyhost.Error?" },
  { "parse", "fun(text: string, options?: table): table?, tallyhost.Error?" },
  { "extract", "fun(text: string, options?: table): table[]?, tallyhost.Error?" } }, "Dates as people write them")
put_class("Host", { { "name", "string" }, { "version", "string" }, { "tools", "fun(): table[]" }, { "tool", "fun(name: string): table?" },
  { "resources", "fun(): table[]" }, { "prompts", "fun(): table[]" }, { "limits", "fun(): table" } }, "This host")
put_class("Json", { { "null", "lightuserdata" }, { "array", "fun(list?: table): table" }, { "table", "fun(view: any): any" },
  { "encode", "fun(value: any): string" }, { "decode", "fun(text: string): any" }, { "is_array", "fun(value: any): boolean" } }, "JSON")

local function members(list)
  local fields = {}
  for index, row in ipairs(list) do fields[index] = { row[1], row[2], row[3] } end
  return fields
end

put_class("Api", members(manual.api), "Tallyfy, as the person who asks")
put_class("Call", members(manual.call), "Everything that run has")

for _, item in ipairs(manual.items) do
  if item.fields then
    local class = capital(item.word)
    put_class(class, item.fields, item.about)
    put("---%s", item.about)
    put("---@param name string")
    put("---@return fun(spec: tallyhost.%s)", class)
    put("function %s(name) end", item.word)
    put("")
  end
end

put("---%s", "what call.ask puts to a person")
put("---@param fields tallyhost.Field[]")
put("---@return table")
put("function form(fields) end")
put("")
for _, word in ipairs(manual.fields) do
  local class, fields = "Field" .. capital(word.word), {}
  for _, row in ipairs(word.options) do fields[#fields + 1] = row end
  for _, row in ipairs(manual.common) do fields[#fields + 1] = row end
  fields[#fields + 1] = { "[integer]", "string", "the description, then the values of a choice" }
  put_class(class, fields, word.about)
  put("---%s", word.about)
  put("---@overload fun(spec: tallyhost.%s): tallyhost.Field", class)
  put("---@param name string")
  put("---@return fun(spec: tallyhost.%s): tallyhost.Field", class)
  put("function %s(name) end", word.word)
  put("")
end

put("---a module of the library: use \"tallyfy.people\"")
put("---@param name string")
put("---@return any")
put("function use(name) end")
put("")
put("---@type tallyhost.Json")
put("json = {}")
put("")

return table.concat(lines, "\n")
