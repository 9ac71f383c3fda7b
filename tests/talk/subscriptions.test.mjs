// Who hears of changes: resources/subscribe on the old wires, subscriptions/listen on the new one, over HTTP and pipes.
import { test, describe, before, after } from "node:test";
import assert from "node:assert/strict";
import { mkdtempSync, cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Host, program, source, until } from "./lib/host.mjs";
import { connect, call, headers, listen } from "./lib/clients.mjs";
import { Pipe, Session, ask, modern } from "./lib/raw.mjs";

const watched = "test://watched-resource", other = "test://static-text";
const tagKey = "io.modelcontextprotocol/subscriptionId";
const tasksKey = "io.modelcontextprotocol/tasks";

let host, tools, person;
before(async () => {
  tools = mkdtempSync(join(tmpdir(), "tools-"));
  cpSync(join(source, "tests/conformance/tools"), tools, { recursive: true });
  host = await Host.start({ tools });
  person = host.person("admin");
});
after(async () => { rmSync(tools, { recursive: true, force: true }); await host.stop(); });

const updated = (answer) => answer.messages.filter((one) => one.method === "notifications/resources/updated")
  .map((one) => one.params.uri);

describe("the old form", () => {
  test("a subscriber hears of its resource only, until it unsubscribes", async () => {
    const session = await Session.open(host, person, "2025-06-18");
    const stream = await session.get();
    await session.request("resources/subscribe", { uri: watched });
    await session.call("touch", { uri: other });
    await session.call("touch", { uri: watched });
    await stream.message((one) => one.method === "notifications/resources/updated", "the update");
    await session.request("resources/unsubscribe", { uri: watched });
    await session.call("touch", { uri: watched });
    await session.call("test_trigger_tool_change"); // comes after whatever the last touch would have sent
    await stream.message((one) => one.method === "notifications/tools/list_changed", "the marker");
    assert.deepEqual(updated(stream), [watched]);
    const wrong = await session.request("resources/subscribe", {});
    assert.equal(wrong.error.code, -32602);
    await session.remove();
  });

  test("an official client 1.x", async () => {
    const heard = [];
    const client = await connect(host, person, "1", { prepare: (one) => listen(one, {
      "notifications/resources/updated": (params) => heard.push(params.uri),
        "notifications/tools/list_changed": () => heard.push("tools") }) });
    await client.subscribeResource({ uri: watched });
    await until(async () => { await call(client, "touch", { uri: watched }); return heard.includes(watched); }, "the update");
    await until(async () => { await call(client, "test_trigger_tool_change"); return heard.includes("tools"); },
      "the list's change");
    await client.unsubscribeResource({ uri: watched });
    await client.close();
  });

  test("somebody else's subscription is not told to others", async () => {
    const [one, stranger] = host.tenants();
    const session = await Session.open(host, one, "2025-11-25");
    const foreign = await Session.open(host, stranger, "2025-11-25");
    const stream = await foreign.get();
    await session.request("resources/subscribe", { uri: watched });
    await session.call("touch", { uri: watched });
    await foreign.call("test_trigger_tool_change");
    await stream.message((message) => message.method === "notifications/tools/list_changed", "the marker");
    assert.deepEqual(updated(stream), []);
  });
});

