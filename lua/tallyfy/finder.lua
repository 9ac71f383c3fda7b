-- finder.lua - finding a tool by words: for clients that do not want the whole list in their context.
-- Rules: a query is cut into words of letters and digits; a tool's score is the sum over the words of 8 for a word of its
-- name, 4 for a name that contains it, 3 for its domain or its title, 1 for its description; plurals count as singular,
-- people's words for a thing as Tallyfy's (`same`), and small words that are in every sentence not at all. A tool that has
-- none of the words is not found. Ties go by name. Deterministic; nothing is guessed.
local finder = {}

local small = {}
for word in ("a an and are as at be by do for from has have how i in is it its of on or that the this to with"):gmatch("%a+") do
  small[word] = true
end

local same = {
  member = "user", colleague = "user", employee = "user", person = "user", people = "user", team = "group",
  blueprint = "template", checklist = "template", workflow = "template", run = "process", project = "process",
  rule = "automation", question = "field", todo = "task", due = "deadline", start = "launch",
}

local function stem(word)
  if #word > 3 and word:sub(-3) == "ies" then return word:sub(1, -4) .. "y" end
  if #word > 3 and word:sub(-1) == "s" and word:sub(-2) ~= "ss" then return word:sub(1, -2) end
  return word
end

function finder.words(text)
  local words, seen = {}, {}
  for word in text:lower():gmatch("[%w]+") do
    word = stem(word)
    word = same[word] or word
    if not small[word] and not seen[word] then
      seen[word] = true
      words[#words + 1] = word
    end
  end
  return words
end

local function set_of(text)
  local set = {}
  for _, word in ipairs(finder.words(text)) do set[word] = true end
  return set
end

function finder.score(tool, words)
  local name, title, about = set_of(tool.name), set_of(tool.title), set_of(tool.about)
  local score = 0
  for _, word in ipairs(words) do
    if name[word] then
      score = score + 8
    elseif #word > 2 and tool.name:find(word, 1, true) then
      score = score + 4
    end
    if title[word] or stem(tool.domain) == word then score = score + 3 end
    if about[word] then score = score + 1 end
  end
  return score
end

-- The first sentence of what a tool says of itself.
function finder.sentence(about)
  return about:match("^(.-[.!?])%s") or about
end

-- The tools of <list> that fit, best first; all of them when there are no words. options: words, domain, effect.
function finder.search(list, options)
  local found = {}
  for _, tool in ipairs(list) do
    local score = #options.words > 0 and finder.score(tool, options.words) or 1
    local fits = (not options.domain or tool.domain == options.domain)
      and (not options.effect or tool.effect == options.effect)
    if score > 0 and fits and tool.domain ~= "finder" then found[#found + 1] = { score = score, tool = tool } end
  end
  table.sort(found, function (a, b)
    if a.score ~= b.score then return a.score > b.score end
    return a.tool.name < b.tool.name
  end)
  return found
end

-- The domains of <list>, in order.
function finder.domains(list)
  local seen, names = {}, {}
  for _, tool in ipairs(list) do
    if not seen[tool.domain] and tool.domain ~= "finder" then
      seen[tool.domain] = true
      names[#names + 1] = tool.domain
    end
  end
  table.sort(names)
  return names
end

return finder
