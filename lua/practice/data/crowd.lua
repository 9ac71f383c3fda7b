-- Words that the large organisation's people, templates and processes are made of.
return {
  first_names = { "Aisha", "Albert", "Anika", "Bruno", "Cara", "Chidi", "Daniel", "Dora", "Edwin", "Esther", "Felix",
    "Freya", "Gita", "Hamid", "Hanna", "Ivan", "Jana", "Joel", "Karim", "Laila", "Leo", "Maja", "Marcus", "Nadia",
    "Niall", "Olga", "Omar", "Paula", "Petra", "Quentin", "Ravi", "Rosa", "Samir", "Sofia", "Theo", "Uma", "Victor",
    "Wanda", "Yusuf", "Zoe" },
  last_names = { "Abbott", "Banerjee", "Castillo", "Doyle", "Eriksen", "Fenwick", "Gallagher", "Hoffmann", "Iqbal",
    "Jansen", "Kowalski", "Lambert", "Mbeki", "Novak", "Osei", "Pereira", "Quinn", "Rossi", "Schwartz", "Tanaka",
    "Usman", "Vasquez", "Whitfield", "Xu", "Young", "Zimmer" },
  teams = {
    { "Operations", "Planner" }, { "Warehouse", "Warehouse Associate" }, { "Transport", "Driver" },
    { "Finance", "Accountant" }, { "People", "People Partner" }, { "IT", "IT Technician" },
    { "Customer Service", "Customer Service Agent" }, { "Purchasing", "Buyer" }, { "Quality", "Inspector" },
    { "Sales", "Account Manager" },
  },
  sites = { "Leeds", "Hull", "Derby", "Bristol", "Cardiff", "Glasgow", "Norwich", "Exeter", "Preston", "Dover" },
  -- what the templates are about, and the icon
  subjects = {
    { "Fire inspection", "fa-fire" }, { "Vehicle service", "fa-truck" }, { "Supplier audit", "fa-search" },
    { "Stock count", "fa-cubes" }, { "Customer claim", "fa-comments" }, { "Route change", "fa-map" },
    { "Lease renewal", "fa-building" }, { "Safety training", "fa-graduation-cap" }, { "Payroll run", "fa-gbp" },
    { "Insurance claim", "fa-umbrella" }, { "Contract review", "fa-file-text" }, { "New customer", "fa-user" },
    { "Pallet return", "fa-recycle" }, { "Customs declaration", "fa-globe" }, { "Temperature check", "fa-snowflake-o" },
    { "Software rollout", "fa-laptop" }, { "Yearly appraisal", "fa-star" }, { "Budget change", "fa-calculator" },
    { "Damage report", "fa-exclamation-triangle" }, { "Energy review", "fa-bolt" },
  },
  -- the twenty steps of each, and who of the site's people does them: an index into the teams
  steps = {
    { "Open the file", 1 }, { "Collect the documents", 1 }, { "Check that nothing is missing", 9 },
    { "Enter the data", 6 }, { "Name a reviewer", 1 }, { "First review", 9 }, { "Ask about what is unclear", 7 },
    { "Write down the answers", 7 }, { "Estimate the cost", 4 }, { "Approve the cost", 4, type = "approval" },
    { "Agree on a date", 3 }, { "Inform the site", 2 }, { "Carry it out", 2 }, { "Inspect the result", 9 },
    { "Correct what was found", 2 }, { "Take photographs", 2 }, { "Final approval", 1, type = "approval" },
    { "File the records", 5 }, { "Report to management", 1 }, { "Close the file", 1 },
  },
}
