// The recording check itself: it must see a message that does not fit its revision, or it proves nothing.
import { test } from "node:test";
import assert from "node:assert/strict";
import http from "node:http";
import { Record } from "./lib/wire.mjs";
import { Recorder, eventReader } from "./lib/recorder.mjs";

function faults(revision, asked, message) {
  const record = new Record();
  const one = record.conversation(revision);
  if (asked) one.sent({ jsonrpc: "2.0", id: 1, method: asked,
    ...(revision === "2026-07-28" ? { params: { _meta: { "io.modelcontextprotocol/protocolVersion": revision } } } : {}) });
  one.received({ jsonrpc: "2.0", ...message });
  return record.problems;
}
const tool = { name: "a", inputSchema: { type: "object" } };
const list = (one, more = {}) => ({ id: 1, result: { tools: [{ ...tool, ...one }], ...more } });
const cached = { resultType: "complete", ttlMs: 1, cacheScope: "private" };

for (const [what, revision, asked, message] of [
  ["annotations", "2024-11-05", "tools/list", list({ annotations: {} })],
  ["a title", "2025-03-26", "tools/list", list({ title: "A" })],
  ["icons", "2025-06-18", "tools/list", list({ icons: [] })],
  ["resultType", "2025-11-25", "tools/list", list({}, { resultType: "complete" })],
  ["no resultType", "2026-07-28", "tools/list", list({}, { ttlMs: 1, cacheScope: "private" })],
  ["no ttlMs", "2026-07-28", "tools/list", list({}, { resultType: "complete", cacheScope: "private" })],
  ["audio", "2024-11-05", "tools/call", { id: 1, result: { content: [{ type: "audio", data: "", mimeType: "audio/wav" }] } }],
  ["a link", "2025-03-26", "tools/call", { id: 1, result: { content: [{ type: "resource_link", uri: "a:b", name: "x" }] } }],
  ["an elicitation", "2025-03-26", undefined, { id: "s", method: "elicitation/create", params: { message: "x",
    requestedSchema: { type: "object", properties: {} } } }],
  ["a default for a text", "2025-06-18", undefined, { id: "s", method: "elicitation/create", params: { message: "x",
    requestedSchema: { type: "object", properties: { a: { type: "string", default: "b" } } } } }],
  ["a request", "2026-07-28", undefined, { id: "s", method: "roots/list" }],
  ["a full ping result", "2025-11-25", "ping", { id: 1, result: { _meta: {} } }],
  ["an answer to nothing", "2025-11-25", undefined, { id: 1, result: {} }],
  ["-32020", "2025-11-25", undefined, { id: 1, error: { code: -32020, message: "x" } }],
  ["-32002", "2026-07-28", "resources/read", { id: 1, error: { code: -32002, message: "x" } }],
  ["-32022 without data", "2026-07-28", "tools/list", { id: 1, error: { code: -32022, message: "x" } }],
  ["a task with a wrapper", "2026-07-28", "tools/call", { id: 1, result: { resultType: "task", task: {} } }],
  ["an id that is null", "2026-07-28", undefined, { id: null, error: { code: -32700, message: "x" } }],
])
  test(`${what} in ${revision} is seen`, () => assert.equal(faults(revision, asked, message).length, 1));

for (const [revision, message] of [["2024-11-05", list({ description: "x" })],
  ["2025-03-26", list({ annotations: { title: "x" } })],
  ["2025-06-18", list({ title: "x", outputSchema: { type: "object", $defs: {} } })],
  ["2025-11-25", list({ icons: [{ src: "https://example.com/a.png" }] })],
  ["2026-07-28", list({}, cached)]])
  test(`a good list of ${revision} passes`, () => assert.deepEqual(faults(revision, "tools/list", message), []));

test("events are read whatever the cuts", () => {
  const events = [];
  const feed = eventReader((event) => events.push(event));
  for (const letter of ": hello\n\nid: 1_0\ndata:\n\nevent: message\r\ndata: {\"a\":\r\ndata: 1}\r\n\r\n") feed(letter);
  assert.deepEqual(events, [{ id: "1_0", data: "" }, { event: "message", data: "{\"a\":\n1}" }]);
});

test("the proxy hears both kinds of answer", async () => {
  const bad = JSON.stringify({ jsonrpc: "2.0", id: 1, result: { tools: 7 } });
  const server = http.createServer((request, response) => {
    const stream = request.url === "/stream";
    response.writeHead(200, { "Content-Type": stream ? "text/event-stream" : "application/json" });
    response.end(stream ? `data: ${bad}\n\n` : bad);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const record = new Record();
  const recorder = await Recorder.start(`http://127.0.0.1:${server.address().port}/mcp`, record);
  for (const path of ["/mcp", "/stream"])
    await (await fetch(recorder.origin + path, { method: "POST", body: JSON.stringify({ jsonrpc: "2.0", id: 1,
      method: "tools/list" }) })).text();
  assert.equal(record.problems.length, 2);
  assert.throws(() => record.check(), /2 messages/);
  recorder.close();
  server.close();
});
