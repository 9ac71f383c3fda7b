-- reference.lua - from words.lua to the reference in tools.lua.d/README.md. Gives the text between its marks.
local manual = require "manual.words"

local lines = {}

local function put(text, ...)
  lines[#lines + 1] = select("#", ...) > 0 and text:format(...) or text
end

local function cell(text) return (text:gsub("|", "\\|")) end

local function put_fields(fields)
  put("| field | type | meaning |")
  put("|---|---|---|")
  for _, field in ipairs(fields) do put("| `%s` | `%s` | %s |", field[1], cell(field[2]), field[3]) end
  put("")
end

local function put_example(text)
  put("```lua")
  put(text)
  put("```")
  put("")
end

put("### What a file declares")
put("")
for _, item in ipairs(manual.items) do
  put("**`%s`**: %s.", item.word, item.about)
  put("")
  if item.fields then put_fields(item.fields) end
  put_example(item.example)
end

put("### Fields of `input`")
put("")
put("Every word also takes " .. (function ()
  local names = {}
  for index, row in ipairs(manual.common) do names[index] = ("`%s` (%s)"):format(row[1], row[3]) end
  return table.concat(names, ", ")
end)() .. ".")
put("")
for _, word in ipairs(manual.fields) do
  local names = {}
  for index, row in ipairs(word.options) do names[index] = ("`%s`"):format(row[1]) end
  put("**`%s`**: %s%s", word.word, word.about, #names > 0 and "; " .. table.concat(names, ", ") .. "." or ".")
  put("")
  put_example(word.example)
end

local function put_members(title, prefix, list)
  put("### %s", title)
  put("")
  for _, row in ipairs(list) do
    put("**`%s%s`**: %s.", prefix, row[1], row[3])
    put("")
    if row[4] then put_example(row[4]) end
  end
end

put_members("What `run` has", "call.", manual.call)
put_members("`call.api`", "call.api:", manual.api)

while lines[#lines] == "" do lines[#lines] = nil end
return table.concat(lines, "\n")
