// Operators change tools while people work, and bad tools hurt nobody else.
import { test, describe, before, after } from "node:test";
import assert from "node:assert/strict";
import { Host, until } from "./lib/host.mjs";
import { connect, call, textOf } from "./lib/clients.mjs";

const tool = (name, body, more = "") =>
  `tool "${name}" { title = "${name}"; about = "For a talk."; effect = "read"; ${more} run = function (args, call) ${body} end; }`;

describe("reloading", () => {
  let host, client;
  before(async () => {
    host = await Host.start({ ownTools: true });
    client = await connect(host, host.person("admin"), "1");
  });
  after(async () => { await client.close(); await host.stop(); });

  const names = async () => (await client.listTools()).tools.map((one) => one.name);

  test("a file dropped in while 50 calls run is callable, and no call fails", async () => {
    const running = Array.from({ length: 50 }, () => call(client, "get_my_tasks"));
    host.writeTool("tasks/hello_talk.lua", tool("hello_talk", 'return { text = "hello " .. args.name }',
      'input = { text "name" { "Whom to greet", max = 50 } };'));
    const started = Date.now();
    await until(async () => (await names()).includes("hello_talk"), "the new tool");
    const taken = Date.now() - started;
    assert.match(textOf(await call(client, "hello_talk", { name: "Ann" })), /hello Ann/);
    for (const result of await Promise.all(running)) assert.ok(!result.isError, textOf(result));
    console.log(`# the new tool was there after ${taken} ms`);
  });

  test("a broken file changes nothing and says why", async () => {
    const before = await names();
    host.writeTool("tasks/broken_talk.lua", 'tool "broken_talk" {\n  title = "x"; about = "x";\n  efect = "read";\n}');
    await until(() => /broken_talk\.lua.*efect/.test(host.log), "the problem in the log");
    assert.deepEqual(await names(), before);
    assert.ok(!(await call(client, "get_me")).isError);
    host.removeTool("tasks/broken_talk.lua");
  });

  test("a changed file is taken over and a deleted one disappears", async () => {
    host.writeTool("tasks/hello_talk.lua", tool("hello_talk", 'return "good day"'));
    await until(async () => /good day/.test(textOf(await call(client, "hello_talk"))), "the changed tool");
    host.removeTool("tasks/hello_talk.lua");
    await until(async () => !(await names()).includes("hello_talk"), "the tool to disappear");
    await assert.rejects(call(client, "hello_talk"), /hello_talk/);
  });

  test("HUP reads the directory again", async () => {
    const lines = host.log.length;
    host.process.kill("SIGHUP");
    await until(() => host.log.length > lines, "a line in the log");
    assert.ok(!(await call(client, "get_me")).isError);
  });
});

describe("bad tools", () => {
  let host, victim, bystander;
  before(async () => {
    host = await Host.start({
      ownTools: true,
      env: { TALLYHOST_SCRIPT_CPU: "500ms", TALLYHOST_SCRIPT_MEMORY: "16MB" },
      files: {
        "tasks/loops_forever.lua": tool("loops_forever", "while true do end"),
        "tasks/loops_in_pcall.lua": tool("loops_in_pcall", "while true do pcall(function () while true do end end) end"),
        "tasks/eats_memory.lua": tool("eats_memory", 'local t = {} for i = 1, 1e9 do t[i] = ("x"):rep(1000) .. i end'),
        "tasks/raises.lua": tool("raises", 'local x = nil; return x.y'),
        "tasks/nonsense.lua": tool("nonsense", "return function () end"),
        "tasks/pattern_bomb.lua": tool("pattern_bomb", 'return tostring((("a"):rep(50000)):find((".-"):rep(20) .. "b"))'),
      },
    });
    victim = await connect(host, host.person("admin"), "1");
    bystander = await connect(host, host.tenants()[1], "2-modern");
  });
  after(async () => { await victim.close(); await bystander.close(); await host.stop(); });

  for (const [name, says] of [["loops_forever", /time/i], ["loops_in_pcall", /time/i], ["eats_memory", /memory/i],
    ["raises", /raises/], ["nonsense", /nonsense/], ["pattern_bomb", /pattern|time/i]]) {
    test(`${name} gives its caller a clear error while others work on`, async () => {
      let served = 0, done = false;
      const others = (async () => {
        do {
          const me = await call(bystander, "get_me");
          assert.ok(!me.isError, textOf(me));
          served++;
        } while (!done);
      })();
      const result = await call(victim, name);
      done = true;
      await others;
      assert.equal(result.isError, true, textOf(result));
      assert.match(textOf(result), says);
      assert.ok(served > 0);
      assert.ok(!(await call(victim, "get_me")).isError);
    });
  }
});
