// html.js - the host's safe HTML of an answer, once more made safe here: parsed into an inert document (no script runs,
// nothing loads), then built anew from an allow list. What is not on the list leaves only its text.
import { h } from "./dom.js";
import { visible } from "./visible.js";

const ALLOWED = new Set([
  "p",
  "br",
  "hr",
  "em",
  "strong",
  "code",
  "pre",
  "ul",
  "ol",
  "li",
  "blockquote",
  "h1",
  "h2",
  "h3",
  "h4",
  "h5",
  "h6",
  "table",
  "thead",
  "tbody",
  "tr",
  "th",
  "td",
  "del",
]);
const DROPPED = new Set([
  "script",
  "style",
  "template",
  "iframe",
  "object",
  "embed",
  "svg",
  "math",
  "noscript",
  "textarea",
  "select",
  "title",
]);
const DEEPEST = 64;
const NODES_MOST = 20000;

// The one place where text becomes markup: the policy name is the one the headers allow, and only this file can reach it.
const policy = globalThis.trustedTypes?.createPolicy("answer", { createHTML: (text) => text });

function parse(text) {
  return new DOMParser().parseFromString(policy ? policy.createHTML(text) : text, "text/html").body;
}

// http and https only; no credentials in it. Null for everything else.
export function safeLink(address) {
  let url;
  try {
    url = new URL(address);
  } catch {
    return null;
  }
  if ((url.protocol !== "https:" && url.protocol !== "http:") || url.username || url.password) return null;
  return url.href;
}

// A link leads where it says: when its text is not its address, the address stands behind it.
export function link(address, ...children) {
  const href = safeLink(address);
  if (!href) return h("span", {}, ...children);
  const made = h("a", { href, rel: "noopener noreferrer nofollow", target: "_blank" }, ...children);
  if (made.textContent.trim() === "") made.append(visible(href));
  const says = made.textContent.trim();
  return says === href || says === address ? made : h("span", {}, made, h("span", { class: "address" }, ` (${visible(href)})`));
}

function copyChildren(from, to, state, depth) {
  for (const node of from.childNodes) {
    if (state.left <= 0 || depth > DEEPEST) return;
    state.left -= 1;
    if (node.nodeType === Node.TEXT_NODE) to.append(visible(node.data));
    else if (node.nodeType === Node.ELEMENT_NODE) copyElement(node, to, state, depth);
  }
}

function copyElement(node, to, state, depth) {
  const name = node.localName;
  if (node.namespaceURI !== "http://www.w3.org/1999/xhtml" || DROPPED.has(name)) return;
  if (name === "img") {
    // never loaded: what it stands for is shown instead
    to.append(link(node.getAttribute("src") ?? "", visible(node.getAttribute("alt") || "image")));
  } else if (name === "a") {
    const inside = document.createDocumentFragment();
    copyChildren(node, inside, state, depth + 1);
    to.append(link(node.getAttribute("href") ?? "", inside));
  } else if (ALLOWED.has(name)) {
    const made = document.createElement(name);
    const start = node.getAttribute("start");
    if (name === "ol" && /^\d{1,9}$/.test(start ?? "")) made.setAttribute("start", start);
    if (name === "pre") made.tabIndex = 0; // can be scrolled by keyboard
    copyChildren(node, made, state, depth + 1);
    to.append(made);
  } else {
    copyChildren(node, to, state, depth + 1);
  }
}

// A fragment to append. <text> is untrusted.
export function sanitised(text) {
  const result = document.createDocumentFragment();
  copyChildren(parse(text), result, { left: NODES_MOST }, 0);
  return result;
}
