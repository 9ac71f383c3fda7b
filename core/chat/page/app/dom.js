// dom.js - elements made from data. Text becomes text nodes and nothing else; no markup is parsed here (html.js does that).

// h("button", { class: "quiet", on: { click: send } }, "Send"). An attribute of true is set empty, false, null and
// undefined are left out. Children: nodes, text, arrays of these, or nothing.
export function h(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (key === "on") {
      for (const [event, handler] of Object.entries(value)) element.addEventListener(event, handler);
    } else if (key === "class") {
      element.className = value ?? "";
    } else if (key === "value") {
      element.value = value ?? "";
    } else if (/^on|^style$|^srcdoc$/.test(key)) {
      throw new Error(`an attribute ${key} is not allowed`);
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(key, value === true ? "" : String(value));
    }
  }
  element.append(
    ...children
      .flat(Infinity)
      .filter((child) => child !== null && child !== undefined && child !== false)
      .map((child) => (child instanceof Node ? child : document.createTextNode(String(child)))),
  );
  return element;
}

export function replace(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

let last = 0;
// An id for labels and descriptions; unique on the page.
export function freshId(prefix) {
  last += 1;
  return `${prefix}-${last}`;
}

export const byId = (id) => document.getElementById(id);