describe("subscriptions/listen", () => {
  test("acknowledges what it honours, tags everything, sends nothing else", async () => {
    for (const id of [Date.now(), "a-string", 0]) {
      const stop = new AbortController();
      const { answer } = await modern(host, person, "subscriptions/listen", { notifications: { toolsListChanged: true,
        resourcesListChanged: false, resourceSubscriptions: [watched], somethingNew: true } }, { id, signal: stop.signal });
      await answer.message(() => true, "the first message");
      const [first] = answer.messages;
      assert.equal(first.method, "notifications/subscriptions/acknowledged");
      assert.deepEqual(first.params.notifications, { toolsListChanged: true, resourceSubscriptions: [watched] });
      assert.equal(first.params._meta[tagKey], id);
      await ask(host, person, "tools/call", { name: "test_trigger_prompt_change" });
      await ask(host, person, "tools/call", { name: "touch", arguments: { uri: other } });
      await ask(host, person, "tools/call", { name: "touch", arguments: { uri: watched } });
      await ask(host, person, "tools/call", { name: "test_trigger_tool_change" });
      await answer.message((one) => one.method === "notifications/tools/list_changed", "the change");
      assert.deepEqual(answer.messages.slice(1).map((one) => one.method), ["notifications/resources/updated",
        "notifications/tools/list_changed"]);
      for (const message of answer.messages) assert.strictEqual(message.params._meta[tagKey], id);
      stop.abort();
      await answer.ended;
    }
  });

  test("bad filters", async () => {
    for (const notifications of [undefined, null, 7, [], { toolsListChanged: "yes" }, { resourceSubscriptions: "x" },
      { resourceSubscriptions: [1] }]) {
      const { answer, response } = await modern(host, person, "subscriptions/listen",
        notifications === undefined ? {} : { notifications });
      assert.equal((await response()).error.code, -32602, JSON.stringify(notifications));
      assert.ok(answer.status === 200 || answer.status === 400);
    }
    const onlyJson = await modern(host, person, "subscriptions/listen", { notifications: { toolsListChanged: true } },
      { headers: { Accept: "application/json" } });
    assert.equal(onlyJson.answer.status, 406);
  });

  test("an official client 2.x", async () => {
    const heard = [];
    const client = await connect(host, person, "2-modern", { prepare: (one) => listen(one, {
      "notifications/resources/updated": (params) => heard.push(params.uri),
        "notifications/tools/list_changed": () => heard.push("tools") }) });
    const subscription = await client.listen({ toolsListChanged: true, resourceSubscriptions: [watched] });
    await call(client, "touch", { uri: watched });
    await call(client, "test_trigger_tool_change");
    await until(() => heard.includes(watched) && heard.includes("tools"), "both");
    await subscription.close();
    await client.close();
  });

  for (const kind of ["stdio", "WebSocket"]) {
    test(`over ${kind}: several at once, ended by the client`, async () => {
      const pipe = kind === "stdio" ? Pipe.stdio(program, ["stdio", "--practice", "--tools", tools], { revision: "2026-07-28",
        cwd: host.directory })
        : await Pipe.websocket(host.ready.websocket, headers(person), { revision: "2026-07-28" });
      const tagged = (id) => pipe.messages.filter((one) => one.params?._meta?.[tagKey] === id)
        .map((one) => one.method.replace("notifications/", ""));
      pipe.start("subscriptions/listen", { notifications: { toolsListChanged: true } }, { id: "one" }).response.catch(() => {});
      pipe.start("subscriptions/listen", { notifications: { resourceSubscriptions: [watched] } },
        { id: 2 }).response.catch(() => {});
      await until(() => tagged("one").length && tagged(2).length, "both acknowledgements");
      await pipe.request("tools/call", { name: "test_trigger_tool_change" }, { id: "t1" });
      await pipe.request("tools/call", { name: "touch", arguments: { uri: watched } }, { id: "t2" });
      await until(() => tagged("one").length > 1 && tagged(2).length > 1, "both changes");
      pipe.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: "one" } });
      await pipe.request("tools/call", { name: "test_trigger_tool_change" }, { id: "t3" });
      await pipe.request("tools/call", { name: "touch", arguments: { uri: watched } }, { id: "t4" });
      await until(() => tagged(2).length > 2, "the change for the other");
      assert.deepEqual(tagged("one"), ["subscriptions/acknowledged", "tools/list_changed"]);
      assert.deepEqual(tagged(2), ["subscriptions/acknowledged", "resources/updated", "resources/updated"]);
      await pipe.close();
    });
  }

  test("a host that stops says so: the result, then the end", async () => {
    const short = await Host.start({ tools });
    const { id, answer } = await modern(short, short.person("admin"), "subscriptions/listen",
      { notifications: { toolsListChanged: true } });
    await answer.message(() => true, "the acknowledgement");
    const stopped = short.stop();
    const { result } = await answer.answerTo(id);
    assert.equal(result._meta[tagKey], id);
    await stopped;
  });

  test("a changed tool file is heard of", async () => {
    const { answer } = await modern(host, person, "subscriptions/listen", { notifications: { toolsListChanged: true } });
    await answer.message(() => true, "the acknowledgement");
    const file = join(tools, "plain/touch.lua");
    writeFileSync(file, readFileSync(file, "utf8").replace("Tells everybody", "Tells everyone"));
    await answer.message((one) => one.method === "notifications/tools/list_changed", "the change");
  });
});

