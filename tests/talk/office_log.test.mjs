// The comparison of requests that tools.test.mjs relies on finds every kind of misfit, and the log itself shows what was
// sent as it was sent.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { Host } from "./lib/host.mjs";
import { compareWire, OfficeLog } from "./lib/office_log.mjs";

const put = { method: "PUT", path: "/organizations/{org}/runs/7", body: { name: "A", users: [1, 2], owner: { id: "x" } } };
const changed = (more) => [{ ...put, ...more }];

test("the same requests fit, with and without what stands for the unknown", () => {
  for (const wanted of [put, { ...put, path: "/organizations/{org}/runs/*" }, { ...put, body: "*" },
    { ...put, body: { name: "~A", users: "*", owner: { id: "*" } } }, { ...put, body: { name: "A", "*": "*" } }])
    compareWire([put], [wanted], "a_tool");
  compareWire([], [], "a_tool");
});

test("every kind of misfit is named", () => {
  const misfits = [
    [changed({ method: "POST" }), /method is "POST"/],
    [changed({ path: "/organizations/{org}/runs/8" }), /path is .*8/],
    [changed({ path: "/organizations/{org}/runs/7?with=tasks" }), /path is/],
    [changed({ body: { name: "A", owner: { id: "x" } } }), /body.users is missing/],
    [changed({ body: { ...put.body, extra: null } }), /body.extra is too much/],
    [changed({ body: { ...put.body, users: [2, 1] } }), /body.users.0 is 2, not 1/],
    [changed({ body: { ...put.body, users: [1, 2, 3] } }), /body.users.2 is too much/],
    [changed({ body: { ...put.body, users: { 0: 1, 1: 2 } } }), /body.users is/],
    [changed({ body: { ...put.body, owner: {} } }), /body.owner.id is missing/],
    [changed({ body: { ...put.body, name: null } }), /body.name is null/],
    [changed({ status: 422 }), /status is too much/],
    [[put, put], /request 1 is too much/],
    [[], /request 0 was not sent/],
    [[{ method: "PUT", path: put.path }], /body is missing/],
  ];
  for (const [found, message] of misfits) assert.throws(() => compareWire(found, [put], "a_tool"), message, JSON.stringify(found));
  assert.throws(() => compareWire([put], [{ ...put, body: { name: "A", owner: { id: "x", more: "*" }, users: "*" } }], "a_tool"),
    /body.owner.more is missing/);
  assert.throws(() => compareWire([put], [{ ...put, body: { missing: "*", "*": "*" } }], "a_tool"), /body.missing is missing/);
});

let host, person, log;
before(async () => {
  host = await Host.start();
  person = host.person("admin");
  log = new OfficeLog(host, person.org_id);
});
after(() => host.stop());

async function send(method, path, body) {
  const answer = await fetch(`${host.ready.practice}/organizations/${person.org_id}/${path}`, { method, body,
    headers: { Authorization: `Bearer ${person.api_key}`, "X-Tallyfy-Client": "talk",
      ...(typeof body === "string" ? { "Content-Type": "application/json" } : {}) } });
  return answer.text();
}

test("the log says method, path, query, body and refusal, and nobody's key", async () => {
  const form = new FormData();
  form.set("subject_id", person.org_id);
  form.set("name", new Blob(["a\r\n\r\nb"], { type: "text/plain" }), "a.txt");
  await send("GET", "tags");
  await log.clear();
  await send("POST", "tags?x=1", JSON.stringify({ title: "Wire", color: "#aabbcc" }));
  await send("GET", "tags");
  await send("POST", "file", form);
  await send("DELETE", "runs/00000000000000000000000000000000");
  const writes = await log.writes();
  compareWire(writes, [
    { method: "POST", path: "/organizations/{org}/tags?x=1", body: { title: "Wire", color: "#aabbcc" } },
    { method: "POST", path: "/organizations/{org}/file", status: 422, body: { subject_id: "{org}",
      name: { filename: "a.txt", type: "text/plain", text: "a\r\n\r\nb" } } },
    { method: "DELETE", path: "/organizations/{org}/runs/00000000000000000000000000000000", status: 404 },
  ], "by hand");
  assert.ok(!JSON.stringify(await host.requests()).includes(person.api_key));
});
