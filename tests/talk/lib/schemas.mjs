// schemas.mjs - the published JSON Schema of each revision, as validators that also refuse fields a revision does not know.
// The schemas come from the official suite's package, which carries them for its own check of the wire. It has none of
// 2024-11-05: that one is 2025-03-26 without what was new there.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import vm from "node:vm";

const require = createRequire(import.meta.url);
const { Ajv } = require("ajv");
const { Ajv2020 } = require("ajv/dist/2020.js");
const addFormats = require("ajv-formats").default;

export const revisions = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"];

// The object literal that begins at <start>; strings in it are template literals without substitutions, or quoted.
function literalAt(text, start) {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (character === "`" || character === '"' || character === "'") {
      for (at++; text[at] !== character; at++) if (text[at] === "\\") at++;
    } else if (character === "{") depth++;
    else if (character === "}" && --depth === 0) return text.slice(start, at + 1);
  }
  throw new Error("the suite's bundle ends within a schema");
}

// Which schema is of which revision shows in what it defines: each revision brought something.
function revisionOf(definitions) {
  if (definitions.InputRequiredResult) return "2026-07-28";
  if (definitions.Icon) return "2025-11-25";
  if (definitions.ResourceLink) return "2025-06-18";
  return "2025-03-26";
}

function published() {
  const bundle = readFileSync(join(import.meta.dirname, "../../node_modules/@modelcontextprotocol/conformance/dist/index.js"),
    "utf8");
  const found = {};
  for (const { index } of bundle.matchAll(/=\{\$schema:`[^`]+`,(definitions|\$defs):\{/g)) {
    const schema = vm.runInNewContext(`(${literalAt(bundle, index + 1)})`);
    found[revisionOf(schema.$defs ?? schema.definitions)] = JSON.parse(JSON.stringify(schema));
  }
  if (Object.keys(found).length !== 4) throw new Error(`the suite's package carries schemas of: ${Object.keys(found)}`);
  const oldest = structuredClone(found["2025-03-26"]);
  const defined = oldest.definitions;
  for (const name of ["JSONRPCBatchRequest", "JSONRPCBatchResponse", "AudioContent", "ToolAnnotations"]) delete defined[name];
  delete defined.Tool.properties.annotations;
  delete defined.ServerCapabilities.properties.completions;
  delete defined.ProgressNotification.properties.params.properties.message;
  const without = (node) => {
    if (Array.isArray(node)) return node.filter((one) => !/AudioContent|JSONRPCBatch/.test(one?.$ref ?? "")).map(without);
    if (node && typeof node === "object") return Object.fromEntries(Object.entries(node).map(([key, value]) => [key,
      without(value)]));
    return node;
  };
  found["2024-11-05"] = without(oldest);
  return found;
}

// What servers may fill as they like, though the schema names a few members of it.
const open = new Set(["inputSchema", "outputSchema", "structuredContent", "error"]);

// Closes every object that says nothing about further members, so that a field from another revision is seen.
function close(node, key) {
  if (Array.isArray(node)) { for (const one of node) close(one); return; }
  if (!node || typeof node !== "object" || open.has(key)) return;
  if (node.properties && node.additionalProperties === undefined) node.additionalProperties = false;
  for (const [name, value] of Object.entries(node)) {
    if (name === "properties") for (const [property, schema] of Object.entries(value)) close(schema, property);
    else if (name !== "allOf" && name !== "default" && name !== "enum" && name !== "const") close(value, name);
  }
}

function build(revision, schema) {
  const place = schema.$defs ? "$defs" : "definitions";
  const definitions = schema[place];
  for (const bound of ["minimum", "maximum", "default"]) { // integers in older printings of these files
    const rule = definitions.NumberSchema?.properties?.[bound];
    if (rule?.type === "integer") rule.type = "number";
  }
  for (const [name, definition] of Object.entries(definitions)) if (!/^(Error|JSONRPCMessage)$/.test(name)) close(definition);
  const ajv = new (place === "$defs" ? Ajv2020 : Ajv)({ strict: false, allErrors: true });
  addFormats(ajv);
  ajv.addFormat("byte", true);
  const id = `mcp://${revision}`;
  ajv.addSchema({ ...schema, $id: id });
  const ofMethod = new Map(), ofError = new Map();
  for (const [name, definition] of Object.entries(definitions)) {
    const method = definition.properties?.method?.const;
    if (method && /(Request|Notification)$/.test(name)) ofMethod.set(method, name);
    for (const part of definition.properties?.error?.allOf ?? []) {
      const code = part.properties?.code?.const;
      if (code) ofError.set(code, name);
    }
  }
  const validators = new Map();
  return {
    revision, definitions, ofMethod, ofError,
    // The faults of <value> as a <name>, as text; empty when there are none.
    faults(name, value) {
      if (!validators.has(name)) validators.set(name, ajv.compile({ $ref: `${id}#/${place}/${name}` }));
      const validate = validators.get(name);
      if (validate(value)) return [];
      return validate.errors.slice(0, 6).map((error) =>
        `${name}${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`);
    },
  };
}

let built;
export function schemaOf(revision) {
  built ??= Object.fromEntries(Object.entries(published()).map(([name, schema]) => [name, build(name, schema)]));
  return built[revision];
}
