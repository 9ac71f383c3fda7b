// A cancelled call ends where it matters: the request to the API is given up. By notification, by leaving, by tasks/cancel.
import { test, before, after, describe } from "node:test";
import assert from "node:assert/strict";
import { join } from "node:path";
import { Host, program, source, until } from "./lib/host.mjs";
import { headers } from "./lib/clients.mjs";
import { Pipe, Session, ask, modern, send } from "./lib/raw.mjs";
import { versionKey } from "./lib/wire.mjs";
import { Upstream } from "./lib/upstream.mjs";

let practice, upstream, host, person, env;
before(async () => {
  practice = await Host.start();
  upstream = await Upstream.start(practice.ready.practice);
  env = { TALLYHOST_TALLYFY_BASE_URL: upstream.url, TALLYHOST_TALLYFY_PLAIN_HTTP: "true" };
  host = await Host.start({ practice: false, env });
  host.ready.credentials = practice.ready.credentials;
  person = host.person("admin");
});
after(async () => { upstream.close(); await host.stop(); await practice.stop(); });

const search = { name: "search_all", arguments: { query: "onboarding" } };
const hold = () => upstream.hold(/\/search/);
const aborted = (held) => until(() => held.aborted, "the end of the request at the API");

for (const revision of ["2025-03-26", "2025-06-18", "2025-11-25"])
  test(`notifications/cancelled, ${revision}: the API's request is given up, no answer comes, the session goes on`, async () => {
    const session = await Session.open(host, person, revision);
    hold();
    const stop = new AbortController();
    const sent = session.start("tools/call", search, { signal: stop.signal }); // the head may come with the end only
    const held = await upstream.arrived();
    const id = session.next - 1;
    for (const wrong of [undefined, { requestId: 12345 }, { requestId: String(id) }, { requestId: null },
      { requestId: {} }]) // ignored
      await session.post({ jsonrpc: "2.0", method: "notifications/cancelled", ...(wrong ? { params: wrong } : {}) });
    assert.equal(held.aborted, false);
    const posted = await session.post({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: id,
      reason: "enough" } });
    assert.equal(posted.status, 202);
    await aborted(held);
    const { answer } = await sent;
    await answer.ended;
    assert.ok(!answer.messages.some((message) => message.id === id), "no answer");
    assert.deepEqual((await session.request("ping")).result, {});
  });

test("legacy: somebody else's cancellation of the same id does nothing", async () => {
  const [one, other] = host.tenants();
  const session = await Session.open(host, one, "2025-11-25"), foreign = await Session.open(host, other, "2025-11-25");
  hold();
  const sent = session.start("tools/call", search);
  const held = await upstream.arrived();
  const cancel = { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: session.next - 1 } };
  assert.equal((await foreign.post(cancel)).status, 202);
  assert.deepEqual((await foreign.request("ping")).result, {});
  assert.equal(held.aborted, false);
  await session.post(cancel);
  await aborted(held);
  await (await sent).answer.ended;
});

test("legacy: DELETE of the session gives the request up", async () => {
  const session = await Session.open(host, person, "2025-11-25");
  hold();
  session.start("tools/call", search).catch(() => {});
  const held = await upstream.arrived();
  await session.remove();
  await aborted(held);
});

test("2026-07-28 over HTTP: leaving is cancelling, a posted notification is not", async () => {
  hold();
  const stop = new AbortController();
  const running = modern(host, person, "tools/call", search, { id: 77, signal: stop.signal });
  running.catch(() => {});
  const held = await upstream.arrived();
  const posted = await send(host.mcp, person, { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 77,
    _meta: { [versionKey]: "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {} } } },
      { headers: { "MCP-Protocol-Version": "2026-07-28" } });
  assert.equal(posted.status, 202);
  assert.equal(held.aborted, false);
  stop.abort();
  await aborted(held);
  await assert.rejects(running);
});

for (const [revision, kind] of [["2024-11-05", "stdio"], ["2025-11-25", "stdio"], ["2026-07-28", "stdio"],
  ["2025-11-25", "WebSocket"], ["2026-07-28", "WebSocket"]])
  test(`notifications/cancelled, ${revision} over ${kind}`, async () => {
    const { api_key, org_id } = person;
    const pipe = kind === "stdio"
      ? Pipe.stdio(program, ["stdio", "--tools", join(source, "tools.lua.d")], { revision, cwd: host.directory, env: { ...env,
        TALLYFY_API_KEY: api_key, TALLYFY_ORG_ID: org_id } })
      : await Pipe.websocket(host.ready.websocket, headers(person), { revision });
    if (revision < "2026") await pipe.initialize(revision);
    await pipe.request("tools/call", { name: "get_me", arguments: {} });
    hold();
    const { id, response } = pipe.start("tools/call", search);
    response.catch(() => {});
    const held = await upstream.arrived();
    pipe.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: id } });
    await aborted(held);
    const next = await pipe.request("tools/call", { name: "get_me", arguments: {} });
    assert.ok(next.result);
    assert.ok(!pipe.messages.some((message) => message.id === id), "no answer");
    await pipe.close();
  });

test("a WebSocket that goes takes its calls with it", async () => {
  const pipe = await Pipe.websocket(host.ready.websocket, headers(person), { revision: "2025-11-25" });
  await pipe.initialize("2025-11-25");
  hold();
  pipe.start("tools/call", search).response.catch(() => {});
  const held = await upstream.arrived();
  await pipe.close();
  await aborted(held);
});

test("the old event stream: its end is the session's, and of its calls", async () => {
  const pipe = await Pipe.eventStream(host.at("/sse"), person);
  await pipe.initialize("2024-11-05");
  hold();
  pipe.start("tools/call", search).response.catch(() => {});
  const held = await upstream.arrived();
  await pipe.close();
  await aborted(held);
});

describe("a task", () => {
  test("tasks/cancel gives its request up", async () => {
    const withTask = await Host.start({ practice: false, ownTools: true, env, files: { "slow_search.lua": `
tool "slow_search" {
  title = "Slow search"; about = "Searches, as a task."; effect = "read"; task = true;
  run = function (_, call)
    local found, err = call.api:get("/organizations/{org}/search", { query = { search = "x", on = "process" } })
    if not found then return nil, err end
    return "found"
  end;
}` } });
    const options = { capabilities: { extensions: { "io.modelcontextprotocol/tasks": {} } } };
    hold();
    const { result } = await ask(withTask, person, "tools/call", { name: "slow_search", arguments: {} }, options);
    assert.equal(result.status, "working");
    const held = await upstream.arrived();
    await ask(withTask, person, "tasks/cancel", { taskId: result.taskId }, options);
    await aborted(held);
    const state = await until(async () => {
      const found = (await ask(withTask, person, "tasks/get", { taskId: result.taskId }, options)).result;
      return found.status !== "working" && found;
    }, "a final state");
    assert.equal(state.status, "cancelled");
    assert.deepEqual((await ask(withTask, person, "tasks/cancel", { taskId: result.taskId }, options)).result.resultType,
      "complete");
    await withTask.stop();
  });
});
