-- The practice organisation's small parts: calendar, zones, ids, working time, values, faults.
local root = debug.getinfo(1, "S").source:match("^@(.*)practice_parts_spec.lua$")
local helper = dofile(root .. "practice_helper.lua")
local time = require "practice.time"
local zones = require "practice.zones"
local random = require "practice.random"
local deadlines = require "practice.engine.deadlines"
local values = require "practice.engine.values"
local faults = require "practice.faults"

describe("time", function ()
  it("reads what clients send and nothing else", function ()
    assert.equal("2026-02-28T23:59:59Z", time.iso(time.parse("2026-02-28 23:59:59")))
    assert.equal("2026-11-25T00:00:00Z", time.iso(time.parse("2026-11-25")))
    assert.equal("2026-11-25T07:00:00Z", time.iso(time.parse("2026-11-25T09:00:00+02:00")))
    assert.equal("2026-11-25T09:00:00Z", time.iso(time.parse("2026-11-25T09:00:00.000Z")))
    for _, wrong in ipairs { "", "tomorrow", "2026-13-01", "2026-02-29", "2026-11-25T25:00:00Z",
      "1764000000",
      "2026-11-25T09:00:00+99:00", "2026-11-25Tnoon" } do
      assert.is_nil(time.parse(wrong), wrong)
    end
    assert.is_nil(time.parse(1764000000))
  end)

  it("knows leap years and weekdays", function ()
    assert.equal("2028-02-29", time.date(time.of(2028, 2, 29)))
    assert.equal("1969-12-31T23:59:59Z", time.iso(-1))
    assert.equal(3, time.weekday(time.of(2026, 11, 25)))
  end)

  it("adds calendar amounts, months to the last day where the day does not exist", function ()
    assert.equal("2026-02-28", time.date(time.add(time.of(2026, 1, 31), 1, "months")))
    assert.equal("2025-12-31", time.date(time.add(time.of(2026, 1, 31), -1, "month")))
    assert.equal("2026-02-14", time.date(time.add(time.of(2026, 1, 31), 2, "weeks")))
    assert.is_nil(time.add(0, 1, "fortnights"))
  end)
end)

describe("zones", function ()
  it("change to summer time and back at the right moment", function ()
    assert.equal(0, zones.offset("Europe/London", time.of(2026, 3, 29, 0, 59, 59)))
    assert.equal(3600, zones.offset("Europe/London", time.of(2026, 3, 29, 1)))
    assert.equal(0, zones.offset("Europe/London", time.of(2026, 10, 25, 1)))
    assert.equal(-5 * 3600, zones.offset("America/New_York", time.of(2026, 3, 8, 6, 59)))
    assert.equal(-4 * 3600, zones.offset("America/New_York", time.of(2026, 3, 8, 7)))
    assert.equal(-5 * 3600, zones.offset("America/New_York", time.of(2026, 11, 1, 6)))
    assert.equal("-05:00", zones.offset_text("America/New_York", time.of(2026, 12, 1)))
    assert.equal(0, zones.offset("Mars/Olympus", 0))
  end)
end)

