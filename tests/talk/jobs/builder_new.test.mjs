// Jobs of people who build templates: from a text, step by step, from another one.
import { test, before, after, beforeEach } from "node:test";
import assert from "node:assert/strict";
import { Office, named } from "../lib/office.mjs";

let office;
before(async () => { office = await Office.open("builder"); });
beforeEach(() => office.morning());
after(() => office?.close());

const year = new Date().getFullYear() + 1;
const steps = (template) => template.steps.data ?? template.steps;
const fieldsOf = (step) => step.captures?.data ?? step.captures ?? [];

// "A contractor comes: HR gets the contract signed. IT prepares accounts within two days; those who bring their own laptop
//  have it checked, the others get one. Amelia approves; if she does not, IT starts again. On day one Ben shows them round."
test("a text becomes a template with a kick-off form and branches, checked before it is made, and five start from rows", async () => {
  const ben = await office.as("Ben");
  const near = await ben.does("search_for_templates", { query: "onboarding" });
  assert.equal(near.data.length, 1, "there is one for employees, none for contractors");
  const document = {
    template: { title: "Contractor onboarding", summary: "From contract to first day" },
    kickoff: [{ label: "Contractor name", field_type: "text", required: true },
      { label: "First day", field_type: "date", required: true },
      { label: "Own laptop?", field_type: "radio", required: true, options: ["Yes", "No"] }],
    steps: [{ title: "Get the contract signed", assignees: ["Elif"], deadline: { value: 3, unit: "days" } },
      { title: "Prepare accounts", groups: ["IT Service Desk"], deadline: { value: 2, unit: "days" },
        fields: [{ label: "User name", field_type: "text", required: true }] },
      { title: "Check the contractor's laptop", groups: ["IT Service Desk"], deadline: { value: 2, unit: "days" } },
      { title: "Hand out a laptop", groups: ["IT Desk"], deadline: { value: 2, unit: "days" } },
      { title: "Approve the access", step_type: "approval", assignees: ["amelia.hartmann@marigold.example"] },
      { title: "Show round on the first day", assignees: ["Ben Okonkwo"] }],
    rules: [{ alias: "Own laptop is checked", conditions: [{ on: "Own laptop?", operation: "equals", statement: "Yes" }],
        then_actions: [{ action_verb: "show", target: "Check the contractor's laptop" }] },
      { alias: "No laptop: hand one out", conditions: [{ on: "Own laptop?", operation: "equals", statement: "No" }],
        then_actions: [{ action_verb: "show", target: "Hand out a laptop" }] },
      { alias: "IT starts again", conditions: [{ on: "Approve the access", operation: "rejected" }],
        then_actions: [{ action_verb: "reopen", target: "Prepare accounts" }] }],
  };
  const unknown = await ben.fails("import_template", { document, dry_run: true });
  assert.match(unknown, /IT Desk/);
  document.steps[3].groups = ["IT Service Desk"];
  const plan = await ben.does("import_template", { document, dry_run: true });
  assert.equal(plan.written, false);
  assert.deepEqual(await office.writes(), []);
  const made = await ben.does("import_template", { document });
  assert.deepEqual(made.not_taken, []);
  const health = await ben.does("assess_template_health", { template_id: "Contractor onboarding" });
  assert.ok(health.score >= 60, health.said);
  const visible = await ben.does("get_step_visibility_conditions", { template_id: "Contractor onboarding",
    step_id: "Hand out a laptop" });
  assert.match(visible.said, /Own laptop/);
  const built = await office.writes();

  // Five come in January: the operator's assistant takes the rows of a sheet.
  const amelia = await office.as("Amelia", "operator");
  const sheet = [["Rosa", `4 January ${year}`, "Yes"], ["Karl", `4 January ${year}`, "no"], ["Mia", `11 January ${year}`, "yes"],
    ["Ole", "", "No"], ["Uta", `18 January ${year}`, "No"]];
  const launch = () => amelia.does("launch_processes", { template_id: "contractor onboarding", all_or_none: true,
    rows: sheet.map(([name, day, own]) => ({ name: `Contractor: ${name}`,
      prerun: { "Contractor name": name, "First day": day, "Own laptop?": own } })) });
  const first = await launch();
  assert.equal(first.done, 0);
  assert.match(first.said, /Item 4.*"First day" \(date\)/);
  sheet[3][1] = `18 January ${year}`;
  const launched = await launch();
  assert.equal(launched.done, 5);

  for (const [index, [name, , own]] of sheet.entries()) {
    const tasks = await office.there(`runs/${launched.results[index].id}/tasks`);
    const shown = tasks.filter((task) => task.status !== "auto-skipped").map((task) => task.title);
    assert.equal(shown.includes("Check the contractor's laptop"), /yes/i.test(own), name);
    assert.equal(shown.includes("Hand out a laptop"), /no/i.test(own), name);
  }
  const template = await office.there(`checklists/${made.template_id}?with=steps,prerun`);
  assert.equal(steps(template).length, 6);
  assert.ok(built.every((line) => /^(POST|PUT) checklists/.test(line) && !/ \d+$/.test(line)), built.join("; "));
  assert.deepEqual((await office.writes()).slice(built.length), Array(5).fill("POST runs"));
});

