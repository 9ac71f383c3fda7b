-- What is going on in both organisations: processes at every stage, one-off tasks, comments. Process: {
-- template, by, days ago, kickoff = { field key = value }, done = {...}, says = {...} }. An entry of
-- `done` is { step key, by, days after launch, values = { field key = value }, approved = }. An entry
-- of `says` is { step key, by, days after launch, text, label = }.
local marigold = {
  { "onboarding", "elif", 4, kickoff = { ["new-starter-name"] = "Nora Lindgren", department = "Warehouse",
      ["start-date"] = { days = 6 }, ["remote-worker"] = "No" },
    done = { { "documents", "elif", 1, values = { ["documents-complete"] = "Yes",
      notes = "Bank details by post" } } },
    says = {
      { "welcome", "elif", 1, "<p>Nora takes the 8:12 train, so half past nine is fine.</p>" },
      { "equipment", "farid", 2, "<p>@[ben] the Pro 14 is out of stock until Thursday</p>" },
      { "equipment", "ben", 2, "<p>@[farid] then take a Light 13 from the shelf, Nora can swap later.</p>" },
    } },
  { "onboarding", "elif", 16, kickoff = { ["new-starter-name"] = "Tomas Varga", department = "IT",
      ["start-date"] = { days = -3 }, ["remote-worker"] = "Yes" },
    done = {
      { "documents", "elif", 1, values = { ["documents-complete"] = "Yes" } },
      { "equipment", "farid", 3, values = { ["laptop-model"] = "Workstation 16", extras = { "Headset",
        "Dock" },
          ["asset-numbers"] = { "MAR-2041", "SN 88-1127" } } },
      { "approval", "amelia", 5, approved = true },
    },
    says = {
      { "documents", "elif", 0, "<p>His bank details do not match the name on the account.</p>", label = "problem",
        resolved = { "elif", 1, "<p>A typing error; he sent them again.</p>" } },
      { "ship", "farid", 6, "<p>He is at the Brno address until the weekend, I booked the courier for there.</p>" },
    } },
  { "onboarding", "ben", 40, kickoff = { ["new-starter-name"] = "Leah Okafor", department = "Sales",
      ["start-date"] = { days = -30 }, ["remote-worker"] = "No" },
    done = {
      { "documents", "elif", 1, values = { ["documents-complete"] = "Yes" } },
      { "equipment", "ben", 2, values = { ["laptop-model"] = "Light 13" } },
      { "approval", "amelia", 4, approved = true }, { "welcome", "ben", 9 },
      { "review", "elif", 15, values = { ["first-impression"] = "Settled in well" } },
    },
    says = {
      { "welcome", "ben", 9, "<p>Leah met the whole Marigold sales team today.</p>" },
      { "process", "elif", 15, "<p>Next time we should order the badge a week earlier.</p>", label = "improvement" },
    } },
  { "vendor", "ben", 9, kickoff = { ["vendor-name"] = "Northgate Pallets", ["yearly-spend"] = 48000,
      ["vendor-email"] = "sales@northgate.example" },
    done = { { "questionnaire", "ben", 2, values = { ["registration-number"] = "NG-55120" } } },
    says = {
      { "questionnaire", "ben", 1, "<p>Their sales office promised it by tomorrow.</p>" },
      { "credit", "dev", 6, "<p>The agency has no accounts for last year yet.</p>", label = "problem" },
      { "credit", "ben", 7, "<p>@[dev] they offered to send unaudited figures, would that do?</p>" },
    } },
  { "vendor", "dev", 21, kickoff = { ["vendor-name"] = "Blue Anchor Fuel", ["yearly-spend"] = 120000 },
    done = {
      { "questionnaire", "ben", 2, values = { ["registration-number"] = "BA-90871" } },
      { "credit", "dev", 4, values = { ["credit-score"] = "Poor" } },
      { "decision", "greta", 6, approved = false },
    },
    says = { { "decision", "greta", 6, "<p>Poor score and a single tank lorry. We stay with the present supplier.</p>" } } },
  { "vendor", "ben", 1, kickoff = { ["vendor-name"] = "Supplier GmbH", ["yearly-spend"] = 9500 } },
  { "close", "greta", 35, kickoff = { month = { month = -2 } },
    done = { { "bank", "dev", 2 }, { "accruals", "dev", 3, values = { ["accrual-total"] = "18250" } },
      { "stock", "carla", 3 }, { "sign-off", "greta", 5, approved = true }, { "report", "amelia", 6 } } },
  { "close", "greta", 5, kickoff = { month = { month = -1 } },
    done = { { "bank", "dev", 1 } },
    says = {
      { "bank", "dev", 1, "<p>Two card payments are still in transit, both below 50 pounds.</p>" },
      { "accruals", "greta", 3, "<p>@[dev] please include the crane repair in Hull, the invoice comes late.</p>" },
    } },
  { "incident", "carla", 3, kickoff = { ["what-happened"] = "Pallet fell in aisle 7, nobody hurt",
    severity = "Medium" },
    done = { { "contain", "ben", 0 } },
    says = {
      { "contain", "ben", 0, "<p>Aisle 7 is closed, the pallet is on the floor.</p>" },
      { "cause", "carla", 1, "<p>The rack post was already bent last week.</p>" },
    } },
  { "incident", "ben", 12, kickoff = { ["what-happened"] = "A van with customer labels was broken into",
    severity = "High" },
    done = { { "contain", "ben", 0 }, { "inform", "ben", 1 }, { "authority", "amelia", 2 } },
    says = {
      { "inform", "ben", 1, "<p>All 14 customers were called, two want it in writing.</p>" },
      { "authority", "amelia", 2, "<p>Reference of the report: 2231-B.</p>" },
    } },
  { "safety", "carla", 8, kickoff = { site = "Leeds" },
    done = { { "aisles", "carla", 1, values = { ["aisles-clear"] = "Yes" } }, { "trucks", "carla", 1 },
      { "file-report", "carla", 2 } } },
  { "safety", "carla", 1, kickoff = { site = "Hull" } },
  { "purchase", "ben", 6, kickoff = { item = "Three pallet jacks", amount = "1350" },
    done = { { "budget", "dev", 1 } },
    says = { { "approve", "greta", 2, "<p>@[ben] is there a second quote?</p>" },
      { "approve", "ben", 3, "<p>Yes, 90 pounds more and four weeks later.</p>" } } },
  { "purchase", "elif", 2, kickoff = { item = "Training laptops", amount = "2400.50" } },
}

