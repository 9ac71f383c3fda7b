// Jobs of administrators: people come, change, leave; folders, tags and guests in order.
import { test, before, after, beforeEach } from "node:test";
import assert from "node:assert/strict";
import { Office, named } from "../lib/office.mjs";

let office;
before(async () => { office = await Office.open("admin"); });
beforeEach(() => office.morning());
after(() => office?.close());

const listOf = (value) => value?.data ?? value ?? [];
const member = async (name) => named(await office.there("users?per_page=100"), name, "full_name");
const group = async (name) => named(await office.there("groups?per_page=100&with=users"), name);

test("Paula joins Finance: invited, in the group, allowed to build and to see what runs", async () => {
  const ben = await office.as("Ben");
  const person = { email: "paula.stein@marigold.example", first_name: "Paula", last_name: "Stein" };
  assert.ok(!ben.tools.has("change_user_role"), "a standard member does not see what he may not do");
  const high = await ben.fails("invite_user_to_organization", { ...person, role: "admin" });
  assert.match(high, /Only administrators.*\(field: role\)/);
  const amelia = await office.as("Amelia");
  const kind = await amelia.fails("invite_user_to_organization", { ...person, role: "builder" });
  assert.match(kind, /standard/);
  await amelia.does("invite_user_to_organization", { ...person, role: "light", message: "Welcome to Finance" });
  await amelia.does("change_user_role", { user_id: "Paula Stein", role: "standard" });
  const finance = await amelia.does("get_group", { group_id: "finance team" });
  const unknown = await amelia.fails("update_group", { group_id: "finance team", members: ["Dev", "Greta", "Paulina"] });
  assert.match(unknown, /Paulina/);
  await amelia.does("update_group", { group_id: "finance team",
    members: [...finance.users.map((one) => one.email), person.email] });
  const seen = await amelia.does("get_organization_users_list");
  assert.equal(named(seen.data, "Paula Stein", "full_name").role, "standard");

  const paula = await member("Paula Stein");
  assert.equal(paula.status, "invited");
  const now = await group("Finance Team");
  assert.deepEqual(listOf(now.users).map((one) => one.full_name).sort(), ["Dev Patel", "Greta Lindqvist", "Paula Stein"]);
  assert.deepEqual(await office.writes(), ["POST users/invite", "PUT users/*/role", "PUT groups/*"]);
});

test("Dev leaves: his open work goes to Greta and Ben, then he is shut out", async () => {
  const amelia = await office.as("Amelia");
  const self = await amelia.fails("disable_user", { user_id: "Amelia" });
  assert.match(self, /default administrator/);
  const open = await amelia.does("get_user_tasks", { user_name: "Dev", status: "incomplete" });
  const own = open.data.filter((task) => task.owners.users);
  assert.ok(own.length > 2);
  const hand = (tasks, to) => amelia.does("reassign_tasks", { from: { users: ["Dev Patel"] }, to: { users: [to] },
    tasks: tasks.map((task) => ({ task_id: task.id, run_id: task.run_id })) });
  const oneOff = own.filter((task) => task.is_oneoff_task), steps = own.filter((task) => !task.is_oneoff_task);
  assert.equal((await hand(oneOff, "Ben")).done, oneOff.length);
  assert.equal((await hand(steps, "Greta")).done, steps.length);
  const finance = await amelia.does("get_group", { group_id: "Finance Team" });
  await amelia.does("update_group", { group_id: "Finance Team",
    members: finance.users.map((one) => one.email).filter((email) => !/^dev\./.test(email)) });
  const left = await amelia.does("get_user_tasks", { user_name: "Dev", status: "incomplete" });
  assert.equal(left.meta.total, 0, left.said);
  const gone = await amelia.does("disable_user", { user_id: "Dev Patel" });
  // The answer names the steps of templates that would go on giving him work: the builder's assistant takes them over.
  const builder = await office.as("Amelia", "builder");
  const titles = [...new Set(gone.template_steps.map((one) => one.template))];
  for (const template_id of titles) {
    const { document } = await builder.does("export_template", { template_id, parts: ["steps"] });
    const changed = JSON.stringify(document).replaceAll(String(gone.id), '"greta.lindqvist@marigold.example"');
    await builder.does("import_template", { template_id, document: changed });
  }

  assert.equal((await member("Dev Patel")).status, "disabled");
  assert.deepEqual(listOf((await group("Finance Team")).users).map((one) => one.full_name), ["Greta Lindqvist"]);
  for (const { id } of own) assert.equal((await office.there(`tasks/${id}`)).owners.users.includes(41004), false);
  const templates = await office.there("checklists?per_page=100&with=steps");
  assert.deepEqual(templates.flatMap((one) => one.steps.data).filter((step) => step.assignees.includes(41004)), []);
  assert.deepEqual((await office.writes()).sort(), [...oneOff.map(() => "PUT tasks/*"), ...steps.map(() => "PUT runs/*/tasks/*"),
    "PUT groups/*", "DELETE users/*/disable",
    ...gone.template_steps.map(() => "PUT checklists/*/steps/*")].sort());
});

