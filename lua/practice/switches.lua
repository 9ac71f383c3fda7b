-- Where sources about the real API disagree, the default follows the fact sheet (api.md section 27) and the
-- other reading is behind a switch: GET and PUT /practice/switches. Some change what a request does
-- (whoever reads world.switches.<name>), the others only how an answer looks: dress() changes those, so
-- that no shape has to know them.
local lists = require "practice.lists"
local json = require "json"

local switches = {}

-- name, default, what the other setting does
local rows = {
  { "client_header", true, "false: X-Tallyfy-Client may be missing" },
  { "laravel_errors", false, "true: 422 bodies are {message, errors}" },
  { "guest_created_status", false, "true: GET guest answers 201" },
  { "repeat_completion", false, "true: completing a completed task succeeds and all events happen again" },
  { "progress_integer", false, "true: progress of a process is its percentage" },
  { "owner_objects", false, "true: owners.users holds user objects" },
  { "completed_run_word", false, "true: a finished process is \"completed\" instead of \"complete\"" },
  { "active_task_word", false, "true: a task in progress is \"active\"" },
  { "capitalised_roles", false, "true: roles read Admin, Standard, Light" },
  { "deletes_answer_200", false, "true: deleting a field or rule answers 200 instead of 204" },
  { "comments_answer_201", false, "true: a new comment answers 201 instead of 200" },
  { "changed_tasks_list", false, "true: tasks_changed_by_rules is a bare list" },
  { "tag_links", false, "true: rows of with=tags are associations {id, tag_id, ...}, their ids integers" },
  { "groups_detach", false, "true: a list left out of PUT group is emptied" },
  { "hidden_tasks_count", false, "true: progress counts hidden tasks" },
  { "rules_fire_once", false, "true: a rule fires once in the life of a process" },
  { "field_rules_on_completion", false, "true: field rules wait until the owning task is completed" },
  { "full_seats", false, "true: inviting, enabling and changing a role answer 409" },
  { "auto_complete", false, "true: tasks are completed months after their deadline" },
  { "auto_archive", false, "true: processes are archived 52 weeks after their completion" },
  { "upload_bytes", 104857600, "the largest file; the listener takes 64 MB at most" },
  { "requests_per_minute", 0, "for each user; 0 = no limit. The real API is said to allow 600" },
  { "comments_per_hour", 0, "for each organisation; 0 = no limit. The real API allows 120" },
  { "guests_per_hour", 0, "new guests for each organisation; 0 = no limit. The real API allows 30" },
}

function switches.defaults()
  local values = {}
  for _, row in ipairs(rows) do values[row[1]] = row[2] end
  return values
end

-- Sets what <given> names. Unknown names and wrong types are reported by fail(name, message).
function switches.set(values, given, fail)
  local defaults = switches.defaults()
  for name, value in pairs(given) do
    local default = defaults[name]
    if default == nil then
      fail(tostring(name), "There is no such switch: GET /practice/switches lists them.")
    elseif type(value) ~= type(default) then
      fail(name, ("The switch %s must be a %s."):format(name, type(default)))
    elseif type(value) == "number" and (math.type(value) ~= "integer" or value < 0) then
      fail(name, ("The switch %s must be a whole number from 0."):format(name))
    else
      values[name] = value
    end
  end
end

-- All switches, for people: { name, value, default, about }.
function switches.view(values)
  return lists.map(rows, function (row)
    return { name = row[1], value = values[row[1]], default = row[2], about = row[3] }
  end)
end

local function capitalised(word)
  return word:sub(1, 1):upper() .. word:sub(2)
end

local function is_progress(value)
  return type(value) == "table" and value.percent ~= nil and value.total ~= nil
end

local function is_run(view)
  return view.prerun_status ~= nil
end

local function user_of(world, id)
  for _, organization in ipairs(world.organizations) do
    local member = organization.members:get(id)
    if member then
      return { id = id, username = member.username, email = member.email, full_name = member.full_name }
    end
  end
  return { id = id }
end

local dress_one = {}

function dress_one.progress_integer(view)
  for _, key in ipairs { "progress", "whole_progress" } do
    if is_progress(view[key]) then view[key] = view[key].percent end
  end
end

function dress_one.owner_objects(view, world)
  local owners = view.owners
  if type(owners) ~= "table" or type(owners.users) ~= "table" then return end
  owners.users = lists.map(owners.users, function (id)
    return type(id) == "number" and user_of(world, id) or id
  end)
end

function dress_one.completed_run_word(view)
  if is_run(view) and view.status == "complete" then view.status = "completed" end
  if view.run_status == "complete" then view.run_status = "completed" end
end

function dress_one.active_task_word(view)
  if view.task_type and view.status == "in-progress" then view.status = "active" end
end

function dress_one.capitalised_roles(view)
  for _, key in ipairs { "role", "user_role" } do
    if type(view[key]) == "string" then view[key] = capitalised(view[key]) end
  end
end

function dress_one.changed_tasks_list(view)
  local changed = view.tasks_changed_by_rules
  if type(changed) == "table" then view.tasks_changed_by_rules = changed.data or json.array({}) end
end

local function walk(value, world, wanted)
  if type(value) ~= "table" then return end
  for _, name in ipairs(wanted) do dress_one[name](value, world) end
  for _, inner in pairs(value) do walk(inner, world, wanted) end
end

local function dress_errors(answer)
  local body = answer.body
  if answer.status == 422 and body.errors then
    answer.body = { message = "The given data was invalid.", errors = body.errors }
  end
end

-- Changes a finished answer into the form that the switches ask for.
function switches.dress(world, answer)
  if type(answer.body) ~= "table" then return answer end
  if world.switches.laravel_errors then dress_errors(answer) end
  local wanted = {}
  for name in pairs(dress_one) do
    if world.switches[name] then wanted[#wanted + 1] = name end
  end
  if #wanted > 0 then walk(answer.body, world, wanted) end
  return answer
end

return switches
