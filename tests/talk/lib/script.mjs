// script.mjs - plays a list of tool calls (tests/talk/tools/*.json) through an official client. The form of a list is in
// tests/talk/README.md.
import assert from "node:assert/strict";
import { call, textOf } from "./clients.mjs";
import { compareWire } from "./office_log.mjs";

const at = (value, path) => path.split(".").reduce((inside, key) => inside?.[key], value);

// "{name}" alone gives the saved value itself, inside a text its text.
export function fill(value, saved) {
  if (typeof value === "string") {
    const whole = /^\{(\w+)\}$/.exec(value);
    const known = (name) => {
      if (name === "org" && !("org" in saved)) return "{org}"; // of raw paths
      if (!(name in saved)) throw new Error(`nothing was saved as ${name}; there are ${Object.keys(saved).join(", ")}`);
      return saved[name];
    };
    return whole ? known(whole[1]) : value.replace(/\{(\w+)\}/g, (_, name) => String(known(name)));
  }
  if (Array.isArray(value)) return value.map((one) => fill(one, saved));
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, one]) => [fill(key, saved), fill(one, saved)]));
  return value;
}

// null: not there; "*": there; "~text": contains it; anything else: equal.
function compare(found, wanted, what) {
  if (wanted === null) return assert.equal(found ?? null, null, what);
  if (wanted === "*") return assert.notEqual(found ?? null, null, what);
  if (typeof wanted === "string" && wanted.startsWith("~")) {
    return assert.ok(String(found).includes(wanted.slice(1)), `${what}: ${JSON.stringify(found)} has no "${wanted.slice(1)}"`);
  }
  assert.deepEqual(found, wanted, what);
}

// Calls once and checks what the step expects; what it saves goes into <saved>. Gives the result. With <log> (an
// OfficeLog) it is checked, too, what the organisation was sent: what `wire` says, nothing at all by a refused call or by
// a tool that declares that it reads only.
export async function play(client, step, saved, log, readsOnly) {
  await log?.clear();
  const result = await called(client, step, saved);
  const wire = step.wire ?? (step.error !== undefined || readsOnly ? [] : undefined);
  if (log && wire) compareWire(await log.writes(), fill(wire, saved), step.tool);
  return result;
}

async function called(client, step, saved) {
  const result = await call(client, step.tool, fill(step.arguments ?? {}, saved));
  const text = textOf(result);
  if (step.error !== undefined) {
    assert.equal(result.isError, true, `${step.tool} did not fail: ${text.slice(0, 500)}`);
    assert.ok(text.includes(fill(step.error, saved)), `${step.tool}: "${text.slice(0, 500)}" has no "${step.error}"`);
    return result;
  }
  assert.ok(!result.isError, `${step.tool}: ${text.slice(0, 1000)}`);
  const expected = fill(step.expect ?? {}, saved);
  for (const key of Object.keys(expected)) assert.ok(["structured", "text"].includes(key), `expect.${key} means nothing`);
  if (expected.text) assert.ok(text.includes(expected.text), `${step.tool}: "${text.slice(0, 500)}" has no "${expected.text}"`);
  for (const [path, wanted] of Object.entries(expected.structured ?? {})) {
    compare(at(result.structuredContent, path), wanted,
      `${step.tool}, ${path} of ${JSON.stringify(result.structuredContent)?.slice(0, 1500)}`);
  }
  for (const [name, path] of Object.entries(step.save ?? {})) {
    const value = at(result, path);
    assert.notEqual(value ?? null, null, `${step.tool}: there is no ${path} to save: ${JSON.stringify(result.structuredContent)?.slice(0, 1500)}`);
    saved[name] = value;
  }
  return result;
}