test("the supplier's man is shut out, once his parcel is somebody else's", async () => {
  const amelia = await office.as("Amelia");
  const busy = await amelia.fails("disable_guest", { email: "Jonas Brandt" });
  const [, title] = /"(Ship [^"]+)"/.exec(busy) ?? [];
  assert.ok(title, `the refusal names the task: ${busy}`);
  const his = await amelia.does("get_guest_tasks", { guest_email: "Jonas Brandt", status: "incomplete" });
  await amelia.does("reassign_tasks", { tasks: his.data.map((task) => ({ task_id: task.id, run_id: task.run_id })),
    from: { guests: ["j.brandt@supplier-gmbh.example"] }, to: { groups: ["IT Service Desk"] } });
  // The same step waits in other processes, hidden until a rule shows it: no list of his tasks has them.
  const hidden = await amelia.fails("disable_guest", { email: "Jonas Brandt" });
  const rest = [...hidden.matchAll(/"(Ship [^"]+)" of "([^"]+)"/g)].map(([, task_id, run_id]) => ({ task_id, run_id }));
  assert.ok(rest.length > 0, hidden);
  const handed = await amelia.does("reassign_tasks", { tasks: rest, from: { guests: ["j.brandt@supplier-gmbh.example"] },
    to: { groups: ["IT Service Desk"] } });
  assert.equal(handed.done, rest.length, handed.said);
  await amelia.does("disable_guest", { email: "Jonas Brandt" });

  const guest = await office.there("guests/j.brandt@supplier-gmbh.example");
  assert.ok(guest.disabled_at ?? guest.details?.disabled_at ?? guest.details?.status === "disabled");
  for (const { id } of his.data) assert.deepEqual((await office.there(`tasks/${id}`)).owners.guests, []);
  assert.deepEqual(await office.writes(), ["DELETE guests/*/disable 403", "PUT runs/*/tasks/*", "DELETE guests/*/disable 403",
    ...rest.map(() => "PUT runs/*/tasks/*"), "DELETE guests/*/disable"]);
});

test("two tags for suppliers become one, and the purchasing templates get their folder", async () => {
  const amelia = await office.as("Amelia");
  const tags = await amelia.does("get_tags");
  assert.ok(tags.data.some((tag) => tag.title === "Suppliers"));
  const taken = await amelia.fails("create_tag", { title: "suppliers" });
  assert.match(taken, /Suppliers/);
  await amelia.does("update_tag", { tag_id: "suppliers", title: "Purchasing", color: "#2f7de1" });
  const running = await amelia.does("search_for_processes", { query: "Purchase request" });
  for (const run of running.data) await amelia.does("tag_process", { run_id: run.name, tag_id: "Purchasing" });
  const long = await amelia.fails("create_folder", { name: "Purchasing and everything our suppliers do", folder_type: "checklist" });
  assert.match(long, /32/);
  await amelia.does("create_folder", { name: "Purchasing", folder_type: "checklist", parent_id: "Finance" });
  const placed = await amelia.does("add_object_to_folder", { folder_id: "Finance/Purchasing", object_id: "Purchase request",
    object_type: "template" });
  await amelia.does("add_object_to_folder", { folder_id: "Purchasing", object_id: "Vendor approval", object_type: "template" });
  assert.ok(placed.id);
  const tree = await amelia.does("get_template_folders", { q: "Purchasing" });
  assert.match(tree.said, /Purchasing/);

  const stored = await office.there("checklists?per_page=100&with=tags,folder");
  const folder = named(await office.there("folders?per_page=100&with=children"), "Finance").children.data[0];
  for (const title of ["Purchase request", "Vendor approval"]) {
    const template = named(stored, title, "title");
    assert.equal(template.folder_id, folder.id, title);
  }
  const writes = await office.writes();
  assert.deepEqual(writes, ["POST tags 422", "PUT tags/*", "POST checklists/tags", "POST checklists/tags", "POST folders",
    "POST folders/add-object", "POST folders/add-object"]);
});
