// draft.js - Markdown while it streams in, so that nobody watches asterisks: paragraphs, headings, lists, code, bold, emphasis.
// A sketch until the host's HTML of the whole answer replaces it; makes elements from text nodes, never from markup.
import { h } from "./dom.js";
import { visible } from "./visible.js";

const INLINE = /(`[^`\n]+`)|(\*\*[^*\n]+\*\*)|(\*[^*\s][^*\n]*\*)/g;

function inline(text) {
  const nodes = [];
  let at = 0;
  for (const found of text.matchAll(INLINE)) {
    nodes.push(visible(text.slice(at, found.index)));
    const [all, code, strong] = found;
    nodes.push(
      code
        ? h("code", {}, visible(all.slice(1, -1)))
        : strong
          ? h("strong", {}, visible(all.slice(2, -2)))
          : h("em", {}, visible(all.slice(1, -1))),
    );
    at = found.index + all.length;
  }
  nodes.push(visible(text.slice(at).replace(/\*\*([^*]*)$/, "$1"))); // the closing stars are still to come
  return nodes;
}

function classify(line) {
  const heading = /^(#{1,6})\s+(.*)$/.exec(line);
  if (heading) return { kind: `h${Math.max(3, heading[1].length)}`, text: heading[2] };
  const bullet = /^\s*[-*+]\s+(.*)$/.exec(line);
  if (bullet) return { kind: "ul", text: bullet[1] };
  const numbered = /^\s*(\d{1,9})[.)]\s+(.*)$/.exec(line);
  if (numbered) return { kind: "ol", text: numbered[2], start: numbered[1] };
  return { kind: line.trim() === "" ? "gap" : "p", text: line };
}

// Blocks of one kind that follow one another belong together: the items of a list, the lines of a paragraph.
export function drafted(text) {
  const made = document.createDocumentFragment();
  let code = null;
  let open = null; // { kind, node }
  for (const line of text.split("\n")) {
    if (/^\s*```/.test(line)) {
      code = code ? null : made.appendChild(h("pre", { tabindex: "0" }));
      open = null;
    } else if (code) code.append(visible(`${line}\n`));
    else open = add(made, open, classify(line));
  }
  return made;
}

function add(made, open, { kind, text, start }) {
  if (kind === "gap") return null;
  const isList = kind === "ul" || kind === "ol";
  if (open?.kind === kind && (isList || kind === "p")) {
    if (isList) open.node.append(h("li", {}, inline(text)));
    else open.node.append("\n", ...inline(text));
    return open;
  }
  const node = isList ? h(kind, { start: kind === "ol" ? start : null }, h("li", {}, inline(text))) : h(kind, {}, inline(text));
  made.append(node);
  return { kind, node };
}
