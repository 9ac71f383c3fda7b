-- suggest_deadline.lua - a deadline for a step, with reasons. Deterministic. How long:
--   95 a time that the title names ("48 hours"), or the description allows ("within 3 days")
--   85 review, approve, check, confirm, verify, acknowledge, sign off; an approval step: 4 hours
--   80 write, call, inform, send...: 1 day. 80 test, pilot...: 2 days
--   75 analyse, research, investigate...: 3 days
--   70 draft, prepare, document, contract, report...: 5 days
--   65 meet, interview, train, workshop...: 1 week
--   60 a time that the description names otherwise ("a contract of 12 months" need not be how long it takes)
--   50 none of these: 2 days
-- Words in the title count before those in the description (10 less). From what it counts:
--   1 the step whose completion shows this one (a "show" rule), else whose field's answer does
--   2 the step before it in the list
--   3 the launch: for the first step, and where 1 and 2 would count in a circle; the launch-based deadlines of the steps
--     before it are then added
-- A deadline that is there "fits" when it counts from the same and is between half and twice as long.
local pick, templates, words = use "tallyfy.pick", use "tallyfy.templates", use "tallyfy.suggest_words"

local deadline = {}

local kinds = {
  { value = 4, unit = "hours", sure = 85, words = { "review*", "approv*", "check*", "confirm*", "verif*", "acknowledg*",
    "sign off", "sign-off" }, because = "looking at something that is ready takes hours, not days" },
  { value = 1, unit = "days", sure = 80, words = { "e-mail*", "email*", "call", "inform*", "notify*", "send", "tell", "write",
    "contact", "reply", "announce*", "welcome" }, because = "a message is written within a day" },
  { value = 2, unit = "days", sure = 80, words = { "test*", "pilot*", "try*", "inspect*", "reconcil*" },
    because = "a test needs a second try" },
  { value = 3, unit = "days", sure = 75, words = { "analys*", "analyz*", "research*", "investigat*", "assess*", "evaluat*",
    "cause", "compare" }, because = "finding something out takes some days" },
  { value = 5, unit = "days", sure = 70, words = { "document*", "contract*", "draft*", "prepare", "report*", "collect*",
    "questionnaire*", "ship*", "deliver*", "order" }, because = "papers and goods take a working week" },
  { value = 1, unit = "weeks", sure = 65, words = { "meeting*", "train*", "workshop*", "interview*", "appointment*", "schedule*",
    "book" }, because = "calendars are full for a week" },
}

local minutes = { minutes = 1, hours = 60, days = 1440, weeks = 10080, months = 43200 }

local function in_minutes(given)
  local unit = minutes[given.unit] or minutes[tostring(given.unit) .. "s"]
  return unit and type(given.value) == "number" and given.value * unit or nil
end

-- { value, unit, confidence, reason }.
local function how_long(step)
  local title, text = words.plain(step.title), words.plain(step.summary)
  for _, place in ipairs { { title, "title" }, { text, "description" } } do
    local value, unit, said, is_allowed = words.duration(place[1])
    if value and (is_allowed or place[2] == "title") then
      return { value = value, unit = unit, confidence = 95, reason = ("The %s says %q."):format(place[2], said) }
    end
  end
  local approval = step.step_type == "approval"
  if approval then
    return { value = 4, unit = "hours", confidence = 85, reason = "It is an approval: " .. kinds[1].because .. "." }
  end
  for _, place in ipairs { { title, "title", 0 }, { text, "description", 10 } } do
    for _, kind in ipairs(kinds) do
      local word = words.first(place[1], kind.words)
      if word then
        return { value = kind.value, unit = kind.unit, confidence = kind.sure - place[3],
          reason = ("%q in the %s: %s."):format(word, place[2], kind.because) }
      end
    end
  end
  local value, unit, said = words.duration(text)
  if value then
    return { value = value, unit = unit, confidence = 60, reason = ("The description names %q; look whether it means this step.")
      :format(said) }
  end
  return { value = 2, unit = "days", confidence = 50,
    reason = "Neither title nor description says what kind of work it is; 2 days is the usual." }
end

