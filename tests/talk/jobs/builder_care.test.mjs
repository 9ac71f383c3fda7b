// Jobs of people who look after templates: rules that contradict, templates that are thin, changes that must break nothing.
import { test, before, after, beforeEach } from "node:test";
import assert from "node:assert/strict";
import { Office, named } from "../lib/office.mjs";

let office;
before(async () => { office = await Office.open("builder"); });
beforeEach(() => office.morning());
after(() => office?.close());

const listOf = (value) => value?.data ?? value ?? [];

async function template(title) {
  const { id } = named(await office.there("checklists?per_page=100"), title, "title");
  return office.there(`checklists/${id}?with=steps,prerun`);
}

// Three people have written rules for incidents over the years.
async function tangle() {
  const incident = await template("Incident response");
  const severity = named(listOf(incident.prerun), "Severity", "label").id;
  const step = (title) => named(listOf(incident.steps), title, "title").id;
  const rule = (alias, statement, verb, title) => office.before("POST", `checklists/${incident.id}/automated-actions`, {
    automated_alias: alias, conditions: [{ conditionable_type: "Prerun", conditionable_id: severity, operation: "equals",
      statement, logic: "and", position: 1 }],
    then_actions: [{ action_type: "visibility", action_verb: verb, target_step_id: step(title), position: 1 }] });
  await rule("Tell the authority", "High", "show", "Report to the authority");
  await rule("Low is small", "Low", "hide", "Inform the customers concerned");
  await rule("Customers must know", "Low", "show", "Inform the customers concerned");
}

test("rules of three authors: the double goes, the contradiction is settled, incidents run as meant", async () => {
  await tangle();
  const ben = await office.as("Ben");
  const found = await ben.does("analyze_template_automations", { template_id: "incident response" });
  assert.match(found.said, /conflict/i);
  assert.match(found.said, /duplicate|same/i);
  const advice = await ben.does("suggest_automation_consolidation", { template_id: "incident response" });
  assert.ok(advice.suggestions.length >= 2, advice.said);
  const wrong = await ben.fails("delete_automation_rule", { template_id: "incident response", automation_id: "Authority" });
  assert.match(wrong, /Tell the authority/);
  await ben.does("delete_automation_rule", { template_id: "incident response", automation_id: "Tell the authority" });
  await ben.does("delete_automation_rule", { template_id: "incident response", automation_id: "Low is small" });
  const clean = await ben.does("analyze_template_automations", { template_id: "incident response" });
  assert.doesNotMatch(clean.said, /conflict/i);

  const severe = { "What happened?": "Test", Severity: "High" };
  const run = await ben.does("launch_process", { template_id: "Incident response", name: "Trial, high", prerun: severe });
  const tasks = await office.there(`runs/${run.id}/tasks`);
  assert.notEqual(named(tasks, "Report to the authority", "title").status, "auto-skipped");
  assert.equal((await template("Incident response")).automated_actions.length, 2);
  assert.deepEqual(await office.writes(), ["DELETE checklists/*/automated-actions/*", "DELETE checklists/*/automated-actions/*",
    "POST runs"]);
});

test("the thin offboarding template gets what its check-up asks for", async () => {
  const amelia = await office.as("Amelia");
  const t = "Employee offboarding";
  const before = await amelia.does("assess_template_health", { template_id: t });
  assert.ok(before.findings.length > 0);
  const fields = await amelia.does("suggest_kickoff_fields", { template_id: t });
  await amelia.does("add_kickoff_field", { template_id: t, field_data: { label: "Last day", field_type: "date", required: true } });
  const more = await amelia.does("suggest_form_fields_for_step", { template_id: t, step_id: "Collect laptop and badge" });
  assert.ok(fields.said && more.said);
  await amelia.does("add_form_field_to_step", { template_id: t, step_id: "Collect laptop and badge", field_data: {
    label: "Returned", field_type: "multiselect", options: ["Laptop", "Badge", "Keys"], required: true } });
  const gone = await amelia.fails("add_assignees_to_step", { template_id: t, step_id: "Close all accounts",
    assignees: { users: ["Hugo"] } });
  assert.match(gone, /Hugo Marsh.*disabled/);
  await amelia.does("add_assignees_to_step", { template_id: t, step_id: "Close all accounts", assignees: { users: ["Farid"] } });
  const last = await template(t);
  const alias = named(listOf(last.prerun), "Last day", "label").alias;
  for (const step of ["Close all accounts", "Collect laptop and badge"]) {
    await amelia.does("edit_description_on_step", { template_id: t, step_id: step,
      description: `<p>${step} before {{${alias}}}, and note what is missing or late for the people partner.</p>` });
  }
  await amelia.does("update_template", { template_id: t, template_data: { summary: "When a Marigold colleague leaves: accounts, "
    + "laptop, badge and keys, on the last day", guidance: "<p>Launch it a week before the last day.</p>" } });
  const after = await amelia.does("assess_template_health", { template_id: t });
  assert.ok(after.score > before.score, `${before.score} -> ${after.score}`);

  const stored = await template(t);
  const accounts = named(listOf(stored.steps), "Close all accounts", "title");
  assert.equal(listOf(accounts.groups).length, 1, "the group stays beside Farid");
  assert.equal(listOf(accounts.assignees).length, 1);
  assert.deepEqual(await office.writes(), ["PUT checklists/*", "POST checklists/*/steps/*/captures",
    ...Array(3).fill("PUT checklists/*/steps/*"), "PUT checklists/*"]);
});

