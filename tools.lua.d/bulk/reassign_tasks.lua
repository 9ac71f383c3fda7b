local bulk_tasks, members = use "tallyfy.bulk_tasks", use "tallyfy.members"
local once, owners, preview = use "tallyfy.once", use "tallyfy.owners", use "tallyfy.preview"
local shape, who = use "tallyfy.shape", use "tallyfy.who"

local none = { users = {}, guests = {}, groups = {} }

-- Both sets by id, and never nobody at all.
local function people_of(call, args)
  local to, err = owners.resolve(call, args.to, "to")
  if not to then return nil, err end
  for bucket in pairs(none) do to[bucket] = to[bucket] or {} end
  if owners.count(to) == 0 then
    return nil, { code = "missing_value", field = "to", message = "Nobody was named who takes the tasks.",
      hint = "Name users, guests or groups." }
  end
  if not args.from then return to end
  local everyone, unread
  if args.from.users then everyone, unread = members.everyone(call) end -- who was disabled keeps tasks until they are handed over
  if unread then return nil, unread end
  local from, wrong = owners.resolve(call, args.from, "from", everyone)
  if not from then return nil, wrong end
  return to, from
end

local function same(one, other)
  return json.encode(one) == json.encode(other)
end

-- The new owners of one task: those of <from> (or everyone) give way to <to>.
local function change(call, task, to, from)
  local now = owners.of(task)
  if not now then return owners.unreadable(task.title) end
  local rest = owners.changed(now, from or now, none)
  if from and same(rest, now) then
    return nil, { code = "already_done", message = ("%q is not with those in from: %s has it.")
      :format(task.title, who.words(call, now)), hint = "Name whoever shall give way in from, or leave from out." }
  end
  local set = owners.changed(rest, none, to)
  if same(set, now) then return nil, { code = "already_done", message = ("%q is with them already."):format(task.title) } end
  return bulk_tasks.put(task, { owners = set })
end

-- Everything but the sending, with who has each task now and who would have it.
local function look(call, args)
  local to, from = people_of(call, args)
  if not to then return nil, from end
  local rows = {}
  local checked = bulk_tasks.run(call, {
    items = args.tasks, verb = "reassigned", check_only = true,
    change = function (reading, task)
      local request, refusal = change(reading, task, to, from)
      local now = owners.of(task)
      rows[#rows + 1] = { ("%q"):format(task.title), was = now and who.words(reading, now) or "not known",
        will = request and who.words(reading, request[3].body.owners) or "not changed: " .. refusal.message }
      return request, refusal
    end,
  })
  for _, result in ipairs(checked.data.results) do
    if not result.id then
      rows[#rows + 1] = { ("Item %d"):format(result.index), will = "not changed: " .. result.error.message }
    end
  end
  return rows
end

tool "reassign_tasks" {
  title  = "Reassign several tasks";
  about  = "Hands up to 40 tasks to others. With `from` only those give way and everyone else keeps the task; without it "
        .. "`to` has it alone. A wrong task stops none of the others; the result says for each what became of it.";
  effect = "change";
  limits = { time = "5min" };
  input  = {
    list "tasks" { "The tasks", min = 1, max = 40, items = object { fields = {
      text "task_id" { "The task: its id or title", min = 1, max = 600 };
      text "run_id"  { "Its process: id or name; helps where the title is not unique", max = 550, optional = true };
    } } };
    object "to"   { "Who takes them", fields = {
      list "users"  { "Members: ids, e-mail addresses or names", items = any { types = { "integer", "string" } }, max = 100,
                      optional = true };
      list "guests" { "Guests: e-mail addresses", of = "text", max = 100, optional = true };
      list "groups" { "Groups: ids or names", of = "text", max = 100, optional = true };
    } };
    object "from" { "Who gives way; everyone, if left out", fields = {
      list "users"  { "Members: ids, e-mail addresses or names", items = any { types = { "integer", "string" } }, max = 100,
                      optional = true };
      list "guests" { "Guests: e-mail addresses", of = "text", max = 100, optional = true };
      list "groups" { "Groups: ids or names", of = "text", max = 100, optional = true };
    }, optional = true };
    flag "check_only" { "Only checks everything and sends nothing", default = false };
  };
  output = {
    whole "total"     { "How many items there were" };
    whole "done"      { "How many were reassigned" };
    whole "unchanged" { "How many needed nothing" };
    whole "refused"   { "How many were wrong, so that nothing was sent for them" };
    whole "failed"    { "How many Tallyfy refused, or whose outcome is unknown" };
    whole "not_tried" { "How many were not reached" };
    list  "results"   { "For each item: index, status, id, name, error", of = "object" };
  };
  preview = function (args, call)
    local rows, err = look(once.call(call), args)
    if not rows then return nil, err end
    return preview.of(shape.count(#args.tasks, "task"), rows)
  end;
  run = function (args, call)
    local to, from = people_of(call, args)
    if not to then return nil, from end
    return bulk_tasks.run(call, {
      items = args.tasks, verb = "reassigned", check_only = args.check_only,
      change = function (reading, task) return change(reading, task, to, from) end,
    })
  end;
}
