-- The large organisation, and the lists that stay in order: what a list remembers must never differ from what
-- sorting and filtering everything anew would give.
local root = debug.getinfo(1, "S").source:match("^@(.*)practice_large_spec.lua$")
local helper = dofile(root .. "practice_helper.lua")
local ordering = require "practice.ordering"
local store = require "practice.store"
local at = "/organizations/{org}"

describe("an order", function ()
  local world, organization

  before_each(function ()
    world = { version = 0 }
    organization = { things = store.collection() }
    ordering.forget(organization)
  end)

  local function rank(record) return record.rank end

  local function ids(list)
    local out = {}
    for i, record in ipairs(list) do out[i] = record.id end
    return table.concat(out, " ")
  end

  -- What sorting anew gives.
  local function anew(descending)
    local copy = table.move(organization.things.list, 1, organization.things:count(), 1, {})
    table.sort(copy, function (a, b)
      if a.rank ~= b.rank then
        if a.rank == nil or b.rank == nil then return b.rank == nil end
        if descending then return a.rank > b.rank end
        return a.rank < b.rank
      end
      return a.increment_id < b.increment_id
    end)
    return ids(copy)
  end

  it("is what sorting anew gives, whatever is added, removed and changed", function ()
    math.randomseed(11)
    local made = 0
    local function add()
      made = made + 1
      organization.things:add { id = "r" .. made, increment_id = made,
        rank = math.random(4) > 1 and math.random(20) or nil }
    end
    for _ = 1, 300 do add() end
    for round = 1, 200 do
      for _ = 1, math.random(0, round % 50 == 0 and 200 or 5) do
        local list = organization.things.list
        local kind = math.random(3)
        if kind == 1 or #list == 0 then add() end
        if kind == 2 and #list > 0 then organization.things:remove(list[math.random(#list)]) end
        -- Often the very last one, which marks where new ones begin.
        if kind == 2 and #list > 0 and math.random(3) == 1 then organization.things:remove(list[#list]) end
        if kind == 3 and #list > 0 then
          list[math.random(#list)].rank = math.random(4) > 1 and math.random(20) or nil
        end
      end
      world.version = world.version + 1
      for _, descending in ipairs { false, true } do
        local list = ordering.sorted(world, organization, "things", "rank", rank, descending)
        assert.equal(anew(descending), ids(list), "round " .. round)
      end
    end
  end)

  it("forgets what filters let through when something is written, or time moves where that matters", function ()
    local calls = 0
    local function select(now)
      return ordering.selection(world, organization, "label", now, function ()
        calls = calls + 1
        return {}
      end)
    end
    select(1)
    select(1)
    assert.equal(1, calls)
    select(2)
    assert.equal(2, calls)
    world.version = 1
    select(2)
    assert.equal(3, calls)
  end)

  it("remembers a bounded number of selections", function ()
    for i = 1, 1000 do ordering.selection(world, organization, "label " .. i, nil, function () return {} end) end
    local count = 0
    for _ in pairs(organization.selections.by_label) do count = count + 1 end
    assert.equal(#organization.selections.labels, count)
    assert.is_true(count <= 32)
  end)
end)

describe("the large organisation", function ()
  local service, clock, organization, amelia, carla

  setup(function ()
    clock = { now = helper.wednesday }
    service = require("practice.service").new { seed = 5, scale = "large", now = function () return clock.now end }
    organization = service.world.organizations[1]
    amelia, carla = helper.client(service, "Amelia"), helper.client(service, "Carla")
  end)

  it("has its size, and keeps the hand-made people and work", function ()
    assert.same({ 500, 200, 5000, 100000 }, { organization.members:count(), organization.checklists:count(),
      organization.runs:count(), organization.tasks:count() })
    local small = helper.client(helper.open(5), "Amelia")
    assert.equal(small.key, amelia.key)
    for _, run in ipairs(small:get(at .. "/runs?per_page=100").body.data) do
      assert.same(run, amelia:get(at .. "/runs/" .. run.id).body.data)
    end
  end)

  it("is the same for the same seed", function ()
    local again = require("practice.service").new { seed = 5, scale = "large", now = function () return clock.now end }
    local other = helper.client(again, "Amelia")
    for _, path in ipairs { "/runs?page=37&with=tasks.threads,tasks.form_fields", "/tasks?page=900&per_page=100",
      "/users?page=3&per_page=100", "/checklists?page=15&with=steps" } do
      assert.same(amelia:get(at .. path).body, other:get(at .. path).body)
    end
  end)

  it("has unique ids and numbers", function ()
    local seen = {}
    for _, name in ipairs { "runs", "tasks", "checklists", "groups" } do
      for _, record in ipairs(organization[name].list) do
        assert.is_nil(seen[record.id])
        seen[record.id] = true
        local number = record.increment_id and name .. record.increment_id
        if number then
          assert.is_nil(seen[number], number)
          seen[number] = true
        end
      end
    end
  end)

  it("is believable: nothing before its time, deadlines as the engine sets them, every state there", function ()
    local deadlines = require "practice.engine.deadlines"
    local status = require "practice.engine.status"
    local words = {}
    for i, run in ipairs(organization.runs.list) do
      words[run.status] = (words[run.status] or 0) + 1
      assert.is_true(run.created_at <= helper.wednesday)
      if i % 97 == 0 then
        for _, task in ipairs(run.tasks) do
          if task.step and not task.deadline_fixed then
            assert.equal(deadlines.of_task(run, task), task.deadline)
          end
          assert.is_true((task.completed_at or helper.wednesday) <= helper.wednesday)
          assert.is_true((task.completed_at or run.created_at) >= run.created_at)
        end
        local before = run.status
        status.refresh(run, helper.wednesday)
        assert.equal(before, run.status, run.name)
      end
    end
    for _, word in ipairs { "active", "complete", "problem", "archived" } do
      assert.is_true((words[word] or 0) > 20, word)
    end
  end)

  it("pages through its tasks without losing one", function ()
    local first = amelia:get(at .. "/tasks?status=overdue&per_page=100").body
    local seen, total = {}, first.meta.pagination.total
    local last_deadline = ""
    for page = 1, first.meta.pagination.total_pages do
      for _, task in ipairs(amelia:get(at .. "/tasks?status=overdue&per_page=100&page=" .. page).body.data) do
        assert.is_nil(seen[task.id])
        assert.is_true(task.deadline >= last_deadline)
        seen[task.id], last_deadline, total = true, task.deadline, total - 1
      end
    end
    assert.equal(0, total)
  end)

  it("shows a write in the next list, and work can go on", function ()
    local before = amelia:get(at .. "/tasks").body.meta.pagination.total
    local task = amelia:post(at .. "/tasks", { title = "First of all", task_type = "task",
      deadline = "2020-01-01 10:00:00", owners = { users = { 41003 } } }).body.data
    local list = amelia:get(at .. "/tasks").body
    assert.equal(before + 1, list.meta.pagination.total)
    assert.equal(task.id, list.data[1].id)
    amelia:delete(at .. "/tasks/" .. task.id .. "/delete")
    assert.equal(before, amelia:get(at .. "/tasks").body.meta.pagination.total)
    local open = amelia:get(at .. "/runs?status=active&q=Fire&with=next_task").body.data[1]
    local next_task = open.next_task.data[1]
    local values = {}
    local form = amelia:get(at .. "/tasks/" .. next_task.id .. "?with=form_fields").body.data.form_fields.data
    for _, field in ipairs(form) do
      values[field.id] = field.field_type == "radio" and field.options[1].text or "R-1"
    end
    amelia:put(at .. "/runs/" .. open.id .. "/tasks/" .. next_task.id, { taskdata = values })
    local done = amelia:post(at .. "/runs/" .. open.id .. "/completed-tasks",
      { task_id = next_task.id, is_approved = true })
    assert.equal(200, done.status)
    assert.equal(open.progress.complete + 1, amelia:get(at .. "/runs/" .. open.id).body.data.progress.complete)
  end)

  it("shows a light member what single reads show", function ()
    local listed = {}
    for _, task in ipairs(carla:get(at .. "/tasks?without_pagination=true").body.data) do listed[task.id] = true end
    for i = 1, organization.tasks:count(), 997 do
      local task = organization.tasks.list[i]
      if task.status ~= "auto-skipped" and not (task.run and task.run.archived_at) then
        assert.equal(listed[task.id] == true, carla:get(at .. "/tasks/" .. task.id).status == 200)
      end
    end
    assert.is_true(next(listed) ~= nil)
  end)
end)
