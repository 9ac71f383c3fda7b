// call.ask, call.sample, call.roots: official clients are asked, whatever the revision calls it. A tool knows nothing of it.
import { test, describe, before, after } from "node:test";
import assert from "node:assert/strict";
import { mkdtempSync, cpSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Host, program, source, until } from "./lib/host.mjs";
import { connect, connectOldStream, connectStdio, connectWebSocket, call, headers, lines, listen, textOf } from "./lib/clients.mjs";
import { Pipe, Session, ask, modern } from "./lib/raw.mjs";

const fixture = join(source, "tests/conformance/tools");
const full = { sampling: {}, elicitation: { form: {}, url: {} }, roots: {} };

// A tool that writes before it asks: it must not run twice. One that asks by URL.
const more = {
  "write_then_ask.lua": `
local sure = form { flag "sure" { "Whether to go on" } }
tool "write_then_ask" {
  title = "Write, then ask"; about = "Makes a task, then asks, then answers with its id."; effect = "add";
  input = { text "title" { "The task's title" } };
  run = function (args, call)
    local made, err = call.api:post("/organizations/{org}/tasks", { body = { title = args.title,
      deadline = "2027-01-01 10:00:00", task_type = "task", owners = { users = { call.user.id } } } })
    if not made then return nil, err end
    local answer
    answer, err = call.ask { key = "sure", message = "Keep it?", fields = sure }
    if not answer then return nil, err end
    return "kept " .. made.id .. " " .. tostring(answer.sure)
  end;
}`,
  "ask_by_link.lua": `
tool "ask_by_link" {
  title = "Ask by link"; about = "Sends the person to a page."; effect = "read"; closed = true;
  run = function (_, call)
    local agreed, err = call.ask { key = "page", url = "https://account.example.com/link", message = "Link your account" }
    if not agreed then return nil, err end
    return "agreed"
  end;
}`,
  "may_i.lua": `
local sure = form { flag "sure" { "Whether to go on" } }
tool "may_i" {
  title = "May I"; about = "Tells how the question ended."; effect = "read"; closed = true;
  run = function (_, call)
    local answer, err = call.ask { message = "May I?", fields = sure }
    return answer and "answered" or "not answered: " .. err.code
  end;
}`,
};

let host, tools;
before(async () => {
  tools = mkdtempSync(join(tmpdir(), "tools-"));
  cpSync(fixture, tools, { recursive: true });
  for (const [name, text] of Object.entries(more)) writeFileSync(join(tools, name), text);
  host = await Host.start({ tools });
});
after(async () => { rmSync(tools, { recursive: true, force: true }); await host.stop(); });

// A client that answers like a willing person; what it was asked is kept in `asked`.
function willing(asked) {
  return (client) => listen(client, {
    "elicitation/create": (params) => {
      asked.push(params);
      const content = {};
      for (const [name, schema] of Object.entries(params.requestedSchema?.properties ?? {}))
        content[name] = schema.default ?? (schema.type === "boolean" ? true : schema.type === "array" ? ["option1"] : schema.enum?.[0]
          ?? schema.oneOf?.[0].const ?? "Ada");
      return params.mode === "url" ? { action: "accept" } : { action: "accept", content };
    },
    "sampling/createMessage": (params) => {
      asked.push(params);
      return { role: "assistant", model: "talk", stopReason: "endTurn", content: { type: "text", text: "forty-two" } };
    },
    "roots/list": () => { asked.push("roots"); return { roots: [{ uri: "file:///work", name: "work" }] }; },
  });
}

async function askAll(client, asked) {
  assert.match(textOf(await call(client, "test_elicitation", { message: "Who?" })), /action=accept.*Ada/);
  assert.equal(asked.at(-1).message, "Who?");
  assert.match(textOf(await call(client, "test_sampling", { prompt: "The answer?" })), /forty-two/);
  assert.match(textOf(await call(client, "test_input_required_result_list_roots")), /1 roots/);
  assert.match(textOf(await call(client, "test_input_required_result_multi_round")), /Ada likes Ada/);
  assert.match(textOf(await call(client, "test_input_required_result_multiple_inputs")), /Ada; forty-two; 1 roots/);
  const defaults = textOf(await call(client, "test_elicitation_sep1034_defaults"));
  assert.match(defaults, /John Doe/);
  assert.match(defaults, /95\.5/);
  const prompt = await client.getPrompt({ name: "test_input_required_result_prompt" });
  assert.match(prompt.messages[0].content.text, /context: Ada/);
}

