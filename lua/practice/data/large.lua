-- The large practice organisation: 500 people, 200 templates, 5,000 processes and 100,000 tasks around the
-- hand-made ones. Everything is worked out from the seed and the number of the thing, so the world is the same each
-- time, and quick to make: a task keeps what is its own and takes everything else from its step.
local blueprints = require "practice.data.blueprints"
local crowd = require "practice.data.crowd"
local deadlines = require "practice.engine.deadlines"
local json = require "json"
local large_task = require "practice.data.large_task"
local lists = require "practice.lists"
local time = require "practice.time"
local work = require "practice.engine.work"

local large = { organization = "marigold" }

local people_in_all, templates_in_all, runs_in_all, tasks_in_all = 500, 200, 5000, 100000
local oldest_days = 300

local function add_people(build, organization, data)
  local dice, first = build.ids:dice("crowd"), crowd.first_names
  local by_team, number = {}, 0
  for i in ipairs(crowd.teams) do by_team[i] = {} end
  while #organization.members.list < people_in_all do
    number = number + 1
    -- Every first name meets every last name once before any pair comes again.
    local one = first[(number - 1) % #first + 1]
    local other = crowd.last_names[((number - 1) // #first + (number - 1)) % #crowd.last_names + 1]
    local team = (number - 1) % #crowd.teams + 1
    local roll = dice(number, 100)
    local joined = build.today - (30 + dice(number, 700)) * time.day + 9 * time.hour
    local left = roll == 99
    local member = {
      id = 43000 + number, email = ("%s.%s%d@%s"):format(one, other, number, data.domain):lower(),
      username = ("%s.%s%d"):format(one, other, number):lower(), first_name = one, last_name = other,
      full_name = one .. " " .. other, role = roll < 2 and "admin" or roll < 60 and "standard" or "light",
      status = left and "disabled" or "active", job_title = crowd.teams[team][2], team = crowd.teams[team][1],
      country = data.home, timezone = data.timezone, date_format = data.date_format, created_at = joined,
      last_updated = joined, activated_at = joined, last_login_at = build.today - dice(number, 20) * time.day,
      disabled_at = left and build.today - 10 * time.day or nil, invited_by = data.first_user_id,
    }
    organization.members:add(member)
    build.world.accounts[#build.world.accounts + 1] = {
      id = member.id, email = member.email, name = member.full_name,
      memberships = { { organization = organization, member = member } },
    }
    if not left then table.insert(by_team[team], member.id) end
  end
  return by_team
end

local function add_groups(build, organization, by_team)
  for i, team in ipairs(crowd.teams) do
    for half = 1, 2 do
      local members = {}
      for k = half, math.min(#by_team[i], 24), 2 do members[#members + 1] = by_team[i][k] end
      local created = build.today - 200 * time.day + i * time.hour
      organization.groups:add {
        id = build.ids:id("group"), name = ("%s %s"):format(team[1], half == 1 and "North" or "South"),
        description = ("%s, %s"):format(team[1], half == 1 and "northern sites" or "southern sites"),
        members = json.array(members), guests = json.array({}), created_at = created, last_updated = created,
      }
    end
  end
end

local function add_folders(build, organization)
  for i, site in ipairs(crowd.sites) do
    build.folder.marigold[site] = organization.folders:add {
      id = build.ids:id("folder"), name = site, folder_type = "checklist", position = 10 + i,
      created_at = build.today - 210 * time.day,
    }
  end
end

-- A template in the short form of data/templates.lua.
local function template_row(subject, site, number)
  local row = {
    key = "large " .. number, title = ("%s, %s"):format(subject[1], site), icon = subject[2], folder = site,
    owner = ({ "amelia", "ben", "dev", "elif" })[number % 4 + 1], naming = subject[1] .. ": {{reference}}",
    summary = ("%s at Marigold's %s site"):format(subject[1], site), steps = {},
    kickoff = {
      { "reference", "text", "Reference", required = true }, { "wanted-by", "date", "Wanted by" },
      { "urgency", "dropdown", "Urgency", options = { "Normal", "High" } },
    },
    rules = { { "Correct only what was found", when = { { "result", "equals", "Findings" } },
      act = { { "show", "step 15" } } } },
  }
  for i, step in ipairs(crowd.steps) do
    row.steps[i] = { "step " .. i, step[1], type = step.type, due = { i, "days" } }
  end
  row.steps[4].fields = { { "record-number", "text", "Record number", required = true } }
  row.steps[14].fields = { { "result", "radio", "Result", required = true, options = { "Passed", "Findings" } } }
  return row
end

local function add_templates(build, organization, by_team)
  local rows, before = {}, #organization.checklists.list
  for i = 1, templates_in_all - before do
    local subject, site = (i - 1) % #crowd.subjects + 1, (i - 1) // #crowd.subjects + 1
    rows[i] = template_row(crowd.subjects[subject], crowd.sites[site], i)
  end
  local hand_made = build.template.marigold
  blueprints.add(build, organization, "marigold", rows)
  build.template.marigold = hand_made
  local checklists = {}
  for i = 1, #rows do
    local checklist = organization.checklists.list[before + i]
    for k, step in ipairs(checklist.steps) do
      local team = by_team[crowd.steps[k][2]]
      step.assignees = json.array({ team[(i - 1) % #team + 1] })
    end
    checklists[i] = checklist
  end
  return checklists
end

-- Deadlines as the engine would work them out, once for each day: launches are in office hours, so a moment and
-- its day are working time or not together.
local function calendar(organization)
  local monday_of = {}
  return function (moment)
    local day = moment // time.day
    local moved = monday_of[day]
    if moved == nil then
      local noon = day * time.day + 12 * time.hour
      local to = deadlines.to_working_time(organization, noon)
      moved = to ~= noon and to
      monday_of[day] = moved
    end
    return moved or moment
  end
end

-- How far a process has come by today: the steps that are done, and whether there is trouble or it was put away.
local function stage_of(dice, number, age, steps)
  if age > 40 then return steps, dice(number, 20) == 0 and "archived" or "complete" end
  local done = math.min(steps, age * (2 + dice(number, 3)) // 3)
  if done == steps then return done, "complete" end
  return done, dice(number, 25) == 0 and "problem" or "active"
end

local function add_runs(build, organization, checklists)
  local context = {
    organization = organization, dice = build.ids:dice("large run"), task_id = build.ids:series("large task"),
    working = calendar(organization), made = 0, now = build.world.now(),
    first_number = 5500 + build.ids:count("task number"), kinds = {},
  }
  local act = { world = build.world, organization = organization, now = 0, member = organization.members.list[1] }
  local number = 0
  while #organization.runs.list < runs_in_all do
    number = number + 1
    local checklist = checklists[(number - 1) % #checklists + 1]
    -- A few more in the last weeks than long ago.
    local age = 1 + (context.dice(number, oldest_days) * context.dice(number + runs_in_all, 100)) // 100
    local start = build.today - age * time.day + (10 + context.dice(number, 5)) * time.hour
    act.now = start
    local done, word = stage_of(context.dice, number, age, #checklist.steps)
    local starter = checklist.steps[1].assignees[1]
    local run = work.run(act, checklist, {
      name = ("%s: %s-%05d"):format(checklist.title:match("^[^,]+"), checklist.title:match(", (.)"), number),
      prerun = { [checklist.prerun[1].id] = ("%s-%05d"):format(checklist.title:match(", (.)"), number) },
      started_by = starter, owner_id = starter, starred = false, is_public = false, folders = {},
      users = json.array({}), groups = json.array({}), status = word == "archived" and "archived" or word,
      prerun_completed_at = start, prerun_completed_by = starter,
    })
    large_task.add_all(context, run, checklist, done, word)
    if word == "complete" then run.completed_at = run.last_updated end
    if word == "archived" then run.archived_at = run.last_updated end
    checklist.started_processes = checklist.started_processes + 1
    organization.runs:add(run)
  end
  build.ids:skip("task number", context.made)
  return context
end

-- One-off tasks for what is missing.
local function add_one_offs(build, organization, context, by_team)
  local act = { world = build.world, organization = organization, now = build.today, member = nil }
  local members = organization.members
  local number = 0
  while organization.tasks:count() < tasks_in_all do
    number = number + 1
    local team = by_team[number % #by_team + 1]
    act.member = members:get(team[number % #team + 1])
    act.now = build.today - (1 + context.dice(number, 9)) * time.day + 10 * time.hour
    local task = work.one_off_task(act, {
      title = ("%s, %s: %s"):format(crowd.subjects[number % #crowd.subjects + 1][1],
        crowd.sites[number % #crowd.sites + 1], crowd.steps[number % #crowd.steps + 1][1]:lower()),
      summary = "<p>Not part of a process</p>",
      deadline = context.working(build.today + (context.dice(number, 12) - 4) * time.day + 15 * time.hour),
    })
    local assignee = team[(number + 1) % #team + 1]
    work.keep_task(act, task, { users = json.array({ assignee }), guests = lists.map({}), groups = lists.map({}) })
  end
end

-- Fills the organisation up to its full size.
function large.add(build, organization, data)
  local by_team = add_people(build, organization, data)
  add_groups(build, organization, by_team)
  add_folders(build, organization)
  local checklists = add_templates(build, organization, by_team)
  local context = add_runs(build, organization, checklists)
  add_one_offs(build, organization, context, by_team)
end

return large
