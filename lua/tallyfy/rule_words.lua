-- rule_words.lua - the vocabulary of automation rules: what may stand where, the spellings that are understood, and how
-- each is said in words. No other file lists them.
local words = {}

local function set(list)
  local known = {}
  for index, word in ipairs(list) do known[word] = index end
  return known
end

words.step_operations = { "completed", "reopened", "approved", "rejected", "acknowledged", "expired", "not_assigned" }
words.field_operations = { "contains", "not_contains", "equals", "not_equals", "equals_any", "greater_than", "less_than",
  "is_empty", "is_not_empty" }
words.clauses = { "any_time", "on-time", "early_24", "late_24" }
words.types = { "visibility", "deadline", "status", "assignment", "webhook" }
words.verbs = {
  visibility = { "show", "hide" }, deadline = { "deadline" }, status = { "reopen" },
  assignment = { "assign", "assign_only", "clear_assignees", "unassign" }, webhook = { "emit_webhook" },
}
words.units = { "minutes", "hours", "days", "weeks", "months" }
words.field_types = { "text", "textarea", "date", "dropdown", "multiselect", "radio", "file", "table", "assignees_form" }
words.step_types = { "task", "approval", "expiring", "email", "expiring_email" }
words.choice_types = set { "dropdown", "multiselect", "radio" }

words.is_step_operation, words.is_field_operation = set(words.step_operations), set(words.field_operations)
words.is_clause, words.is_type, words.is_unit = set(words.clauses), set(words.types), set(words.units)

-- verb -> the type it belongs to
words.type_of_verb = {}
for kind, verbs in pairs(words.verbs) do
  for _, verb in ipairs(verbs) do words.type_of_verb[verb] = kind end
end

local kinds = {
  Step = { "step", "steps", "bluprint_step", "bluprint\\step", "blueprint_step", "blueprint\\step", "checklist_step", "task",
    "task_step" },
  Capture = { "field", "capture", "form_field", "bluprint\\capture", "blueprint\\capture", "form", "input" },
  Prerun = { "prerun", "kickoff", "kickoff_field", "kick_off", "pre_run" },
}

local step_operations = {
  completed = { "is", "complete", "is_complete", "is_completed", "done", "finished" }, reopened = { "reopen", "is_reopened" },
  approved = { "approve", "is_approved" }, rejected = { "reject", "is_rejected" },
  acknowledged = { "acknowledge", "is_acknowledged" }, expired = { "expire", "is_expired" },
  not_assigned = { "unassigned", "is_not_assigned" },
}

-- "is" means completed for a step and equals for a field; the official server takes it for completed everywhere.
local field_operations = {
  equals = { "is", "equal", "is_equal" }, not_equals = { "is_not", "not_equal", "does_not_equal" }, contains = { "contain" },
  not_contains = { "does_not_contain" }, is_empty = { "empty" }, is_not_empty = { "not_empty" },
}

local clauses = {
  any_time = { "", "any", "anytime", "always", "complete", "completed", "done", "true", "yes", "none", "null" },
  ["on-time"] = { "on_time", "ontime" }, early_24 = { "early-24", "early24" }, late_24 = { "late-24", "late24" },
}

local types = {
  assignment = { "assign", "assignee", "assign_user", "add_assignee", "reassign", "assign_only", "unassign", "clear_assignees" },
  visibility = { "show", "hide", "show_hide" }, status = { "reopen_step", "reopen" }, deadline = { "set_deadline" },
  webhook = { "emit_webhook", "send_webhook" },
}

local verbs = {
  assign = { "add_assignee", "add_assignees", "reassign" }, unassign = { "remove_assignee", "remove_assignees" },
  clear_assignees = { "clear" }, emit_webhook = { "webhook", "send_webhook" }, deadline = { "set_deadline" },
  reopen = { "reopen_step" },
}

local units = { minutes = { "minute" }, hours = { "hour" }, days = { "day" }, weeks = { "week" }, months = { "month" } }
local options = { before = { "prior_to" }, from = { "after" } }

-- spelling, in lower case -> the word the API knows; proper words mean themselves.
local function reader(spellings, proper)
  local known = {}
  for word, others in pairs(spellings) do
    for _, other in ipairs(others) do known[other] = word end
  end
  for _, word in ipairs(proper or {}) do known[word] = word end
  return function (text)
    return type(text) == "string" and known[text:match("^%s*(.-)%s*$"):lower()] or nil
  end
end

words.kind = reader(kinds)
words.step_operation = reader(step_operations, words.step_operations)
words.field_operation = reader(field_operations, words.field_operations)
words.clause = reader(clauses, words.clauses)
words.type = reader(types, words.types)
words.verb = reader(verbs, { "show", "hide", "reopen", "assign", "assign_only", "unassign", "clear_assignees", "deadline",
  "emit_webhook" })
words.unit = reader(units, words.units)
words.option = reader(options, { "before", "from" })

words.kind_noun = { Step = "step", Capture = "form field", Prerun = "kick-off field" }

words.clause_said = { ["on-time"] = " on time", early_24 = " 24 hours or more before its deadline",
  late_24 = " 24 hours or more after its deadline" }

words.operation_said = {
  completed = "is completed", reopened = "is reopened", approved = "is approved", rejected = "is rejected",
  acknowledged = "is acknowledged", expired = "expires", not_assigned = "has nobody assigned", contains = "contains",
  not_contains = "does not contain", equals = "is", not_equals = "is not", equals_any = "is one of",
  greater_than = "is more than", less_than = "is less than", is_empty = "is empty", is_not_empty = "is filled in",
}

return words
