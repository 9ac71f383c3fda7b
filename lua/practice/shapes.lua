-- What one record looks like on the wire, without includes: exactly the keys that the documented
-- objects have. Shapes of templates, processes and tasks are in shapes_work.lua.
local json = require "json"
local lists = require "practice.lists"
local time = require "practice.time"
local zones = require "practice.zones"

local or_null = lists.or_null
local shapes = {}

-- ISO time or null
local function moment(seconds)
  return seconds and time.iso(seconds) or json.null
end

-- "2026-11-25 09:00:00" or null: guest objects
local function plain_moment(seconds)
  return seconds and time.plain(seconds) or json.null
end

-- The values of a record's custom fields, by key.
function shapes.custom_fields(record)
  return lists.copy(record.custom_fields or {})
end

function shapes.tag(tag)
  return {
    id = tag.id, title = tag.title, color = tag.color, auto_generated = tag.auto_generated or false,
    created_at = moment(tag.created_at), deleted_at = json.null, custom_fields = shapes.custom_fields(tag),
  }
end

function shapes.tag_link(link)
  return {
    id = link.id, tag_id = link.tag_id, subject_id = link.subject_id, subject_type = link.subject_type,
    tag_type = "private",
  }
end

function shapes.folder_object(relation)
  return {
    id = relation.id, folder_id = relation.folder_id, subject_id = relation.subject_id,
    subject_type = relation.subject_type,
  }
end

function shapes.watcher(watcher)
  return {
    id = watcher.id, object_type = watcher.object_type, object_id = watcher.object_id,
    notification_type = watcher.notification_type, frequency = watcher.frequency, webhook = watcher.webhook,
    user_id = watcher.user_id, created_at = moment(watcher.created_at),
  }
end

function shapes.field_key(record)
  return {
    id = record.id, key = record.key, applies_to = record.applies_to, field_type = record.field_type,
    options = lists.copy(record.options), is_required = record.is_required, is_active = record.is_active,
    key_type = record.key_type, created_at = moment(record.created_at),
    last_updated = moment(record.last_updated),
  }
end

function shapes.member(member, now)
  local active = member.status == "active"
  return {
    id = member.id, email = member.email, username = member.username, first_name = member.first_name,
    last_name = member.last_name, full_name = member.full_name, profile_pic = or_null(member.profile_pic),
    locale = "en", active = active, is_active = active, is_suspended = false, status = member.status,
    role = member.role, type = "standard", is_default_admin = member.is_default_admin or false,
    support_user = false, country_id = or_null(member.country and member.country.id),
    phone = or_null(member.phone), job_title = or_null(member.job_title),
    job_description = or_null(member.job_description), team = or_null(member.team),
    timezone = member.timezone, UTC_offset = zones.offset_text(member.timezone, now),
    date_format = member.date_format, created_at = moment(member.created_at),
    last_updated = moment(member.last_updated), updated_at = moment(member.last_updated),
    last_login_at = moment(member.last_login_at), activated_at = moment(member.activated_at),
    last_accessed_at = moment(member.last_login_at), approved_at = moment(member.activated_at),
    invited_by = or_null(member.invited_by), disabled_at = moment(member.disabled_at),
    disabled_by = or_null(member.disabled_by), reactivated_at = moment(member.reactivated_at),
    reactivated_by = or_null(member.reactivated_by),
    last_known_ip = or_null(member.last_known_ip),
    last_known_country = or_null(member.country and member.country.iso2),
  }
end

-- The row of users-list.
function shapes.member_row(member)
  return {
    id = member.id, email = member.email, username = member.username, first_name = member.first_name,
    last_name = member.last_name, full_name = member.full_name, profile_pic = or_null(member.profile_pic),
    role = member.role, status = member.status,
  }
end

-- The author inside a thread.
function shapes.author(member)
  return {
    id = member.id, username = member.username, first_name = member.first_name, last_name = member.last_name,
    full_name = member.full_name, profile_pic = or_null(member.profile_pic),
  }
end

function shapes.organization(organization)
  local active = 0
  for _, member in ipairs(organization.members.list) do
    if member.status == "active" then active = active + 1 end
  end
  return {
    id = organization.id, name = organization.name, description = or_null(organization.description),
    industry = organization.industry, address1 = organization.address1,
    address2 = or_null(organization.address2), country = organization.country,
    state = or_null(organization.state), city = organization.city, zipcode = organization.zipcode,
    created_on = moment(organization.created_at), created_at = moment(organization.created_at),
    last_updated = moment(organization.last_updated), org_logo = json.null, settings = json.null,
    users_count = active, payment_state = "active",
    plan_code = "pro", in_trial = false, timezone = organization.timezone,
    working_days = lists.copy(organization.working_days),
    default_deadline = lists.copy(organization.default_deadline), deadline_setting = json.null,
    auto_archive = true, auto_complete_tasks = false, auto_complete_task_months = 2,
    auto_archive_processes_after = { unit = "weeks", value = 52 },
    allow_user_invite = organization.allow_user_invite,
    allow_manage_groups = organization.allow_manage_groups, maximum_group_assignment_limit = 0,
    restrict_blueprint_permissions = organization.restrict_blueprint_permissions,
    use_generative_ai = true,
    webhook_date_field_format = organization.webhook_date_field_format or "yyyy-MM-ddTHH:mm:ssZ",
    saml_enabled = false,
    sso_default_role = json.null, cadence_days = json.array({}), guest_cadence_days = json.array({}),
    live_support_enabled = true, limit_trial_features = false, onboarding_template_id = json.null,
    homepage_snippet = json.null, global_css = json.null,
  }
