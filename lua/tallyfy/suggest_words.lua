-- suggest_words.lua - texts of a template as words: what the suggestions look into. Plain matching, no guessing: a word of
-- a rule matches as a whole word, and "approv*" also what begins so. Letters without accents only, in lower case.
local words = {}

local entities = { amp = "&", lt = "<", gt = ">", quot = "\"", nbsp = " ", ["#39"] = "'" }

-- HTML to text: tags are spaces, sentences stay apart, {{variables}} are left out.
function words.plain(html)
  if type(html) ~= "string" then return "" end
  local text = html:gsub("</?[pPlLhHdDbB][^>]*>", "\n"):gsub("<[^>]*>", " "):gsub("&(#?%w+);", entities)
  return (text:gsub("{{.-}}", " "))
end

local function pattern_of(word)
  local prefix = word:match("^(.*)%*$")
  local escaped = (prefix or word):gsub("[^%w%s]", "%%%0")
  return "%f[%w]" .. escaped .. (prefix and "%w*" or "") .. "%f[%W]"
end

-- The first of <list> that <text> has, as it stands there, and its place; or nil.
function words.first(text, list)
  local lowered = text:lower()
  for _, word in ipairs(list) do
    local from, to = lowered:find(pattern_of(word))
    if from then return lowered:sub(from, to), from end
  end
end

local numbers = { a = 1, an = 1, one = 1, two = 2, three = 3, four = 4, five = 5, six = 6, seven = 7, eight = 8, nine = 9,
  ten = 10 }
local units = { minute = "minutes", hour = "hours", day = "days", week = "weeks", month = "months" }

-- Words before a time that make it one that is allowed, not one that is told: "a contract of 12 months".
local allowing = { within = true, ["in"] = true, after = true, than = true, to = true, ["for"] = true, most = true, least = true,
  takes = true, take = true, allow = true, every = true, by = true }

-- A time that a text names: "within 3 days", "48 hours", "two-week". Gives the number, the unit, the words, and whether it
-- stands behind a word that allows it. Such a one goes before others.
function words.duration(text)
  local lowered = text:lower():gsub("working days?", "days"):gsub("business days?", "days")
  local found
  for place in lowered:gmatch("()%f[%w]%w+[%s%-]") do -- each word, since "for two days" has the number second
    local amount, unit = lowered:match("^(%w+)[%s%-]+(%a+)", place)
    amount, unit = amount or "", unit or ""
    local number, name = math.tointeger(tonumber(amount)) or numbers[amount], units[unit] or units[unit:gsub("s$", "")]
    local is_article = amount == "a" or amount == "an"
    if number and name and number >= 1 and number <= 999 then
      local said, before = ("%s %s"):format(amount, unit), lowered:sub(1, place - 1):match("(%a+)%s+$")
      local is_allowed = allowing[before] == true
      if is_allowed and (not is_article or before == "within" or before == "in") then return number, name, said, true end
      if not is_article and not found then found = { number, name, said } end
    end
  end
  if found then return found[1], found[2], found[3], false end
end

-- The questions that a text asks, in order: a line or sentence that ends with "?".
function words.questions(text)
  local list = {}
  for sentence in text:gmatch("[^\n%.!;?]+%?") do
    local question = sentence:match("^%s*(.-)%s*$"):gsub("%s+", " ")
    if #question >= 8 and #question <= 200 then list[#list + 1] = question end
  end
  return list
end

local yes_no = { is = true, are = true, was = true, were = true, ["do"] = true, does = true, did = true, has = true,
  have = true, can = true, could = true, should = true, will = true, would = true, must = true, may = true }

function words.asks_yes_or_no(question)
  return yes_no[question:lower():match("^%a+") or ""] == true
end

return words
