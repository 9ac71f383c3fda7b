// Every malformed envelope, header, cursor, id and parameter gets the code and status of the specification, and a sentence.
import { test, describe, before, after } from "node:test";
import assert from "node:assert/strict";
import http from "node:http";
import { join } from "node:path";
import { Host, program, source } from "./lib/host.mjs";
import { headers } from "./lib/clients.mjs";
import { Pipe, Session, ask, initializeMessage, modern, send } from "./lib/raw.mjs";
import { versionKey } from "./lib/wire.mjs";

const fixture = join(source, "tests/conformance/tools");
let host, person;
before(async () => { host = await Host.start({ tools: fixture }); person = host.person("admin"); });
after(() => host.stop());

// The whole answer: { status, error, message, id } of a POST.
async function refused(message, options = {}, who = person) {
  const answer = await send(host.mcp, who, message, options);
  await answer.ended;
  const body = answer.messages[0];
  return { status: answer.status, code: body?.error?.code, body, text: body?.error?.message ?? answer.text };
}

// A person must understand the sentence: some words, no code of ours, nothing of the machine.
function sentence(text, what) {
  assert.ok(typeof text === "string" && text.length >= 12 && /\s/.test(text), `${what}: ${text}`);
  assert.doesNotMatch(text, /0x[0-9a-f]{6}|\.c:\d|assert|NULL|\/core\/|undefined/, what);
}

