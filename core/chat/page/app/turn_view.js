// turn_view.js - one question and all that follows from it, in the order it came: text as it streams, tool cards, the answer.
import { h, replace } from "./dom.js";
import { drafted } from "./draft.js";
import { sanitised } from "./html.js";
import { duration, visible } from "./visible.js";

const STOPS = {
  length: "The answer was cut: it became too long.",
  cancelled: "Stopped.",
  limit: "Stopped at a limit.",
  refusal: "The model declined to answer.",
  other: "The model ended without a reason.",
};

const LONG = 3000; // ms from which it is told how long a turn took

const MUCH = 8000; // characters
const [OFTEN, SELDOM] = [16, 250]; // ms between two drawings

export class TurnView {
  #body = h("div", { class: "turn-body" });
  #texts = []; // { node, text }: the pieces since the last tool call
  #open = false; // whether the last of them still grows
  #timer = 0;
  #thinking = h(
    "p",
    { class: "thinking" },
    h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")),
    h("span", { class: "unseen" }, "Working"),
  );
  over = false;

  constructor(text) {
    this.element = h(
      "article",
      { class: "turn", tabindex: "-1" },
      text === undefined
        ? null
        : h("div", { class: "said" }, h("p", { class: "unseen" }, "You said:"), h("p", { class: "bubble" }, visible(text))),
      this.#body,
    );
    this.#body.append(this.#thinking);
  }

  delta(text) {
    if (!this.#open) {
      this.#texts.push({ node: h("div", { class: "answer streaming" }), text: "" });
      this.#body.insertBefore(this.#texts.at(-1).node, this.#thinking);
      this.#open = true;
    }
    const last = this.#texts.at(-1);
    last.text += text;
    this.#timer ||= setTimeout(() => this.#draw(), last.text.length > MUCH ? SELDOM : OFTEN);
  }

  // At most once a frame, however fast the model is; a long text, which is read anew each time, less often.
  #draw() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    if (!this.#open) return;
    const last = this.#texts.at(-1);
    replace(last.node, drafted(last.text));
  }

  // A card, behind what was said so far. After a tool card the model begins anew; a question only interrupts it.
  place(node, isTool) {
    this.#draw();
    this.#open = false;
    if (isTool) this.#settle();
    this.#body.insertBefore(node, this.#thinking);
  }

  #settle() {
    for (const { node } of this.#texts.splice(0)) node.classList.remove("streaming");
  }

  #end() {
    this.#draw();
    this.#open = false;
    this.over = true;
    this.#thinking.remove();
  }

  // The answer is all that was said after the last tool call: its HTML takes the place of those pieces.
  answer({ text, html, stop, duration: took }) {
    this.#end();
    if (text.trim() !== "") {
      for (const { node } of this.#texts.splice(0)) node.remove();
      this.#body.append(h("div", { class: "answer" }, html ? sanitised(html) : visible(text)));
    }
    this.#settle();
    if (STOPS[stop]) this.#body.append(h("p", { class: "hint" }, STOPS[stop]));
    if (took >= LONG) this.#body.append(h("p", { class: "meta" }, `Took ${duration(took)}`));
  }

  fail(error) {
    this.#end();
    this.#settle();
    this.#body.append(
      h("p", { class: "problem" }, visible(error.message), " ", h("span", { class: "mono code-name" }, visible(error.code))),
    );
  }

  focus() {
    this.element.focus();
  }
}