local function by_id(steps)
  local map = {}
  for _, step in ipairs(steps) do map[step.id] = step end
  return map
end

-- The step that owns the field.
local function owner_of(steps, field_id)
  for _, step in ipairs(steps) do
    for _, field in ipairs(pick.list(step.captures) or {}) do
      if field.id == field_id then return step end
    end
  end
end

local function shows(rule, step)
  for _, action in ipairs(pick.list(rule.then_actions) or {}) do
    if action.action_verb == "show" and action.target_step_id == step.id then return true end
  end
  return false
end

-- The last step, in their order, that a rule waits for before it shows <step>.
local function shown_after(template, steps, step)
  local map, latest = by_id(steps), nil
  for _, rule in ipairs(pick.list(template.automated_actions) or {}) do
    for _, condition in ipairs(shows(rule, step) and pick.list(rule.conditions) or {}) do
      local other = condition.conditionable_type == "Step" and map[condition.conditionable_id]
        or condition.conditionable_type == "Capture" and owner_of(steps, condition.conditionable_id)
      if other and other.id ~= step.id and (not latest or (other.position or 0) > (latest.position or 0)) then latest = other end
    end
  end
  return latest
end

-- Whether the deadline of <from> counts, over any number of steps, from <step>.
local function counts_from(map, from, step)
  local seen, current = {}, from
  while current and not seen[current.id] do
    if current.id == step.id then return true end
    seen[current.id] = true
    local given = current.deadline
    current = pick.is_object(given) and map[given.step] or nil
  end
  return false
end

-- What it counts from: a step, or nil for the launch; and why.
local function anchor(template, steps, step)
  local map = by_id(steps)
  local shown = shown_after(template, steps, step)
  if shown and not counts_from(map, shown, step) then
    return shown, ("A rule shows it after %q."):format(shown.title)
  end
  local before
  for _, other in ipairs(steps) do
    if other.id == step.id then break end
    before = other
  end
  if not before then return nil, "It is the first step: it counts from the launch." end
  if not counts_from(map, before, step) then return before, ("%q comes before it."):format(before.title) end
  return nil, ("%q, which comes before it, is due relative to this step: so it counts from the launch."):format(before.title)
end

-- The latest deadline from the launch among the steps before <step>, in minutes.
local function earlier(steps, step)
  local longest = 0
  for _, other in ipairs(steps) do
    if other.id == step.id then break end
    local given = other.deadline
    if pick.is_object(given) and given.step == "start_run" and given.option ~= "prior_to" then
      longest = math.max(longest, in_minutes(given) or 0)
    end
  end
  return longest
end

local function added(steps, step, own)
  local base = earlier(steps, step)
  if base == 0 then return own.value, own.unit end
  local total = base + own.value * minutes[own.unit]
  if total % 1440 == 0 or total > 1440 then return math.ceil(total / 1440), "days" end
  return math.ceil(total / 60), "hours"
end

local function verdict(current, wanted)
  if not pick.is_object(current) or not in_minutes(current) then return "missing" end
  local is, should = in_minutes(current), in_minutes(wanted)
  local same_anchor = current.step == wanted.step and current.option == wanted.option
  return same_anchor and is * 2 >= should and is <= should * 2 and "fits" or "differs"
end

-- { deadline = { value, unit, option, step }, confidence, reasons, current, verdict }; or nil and the error.
function deadline.of(template, step)
  local steps, err = templates.steps(template)
  if not steps then return nil, err end
  local own, from, why = how_long(step), anchor(template, steps, step)
  local wanted = { value = own.value, unit = own.unit, option = "from", step = from and from.id or "start_run" }
  local reasons = json.array { own.reason, why }
  if not from then
    wanted.value, wanted.unit = added(steps, step, own)
    if wanted.value ~= own.value or wanted.unit ~= own.unit then
      reasons[3] = "The steps before it, which are due from the launch, are added."
    end
  end
  local current = pick.is_object(step.deadline) and json.table(step.deadline) or nil
  return { deadline = wanted, confidence = own.confidence, reasons = reasons, current = current,
    verdict = verdict(step.deadline, wanted) }
end

return deadline
