-- analysis_health.lua - how fit a template is, in six dimensions of 0 to 100 points, each with a word: excellent from 90, good
-- from 75, fair from 60, poor from 40, critical below. Every lost point is a finding that names what, where and the fix.
-- Two kinds of points: those of the whole template are taken off; those of an item (a step, a field) are taken off that
-- item's own 100, and the mean of all items counts. The rules stand in analysis_health_text.lua (metadata, step_clarity,
-- form_completeness) and analysis_health_flow.lua (automation_efficiency, deadlines, structure). The overall score is the
-- mean by weight of those that apply: a template without rules is not judged by its rules.
local health = {}

health.dimensions = {
  { name = "metadata", weight = 10 }, { name = "step_clarity", weight = 25 }, { name = "form_completeness", weight = 15 },
  { name = "automation_efficiency", weight = 15 }, { name = "deadlines", weight = 15 }, { name = "structure", weight = 20 },
}

local words = { { 90, "excellent" }, { 75, "good" }, { 60, "fair" }, { 40, "poor" }, { 0, "critical" } }

function health.word(score)
  for _, word in ipairs(words) do
    if score >= word[1] then return word[2] end
  end
end

local function severity_of(points)
  return points >= 40 and "high" or (points >= 20 and "medium" or "low")
end

-- What one dimension counts. tally.whole(points, message, fix, where), tally.item(key), tally.lose(key, points, ...);
-- <fix>: { tool =, text = }; <where>: ids and names for the finding. tally.skip() says that the dimension does not apply.
function health.tally(name)
  local tally = { name = name, findings = {}, off = 0, items = {}, order = {}, applies = true }
  local function find(points, message, fix, where)
    local finding = { dimension = name, severity = severity_of(points), points = points, message = message, fix = fix }
    for key, value in pairs(where or {}) do finding[key] = value end
    tally.findings[#tally.findings + 1] = finding
  end
  function tally.whole(points, message, fix, where)
    tally.off = tally.off + points
    find(points, message, fix, where)
  end
  function tally.item(key)
    if not tally.items[key] then tally.items[key], tally.order[#tally.order + 1] = 100, key end
  end
  function tally.lose(key, points, message, fix, where)
    tally.item(key)
    tally.items[key] = math.max(0, tally.items[key] - points)
    find(points, message, fix, where)
  end
  function tally.skip() tally.applies = false end
  return tally
end

local function score_of(tally)
  local sum = 0
  for _, key in ipairs(tally.order) do sum = sum + tally.items[key] end
  local mean = #tally.order > 0 and sum / #tally.order or 100
  return math.max(0, math.floor(mean - tally.off + 0.5))
end

-- <judges>: by dimension, function (tally, model, facts). Gives { score, rating, dimensions, findings }.
function health.assess(judges, model, facts)
  local result = { dimensions = json.array(), findings = json.array() }
  local sum, weights = 0, 0
  for index, dimension in ipairs(health.dimensions) do
    local tally = health.tally(dimension.name)
    judges[dimension.name](tally, model, facts)
    local row = { name = dimension.name, weight = dimension.weight, applies = tally.applies, findings = #tally.findings }
    if tally.applies then
      row.score = score_of(tally)
      row.rating = health.word(row.score)
      sum, weights = sum + row.score * dimension.weight, weights + dimension.weight
    end
    result.dimensions[index] = row
    for _, finding in ipairs(tally.findings) do
      finding.place = #result.findings + 1
      result.findings[finding.place] = finding
    end
  end
  table.sort(result.findings, function (a, b)
    if a.points ~= b.points then return a.points > b.points end
    return a.place < b.place
  end)
  for _, finding in ipairs(result.findings) do finding.place = nil end
  result.score = math.floor(sum / weights + 0.5)
  result.rating = health.word(result.score)
  return result
end

return health
