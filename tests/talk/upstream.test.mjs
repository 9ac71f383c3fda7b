// The API slow, down, cut off, talking nonsense, flooding: a clear error or a successful retry, and no leak.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { Host } from "./lib/host.mjs";
import { connect, call, textOf } from "./lib/clients.mjs";

let host, client, org;
before(async () => {
  host = await Host.start({ env: { TALLYHOST_TALLYFY_TIMEOUT: "1s", TALLYHOST_TALLYFY_CONNECT_TIMEOUT: "1s", TALLYHOST_TALLYFY_RETRY_BASE: "20ms",
    TALLYHOST_TALLYFY_RETRY_CAP: "100ms", TALLYHOST_TALLYFY_RETRIES: "3" } });
  const person = host.person("admin");
  org = `/organizations/${person.org_id}`;
  client = await connect(host, person, "1");
});
after(async () => { await client.close(); await host.stop(); });

const users = () => call(client, "get_organization_users_list");
const trouble = (fault) => host.fault({ path_prefix: `${org}/users-list`, fault });

test("two 503 are retried", async () => {
  await trouble("503x2");
  const result = await users();
  assert.ok(!result.isError, textOf(result));
});

test("429 with Retry-After is waited for", async () => {
  await trouble("429x1;retry-after=1");
  const result = await users();
  assert.ok(!result.isError, textOf(result));
});

for (const [name, fault, says] of [
  ["down for good", "503x50", /not available|unavailable/i],
  ["slow", "latency=3000ms", /did not answer|within/i],
  ["cut off mid-body", "cutx50", /connection|broke|incomplete|cut/i],
  ["answering HTML", "htmlx50", /HTML|not JSON|unexpected|unreadable|understood/i],
  ["answering garbage", "garbagex50", /JSON|unreadable|unexpected|understood/i],
  ["answering 50 MB", "huge=50MBx50", /large|MB/i],
]) {
  test(name, async () => {
    await trouble(fault);
    const result = await users();
    await host.noMoreFaults();
    assert.equal(result.isError, true, textOf(result).slice(0, 300));
    assert.match(textOf(result), says);
    assert.doesNotMatch(textOf(result), /<html|SQLSTATE|stack/i);
    assert.ok(!(await users()).isError, "and then it works again");
  });
}

test("a write that may have arrived is not repeated", async () => {
  await host.fault({ path_prefix: `${org}/tasks`, method: "POST", fault: "503x1" });
  const before = (await host.requests()).filter((one) => one.method === "POST" && one.path === `${org}/tasks`).length;
  const me = (await call(client, "get_me")).structuredContent;
  const result = await call(client, "create_standalone_task",
    { title: "Only once", deadline: "2027-01-01", user_emails: me.email });
  assert.equal(result.isError, true);
  assert.match(textOf(result), /check|may have|whether/i);
  const after = (await host.requests()).filter((one) => one.method === "POST" && one.path === `${org}/tasks`).length;
  assert.equal(after - before, 1);
});
