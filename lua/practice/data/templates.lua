-- The templates of both organisations, in a short form that data/seed.lua spells out. Field: { key,
-- type, label, required =, options =, columns = }. Step: { key, title, type =, who =, groups =, guests
-- =, due = { amount, unit, option =, step = }, fields =, about = }. Rule: { name, when = {...}, act =
-- {...} }. {{key}} in a text names a field of the same template.
local marigold = {
  {
    key = "onboarding", title = "Employee onboarding", folder = "joiners", owner = "elif", pinned = true,
    icon = "fa-user-plus",
      summary = "Everything a new Marigold colleague needs, from contract to first week",
    kickoff_title = "New joiner", naming = "Onboarding: {{new-starter-name}}", groups = { "it" },
    kickoff = {
      { "new-starter-name", "text", "New starter name", required = true },
      { "department", "dropdown", "Department", required = true, options = { "Finance", "Warehouse",
        "Sales", "IT" } },
      { "start-date", "date", "Start date", required = true },
      { "remote-worker", "radio", "Remote worker?", options = { "Yes", "No" } },
    },
    steps = {
      { "documents", "Collect signed documents from {{new-starter-name}}", who = { "elif" }, due = { 2,
        "days" },
        about = "<p>Contract, bank details. First day of {{new-starter-name}}: {{start-date}}.</p>",
        fields = {
          { "documents-complete", "radio", "All documents received?", required = true, options = { "Yes",
            "No" } },
          { "notes", "textarea", "Notes" },
        } },
      { "equipment", "Prepare equipment", groups = { "it" }, due = { 1, "days", option = "prior_to",
        step = "approval" },
        about = "<p>Laptop, badge and accounts for the {{department}} team.</p>",
        fields = {
          { "laptop-model", "dropdown", "Laptop model", required = true,
            options = { "Light 13", "Pro 14", "Workstation 16" } },
          { "extras", "multiselect", "Extras", options = { "Headset", "Dock", "Second screen" } },
          { "asset-numbers", "table", "Asset numbers", columns = { "Asset tag", "Serial" } },
        } },
      { "approval", "Approve the start package", type = "approval", who = { "amelia" }, due = { 5, "days" },
        only_assignees = true, about = "<p>Check documents and equipment before the first day.</p>" },
      { "ship", "Ship equipment to home address", groups = { "it" },
        guests = { "j.brandt@supplier-gmbh.example" },
        due = { 6, "days" }, nobody_by_default = true,
        fields = { { "parcel-size", "radio", "Parcel size", required = true, options = { "Small",
          "Large" } } } },
      { "welcome", "Welcome {{new-starter-name}} on the first day", who = { "ben", "elif" }, due = { 8,
        "days" } },
      { "review", "First week review", who = { "elif" }, due = { 1, "weeks", option = "from",
        step = "welcome" },
        fields = { { "first-impression", "textarea", "First impression" } } },
    },
    rules = {
      { "Ship when remote", when = { { "remote-worker", "equals", "Yes" } }, act = { { "show", "ship" } } },
      { "Reopen equipment on rejection", when = { { "step approval", "rejected" } }, act = { { "reopen",
        "equipment" } } },
    },
  },
  {
    key = "vendor", title = "Vendor approval", folder = "money", owner = "dev", icon = "fa-handshake-o",
    summary = "Checks before Marigold buys from a new supplier", naming = "Vendor: {{vendor-name}}",
    kickoff = {
      { "vendor-name", "text", "Vendor name", required = true },
      { "yearly-spend", "text", "Expected yearly spend", required = true, validation = { "numeric" } },
      { "vendor-email", "email", "Vendor contact" },
    },
    steps = {
      { "questionnaire", "Collect the supplier questionnaire", who = { "ben" }, due = { 3, "days" },
        fields = { { "registration-number", "text", "Registration number", required = true } } },
      { "credit", "Run the credit check", groups = { "finance" }, due = { 2, "days", option = "from",
        step = "questionnaire" },
        fields = { { "credit-score", "dropdown", "Credit score", required = true,
          options = { "Good", "Fair", "Poor" } } } },
      { "decision", "Approve {{vendor-name}} as a vendor", type = "approval", who = { "greta" },
        due = { 8, "days" } },
      { "ledger", "Create the vendor in the ledger", who = { "dev" }, due = { 10, "days" } },
      { "decline", "Tell the vendor about the refusal", who = { "ben" }, due = { 10, "days" } },
    },
    rules = {
      { "Explain a refusal", when = { { "step decision", "rejected" } },
        act = { { "show", "decline" }, { "hide", "ledger" } } },
    },
  },
  {
    key = "close", title = "Monthly close", folder = "money", owner = "greta", icon = "fa-calculator",
      pinned = true,
    summary = "The Marigold books, closed within five working days",
    kickoff = { { "month", "text", "Month", required = true } }, naming = "Close: {{month}}",
    steps = {
      { "bank", "Reconcile the bank accounts", who = { "dev" }, due = { 2, "days" } },
      { "accruals", "Post accruals and prepayments", who = { "dev" }, due = { 3, "days" },
        fields = { { "accrual-total", "text", "Accrual total", validation = { "numeric" } } } },
      { "stock", "Confirm the stock count", groups = { "floor" }, due = { 3, "days" } },
      { "sign-off", "Sign off {{month}}", type = "approval", who = { "greta" }, due = { 5, "days" },
        only_assignees = true },
      { "report", "Send the management report", who = { "dev", "greta" }, everyone = true, due = { 6,
        "days" } },
    },
  },
  {
    key = "incident", title = "Incident response", folder = "operations", owner = "ben",
      icon = "fa-fire-extinguisher",
    summary = "When something at Marigold breaks, leaks or goes missing", users = { "carla" },
    kickoff = {
      { "what-happened", "textarea", "What happened?", required = true },
      { "severity", "dropdown", "Severity", required = true, options = { "Low", "Medium", "High" } },
      { "reported-by", "assignees_form", "Reported by" },
    },
    steps = {
      { "contain", "Contain the incident", who = { "ben" }, due = { 4, "hours" } },
      { "inform", "Inform the customers concerned", who = { "ben" }, due = { 1, "days" } },
      { "authority", "Report to the authority", who = { "amelia" }, due = { 3, "days" } },
      { "cause", "Find the root cause", who = { "ben", "carla" }, due = { 5, "days" },
        fields = { { "root-cause", "textarea", "Root cause", required = true } } },
      { "lessons", "Hold the lessons-learned meeting", who = { "amelia" }, due = { 10, "days" } },
    },
    rules = {
      { "High severity goes to the authority", when = { { "severity", "equals", "High" } },
        act = { { "show", "authority" } } },
    },
  },
  {
    key = "safety", title = "Warehouse safety walk", folder = "operations", owner = "ben",
      groups = { "floor" },
    icon = "fa-hard-hat", summary = "The weekly walk through a Marigold warehouse",
    kickoff = { { "site", "radio", "Site", required = true, options = { "Leeds", "Hull", "Derby" } } },
    naming = "Safety walk {{site}} {{DATE}}",
    steps = {
      { "aisles", "Check aisles and exits", who = { "carla" }, due = { 1, "days" },
        fields = { { "aisles-clear", "radio", "Aisles clear?", required = true, options = { "Yes",
          "No" } } } },
      { "trucks", "Inspect the forklift trucks", groups = { "floor" }, due = { 1, "days" } },
      { "file-report", "File the walk report", who = { "carla" }, due = { 2, "days" } },
    },
  },
  {
    key = "purchase", title = "Purchase request", folder = "money", owner = "dev",
      icon = "fa-shopping-cart",
    summary = "Anything over 200 pounds that Marigold buys",
    kickoff = {
      { "item", "text", "What is needed?", required = true },
      { "amount", "text", "Amount in pounds", required = true, validation = { "numeric" } },
      { "quotes", "file", "Quotes" },
    },
    steps = {
      { "budget", "Check the budget", who = { "dev" }, due = { 2, "days" } },
      { "approve", "Approve the purchase of {{item}}", type = "approval", who = { "greta", "amelia" },
        due = { 4, "days" } },
      { "order", "Place the order", who = { "ben" }, due = { 6, "days" } },
    },
  },
  {
    key = "travel", title = "Travel request (old)", folder = "people", owner = "elif", icon = "fa-plane",
    summary = "Replaced by the Marigold travel portal", archived = true,
    steps = { { "book", "Book the trip", who = { "elif" }, due = { 3, "days" } } },
  },
  {
    key = "offboarding", title = "Employee offboarding", folder = "joiners", owner = "elif",
      icon = "fa-user-times",
    summary = "When a Marigold colleague leaves", status = "draft",
    kickoff = { { "leaver-name", "text", "Who is leaving?", required = true } },
    steps = {
      { "accounts", "Close all accounts", groups = { "it" }, due = { 1, "days" } },
      { "return", "Collect laptop and badge", groups = { "it" }, due = { 1, "days" } },
    },
  },
}

