// control.js - one field of a form, made from its schema: label, control, description, error. Reading it gives
// { value }, { absent: true } or { error }. A control that nobody touched gives back exactly the value it was made with.
import { freshId, h } from "./dom.js";
import { choicesOf, fault, kindOf, parse, plain } from "./schema.js";
import { visible, words } from "./visible.js";

const INPUT_TYPES = { email: "email", uri: "url" };
const LONG = 600; // characters from which a text gets a field of several lines

// Every maker returns { node, label?, get(), focus(): void }; get() is the raw state, compared to know whether it was
// touched; value(raw) is { value }, { absent } or { error }. `group`: the node holds several controls.
const makers = {
  text(schema, value, ids) {
    const text = value === undefined || value === null ? "" : String(value);
    const long = (schema.maxLength ?? 0) > LONG || /\n/.test(text) || text.length > LONG;
    const node = long
      ? h("textarea", { ...ids, rows: Math.min(8, Math.max(2, text.split("\n").length)) })
      : h("input", { ...ids, type: INPUT_TYPES[schema.format] ?? "text" });
    node.spellcheck = !schema.pattern;
    node.value = text;
    return { node, get: () => node.value, value: (raw) => (raw === "" ? { absent: true } : parse(raw, schema)) };
  },

  whole(schema, value, ids) {
    const made = makers.text({ ...schema, maxLength: 0, format: undefined }, value, ids);
    made.node.inputMode = kindOf(schema) === "whole" && (schema.minimum ?? -1) >= 0 ? "numeric" : "decimal";
    return made;
  },

  choice(schema, value, ids, required) {
    const choices = choicesOf(schema);
    const node = h(
      "select",
      ids,
      required && value !== undefined ? null : h("option", { value: "" }, required ? "Choose…" : "—"),
      choices.map((one, i) => h("option", { value: String(i) }, visible(one.label))),
    );
    const at = choices.findIndex((one) => one.value === value);
    if (at >= 0) node.value = String(at);
    return {
      node,
      get: () => node.value,
      value: (raw) => (raw === "" ? { absent: true } : { value: choices[Number(raw)].value }),
    };
  },

  flag(schema, value, ids, required) {
    return makers.choice(
      {
        oneOf: [
          { const: true, title: "Yes" },
          { const: false, title: "No" },
        ],
      },
      value,
      ids,
      required,
    );
  },

  choices(schema, value, ids) {
    const choices = choicesOf(plain(schema.items));
    const chosen = Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
    const boxes = choices.map((one) => {
      const box = h("input", { type: "checkbox" });
      box.checked = chosen.includes(one.value);
      return box;
    });
    const node = h(
      "div",
      { ...ids, role: "group", class: "boxes" },
      choices.map((one, i) => h("label", { class: "check" }, boxes[i], h("span", {}, visible(one.label)))),
    );
    const get = () => boxes.map((box) => (box.checked ? "1" : "0")).join("");
    const values = (raw) => choices.filter((one, i) => raw[i] === "1").map((one) => one.value);
    return {
      node,
      group: true,
      get,
      focus: () => boxes[0]?.focus(),
      value: (raw) => (/1/.test(raw) ? { value: values(raw) } : { absent: true }),
    };
  },

  lines(schema, value, ids) {
    const list = Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
    if (list.some((item) => typeof item === "string" && item.includes("\n"))) return makers.json(schema, value, ids);
    const node = h("textarea", { ...ids, rows: Math.min(8, Math.max(2, list.length)) });
    node.value = list.join("\n");
    const read = (raw) => {
      const items = raw
        .split("\n")
        .filter((line) => line.trim() !== "")
        .map((line) => parse(line, plain(schema.items)));
      const wrong = items.findIndex((item) => item.error);
      if (wrong >= 0) return { error: `line ${wrong + 1} ${items[wrong].error}` };
      return items.length === 0 ? { absent: true } : { value: items.map((item) => item.value) };
    };
    return { node, hint: "One per line.", get: () => node.value, value: read };
  },

  json(schema, value, ids) {
    const text = value === undefined || value === null ? "" : JSON.stringify(value, null, 2);
    const node = h("textarea", { ...ids, class: "code", rows: Math.min(12, Math.max(3, text.split("\n").length)) });
    node.spellcheck = false;
    node.value = text;
    const read = (raw) => {
      if (raw.trim() === "") return { absent: true };
      try {
        return { value: JSON.parse(raw) };
      } catch {
        return { error: 'must be JSON: {"name": "value"}, ["one", "two"], "text" or 3' };
      }
    };
    return { node, hint: "As JSON.", get: () => node.value, value: read };
  },
};
makers.number = makers.whole;
makers.mixed = makers.text;

// read() of a control: what was there if untouched, else the new value held against its schema.
function reader(made, schema, original, required) {
  const before = made.get();
  return () => {
    const raw = made.get();
    if (raw === before && original !== undefined) return { value: original };
    const result = made.value(raw);
    if (result.absent && required) return original !== undefined && acceptsEmpty(schema) ? { value: "" } : { error: "is needed" };
    if (result.error || result.absent) return result;
    const wrong = fault(result.value, schema);
    return wrong ? { error: wrong } : result;
  };
}

const sentences = (...parts) =>
  parts
    .filter(Boolean)
    .map((part) => (/[.!?:)]\s*$/.test(part) ? part : `${part}.`))
    .join(" ");
const acceptsEmpty = (schema) => kindOf(schema) === "text" && !schema.minLength && !schema.pattern && !schema.format;

// { node, read(), isTouched(), focus(), show(error) }. <original>: the value to begin with, undefined for none.
export function control(name, rawSchema, { required = false, original = undefined } = {}) {
  const schema = plain(rawSchema);
  const id = freshId("field");
  const [describedId, errorId] = [`${id}-about`, `${id}-error`];
  const start = original === undefined ? schema.default : original;
  const title = schema.title ?? words(name);
  const made = makers[kindOf(schema)](schema, start, { id, "aria-describedby": `${describedId} ${errorId}` }, required);
  const untouched = made.get();
  const label = h(
    made.group ? "p" : "label",
    { class: "label", id: `${id}-label`, for: made.group ? null : id },
    visible(title),
    required ? h("span", { class: "needed" }, " needed") : null,
  );
  if (made.group) made.node.setAttribute("aria-labelledby", `${id}-label`);
  else if (required) made.node.required = true;
  const about = h("p", { class: "hint", id: describedId }, visible(sentences(schema.description, made.hint)));
  const error = h("p", { class: "field-error", id: errorId, hidden: true });
  const node = h("div", { class: "field" }, label, about, made.node, error);
  return {
    name,
    node,
    read: reader(made, schema, original, required),
    isTouched: () => made.get() !== untouched,
    focus: () => (made.focus ? made.focus() : made.node.focus()),
    show(text) {
      error.hidden = !text;
      error.textContent = text ? `${visible(title)} ${text}.` : "";
      made.node.setAttribute("aria-invalid", text ? "true" : "false");
    },
  };
}
