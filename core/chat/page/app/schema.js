// schema.js - what of a JSON Schema a form needs to know: the kind of control, its choices, its bounds, and whether a text
// fits. The host checks everything again; this only helps before sending.

const typesOf = (schema) => (Array.isArray(schema?.type) ? schema.type : schema?.type ? [schema.type] : []);

// Alternatives: of "one value or a list of them" the list, and never the null that only says "may be left out".
export function plain(schema) {
  if (schema === null || typeof schema !== "object") return {};
  const either = schema.anyOf ?? schema.oneOf;
  if (!Array.isArray(either) || choicesOf(schema)) return schema;
  const real = either.filter((one) => one?.type !== "null");
  const list = real.find((one) => typesOf(one).includes("array"));
  const { anyOf: _a, oneOf: _o, ...rest } = schema;
  if (list) return { ...rest, ...list };
  return real.length === 1 ? { ...rest, ...real[0] } : rest;
}

// [{ value, label }] or null.
export function choicesOf(schema) {
  if (Array.isArray(schema.enum)) {
    const names = Array.isArray(schema.enumNames) ? schema.enumNames : [];
    return schema.enum.filter((value) => value !== null).map((value, i) => ({ value, label: String(names[i] ?? value) }));
  }
  const titled = schema.oneOf ?? schema.anyOf;
  if (
    Array.isArray(titled) &&
    titled.length > 0 &&
    titled.every((one) => one !== null && typeof one === "object" && "const" in one)
  ) {
    return titled.map((one) => ({ value: one.const, label: String(one.title ?? one.const) }));
  }
  return null;
}

// One of: choice, flag, whole, number, text, mixed (a text or a number), choices, lines, object, json.
export function kindOf(schema) {
  if (choicesOf(schema)) return "choice";
  const types = typesOf(schema).filter((type) => type !== "null");
  if (types.length === 1) {
    switch (types[0]) {
      case "boolean":
        return "flag";
      case "integer":
        return "whole";
      case "number":
        return "number";
      case "string":
        return "text";
      case "array":
        return kindOfList(plain(schema.items));
      case "object":
        return schema.properties && Object.keys(schema.properties).length > 0 ? "object" : "json";
      default:
        return "json";
    }
  }
  return types.length > 0 && types.every((type) => ["string", "integer", "number"].includes(type)) ? "mixed" : "json";
}

function kindOfList(items) {
  if (choicesOf(items)) return "choices";
  return ["text", "whole", "number", "mixed"].includes(kindOf(items)) ? "lines" : "json";
}

// A text as the value its schema wants. { value } or { error }.
export function parse(text, schema) {
  switch (kindOf(schema)) {
    case "whole":
      return /^[+-]?\d{1,15}$/.test(text.trim()) ? { value: Number(text) } : { error: "must be a whole number" };
    case "number":
      return text.trim() !== "" && Number.isFinite(Number(text)) ? { value: Number(text) } : { error: "must be a number" };
    case "mixed":
      return { value: /^(0|-?[1-9]\d{0,14})$/.test(text.trim()) ? Number(text) : text };
    default:
      return { value: text };
  }
}

const many = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

function textFault(text, schema) {
  const length = [...text].length;
  if (length < (schema.minLength ?? 0))
    return length === 0 ? "must not be empty" : `must have at least ${many(schema.minLength, "character")}`;
  if (length > (schema.maxLength ?? Infinity))
    return `must have at most ${many(schema.maxLength, "character")}; it has ${length}`;
  if (schema.pattern === undefined) return null;
  let pattern;
  try {
    pattern = new RegExp(schema.pattern, "u");
  } catch {
    return null; // not a pattern of this language: the host knows
  }
  if (pattern.test(text)) return null;
  return schema.pattern === "^[a-f0-9]{32}$"
    ? "must be an id of 32 characters, 0-9 and a-f"
    : `does not have the right form (${schema.pattern})`;
}

function numberFault(value, schema) {
  if (value < (schema.minimum ?? -Infinity)) return `must be at least ${schema.minimum}`;
  if (value > (schema.maximum ?? Infinity)) return `must be at most ${schema.maximum}`;
  return null;
}

// What is wrong with a value in words, or null.
export function fault(value, schema) {
  if (typeof value === "string") return textFault(value, schema);
  if (typeof value === "number") return numberFault(value, schema);
  if (!Array.isArray(value)) return null;
  if (value.length < (schema.minItems ?? 0)) return `needs at least ${schema.minItems}`;
  if (value.length > (schema.maxItems ?? Infinity)) return `takes at most ${schema.maxItems}; there are ${value.length}`;
  for (const [i, item] of value.entries()) {
    const wrong = fault(item, plain(schema.items));
    if (wrong) return `number ${i + 1} ${wrong}`;
  }
  return null;
}
