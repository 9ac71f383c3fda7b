// chat_webhook.test.mjs - what happens in Tallyfy comes in by webhook, runs handlers, and reaches those who may see it.
import { test, describe, before, after } from "node:test";
import assert from "node:assert/strict";
import { Host, until } from "./lib/host.mjs";
import { Chat, typed } from "./lib/chat.mjs";
import { Session } from "./lib/raw.mjs";

const secret = "talk-secret-0123456789-abcdef";
const handlers = {
  // A local of the file lives as long as the organisation's state.
  "count_tasks.lua": `local count = 0
on "task.completed" { about = "Counts";
  run = function (event, call)
    count = count + 1
    call.changed("tallyfy://tasks/mine")
    return { text = ("%s: %d done, the last by %s\\u{202E}"):format(call.org.id:sub(1, 4), count, event.by or "somebody"),
      data = { count = count, alias = event.payload.this_task.alias } }
  end }`,
  "fetch_more.lua": `on "process.launched" { about = "Wants what it cannot have";
  run = function (event, call) return call.api:get("/organizations/{org}/me").full_name end }`,
  "ask_person.lua": `on "rule.triggered" { about = "Asks nobody";
  run = function (event, call)
    local answer, err = call.ask { message = "Who is there?", schema = { type = "object", properties = {
      name = { type = "string" } } } }
    return err and err.code or answer.name
  end }`,
  "keep_quiet.lua": 'on "process.completed" { about = "Says nothing"; run = function () end }',
};

let host, base;
const where = (of = host) => new URL(`/webhooks/tallyfy/${secret}`, of.ready.page).href;
const post = (body, { url = where(), org, type = "application/json", method = "POST" } = {}) => fetch(url, { method,
  headers: { "Content-Type": type, ...(org ? { "X-Tallyfy-orgID": org } : {}) },
  body: method === "GET" ? undefined : typeof body === "string" ? body : JSON.stringify(body) });
const api = async (person, path, options = {}, of = host) => {
  const answer = await fetch(`${of.ready.practice}${path}`, { ...options, headers: { Authorization: `Bearer ${person.api_key}`,
    "X-Tallyfy-Client": "APIClient", "Content-Type": "application/json" } });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
  return text ? JSON.parse(text).data : undefined;
};
const completed = (task, process, more = {}) => ({ this_task: { id: task, title: "Call the bank", alias: "call-1",
  completed_at: new Date().toISOString(), ...more }, process: { id: process, name: "Onboarding" },
  completer: { id: 1, full_name: "Ada" } });

before(async () => {
  host = await Host.start({ ownTools: true, files: handlers, env: { TALLYHOST_WEBHOOK_SECRET: secret } });
  base = host.ready.credentials[0].org_id;
});
after(() => host.stop());

const processOf = async (person, of = host) =>
  (await api(person, `/organizations/${person.org_id}/runs?per_page=1`, {}, of))[0].id;
let number = 0;
const fresh = () => `task${++number}x${Date.now().toString(36)}`;

describe("a delivery", () => {
  test("with another secret, or none, is answered like any unknown address", async () => {
    for (const path of ["/webhooks/tallyfy/", "/webhooks/tallyfy/x", `/webhooks/tallyfy/${secret}x`, "/webhooks/tallyfy"])
      assert.equal((await post({}, { url: new URL(path, host.ready.page).href })).status, 404, path);
    assert.equal((await post({}, { method: "GET" })).status, 405);
    await Promise.all(Array.from({ length: 40 }, () => post({}, { url: new URL("/webhooks/tallyfy/y", host.ready.page).href })));
    const lines = host.log.match(/a delivery from 127.0.0.1 with a wrong secret/g).length;
    assert.ok(lines >= 1 && lines < 40, `strangers do not fill the log: ${lines} lines`);
    assert.ok(!host.log.includes(secret));
  });

  test("that makes no sense is refused with a code, one that is only unknown is taken", async () => {
    const said = async (...what) => { const got = await post(...what); return [got.status, (await got.json()).error]; };
    assert.deepEqual(await said("{", { org: base }), [400, "bad_json"]);
    assert.deepEqual(await said("[1]", { org: base }), [400, "bad_json"]);
    assert.deepEqual(await said(completed("a", "b")), [400, "no_org"]);
    assert.deepEqual(await said(completed("a", "b"), { org: "../x" }), [400, "no_org"]);
    assert.deepEqual(await said({ event: "task.completed", organization_id: "one" }, { org: "two" }), [400, "other_org"]);
    const unknown = await post({ event: "moon.risen" }, { org: base });
    assert.deepEqual([unknown.status, await unknown.json()], [202, { accepted: false }]);
    const deep = await post(`{"this_task":${"[".repeat(200)}${"]".repeat(200)}}`, { org: base });
    assert.deepEqual([deep.status, (await deep.json()).error], [400, "too_deep"]);
  });

  test("is served on the MCP port as well", async () => {
    const url = new URL(`/webhooks/tallyfy/${secret}`, host.direct).href;
    assert.equal((await post({ event: "moon.risen" }, { url, org: base })).status, 202);
  });
});