end

-- The row of me/organizations: the organisation and the member's place in it.
function shapes.organization_of_member(organization, member)
  local view = shapes.organization(organization)
  view.user_role, view.user_status = member.role, member.status
  view.joined_on, view.disabled_on = moment(member.activated_at), moment(member.disabled_at)
  view.last_accessed = moment(member.last_login_at)
  view.slug = organization.name:lower():gsub("%W+", "-")
  return view
end

local function guest_details(guest)
  return {
    status = guest.disabled_at and "disabled" or "active", phone_1 = or_null(guest.phone_1),
    phone_2 = or_null(guest.phone_2), timezone = or_null(guest.timezone),
    image_url = or_null(guest.image_url), contact_url = or_null(guest.contact_url),
    company_url = or_null(guest.company_url), company_name = or_null(guest.company_name),
    opportunity_url = or_null(guest.opportunity_url), opportunity_name = or_null(guest.opportunity_name),
    external_sync_source = or_null(guest.external_sync_source),
    external_date_creation = or_null(guest.external_date_creation), cadence_days = json.null,
    associated_members = lists.map(guest.associated_members), last_city = or_null(guest.city),
    last_country = or_null(guest.country), last_accessed_at = plain_moment(guest.last_accessed_at),
    disabled_at = plain_moment(guest.disabled_at), disabled_by = or_null(guest.disabled_by),
    reactivated_at = plain_moment(guest.reactivated_at), reactivated_by = or_null(guest.reactivated_by),
  }
end

function shapes.guest(guest, organization)
  return {
    id = guest.id, email = guest.email, first_name = or_null(guest.first_name),
    last_name = or_null(guest.last_name), guest_code = guest.guest_code,
    link = ("https://go.tallyfy.com/guest-all-task/%s/%s"):format(organization.id, guest.guest_code),
    last_accessed_at = plain_moment(guest.last_accessed_at), last_known_ip = json.null,
    last_known_country = or_null(guest.country), created_at = plain_moment(guest.created_at),
    deleted_at = json.null, details = guest_details(guest),
  }
end

-- The row of guests-list.
function shapes.guest_row(guest)
  return {
    id = guest.id, email = guest.email, first_name = or_null(guest.first_name),
    last_name = or_null(guest.last_name), last_accessed_at = plain_moment(guest.last_accessed_at),
  }
end

function shapes.group(group)
  return {
    id = group.id, name = group.name, description = or_null(group.description),
    logo = or_null(group.logo), members = lists.map(group.members), guests = lists.map(group.guests),
    created_at = moment(group.created_at), last_updated = moment(group.last_updated),
  }
end

function shapes.folder(folder)
  return {
    id = folder.id, name = folder.name, parent_id = or_null(folder.parent_id),
    folder_type = folder.folder_type, position = folder.position,
    custom_fields = shapes.custom_fields(folder),
    created_at = moment(folder.created_at),
  }
end

function shapes.snippet(snippet)
  return {
    id = snippet.id, title = snippet.title, body = snippet.body, created_at = moment(snippet.created_at),
    last_updated = moment(snippet.created_at),
  }
end

function shapes.asset(asset)
  return {
    id = asset.id, filename = asset.filename, version = asset.version, uploaded_from = asset.uploaded_from,
    uploaded_at = moment(asset.created_at), step_id = or_null(asset.step_id), source = asset.source,
    system = or_null(asset.system), uploaded_to_s3 = asset.source == "local",
    subject = { id = asset.subject_id, type = asset.subject_type },
  }
end

-- Where a file is downloaded.
function shapes.asset_link(organization, asset)
  if asset.url then return asset.url end
  return ("https://api.tallyfy.com/organizations/%s/file/%s/dl"):format(organization.id, asset.id)
end

-- "5 minutes ago"
local function ago(seconds)
  for _, step in ipairs { { 86400, "day" }, { 3600, "hour" }, { 60, "minute" } } do
    local count = seconds // step[1]
    if count >= 1 then return ("%d %s%s ago"):format(count, step[2], count == 1 and "" or "s") end
  end
  return "just now"
end

function shapes.thread(thread, organization, now)
  local author = thread.author_id and organization.members:get(thread.author_id) -- a bot has none
  return {
    id = thread.id, label = thread.label, state = thread.state, content = thread.content,
    sent_by = or_null(thread.author_id), author_id = or_null(thread.author_id),
    author = author and shapes.author(author) or json.null, sent_to = lists.map(thread.sent_to),
    resolve_id = or_null(thread.resolve_id), created_at = moment(thread.created_at),
    created_ago = ago(now - thread.created_at),
    last_updated_at = moment(thread.last_updated_at or thread.created_at),
    archived_at = json.null,
  }
end

return shapes