test("a template for returned goods grows step by step while its people talk", async () => {
  const ben = await office.as("Ben");
  const made = await ben.does("create_template", { title: "Returned goods", summary: "From the counter to the refund" });
  const t = "returned goods";
  const kind = await ben.fails("add_kickoff_field", { template_id: t, field_data: { label: "Reason", field_type: "choice",
    options: ["Damaged", "Wrong item"], required: true } });
  assert.match(kind, /dropdown/);
  await ben.does("add_kickoff_field", { template_id: t, field_data: { label: "Reason", field_type: "dropdown",
    options: ["Damaged", "Wrong item"], required: true } });
  await ben.does("add_step_to_template", { template_id: t, step_data: { title: "Look at the goods", users: ["Carla"],
    deadline: { value: 1, unit: "days" } } });
  const noOne = await ben.fails("add_step_to_template", { template_id: t, step_data: { title: "Refund the customer",
    groups: ["Accounts"] } });
  assert.match(noOne, /Finance Team/);
  await ben.does("add_step_to_template", { template_id: t, step_data: { title: "Refund the customer", groups: ["Finance Team"] } });
  await ben.does("add_step_to_template", { template_id: t, step_data: { title: "Claim from the carrier", users: ["Ben"],
    position: 2 } });
  await ben.does("add_form_field_to_step", { template_id: t, step_id: "Look at the goods", field_data: {
    label: "Resalable?", field_type: "radio", options: ["Yes", "No"], required: true } });
  const wrong = await ben.fails("create_automation_rule", { template_id: t, automation_data: { alias: "Damaged: claim",
    conditions: [{ conditionable_type: "Prerun", conditionable_id: "Reason", operation: "equals", statement: "Broken" }],
    actions: [{ action_verb: "show", target_step_id: "Claim from the carrier" }] } });
  assert.match(wrong, /Damaged.*Wrong item/);
  await ben.does("create_automation_rule", { template_id: t, automation_data: { alias: "Damaged: claim",
    conditions: [{ conditionable_type: "Prerun", conditionable_id: "Reason", operation: "equals", statement: "Damaged" }],
    actions: [{ action_verb: "show", target_step_id: "Claim from the carrier" }] } });
  const idea = await ben.does("suggest_step_deadline", { template_id: t, step_id: "Refund the customer" });
  assert.ok(idea.said.length > 20);
  const seen = await ben.does("get_template_steps", { template_id: t });
  assert.match(seen.said, /Returned goods/);

  const template = await office.there(`checklists/${made.template_id}?with=steps,prerun`);
  assert.deepEqual(steps(template).sort((a, b) => a.position - b.position).map((step) => step.title),
    ["Look at the goods", "Claim from the carrier", "Refund the customer"]);
  assert.equal(fieldsOf(named(steps(template), "Look at the goods", "title"))[0].label, "Resalable?");
  assert.equal(template.automated_actions.length, 1);
  assert.deepEqual(await office.writes(), ["POST checklists", "PUT checklists/*", "POST checklists/*/steps",
    "POST checklists/*/steps", "POST checklists/*/steps", "PUT checklists/*/steps/*/reorder",
    "POST checklists/*/steps/*/captures", "POST checklists/*/automated-actions"]);
});

test("the walk is copied for another site, adapted, and the difference is what was meant", async () => {
  const amelia = await office.as("Amelia");
  const copy = await amelia.does("clone_template", { template_id: "Warehouse safety walk", new_name: "Yard safety walk" });
  await amelia.does("update_template", { template_id: "Yard safety walk", template_data: { summary: "The weekly walk through the yard" } });
  const which = await amelia.fails("edit_description_on_step", { template_id: "Yard safety walk", step_id: "Forklifts",
    description: "<p>All six.</p>" });
  const [, title] = /"(Inspect the forklift trucks)"/.exec(which);
  await amelia.does("edit_description_on_step", { template_id: "Yard safety walk", step_id: title, description: "<p>All six.</p>" });
  await amelia.does("reorder_step", { template_id: "Yard safety walk", step_id: title, position: 1 });
  const site = await amelia.does("get_kickoff_fields", { template_id: "Yard safety walk" });
  await amelia.does("update_kickoff_field", { template_id: "Yard safety walk", field_id: site.fields[0].label,
    field_data: { options: ["Leeds", "Hull", "Derby", "Grimsby"] } });
  const difference = await amelia.does("compare_templates", { template_id: "Warehouse safety walk",
    other_template_id: "Yard safety walk" });
  assert.match(difference.said, /Grimsby/);
  assert.match(difference.said, /All six/);

  const original = named(await office.there("checklists?per_page=100"), "Warehouse safety walk", "title");
  const kept = await office.there(`checklists/${original.id}?with=steps,prerun`);
  assert.equal(named(steps(kept), title, "title").position, 2);
  const yard = await office.there(`checklists/${copy.template_id}?with=steps,prerun`);
  const moved = named(steps(yard), title, "title");
  assert.equal(moved.position, 1);
  assert.equal(moved.groups?.length ?? moved.assignees?.groups?.length, 1, "its group stays");
  assert.deepEqual(await office.writes(), ["POST checklists/*/clone", "PUT checklists/*", "PUT checklists/*/steps/*",
    "PUT checklists/*/steps/*/reorder", "PUT checklists/*"]);
});
