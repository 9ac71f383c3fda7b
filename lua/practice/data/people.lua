-- The two made-up organisations, their people, groups, guests and folders. Everything the first one
-- writes says Marigold somewhere, everything of the second says Juniper: whoever sees both has found a
-- leak. A person's key ("amelia") is how the other data files name them.
local weekdays = {
  Monday = true, Tuesday = true, Wednesday = true, Thursday = true, Friday = true,
  Saturday = false, Sunday = false,
}
local britain = { id = 234, name = "United Kingdom", phone_code = "44", iso2 = "GB" }
local america = { id = 235, name = "United States", phone_code = "1", iso2 = "US" }

local marigold = {
  key = "marigold", name = "Marigold Logistics", industry = "Logistics", timezone = "Europe/London",
  description = "Marigold Logistics moves parcels and people's furniture from three warehouses.",
  address1 = "14 Canal Wharf", city = "Leeds", zipcode = "LS1 4AB", country = "GB",
  working_days = weekdays, default_deadline = { type = "days", value = 5 },
  allow_user_invite = true, allow_manage_groups = false, restrict_blueprint_permissions = false,
  first_user_id = 41001, domain = "marigold.example", home = britain, date_format = "dd/mm/yyyy",
  -- key, first name, last name, role, job title, team, extra
  people = {
    { "amelia", "Amelia", "Hartmann", "admin", "Head of Operations", "Operations", default_admin = true,
      offered = true },
    { "ben", "Ben", "Okonkwo", "standard", "Operations Manager", "Operations", offered = true },
    { "carla", "Carla", "Duarte", "light", "Warehouse Associate", "Warehouse", offered = true },
    { "dev", "Dev", "Patel", "standard", "Financial Controller", "Finance", offered = true },
    { "elif", "Elif", "Yilmaz", "standard", "People Partner", "People" },
    { "farid", "Farid", "Haddad", "light", "IT Technician", "IT" },
    { "greta", "Greta", "Lindqvist", "admin", "Finance Director", "Finance" },
    { "hugo", "Hugo", "Marsh", "light", "Driver", "Transport", status = "disabled" },
    { "isla", "Isla", "Byrne", "light", "Customer Service Agent", "Customer Service", status = "invited" },
    { "owen", "Owen", "Clarke", "standard", "External Auditor", "Finance",
      email = "owen@clarke-audit.example" },
  },
  groups = {
    { "it", "IT Service Desk", "Equipment, accounts and access", members = { "farid", "ben" } },
    { "finance", "Finance Team", "Ledgers, suppliers and payroll", members = { "dev", "greta" } },
    { "floor", "Warehouse Floor", "Everyone on the floor of the Leeds warehouse", members = { "carla",
      "hugo" },
      guests = { "shift.lead@tempstaff.example" } },
  },
  guests = {
    { "j.brandt@supplier-gmbh.example", "Jonas", "Brandt", company = "Supplier GmbH", country = "DE",
      city = "Berlin" },
    { "shift.lead@tempstaff.example", "Rita", "Coyle", company = "TempStaff", country = "GB",
      city = "Leeds" },
  },
  folders = {
    { "people", "People" }, { "joiners", "Joiners and leavers", parent = "people" },
    { "money", "Finance" }, { "operations", "Operations" },
    { "live-projects", "Live projects", type = "run" },
  },
  snippets = {
    { "Security reminder", "<p>Marigold rule: lock the screen when you walk away.</p>" },
    { "Invoice address", "<p>Marigold Logistics, Accounts Payable, 14 Canal Wharf, Leeds LS1 4AB</p>" },
  },
  -- title, colour, templates that carry it (their processes do too when runs = true)
  tags = {
    { "Onboarding", "#3fb65f", { "onboarding" }, runs = true },
    { "Suppliers", "#2f7de1", { "vendor", "purchase" } },
    { "Urgent", "#d64545", { "incident" }, runs = true },
    { "Vendor approval", "#9b9b9b", { "vendor" }, auto_generated = true },
  },
  -- key, applies_to, type
  field_keys = {
    { "cost_center", "run", "text" }, { "priority", "task", "dropdown", options = { "Low", "Normal", "High" } },
    { "employee_number", "user", "text" }, { "supplier_number", "guest", "text" },
    { "source_system", "run", "text", key_type = "system" }, { "review_cycle", "checklist", "text" },
  },
  -- template whose processes lie in a process folder
  filed_runs = { onboarding = "live-projects" },
}

local juniper = {
  key = "juniper", name = "Juniper Health Partners", industry = "Health care",
    timezone = "America/New_York",
  description = "Juniper Health Partners runs two outpatient clinics.",
  address1 = "200 Orchard Street", city = "Albany", state = "NY", zipcode = "12207", country = "US",
  working_days = weekdays, default_deadline = { type = "days", value = 3 },
  allow_user_invite = false, allow_manage_groups = true, restrict_blueprint_permissions = false,
  first_user_id = 52001, domain = "juniper.example", home = america, date_format = "mm/dd/yyyy",
  people = {
    { "ines", "Ines", "Moreau", "admin", "Practice Director", "Management", default_admin = true,
      offered = true },
    { "jonas", "Jonas", "Weber", "standard", "Clinic Manager", "Clinic", offered = true },
    { "kofi", "Kofi", "Mensah", "light", "Medical Assistant", "Clinic", offered = true },
    { "lucia", "Lucia", "Romano", "standard", "Compliance Officer", "Compliance" },
    { "owen", "Owen", "Clarke", "light", "External Auditor", "Compliance",
      email = "owen@clarke-audit.example" },
  },
  groups = {
    { "front-desk", "Front Desk", "Reception of both clinics", members = { "kofi", "jonas" } },
  },
  guests = {
    { "orders@medsupply.example", "Pat", "Nolan", company = "MedSupply", country = "US", city = "Buffalo" },
  },
  folders = {
    { "clinic", "Clinic" }, { "compliance", "Compliance" },
  },
  snippets = {
    { "Privacy notice", "<p>Juniper keeps your records private.</p>" },
  },
  tags = { { "Juniper intake", "#7a4fd0", { "intake" }, runs = true } },
  field_keys = { { "insurer", "run", "text" } },
  filed_runs = {},
}

return { marigold, juniper }
