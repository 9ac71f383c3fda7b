-- field_rules.lua - the rules that a text field may carry (field_validation, Laravel's): a value that breaks one is told
-- before anything is sent, by the field's label. Left to the API, one wrong row of many would be found when the others
-- are launched, and by the field's id.
--   numeric, email, url, alpha, alpha_num, alpha_dash, min:n, max:n; one text with | between them, or a list
-- A field of type email is one with the rule email. Beside numeric, min and max are about the number: the API decides.
local pick = use "tallyfy.pick"

local rules = {}

local function shaped(pattern)
  return function (text) return text:find(pattern) ~= nil end
end

local function length(text)
  return utf8.len(text) or #text
end

local known = {
  numeric = { function (text) return tonumber(text) ~= nil and not text:find("[xX]") end, "a number",
    "Write digits only, with a point before decimals: 12000 or 12.50." },
  email = { shaped("^[^@%s]+@[^@%s]+%.[^@%s]+$"), "an e-mail address" },
  url = { shaped("^https?://%S+$"), "a web address", "It begins with https:// or http://." },
  alpha = { shaped("^[%a\x80-\xff]+$"), "letters only" },
  alpha_num = { shaped("^[%w\x80-\xff]+$"), "letters and digits only" },
  alpha_dash = { shaped("^[%w_\x80-\xff-]+$"), "letters, digits, - and _ only" },
  min = { function (text, n) return length(text) >= n end, "at least %d characters" },
  max = { function (text, n) return length(text) <= n end, "at most %d characters" },
}

local function list_of(field)
  local names, given = {}, field.field_validation
  if type(given) == "string" then
    for name in given:gmatch("[^|]+") do names[#names + 1] = name end
  end
  for _, name in ipairs(pick.list(given) or {}) do names[#names + 1] = name end
  if field.field_type == "email" then names[#names + 1] = "email" end
  return names
end

-- Whether <value>, a scalar that is not empty, may stand in <field>; or nil and the error.
function rules.check(field, value)
  local names, text, is_number = list_of(field), tostring(value), false
  for _, name in ipairs(names) do is_number = is_number or name == "numeric" end
  for _, name in ipairs(names) do
    local word, argument = tostring(name):match("^%s*([%a_]+):?(%d*)")
    local rule, n = known[word], tonumber(argument) or 0
    if rule and not (is_number and (word == "min" or word == "max")) and not rule[1](text, n) then
      return nil, { code = "invalid_value", field = field.label, hint = rule[3],
        message = ("%q takes %s, and %q is not."):format(field.label, rule[2]:format(n), text:sub(1, 100)) }
    end
  end
  return true
end

return rules
