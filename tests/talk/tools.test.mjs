// Every tool once at least, through an official client and the real program: tests/talk/tools/*.json says what is called
// what comes back, and what the practice organisation was sent; tests/spec/tools_coverage_spec.lua names what is missing.
import { test, describe, before, after } from "node:test";
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Host, source } from "./lib/host.mjs";
import { connect, call } from "./lib/clients.mjs";
import { OfficeLog } from "./lib/office_log.mjs";
import { play } from "./lib/script.mjs";

const folder = join(source, "tests/talk/tools");
// A run may keep to some files: TH_TOOLS=tags,users
const wanted = process.env.TH_TOOLS?.split(",");
const files = readdirSync(folder).filter((name) => name.endsWith(".json"))
  .filter((name) => !wanted || wanted.includes(name.replace(".json", "")));

for (const name of files) {
  describe(name, () => {
    const steps = JSON.parse(readFileSync(join(folder, name), "utf8"));
    const options = steps[0]?.host ? steps.shift().host : {};
    const clients = new Map(), saved = {}, readers = new Set();
    let host;
    before(async () => { host = await Host.start({ env: options.env, flags: options.flags, tools: process.env.TH_TOOLS_DIR }); });
    after(async () => {
      for (const client of clients.values()) await client.close();
      await host.stop();
    });

    const clientOf = async (person) => {
      if (!clients.has(person)) {
        const client = await connect(host, host.person(person), "1");
        const { tools } = await client.listTools(); // from now on the client checks answers against the output schemas
        for (const tool of tools) if (tool.annotations?.readOnlyHint) readers.add(tool.name);
        clients.set(person, client);
      }
      return clients.get(person);
    };

    for (const [index, step] of steps.entries()) {
      test(`${index + 1} ${step.tool}${step.error === undefined ? "" : ` is refused: ${step.error}`}`, async () => {
        const person = step.person ?? "admin";
        const client = await clientOf(person);
        await play(client, step, saved, new OfficeLog(host, host.person(person).org_id), readers.has(step.tool));
      });
    }
  });
}
