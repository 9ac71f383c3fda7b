// The command line: what it prints, and the exit code that says how it went.
import { test } from "node:test";
import assert from "node:assert/strict";
import { spawnSync, spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, writeFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { program, source } from "./lib/host.mjs";

const run = (args, options = {}) => spawnSync(program, args, { cwd: source, encoding: "utf8", timeout: 60000, ...options });

test("version, help and usage", () => {
  assert.match(run(["version"]).stdout, /^tallyhost \d+\.\d+\.\d+/);
  const help = run(["help"]);
  assert.equal(help.status, 0);
  for (const verb of ["serve", "stdio", "practice", "tool", "config", "schema", "version", "help"]) {
    assert.match(help.stdout, new RegExp(`\\b${verb}\\b`));
    assert.equal(run(["help", verb]).status, 0, verb);
  }
  for (const args of [["nonsense"], ["serve", "--nonsense"], ["tool"], ["tool", "nonsense"], []]) {
    const wrong = run(args);
    assert.equal(wrong.status, 2, JSON.stringify(args));
    assert.ok(wrong.stderr.length > 0);
  }
});

test("a bad setting stops the start with file, line and range", () => {
  const directory = mkdtempSync(join(tmpdir(), "tallyhost-"));
  const file = join(directory, "tallyhost.lua");
  writeFileSync(file, "-- a comment\nhttp.body_bytes = 1 * MB\n\nhttp.head_fields = -3\n");
  const bad = run(["serve", "--config", file]);
  assert.equal(bad.status, 78);
  assert.match(bad.stderr, /tallyhost\.lua:4/);
  assert.match(bad.stderr, /head_fields/);
  writeFileSync(file, "\nhttp.no_such_setting = 1\n");
  const unknown = run(["serve", "--config", file]);
  assert.equal(unknown.status, 78);
  assert.match(unknown.stderr, /tallyhost\.lua:2.*no_such_setting/);
  const env = run(["config"], { env: { ...process.env, TALLYHOST_SESSION_IDLE: "soon" } });
  assert.equal(env.status, 78);
  assert.match(env.stderr, /TALLYHOST_SESSION_IDLE/);
  rmSync(directory, { recursive: true });
});

test("tool list, show, check and call", () => {
  assert.match(run(["tool", "list"]).stdout, /get_my_tasks/);
  assert.match(run(["tool", "list"]).stdout, /tallyfy:\/\/tasks\/mine[^]*plan_my_day/);
  assert.match(run(["tool", "show", "complete_task"]).stdout, /is_approved/);
  assert.match(run(["tool", "show", "tallyfy://tasks/mine"]).stdout, /resource/);
  const good = run(["tool", "check"]);
  assert.equal(good.status, 0, good.stdout + good.stderr);
  const called = run(["tool", "call", "get_my_tasks", "--practice", "--arg", "page=1"]);
  assert.equal(called.status, 0, called.stderr);
  assert.match(called.stdout, /task/);
  const read = run(["tool", "call", "tallyfy://organization", "--practice"]);
  assert.equal(JSON.parse(read.stdout).name, "Marigold Logistics", read.stderr);
  const prompt = run(["tool", "call", "build_a_template", "--practice", "--arg", "description=How we hire people"]);
  assert.match(prompt.stdout, /How we hire people/, prompt.stderr);
  assert.match(run(["tool", "call", "tallyfy://runs/none", "--practice"]).stderr, /not_found/);
  const wrong = run(["tool", "call", "get_my_tasks", "--practice", "--arg", "page=0"]);
  assert.equal(wrong.status, 1);
  assert.match(wrong.stdout + wrong.stderr, /page/);
  const mistyped = run(["tool", "call", "get_my_tasks", "--practice", "--arg", "pages=1"]);
  assert.match(mistyped.stderr, /did you mean "page"\? Nothing was done\./);

  const directory = mkdtempSync(join(tmpdir(), "tallyhost-"));
  writeFileSync(join(directory, "one.lua"), 'tool "one" { title = "One"; about = "x"; effekt = "read"; run = function () end }');
  writeFileSync(join(directory, "two.lua"), 'tool "two" {');
  const bad = run(["tool", "check", directory]);
  assert.equal(bad.status, 1);
  assert.match(bad.stdout + bad.stderr, /one\.lua:1.*effekt/);
  assert.match(bad.stdout + bad.stderr, /effect/);
  assert.match(bad.stdout + bad.stderr, /two\.lua/);
  rmSync(directory, { recursive: true });
});

test("tool call has a handler run for a delivery, for nobody", () => {
  const directory = mkdtempSync(join(tmpdir(), "tallyhost-"));
  const handler = (name, event, body) => writeFileSync(join(directory, `${name}.lua`),
    `on "${event}" { about = "Tries"; run = function (event, call) ${body} end }`);
  handler("tell_team", "task.completed", 'call.changed("tallyfy://tasks/mine") return event.task.title .. " " .. call.org.id');
  handler("keep_quiet", "process.launched", "");
  handler("name_rule", "rule.triggered", "return event.rule .. event.task.id .. event.process.title");
  handler("ask_tallyfy", "task.assigned", 'return call.api:get("/organizations/{org}/me").full_name');
  const call = (name, ...more) => run(["tool", "call", name, "--tools", directory, "--log-level", "none", ...more]);
  const sample = call("tell_team");
  assert.deepEqual([sample.status, sample.stdout, sample.stderr],
    [0, "Call the bank practice\n", "changed tallyfy://tasks/mine\n"]);
  const file = join(directory, "delivery.json");
  writeFileSync(file, JSON.stringify({ this_task: { id: "1", title: "Sign" }, process: { id: "2", organization_id: "acme" } }));
  assert.equal(call("tell_team", "--json", file).stdout, "Sign acme\n");
  const quiet = call("keep_quiet");
  assert.deepEqual([quiet.status, quiet.stdout, quiet.stderr], [0, "", "it ran, and says nothing\n"]);
  assert.equal(call("name_rule").stdout, "a-rulea-taskOnboarding Jane\n");
  const failed = call("ask_tallyfy", "--practice", "--output", "json");
  assert.deepEqual([failed.status, JSON.parse(failed.stdout).code], [1, "bug"]);
  for (const [event, why] of [["process.launched", /tell_team waits for task\.completed/], ["moon.risen", /no event that is known/]]) {
    const wrong = call("tell_team", "--arg", `event=${event}`);
    assert.equal(wrong.status, 2, event);
    assert.match(wrong.stderr, why);
  }
  assert.match(run(["tool", "show", "tell_team", "--tools", directory]).stdout, /event +task\.completed/);
  rmSync(directory, { recursive: true });
});

test("serve names what an operator got wrong: a list of tools, a model without a key", () => {
  const started = run(["serve", "--practice", "--mcp", "127.0.0.1:0", "--chat", "127.0.0.1:0"], { env: { ...process.env,
    TALLYHOST_TOOLS_DENY: "users:write delete_templat", TALLYHOST_CHAT_PROVIDER: "anthropic", TALLYHOST_CHAT_MODEL: "any" } });
  assert.match(started.stderr, /tools\.deny: "delete_templat" is no tool and no domain/);
  assert.match(started.stderr, /TALLYHOST_MODEL_KEY/);
  assert.equal(started.status, 78, "a service manager must not try again");
});

test("tools that are not in the working directory are found beside the program", () => {
  const directory = mkdtempSync(join(tmpdir(), "tallyhost-"));
  const moved = join(directory, "bin/tallyhost"), elsewhere = { cwd: directory, encoding: "utf8", timeout: 60000 };
  mkdirSync(join(directory, "bin/tools.lua.d"), { recursive: true });
  copyFileSync(program, moved);
  writeFileSync(join(directory, "bin/tools.lua.d/find_me.lua"),
    'tool "find_me" { title = "T"; about = "T"; effect = "read"; run = function () return "x" end }');
  assert.match(spawnSync(moved, ["tool", "list"], elsewhere).stdout, /^find_me /);
  const other = spawnSync(moved, ["tool", "list", "--tools", "other.lua.d"], elsewhere);
  assert.equal(other.status, 78, "what somebody named is not looked for anywhere else");
  rmSync(directory, { recursive: true });
});

test("stdio: stdout carries protocol only, and a wrong key is a clear error", async () => {
  const bad = run(["stdio"], { input: "", env: { ...process.env, TALLYFY_API_KEY: "", TALLYFY_ORG_ID: "" } });
  assert.notEqual(bad.status, 0);
  assert.match(bad.stderr, /TALLYFY_API_KEY/);
  const directory = mkdtempSync(join(tmpdir(), "tallyhost-"));
  writeFileSync(join(directory, "prints.lua"),
    'tool "prints" { title = "Prints"; about = "x"; effect = "read"; run = function () print("to the log") return "said" end }');
  const child = spawn(program, ["stdio", "--practice", "--tools", directory], { cwd: source });
  let out = "", err = "";
  child.stderr.on("data", (bytes) => (err += bytes));
  const meta = { "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {} };
  const said = new Promise((resolve) => child.stdout.on("data", (bytes) => { out += bytes; if (out.includes("\n")) resolve(); }));
  child.stdin.write(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "prints", arguments: {}, _meta: meta } }) + "\n");
  await said;
  child.stdin.end();
  const code = await new Promise((resolve) => child.on("close", resolve));
  assert.equal(code, 0, err);
  for (const line of out.trim().split("\n")) JSON.parse(line);
  assert.match(out, /said/);
  assert.doesNotMatch(out, /to the log/);
  assert.match(err, /to the log/);
  rmSync(directory, { recursive: true });
});

test("a ready file that is a pipe is written to, not replaced", async () => {
  const directory = mkdtempSync(join(tmpdir(), "tallyhost-"));
  const pipe = join(directory, "ready");
  spawnSync("mkfifo", [pipe]);
  const reader = spawn("cat", [pipe], { stdio: ["ignore", "pipe", "ignore"] });
  let text = "";
  reader.stdout.on("data", (bytes) => (text += bytes));
  const read = new Promise((resolve) => reader.on("close", resolve));
  const host = spawn(program, ["serve", "--mcp", "127.0.0.1:0", "--chat", "off", "--ready-file", pipe], { cwd: source, stdio: "ignore" });
  const ended = new Promise((resolve) => host.on("close", resolve));
  await read;
  assert.match(JSON.parse(text).mcp, /^http:/);
  assert.ok(statSync(pipe).isFIFO());
  host.kill("SIGTERM");
  assert.equal(await ended, 0);
  rmSync(directory, { recursive: true });
});
