// office.mjs - a day at the office for tests/talk/jobs: an assistant with an official client and one profile's tools, and
// the organisation itself to look at afterwards, past the tools. TH_TRACE=1 prints what was asked and answered.
import assert from "node:assert/strict";
import { Host } from "./host.mjs";
import { call, connect, listen, textOf } from "./clients.mjs";

const answerBytes = 25 * 1024; // script.answer_bytes
const id = /^([0-9a-f]{32}|\d+|.*%40.*)$/;

function trace(...lines) {
  if (process.env.TH_TRACE) console.log(...lines);
}

class Assistant {
  // What a tool answered, with its text as `said`.
  async does(tool, args = {}) {
    const result = await this.ask(tool, args);
    assert.ok(!result.isError, `${tool} ${JSON.stringify(args)}: ${textOf(result)}`);
    const data = result.structuredContent ?? {};
    assert.ok(JSON.stringify(data).length <= answerBytes, `${tool} answers with ${JSON.stringify(data).length} bytes`);
    return Object.defineProperty(data, "said", { value: textOf(result) });
  }

  // What a refusal said. It never carries what an assistant cannot use.
  async fails(tool, args = {}) {
    const result = await this.ask(tool, args);
    const said = textOf(result);
    assert.equal(result.isError, true, `${tool} did not refuse ${JSON.stringify(args)}: ${said}`);
    assert.ok(said.length < 2000, `${tool} refuses at length: ${said}`);
    assert.doesNotMatch(said, /\.lua:|table: 0x|\bnil\b|HTTP \d/, `${tool} shows its insides`);
    return said;
  }

  async ask(tool, args) {
    assert.ok(this.tools.has(tool), `${tool} is not among the ${this.tools.size} tools of this assistant`);
    trace(`\n>>> ${this.name}: ${tool} ${JSON.stringify(args)}`);
    const result = await call(this.client, tool, args);
    trace(`<<< ${result.isError ? "REFUSED " : ""}${textOf(result)}`);
    const fault = /failed inside the host \(call (\w+)\)/.exec(textOf(result))?.[1];
    assert.ok(!fault, `${tool}: ${this.host.log.split("\n").find((line) => line.includes(fault))}`);
    if (!result.isError) trace(`    ${JSON.stringify(result.structuredContent)?.slice(0, Math.max(Number(process.env.TH_TRACE) || 0, 600))}`);
    return result;
  }
}

export class Office {
  static async open(profile) {
    const office = new Office();
    office.profile = profile;
    office.host = await Host.start({ tools: process.env.TH_TOOLS_DIR });
    office.clients = [];
    return office;
  }

  // The organisation as it was in the morning.
  async morning() {
    await this.control("reset", {});
  }

  async close() {
    for (const client of this.clients) await client.close();
    await this.host.stop();
  }

  // An assistant that acts for <name>, with the tools of the office's profile (or another one). <person>, where there is
  // one, is asked what the tools ask, and gives the form's content.
  async as(name, profile = this.profile, person) {
    const assistant = new Assistant();
    const at = { mcp: `${this.host.mcp}?profile=${profile}` };
    assistant.client = await connect(at, this.host.person(name), "1", person && { capabilities: { elicitation: {} },
      prepare: (client) => listen(client, { "elicitation/create": (params) => ({ action: "accept",
        content: person(params) }) }) });
    this.clients.push(assistant.client);
    Object.assign(assistant, { name, host: this.host });
    assistant.tools = new Set((await assistant.client.listTools()).tools.map((tool) => tool.name));
    return assistant;
  }

  async control(what, body) {
    const answer = await fetch(`${this.host.ready.practice}/practice/${what}`, { method: "POST",
      headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    assert.ok(answer.ok, `${what}: ${answer.status}`);
  }

  async api(method, path, body) {
    const admin = this.host.person("admin");
    const answer = await fetch(`${this.host.ready.practice}/organizations/${admin.org_id}/${path}`, { method,
      headers: { Authorization: `Bearer ${admin.api_key}`, "X-Tallyfy-Client": "talk", "Content-Type": "application/json" },
      body: body && JSON.stringify(body) });
    const text = await answer.text();
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  }

  // What is really there, asked of the organisation itself as its administrator.
  async there(path) {
    const answer = await this.api("GET", path);
    return answer.data ?? answer;
  }

  // What somebody did in Tallyfy before the assistant came; not counted among the writes.
  async before(method, path, body) {
    const answer = await this.api(method, path, body);
    await fetch(`${this.host.ready.practice}/practice/requests`, { method: "DELETE" });
    return answer?.data ?? answer;
  }

  // Every write that reached the organisation, in order: "PUT runs/*/tasks/*", with the status of those it refused.
  async writes() {
    const rows = (await this.host.requests()).filter((row) => row.method !== "GET");
    return rows.map((row) => {
      const path = row.path.replace(/^.*\/organizations\/[^/]+\//, "").split("/").map((part) => (id.test(part) ? "*" : part));
      return `${row.method} ${path.join("/")}${row.status < 300 ? "" : ` ${row.status}`}`;
    });
  }
}

// The one of <list> that <wanted> says, by the names people use.
export function named(list, wanted, key = "name") {
  const found = list.filter((item) => (wanted instanceof RegExp ? wanted.test(item[key]) : item[key] === wanted));
  assert.equal(found.length, 1, `${found.length} of ${list.map((item) => item[key]).join(", ")} are ${wanted}`);
  return found[0];
}
