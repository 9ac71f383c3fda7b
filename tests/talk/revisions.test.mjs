// Every revision over every transport, with the whole fixture: what each may see, what degrades, which codes are whose.
import { test, describe, before, after } from "node:test";
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Host, program, source, until } from "./lib/host.mjs";
import { Pipe, Session, ask } from "./lib/raw.mjs";
import { headers } from "./lib/clients.mjs";

const fixture = join(source, "tests/conformance/tools");
const legacy = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];
const everything = { sampling: {}, elicitation: {}, roots: { listChanged: true } };

// What came late to the protocol, all in one: icons, a link, structured content with its schema, annotations of content.
const late = `
tool "late_comers" {
  title = "Late comers"; about = "Answers with what old revisions do not know."; effect = "read"; closed = true;
  icons = { { src = "https://example.com/icon.png", mime = "image/png", sizes = { "48x48" }, theme = "dark" } };
  output = { whole "count" { "How many" } };
  run = function ()
    return { text = "two things", data = { count = 2 }, content = {
      { type = "resource_link", uri = "test://static-text", name = "static", title = "Static text", mime = "text/plain",
        annotations = { audience = { "user" }, priority = 0.5, last_modified = "2026-11-25T10:00:00Z" } } } }
  end;
}`;

let host, tools;
before(async () => {
  tools = mkdtempSync(join(tmpdir(), "tools-"));
  cpSync(fixture, tools, { recursive: true });
  writeFileSync(join(tools, "late_comers.lua"), late);
  host = await Host.start({ tools });
});
after(async () => { rmSync(tools, { recursive: true, force: true }); await host.stop(); });

const kinds = (response) => response.result.content.map((block) => block.type);

