// Which tools whom: profiles by setting, address, header and socket; lists by role; changes while people listen; and what
// the lists and their answers weigh.
import { test, describe, before, after } from "node:test";
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Host, program, source, until } from "./lib/host.mjs";
import { connect, call, listen, textOf } from "./lib/clients.mjs";

const run = (args, options = {}) => spawnSync(program, args, { cwd: source, encoding: "utf8", timeout: 60000, ...options });
const names = async (client) => (await client.listTools()).tools.map((tool) => tool.name);

describe("profiles", () => {
  let host;
  before(async () => { host = await Host.start(); });
  after(async () => { await host.stop(); });

  // A client whose address asks for a profile.
  const asking = (profile, line = "1") => connect({ mcp: `${host.mcp}?profile=${profile}` }, host.person("admin"), line);

  test("all lists everything but the finder and the raw API", async () => {
    const client = await connect(host, host.person("admin"));
    const listed = await names(client);
    for (const name of ["get_me", "delete_template", "launch_processes"]) assert.ok(listed.includes(name), name);
    for (const name of ["call_tool", "search_tools", "tallyfy_api_read"]) assert.ok(!listed.includes(name), name);
    const refused = await call(client, "tallyfy_api_read", { path: "/me" });
    assert.ok(refused.isError && /tools\.raw_api/.test(textOf(refused)), textOf(refused));
    await client.close();
  });

  for (const line of ["1", "2-modern"]) {
    test(`an address asks for less (${line})`, async () => {
      const client = await asking("operator", line);
      const listed = await names(client);
      assert.ok(listed.includes("complete_task") && listed.includes("get_me"));
      assert.ok(!listed.includes("delete_template") && !listed.includes("change_user_role"));
      const refused = await call(client, "change_user_role", { user_id: 41002, role: "admin" });
      assert.ok(refused.isError && /"operator"/.test(textOf(refused)), textOf(refused));
      await client.close();
    });
  }

  test("compact lists four tools, which reach the others with all their checks", async () => {
    const client = await asking("compact", "2-modern");
    assert.deepEqual((await names(client)).sort(), ["call_tool", "describe_tool", "get_me", "search_tools"]);
    assert.equal((await call(client, "call_tool", { name: "get_tags" })).structuredContent.meta.total, 3);
    assert.match(textOf(await call(client, "call_tool", { name: "get_tags", arguments: { page: 0 } })), /at least 1/);
    assert.match(textOf(await call(client, "get_tags")), /call_tool/);
    assert.match(textOf(await call(client, "call_tool", { name: "tallyfy_api_read", arguments: { path: "/me" } })), /switched off/);
    await client.close();
  });

  test("a header and a socket ask likewise, and an unknown profile is refused", async () => {
    const who = host.person("admin");
    const headers = { Authorization: `Bearer ${who.api_key}`, "X-Tallyfy-Org-Id": who.org_id, "Content-Type": "application/json",
      Accept: "application/json, text/event-stream" };
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params: { protocolVersion: "2025-11-25",
      capabilities: {}, clientInfo: { name: "talk", version: "1" } } });
    const wrong = await fetch(`${host.direct}?profile=nobody`, { method: "POST", headers, body });
    assert.equal(wrong.status, 400);
    assert.match(await wrong.text(), /operator, builder, admin/);
    const asked = await fetch(host.direct, { method: "POST", headers: { ...headers, "X-Tallyhost-Profile": "nobody" }, body });
    assert.equal(asked.status, 400);
    await asked.text();

    const socket = new WebSocket(`${host.ready.websocket}?profile=compact`, { protocols: ["mcp"], headers });
    const answers = [];
    socket.onmessage = (event) => answers.push(JSON.parse(event.data));
    await new Promise((resolve) => { socket.onopen = resolve; });
    socket.send(body);
    await until(() => answers.some((one) => one.id === 1), "the handshake");
    socket.send(JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" }));
    socket.send(JSON.stringify({ jsonrpc: "2.0", id: 2, method: "tools/list" }));
    await until(() => answers.some((one) => one.id === 2), "the list");
    assert.equal(answers.find((one) => one.id === 2).result.tools.length, 4);
    socket.close();
  });

  test("what Tallyfy would refuse a light member is not there", async () => {
    const client = await connect(host, host.person("light"));
    const listed = await names(client);
    assert.ok(listed.includes("complete_task") && listed.includes("get_tags"));
    for (const name of ["create_tag", "delete_template", "change_user_role"]) assert.ok(!listed.includes(name), name);
    assert.match(textOf(await call(client, "create_tag", { title: "x" })), /light members/);
    await client.close();
  });
});

