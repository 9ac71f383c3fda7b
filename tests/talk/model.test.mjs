// The scripted model server itself: that it is as strict as the real APIs, streams as they do, and can fail in every way. Talks
// about the chat rest on it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Model, attempts, fails, key, overloadedAfter, text, thinking, tool } from "./lib/model.mjs";

let model;
before(async () => { model = await Model.start(); });
after(() => model.close());

const ask = (words) => ({ role: "user", content: [{ type: "text", text: words }] });
const schema = { type: "object", properties: {} };
const anthropicBody = (more = {}) => ({ model: "m", max_tokens: 10, stream: true, messages: [ask("hello")],
  tools: [{ name: "get_task", input_schema: schema }], ...more });
const openaiBody = (more = {}) => ({ model: "m", max_tokens: 10, stream: true, messages: [{ role: "user", content: "hello" }],
  tools: [{ type: "function", function: { name: "get_task", parameters: schema } }], ...more });

async function post(provider, body, headers = {}) {
  const own = provider === "anthropic" ? { "x-api-key": key, "anthropic-version": "2023-06-01" } : { authorization: `Bearer ${key}` };
  const path = provider === "anthropic" ? "/v1/messages" : "/chat/completions";
  const answer = await fetch(model[provider] + path, { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body),
    headers: { "content-type": "application/json", ...own, ...headers } });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

const call = (id, more = {}) => ({ role: "assistant", content: [{ type: "tool_use", id, name: "get_task", input: {}, ...more }] });
const result = (id, ...more) => ({ role: "user", content: [{ type: "tool_result", tool_use_id: id, content: "x" }, ...more] });

test("what Anthropic's API refuses is refused", async () => {
  const first = ask("hello");
  const wrong = {
    "no max_tokens": anthropicBody({ max_tokens: undefined }),
    "a deprecated field": anthropicBody({ temperature: 1 }),
    "a field nobody knows": anthropicBody({ seed: 1 }),
    "no message": anthropicBody({ messages: [] }),
    "the model speaks first": anthropicBody({ messages: [call("a"), result("a")] }),
    "empty text": anthropicBody({ messages: [ask("")] }),
    "blank text": anthropicBody({ messages: [ask(" \n")] }),
    "empty content": anthropicBody({ messages: [{ role: "user", content: [] }] }),
    "a block nobody knows": anthropicBody({ messages: [{ role: "user", content: [{ type: "opaque" }] }] }),
    "a member nobody knows": anthropicBody({ messages: [first, call("a", { title: "x" }), result("a")] }),
    "an unanswered call": anthropicBody({ messages: [first, call("a"), ask("and?")] }),
    "a call at the end": anthropicBody({ messages: [first, call("a")] }),
    "a foreign result": anthropicBody({ messages: [first, call("a"), result("a", result("b").content[0])] }),
    "a result twice": anthropicBody({ messages: [first, call("a"), result("a", result("a").content[0])] }),
    "text before a result": anthropicBody({ messages: [first, call("a"), { role: "user",
      content: [{ type: "text", text: "x" }, ...result("a").content] }] }),
    "input as text": anthropicBody({ messages: [first, call("a", { input: "{}" }), result("a")] }),
    "calls without tools": anthropicBody({ messages: [first, call("a"), result("a")], tools: undefined }),
    "a name with a dot": anthropicBody({ tools: [{ name: "a.b", input_schema: schema }] }),
    "a name twice": anthropicBody({ tools: [{ name: "a", input_schema: schema }, { name: "a", input_schema: schema }] }),
    "a schema that is no object": anthropicBody({ tools: [{ name: "a", input_schema: { type: "array" } }] }),
    "a branch at the top": anthropicBody({ tools: [{ name: "a", input_schema: { ...schema, oneOf: [] } }] }),
    "five cache marks": anthropicBody({ system: Array(5).fill({ type: "text", text: "x", cache_control: { type: "ephemeral" } }) }),
    "forged thinking": anthropicBody({ messages: [first, { role: "assistant",
      content: [{ type: "thinking", thinking: "x", signature: "y" }] }, ask("x")] }),
    "no JSON": "{",
  };
  for (const [name, body] of Object.entries(wrong)) {
    const answer = await post("anthropic", body);
    assert.equal(answer.status, 400, name);
    assert.equal(JSON.parse(answer.text).error.type, "invalid_request_error", name);
  }
  assert.equal((await post("anthropic", anthropicBody(), { "x-api-key": "other" })).status, 401);
  assert.equal((await post("anthropic", anthropicBody(), { "anthropic-version": "" })).status, 400);
  const fine = anthropicBody({ messages: [first, call("a"), result("a", { type: "text", text: "x" })] });
  assert.equal((await post("anthropic", fine)).status, 200);
  assert.throws(() => model.check());
  model.refused = [];
});