// What holds on every wire. peer: { revision, request(method, params) } with whole responses.
async function tour(peer) {
  const { revision } = peer;
  const modern = revision === "2026-07-28";
  const get = async (method, params) => {
    const response = await peer.request(method, params);
    assert.ok(response.result, `${method}: ${JSON.stringify(response.error)}`);
    return response;
  };

  const { tools } = (await get("tools/list")).result;
  const names = tools.map((tool) => tool.name);
  assert.deepEqual(names, [...names].sort(), "in name order");
  assert.ok(names.includes("test_simple_text"));
  const again = (await get("tools/list")).result;
  assert.deepEqual(again.tools, tools, "and the same each time");
  for (const tool of tools) {
    assert.equal("annotations" in tool, revision >= "2025-03-26", `annotations of ${tool.name}`);
    assert.equal("title" in tool, revision >= "2025-06-18", `title of ${tool.name}`);
  }
  const region = tools.find((tool) => tool.name === "test_x_mcp_header").inputSchema.properties.region;
  if (modern) assert.equal(region["x-mcp-header"], "Region");

  const plain = await get("tools/call", { name: "test_simple_text" });
  assert.equal(plain.result.content[0].text, "This is a simple text response for testing.");
  assert.equal(plain.result.resultType, modern ? "complete" : undefined);
  assert.deepEqual(kinds(await get("tools/call", { name: "test_image_content", arguments: {} })), ["image"]);
  const audio = kinds(await get("tools/call", { name: "test_audio_content", arguments: {} }));
  if (revision === "2024-11-05") assert.ok(!audio.includes("audio") && audio.length > 0, `degraded to ${audio}`);
  else assert.deepEqual(audio, ["audio"]);
  assert.deepEqual(kinds(await get("tools/call", { name: "test_multiple_content_types", arguments: {} })), ["text", "image",
    "resource"]);
  const listed = tools.find((tool) => tool.name === "late_comers");
  assert.equal("icons" in listed, revision >= "2025-11-25");
  assert.equal("outputSchema" in listed, revision >= "2025-06-18");
  const { result } = await get("tools/call", { name: "late_comers", arguments: {} });
  assert.deepEqual(result.structuredContent, revision >= "2025-06-18" ? { count: 2 } : undefined);
  const link = result.content.find((block) => JSON.stringify(block).includes("test://static-text"));
  assert.equal(link.type, revision >= "2025-06-18" ? "resource_link" : "text");
  const failure = await get("tools/call", { name: "test_error_handling", arguments: {} });
  assert.equal(failure.result.isError, true);
  assert.match(failure.result.content[0].text, /intentionally/);
  const unknown = await peer.request("tools/call", { name: "no_such_tool", arguments: {} });
  assert.equal(unknown.error.code, -32602);
  assert.match(unknown.error.message, /no_such_tool/);

  const { resources } = (await get("resources/list")).result;
  assert.ok(resources.some((one) => one.uri === "test://static-text"));
  const { resourceTemplates } = (await get("resources/templates/list")).result;
  assert.deepEqual(resourceTemplates.map((one) => one.uriTemplate), ["test://template/{id}/data"]);
  const text = (await get("resources/read", { uri: "test://static-text" })).result.contents;
  assert.equal(text.length, 1);
  assert.equal(text[0].uri, "test://static-text");
  assert.equal(text[0].mimeType, "text/plain");
  const binary = (await get("resources/read", { uri: "test://static-binary" })).result.contents[0];
  assert.ok(Buffer.from(binary.blob, "base64").subarray(1, 4).toString() === "PNG");
  const templated = (await get("resources/read", { uri: "test://template/a%20b/data" })).result.contents[0];
  assert.equal(templated.uri, "test://template/a%20b/data");
  assert.equal(JSON.parse(templated.text).id, "a b");
  const nowhere = await peer.request("resources/read", { uri: "test://nowhere" });
  assert.equal(nowhere.error.code, modern ? -32602 : -32002);
  assert.equal(nowhere.error.data.uri, "test://nowhere");

  const { prompts } = (await get("prompts/list")).result;
  assert.deepEqual(prompts.map((one) => one.name), prompts.map((one) => one.name).toSorted());
  const words = (await get("prompts/get", { name: "test_prompt_with_arguments", arguments: { arg1: "uno", arg2: "dos" } })).result;
  assert.match(words.messages[0].content.text, /uno.*dos/);
  for (const params of [{ name: "no_such_prompt" }, { name: "test_prompt_with_arguments", arguments: { arg1: "uno" } }]) {
    const refused = await peer.request("prompts/get", params);
    assert.equal(refused.error.code, -32602, JSON.stringify(refused));
  }

  const ref = { type: "ref/prompt", name: "test_prompt_with_arguments" };
  const { completion } = (await get("completion/complete", { ref, argument: { name: "arg1", value: "test" } })).result;
  assert.deepEqual(completion.values, ["test-one", "test-two"]);
  for (const params of [{ ref: { type: "ref/prompt", name: "nope" }, argument: { name: "arg1", value: "" } },
    { ref, argument: { name: "nope", value: "" } }, { ref }, { ref: { type: "ref/tool", name: "x" }, argument: { name: "a",
      value: "" } }])
    assert.equal((await peer.request("completion/complete", params)).error.code, -32602, JSON.stringify(params));

  for (const method of ["tools/list", "resources/list", "resources/templates/list", "prompts/list"])
    assert.equal((await peer.request(method, { cursor: "made up" })).error.code, -32602, `${method} with a foreign cursor`);
  assert.equal((await peer.request("no/such_method")).error.code, -32601);
  if (modern) {
    for (const method of ["ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe", "initialize", "tasks/list",
      "tasks/result"])
      assert.equal((await peer.request(method, { level: "info", uri: "test://static-text" })).error.code, -32601, method);
    const about = (await get("server/discover")).result;
    assert.deepEqual(about.supportedVersions, ["2026-07-28"]);
    assert.ok(about.capabilities.tools.listChanged);
    assert.ok(about.capabilities.extensions["io.modelcontextprotocol/tasks"]);
  } else {
    assert.deepEqual((await get("ping")).result, {});
    assert.deepEqual((await get("logging/setLevel", { level: "warning" })).result, {});
    assert.equal((await peer.request("logging/setLevel", { level: "loud" })).error.code, -32602);
    assert.deepEqual((await get("resources/subscribe", { uri: "test://watched-resource" })).result, {});
    assert.deepEqual((await get("resources/unsubscribe", { uri: "test://watched-resource" })).result, {});
    for (const method of ["server/discover", "subscriptions/listen", "tasks/get", "tasks/list"])
      assert.equal((await peer.request(method, { taskId: "x", notifications: {} })).error.code, -32601, method);
  }
}

for (const revision of legacy) {
  describe(`revision ${revision}`, () => {
    test("streamable HTTP", async () => {
      const session = await Session.open(host, host.person("admin"), revision, everything);
      assert.equal(session.initialized.protocolVersion, revision);
      assert.match(session.id, /^[\x21-\x7e]{22,}$/);
      await tour(session);
      await session.remove();
    });

    test("stdio", async () => {
      const pipe = Pipe.stdio(program, ["stdio", "--practice", "--tools", tools], { revision, cwd: host.directory });
      assert.equal((await pipe.initialize(revision, everything)).protocolVersion, revision);
      await tour({ revision, request: (method, params) => pipe.request(method, params) });
      await pipe.close();
    });

    test("WebSocket", async () => {
      const pipe = await Pipe.websocket(host.ready.websocket, headers(host.person("admin")), { revision });
      assert.equal(pipe.socket.protocol, "mcp");
      assert.equal((await pipe.initialize(revision, everything)).protocolVersion, revision);
      await tour({ revision, request: (method, params) => pipe.request(method, params) });
      await pipe.close();
    });
  });
}

