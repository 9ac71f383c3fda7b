// run.mjs - one TAP line for each check of each scenario; a warning counts as a failure.
// The scenarios that need resources, prompts, elicitation, tasks or streams come with those features.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Host, source } from "../talk/lib/host.mjs";
import { signIn } from "./sign_in.mjs";

const scenarios = {
  "2025-11-25": ["server-initialize", "ping", "tools-list", "tools-call-simple-text", "tools-call-error", "tools-call-with-progress",
    "dns-rebinding-protection"],
  "2026-07-28": ["server-stateless", "tools-list", "tools-call-simple-text", "tools-call-error", "tools-call-with-progress",
    "dns-rebinding-protection"],
};

// Checks of server-stateless that need asking people (elicitation, sampling) or subscriptions.
const later = /undeclared-capability|missing-capability|independent-requests|subscription/i;

function suite(url, scenario, version, directory) {
  const child = spawn("node", [join(source, "tests/node_modules/.bin/conformance"), "server", "--url", url, "--scenario", scenario,
    "--spec-version", version, "-o", directory], { stdio: "ignore" });
  return new Promise((resolve) => child.on("close", resolve));
}

const host = await Host.start({ tools: join(source, "tests/conformance/tools") });
const front = await signIn(host.mcp, host.person("admin"));
let number = 0, failed = 0;
for (const [version, names] of Object.entries(scenarios)) {
  for (const scenario of names) {
    const directory = mkdtempSync(join(tmpdir(), "conformance-"));
    await suite(front.url, scenario, version, directory);
    const [folder] = readdirSync(directory);
    const checks = folder ? JSON.parse(readFileSync(join(directory, folder, "checks.json"), "utf8")) : [];
    if (checks.length === 0) checks.push({ id: "ran", status: "FAILURE", description: "the scenario reported nothing" });
    for (const check of checks) {
      const name = `${version} ${scenario} ${check.id}`;
      const good = check.status === "SUCCESS" || check.status === "INFO";
      number++;
      if (good) console.log(`ok ${number} - ${name}`);
      else if (check.status === "SKIPPED") console.log(`ok ${number} - ${name} # SKIP by the suite`);
      else if (scenario === "server-stateless" && later.test(check.id)) console.log(`ok ${number} - ${name} # SKIP with the feature`);
      else {
        failed++;
        console.log(`not ok ${number} - ${name}\n# ${check.status} ${check.errorMessage ?? check.description}`);
      }
    }
    rmSync(directory, { recursive: true });
  }
}
front.close();
await host.stop();
process.exit(failed ? 1 : 0);
