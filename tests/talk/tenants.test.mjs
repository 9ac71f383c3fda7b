// Two tenants: nothing of one appears in anything the other receives, or in the log.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { Host } from "./lib/host.mjs";
import { connect, call, headers } from "./lib/clients.mjs";

let host;
before(async () => { host = await Host.start(); });
after(() => host.stop());

// What marks a tenant: the keys of all its people, its id, its name, and the ids of what it owns.
async function marksOf(client, people) {
  const marks = new Set([people[0].org_id]);
  for (const person of people) marks.add(person.api_key).add(person.name);
  const organization = await call(client, "get_organization");
  marks.add(organization.structuredContent.name);
  for (const tool of ["get_all_templates", "get_my_tasks", "get_organization_users_list"]) {
    const { structuredContent } = await call(client, tool);
    for (const row of structuredContent.data) if (String(row.id).length > 5) marks.add(String(row.id));
  }
  return [...marks];
}

test("200 interleaved calls as two people of two organisations", async () => {
  const [one, other] = host.tenants();
  const people = [one, other].map((tenant) => host.ready.credentials.filter((person) => person.org_id === tenant.org_id));
  const clients = [await connect(host, one, "1"), await connect(host, other, "2-modern")];
  const marks = [await marksOf(clients[0], people[0]), await marksOf(clients[1], people[1])];
  assert.ok(marks[0].length > 5 && marks[1].length > 5);

  const jobs = ["get_me", "get_organization", "get_my_tasks", "get_all_templates", "get_organization_users_list"];
  let next = 0;
  const results = [];
  const lane = async () => { // 40 lanes, so that calls of both overlap all the time
    while (next < 200) {
      const number = next++, who = number % 2;
      results.push({ who, result: await call(clients[who], jobs[number % jobs.length]) });
    }
  };
  await Promise.all(Array.from({ length: 40 }, lane));
  assert.equal(results.length, 200);
  for (const { who, result } of results) {
    assert.ok(!result.isError, JSON.stringify(result).slice(0, 500));
    const received = JSON.stringify(result);
    for (const mark of marks[1 - who]) assert.ok(!received.includes(mark), `${mark} of the other tenant was received`);
    assert.ok(!received.includes([one, other][who].api_key), "a key came back");
  }
  for (const person of host.ready.credentials)
    assert.equal(host.log.split(person.api_key).length - 1, host.log.split(`"api_key":"${person.api_key}"`).length - 1,
      "a key is in the log outside the ready line");
  await Promise.all(clients.map((client) => client.close()));
});

const post = (person, body, more = {}) => fetch(host.mcp, { method: "POST", body: JSON.stringify(body),
  headers: { ...headers(person), "Content-Type": "application/json", Accept: "application/json, text/event-stream", ...more } });
const initialize = { jsonrpc: "2.0", id: 1, method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "talk", version: "1" } } };
const list = { jsonrpc: "2.0", id: 2, method: "tools/list" };

test("a session id of somebody else is as good as none", async () => {
  const [one, other] = host.tenants();
  const opened = await post(one, initialize);
  const id = opened.headers.get("mcp-session-id");
  assert.ok(id);
  assert.equal((await post(one, list, { "Mcp-Session-Id": id })).status, 200);
  const foreign = await post(other, list, { "Mcp-Session-Id": id });
  const unknown = await post(other, list, { "Mcp-Session-Id": "f".repeat(32) });
  assert.equal(foreign.status, 404);
  assert.equal(unknown.status, 404);
  assert.equal(await foreign.text(), await unknown.text());
  const removal = await fetch(host.mcp, { method: "DELETE", headers: { ...headers(other), "Mcp-Session-Id": id } });
  assert.equal(removal.status, 404);
  assert.equal((await post(one, list, { "Mcp-Session-Id": id })).status, 200);
});

test("no key, a wrong key and a foreign organisation are told apart and learn nothing", async () => {
  const [one, other] = host.tenants();
  const none = await fetch(host.mcp, { method: "POST", body: JSON.stringify(initialize),
    headers: { "Content-Type": "application/json", Accept: "application/json, text/event-stream" } });
  assert.equal(none.status, 401);
  assert.match(none.headers.get("www-authenticate"), /^Bearer/);
  const wrong = await post({ ...one, api_key: "wrong-key" }, initialize);
  assert.equal(wrong.status, 401);
  assert.match(wrong.headers.get("www-authenticate"), /invalid_token/);
  const foreign = await post({ ...one, org_id: other.org_id }, initialize);
  assert.equal(foreign.status, 403);
  const missing = await fetch(host.mcp, { method: "POST", body: JSON.stringify(initialize), headers: {
    Authorization: `Bearer ${one.api_key}`, "Content-Type": "application/json", Accept: "application/json, text/event-stream" } });
  assert.equal(missing.status, 400);
  assert.match(await missing.text(), /X-Tallyfy-Org-Id/i);
});