test("what OpenAI's API refuses is refused", async () => {
  const first = { role: "user", content: "hello" };
  const calls = (id, more = {}) => ({ role: "assistant", content: null,
    tool_calls: [{ id, type: "function", function: { name: "get_task", arguments: "{}", ...more } }] });
  const told = (id) => ({ role: "tool", tool_call_id: id, content: "x" });
  const wrong = {
    "a field nobody knows": openaiBody({ person: "x" }),
    "an unanswered call": openaiBody({ messages: [first, calls("a"), first] }),
    "a call at the end": openaiBody({ messages: [first, calls("a")] }),
    "a foreign result": openaiBody({ messages: [first, calls("a"), told("b")] }),
    "a result of nothing": openaiBody({ messages: [first, told("a")] }),
    "arguments as an object": openaiBody({ messages: [first, calls("a", { arguments: {} }), told("a")] }),
    "arguments that are no JSON": openaiBody({ messages: [first, calls("a", { arguments: "{" }), told("a")] }),
    "no content": openaiBody({ messages: [{ role: "assistant", content: null }] }),
    "an empty list of tools": openaiBody({ tools: [] }),
    "an array without items": openaiBody({ tools: [{ type: "function", function: { name: "a",
      parameters: { ...schema, properties: { a: { type: "array" } } } } }] }),
    "stream_options without a stream": openaiBody({ stream: false, stream_options: { include_usage: true } }),
  };
  for (const [name, body] of Object.entries(wrong)) assert.equal((await post("openai", body)).status, 400, name);
  assert.equal((await post("openai", openaiBody(), { authorization: "Bearer other" })).status, 401);
  assert.equal((await post("openai", openaiBody({ messages: [first, calls("a"), told("a")] }))).status, 200);
  model.refused = [];
});

test("a script streams in the order of its provider, and every step has its answer", async () => {
  model.plays(/^order$/, [thinking("hm"), text("Looking."), tool("get_task", { a: "ä\"" })], [text("Done.")]);
  const answer = await post("anthropic", anthropicBody({ messages: [ask("order")] }));
  const events = answer.text.split("\n\n").filter(Boolean).map((event) => JSON.parse(event.split("\n")[1].slice(6)));
  assert.deepEqual([...new Set(events.map((event) => event.type))], ["message_start", "ping", "content_block_start",
    "content_block_delta", "content_block_stop", "message_delta", "message_stop"]);
  const json = events.filter((event) => event.delta?.type === "input_json_delta").map((event) => event.delta.partial_json).join("");
  assert.deepEqual(JSON.parse(json), { a: "ä\"" });
  const start = events.find((event) => event.content_block?.type === "tool_use").content_block;
  const signature = events.find((event) => event.delta?.signature).delta.signature;
  const history = [ask("order"), { role: "assistant", content: [{ type: "thinking", thinking: "hm", signature },
    { type: "tool_use", id: start.id, name: "get_task", input: {} }] }, result(start.id)];
  assert.match((await post("anthropic", anthropicBody({ messages: history }))).text, /Done\./);

  const chunks = await post("openai", openaiBody({ messages: [{ role: "user", content: "order" }],
    stream_options: { include_usage: true } }));
  assert.match(chunks.text, /"finish_reason":"tool_calls"/);
  assert.match(chunks.text, /"choices":\[\],"usage"/);
  assert.ok(chunks.text.endsWith("data: [DONE]\n\n"));
  model.check();
});

test("it fails as it was told, once for each attempt", async () => {
  model.plays(/^trouble$/, attempts(fails(529, { "retry-after": "3" }), overloadedAfter(text("Half")), [text("Well.")]));
  const body = anthropicBody({ messages: [ask("trouble")] });
  const first = await post("anthropic", body);
  assert.equal(first.status, 529);
  assert.equal(first.headers.get("retry-after"), "3");
  assert.equal(JSON.parse(first.text).error.type, "overloaded_error");
  const second = await post("anthropic", body);
  assert.match(second.text, /event: error\n/);
  assert.doesNotMatch(second.text, /message_stop/);
  assert.match((await post("anthropic", body)).text, /Well\./);
});

test("connections die and stall where the script says", async () => {
  for (const dies of ["before_head", "head", 3, "inside"]) {
    model.plays(/^die$/, { blocks: [text("some words")], dies });
    await assert.rejects(post("openai", openaiBody({ messages: [{ role: "user", content: "die" }] })), undefined, String(dies));
  }
  model.plays(/^stall$/, { blocks: [text("some words")], stalls: 3 });
  const pending = post("anthropic", anthropicBody({ messages: [ask("stall")] }));
  const held = await model.stalled();
  assert.equal(held.request.ask, "stall");
  held.release();
  assert.match((await pending).text, /message_stop/);
});

test("lines and writes can be cut in every manner", async () => {
  model.plays(/^cut$/, { blocks: [text("ä😀")], write: 1, crlf: true, comments: true, pings: true, deltas: 1 });
  const answer = await post("anthropic", anthropicBody({ messages: [ask("cut")] }));
  assert.match(answer.text, /: a comment\r\n\r\nevent: message_start\r\n/);
  assert.match(answer.text, /"text":"ä"/);
  assert.match(answer.text, /"text":"😀"/);
});