describe("tasks", () => {
  const capabilities = { extensions: { [tasksKey]: {} }, elicitation: {} };
  const own = (who, method, params) => ask(host, who, method, params, { capabilities });
  const make = async (who, name, args = {}) => (await own(who, "tools/call", { name, arguments: args })).result;

  test("a listener hears how its task goes", async () => {
    const task = await make(person, "slow_compute", { seconds: 60, label: "it" });
    assert.equal(task.resultType, "task");
    const { answer } = await modern(host, person, "subscriptions/listen", { notifications: { taskIds: [task.taskId] } },
      { capabilities });
    await answer.message((one) => one.method === "notifications/subscriptions/acknowledged", "the acknowledgement");
    assert.deepEqual(answer.messages[0].params.notifications.taskIds, [task.taskId]);
    await own(person, "tasks/cancel", { taskId: task.taskId });
    const news = await answer.message((one) => one.method === "notifications/tasks" && one.params.status === "cancelled",
      "the end");
    assert.equal(news.params.taskId, task.taskId);
    assert.equal((await own(person, "tasks/get", { taskId: task.taskId })).result.status, "cancelled");
  });

  test("listening to tasks without the capability is refused", async () => {
    const { answer, response } = await modern(host, person, "subscriptions/listen", { notifications: { taskIds: ["x"] } });
    assert.equal((await response()).error.code, -32021);
    assert.equal(answer.status, 400);
  });

  test("somebody else's task does not exist", async () => {
    const [one, stranger] = host.tenants();
    const task = await make(one, "confirm_delete", { filename: "letter.txt" });
    await until(async () => (await own(one, "tasks/get", { taskId: task.taskId })).result.status === "input_required",
      "the question");
    for (const [method, params] of [["tasks/get", {}], ["tasks/update", { inputResponses: {} }], ["tasks/cancel", {}]]) {
      const foreign = await own(stranger, method, { taskId: task.taskId, ...params });
      const unknown = await own(stranger, method, { taskId: "A".repeat(task.taskId.length), ...params });
      assert.equal(foreign.error.code, -32602, method);
      assert.equal(foreign.error.message.replace(task.taskId, ""), unknown.error.message.replace(/A{20,}/, ""), method);
    }
    const { answer } = await modern(host, stranger, "subscriptions/listen", { notifications: { taskIds: [task.taskId] } },
      { capabilities });
    const first = await answer.message(() => true, "an answer");
    assert.ok(!JSON.stringify(first.params?.notifications ?? {}).includes(task.taskId), "not accepted");
    const { inputRequests } = (await own(one, "tasks/get", { taskId: task.taskId })).result;
    const [key] = Object.keys(inputRequests);
    await own(one, "tasks/update", { taskId: task.taskId, inputResponses: { [key]: { action: "accept",
      content: { confirm: true } } } });
    const done = await until(async () => {
      const { result } = await own(one, "tasks/get", { taskId: task.taskId });
      return result.status === "completed" && result;
    }, "the end");
    assert.equal(done.result.content[0].text, "Deleted letter.txt.");
  });

  test("a client without the capability gets a plain answer, or is told", async () => {
    const plain = await ask(host, person, "tools/call", { name: "slow_compute", arguments: { seconds: 0 } });
    assert.equal(plain.result.resultType, "complete");
    const { answer, response } = await modern(host, person, "tools/call", { name: "failing_job" });
    assert.equal((await response()).error.code, -32021);
    assert.equal(answer.status, 400);
    const session = await Session.open(host, person, "2025-11-25", capabilities);
    const legacy = await session.request("tools/call", { name: "slow_compute", arguments: { seconds: 0 }, task: { ttl: 60000 } });
    assert.match(legacy.result.content[0].text, /Computed/);
  });
});
