// tool_card.js - one run of one tool: what it is called with, its state, how long it took, what came back; the approval
// and the questions that belong to it stand inside.
import { h, replace } from "./dom.js";
import { effectBadge } from "./approval_card.js";
import { icon } from "./icons.js";
import { duration, shown, visible, words } from "./visible.js";

const STATES = {
  running: "Running",
  waiting: "Waits for your yes",
  asking: "Has a question",
  done: "Done",
  failed: "Failed",
  denied: "Denied",
  cancelled: "Stopped",
};
const ICONS = { asking: "waiting", cancelled: "denied" };
const TICK = 1000;

const stateOf = (result) =>
  result.ok ? "done" : result.code === "denied" ? "denied" : result.code === "cancelled" ? "cancelled" : "failed";
const isEmpty = (value) => value !== null && typeof value === "object" && Object.keys(value).length === 0;

function table(values) {
  if (values === null || typeof values !== "object" || Array.isArray(values)) return h("pre", { tabindex: "0" }, shown(values));
  return h(
    "dl",
    { class: "lines" },
    Object.entries(values).map(([name, value]) => [
      h("dt", {}, visible(words(name))),
      h("dd", {}, h("span", { class: "exact" }, shown(value))),
    ]),
  );
}

export class ToolCard {
  #call;
  #state = "running";
  #started = performance.now();
  #sign = h("span", { class: "sign" });
  #label = h("span", { class: "state" });
  #time = h("span", { class: "took" });
  #bar = h("div", { class: "progress", hidden: true });
  #output = h("div", { class: "output" });
  #inside = h("div", { class: "inside" }); // approval and questions
  #stop;
  #details;
  #timer;

  // actions: cancel(call), again(tool, arguments).
  constructor(call, actions) {
    this.#call = call;
    const direct = call.turn === undefined;
    this.#stop = h(
      "button",
      { type: "button", class: "small", on: { click: () => actions.cancel(call.call) } },
      "Stop ",
      h("span", { class: "unseen" }, visible(call.title)),
    );
    this.again = direct
      ? h(
          "button",
          { type: "button", class: "small", hidden: true, on: { click: () => actions.again(call.tool, call.arguments) } },
          "Call again…",
        )
      : null;
    this.#details = h(
      "details",
      { class: "tool-details", open: direct },
      h(
        "summary",
        { class: "tool-head" },
        this.#sign,
        h("span", { class: "tool-title" }, visible(call.title)),
        effectBadge(call.effect),
        h("span", { class: "tool-state" }, this.#label, this.#time),
      ),
      h(
        "div",
        { class: "tool-body" },
        isEmpty(call.arguments) ? null : [h("p", { class: "label" }, "Called with"), table(call.arguments)],
        this.#output,
        h("p", { class: "hint mono" }, visible(call.tool)),
      ),
    );
    this.element = h(
      "article",
      { class: "tool", tabindex: "-1", "aria-label": `Tool: ${visible(call.title)}` },
      this.#details,
      this.#bar,
      this.#inside,
      h("div", { class: "buttons tool-buttons" }, this.#stop, this.again),
    );
    this.#timer = setInterval(() => this.#tick(), TICK);
    this.#enter("running");
  }

  get title() {
    return this.#call.title;
  }
  get isOver() {
    return !["running", "waiting", "asking"].includes(this.#state);
  }
  focus() {
    this.element.focus();
  }

  #enter(state) {
    this.#state = state;
    this.element.dataset.state = state;
    replace(this.#sign, icon(ICONS[state] ?? state));
    this.#label.textContent = STATES[state];
    this.#stop.hidden = state !== "running";
    if (state === "running") this.#started = performance.now();
    else this.#time.textContent = "";
  }

  #tick() {
    const spent = performance.now() - this.#started;
    if (this.#state === "running" && spent > TICK) this.#time.textContent = duration(Math.floor(spent / 1000) * 1000);
  }

  progress({ done, total, message }) {
    const known = typeof done === "number" && typeof total === "number" && total > 0;
    const bar = known ? h("progress", { max: total, value: null }) : h("progress", {});
    if (known) bar.value = done;
    bar.setAttribute("aria-label", `Progress of ${visible(this.#call.title)}`);
    this.#bar.hidden = this.isOver;
    replace(this.#bar, bar, message ? h("span", { class: "hint" }, visible(message)) : null);
  }

  // An approval or a question of this call.
  hold(card, kind) {
    this.#inside.append(card.element);
    this.#enter(kind === "approval" ? "waiting" : "asking");
  }

  release() {
    if (!this.isOver) this.#enter("running");
  }

  finish(result) {
    clearInterval(this.#timer);
    this.#enter(stateOf(result));
    this.#bar.hidden = true;
    if (this.again) this.again.hidden = false;
    this.#time.textContent = result.again ? "from before" : duration(result.duration);
    const failed = this.#state === "failed";
    if (failed) this.#details.open = true;
    replace(
      this.#output,
      result.text
        ? [
            h("p", { class: "label" }, failed ? `What went wrong (${visible(result.code)})` : "Result"),
            h("pre", { class: "result", tabindex: "0" }, visible(result.text)),
          ]
        : null,
      result.cut ? h("p", { class: "hint" }, "It was longer; this is the beginning.") : null,
      result.data === undefined
        ? null
        : h("details", { class: "raw" }, h("summary", {}, "Structured data"), h("pre", { tabindex: "0" }, shown(result.data))),
    );
  }

  // Its turn is over and no result came.
  abandon() {
    if (this.isOver) return;
    clearInterval(this.#timer);
    this.#enter("cancelled");
  }

  dispose() {
    clearInterval(this.#timer);
  }
}