describe("official clients are asked", () => {
  for (const line of lines) {
    test(`over HTTP, line ${line}`, async () => {
      const asked = [];
      const client = await connect(host, host.person("admin"), line, { capabilities: full, prepare: willing(asked) });
      await askAll(client, asked);
      assert.equal(textOf(await call(client, "ask_by_link")), "agreed");
      assert.equal(asked.at(-1).url, "https://account.example.com/link");
      await client.close();
    });

    test(`over stdio, line ${line}`, async () => {
      const asked = [];
      const client = await connectStdio({ command: program, cwd: host.directory, args: ["stdio", "--practice", "--tools", tools],
        stderr: "pipe" }, line, { capabilities: full, prepare: willing(asked) });
      await askAll(client, asked);
      await client.close();
    });

    test(`a person who declines or cancels is an ordinary answer, line ${line}`, async () => {
      for (const [action, word] of [["decline", "declined"], ["cancel", "cancelled"]]) {
        const client = await connect(host, host.person("admin"), line, { capabilities: full,
          prepare: (one) => listen(one, { "elicitation/create": () => ({ action }) }) });
        assert.equal(textOf(await call(client, "may_i")), `not answered: ${word}`);
        await client.close();
      }
    });

    test(`a client that cannot be asked, line ${line}`, async () => {
      const client = await connect(host, host.person("admin"), line);
      assert.equal(textOf(await call(client, "may_i")), "not answered: cannot_ask");
      const result = await call(client, "test_elicitation", { message: "Who?" });
      assert.equal(result.isError, true);
      assert.match(textOf(result), /cannot|not able|does not/i);
      await client.close();
    });

    test(`what was written before the question is written once, line ${line}`, async () => {
      const person = host.person("admin");
      const client = await connect(host, person, line, { capabilities: full, prepare: willing([]) });
      const posts = async () => (await host.requests()).filter((one) => one.method === "POST" &&
        one.path === `/organizations/${person.org_id}/tasks`).length;
      const before = await posts();
      const result = await call(client, "write_then_ask", { title: `only once ${line}` });
      assert.match(textOf(result), /^kept \w+ true$/);
      assert.equal(await posts() - before, 1);
      await client.close();
    });
  }
});

describe("questions on other ways in", () => {
  for (const [way, open] of [["WebSocket", connectWebSocket], ["the old event stream", connectOldStream]])
    test(`an official client over ${way}`, async () => {
      const asked = [];
      const client = await open(host, host.person("admin"), { capabilities: full, prepare: willing(asked) });
      await askAll(client, asked);
      await client.close();
    });

  test("an official client that finds the revision out by itself", async () => {
    const asked = [];
    const client = await connect(host, host.person("admin"), "2-auto", { capabilities: full, prepare: willing(asked) });
    assert.equal(client.getNegotiatedProtocolVersion?.() ?? "2026-07-28", "2026-07-28");
    await askAll(client, asked);
    await client.close();
  });

  test("rounds of 2026-07-28 over WebSocket: no request ever comes from the host", async () => {
    const pipe = await Pipe.websocket(host.ready.websocket, headers(host.person("admin")), { revision: "2026-07-28" });
    const params = { name: "test_input_required_result_elicitation", arguments: {} };
    const { result } = await pipe.request("tools/call", params, { capabilities: full });
    assert.deepEqual(Object.keys(result.inputRequests), ["user_name"]);
    const done = await pipe.request("tools/call", { ...params, requestState: result.requestState,
      inputResponses: { user_name: { action: "accept", content: { name: "Ada" } } } }, { capabilities: full });
    assert.equal(done.result.content[0].text, "Hello, Ada!");
    await pipe.close();
  });
});

