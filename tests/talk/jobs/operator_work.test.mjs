// Jobs of people who run the daily work: tasks that are late, stuck, wrong, or somebody else's.
import { test, before, after, beforeEach } from "node:test";
import assert from "node:assert/strict";
import { Office, named } from "../lib/office.mjs";

let office;
before(async () => { office = await Office.open("operator"); });
beforeEach(() => office.morning());
after(() => office?.close());

test("Dev is ill: whatever of his is overdue goes to Greta, the rest stays", async () => {
  const ben = await office.as("Ben");
  const unknown = await ben.fails("get_user_tasks", { user_name: "Devon", status: "overdue" });
  assert.match(unknown, /get_organization_users_list shows everyone/);
  const dev = named((await ben.does("get_organization_users_list")).data, /^Dev/, "full_name");
  const late = await ben.does("get_user_tasks", { user_email: dev.email, status: "overdue" });
  assert.ok(late.data.length > 1);

  const handed = await ben.does("reassign_tasks", { tasks: late.data.map((task) => ({ task_id: task.title })),
    from: { users: ["Dev Patel"] }, to: { users: ["Greta"] } });
  const unclear = handed.results.filter((one) => one.error?.code === "ambiguous");
  assert.ok(unclear.length > 0, "the same step waits in more than one process");
  for (const one of unclear) assert.match(one.error.message, /of "/, "candidates name their processes");
  // Those again, now with their processes, as the error says. What a group has is not his alone: it stays with the group.
  const again = await ben.does("reassign_tasks", { tasks: unclear.map(({ index }) => late.data[index - 1])
    .map((task) => ({ task_id: task.title, run_id: task.process_name })), from: { users: ["Dev"] }, to: { users: ["Greta"] } });
  const own = late.data.filter((task) => task.owners.users);
  assert.equal(handed.done + again.done, own.length);
  for (const one of again.results.filter(({ status }) => status !== "done")) {
    assert.match(one.error.message, /Finance Team has it/, "who has it instead");
  }

  const greta = named(await office.there("users"), "Greta Lindqvist", "full_name").id;
  for (const { id } of own) assert.deepEqual((await office.there(`tasks/${id}`)).owners.users, [greta]);
  assert.deepEqual((await office.writes()).sort(), own.map((task) => (task.run_id ? "PUT runs/*/tasks/*" : "PUT tasks/*")).sort());
});

test("Northgate Pallets does not move on: why, and getting it going", async () => {
  const dev = await office.as("Dev");
  const found = await dev.does("search_for_processes", { query: "Northgate" });
  const process = await dev.does("get_process", { run_id: found.data[0].name });
  assert.equal(process.status, "problem");
  const [stuck] = (await dev.does("get_tasks_for_process", { process_name: process.name, status: "hasproblem" })).data;
  assert.deepEqual(stuck.owner_names, ["Finance Team"]);
  const why = await dev.does("get_task_comments", { task_id: stuck.title, run_id: process.name });
  const issue = why.data.find((comment) => comment.is_open);
  assert.match(issue.content, /no accounts/);

  await dev.does("resolve_task_issues", { task_id: stuck.title, run_id: process.name, thread_id: issue.id });
  const missing = await dev.fails("complete_task", { task_id: stuck.title, run_id: process.name });
  const [, field] = /"(Credit score)"/.exec(missing);
  assert.match(missing, /update_task saves answers/);
  const choices = await dev.fails("update_task", { task_id: stuck.title, run_id: process.name, taskdata: { [field]: "Middling" } });
  assert.match(choices, /Good.*Fair.*Poor/);
  await dev.does("update_task", { task_id: stuck.title, run_id: process.name, taskdata: { [field]: "Fair" } });
  await dev.does("complete_task", { task_id: stuck.title, run_id: process.name });
  await dev.does("add_task_comment", { task_id: "Approve Northgate Pallets as a vendor", run_id: process.name,
    content: '@"Greta Lindqvist" the credit check is fair, it is your turn.' });

  const run = await office.there(`runs/${process.id}?with=tasks`);
  assert.equal(run.status, "active");
  assert.equal(named(run.tasks.data, "Run the credit check", "title").status, "completed");
  assert.deepEqual(await office.writes(), ["POST tasks/*/resolved-threads", "PUT runs/*/tasks/*", "POST runs/*/completed-tasks",
    "POST tasks/*/comment"]);
});

test("the close slips a week: new deadlines for what is open, and its people know", async () => {
  const amelia = await office.as("Amelia");
  const asked = await amelia.does("search_for_processes", { query: "Close" });
  const close = asked.data.find((run) => run.status !== "complete");
  const open = (await amelia.does("get_tasks_for_process", { process_name: close.name, status: "incomplete" })).data;
  const items = open.map((task) => ({ task_id: task.title, run_id: close.name }));
  const unsure = await amelia.does("set_task_deadlines", { tasks: items, deadline: "sometime soon", check_only: true });
  assert.equal(unsure.checked, 0);
  const plan = await amelia.does("set_task_deadlines", { tasks: items, deadline: "in 7 days at 5pm", check_only: true });
  assert.equal(plan.checked, open.length);
  const moved = await amelia.does("set_task_deadlines", { tasks: items, deadline: "in 7 days at 5pm" });
  assert.equal(moved.done, open.length);
  const half = await amelia.fails("add_task_comment", { task_id: "Sign off", run_id: close.name, content: "Moved by a week." });
  const [, title] = /"(Sign off [^"]+)"/.exec(half);
  await amelia.does("add_task_comment", { task_id: title, run_id: close.name, content: "Everything moved by a week." });

  const tasks = await office.there(`runs/${close.id}/tasks`);
  for (const task of tasks.filter((one) => one.status !== "completed")) assert.ok(Date.parse(task.deadline) > Date.now(), task.title);
  const writes = await office.writes();
  assert.equal(writes.length, open.length + 1);
  assert.equal(writes.filter((line) => line === "PUT runs/*/tasks/*").length, open.length);
});

