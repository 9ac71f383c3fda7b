// Jobs of people who run processes: launching many, correcting one on its way, deciding, tidying up.
import { test, before, after, beforeEach } from "node:test";
import assert from "node:assert/strict";
import { Office, named } from "../lib/office.mjs";

let office;
before(async () => { office = await Office.open("operator"); });
beforeEach(() => office.morning());
after(() => office?.close());

test("four suppliers from a list are put to the test, with what they have in common said once", async () => {
  const ben = await office.as("Ben");
  const list = [["Nordic Wraps", "about 12000", "sales@nordic.example"], ["Tyne Labels", "8500", "tyne.example"],
    ["Humber Fuel", "90000", ""], ["Aire Cranes", "41000.50", "desk@aire.example"]];
  const asked = await ben.does("get_kickoff_fields", { template_id: "vendor approval" });
  const [name, spend, contact] = asked.fields.map((field) => field.label);
  const launch = (more) => ben.ask("launch_processes", { template_id: "vendor approval", all_or_none: true, owner_id: "Dev",
    tags: ["Supplier"], rows: list.map(([who, much, mail]) => ({ name: `Vendor: ${who}`,
      prerun: { [name]: who, [spend]: much, ...(mail && { [contact]: mail }) } })), ...more });
  const first = (await launch({})).structuredContent;
  assert.equal(first.done, 0);
  assert.match(first.results.at(-1).error.hint, /Suppliers/, "the tags there are");
  const second = (await launch({ tags: ["Suppliers"] })).structuredContent;
  const wrong = second.results.filter((one) => one.status === "refused");
  assert.deepEqual(wrong.map((one) => one.index), [1, 2]);
  assert.match(wrong[0].error.message, /number/);
  assert.match(wrong[1].error.message, /e-mail address/);
  list[0][1] = "12000";
  list[1][2] = "desk@tyne.example";
  const launched = (await launch({ tags: ["Suppliers"] })).structuredContent;
  assert.equal(launched.done, 4);

  for (const [index, [who, much]] of list.entries()) {
    const run = await office.there(`runs/${launched.results[index].id}?with=tags,ko_form_fields`);
    assert.equal(run.name, `Vendor: ${who}`);
    assert.equal(Number(named(run.ko_form_fields.data, spend, "label").field_value), Number(much));
    assert.deepEqual(run.tags.data.map((tag) => tag.title), ["Suppliers"]);
  }
  assert.deepEqual(await office.writes(), Array(4).fill("POST runs"));
});

test("Nora works from home after all: her kick-off form is corrected while the process runs", async () => {
  const ben = await office.as("Ben");
  const found = await ben.does("search_for_processes", { query: "Nora" });
  const name = found.data[0].name;
  const closed = await ben.does("get_process", { run_id: name });
  assert.equal(named(closed.kickoff, "Remote worker?", "label").value, "No");
  await ben.does("reopen_kickoff_form", { run_id: name });
  const choices = await ben.fails("complete_kickoff_form", { run_id: name, prerun: { "Remote worker?": "Sometimes" } });
  assert.match(choices, /Yes.*No/);
  await ben.does("complete_kickoff_form", { run_id: name, prerun: { "remote worker?": "Yes" } });
  const after = await ben.does("get_tasks_for_process", { process_name: name });
  const ship = named(after.data, /^Ship/, "title");
  assert.notEqual(ship.status, "auto-skipped");
  await ben.does("update_task", { run_id: name, task_id: ship.title, owners: { groups: ["IT Service Desk"] },
    deadline: "in 3 days" });

  const task = await office.there(`runs/${ship.run_id}/tasks/${ship.id}`);
  assert.equal(task.owners.groups.length, 1);
  assert.ok(Date.parse(task.deadline) > Date.now());
  const run = await office.there(`runs/${ship.run_id}`);
  assert.equal(run.prerun_status, "complete");
  assert.deepEqual(await office.writes(), ["DELETE runs/*/complete-prerun", "PUT runs/*",
    "POST runs/*/complete-prerun", "PUT runs/*/tasks/*"]);
});

test("the pallet jacks are approved and ordered", async () => {
  const amelia = await office.as("Amelia");
  const mine = await amelia.does("get_my_tasks");
  const approval = mine.data.find((task) => /pallet jacks/i.test(task.title));
  assert.equal(approval.task_type, "approval");
  const talk = await amelia.does("get_task_comments", { task_id: approval.title, run_id: approval.process_name });
  assert.match(talk.data.at(-1).content, /90 pounds more/);
  const how = await amelia.fails("complete_task", { task_id: approval.title, run_id: approval.process_name });
  assert.match(how, /is_approved/);
  await amelia.does("complete_task", { task_id: approval.title, run_id: approval.process_name, is_approved: true });
  const ben = await office.as("Ben");
  const early = await ben.fails("complete_task", { task_id: "Place the order" });
  assert.ok(early.includes(`of "${approval.process_name}"`), early);
  await ben.does("complete_task", { task_id: "Place the order", run_id: approval.process_name });
  const done = await ben.does("get_process", { run_id: approval.process_name });
  assert.equal(done.status, "complete");
  await ben.does("archive_process", { run_id: approval.process_name });

  const run = await office.there(`runs/${done.id}?with=tasks`);
  assert.ok(run.archived_at);
  assert.equal(named(run.tasks.data, /^Approve/, "title").is_approved, true);
  assert.deepEqual(await office.writes(), ["POST runs/*/completed-tasks", "POST runs/*/completed-tasks", "DELETE runs/*"]);
});

test("what is finished goes out of sight, and one comes back", async () => {
  const questions = [];
  const ben = await office.as("Ben", "operator", ({ message, requestedSchema }) => {
    questions.push(message);
    return { [Object.keys(requestedSchema.properties)[0]]: "yes" };
  });
  const wrong = await ben.fails("get_organization_runs", { status: "finished" });
  assert.match(wrong, /complete/);
  const finished = await ben.does("get_organization_runs", { status: "complete" });
  assert.ok(finished.data.length >= 2);
  const asked = await ben.does("ask_user_to_confirm", { question: `Archive ${finished.data.map((run) => run.name).join(", ")}?` });
  assert.equal(asked.confirmed, true);
  assert.match(questions[0], /Archive Safety walk/);
  for (const run of finished.data) await ben.does("archive_process", { run_id: run.name });
  const again = await ben.does("archive_process", { run_id: finished.data[0].name });
  assert.match(again.said, /Nothing to change.*archived already/);
  const back = finished.data[0].name;
  await ben.does("reactivate_process", { run_id: back });
  await ben.does("update_process", { run_id: back, name: `${back} (audit)`, starred: true });
  const archived = await ben.does("get_organization_runs", { archived: "only" });
  assert.equal(archived.data.length, finished.data.length - 1);

  const run = await office.there(`runs/${finished.data[0].id}`);
  assert.equal(run.name, `${back} (audit)`);
  assert.equal(run.starred, true);
  assert.deepEqual(run.groups ?? [], finished.data[0].groups ?? [], "who may see it stays");
  assert.deepEqual(await office.writes(), [...finished.data.map(() => "DELETE runs/*"), "PUT runs/*/activate", "PUT runs/*"]);
});