describe("questions on older wires", () => {
  test("2025-03-26 knows no elicitation: cannot_ask, though the client says it can", async () => {
    const session = await Session.open(host, host.person("admin"), "2025-03-26", full);
    assert.equal((await session.call("may_i")).result.content[0].text, "not answered: cannot_ask");
  });

  test("2024-11-05 can be asked for sampling and roots", async () => {
    const pipe = Pipe.stdio(program, ["stdio", "--practice", "--tools", tools], { revision: "2024-11-05", cwd: host.directory });
    pipe.answer = (message) => message.method === "roots/list" ? { result: { roots: [] } }
      : { result: { role: "assistant", model: "m", content: { type: "text", text: "hello" } } };
    await pipe.initialize("2024-11-05", { sampling: {}, roots: {} });
    const sampled = await pipe.request("tools/call", { name: "test_sampling", arguments: { prompt: "say hello" } });
    assert.match(sampled.result.content[0].text, /hello/);
    const roots = await pipe.request("tools/call", { name: "test_input_required_result_list_roots" });
    assert.match(roots.result.content[0].text, /0 roots/);
    await pipe.close();
  });

  test("an error for an answer reaches the tool as one", async () => {
    const session = await Session.open(host, host.person("admin"), "2025-11-25", full);
    const { id, answer } = await session.start("tools/call", { name: "may_i", arguments: {} });
    const question = await answer.message((one) => one.method === "elicitation/create", "the question");
    const posted = await session.post({ jsonrpc: "2.0", id: question.id, error: { code: -32601, message: "no such thing" } });
    assert.equal(posted.status, 202);
    const { result } = await answer.answerTo(id);
    assert.match(result.content[0].text, /^not answered: (?!cannot_ask)\w+$/);
  });

  test("only the one who was asked may answer", async () => {
    const [one, other] = host.tenants();
    const session = await Session.open(host, one, "2025-11-25", full);
    const foreign = await Session.open(host, other, "2025-11-25", full);
    const { id, answer } = await session.start("tools/call", { name: "may_i", arguments: {} });
    const question = await answer.message((message) => message.method === "elicitation/create", "the question");
    const reply = { jsonrpc: "2.0", id: question.id, result: { action: "accept", content: { sure: true } } };
    await foreign.post(reply); // in a session of theirs: whatever the status, it answers nothing here
    assert.equal((await session.post(reply, { person: other })).status, 404, "with the session's id");
    assert.ok(!answer.done, "still waiting");
    assert.equal((await session.post(reply)).status, 202);
    assert.equal((await answer.answerTo(id)).result.content[0].text, "answered");
    const late = await session.post(reply);
    assert.ok(late.status === 202 || late.status >= 400, "a second answer does no harm");
    assert.deepEqual((await session.request("ping")).result, {});
  });

  test("a cancelled question ends the call", async () => {
    const session = await Session.open(host, host.person("admin"), "2025-11-25", full);
    const { id, answer } = await session.start("tools/call", { name: "may_i", arguments: {} });
    await answer.message((message) => message.method === "elicitation/create", "the question");
    await session.post({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: id, reason: "never mind" } });
    await answer.ended;
    assert.ok(!answer.messages.some((message) => message.id === id && !message.method), "no answer to a cancelled call");
    await until(() => /may_i outcome=cancelled/.test(host.log), "the cancelled call in the log");
  });
});

