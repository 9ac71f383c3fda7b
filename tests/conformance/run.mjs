// run.mjs [REVISION | SCENARIO] - the official suite's required set of each revision, and every scenario it does not score, against
// the fixture in tools/. One TAP line for each check; a warning counts as a failure, and so does a scenario that did not
// report. The scores come last.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Host, source } from "../talk/lib/host.mjs";
import { signIn } from "./sign_in.mjs";

const revisions = ["2025-11-25", "2026-07-28"];
const suite = join(source, "tests/node_modules/@modelcontextprotocol/conformance");
const { parse } = createRequire(join(suite, "package.json"))("yaml");
const skippedBySuite = new Set(["tasks-status-notifications"]); // it skips this one whatever the server does

function run(args) {
  const child = spawn("node", [join(suite, "dist/index.js"), "server", ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes) => (output += bytes));
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, output })));
}

// Scenario -> its checks, from the folders that the suite wrote.
function reports(directory) {
  const found = new Map();
  for (const file of readdirSync(directory, { recursive: true })) {
    if (!file.endsWith("checks.json")) continue;
    const name = dirname(file).replace(/^server-/, "").replace(/-\d{4}-\d\d-\d\dT[\w-]+$/, "");
    found.set(name, JSON.parse(readFileSync(join(directory, file), "utf8")));
  }
  return found;
}

let number = 0, failed = 0;
function line(good, name, more = "") {
  number++;
  if (!good) failed++;
  console.log(`${good ? "ok" : "not ok"} ${number} - ${name}${more}`);
}

// Prints a scenario's checks; true when none failed or warned.
function judge(revision, scenario, checks) {
  if (!checks?.length) checks = [{ id: "reported", status: "FAILURE", description: "the scenario reported nothing" }];
  let good = true;
  for (const check of checks) {
    const name = `${revision} ${scenario} ${check.id}`;
    if (check.status === "SUCCESS" || check.status === "INFO") line(true, name);
    else if (check.status === "SKIPPED" && skippedBySuite.has(scenario)) line(true, name, " # SKIP by the suite, always");
    else {
      good = false;
      const details = JSON.stringify(check.details ?? {}).slice(0, 1500);
      line(false, name, `\n# ${check.status} ${check.errorMessage ?? check.description} ${details}`);
    }
  }
  return good;
}

async function revisionScore(url, revision) {
  const listed = parse(readFileSync(join(suite, `requirements/${revision}.yaml`), "utf8"));
  const required = listed.server;
  const unscored = listed.not_scored.filter((one) => one.leg === "server").map((one) => one.scenario);
  const directory = mkdtempSync(join(tmpdir(), "conformance-"));
  const { code, output } = await run(["--url", url, "--requirements", revision, "-o", directory]);
  const found = reports(directory);
  rmSync(directory, { recursive: true });
  const score = { required: 0, unscored: 0 };
  for (const scenario of required) if (judge(revision, scenario, found.get(scenario))) score.required++;
  const notScored = [];
  for (const scenario of unscored) {
    const good = judge(revision, scenario, found.get(scenario));
    if (good) score.unscored++;
    notScored.push(`${scenario} ${skippedBySuite.has(scenario) ? "skipped by the suite" : good ? "passed" : "FAILED"}`);
  }
  line(code === 0, `${revision} the suite's own verdict`,
    code === 0 ? "" : `\n# status ${code}\n${output.replace(/^/gm, "# ").slice(-3000)}`);
  for (const scenario of found.keys())
    line(required.includes(scenario) || unscored.includes(scenario), `${revision} ${scenario} is listed`);
  return [`${revision}: ${score.required}/${required.length} required, ${score.unscored}/${unscored.length} not scored`,
    ...notScored.map((text) => `  not scored: ${text}`)];
}

const only = process.argv[2];
const host = await Host.start({ tools: join(source, "tests/conformance/tools") });
const front = await signIn(host.mcp, host.person("admin"));
const scores = [];
if (only && !revisions.includes(only)) {
  for (const revision of revisions) { // one scenario, in full words
    const { output } = await run(["--url", front.url, "--scenario", only, "--spec-version", revision, "--verbose"]);
    console.log(output.replace(/^/gm, "# "));
  }
} else {
  for (const revision of only ? [only] : revisions) scores.push(...await revisionScore(front.url, revision));
}
front.close();
const messages = host.record.count;
try {
  await host.stop();
  line(true, `all ${messages} messages fit the schema of their revision`);
} catch (error) {
  line(false, `the host ended well and all ${messages} messages fit their schema`,
    `\n${String(error.message).replace(/^/gm, "# ")}`);
}
for (const score of scores) console.log(`# score ${score}`);
process.exit(failed ? 1 : 0);