describe("ids", function ()
  it("depend on seed, kind and place only", function ()
    local a, b, c = random.new(1), random.new(1), random.new(2)
    b:id("something else")
    assert.equal(a:id("run"), b:id("run"))
    assert.not_equal(random.new(1):id("run"), c:id("run"))
    assert.not_equal(a:id("run"), random.new(1):id("run"))
    assert.matches("^%x+$", a:id("task"))
    assert.equal(32, #a:id("task"))
  end)
end)

describe("working time", function ()
  local office = {
    timezone = "Europe/London",
    working_days = { Monday = true, Tuesday = true, Wednesday = true, Thursday = true, Friday = true },
  }

  it("moves a weekend to Monday morning of the organisation's zone", function ()
    assert.equal("2026-11-30T09:00:00Z", time.iso(deadlines.to_working_time(office, time.of(2026, 11, 28,
      15))))
    assert.equal("2026-06-29T08:00:00Z", time.iso(deadlines.to_working_time(office, time.of(2026, 6, 27,
      15))))
  end)

  it("leaves working days alone, and everything where nobody ever works", function ()
    local moment = time.of(2026, 11, 27, 3)
    assert.equal(moment, deadlines.to_working_time(office, moment))
    assert.equal(7, deadlines.to_working_time({ timezone = "UTC", working_days = {} }, 7))
  end)
end)

-- One value into one field: what is stored, or the complaint.
local function save(field, value)
  local whole = { id = "f", label = "Field", options = {}, columns = {}, field_validation = {} }
  for key, one in pairs(field) do whole[key] = one end
  local stored, complaint = { f = "old" }, nil
  values.save({ whole }, { f = value }, stored, function (_, message) complaint = message end)
  return stored.f, complaint
end

describe("field values", function ()
  local sizes = { { id = 1, text = "Small" }, { id = 2, text = "Large" } }
  local null, array = helper.null, helper.json.array

  it("take the shape of their type", function ()
    assert.equal(12, (save({ field_type = "text" }, 12)))
    assert.equal("long text", (save({ field_type = "textarea" }, "long text")))
    assert.equal("2026-03-01 09:00:00", (save({ field_type = "date" }, "2026-03-01 09:00:00")))
    assert.equal("Large", (save({ field_type = "radio", options = sizes }, "Large")))
    assert.same({ id = 2, text = "Large" }, (save({ field_type = "dropdown", options = sizes }, { id = 2,
      text = "Large" })))
    assert.same({ odd = true }, (save({ field_type = "email" }, { odd = true })))
  end)

  it("refuse every other shape and keep what was there", function ()
    local wrong = {
      { { field_type = "text" }, array { "a" } }, { { field_type = "text" }, ("x"):rep(201) },
      { { field_type = "textarea" }, 12 }, { { field_type = "date" }, 1764000000 },
      { { field_type = "date" }, "soon" }, { { field_type = "radio", options = sizes }, "large" },
      { { field_type = "dropdown", options = sizes }, "Large" },
      { { field_type = "dropdown", options = sizes }, { id = 1, text = "Large" } },
      { { field_type = "multiselect", options = sizes }, { id = 1, text = "Small" } },
      { { field_type = "multiselect", options = sizes }, array { "Small" } },
      { { field_type = "table", columns = { {}, {} } }, array { "only one" } },
      { { field_type = "table", columns = { {}, {} } }, "" },
      { { field_type = "table", columns = { {}, {} } }, array {} },
      { { field_type = "file" }, "https://files.example/a.pdf" },
      { { field_type = "file" }, array { { filename = "a.pdf" } } },
      { { field_type = "assignees_form" }, array { 41001 } },
      { { field_type = "text", field_validation = { "numeric" } }, "many" },
      { { field_type = "text", field_validation = { "min:3" } }, "ab" },
    }
    for i, case in ipairs(wrong) do
      local stored, complaint = save(case[1], case[2])
      assert.equal("old", stored, "case " .. i)
      assert.matches("^The Field ", complaint, nil, "case " .. i)
    end
  end)

  it("are cleared by empty ones", function ()
    for _, empty in ipairs { null, "" } do assert.is_nil((save({ field_type = "text" }, empty))) end
    assert.is_nil((save({ field_type = "multiselect", options = sizes }, array {})))
    assert.is_nil((save({ field_type = "dropdown", options = sizes }, {})))
  end)

  it("read as text", function ()
    local extras = { field_type = "multiselect", options = sizes }
    assert.same({ "Small" }, values.texts(extras, {
      { id = 1, text = "Small", selected = true }, { id = 2, text = "Large" },
    }))
    assert.same({ "2026-03-01" }, values.texts({ field_type = "date" }, "2026-03-01T10:00:00Z"))
    assert.same({ "A1", "B1", "B2" }, values.texts({ field_type = "table" }, { "A1", { "B1", "B2" } }))
    assert.same({}, values.texts({ field_type = "text" }, nil))
  end)
end)

describe("faults", function ()
  it("are read with counts, amounts and Retry-After", function ()
    local items = faults.parse("503x2, latency=1.5s; retry-after=7")
    assert.same({ "status", 503, 2, "7" }, { items[1].kind, items[1].amount, items[1].times,
      items[1].retry_after })
    assert.same({ "latency", 1500, math.huge }, { items[2].kind, items[2].amount, items[2].times })
    assert.equal(50 * 1024 * 1024, faults.parse("huge=50MB")[1].amount)
    assert.equal(math.huge, faults.parse("hangx*")[1].times)
  end)

  it("are refused with a reason when they make no sense", function ()
    for _, text in ipairs { "", "200", "299x1", "explode", "latency", "latency=5h", "huge=9999MB",
      "drip=900s",
      "retry-after=3" } do
      local items, message = faults.parse(text)
      assert.is_nil(items, text)
      assert.is_string(message)
    end
  end)
end)