local juniper = {
  {
    key = "intake", title = "Patient intake", folder = "clinic", owner = "jonas", pinned = true,
      icon = "fa-heartbeat",
    summary = "From referral to first appointment at a Juniper clinic", naming = "Intake: {{patient-name}}",
    groups = { "front-desk" },
    kickoff = {
      { "patient-name", "text", "Patient name", required = true },
      { "referred-by", "text", "Referred by" },
    },
    steps = {
      { "insurance", "Verify Juniper insurance cover", groups = { "front-desk" }, due = { 1, "days" },
        fields = { { "policy-number", "text", "Policy number", required = true } } },
      { "history", "Collect the medical history", who = { "kofi" }, due = { 2, "days" } },
      { "triage", "Approve the Juniper triage level", type = "approval", who = { "ines" }, due = { 3,
        "days" } },
      { "appointment", "Book the first appointment", who = { "jonas" }, due = { 4, "days" } },
    },
  },
  {
    key = "opening", title = "Clinic opening checklist", folder = "clinic", owner = "jonas",
      icon = "fa-check-square-o",
    summary = "Every morning before Juniper opens", groups = { "front-desk" },
    steps = {
      { "fridge", "Read the vaccine fridge temperature", who = { "kofi" }, due = { 2, "hours" },
        fields = { { "temperature", "text", "Temperature", required = true,
          validation = { "numeric" } } } },
      { "rooms", "Prepare the Juniper consulting rooms", groups = { "front-desk" }, due = { 3, "hours" } },
    },
  },
  {
    key = "onboarding", title = "Employee onboarding", folder = "compliance", owner = "lucia",
      icon = "fa-user-plus",
    summary = "Licences and training for new Juniper staff",
    kickoff = { { "staff-name", "text", "Staff name", required = true } },
      naming = "Juniper onboarding: {{staff-name}}",
    steps = {
      { "licence", "Check the licence of {{staff-name}}", who = { "lucia" }, due = { 3, "days" } },
      { "training", "Complete the privacy training", who = { "lucia" }, due = { 5, "days" } },
    },
  },
  {
    key = "supplier", title = "Supplier review", folder = "compliance", owner = "lucia", icon = "fa-truck",
    summary = "The yearly look at everyone who delivers to Juniper",
    kickoff = { { "supplier", "text", "Supplier", required = true } },
      naming = "Juniper supplier review: {{supplier}}",
    steps = {
      { "score", "Score deliveries of the year", who = { "lucia" },
        guests = { "orders@medsupply.example" }, due = { 5, "days" } },
      { "keep", "Keep the supplier?", type = "approval", who = { "ines" }, due = { 7, "days" } },
    },
  },
}

return { marigold = marigold, juniper = juniper }
