-- tools_files_spec.lua - files by reference: reading what was uploaded, and attaching addresses without losing what is there.
local helper = dofile("tests/spec/tool_helper.lua")
local builder = dofile("tests/spec/practice_builder.lua")
local practice, json = helper.practice, helper.json

describe("tools for files", function ()
  local amelia, t, run

  before_each(function ()
    amelia = helper.person(practice.open(), "Amelia")
    t = builder.new(amelia.client, { title = "Papers", steps = {
      { "Sign", fields = { { "Scan", "file" }, { "Note", "text" } } },
      { "Both", fields = { { "Left", "file" }, { "Right", "file" } } },
      { "None", fields = { { "Note two", "text" } } },
    } })
    run = t:launch({}, {})
  end)

  local function upload(name, content)
    local text = {}
    for key, value in pairs { subject_type = "Run", subject_id = run.id, uploaded_from = t.field.Scan, source = "local" } do
      text[#text + 1] = ('--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'):format(key, value)
    end
    text[#text + 1] = ('--b\r\nContent-Disposition: form-data; name="name"; filename="%s"\r\n\r\n%s\r\n--b--')
      :format(name, content)
    return amelia.client:post("/organizations/{org}/file", table.concat(text),
      { ["content-type"] = "multipart/form-data; boundary=b" }).body.data
  end

  local function get(id, more)
    local args = { file_id = id, content = true, offset = 0 }
    for key, value in pairs(more or {}) do args[key] = value end
    return amelia:run("forms/get_file", args)
  end

  local function attach(args)
    args.task_id, args.run_id, args.url = args.task_id or "Sign", run.id, args.url or "https://x.example/plan.pdf"
    return amelia:run("forms/attach_file", args)
  end

  local function refused(result, err, code, in_hint)
    assert.is_nil(result)
    assert.equal(code, err.code, err.message)
    assert.same({}, amelia.api.written)
    if in_hint then assert.match(in_hint, err.message .. " " .. (err.hint or ""), 1, true) end
  end

  local function stored(step, label)
    return t:task(run, step).taskdata[t.field[label]]
  end

  it("get_file shows the facts, and a text in pieces", function ()
    local asset = upload("list.csv", "name,size\nJané,1\n")
    local facts = assert(get(asset.id, { content = false }))
    assert.equal("list.csv, version 1.", facts.text)
    assert.same({ "GET /organizations/{org}/assets/{asset_id}" }, amelia.api.sent)
    local whole = assert(get("https://api.tallyfy.com/organizations/x/file/" .. asset.id .. "/dl"))
    assert.same({ "name,size\nJané,1\n", 18 }, { whole.data.content, whole.data.bytes })
    assert.is_nil(whole.data.next_offset)

    local long = upload("long.txt", ("é"):rep(15000))
    local first = assert(get(long.id))
    local second = assert(get(long.id, { offset = first.data.next_offset }))
    assert.equal(("é"):rep(15000), first.data.content .. second.data.content)
    assert.is_true(#first.data.content <= 20000)
    assert.is_nil(second.data.next_offset)
    assert.equal("", assert(get(long.id, { offset = 99999 })).data.content)
    assert.equal("é", assert(get(long.id, { offset = 29999 })).data.content, "a whole character")
  end)

  it("get_file gives pictures and others as blocks, and none that is too large", function ()
    local picture = assert(get(upload("photo.PNG", "\137PNG").id))
    assert.same({ type = "image", data = "base64:4", mime = "image/png" }, picture.content[1])
    local paper = assert(get(upload("a.pdf", "%PDF").id))
    assert.equal("application/pdf", paper.content[1].resource.mime)
    local latin = assert(get(upload("latin.txt", "Jos\233").id))
    assert.equal("text/plain", latin.content[1].resource.mime, "no UTF-8: as bytes")
    local large = assert(get(upload("large.zip", ("x"):rep(524289)).id))
    assert.is_nil(large.content)
    assert.match("too large", large.text)
  end)

  it("get_file shows bytes as they are, whatever they look like", function ()
    for name, content in pairs { ["a.txt"] = "<p>", ["b.csv"] = "[1, 2]\n", ["c.xml"] = "<?xml?><a/>", ["d.txt"] = "" } do
      assert.equal(content, assert(get(upload(name, content).id)).data.content, name)
    end
  end)

  it("get_file tells what it cannot show", function ()
    local result, err = get("https://x.example/a b.pdf")
    refused(result, err, "invalid_value", "get_task")
    result, err = get(("0"):rep(32))
    refused(result, err, "not_found", "get_task")
    local page = upload("a.txt", "<p>")
    amelia.api.fail = function (_, path)
      if path:match("/dl$") then return { status = 500, body = { message = "down" } } end
    end
    result, err = get(page.id)
    refused(result, err, "http_500", "down")
  end)

  it("attach_file adds to what is there, once", function ()
    local asset = upload("scan.pdf", "x")
    t:save(run, "Sign", { Scan = { asset } })
    local result = assert(attach { url = " https://x.example/a/plan.pdf?v=2 " })
    assert.equal("PUT /organizations/{org}/runs/{run_id}/tasks/{task_id}", amelia.api.written[1].line)
    assert.is_nil(amelia.api.written[1].body.owners)
    assert.same({ asset.id, "plan.pdf" }, { stored("Sign", "Scan")[1].id, stored("Sign", "Scan")[2].filename })
    assert.is_true(result.data.added)
    local again = assert(attach { url = "https://x.example/a/plan.pdf?v=2" })
    assert.same({ false, {} }, { again.data.added, amelia.api.written })
    assert(attach { url = "https://x.example/b", filename = "B.pdf" })
    assert.equal("B.pdf", stored("Sign", "Scan")[3].filename)
  end)

  it("attach_file asks which field, and refuses what cannot be right", function ()
    assert(attach { task_id = "Both", field_id = "right" })
    assert.equal(1, #stored("Both", "Right"))
    local result, err = attach { task_id = "Both" }
    refused(result, err, "ambiguous", "\"Left\", \"Right\"")
    result, err = attach { task_id = "None" }
    refused(result, err, "not_found", "add_form_field_to_step")
    result, err = attach { field_id = "Note" }
    refused(result, err, "not_found", "\"Scan\"")
    result, err = attach { url = "file:///etc/passwd" }
    refused(result, err, "invalid_value", "https://")
    t:complete(run, "Sign")
    result, err = attach {}
    refused(result, err, "refused", "reopen_task")
  end)

  it("attach_file sends nothing when the form cannot be read", function ()
    local task = t:task(run, "Sign")
    amelia.api.fail = function (method)
      task.form_fields = json.null
      return method == "GET" and { status = 200, body = { data = task } } or nil
    end
    local result, err = attach { task_id = task.id }
    refused(result, err, "unknown_state")
  end)

  -- upload_file

  local bytes = {}
  for value = 0, 255 do bytes[#bytes + 1] = string.char(value) end
  bytes = table.concat(bytes)
  local all_bytes = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+P0BBQkNERUZHSElK"
    .. "S0xNTk9QUVJTVFVWV1hZWltcXV5fYGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6e3x9fn+AgYKDhIWGh4iJiouMjY6PkJGSk5SV"
    .. "lpeYmZqbnJ2en6ChoqOkpaanqKmqq6ytrq+wsbKztLW2t7i5uru8vb6/wMHCw8TFxsfIycrLzM3Oz9DR0tPU1dbX2Nna29zd3t/g"
    .. "4eLj5OXm5+jp6uvs7e7v8PHy8/T19vf4+fr7/P3+/w=="

  local function put(args)
    args.run_id = args.run_id or run.id
    if not args.kickoff then args.task_id = args.task_id or "Sign" end
    args.kickoff = nil
    return amelia:run("forms/upload_file", args)
  end

  local function read_back(id)
    return amelia.client:get("/organizations/{org}/file/" .. id .. "/dl").text
  end

  it("upload_file stores every byte and keeps what is there", function ()
    t:save(run, "Sign", { Scan = { upload("first.pdf", "x") } })
    local result = assert(put { content = all_bytes, filename = "All.PNG" })
    local posted, written = amelia.api.written[1], amelia.api.written[2]
    assert.equal("POST /organizations/{org}/file", posted.line)
    assert.same({ subject_type = "Run", subject_id = run.id, uploaded_from = t.field.Scan, source = "local",
      step_id = t.step.Sign }, posted.body)
    assert.equal("image/png", posted.file.type)
    assert.equal("PUT /organizations/{org}/runs/{run_id}/tasks/{task_id}", written.line)
    assert.is_nil(written.body.owners)
    assert.same({ "first.pdf", "All.PNG" }, { stored("Sign", "Scan")[1].filename, stored("Sign", "Scan")[2].filename })
    assert.equal(result.data.id, stored("Sign", "Scan")[2].id)
    assert.same({ "All.PNG", "Scan", 2 }, { result.data.filename, result.data.field, #result.data.files })
    assert.equal(bytes, read_back(result.data.id))
    assert(put { content = "data:image/png;base64,aGk=", filename = "hi.png" })
    assert.equal("hi", read_back(stored("Sign", "Scan")[3].id))
  end)

  it("upload_file takes text, and copies what Tallyfy has", function ()
    local note = assert(put { text = "é <b>\n", filename = "note.txt" })
    assert.equal("é <b>\n", read_back(note.data.id))
    local copy = assert(put { from = "https://api.tallyfy.com/organizations/x/file/" .. note.data.id .. "/dl",
      task_id = "Both", field_id = "left" })
    assert.are_not.equal(note.data.id, copy.data.id)
    assert.equal("note.txt", copy.data.filename)
    assert.equal("é <b>\n", read_back(copy.data.id))
    assert.equal(copy.data.id, stored("Both", "Left")[1].id)
    local json_like = upload("rows.csv", "[1,   2]")
    local renamed = assert(put { from = json_like.id, filename = "b.csv" })
    assert.same({ "b.csv", "[1,   2]" }, { renamed.data.filename, read_back(renamed.data.id) })
  end)

  it("upload_file fills the kick-off form, and tasks of no process", function ()
    local form = builder.new(amelia.client, { title = "Claims", kickoff = { { "Receipt", "file" }, { "Sum", "text" } } })
    local claim = form:launch({ Sum = "5" }, {})
    local result = assert(put { run_id = claim.id, kickoff = true, text = "a", filename = "a.txt" })
    assert.equal("ko_field", amelia.api.written[1].body.uploaded_from)
    assert.equal(claim.name, result.data.run)
    assert(put { run_id = claim.id, kickoff = true, text = "b", filename = "b.txt" })
    local now = form:run(claim)
    local receipts = now.prerun[form.field.Receipt]
    assert.same({ "a.txt", "b.txt" }, { receipts[1].filename, receipts[2].filename })
    assert.equal("5", now.prerun[form.field.Sum])
    assert.equal(#claim.users, #now.users)
    assert(amelia:run("forms/attach_file", { run_id = claim.id, url = "https://x.example/c.pdf" }))
    assert.equal("c.pdf", form:run(claim).prerun[form.field.Receipt][3].filename)
    local refusal = select(2, put { run_id = run.id, kickoff = true, text = "b", filename = "b.txt" })
    assert.equal("not_found", refusal.code)
    assert.match("add_kickoff_field", refusal.hint)
  end)

  it("upload_file sends nothing that cannot be right", function ()
    local result, err = put { filename = "a.txt" }
    refused(result, err, "missing_value", "from")
    result, err = put { filename = "a.txt", text = "a", content = "YQ==" }
    refused(result, err, "invalid_value", "Both text and content")
    result, err = put { text = "a" }
    refused(result, err, "missing_value", "report.pdf")
    result, err = amelia:run("forms/upload_file", { text = "a", filename = "a.txt" })
    refused(result, err, "missing_value", "run_id alone")
    result, err = put { content = "no base64!", filename = "a.png" }
    refused(result, err, "invalid_value", "base64")
    assert.equal("content", err.field)
    result, err = put { text = "x", filename = "../.." }
    refused(result, err, "invalid_value", "name")
    assert.equal("filename", err.field)
    result, err = put { text = ("x"):rep(helper.upload_bytes + 1), filename = "a.txt" }
    refused(result, err, "too_large")
    assert.equal("text", err.field)
    result, err = put { from = ("0"):rep(32) }
    refused(result, err, "not_found", "get_task")
    assert.equal("from", err.field)
    result, err = put { task_id = "Both", text = "a", filename = "a.txt" }
    refused(result, err, "ambiguous", "\"Left\", \"Right\"")
    t:complete(run, "Sign")
    result, err = put { text = "a", filename = "a.txt" }
    refused(result, err, "refused", "reopen_task")
  end)

  it("upload_file keeps names out of headers, and says which kinds there are", function ()
    local result = assert(put { text = "x", filename = "/etc/a\r\nX-Evil: \"1\".txt" })
    assert.equal("a__X-Evil_ _1_.txt", result.data.filename)
    local nothing, err = put { text = "x", filename = "run.exe" }
    assert.is_nil(nothing)
    assert.same({ "http_422", "filename" }, { err.code, err.field })
    assert.match("pdf", err.hint)
    assert.equal(1, #stored("Sign", "Scan"))
  end)

  it("upload_file tells what was done when the second step fails", function ()
    amelia.api.fail = function (method)
      if method == "PUT" then return { status = 500, body = { message = "down" } } end
    end
    local nothing, err = put { text = "x", filename = "a.txt" }
    assert.is_nil(nothing)
    assert.match("was uploaded as file %x+, but", err.message)
    assert.match("down", err.message, 1, true)
    assert.match("update_task", err.hint)
    amelia.api.fail = function (method) return method == "POST" and { status = 503, body = { message = "busy" } } or nil end
    nothing, err = put { text = "x", filename = "a.txt" }
    assert.is_nil(nothing)
    assert.equal("http_503", err.code)
    assert.equal(1, #amelia.api.written)
  end)

  it("upload_file keeps a file that somebody added meanwhile", function ()
    amelia.api.fail = function (method)
      if method == "POST" then t:save(run, "Sign", { Scan = { upload("other.pdf", "y") } }) end
    end
    local result = assert(put { text = "x", filename = "a.txt" })
    assert.equal(2, #result.data.files)
    assert.same({ "other.pdf", "a.txt" }, { stored("Sign", "Scan")[1].filename, stored("Sign", "Scan")[2].filename })
  end)
end)