test("a change of the lists is told, and in force at once", async () => {
  const directory = mkdtempSync(join(tmpdir(), "tallyhost-"));
  const file = join(directory, "tallyhost.lua");
  writeFileSync(file, "");
  const host = await Host.start({ flags: ["--config", file] });
  const client = await connect(host, host.person("admin"));
  let told = 0;
  listen(client, { "notifications/tools/list_changed": () => { told++; } });
  assert.ok((await names(client)).includes("delete_tag"));
  writeFileSync(file, 'tools.deny = "tags:remove"\n');
  host.process.kill("SIGHUP");
  await until(() => told > 0, "the notice");
  assert.ok(!(await names(client)).includes("delete_tag"));
  assert.match(textOf(await call(client, "delete_tag", { tag_id: "Urgent" })), /not offered/);
  await client.close();
  await host.stop();
  rmSync(directory, { recursive: true });
});

describe("what lists and answers weigh", () => {
  test("the descriptions of all tools stay within 9,500 tokens", () => {
    const costs = JSON.parse(run(["tool", "list", "--tokens", "--output", "json"]).stdout);
    const { about, fields } = costs.all;
    console.log(`# all: ${about} tokens for tools, ${fields} for their parameters`);
    assert.ok(about + fields <= 9500, `${about + fields} tokens`);
    assert.ok(costs.compact.input + costs.compact.about < costs.operator.about);
  });

  test("every official tool is there, with its parameters", () => {
    const listed = JSON.parse(run(["tool", "list", "--output", "json"]).stdout);
    const text = readFileSync(join(source, "tests/spec/data/official_tools.lua"), "utf8").replace(/"\s*\.\. "/g, "");
    const rows = [...text.matchAll(/^ {2}(\w+) = "([^"]*)"/gm)];
    assert.equal(rows.length, 109);
    const missing = [];
    for (const [, name, parameters] of rows) {
      const tool = listed.find((one) => one.name === name);
      if (!tool) { missing.push(name); continue; }
      const required = new Set(tool.inputSchema.required ?? []);
      for (const parameter of parameters.split(" ").filter(Boolean)) {
        const plain = parameter.replace("?", "");
        if (!tool.inputSchema.properties?.[plain]) missing.push(`${name}.${plain}`);
        required.delete(plain);
      }
      for (const more of required) missing.push(`${name} needs ${more}, which the official one does not have`);
    }
    assert.deepEqual(missing, []);
  });

  test("answers keep to script.answer_bytes on the wire", async () => {
    const sizes = {};
    for (const limit of [6, 25]) {
      const host = await Host.start({ flags: ["--scale", "large"], env: { TALLYHOST_SCRIPT_ANSWER_BYTES: `${limit}KB` } });
      const client = await connect(host, host.person("admin"));
      try {
        await client.listTools();
        for (const [name, args] of [["get_organization_users", {}], ["get_organization_runs", {}],
          ["get_all_templates", {}], ["get_my_tasks", {}], ["get_organization_users_list", {}]]) {
          const result = await call(client, name, args);
          assert.ok(!result.isError, textOf(result));
          const bytes = Buffer.byteLength(JSON.stringify(result.structuredContent));
          assert.ok(bytes <= limit * 1024, `${name}: ${bytes} bytes with a limit of ${limit} KB`);
          // A model gets one or the other: the data, or the text that says the same for older clients.
          const text = Buffer.byteLength(textOf(result));
          assert.ok(text <= (limit + 1) * 1024, `${name}: ${text} bytes of text with a limit of ${limit} KB`);
          sizes[`${name} ${limit}`] = Buffer.byteLength(JSON.stringify(result));
        }
      } finally {
        await client.close();
        await host.stop();
      }
    }
    console.log(`# bytes of whole results: ${JSON.stringify(sizes)}`);
  });
});