const meta = { [versionKey]: "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {} };
const call = (params = {}, more = {}) => ({ jsonrpc: "2.0", id: 5, method: "tools/call",
  params: { name: "test_simple_text", arguments: {}, ...params, _meta: meta }, ...more });
const right = { "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call", "Mcp-Name": "test_simple_text" };

// Sends a request with a head written by hand: what fetch would not let through (a header twice, an odd Host).
function byHand(head, body, path = "/mcp") {
  const target = new URL(host.direct);
  return new Promise((resolve, reject) => {
    const request = http.request({ host: target.hostname, port: target.port, path, method: "POST", setHost: false }, (response) => {
      let text = "";
      response.on("data", (bytes) => (text += bytes));
      response.on("end", () => {
        let code;
        try { code = JSON.parse(text).error?.code; } catch { /* no message */ }
        resolve({ status: response.statusCode, code, text });
      });
    });
    request.on("error", reject);
    for (const [name, value] of Object.entries({ Host: target.host, "Content-Type": "application/json",
      Accept: "application/json, text/event-stream", ...headers(person),
        ...head })) if (value !== undefined) request.setHeader(name, value);
    request.end(body);
  });
}

describe("bodies", () => {
  for (const [what, body, code] of [
    ["no JSON", "{", -32700], ["nothing", "", -32700], ["half a message", '{"jsonrpc":"2.0","id":1,', -32700],
    ["a comment", '/* */{"jsonrpc":"2.0"}', -32700], ["two messages", '{"jsonrpc":"2.0","id":1,"method":"ping"}{}', -32700],
    ["broken UTF-8", Buffer.from('{"jsonrpc":"2.0","id":1,"method":"ping\xff"}', "latin1"), -32700],
    ["a number", "17", -32600], ["null", "null", -32600], ["a text", '"ping"', -32600], ["an empty array", "[]", -32600],
    ["no jsonrpc", '{"id":1,"method":"ping"}', -32600], ["jsonrpc 1.0", '{"jsonrpc":"1.0","id":1,"method":"ping"}', -32600],
    ["no method", '{"jsonrpc":"2.0","id":1}', -32600], ["a method that is no text", '{"jsonrpc":"2.0","id":1,"method":7}', -32600],
    ["an id that is null", '{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600],
    ["an id that is an object", '{"jsonrpc":"2.0","id":{},"method":"ping"}', -32600],
    ["an id that is a fraction", '{"jsonrpc":"2.0","id":1.5,"method":"ping"}', -32600],
    ["an id that is true", '{"jsonrpc":"2.0","id":true,"method":"ping"}', -32600],
    ["parameters that are a list", '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":[1]}', undefined],
    ["a key twice", '{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/list"}', undefined],
    ["too deep", `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":${"[".repeat(500)}${"]".repeat(500)}}}`, undefined],
  ])
    test(what, async () => {
      const answer = await refused(body);
      assert.equal(answer.status, 400, answer.text);
      if (code) assert.equal(answer.code, code, answer.text);
      else assert.ok([-32700, -32600, -32602].includes(answer.code), answer.text);
      sentence(answer.text, what);
    });

  test("too large, known from the head alone", async () => {
    const { status, text } = await byHand({ "Content-Length": String(64 << 20) }, "");
    assert.equal(status, 413);
    sentence(text, "too large");
  });

  test("another content type", async () => {
    for (const type of ["text/plain", "application/jsonp", "application/xml", undefined, "application"]) {
      const { status, text } = await byHand({ "Content-Type": type }, JSON.stringify(initializeMessage("2025-11-25")));
      assert.equal(status, 415, `${type} ${text}`);
    }
    const fine = await byHand({ "Content-Type": "Application/JSON; charset=utf-8" },
      JSON.stringify(initializeMessage("2025-11-25")));
    assert.equal(fine.status, 200);
  });

  test("an Accept that leaves nothing to say", async () => {
    assert.equal((await byHand({ Accept: "text/html" }, JSON.stringify(initializeMessage("2025-11-25")))).status, 406);
    for (const accept of ["*/*", "application/*, text/event-stream", "application/json", undefined])
      assert.equal((await byHand({ Accept: accept }, JSON.stringify(initializeMessage("2025-11-25")))).status, 200, `${accept}`);
  });

  test("foreign origins and hosts", async () => {
    const body = JSON.stringify(initializeMessage("2025-11-25"));
    assert.equal((await byHand({ Origin: "https://evil.example.com" }, body)).status, 403);
    assert.equal((await byHand({ Origin: "null" }, body)).status, 403);
    assert.equal((await byHand({ Host: "evil.example.com" }, body)).status, 403);
    assert.equal((await byHand({ Origin: "https://evil.example.com", Authorization: undefined }, body)).status, 403, "before 401");
  });

  test("other methods", async () => {
    for (const method of ["PUT", "PATCH"]) {
      const answer = await fetch(host.mcp, { method, headers: headers(person), body: "{}" });
      assert.equal(answer.status, 405);
      for (const one of ["GET", "POST", "DELETE"]) assert.match(answer.headers.get("allow"), new RegExp(one));
    }
  });
});

describe("envelopes of 2026-07-28", () => {
  const without = (key) => { const rest = { ...meta }; delete rest[key]; return rest; };
  const capabilitiesKey = "io.modelcontextprotocol/clientCapabilities";
  for (const [what, _meta] of [
    ["no version", without(versionKey)], ["no capabilities", without(capabilitiesKey)], ["nothing at all", undefined],
    ["a version that is no text", { ...meta, [versionKey]: 20260728 }],
    ["capabilities that are a list", { ...meta, [capabilitiesKey]: [] }],
    ["capabilities that are null", { ...meta, [capabilitiesKey]: null }], ["_meta that is a text", "x"],
  ])
    test(what, async () => {
      const message = { jsonrpc: "2.0", id: 5, method: "server/discover", params: _meta === undefined ? {} : { _meta } };
      const answer = await refused(message, { headers: { "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "server/discover" } });
      assert.equal(answer.status, 400);
      assert.equal(answer.code, -32602);
      assert.equal(answer.body.id, 5);
      sentence(answer.text, what);
    });

  for (const [what, version, header, code] of [
    ["a version of the future", "v999.0.0", "v999.0.0", -32022], ["an old one", "2025-11-25", "2025-11-25", -32022],
    ["two versions", "v999.0.0", "2026-07-28", -32020], ["another header", "2026-07-28", "2025-11-25", -32020],
    ["no header", "2026-07-28", undefined, -32020],
  ])
    test(what, async () => {
      const message = { ...call(), params: { ...call().params, _meta: { ...meta, [versionKey]: version } } };
      const answer = await refused(message, { headers: { ...right, "MCP-Protocol-Version": header } });
      assert.equal(answer.status, 400);
      assert.equal(answer.code, code);
      if (code === -32022) assert.deepEqual(answer.body.error.data, { supported: ["2026-07-28"], requested: version });
      assert.equal(answer.body.id, 5);
      sentence(answer.text, what);
    });

  test("an array with an envelope in it", async () => {
    const answer = await refused([call()], { headers: right });
    assert.equal(answer.status, 400);
    assert.equal(answer.code, -32600);
  });

  test("a posted response", async () => {
    const answer = await refused({ jsonrpc: "2.0", id: 1, result: {} }, { headers: { "MCP-Protocol-Version": "2026-07-28" } });
    assert.equal(answer.status, 400);
    assert.equal(answer.code, -32600);
  });

  test("a notification is taken and not answered", async () => {
    const answer = await send(host.mcp, person, { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1,
      _meta: meta } },
      { headers: { "MCP-Protocol-Version": "2026-07-28" } });
    await answer.ended;
    assert.equal(answer.status, 202);
    assert.equal(answer.text, "");
  });

  test("no session is minted or minded", async () => {
    const answer = await send(host.mcp, person, call(), { headers: { ...right, "Mcp-Session-Id": "f".repeat(32),
      "Last-Event-ID": "x" } });
    assert.equal(answer.status, 200);
    assert.equal(answer.response.headers.get("mcp-session-id"), null);
    await answer.ended;
  });
});

describe("routing headers", () => {
  for (const [what, change] of [
    ["another method", { "Mcp-Method": "tools/list" }], ["no method", { "Mcp-Method": undefined }],
    ["another case", { "Mcp-Method": "TOOLS/CALL" }],
    ["another name", { "Mcp-Name": "greet" }], ["no name", { "Mcp-Name": undefined }], ["an empty name", { "Mcp-Name": "" }],
    ["a name in bad base64", { "Mcp-Name": "=?base64?dGVz!!?=" }],
    ["a name in unpadded base64", { "Mcp-Name": "=?base64?dGVzdF9zaW1wbGVfdGV4d?=" }],
    ["a name beyond ASCII", { "Mcp-Name": "test_simple_täxt" }],
  ])
    test(what, async () => {
      const answer = await refused(call(), { headers: { ...right, ...change } });
      assert.equal(answer.status, 400);
      assert.equal(answer.code, -32020, answer.text);
      assert.equal(answer.body.id, 5);
      sentence(answer.text, what);
    });

  for (const name of ["MCP-Protocol-Version", "Mcp-Method", "Mcp-Name"])
    test(`${name} twice`, async () => {
      const answer = await byHand({ ...right, [name]: [right[name], right[name]] }, JSON.stringify(call()));
      assert.equal(answer.status, 400);
      assert.equal(answer.code, -32020, answer.text);
    });

  test("blanks around a value and base64 of a plain one are fine", async () => {
    const fine = async (change) => (await byHand({ ...right, ...change }, JSON.stringify(call()))).status;
    assert.equal(await fine({ "Mcp-Name": "  test_simple_text\t" }), 200);
    assert.equal(await fine({ "Mcp-Name": `=?base64?${Buffer.from("test_simple_text").toString("base64")}?=` }), 200);
  });

  const region = (value, header, count = 1) => {
    const message = call({ name: "test_x_mcp_header", arguments: value === undefined ? {} : { region: value } });
    const head = { ...right, "Mcp-Name": "test_x_mcp_header" };
    if (header !== undefined) head["Mcp-Param-Region"] = count === 1 ? header : Array(count).fill(header);
    return byHand(head, JSON.stringify(message));
  };
  for (const [what, value, header] of [
    ["plain", "north", "north"], ["base64", "Hello", "=?base64?SGVsbG8=?="],
    ["beyond ASCII", "Zürich", `=?base64?${Buffer.from("Zürich").toString("base64")}?=`],
    ["text that looks like base64", "SGVsbG8=", "SGVsbG8="],
    ["only the front of the mark", "=?base64?SGVsbG8=", "=?base64?SGVsbG8="],
    ["empty", "", ""], ["empty in base64", "", "=?base64??="], ["absent", undefined, undefined], ["null", null, undefined],
  ])
    test(`a mirrored parameter: ${what}`, async () => {
      const answer = await region(value, header);
      assert.equal(answer.status, 200, answer.text);
    });
  for (const [what, value, header, count] of [
    ["missing", "north", undefined], ["another", "north", "south"], ["another case", "north", "North"],
    ["bad padding", "Hello", "=?base64?SGVsbG8?="],
    ["bad letters", "Hello", "=?base64?SGVs!!!bG8=?="], ["there without a value", undefined, "north"],
    ["there with null", null, "north"],
    ["twice", "north", "north", 2], ["beyond ASCII", "Zürich", Buffer.from("Zürich").toString("latin1")],
    ["broken UTF-8", "x", "=?base64?/w==?="],
  ])
    test(`a mirrored parameter refused: ${what}`, async () => {
      const answer = await region(value, header, count);
      assert.equal(answer.status, 400, answer.text);
      assert.equal(answer.code, -32020, answer.text);
    });

  test("other Mcp-Param headers do not matter", async () => {
    const answer = await byHand({ ...right, "Mcp-Param-Weather": "sunny" }, JSON.stringify(call()));
    assert.equal(answer.status, 200);
  });
});

// Parameters that do not fit, on every wire: -32602, HTTP 200 where the revision leaves it open.
const misfits = [
  ["tools/call", {}], ["tools/call", { name: 7 }], ["tools/call", { name: null }], ["tools/call", { name: "" }],
  ["tools/call", { name: "no_such_tool" }],
  ["tools/call", { name: "test_simple_text", arguments: [] }], ["tools/call", { name: "test_simple_text", arguments: "x" }],
  ["tools/list", { cursor: "forged" }], ["tools/list", { cursor: 1 }], ["resources/read", {}], ["resources/read", { uri: 3 }],
  ["resources/read", { uri: "" }], ["resources/read", { uri: "not a uri" }], ["prompts/get", {}], ["prompts/get", { name: [] }],
  ["prompts/get", { name: "x".repeat(100000) }],
  ["prompts/get", { name: "test_prompt_with_arguments", arguments: { arg1: 1, arg2: "b" } }],
  ["prompts/get", { name: "test_prompt_with_arguments", arguments: "x" }], ["completion/complete", {}],
  ["completion/complete", { ref: 1, argument: 2 }],
  ["completion/complete", { ref: { type: "ref/prompt", name: "test_prompt_with_arguments" }, argument: { name: "arg1" } }],
  ["completion/complete", { ref: { type: "ref/prompt", name: "test_prompt_with_arguments" }, argument: { name: "arg1",
    value: 1 } }],
  ["completion/complete", { ref: { type: "ref/resource", uri: "test://nope/{x}" }, argument: { name: "x", value: "" } }],
];

function holds(method, params, error, modernWire) {
  assert.ok(error, `${method} ${JSON.stringify(params).slice(0, 100)}`);
  const missing = method === "resources/read" && typeof params.uri === "string" && !modernWire;
  assert.ok(error.code === -32602 || (missing && error.code === -32002), JSON.stringify(error).slice(0, 300));
  sentence(error.message, method);
  assert.ok(error.message.length < 2000, "no echo of everything");
}

describe("parameters", () => {
  for (const revision of ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"])
    test(revision, async () => {
      const session = await Session.open(host, person, revision);
      for (const [method, params] of misfits) {
        const { id, answer } = await session.start(method, params);
        assert.equal(answer.status, 200, method);
        holds(method, params, (await answer.answerTo(id)).error, false);
      }
      for (const params of [{}, { level: 3 }, { level: "LOUD" }]) holds("logging/setLevel", params,
        (await session.request("logging/setLevel", params)).error);
      for (const params of [{}, { uri: 3 }]) holds("resources/subscribe", params, (await session.request("resources/subscribe",
        params)).error);
      assert.deepEqual((await session.request("ping")).result, {}, "and the session is well");
    });

  test("2026-07-28", async () => {
    for (const [method, params] of misfits) {
      const { answer, response } = await modern(host, person, method, params, {
        headers: (params.name ?? params.uri)?.length < 100 ? {} : { "Mcp-Name": "x" } });
      const { error } = await response();
      assert.ok(answer.status === 200 || answer.status === 400, `${method} ${answer.status}`);
      if (error.code === -32020) continue; // a name that no header can carry
      holds(method, params, error, true);
    }
    const loud = await ask(host, person, "tools/call", { name: "test_logging_tool" },
      { meta: { "io.modelcontextprotocol/logLevel": "loud" } });
    assert.equal(loud.error?.code, -32602);
    for (const [method, params] of [["tasks/get", {}], ["tasks/get", { taskId: 7 }], ["tasks/get", { taskId: "nope" }],
      ["tasks/update", { taskId: "nope", inputResponses: {} }],
      ["tasks/update", { taskId: "nope" }], ["tasks/cancel", { taskId: "nope" }]]) {
      const options = { capabilities: { extensions: { "io.modelcontextprotocol/tasks": {} } },
        headers: typeof params.taskId === "string" ? {} : { "Mcp-Name": "x" } };
      const { error } = await ask(host, person, method, params, options);
      assert.ok(error.code === -32602 || error.code === -32020, `${method} ${JSON.stringify(error)}`);
      const undeclared = await modern(host, person, method, { taskId: "nope", ...params });
      assert.equal((await undeclared.response()).error.code, -32021, "the capability is looked at first");
    }
  });

  test("arguments that do not fit the tool's schema are for the model: a result, with the fields", async () => {
    const { result } = await ask(host, person, "tools/call", { name: "slow_compute", arguments: { seconds: "many", extra: 1 } });
    assert.equal(result.isError, true);
    assert.match(result.content[0].text, /seconds/);
    assert.match(result.content[0].text, /extra/);
  });
});

describe("sessions of the old wires", () => {
  const list = { jsonrpc: "2.0", id: 3, method: "tools/list" };
  test("none where one is needed", async () => {
    const answer = await refused(list);
    assert.equal(answer.status, 400);
    sentence(answer.text, "no session");
  });

  test("unknown and misshapen ids", async () => {
    for (const id of ["f".repeat(32), "x", "a b", "ä", "x".repeat(4000)]) {
      const answer = await byHand({ "Mcp-Session-Id": Buffer.from(id).toString("latin1") }, JSON.stringify(list));
      assert.ok(answer.status === 404 || answer.status === 400, `${id.slice(0, 20)} ${answer.status}`);
    }
  });

  test("initialize with an open session", async () => {
    const session = await Session.open(host, person, "2025-11-25");
    const answer = await session.post(initializeMessage("2025-11-25"));
    await answer.ended;
    assert.equal(answer.status, 400);
    assert.equal(answer.messages[0].error.code, -32600);
  });

  test("initialize without what it must say", async () => {
    for (const params of [undefined, {}, { protocolVersion: 1, capabilities: {}, clientInfo: { name: "a", version: "1" } },
      { protocolVersion: "2025-11-25", capabilities: [], clientInfo: { name: "a", version: "1" } }]) {
      const answer = await refused({ jsonrpc: "2.0", id: 1, method: "initialize", ...(params ? { params } : {}) });
      assert.ok(answer.code === -32602 || answer.code === -32600, JSON.stringify(answer.body));
      sentence(answer.text, "initialize");
    }
  });

  test("an unsupported version in the header", async () => {
    const session = await Session.open(host, person, "2025-11-25");
    for (const version of ["1999-01-01", "latest", "2025-11-25x"]) {
      const answer = await session.post(list, { headers: { "MCP-Protocol-Version": version } });
      await answer.ended;
      assert.equal(answer.status, 400, version);
    }
    for (const version of [undefined, "2025-06-18", "2025-11-25"]) {
      const answer = await session.post(list, { headers: { "MCP-Protocol-Version": version } });
      await answer.ended;
      assert.equal(answer.status, 200, `${version}`);
    }
  });

  test("a response to a question that nobody asked", async () => {
    const session = await Session.open(host, person, "2025-11-25");
    for (const id of [1, "s-1", "nobody"]) {
      const answer = await session.post({ jsonrpc: "2.0", id, result: { action: "accept" } });
      await answer.ended;
      assert.ok(answer.status === 202 || answer.status === 400);
    }
    assert.ok((await session.request("tools/list")).result);
  });

  test("ids come back as they went", async () => {
    const session = await Session.open(host, person, "2025-11-25");
    for (const id of [0, -1, 9007199254740991, "0", "", "ü\u0000\"\\", "9007199254740993"]) {
      const answer = await session.post({ jsonrpc: "2.0", id, method: "ping" });
      await answer.ended;
      assert.strictEqual(answer.messages[0].id, id);
    }
  });
});

describe("pipes", () => {
  test("what is no message is answered, and the pipe goes on", async () => {
    const pipe = Pipe.stdio(program, ["stdio", "--practice", "--tools", fixture], { cwd: host.directory });
    await pipe.initialize("2025-11-25");
    const errors = () => pipe.messages.filter((one) => one.error).length;
    let count = 0;
    for (const line of ["{", "17", "[]", "\"x\"", '{"jsonrpc":"2.0","id":1}', `{"a":${"[".repeat(300)}`]) {
      pipe.write(line);
      await pipe.message(() => errors() > count, `an error for ${line.slice(0, 20)}`);
      count = errors();
    }
    assert.deepEqual((await pipe.request("ping", undefined, { id: "last" })).result, {});
    for (const one of pipe.messages.filter((message) => message.error)) {
      assert.ok([-32700, -32600].includes(one.error.code));
      sentence(one.error.message, "pipe");
    }
    await pipe.close();
  });

  test("a request before initialize is answered", async () => {
    const pipe = Pipe.stdio(program, ["stdio", "--practice", "--tools", fixture], { cwd: host.directory });
    const early = await pipe.request("tools/list", undefined, { id: "early" });
    assert.ok(early.error || early.result);
    await pipe.initialize("2025-11-25");
    assert.ok((await pipe.request("tools/list", undefined, { id: "late" })).result);
    await pipe.close();
  });

  test("a WebSocket: who may come in, and what is no text", async () => {
    await assert.rejects(Pipe.websocket(host.ready.websocket, {}), "no key");
    const wrong = await Pipe.websocket(host.ready.websocket, { ...headers(person), Authorization: "Bearer wrong" });
    assert.equal((await wrong.ended).code, 1008, "a wrong key, found out by asking the API");
    assert.deepEqual(wrong.messages, []);
    await assert.rejects(Pipe.websocket(host.ready.websocket, { ...headers(person), Origin: "https://evil.example.com" }),
      "a foreign origin");
    const binary = await Pipe.websocket(host.ready.websocket, headers(person));
    binary.socket.send(new Uint8Array([1, 2, 3]));
    assert.equal((await binary.ended).code, 1003);
    const large = await Pipe.websocket(host.ready.websocket, headers(person));
    large.write(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping", params: { x: "y".repeat(400 << 10) } }));
    assert.equal((await large.ended).code, 1009);
    const broken = await Pipe.websocket(host.ready.websocket, headers(person));
    broken.write("{");
    const { error } = await broken.message((one) => one.error, "an error");
    assert.equal(error.code, -32700);
    await broken.close();
  });
});