test("people of the organisation who may see it hear of it once, others never", async () => {
  const [ann, ines] = host.tenants();
  const ben = host.person("Ben");
  const [first, second, stranger] = await Promise.all([Chat.as(host, ann), Chat.as(host, ben), Chat.as(host, ines)]);
  const run = await processOf(ann), foreign = await processOf(ines);
  const body = completed(fresh(), run, { title: "Call‮ the bank\u0007" });
  for (let i = 0; i < 3; i++) assert.equal((await post(body, { org: base })).status, 202);
  for (const chat of [first, second]) {
    const event = await chat.wait(typed("event", { name: "task.completed" }), "the event");
    assert.equal(event.about, "Task completed: Call the bank (Onboarding), by Ada.");
    assert.deepEqual(event.data.task, { id: body.this_task.id, title: "Call the bank" });
    assert.equal(event.data.process.id, run);
    const said = await chat.wait((one) => one.type === "event" && one.data.said, "what the handler said");
    assert.equal(said.about, `${base.slice(0, 4)}: 1 done, the last by Ada`);
    assert.deepEqual(said.data.said, { count: 1, alias: "call-1" });
  }
  // A process that is not theirs to see: told to nobody. The last one shows that the others were dealt with.
  await post(completed(fresh(), foreign), { org: base });
  await post(completed(fresh(), "0123456789abcdef0123456789abcdef"), { org: base });
  await post({ event: "task.completed" }, { org: base });
  await post(completed(fresh(), foreign), { org: ines.org_id });
  const last = completed(fresh(), run, { title: "The last" });
  await post(last, { org: base });
  for (const chat of [first, second]) {
    await chat.wait((one) => one.type === "event" && one.data.task?.title === "The last" && !one.data.said, "the last event");
    const heard = chat.messages.filter((one) => one.type === "event");
    assert.equal(heard.filter((one) => !one.data.said).length, 2);
    assert.ok(heard.every((one) => one.data.process.id === run), JSON.stringify(heard));
  }
  const theirs = await stranger.wait((one) => one.type === "event" && one.data.said, "the other organisation's event");
  assert.equal(theirs.about, `${ines.org_id.slice(0, 4)}: 1 done, the last by Ada`); // a state of its own
  assert.equal(stranger.messages.filter((one) => one.type === "event").length, 2);
  await Promise.all([first.close(), second.close(), stranger.close()]);
});

test("when the API cannot be asked whether somebody may see it, they are not told", async () => {
  const ann = host.person("Dev");
  const chat = await Chat.as(host, ann);
  const run = await processOf(ann);
  await host.fault({ path: `/organizations/*/runs/${run}`, fault: "500x9" });
  await post(completed(fresh(), run, { title: "Hidden" }), { org: base });
  await until(() => host.log.includes("could not be asked whether they may see it"), "the log line");
  await host.noMoreFaults();
  await post(completed(fresh(), run, { title: "Shown" }), { org: base });
  await chat.wait((one) => one.type === "event" && one.data.task?.title === "Shown", "the next event");
  assert.ok(!chat.messages.some((one) => one.type === "event" && one.data.task?.title === "Hidden" && !one.data.said));
  await chat.close();
});

describe("a handler", () => {
  test("has no key of anybody, nobody to ask, and what it raises is in the log with its name", async () => {
    const ann = host.tenants()[0];
    const run = await processOf(ann);
    const chat = await Chat.as(host, ann);
    await post({ event: "process.launched", process: { id: run, name: "P" } }, { org: base });
    await until(() => /handler=fetch_more outcome=bug/.test(host.log), "the refusal");
    assert.match(host.log, /a handler acts for nobody, so there is no key to ask Tallyfy with/);
    await post({ alias_name: "hook", ...completed(fresh(), run) }, { org: base });
    const said = await chat.wait((one) => one.type === "event" && one.name === "rule.triggered" &&
      !one.about.startsWith("Rule"), "what it said");
    assert.equal(said.about, "cannot_ask");
    await post({ event: "process.completed", process: { id: run, name: "P" } }, { org: base });
    await until(() => /handler=keep_quiet outcome=ok/.test(host.log), "the quiet one");
    await chat.close();
  });

  test("is listed and checked by the command line", async () => {
    const { execFileSync } = await import("node:child_process");
    const { program } = await import("./lib/host.mjs");
    const list = execFileSync(program, ["tool", "list", "--tools", host.tools], { encoding: "utf8", cwd: host.directory });
    assert.match(list, /handlers\n(.*\n)*count_tasks +on +task\.completed/);
  });
});

