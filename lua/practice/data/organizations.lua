-- Builds an organisation with its people, groups, guests and folders out of data/people.lua.
local folders = require "practice.folders"
local json = require "json"
local labels = require "practice.labels"
local lists = require "practice.lists"
local store = require "practice.store"
local time = require "practice.time"

local organizations = {}

-- A moment of the past, the same for the same seed: <days> before today, in office hours.
local function past(build, days, label)
  return build.today - days * time.day + 9 * time.hour + build.ids:below("time of " .. label,
    7 * 60) * time.minute
end
organizations.past = past

local function member_of(build, data, row, position)
  local key, first, last, role, title, team = table.unpack(row)
  local status = row.status or "active"
  local joined = past(build, 320 - 9 * position, data.key .. key)
  local seen = status == "active" and past(build, 1 + position % 3, key .. " last login") or nil
  return {
    id = data.first_user_id + position - 1, email = row.email or ("%s.%s@%s"):format(first, last,
      data.domain):lower(),
    username = ("%s.%s"):format(first, last):lower(), first_name = first, last_name = last,
    full_name = first .. " " .. last, role = role, status = status, job_title = title, team = team,
    is_default_admin = row.default_admin, country = data.home, timezone = data.timezone,
    date_format = data.date_format, created_at = joined, last_updated = joined, last_login_at = seen,
    activated_at = status ~= "invited" and joined or nil,
      last_known_ip = seen and "203.0.113." .. position or nil,
    disabled_at = status == "disabled" and past(build, 20, key .. " left") or nil,
    disabled_by = status == "disabled" and data.first_user_id or nil,
    invited_by = position > 1 and data.first_user_id or nil,
  }
end

-- One account for a person of several organisations: the e-mail decides, and the user id stays the same.
local function account_of(build, member, row)
  local world = build.world
  for _, account in ipairs(world.accounts) do
    if account.email == member.email then return account end
  end
  local key = ("practice-%s-%s"):format(row[1], build.ids:hex("key of " .. member.email))
  local account = {
    id = member.id, email = member.email, name = member.full_name, key = key, memberships = {},
    offered = row.offered or false,
  }
  world.accounts[#world.accounts + 1] = account
  world.account_by_key[key] = account
  return account
end

local function add_people(build, organization, data)
  for position, row in ipairs(data.people) do
    local member = member_of(build, data, row, position)
    local account = account_of(build, member, row)
    member.id = account.id
    organization.members:add(member)
    account.memberships[#account.memberships + 1] = { organization = organization, member = member }
    build.member[data.key][row[1]] = member
  end
end

local function add_guests(build, organization, data)
  for position, row in ipairs(data.guests) do
    store.add_guest(organization, {
      id = 88000 + build.ids:count("guest"), email = row[1], first_name = row[2], last_name = row[3],
      guest_code = (build.ids:hex("guest code " .. row[1]) .. build.ids:hex(row[1])):sub(1, 40),
      company_name = row.company, country = row.country, city = row.city,
      associated_members = { data.first_user_id }, created_at = past(build, 90 + position, row[1]),
      last_accessed_at = past(build, 2 + position, row[1] .. " visit"),
    })
  end
end

local function add_groups(build, organization, data)
  for position, row in ipairs(data.groups) do
    local created = past(build, 200 - position, row[2])
    build.group[data.key][row[1]] = organization.groups:add {
      id = build.ids:id("group"), name = row[2], description = row[3],
      members = lists.map(row.members, function (key) return build.member[data.key][key].id end),
      guests = json.array(row.guests or {}), created_at = created, last_updated = created,
    }
  end
end

local function add_folders(build, organization, data)
  for position, row in ipairs(data.folders) do
    local parent = build.folder[data.key][row.parent]
    build.folder[data.key][row[1]] = organization.folders:add {
      id = build.ids:id("folder"), name = row[2], parent_id = parent and parent.id,
      folder_type = row.type or "checklist", position = position, created_at = past(build, 210, row[2]),
    }
  end
end

local function add_snippets(build, organization, data)
  for _, row in ipairs(data.snippets) do
    organization.snippets:add {
      id = 300 + build.ids:count("snippet"), title = row[1], body = row[2], created_at = past(build, 150,
        row[1]),
    }
  end
end

local function add_field_keys(build, organization, data)
  for _, row in ipairs(data.field_keys) do
    local created = past(build, 220, row[1])
    organization.field_keys:add {
      id = build.ids:id("field key"), key = row[1], applies_to = row[2], field_type = row[3],
      options = json.array(row.options or {}), is_required = false, is_active = true,
      key_type = row.key_type or "org", created_at = created, last_updated = created,
    }
  end
end

local function tag_of(build, organization, row)
  return organization.tags:add {
    id = build.ids:id("tag"), title = row[1], color = row[2], auto_generated = row.auto_generated or false,
    created_at = past(build, 215, row[1]),
  }
end

-- Tags, and process folders with what lies in them: once templates and processes exist.
function organizations.file(build, organization, data)
  local act = { world = build.world, organization = organization }
  for _, row in ipairs(data.tags) do
    local tag = tag_of(build, organization, row)
    for _, key in ipairs(row[3]) do
      local checklist = build.template[data.key][key].checklist
      labels.attach(act, "Checklist", checklist, tag)
      for _, run in ipairs(row.runs and organization.runs.list or {}) do
        if run.checklist_id == checklist.id then labels.attach(act, "Run", run, tag) end
      end
    end
  end
  for key, folder_key in pairs(data.filed_runs) do
    local folder, checklist = build.folder[data.key][folder_key], build.template[data.key][key].checklist
    for _, run in ipairs(organization.runs.list) do
      if run.checklist_id == checklist.id then folders.file(act, "Run", run, folder) end
    end
  end
end

-- Adds the organisation that <data> describes to the world under construction.
function organizations.add(build, data)
  local fields = { id = build.ids:id("organization"), created_at = past(build, 330, data.key) }
  for _, name in ipairs { "name", "industry", "timezone", "description", "address1", "city", "state",
    "zipcode",
    "country", "working_days", "default_deadline", "allow_user_invite", "allow_manage_groups",
    "restrict_blueprint_permissions" } do
    fields[name] = data[name]
  end
  fields.last_updated = fields.created_at
  fields.world = build.world
  local organization = store.organization(fields)
  for _, place in ipairs { "member", "group", "folder" } do build[place][data.key] = {} end
  add_people(build, organization, data)
  add_guests(build, organization, data)
  add_groups(build, organization, data)
  add_folders(build, organization, data)
  add_snippets(build, organization, data)
  add_field_keys(build, organization, data)
  build.world.organizations[#build.world.organizations + 1] = organization
  return organization
end

return organizations