test("sales becomes two departments and the shipping step goes: nothing else breaks", async () => {
  const ben = await office.as("Ben");
  const t = "Employee onboarding";
  const site = await ben.does("get_kickoff_dropdown_options", { template_id: t, field_id: "department" });
  const options = site.options.map(({ id, text }) => ({ id, text: text === "Sales" ? "Inside sales" : text }));
  await ben.does("update_kickoff_field", { template_id: t, field_id: "Department",
    field_data: { options: [...options, "Field sales"] } });
  const why = await ben.fails("delete_step", { template_id: t, step_id: "Ship equipment to home address" });
  const [, rule] = /"(Ship when remote)"/.exec(why) ?? [];
  assert.ok(rule, why);
  const hangs = await ben.does("get_step_dependencies", { template_id: t, step_id: "Ship equipment to home address" });
  assert.match(hangs.said, /Ship when remote/);
  await ben.does("delete_automation_rule", { template_id: t, automation_id: rule });
  await ben.does("delete_step", { template_id: t, step_id: "Ship equipment to home address" });
  const field = await ben.fails("delete_kickoff_field", { template_id: t, field_id: "Start" });
  assert.match(field, /Start date/);
  await ben.does("delete_kickoff_field", { template_id: t, field_id: "Remote worker?" });

  const stored = await template(t);
  const texts = named(listOf(stored.prerun), "Department", "label").options.map(({ id, text }) => `${id} ${text}`);
  assert.deepEqual(texts, ["1 Finance", "2 Warehouse", "3 Inside sales", "4 IT", "5 Field sales"]);
  assert.deepEqual(listOf(stored.steps).map((step) => step.position), [1, 2, 3, 4, 5]);
  assert.equal(listOf(stored.prerun).length, 3);
  assert.equal(stored.automated_actions.length, 1);
  assert.deepEqual(await office.writes(), ["PUT checklists/*", "DELETE checklists/*/automated-actions/*",
    "DELETE checklists/*/steps/*", "DELETE checklists/*/preruns/*"]);
});

test("a template goes out as text, comes back changed, and only the changes are written", async () => {
  const ben = await office.as("Ben");
  const { document } = await ben.does("export_template", { template_id: "Vendor approval" });
  const changed = structuredClone(document);
  changed.steps.find((step) => step.title === "Run the credit check").deadline = { value: 4, unit: "fortnight" };
  changed.steps.find((step) => step.title === "Create the vendor in the ledger").assignees.push("greta@marigold.example");
  changed.kickoff.push({ label: "Country", field_type: "dropdown", options: ["Germany", "France", "Other"], required: true });
  const wrong = await ben.fails("import_template", { template_id: "Vendor approval", document: JSON.stringify(changed) });
  assert.match(wrong, /greta@marigold\.example/);
  changed.steps.find((step) => step.title === "Create the vendor in the ledger").assignees.splice(-1, 1, "Greta Lindqvist");
  const unit = await ben.fails("import_template", { template_id: "Vendor approval", document: JSON.stringify(changed) });
  assert.match(unit, /days/);
  changed.steps.find((step) => step.title === "Run the credit check").deadline.unit = "days";
  const plan = await ben.does("compare_templates", { template_id: "Vendor approval", document: JSON.stringify(changed) });
  assert.equal(plan.total, 3, plan.said);
  await ben.does("import_template", { template_id: "Vendor approval", document: JSON.stringify(changed) });
  const again = await ben.does("compare_templates", { template_id: "Vendor approval", document: JSON.stringify(changed) });
  assert.equal(again.is_same, true, again.said);

  const stored = await template("Vendor approval");
  assert.equal(named(listOf(stored.steps), "Run the credit check", "title").deadline.value, 4);
  assert.equal(listOf(stored.prerun).length, 4);
  assert.equal(listOf(named(listOf(stored.steps), "Create the vendor in the ledger", "title").assignees).length, 2);
  assert.equal(stored.automated_actions.length, 1);
  assert.deepEqual(await office.writes(), ["PUT checklists/*", "PUT checklists/*/steps/*", "PUT checklists/*/steps/*"]);
});
