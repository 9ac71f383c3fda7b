-- field_values_spec.lua - values of forms: each type, each way people write it, and that what does not fit is an error.
local helper = dofile("tests/spec/tool_helper.lua")
local practice, json = helper.practice, helper.json
local array, null = json.array, json.null

describe("values of forms", function ()
  local amelia, values, kickoff
  local place = { argument = "taskdata", noun = "form field", none = "This task has no form fields.", shown_by = "get_task" }

  local function options(...)
    local list = array()
    for id, text in ipairs { ... } do list[id] = { id = id, text = text } end
    return list
  end

  local fields = {
    { id = "f1", alias = "name-1", label = "Name", field_type = "text" },
    { id = "f2", alias = "notes-2", label = "Notes", field_type = "textarea" },
    { id = "f3", alias = "mail-3", label = "Mail", field_type = "email" },
    { id = "f4", alias = "day-4", label = "Day", field_type = "date" },
    { id = "f5", alias = "ok-5", label = "All right?", field_type = "radio", options = options("Yes", "No", "2") },
    { id = "f6", alias = "size-6", label = "Size", field_type = "dropdown", options = options("Small", "Large", "small ") },
    { id = "f7", alias = "extras-7", label = "Extras", field_type = "multiselect", options = options("Dock", "Headset") },
    { id = "f8", alias = "rows-8", label = "Rows", field_type = "table",
      columns = array { { id = 1, label = "Item" }, { id = 2, label = "Price" } } },
    { id = "f9", alias = "papers-9", label = "Papers", field_type = "file" },
    { id = "f10", alias = "who-10", label = "Who", field_type = "assignees_form" },
    { id = "f11", alias = "twin-11", label = "Twin", field_type = "text" },
    { id = "f12", alias = "twin-12", label = "twin", field_type = "text" },
    { id = "f14", alias = "spend-14", label = "Spend", field_type = "text", field_validation = array { "numeric", "min:3" } },
    { id = "f15", alias = "code-15", label = "Code", field_type = "text", field_validation = "alpha_dash|min:3|max:6" },
    { id = "f13", alias = "odd-13", label = "Odd", field_type = "dropdown", options = array { "bare", { id = 4 } } },
  }

  setup(function ()
    amelia = helper.person(practice.open(), "Amelia")
    values, kickoff = helper.use("tallyfy.field_values"), helper.use("tallyfy.kickoff")
  end)

  local function settle(given)
    return values.settle(amelia.call, fields, given, place)
  end

  local function sent(label, value)
    local body, err = settle { [label] = value }
    assert(body, err and err.message)
    local _, only = next(body)
    return only
  end

  local function refused(given, code, in_hint)
    local body, err = settle(given)
    assert.is_nil(body)
    assert.equal(code, err.code, err.message)
    if in_hint then assert.match(in_hint, (err.hint or "") .. err.message, 1, true) end
    return err
  end

  it("tells all that is wrong at once", function ()
    local err = refused({ Spend = "much", ["All right?"] = "Perhaps", Colour = "red", Name = "Ada" }, "invalid_value")
    assert.match("^3 values do not fit: ", err.message)
    for _, part in ipairs { '"Spend" takes a number', "1=Yes, 2=No", 'No form field is called "Colour"' } do
      assert.match(part, err.message, 1, true)
    end
  end)

  it("holds values against the field's own rules, before anything is sent", function ()
    assert.equal("12.50", sent("Spend", "12.50"))
    assert.equal(2, sent("Spend", 2), "beside numeric, min is about the number")
    refused({ Spend = "about 12000" }, "invalid_value", "digits only")
    refused({ Spend = "12,000" }, "invalid_value", '"Spend" takes a number')
    refused({ Spend = "0x10" }, "invalid_value")
    assert.equal(null, sent("Spend", ""), "clearing is no value")
    assert.equal("ab-1", sent("Code", "ab-1"))
    refused({ Code = "a b c" }, "invalid_value", "letters, digits")
    refused({ Code = "ab" }, "invalid_value", "at least 3 characters")
    refused({ Code = "abcdefg" }, "invalid_value", "at most 6 characters")
    refused({ Mail = "tyne.example" }, "invalid_value", "an e-mail address")
    assert.equal("desk@tyne.example", sent("Mail", " desk@tyne.example "))
  end)

  it("finds fields by id, alias and label, exactly before loosely", function ()
    for _, key in ipairs { "f1", "name-1", "Name", "name", " NAME " } do
      assert.same({ f1 = "x" }, (settle { [key] = "x" }))
    end
    assert.same({ f11 = "a", f12 = "b" }, (settle { Twin = "a", twin = "b" }))
    refused({ TWIN = "x" }, "ambiguous", "get_task")
    refused({ Nmae = "x" }, "unknown_field", "\"Name\"")
    refused({ Name = "x", f1 = "y" }, "invalid_value", "twice")
    local _, err = values.settle(amelia.call, {}, { a = 1 }, place)
    assert.equal("This task has no form fields.", err.hint)
  end)

  it("clears with null and what is empty; a table is left out instead", function ()
    for _, empty in ipairs { null, "", array(), {} } do
      assert.equal(null, sent("Name", empty))
      assert.equal(null, sent("Size", empty))
      assert.equal(null, sent("Who", empty))
      local body, notes = settle { Rows = empty }
      assert.same({}, body)
      assert.match("Rows: an empty table is left out", notes[1], 1, true)
    end
    local body, notes = settle { Size = false, ["All right?"] = 0 }
    assert.same({ f5 = null, f6 = null }, body)
    assert.equal(2, #notes, "what is cleared is said")
  end)

  it("keeps scalars in text, and refuses what would be stored as nonsense", function ()
    assert.equal(7, sent("Name", 7))
    assert.is_false(sent("Name", false))
    assert.equal("0", sent("Name", "0"))
    assert.equal("7", sent("Notes", 7))
    assert.equal("true", sent("Notes", true))
    assert.equal("a@b.c", sent("Mail", " a@b.c "))
    refused({ Name = { value = "x" } }, "invalid_value", "bare")
    refused({ Notes = array { "x" } }, "invalid_value")
    refused({ Mail = { value = "a@b.c" } }, "invalid_value")
    refused({ Name = ("x"):rep(201) }, "too_long", "textarea")
    assert.equal(("é"):rep(200), sent("Name", ("é"):rep(200)))
    refused({ Notes = ("x"):rep(30001) }, "too_long")
  end)

  it("reads dates and says how; numbers are none", function ()
    local body, notes = settle { Day = "2026-12-07" }
    assert.match("^2026%-12%-07 00:00:00", body.f4)
    assert.match("^Day: ", notes[1])
    assert.equal("2026-12-07 09:30:00", sent("Day", "2026-12-07 09:30:00"))
    assert.equal("Day", refused({ Day = "someday" }, "bad_date").field)
    assert.equal("Day", refused({ Day = 1764547200 }, "bad_date").field)
  end)

  it("radio: text before id, the stored text is sent", function ()
    assert.equal("Yes", sent("All right?", "yes"))
    assert.equal("Yes", sent("All right?", 1))
    assert.equal("2", sent("All right?", 2), "an option of that text, not the second one")
    assert.equal("No", sent("All right?", array { "No" }))
    assert.equal("No", sent("All right?", { id = 2, text = "no" }))
    refused({ ["All right?"] = "Maybe" }, "invalid_value", "1=Yes, 2=No, 3=2")
    refused({ ["All right?"] = array { "Yes", "No" } }, "invalid_value", "one option")
  end)

  it("dropdown: id before text, exact before loose, both parts are sent", function ()
    assert.same({ id = 2, text = "Large" }, sent("Size", "large"))
    assert.same({ id = 2, text = "Large" }, sent("Size", "2"))
    assert.same({ id = 1, text = "Small" }, sent("Size", "Small"))
    assert.same({ id = 3, text = "small " }, sent("Size", "small"), "exact but for the space")
    refused({ Size = "SMALL" }, "ambiguous", "id")
    assert.same({ id = 2, text = "Large" }, sent("Size", { id = 99, text = "Large" }), "an unknown id leaves the text")
    assert.same({ id = 2, text = "Large" }, sent("Size", { label = "large" }))
    refused({ Size = { id = 1, text = "Large" } }, "invalid_value", "not \"Large\"")
    refused({ Size = { id = 99 } }, "invalid_value", "1=Small")
    refused({ Size = { colour = "red" } }, "invalid_value", "1=Small")
    refused({ Size = array { array { 1 } } }, "invalid_value")
    assert.equal("anything", sent("Odd", "anything"), "without a usable option the API decides")
  end)

  it("multiselect: selected is set, kept when false, once each", function ()
    assert.same({ { id = 2, text = "Headset", selected = true } }, sent("Extras", "headset"))
    assert.same({ { id = 1, text = "Dock", selected = true }, { id = 2, text = "Headset", selected = false } },
      sent("Extras", array { 1, null, { id = 2, text = "Headset", selected = false }, "dock" }))
    refused({ Extras = array { "Dock", "Webcam" } }, "invalid_value", "1=Dock, 2=Headset")
  end)

  it("tables: by column in order, by column name, or by row", function ()
    assert.same({ "A", "B" }, sent("Rows", array { "A", "B" }))
    assert.same({ array { "Pen", "Ink" }, "" }, sent("Rows", { item = array { "Pen", "Ink" } }))
    assert.same({ { "Pen", "Ink" }, { "1", "" } },
      sent("Rows", array { { Item = "Pen", price = "1" }, { ["1"] = "Ink", Price = null } }))
    refused({ Rows = array { "A" } }, "invalid_value", "\"Item\", \"Price\"")
    refused({ Rows = { Colour = "x" } }, "unknown_field", "\"Item\", \"Price\"")
    refused({ Rows = array { { Item = "Pen" }, "Ink" } }, "invalid_value", "Row 2")
    refused({ Rows = "A" }, "invalid_value")
  end)

  it("files: addresses, objects and what was uploaded", function ()
    assert.same({ { url = "https://x.example/a/plan.pdf?v=2", filename = "plan.pdf", source = "url" } },
      sent("Papers", "https://x.example/a/plan.pdf?v=2"))
    assert.same({ { url = "https://x.example", filename = "x.example", source = "url" },
      { id = "77", filename = "b.pdf", source = "local" } },
      sent("Papers", array { "https://x.example", { id = "77", name = "b.pdf" } }))
    refused({ Papers = "plan.pdf" }, "invalid_value", "web address")
    refused({ Papers = "javascript:alert(1)" }, "invalid_value")
    refused({ Papers = { filename = "x" } }, "missing_value")
    refused({ Papers = 7 }, "invalid_value")
  end)

  it("pickers: ids, addresses and names of members, guests and groups", function ()
    assert.same({ users = { 41002 }, guests = {}, groups = {} }, sent("Who", "ben okonkwo"))
    assert.same({ users = { 41002 }, guests = { "new@guest.example" }, groups = {} },
      sent("Who", array { 41002, "BEN.OKONKWO@marigold.example", "New@guest.example" }))
    local who = sent("Who", { users = array { "Dev Patel" }, groups = array { "finance team" } })
    assert.same({ 41004 }, who.users)
    assert.equal(1, #who.groups)
    assert.same(who, sent("Who", array { "Dev Patel", "Finance team" }))
    assert.same(who, sent("Who", who), "what is read can be written")
    refused({ Who = "Nobody Known" }, "not_found")
    refused({ Who = 999 }, "not_found")
    refused({ Who = { people = array { 41002 } } }, "unknown_field", "users, guests and groups")
    refused({ Who = { groups = array { "No such group" } } }, "not_found")
    refused({ Who = true }, "invalid_value")
  end)

  it("is accepted by the API in every shape", function ()
    local template = amelia.client:template("Incident response")
    local list = template.prerun
    local result = assert(kickoff.values(amelia.call, list, { ["What happened?"] = 12, severity = "high",
      ["Reported by"] = "Ben Okonkwo" }))
    local run = amelia.client:post("/organizations/{org}/runs", { checklist_id = template.id, name = "x",
      prerun = result.body })
    assert.equal(201, run.status)
    assert.same({ users = { 41002 }, guests = {}, groups = {} }, run.body.data.prerun[list[3].id])
  end)

  describe("of a kick-off form", function ()
    local list = {
      { id = "k1", alias = "a", label = "Name", field_type = "text", required = true },
      { id = "k2", alias = "b", label = "Owner", field_type = "assignees_form", required = true },
      { id = "k3", alias = "c", label = "Kind", field_type = "radio", required = true, options = options("A", "B"),
        default_value = "A", default_value_enabled = true },
    }

    it("names what is required and missing; defaults count at the launch", function ()
      local _, err = kickoff.values(amelia.call, list, { Owner = { users = array(), guests = array(), groups = array() } })
      assert.equal("missing_value", err.code)
      assert.match("\"Name\" %(text%), \"Owner\" %(assignees_form%)%.$", err.message)
      local _, cleared = kickoff.values(amelia.call, list, { Name = 0, Owner = 41002, Kind = null })
      assert.match("\"Kind\"", cleared.message)
      local right = assert(kickoff.values(amelia.call, list, array { { Name = 0 }, { Owner = 41002 } }))
      assert.equal(0, right.body.k1)
    end)

    it("counts what a running process has already", function ()
      local stored = { k1 = "Jane", k2 = { users = { 41002 }, guests = {}, groups = {} }, k3 = "A" }
      local right = assert(kickoff.values(amelia.call, list, { Kind = "b" }, stored))
      assert.same({ k3 = "B" }, right.body)
      local _, err = kickoff.values(amelia.call, list, { Name = "" }, stored)
      assert.equal("missing_value", err.code)
      stored.k3 = nil
      _, err = kickoff.values(amelia.call, list, {}, stored)
      assert.match("\"Kind\"", err.message, 1, true, "defaults are filled in at the launch only")
    end)
  end)
end)
