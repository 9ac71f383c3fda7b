// host.mjs - starts the real program for a talk, and knows when it is ready and what it logged.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, existsSync, cpSync, writeFileSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Recorder } from "./recorder.mjs";
import { Record } from "./wire.mjs";

export const source = process.env.TH_SOURCE;
export const program = process.env.TH_PROGRAM;

// Waits until <check> gives something; events are preferred, this is for what only shows itself in a file or an answer.
export async function until(check, what, limit = 30000) {
  const end = Date.now() + limit;
  for (;;) {
    const found = await check();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited ${limit} ms in vain: ${what}`);
    await new Promise((resume) => setTimeout(resume, 10));
  }
}

export class Host {
  // options: tools (directory; default the project's, copied when `ownTools`), env, flags, practice (default true),
  // record (default true: every message of the host is held against its revision's schema, and stop() fails on a misfit)
  static async start(options = {}) {
    const host = new Host();
    host.directory = mkdtempSync(join(tmpdir(), "tallyhost-"));
    host.tools = options.tools ?? join(source, "tools.lua.d");
    if (options.ownTools) {
      const copy = join(host.directory, "tools.lua.d");
      cpSync(host.tools, copy, { recursive: true });
      host.tools = copy;
    }
    for (const [name, text] of Object.entries(options.files ?? {})) host.writeTool(name, text);
    const ready = join(host.directory, "ready.json");
    const flags = ["serve", "--mcp", "127.0.0.1:0", "--chat", "127.0.0.1:0", "--tools", host.tools, "--ready-file", ready,
      "--log-format", "json"];
    if (options.practice !== false) flags.push("--practice");
    host.process = spawn(program, [...flags, ...(options.flags ?? [])], {
      cwd: host.directory, // no .env and no config/ of the checkout
      env: { ...process.env, TALLYHOST_LOG_LEVEL: "debug", TALLYHOST_WEBSOCKET_LISTEN: "127.0.0.1:0", ...(options.env ?? {}) },
      stdio: ["ignore", "pipe", "pipe"],
    });
    host.log = "";
    host.process.stderr.on("data", (bytes) => (host.log += bytes));
    host.process.stdout.on("data", (bytes) => (host.log += bytes));
    host.ended = new Promise((resolve) => {
      host.process.on("close", (code, signal) => resolve({ code, signal }));
      host.process.on("error", (error) => resolve({ error: String(error) })); // no such program
    });
    host.ended.then((end) => (host.end = end));
    await until(() => existsSync(ready) || host.end, "the ready file");
    if (host.end) throw new Error(`the host ended with ${JSON.stringify(host.end)}:\n${host.log}`);
    host.ready = JSON.parse(readFileSync(ready, "utf8"));
    host.direct = host.ready.mcp; // for talks that need the bare connection
    host.record = new Record();
    host.recorder = options.record === false ? undefined : await Recorder.start(host.direct, host.record);
    host.mcp = host.recorder?.url ?? host.direct;
    return host;
  }

  // An address of another path of the MCP port, recorded likewise.
  at(path) {
    return new URL(path, this.mcp).href;
  }

  person(name) {
    const found = this.ready.credentials.find((one) => one.name.includes(name) || one.role === name);
    if (!found) throw new Error(`no practice person ${name}: ${JSON.stringify(this.ready.credentials)}`);
    return found;
  }

  // One person of each organisation.
  tenants() {
    const [first] = this.ready.credentials;
    return [first, this.ready.credentials.find((one) => one.org_id !== first.org_id)];
  }

  writeTool(name, text) {
    writeFileSync(join(this.tools, name), text);
  }

  removeTool(name) {
    unlinkSync(join(this.tools, name));
  }

  // Asks the practice organisation for trouble.
  async fault(fault) {
    const answer = await fetch(`${this.ready.practice}/practice/faults`, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(fault) });
    if (!answer.ok) throw new Error(`fault refused: ${answer.status} ${await answer.text()}`);
  }

  async requests() {
    const answer = await fetch(`${this.ready.practice}/practice/requests`);
    return (await answer.json()).data;
  }

  async noMoreFaults() {
    await fetch(`${this.ready.practice}/practice/faults`, { method: "DELETE" });
  }

  // A clean end, no complaint of a sanitizer, no message that does not fit its revision.
  async stop() {
    this.process.kill("SIGTERM");
    const end = await this.ended;
    this.recorder?.close();
    rmSync(this.directory, { recursive: true, force: true });
    if (end.code !== 0) throw new Error(`the host ended with ${JSON.stringify(end)}:\n${this.log.slice(-6000)}`);
    if (/Sanitizer|runtime error/.test(this.log)) throw new Error(this.log.slice(-6000));
    this.record.check();
  }
}
