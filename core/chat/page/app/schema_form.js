// schema_form.js - a form from the schema of an object: a field for each property, a group for a nested object, and a
// field of JSON for members that the schema does not name, so that nothing which was there is lost by editing.
import { control } from "./control.js";
import { h } from "./dom.js";
import { kindOf, plain } from "./schema.js";
import { visible, words } from "./visible.js";

const DEEPEST = 3;

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

function group(name, schema, options, depth) {
  const inner = schemaForm(schema, options.original, depth + 1);
  const node = h(
    "fieldset",
    { class: "group" },
    h("legend", {}, visible(schema.title ?? words(name)), options.required ? h("span", { class: "needed" }, " needed") : null),
    schema.description ? h("p", { class: "hint" }, visible(schema.description)) : null,
    inner.node,
  );
  return {
    name,
    node,
    focus: inner.focusFirst,
    show() {},
    isTouched: inner.isTouched,
    read() {
      const isLeftOut = !options.required && options.original === undefined && !inner.isTouched();
      return isLeftOut ? { absent: true } : inner.read();
    },
  };
}

function part(name, rawSchema, options, depth) {
  const schema = plain(rawSchema);
  const nested = kindOf(schema) === "object" && depth < DEEPEST && (options.original === undefined || isObject(options.original));
  return nested ? group(name, schema, options, depth) : control(name, schema, options);
}

// { node, read() -> { value } or { error: true }, isTouched(), focusFirst() }. Reading shows what is wrong at its fields and puts the
// focus on the first of them.
export function schemaForm(rawSchema, values = undefined, depth = 0) {
  const schema = plain(rawSchema);
  const properties = isObject(schema.properties) ? schema.properties : {};
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  const given = isObject(values) ? values : {};
  const names = Object.keys(properties).sort((a, b) => required.has(b) - required.has(a)); // stable: needed ones first
  const parts = names.map((name) =>
    part(
      name,
      properties[name],
      { required: required.has(name), original: Object.hasOwn(given, name) ? given[name] : undefined },
      depth,
    ),
  );

  const others = Object.fromEntries(Object.entries(given).filter(([name]) => !Object.hasOwn(properties, name)));
  const open = schema.additionalProperties !== false && names.length === 0;
  const rest =
    Object.keys(others).length > 0 || open
      ? control(
          open ? "arguments" : "other arguments",
          { type: "object" },
          { original: Object.keys(others).length > 0 ? others : undefined },
        )
      : null;

  function read() {
    const value = {};
    let wrong = null;
    for (const one of rest ? [...parts, rest] : parts) {
      let result = one.read();
      if (one === rest && !result.error && !result.absent && !isObject(result.value))
        result = { error: 'must be an object: {"name": "value"}' };
      one.show(typeof result.error === "string" ? result.error : "");
      if (result.error) wrong ??= one;
      else if (one === rest) Object.assign(value, result.value);
      else if (!result.absent)
        Object.defineProperty(value, one.name, { value: result.value, enumerable: true, configurable: true, writable: true });
    }
    if (wrong && depth === 0) firstWrong(wrong);
    return wrong ? { error: true } : { value };
  }

  const all = rest ? [...parts, rest] : parts;
  const node = h(
    "div",
    { class: "fields" },
    all.length > 0 ? all.map((one) => one.node) : h("p", { class: "hint" }, "Nothing to fill in."),
  );
  const firstWrong = (one) => {
    const bad = one.node.querySelector('[aria-invalid="true"]');
    if (bad && one.node.tagName === "FIELDSET") bad.focus();
    else one.focus();
  };
  return { node, read, isTouched: () => all.some((one) => one.isTouched()), focusFirst: () => all[0]?.focus() };
}