local juniper = {
  { "intake", "jonas", 2, kickoff = { ["patient-name"] = "R. Alvarez", ["referred-by"] = "Dr. Singh" },
    done = { { "insurance", "kofi", 1, values = { ["policy-number"] = "JUN-77-4410" } } },
    says = { { "history", "kofi", 1, "<p>Juniper portal shows two older records.</p>" } } },
  { "intake", "jonas", 10, kickoff = { ["patient-name"] = "M. Fischer" },
    done = { { "insurance", "jonas", 1, values = { ["policy-number"] = "JUN-12-0099" } }, { "history",
      "kofi", 2 },
      { "triage", "ines", 3, approved = true }, { "appointment", "jonas", 4 } } },
  { "opening", "kofi", 1, done = {} },
  { "onboarding", "lucia", 7, kickoff = { ["staff-name"] = "Ada Brooks" }, done = { { "licence", "lucia",
    2 } } },
  { "supplier", "lucia", 3, kickoff = { supplier = "MedSupply" },
    says = { { "score", "lucia", 1, "<p>Juniper had three late deliveries this year, all in March.</p>" } } },
}

-- One-off tasks: { title, by, owners, days ago, due in days from today, summary, done by =, type = }
local one_offs = {
  marigold = {
    { "Call the caterer about the Marigold summer party", "amelia", { "ben", "carla" }, 3, 2,
      "<p>Confirm numbers</p>" },
    { "Renew the forklift insurance", "amelia", { "dev" }, 12, -2,
      "<p>The broker waits for our signature</p>" },
    { "Approve the new parking plan", "ben", { "amelia" }, 2, 1, "<p>Plan is on the board</p>",
      type = "approval" },
    { "Label the returns shelf", "ben", { "carla" }, 5, -1, "<p>Blue labels</p>" },
    { "Order printer paper", "elif", { "carla" }, 9, -4, "<p>Ten boxes</p>", done_by = "carla" },
  },
  juniper = {
    { "Replace the Juniper reception sign", "ines", { "jonas" }, 4, 3,
      "<p>Drawings are in the cupboard</p>" },
    { "Sign the Juniper cleaning contract", "jonas", { "ines" }, 6, -1, "<p>Two copies</p>" },
  },
}

return { marigold = marigold, juniper = juniper, one_offs = one_offs }