describe("rounds of 2026-07-28", () => {
  const tool = { name: "test_input_required_result_multi_round", arguments: {} };
  const accept = (content) => ({ action: "accept", content });

  async function firstRound(person, capabilities = full) {
    const { result } = await ask(host, person, "tools/call", tool, { capabilities });
    assert.equal(result.resultType, "input_required");
    assert.deepEqual(Object.keys(result.inputRequests), ["step1"]);
    assert.equal(typeof result.requestState, "string");
    return result.requestState;
  }
  const retry = (person, requestState, more = {}) => ask(host, person, "tools/call",
    { ...tool, inputResponses: { step1: accept({ name: "Ada" }) }, requestState, ...more }, { capabilities: full });

  test("go on from the state, which changes", async () => {
    const person = host.person("admin");
    const state = await firstRound(person);
    const second = (await retry(person, state)).result;
    assert.deepEqual(Object.keys(second.inputRequests), ["step2"]);
    assert.notEqual(second.requestState, state);
    const { result } = await ask(host, person, "tools/call",
      { ...tool, inputResponses: { step2: accept({ color: "blue" }) }, requestState: second.requestState }, { capabilities: full });
    assert.equal(result.content[0].text, "Ada likes blue.");
  });

  test("a state is good for its person, its call and its arguments only", async () => {
    const [one, other] = host.tenants();
    const state = await firstRound(one);
    const refused = async (promise, what) => {
      const response = await promise;
      assert.equal(response.error?.code, -32602, `${what}: ${JSON.stringify(response)}`);
      assert.doesNotMatch(response.error.message, /hmac|mac|signature key/i);
    };
    await refused(retry(other, state), "another principal");
    await refused(retry(one, `${state}x`), "a longer one");
    await refused(retry(one, state.slice(0, -1)), "a shorter one");
    await refused(retry(one, (state[0] === "A" ? "B" : "A") + state.slice(1)), "another first letter");
    await refused(retry(one, ""), "an empty one");
    await refused(retry(one, 17), "a number");
    await refused(retry(one, state, { name: "test_input_required_result_elicitation" }), "another tool");
    await refused(ask(host, one, "prompts/get", { name: "test_input_required_result_prompt", requestState: state },
      { capabilities: full }),
      "another method");
    const message = { name: "test_elicitation", arguments: { message: "Who?" } };
    const bound = (await ask(host, one, "tools/call", message, { capabilities: full })).result.requestState;
    await refused(ask(host, one, "tools/call", { ...message, arguments: { message: "Whom?" }, requestState: bound },
      { capabilities: full }),
      "other arguments");
    const good = await retry(one, state);
    assert.ok(good.result, "and it is still good where it belongs");
  });

  test("answers of a wrong kind are not taken", async () => {
    const person = host.person("admin");
    const state = await firstRound(person);
    for (const wrong of [12345, "yes", null, [], { action: "maybe" }]) {
      const response = await ask(host, person, "tools/call", { ...tool, inputResponses: { step1: wrong }, requestState: state },
        { capabilities: full });
      const again = response.result?.resultType === "input_required" && "step1" in response.result.inputRequests;
      const told = response.error?.code === -32602;
      assert.ok(again || told || response.result?.isError, JSON.stringify({ wrong, response }));
    }
    for (const wrong of [12345, "yes", null, []]) {
      const response = await ask(host, person, "tools/call", { ...tool, inputResponses: wrong, requestState: state },
        { capabilities: full });
      assert.ok(response.error?.code === -32602 || response.result?.resultType === "input_required", JSON.stringify({ wrong,
        response }));
    }
  });

  test("what needs sampling is refused to those who cannot, with what is missing", async () => {
    const { answer, response } = await modern(host, host.person("admin"), "tools/call", { name: "test_missing_capability" });
    const { error } = await response();
    assert.equal(answer.status, 400);
    assert.equal(error.code, -32021);
    assert.deepEqual(error.data.requiredCapabilities.sampling, {});
  });

  test("a call that has written is resumed, not repeated, and only by its owner", async () => {
    const [one, other] = host.tenants();
    const params = { name: "write_then_ask", arguments: { title: "held" } };
    const posts = async () => (await host.requests()).filter((request) => request.method === "POST" &&
      request.path === `/organizations/${one.org_id}/tasks`).length;
    const before = await posts();
    const { result } = await ask(host, one, "tools/call", params, { capabilities: full });
    assert.equal(result.resultType, "input_required");
    const answers = { inputResponses: { sure: accept({ sure: true }) }, requestState: result.requestState };
    const foreign = await ask(host, other, "tools/call", { ...params, ...answers }, { capabilities: full });
    assert.equal(foreign.error?.code, -32602);
    const done = await ask(host, one, "tools/call", { ...params, ...answers }, { capabilities: full });
    assert.match(done.result.content[0].text, /^kept \w+ true$/);
    assert.equal(await posts() - before, 1);
    const twice = await ask(host, one, "tools/call", { ...params, ...answers }, { capabilities: full });
    assert.equal(twice.error?.code, -32602, "the state of a resumed call is spent");
    assert.equal(await posts() - before, 1);
  });
});