test("resources that the event is about are told as changed to MCP subscribers", async () => {
  const [ann, ines] = host.tenants();
  const run = await processOf(ann), task = fresh();
  const mine = await Session.open(host, ann, "2025-11-25"), foreign = await Session.open(host, ines, "2025-11-25");
  const streams = [await mine.get(), await foreign.get()];
  for (const session of [mine, foreign])
    for (const uri of [`tallyfy://runs/${run}`, "tallyfy://runs/0123456789abcdef0123456789abcdef", "tallyfy://tasks/mine"])
      assert.deepEqual((await session.request("resources/subscribe", { uri })).result, {});
  await post(completed(task, run), { org: base });
  const updated = (uri) => (one) => one.method === "notifications/resources/updated" && one.params.uri === uri;
  await streams[0].message(updated(`tallyfy://runs/${run}`), "the process");
  await streams[0].message(updated("tallyfy://tasks/mine"), "what the handler named");
  assert.ok(!streams[0].messages.some(updated("tallyfy://runs/0123456789abcdef0123456789abcdef")));
  await post(completed(fresh(), await processOf(ines)), { org: ines.org_id }); // a fence for the other stream
  await streams[1].message(updated("tallyfy://tasks/mine"), "their own");
  assert.ok(!streams[1].messages.some(updated(`tallyfy://runs/${run}`)));
  await mine.remove();
  await foreign.remove();
});

test("a delivery of the practice organisation, sent because a person completed a task in the chat", async () => {
  const ann = host.tenants()[0];
  const chat = await Chat.as(host, ann), other = await Chat.as(host, host.person("Ben"));
  const me = await api(ann, "/me");
  await api(ann, `/organizations/${base}/users/${me.id}/add-watcher`, { method: "POST", body: JSON.stringify({ object_type: "organization",
    object_id: base, notification_type: "webhook", frequency: "electric", webhook: where() }) });
  const task = (await api(ann, `/organizations/${base}/me/tasks?per_page=50`)).find((one) => one.status === "not-started" &&
    one.run_id && one.task_type === "task");
  assert.ok(task, "a task to complete");
  const { call } = await chat.call("complete_task", { task_id: task.id, run_id: task.run_id });
  await chat.approve(await chat.card(call));
  const result = await chat.result(call);
  assert.equal(result.ok, true, JSON.stringify(result));
  for (const one of [chat, other]) {
    const event = await one.wait((what) => what.type === "event" && what.name === "task.completed" &&
      what.data.task.id === task.id, "the event");
    assert.equal(event.data.process.id, task.run_id);
  }
  await Promise.all([chat.close(), other.close()]);
});

test("with several workers everybody hears of it exactly once, wherever it came in", async () => {
  const many = await Host.start({ ownTools: true, files: handlers, env: { TALLYHOST_WEBHOOK_SECRET: secret,
    TALLYHOST_WORKER_COUNT: "3" } });
  const people = many.ready.credentials.filter((one) => one.org_id === base);
  const run = await processOf(people[0], many);
  const [first, ...rest] = await Promise.all(people.map((one) => Chat.as(many, one)));
  // Tallyfy decides who sees it: light members do not.
  const chats = [first, ...rest.filter((one) => one.person.role !== "light")];
  const blind = rest.filter((one) => one.person.role === "light");
  assert.ok(blind.length > 0);
  const total = 20;
  for (let i = 0; i < total; i++) {
    const body = completed(`t${i}`, run, { title: `Task ${i}` });
    // Each twice, over connections of their own, so that different workers get them.
    const answers = await Promise.all([0, 1].map(() => fetch(where(many), { method: "POST", body: JSON.stringify(body),
      headers: { "X-Tallyfy-orgID": base, Connection: "close" } })));
    for (const answer of answers) assert.equal(answer.status, 202);
  }
  for (const chat of chats) {
    await chat.wait((one) => one.type === "event" && one.data.said?.count === total, "the last of them");
    await until(() => chat.messages.filter((one) => one.type === "event" && !one.data.said).length >= total, "all of them");
    const heard = chat.messages.filter((one) => one.type === "event" && !one.data.said).map((one) => one.data.task.title);
    assert.deepEqual([...heard].sort(), Array.from({ length: total }, (_, i) => `Task ${i}`).sort());
    await chat.close();
  }
  for (const chat of blind) {
    await chat.request({ type: "settings" });
    assert.ok(!chat.messages.some(typed("event")));
    await chat.close();
  }
  await many.stop();
});

test("without a secret there is no address; a weak one is refused at start", async () => {
  const plain = await Host.start();
  assert.equal((await post({}, { url: where(plain), org: base })).status, 404);
  await plain.stop();
  await assert.rejects(Host.start({ env: { TALLYHOST_WEBHOOK_SECRET: "short" } }), /TALLYHOST_WEBHOOK_SECRET must be 24 to 256/);
});
