// Lists in pages: opaque cursors, every entry once, in order, over every revision and official clients.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { join } from "node:path";
import { Host, source } from "./lib/host.mjs";
import { connect } from "./lib/clients.mjs";
import { Session, ask } from "./lib/raw.mjs";

let host;
before(async () => { host = await Host.start({ tools: join(source, "tests/conformance/tools"),
  env: { TALLYHOST_MCP_PAGE: "2" } }); });
after(() => host.stop());

const lists = { "tools/list": "tools", "resources/list": "resources", "resources/templates/list": "resourceTemplates",
  "prompts/list": "prompts" };

// All pages of a list.
async function walk(request, method) {
  const pages = [];
  let cursor;
  do {
    const { result } = await request(method, cursor === undefined ? {} : { cursor });
    pages.push(result[lists[method]]);
    cursor = result.nextCursor;
    assert.ok(pages.length < 100, "it ends");
  } while (cursor !== undefined);
  return pages;
}

const wires = {};
for (const revision of ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"])
  wires[revision] = async () => { const session = await Session.open(host, host.person("admin"), revision);
    return (method, params) => session.request(method, params); };
wires["2026-07-28"] = async () => (method, params) => ask(host, host.person("admin"), method, params);

for (const [revision, open] of Object.entries(wires))
  test(`pages of two, ${revision}`, async () => {
    const request = await open();
    for (const method of Object.keys(lists)) {
      const pages = await walk(request, method);
      assert.ok(pages.slice(0, -1).every((page) => page.length === 2), method);
      const keys = pages.flat().map((one) => one.name ?? one.uri);
      assert.equal(new Set(keys).size, keys.length, `${method}: nothing twice`);
      if (method === "tools/list") assert.ok(keys.length > 30 && keys.includes("test_simple_text"));
      if (method === "prompts/list") assert.equal(keys.length, 5);
    }
    const { result } = await request("tools/list", {});
    for (const cursor of ["", "0", "nonsense", `${result.nextCursor}x`, result.nextCursor.slice(1), "A".repeat(10000)])
      assert.equal((await request("tools/list", { cursor })).error?.code, -32602, `cursor ${cursor.slice(0, 30)}`);
    for (const cursor of [7, null, {}, []])
      assert.equal((await request("tools/list", { cursor })).error?.code, -32602, `cursor ${JSON.stringify(cursor)}`);
    const foreign = await request("prompts/list", { cursor: result.nextCursor });
    assert.equal(foreign.error?.code, -32602, "a cursor of another list");
  });

for (const line of ["1", "2", "2-modern"])
  test(`an official client walks them, line ${line}`, async () => {
    const client = await connect(host, host.person("admin"), line);
    const names = [];
    let cursor;
    do {
      const page = await client.listTools(cursor === undefined ? undefined : { cursor });
      names.push(...page.tools.map((tool) => tool.name));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    assert.ok(new Set(names).size === names.length && names.length > 30);
    await client.close();
  });
