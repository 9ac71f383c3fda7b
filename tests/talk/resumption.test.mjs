// Streams that break: event ids, replay, polling of 2025-11-25, and whose they are.
import { test, describe, before, after } from "node:test";
import assert from "node:assert/strict";
import { join } from "node:path";
import { mkdtempSync, cpSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { Host, source, until } from "./lib/host.mjs";
import { connect, call, textOf } from "./lib/clients.mjs";
import { Session, send } from "./lib/raw.mjs";

// Works on until it is told to end, so that nothing here depends on how fast anything is.
const lengthy = `
tool "lengthy" {
  title = "Lengthy"; about = "Reports progress until the task it is given is gone."; effect = "read";
  input = { whole "steps" { "How many steps", min = 1, max = 400 } };
  limits = { time = "2min" };
  run = function (args, call)
    for step = 1, args.steps do
      call.progress(step, args.steps, "step " .. step)
      call.wait("20ms")
    end
    return "all steps done"
  end;
}`;

let host, tools;
before(async () => {
  tools = mkdtempSync(join(tmpdir(), "tools-"));
  cpSync(join(source, "tests/conformance/tools"), tools, { recursive: true });
  writeFileSync(join(tools, "lengthy.lua"), lengthy);
  host = await Host.start({ tools });
});
after(async () => { rmSync(tools, { recursive: true, force: true }); await host.stop(); });

const open = (person = host.person("admin"), revision = "2025-11-25") => Session.open(host, person, revision);
const progress = (answer) => answer.messages.filter((one) => one.method === "notifications/progress").map((one) => one.params.progress);

// Starts the lengthy call and cuts its stream after a few events. Gives the last event id that was read.
async function cut(session, steps) {
  const stop = new AbortController();
  const { id, answer } = await session.start("tools/call", { name: "lengthy", arguments: { steps }, _meta: { progressToken: "p" } },
    { signal: stop.signal });
  await answer.message((one) => one.params?.progress >= 3, "some progress");
  stop.abort();
  await answer.ended;
  const last = answer.events.findLast((event) => event.id !== undefined);
  return { id, answer, last: last.id };
}

describe("a stream that was cut", () => {
  for (const revision of ["2025-03-26", "2025-06-18", "2025-11-25"])
    test(`is taken up again where it was, ${revision}`, async () => {
      const session = await open(undefined, revision);
      const { id, answer, last } = await cut(session, 40);
      const rest = await session.get({ "Last-Event-ID": last });
      assert.equal(rest.status, 200);
      const response = await rest.answerTo(id);
      assert.equal(response.result.content[0].text, "all steps done");
      const before = progress(answer), after = progress(rest);
      const seen = [...before.slice(0, answer.events.filter((one) => one.data).findIndex((one) => one.id === last) + 1), ...after];
      assert.deepEqual(after, [...after].sort((a, b) => a - b), "in order");
      assert.ok(after[0] > before[0] && after.at(-1) > before.at(-1), `${before} then ${after}`);
      assert.equal(new Set(seen).size, seen.length, "nothing twice");
      const ids = [...answer.events, ...rest.events].filter((event) => event.id !== undefined).map((event) => event.id);
      assert.equal(new Set(ids).size, ids.length, "no event id twice");
    });

  test("only 2025-11-25 gets the priming event", async () => {
    for (const revision of ["2025-06-18", "2025-11-25"]) {
      const session = await open(undefined, revision);
      const { answer } = await session.start("tools/call", { name: "test_tool_with_progress", arguments: {},
        _meta: { progressToken: 1 } });
      await answer.ended;
      assert.equal(answer.events[0].data === "", revision === "2025-11-25", `${revision}: ${JSON.stringify(answer.events[0])}`);
    }
  });

  test("polling: the host hangs up and the answer is fetched", async () => {
    const session = await open();
    const { id, answer } = await session.start("tools/call", { name: "test_reconnection", arguments: {} });
    await answer.ended;
    assert.ok(!answer.messages.some((one) => one.id === id), "the answer is not on the first stream");
    assert.ok(answer.events.some((event) => /^\d+$/.test(event.retry ?? "")), "retry says when to come back");
    const rest = await session.get({ "Last-Event-ID": answer.events.findLast((event) => event.id !== undefined).id });
    assert.match((await rest.answerTo(id)).result.content[0].text, /successfully/);
  });

  test("polling is not for older revisions: the stream stays", async () => {
    const session = await open(undefined, "2025-06-18");
    const { result } = await session.request("tools/call", { name: "test_reconnection", arguments: {} });
    assert.match(result.content[0].text, /successfully/);
  });

  test("an official client does all that by itself", async () => {
    const client = await connect(host, host.person("admin"), "1");
    assert.match(textOf(await call(client, "test_reconnection")), /successfully/);
    await client.close();
  });

  test("replays nothing of another stream", async () => {
    const session = await open();
    const first = await cut(session, 10);
    const second = await cut(session, 10);
    const rest = await session.get({ "Last-Event-ID": first.last });
    await rest.answerTo(first.id);
    assert.ok(!rest.messages.some((one) => one.id === second.id));
    await (await session.get({ "Last-Event-ID": second.last })).answerTo(second.id);
  });

  test("an unknown or malformed event id is refused", async () => {
    const session = await open();
    for (const id of ["nonsense", "999999_1", "_", "1_", "1_99999999999999999999999", "-1_-1", "a".repeat(5000)]) {
      const answer = await session.get({ "Last-Event-ID": id });
      await answer.ended;
      assert.equal(answer.status, 400, id.slice(0, 40));
    }
  });

  test("leaving is not cancelling; notifications/cancelled is", async () => {
    const session = await open();
    const { id } = await cut(session, 300);
    assert.ok(!/lengthy outcome=cancelled/.test(host.log));
    await session.post({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: id } });
    await until(() => /lengthy outcome=cancelled/.test(host.log), "the cancelled call in the log");
  });
});