describe("tools of one's own", () => {
  const directory = mkdtempSync(join(tmpdir(), "tallyhost-"));
  const environment = { ...process.env, TALLYHOST_SCRIPT_TOOLS: directory };
  after(() => rmSync(directory, { recursive: true }));
  const here = (args, options = {}) => run(args, { env: environment, ...options });

  test("new writes a tool and a spec that pass, and writes nothing over", () => {
    const made = here(["tool", "new", "tasks/count_my_tasks"]);
    assert.equal(made.status, 0, made.stderr);
    assert.match(here(["tool", "check"]).stdout, /^1 tool, no problems/m);
    const again = here(["tool", "new", "tasks/count_my_tasks"]);
    assert.equal(again.status, 1);
    assert.match(again.stderr, /exists/i);
    for (const bad of ["../x", "Tasks/x", "a/b/c", "", "x-y"]) assert.equal(here(["tool", "new", bad]).status, 2, bad);
    const tested = here(["tool", "test", "count_my_tasks"]);
    assert.equal(tested.status, 0, tested.stdout + tested.stderr);
    assert.match(tested.stdout, /ok 2/);
  });

  test("test fails where a spec fails, and says what is missing", () => {
    writeFileSync(join(directory, "tasks/wrong_spec.lua"),
      'describe("wrong", function () it("fails", function () assert.is_true(tallyhost.call("count_my_tasks", { page = 0 }).ok) end) end)');
    const failed = here(["tool", "test"]);
    assert.equal(failed.status, 1);
    assert.match(failed.stdout, /not ok 1 - wrong fails/);
    assert.match(here(["tool", "test", "nothing"]).stderr, /no spec nothing_spec\.lua/);
    const bare = here(["tool", "test"], { env: { ...environment, PATH: directory } });
    assert.equal(bare.status, 1);
    assert.match(bare.stderr, /apt install lua-busted/);
  });

  test("check names words of the lists that mean nothing", () => {
    const wrong = here(["tool", "check"], { env: { ...environment, TALLYHOST_TOOLS_DENY: "task:read" } });
    assert.equal(wrong.status, 1);
    assert.match(wrong.stdout, /tools\.deny: "task" is no tool and no domain/);
    assert.equal(run(["config"], { env: { ...environment, TALLYHOST_TOOLS_DENY: "tasks:reed" } }).status, 78);
  });

  test("stubs are written for editors", () => {
    const made = here(["tool", "stubs"]);
    assert.equal(made.status, 0, made.stderr);
    assert.match(readFileSync(join(directory, ".stubs/tallyhost.lua"), "utf8"), /---@meta/);
    JSON.parse(readFileSync(join(directory, ".luarc.json"), "utf8"));
  });
});

// tools.lua.d/README.md: whole files are called as they are; fields go into the input of a tool; anything else is what a
// tool's run does.
describe("the examples of the manual", () => {
  const readme = readFileSync(join(source, "tools.lua.d/README.md"), "utf8").split("<!-- reference -->");
  const blocksOf = (text) => [...text.matchAll(/```lua\n([^]*?)```/g)].map((match) => match[1]);
  const blocks = blocksOf(readme[1]);
  const field = /^(id|text|whole|number|flag|choice|date|list|object|any) "/;
  const files = {}, calls = [];
  blocks.forEach((block, index) => {
    const whole = /^(tool|resource|prompt|on) "(\w+)/m.exec(block);
    if (whole) {
      const name = whole[1] === "on" ? `example_${index}` : whole[2];
      files[`own/${name}.lua`] = block;
      if (whole[1] === "tool") calls.push([name, block]);
      return;
    }
    const name = `example_${index}`;
    const [input, body] = field.test(block) ? [block, 'return "ok"'] : ["", `${block}\nreturn "ok"`];
    files[`own/${name}.lua`] = `tool "${name}" { title = "E"; about = "An example."; effect = "read"; task = "later";\n`
      + `input = { ${input} };\nrun = function (args, call)\n${body}\nend }`;
    calls.push([name, block, field.test(block)]);
  });

  test("the handler of the five minutes passes its spec", () => {
    const directory = mkdtempSync(join(tmpdir(), "tallyhost-"));
    const [handler, spec] = blocksOf(readme[0]);
    writeFileSync(join(directory, "tell_team.lua"), handler);
    writeFileSync(join(directory, "tell_team_spec.lua"), spec);
    const tested = run(["tool", "test", "tell_team", "--tools", directory]);
    assert.equal(tested.status, 0, tested.stdout + tested.stderr);
    assert.match(tested.stdout, /ok 1 - tell_team/);
    rmSync(directory, { recursive: true });
  });

  let host, client;
  before(async () => {
    const empty = mkdtempSync(join(tmpdir(), "tallyhost-"));
    run(["tool", "new", "own/begin"], { env: { ...process.env, TALLYHOST_SCRIPT_TOOLS: empty } });
    host = await Host.start({ tools: empty, ownTools: true, files });
    rmSync(empty, { recursive: true });
    client = await connect(host, host.person("admin"));
  });
  after(async () => { await client?.close(); await host?.stop(); });

  test("there are some of each kind", () => assert.ok(calls.length > 25, `${calls.length}`));

  for (const [name, block, isField] of calls) {
    test(`${name}: ${block.split("\n")[0].slice(0, 60)}`, async () => {
      if (isField) return assert.ok((await names(client)).includes(name));
      const result = await call(client, name);
      const text = textOf(result);
      assert.ok(!result.isError || /cannot_ask|cannot be asked|not able|Nobody can be asked|support/.test(text), `${text}\n${block}`);
    });
  }

  test("the others are listed or loaded", async () => {
    assert.ok((await client.listPrompts()).prompts.some((prompt) => prompt.name === "tidy_up"));
    const read = await client.readResource({ uri: "own://greetings/Ada" });
    assert.equal(read.contents[0].text, "Hello, Ada");
  });
});