test("a task was ticked off too early: it is opened again with a reason, then done properly", async () => {
  const carla = await office.as("Carla", "operator");
  const twice = await carla.fails("reopen_task", { task_id: "Check aisles and exits", reason: "Aisle 4 was blocked" });
  const [, process] = /of "(Safety walk Leeds [^"]+)"/.exec(twice) ?? [];
  assert.ok(process, `the refusal names the processes: ${twice}`);
  await carla.does("reopen_task", { task_id: "Check aisles and exits", run_id: process, reason: "Aisle 4 was blocked" });
  const task = await carla.does("get_task", { task_id: "Check aisles and exits", run_id: process });
  assert.notEqual(task.status, "completed");
  const form = named(task.form_fields, "Aisles clear?", "label");
  assert.equal(form.field_value, "Yes");
  await carla.does("update_task", { task_id: task.id, run_id: process, taskdata: { "Aisles clear?": "No" } });
  await carla.does("report_task_issue", { task_id: task.id, run_id: process, content: "Pallets in aisle 4, the truck is ordered." });
  const refused = await carla.fails("complete_task", { task_id: task.id, run_id: process });
  assert.match(refused, /issue/);
  await carla.does("add_task_comment", { task_id: task.id, run_id: process, label: "resolve", content: "Aisle 4 is clear." });
  await carla.does("complete_task", { task_id: task.id, run_id: process });

  const now = await office.there(`runs/${task.run_id}/tasks/${task.id}?with=threads,form_fields`);
  assert.equal(now.status, "completed");
  assert.equal(now.form_fields.data[0].field_value, "No");
  assert.equal((await office.there(`runs/${task.run_id}`)).status, "complete");
  assert.deepEqual(await office.writes(), ["DELETE runs/*/completed-tasks/*", "POST tasks/*/comment", "PUT runs/*/tasks/*",
    "POST tasks/*/problem", "POST tasks/*/resolved-threads", "POST runs/*/completed-tasks"]);
});

test("papers from a supplier's man who is no guest yet", async () => {
  const ben = await office.as("Ben");
  const args = { title: "Send the insurance certificate", deadline: "next Friday at noon" };
  const inside = await ben.fails("create_standalone_task", { ...args, user_names: ["Petra Wolff"] });
  assert.match(inside, /guest_emails/);
  const known = (await ben.does("get_organization_guests_list")).data;
  assert.ok(!known.some((guest) => /Petra/.test(guest.full_name ?? guest.first_name)));
  const half = await ben.fails("create_guest", { email: "p.wolff@supplier-gmbh.example", first_name: "Petra" });
  assert.match(half, /last_name/);
  await ben.does("create_guest", { email: "p.wolff@supplier-gmbh.example", first_name: "Petra", last_name: "Wolff" });
  const task = await ben.does("create_standalone_task", { ...args, guest_emails: ["p.wolff@supplier-gmbh.example"],
    user_names: ["Ben Okonkwo"], description: "A PDF is fine" });
  const hers = await ben.does("get_guest_tasks", { guest_email: "Petra Wolff" });
  assert.deepEqual(hers.data.map((one) => one.title), [args.title]);

  const stored = await office.there(`tasks/${task.id}`);
  assert.deepEqual(stored.owners.guests, ["p.wolff@supplier-gmbh.example"]);
  assert.equal(new Date(stored.deadline).getUTCDay(), 5);
  assert.deepEqual(await office.writes(), ["POST guests", "POST tasks"]);
});
