local guests, page, pick, shape = use "tallyfy.guests", use "tallyfy.page", use "tallyfy.pick", use "tallyfy.shape"

-- The guest's code or number as it goes into the path, and how to call the guest.
local function guest_of(call, args)
  local id = pick.trimmed(args.guest_id)
  if id and id:match("^[%w_-]+$") then return id, "Guest " .. id end
  local email, field = pick.trimmed(args.guest_email), "guest_email"
  if id and id ~= "" then email, field = id, "guest_id" end -- neither a code nor a number: a name or an address
  if not email or email == "" then
    return nil, { code = "missing_value", field = "guest_email", message = "No guest was named.",
      hint = "Give guest_email, or guest_id." }
  end
  local guest, err = guests.one(call, email, field)
  if not guest then return nil, err end
  return guest.id, guests.label(guest)
end

tool "get_guest_tasks" {
  title  = "Get guest tasks";
  about  = "Lists the tasks of a guest, ten to a page. Give guest_email, or guest_id (the guest's code or number).";
  effect = "read";
  input  = {
    text  "guest_id"    { "The guest's code or number", min = 1, max = 64, optional = true };
    text  "guest_email" { "The guest's e-mail address, or name", max = 400, optional = true };
    text  "sort_by"     { "newest, deadline or problems; - before it turns it around", max = 30, default = "newest" };
    text  "status"      { "all, active, incomplete, inprogress, not-started, completed, overdue, due_soon or hasproblem",
                          max = 30, default = "all" };
    whole "page"        { "Which page, from 1", min = 1, default = 1 };
    list   "fields" { "Only these members of each, and its id", of = "text", max = 50, optional = true };
    choice "detail" { "full: each with all its members, uncut", "short", "full", default = "short" };
  };
  output = {
    list   "data" { "The tasks", of = "object" };
    object "meta" { "page, returned, total, total_pages, truncated" };
  };
  run = function (args, call)
    local id, label = guest_of(call, args)
    if not id then return nil, label end
    local data, text = page.read(call, "/organizations/{org}/guests/{guest_id}/tasks", {
      page = args.page, fields = args.fields, detail = args.detail,
      params = { guest_id = id }, row = shape.task_row, noun = "task",
      query = { sort_by = args.sort_by, status = args.status, with = "run" } })
    if not data then return nil, text end
    return { text = ("%s: %s"):format(label, text), data = data }
  end;
}
