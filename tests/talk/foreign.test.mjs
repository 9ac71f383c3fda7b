// Official clients of other languages and the Inspector: connect, list, call, ask, read, subscribe. Each is skipped, by name,
// where it cannot be had: the Go client needs a Go toolchain newer than Debian's.
import { test, describe, before, after } from "node:test";
import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { Host, program, source } from "./lib/host.mjs";
import { headers } from "./lib/clients.mjs";

const fixture = join(source, "tests/conformance/tools");
const python = join(source, "build/python-mcp/bin/python");
const inspector = join(source, "tests/node_modules/.bin/inspector");
const goClient = join(source, "build/go-mcp/talk");

let host;
before(async () => { host = await Host.start({ tools: fixture }); });
after(() => host.stop());

// Runs a client to its end: its output, or an error that shows all of it.
function run(command, args, env = {}, limit = 110000) {
  const options = { cwd: host.directory, timeout: limit, maxBuffer: 16 << 20, env: { ...process.env, ...env } };
  return new Promise((resolve, reject) => {
    execFile(command, args, options, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      reject(new Error(`${command} ${args.join(" ")}: ${error.message}\n${stdout}\n${stderr}\n${host.log.slice(-2000)}`));
    });
  });
}

const steps = ["connect", "list", "call", "ask", "read", "subscribe", "close"];
function allSteps(output, revision) {
  const seen = output.trim().split("\n").map((line) => line.replace(/^ok /, "").split(" ")[0]);
  assert.deepEqual(seen, steps, output);
  if (revision) assert.match(output, new RegExp(`^ok connect ${revision}$`, "m"));
}

const stdio = [program, "stdio", "--practice", "--tools", fixture];
const signed = () => ({ TALK_HEADERS: JSON.stringify(headers(host.person("admin"))) });

describe("the Python client", { skip: !existsSync(python) && "no Python client: python3-venv and the package index are needed" },
  () => {
  const script = join(source, "tests/talk/python/client.py");
  for (const [mode, revision] of [["legacy", "2025-11-25"], ["auto", "2026-07-28"], ["2026-07-28", "2026-07-28"]]) {
    test(`over HTTP, ${mode}`, async () => allSteps(await run(python, [script, "http", mode, host.mcp], signed()), revision));
    test(`over stdio, ${mode}`, async () => allSteps(await run(python, [script, "stdio", mode, ...stdio]), revision));
  }
  test("over the old event stream", async () =>
    allSteps(await run(python, [script, "sse", "legacy", host.at("/sse")], signed())));
});

function goReady() {
  if (spawnSync("go", ["version"]).status !== 0) return false;
  mkdirSync(join(source, "build/go-mcp"), { recursive: true });
  return spawnSync("go", ["build", "-o", goClient, "."], { cwd: join(source, "tests/talk/go"), stdio: ["ignore", 2, 2],
    env: { ...process.env, GOTOOLCHAIN: "local", GOFLAGS: "-mod=readonly" } }).status === 0;
}

describe("the Go client", { skip: !goReady() && "no Go client: needs Go 1.25 or newer and its module proxy" }, () => {
  for (const revision of ["2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"]) {
    test(`over HTTP, ${revision}`, async () => allSteps(await run(goClient, ["http", revision, host.mcp], signed()), revision));
    test(`over stdio, ${revision}`, async () => allSteps(await run(goClient, ["stdio", revision, ...stdio]), revision));
  }
  test("over the old event stream", async () => allSteps(await run(goClient, ["sse", "2024-11-05", host.at("/sse")], signed()),
    "2024-11-05"));
});

describe("the Inspector's command line", { skip: !existsSync(inspector) && "the Inspector is not installed" }, () => {
  const credential = () => Object.entries(headers(host.person("admin"))).flatMap(([name, value]) => ["--header",
    `${name}: ${value}`]);
  const inspect = async (...args) => {
    const output = await run(inspector, ["--cli", host.mcp, "--transport", "http", ...credential(), ...args],
      { HOME: host.directory });
    return JSON.parse(output.slice(output.indexOf("{")));
  };

  test("lists, calls, reads, gets", async () => {
    const { tools } = await inspect("--method", "tools/list");
    assert.ok(tools.some((tool) => tool.name === "test_simple_text"));
    const called = await inspect("--method", "tools/call", "--tool-name", "greet", "--tool-arg", "name=Ada");
    assert.equal(called.content[0].text, "Hello, Ada!");
    const { resources } = await inspect("--method", "resources/list");
    assert.ok(resources.some((one) => one.uri === "test://static-text"));
    const read = await inspect("--method", "resources/read", "--uri", "test://static-text");
    assert.match(read.contents[0].text, /static text/);
    const { prompts } = await inspect("--method", "prompts/list");
    assert.equal(prompts.length, 5);
    const got = await inspect("--method", "prompts/get", "--prompt-name", "test_prompt_with_arguments", "--prompt-args",
      "arg1=uno", "arg2=dos");
    assert.match(got.messages[0].content.text, /uno.*dos/);
  });

  test("over stdio and the old event stream", async () => {
    for (const target of [stdio, [host.at("/sse"), "--transport", "sse", ...credential()]]) {
      const args = ["--cli", ...target, "--method", "tools/list"];
      const output = await run(inspector, args, { HOME: host.directory });
      assert.ok(JSON.parse(output.slice(output.indexOf("{"))).tools.length > 30);
    }
  });
});