describe("revision 2024-11-05 over its own transport", () => {
  for (const path of ["/sse", "/mcp"]) {
    test(`GET ${path}`, async () => {
      const pipe = await Pipe.eventStream(host.at(path), host.person("admin"));
      assert.equal((await pipe.initialize("2024-11-05", everything)).protocolVersion, "2024-11-05");
      await tour({ revision: "2024-11-05", request: (method, params) => pipe.request(method, params) });
      assert.ok(pipe.statuses.every((status) => status === 202), `${pipe.statuses}`);
      await pipe.close();
    });
  }

  test("its place is bound to the stream and to the person", async () => {
    const [one, other] = host.tenants();
    const pipe = await Pipe.eventStream(host.at("/sse"), one);
    const ping = { method: "POST", body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" }) };
    const post = async (url, person, init = ping) => (await fetch(url, { ...init,
      headers: { ...headers(person), "Content-Type": "application/json" } })).status;
    pipe.conversation.sent({ jsonrpc: "2.0", id: 1, method: "ping" });
    assert.equal(await post(pipe.endpoint, one), 202);
    await pipe.message((message) => message.id === 1 && message.result, "the answer on the stream");
    assert.ok([403, 404].includes(await post(pipe.endpoint, other)), "somebody else");
    const bare = new URL(pipe.endpoint);
    bare.search = "";
    assert.equal(await post(bare, one), 400, "no token");
    bare.search = `?session_id=${"0".repeat(32)}`;
    assert.equal(await post(bare, one), 404, "an unknown token");
    assert.equal(await post(pipe.endpoint, one, { method: "PUT", body: "{}" }), 405);
    await pipe.close();
    await until(async () => await post(pipe.endpoint, one) === 404, "the session's end with its stream");
  });
});

describe("revision 2026-07-28", () => {
  const revision = "2026-07-28";
  test("streamable HTTP", () => tour({ revision, request: (method, params) => ask(host, host.person("admin"), method, params) }));

  test("stdio, without a word before", async () => {
    const pipe = Pipe.stdio(program, ["stdio", "--practice", "--tools", tools], { revision, cwd: host.directory });
    await tour({ revision, request: (method, params) => pipe.request(method, params) });
    await pipe.close();
  });

  test("WebSocket", async () => {
    const pipe = await Pipe.websocket(host.ready.websocket, headers(host.person("admin")), { revision });
    await tour({ revision, request: (method, params) => pipe.request(method, params) });
    await pipe.close();
  });
});

describe("negotiation", () => {
  for (const [asked, given] of [["2030-01-01", "2025-11-25"], ["2026-07-28", "2025-11-25"], ["2024-10-07", "2025-11-25"]])
    test(`${asked} gets ${given}`, async () => {
      const session = await Session.open(host, host.person("admin"), asked);
      assert.equal(session.initialized.protocolVersion, given);
    });
});

describe("batches", () => {
  const batch = [{ jsonrpc: "2.0", id: "a", method: "ping" }, { jsonrpc: "2.0", method: "notifications/cancelled",
    params: { requestId: 99 } },
    { jsonrpc: "2.0", id: "b", method: "tools/call", params: { name: "test_simple_text" } }, { jsonrpc: "2.0", id: "c",
      method: "no/such" }];

  test("of 2025-03-26 are answered whole", async () => {
    const session = await Session.open(host, host.person("admin"), "2025-03-26");
    const answer = await session.post(batch);
    assert.equal(answer.status, 200);
    await answer.ended;
    const messages = answer.messages.flat();
    assert.deepEqual(messages.map((one) => one.id).toSorted(), ["a", "b", "c"]);
    assert.deepEqual(messages.find((one) => one.id === "a").result, {});
    assert.match(messages.find((one) => one.id === "b").result.content[0].text, /simple text/);
    assert.equal(messages.find((one) => one.id === "c").error.code, -32601);
    const quiet = await session.post([batch[1], batch[1]]);
    await quiet.ended;
    assert.equal(quiet.status, 202);
    assert.equal(quiet.text, "");
    for (const [what, wrong] of [["empty", []],
      ["with initialize", [{ jsonrpc: "2.0", id: 1, method: "initialize", params: {} }, batch[0]]]]) {
      const refused = await session.post(wrong);
      await refused.ended;
      assert.equal(refused.status, 400, what);
      assert.equal(refused.messages[0].error.code, -32600, what);
    }
    const partly = await session.post([batch[0], 17]);
    await partly.ended;
    assert.ok(partly.messages.flat().some((one) => one.error?.code === -32600) || partly.status === 400);
  });

  for (const revision of ["2025-06-18", "2025-11-25"])
    test(`of ${revision} are refused`, async () => {
      const session = await Session.open(host, host.person("admin"), revision);
      const answer = await session.post(batch);
      await answer.ended;
      assert.equal(answer.status, 400);
      assert.equal(answer.messages[0].error.code, -32600);
    });

  test("of 2025-03-26 over stdio", async () => {
    const pipe = Pipe.stdio(program, ["stdio", "--practice", "--tools", tools], { revision: "2025-03-26", cwd: host.directory });
    await pipe.initialize("2025-03-26");
    pipe.send(batch);
    for (const id of ["a", "b", "c"]) await pipe.message((one) => one.id === id, `the answer to ${id}`);
    await pipe.close();
  });
});
