-- document_diff.lua - what differs between two documents whose keys agree (document_match.align): one row for each setting,
-- step, field and rule that is added, removed, moved or changed, with before and after, and a line that reads well.
local blueprint, checks, document = use "tallyfy.blueprint", use "tallyfy.field_checks", use "tallyfy.document"
local rules = use "tallyfy.rules"
local match, shape = use "tallyfy.document_match", use "tallyfy.shape"

local document_diff = {}

local longest = 200 -- of a value in a line, in bytes

local function deadline_said(value)
  return ("%s %s %s %s"):format(tostring(value.value), tostring(value.unit),
    value.option == "prior_to" and "before" or "after", tostring(value.step))
end

local function said(value, key)
  if type(value) == "table" and key == "deadline" then return deadline_said(value) end
  if document.is_empty(value) then return "nothing" end
  local text = type(value) == "string" and value or json.encode(value)
  text = shape.object({ text = text }, { cut = longest }).text
  return type(value) == "string" and ("%q"):format(text) or text
end

local signs = { added = "+", removed = "-", moved = "~", changed = "~" }

local function add(rows, row)
  local what = row.name and ("%s %q"):format(row.part, row.name) or row.part
  if row["in"] then what = ("%s of %q"):format(what, row["in"]) end
  local line = ("%s %s"):format(signs[row.change], what)
  if row.change == "changed" and row.key then line = ("%s: %s: %s -> %s"):format(line, row.key, said(row.before, row.key),
    said(row.after, row.key)) end
  if row.change == "moved" then line = ("%s: from place %d to %d"):format(line, row.before, row.after) end
  row.text = line
  rows[#rows + 1] = row
end

-- The keys of <names> in which two items differ, as rows like <base>.
local function compare(rows, before, after, names, base)
  for _, key in ipairs(names) do
    local old, new = before[key], after[key]
    local is_same = checks.same(old, new) or (document.is_empty(old) and document.is_empty(new))
    if not is_same then
      add(rows, { part = base.part, name = base.name, ["in"] = base["in"], change = "changed", key = key, before = old,
        after = new })
    end
  end
end

local function positions(items)
  local place_of = {}
  for place, item in ipairs(items) do place_of[item.key] = place end
  return place_of
end

-- Those of both lists whose order among each other changed: the fewest that had to move.
local function moved(before, after)
  local was, common = positions(before), {}
  for _, item in ipairs(after) do
    if was[item.key] then common[#common + 1] = item end
  end
  local best, from, last = {}, {}, 0
  for index, item in ipairs(common) do -- longest run that kept its order
    best[index] = 1
    for earlier = 1, index - 1 do
      if was[common[earlier].key] < was[item.key] and best[earlier] + 1 > best[index] then
        best[index], from[index] = best[earlier] + 1, earlier
      end
    end
    if best[index] > (best[last] or 0) then last = index end
  end
  local stays = {}
  while last and last > 0 do
    stays[common[last].key], last = true, from[last]
  end
  local result = {}
  for _, item in ipairs(common) do
    if not stays[item.key] then result[item.key] = true end
  end
  return result
end
document_diff.moved = moved

local function compare_lists(rows, before, after, options)
  local was, is, moves = positions(before), positions(after), moved(before, after)
  for place, item in ipairs(after) do
    local base = { part = options.part, name = item[options.name], ["in"] = options["in"] }
    local old = was[item.key] and before[was[item.key]]
    if not old then
      base.change, base.after = "added", options.brief and options.brief(item) or nil
      add(rows, base)
    else
      if moves[item.key] then
        add(rows, { part = base.part, name = base.name, ["in"] = base["in"], change = "moved", before = was[item.key],
          after = place })
      end
      compare(rows, old, item, options.keys, base)
    end
    if options.inside then options.inside(old, item) end
  end
  for _, item in ipairs(before) do
    if not is[item.key] then
      add(rows, { part = options.part, name = item[options.name], ["in"] = options["in"], change = "removed" })
    end
  end
end

-- A rule of <doc> in words.
local function teller(doc)
  local model = blueprint.of(document.as_template(doc))
  return function (rule)
    local sentence = rules.sentence(model, { conditions = rule.conditions, actions = rule.then_actions })
    return shape.object({ text = sentence }, { cut = 2 * longest }).text
  end
end

local function add_rule(rows, rule, change, text)
  add(rows, { part = "rule", name = rule.alias, change = change })
  rows[#rows].text = ("%s rule %q: %s"):format(signs[change], rule.alias or "", text)
end

local function compare_rules(rows, before, after)
  local map, kept = match.rules(after.rules, before.rules), {}
  local say_old, say_new = teller(before), teller(after)
  for place, rule in ipairs(after.rules) do
    local old = before.rules[map[place]]
    if old then kept[map[place]] = true end
    if not old then
      add_rule(rows, rule, "added", say_new(rule))
    elseif not checks.same(old, rule) then
      add_rule(rows, rule, "changed", ("%s -> %s"):format(say_old(old), say_new(rule)))
      rows[#rows].before, rows[#rows].after = old, rule
    end
  end
  for place, rule in ipairs(before.rules) do
    if not kept[place] then add_rule(rows, rule, "removed", say_old(rule)) end
  end
end

-- The rows from <before> to <after>.
function document_diff.rows(before, after)
  local rows = json.array()
  compare(rows, before.template, after.template, document.settings, { part = "setting" })
  compare_lists(rows, before.kickoff, after.kickoff, { part = "kick-off field", name = "label", keys = document.field_keys })
  compare_lists(rows, before.steps, after.steps, { part = "step", name = "title", keys = document.step_keys,
    inside = function (old, step)
      compare_lists(rows, old and old.fields or {}, step.fields, { part = "field", name = "label", ["in"] = step.title,
        keys = document.field_keys })
    end })
  compare_rules(rows, before, after)
  return rows
end

-- Nothing at all, to compare a new template with.
function document_diff.nothing()
  return { template = {}, kickoff = json.array(), steps = json.array(), rules = json.array() }
end

-- The rows as lines, not more than <most>.
function document_diff.lines(rows, most)
  local lines = {}
  for index, row in ipairs(rows) do
    if index > most then
      lines[index] = ("and %d more"):format(#rows - most)
      break
    end
    lines[index] = row.text
  end
  return table.concat(lines, "\n")
end

return document_diff