describe("the standalone stream", () => {
  test("carries what belongs to no request, once", async () => {
    const session = await open();
    const stream = await session.get();
    assert.equal(stream.status, 200);
    await session.call("test_trigger_tool_change");
    await stream.message((one) => one.method === "notifications/tools/list_changed", "the news");
    await session.call("test_trigger_prompt_change");
    await stream.message((one) => one.method === "notifications/prompts/list_changed", "the other news");
    assert.equal(stream.messages.length, 2);
    await session.remove();
    await stream.ended;
  });

  test("needs its Accept, a session, and the person", async () => {
    const [one, other] = host.tenants();
    const session = await open(one);
    const status = async (headers, options) => (await session.get(headers, options)).status;
    assert.equal(await status({ Accept: "application/json" }), 406);
    assert.equal(await status({}, { person: other }), 404, "another principal");
    assert.equal(await status({ "Mcp-Session-Id": "f".repeat(32) }), 404, "an unknown session");
    const { last } = await cut(session, 5);
    assert.equal(await status({ "Last-Event-ID": last }, { person: other }), 404, "another principal's events");
    const foreign = await open(other);
    const answer = await foreign.get({ "Last-Event-ID": last });
    await answer.ended;
    assert.equal(answer.status, 400, "an event id of another session");
  });

  test("after DELETE everything is 404", async () => {
    const session = await open();
    const removed = await session.remove();
    assert.ok(removed.status === 200 || removed.status === 204);
    const answer = await session.post({ jsonrpc: "2.0", id: 1, method: "ping" });
    assert.equal(answer.status, 404);
    assert.equal((await session.get()).status, 404);
    assert.equal((await session.remove()).status, 404);
    const without = await send(host.mcp, host.person("admin"), undefined, { method: "DELETE",
      headers: { "Content-Type": undefined } });
    assert.equal(without.status, 400, "and without a session");
  });
});
