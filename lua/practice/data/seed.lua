-- Makes the practice world: the same for the same seed, except that its days are counted back from
-- today, so that what is overdue stays overdue. Processes are launched and worked on through the engine
-- itself, at past moments.
local issues = require "practice.engine.issues"
local json = require "json"
local activity = require "practice.engine.activity"
local blueprints = require "practice.data.blueprints"
local large = require "practice.data.large"
local completion = require "practice.engine.completion"
local deadlines = require "practice.engine.deadlines"
local launch = require "practice.engine.launch"
local lists = require "practice.lists"
local organizations = require "practice.data.organizations"
local owners = require "practice.engine.owners"
local people = require "practice.data.people"
local processes = require "practice.data.processes"
local random = require "practice.random"
local rates = require "practice.rates"
local saving = require "practice.engine.saving"
local switches = require "practice.switches"
local templates = require "practice.data.templates"
local time = require "practice.time"
local tokens = require "practice.tokens"
local work = require "practice.engine.work"

local seed = {}

local month_names = { "January", "February", "March", "April", "May", "June", "July", "August", "September",
  "October", "November", "December" }

-- A value of the short form in the shape its field takes.
local function value_of(build, field, short)
  if type(short) == "table" and short.days then return time.iso(build.today + short.days * time.day) end
  if type(short) == "table" and short.month then
    local year, month = time.parts(time.add(build.today, short.month, "months"))
    return ("%s %d"):format(month_names[month], year)
  end
  local function option(text)
    for _, one in ipairs(field.options) do
      if one.text == text then return { id = one.id, text = one.text } end
    end
    error(("seed data: %s has no option %s"):format(field.label, text))
  end
  if field.field_type == "dropdown" then return option(short) end
  if field.field_type == "multiselect" then
    return lists.map(short, function (text)
      local entry = option(text)
      entry.selected = true
      return entry
    end)
  end
  return type(short) == "table" and json.array(short) or short
end

local function values_of(build, template, short)
  local given = {}
  for key, value in pairs(short or {}) do
    local field = assert(template.names[key], "seed data: no field " .. key)
    given[field.id] = value_of(build, field, value)
  end
  return given
end

local function act_of(build, organization, org_key, who, moment)
  return {
    world = build.world, organization = organization, now = moment,
    member = assert(build.member[org_key][who], "seed data: no person " .. tostring(who)),
  }
end

-- The events of a process in the order they happened.
local function events_of(row)
  local events = {}
  for i, done in ipairs(row.done or {}) do events[#events + 1] = { days = done[3], place = i,
    done = done } end
  for i, says in ipairs(row.says or {}) do
    events[#events + 1] = { days = says[3], place = 100 + i, says = says }
    local resolved = says.resolved
    if resolved then
      events[#events + 1] = { days = resolved[2], place = -i, resolves = says, by = resolved[1], text = resolved[3] }
    end
  end
  table.sort(events, function (a, b)
    if a.days ~= b.days then return a.days < b.days end
    return a.place < b.place
  end)
  return events
end

-- "@[ben]" with Ben's id
local function with_ids(build, org_key, text)
  return (text:gsub("@%[(%a+)%]", function (key) return "@[" .. build.member[org_key][key].id .. "]" end))
end

local function happen(build, organization, org_key, template, run, event, moment)
  local what = event.done or event.says or event.resolves
  local act = act_of(build, organization, org_key, event.by or what[2], moment)
  local kind = what[1] == "process" and "run" or "task"
  local subject = kind == "run" and run or run.task_by_step[template.steps[what[1]].id]
  if event.done then
    saving.task_values(act, subject, values_of(build, template, what.values))
    completion.complete(act, subject, what.approved, act.member)
  elseif event.says then
    local thread = { content = with_ids(build, org_key, what[4]), label = what.label }
    what.thread = issues.write(act, kind, subject, thread)
  else
    issues.resolve(act, kind, subject, what.thread, { content = with_ids(build, org_key, event.text) })
    what.thread = nil
  end
end

local function add_process(build, organization, org_key, row)
  local template = assert(build.template[org_key][row[1]], "seed data: no template " .. row[1])
  local start = organizations.past(build, row[3], ("%s %s %d"):format(org_key, row[1], row[3]))
  local run = launch.start(act_of(build, organization, org_key, row[2], start), {
    checklist = template.checklist, prerun = values_of(build, template, row.kickoff),
  })
  for place, event in ipairs(events_of(row)) do
    local moment = start + event.days * time.day + place * 17 * time.minute
    happen(build, organization, org_key, template, run, event, moment)
  end
end

local function add_one_off(build, organization, org_key, row)
  local title, by, keys, ago, due, summary = table.unpack(row)
  local created = organizations.past(build, ago, title)
  local act = act_of(build, organization, org_key, by, created)
  local set = owners.none()
  for _, key in ipairs(keys) do lists.add_once(set.users, build.member[org_key][key].id) end
  local deadline = build.today + due * time.day + 15 * time.hour
  -- Overdue ones stay where they are: moving them to a working day could bring them into the future.
  if due >= 0 then deadline = deadlines.to_working_time(organization, deadline) end
  local task = work.one_off_task(act, {
    title = title, summary = summary, deadline = deadline, task_type = row.type,
  })
  work.keep_task(act, task, set)
  if row.done_by then
    local later = act_of(build, organization, org_key, row.done_by, created + 26 * time.hour)
    completion.complete(later, task, nil, later.member)
  end
end

-- <options> = { seed, scale = "small" | "large", now }. The world: organisations, accounts, ids and switches.
function seed.world(options)
  local ids = random.new(options.seed or 1)
  local world = {
    now = options.now, ids = ids, organizations = {}, accounts = {}, account_by_key = {},
    switches = switches.defaults(), rates = rates.new(), tokens = tokens.new(),
    version = 0, -- counts writes: what ordering.lua remembers is compared with it
  }
  local build = {
    world = world, ids = ids, today = time.midnight(options.now()),
    member = {}, group = {}, folder = {}, template = {},
  }
  for _, data in ipairs(people) do
    local organization = organizations.add(build, data)
    blueprints.add(build, organization, data.key, templates[data.key])
    for _, row in ipairs(processes[data.key]) do add_process(build, organization, data.key, row) end
    for _, row in ipairs(processes.one_offs[data.key]) do add_one_off(build, organization, data.key,
      row) end
    organizations.file(build, organization, data)
    if options.scale == "large" and data.key == large.organization then large.add(build, organization, data) end
    activity.order(organization)
  end
  return world
end

return seed
