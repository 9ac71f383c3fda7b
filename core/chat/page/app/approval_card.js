// approval_card.js - what is asked for, exactly as it would run, and the person's yes or no. The host decides on the
// digests it sent; nothing shown or changed here can widen what was approved.
import { freshId, h, replace } from "./dom.js";
import { schemaForm } from "./schema_form.js";
import { shown, visible, words } from "./visible.js";

// A card that slides under a finger must not be a yes: for this long after it appears its buttons do nothing.
const GUARD = 500;
const EFFECTS = { read: "looks only", add: "adds something", change: "changes something", remove: "removes something" };
const OUTCOMES = {
  approved: "Approved",
  edited: "Approved with changes",
  denied: "Denied",
  expired: "Not answered in time",
  changed: "The tool was changed meanwhile: not run",
  cancelled: "Cancelled",
};

export const effectBadge = (effect) => h("span", { class: `badge effect-${effect}`, title: EFFECTS[effect] ?? "" }, effect);

function line(one) {
  return [
    h("dt", {}, visible(one.path === `/${one.label}` ? words(one.label) : one.label)),
    h(
      "dd",
      {},
      one.name ? h("strong", { class: "named" }, visible(one.name), " ") : null,
      h("span", { class: "exact" }, visible(one.text)),
      one.odd ? h("span", { class: "odd" }, " Contains hidden characters, shown as codes.") : null,
    ),
  ];
}

function beforeAfter(request) {
  if (request.before === undefined && request.after === undefined) return null;
  const half = (title, text) =>
    text === undefined
      ? null
      : h("div", { class: "half" }, h("p", { class: "label" }, title), h("pre", { tabindex: "0" }, visible(text)));
  return h("div", { class: "compare" }, half("Now", request.before), half("After", request.after));
}

export class ApprovalCard {
  #request;
  #actions;
  #status = h("p", { class: "card-status", role: "status" });
  #body = h("div", { class: "approval-body" });
  #buttons = [];
  closed = false;

  // actions: approve({ scope, arguments? }, refused), deny({ reason? }, refused); both give false without a connection.
  constructor(request, actions) {
    this.#request = request;
    this.#actions = actions;
    const titleId = freshId("approval");
    this.element = h(
      "section",
      { class: `approval effect-${request.effect}`, tabindex: "-1", "aria-labelledby": titleId },
      h(
        "h3",
        { id: titleId, class: "approval-title" },
        `${visible(request.title)}${request.target ? `: ${visible(request.target)}` : ""}?`,
        h("span", { class: "unseen" }, ` This ${EFFECTS[request.effect] ?? ""}.`),
      ),
      h("p", { class: "hint" }, visible(request.about)),
      this.#body,
      this.#status,
    );
    this.#ask();
  }

  focus() {
    this.element.focus();
  }

  #button(attributes, label, click) {
    const button = h("button", { type: "button", ...attributes, on: { click } }, label);
    this.#buttons.push(button);
    return button;
  }

  #show(...children) {
    replace(this.#body, ...children);
    this.#status.textContent = "";
  }

  #ask() {
    this.#buttons = [];
    const { lines, effect, scopes, expires_at } = this.#request;
    const edit = this.#button({}, "Edit…", () => this.#edit());
    const deny = this.#button({}, "Deny…", () => this.#refuse());
    const yes = this.#button({ class: effect === "remove" ? "danger" : "primary" }, "Approve", () =>
      this.#approve({ scope: "once" }),
    );
    const always = scopes.includes("session")
      ? this.#button({ title: "This tool, as it is now, asks no more until you sign out" }, "Approve for this session", () =>
          this.#approve({ scope: "session" }),
        )
      : null;
    this.#guard(yes, always);
    const until = new Date(expires_at);
    this.#show(
      lines.length > 0 ? h("dl", { class: "lines" }, lines.map(line)) : h("p", { class: "hint" }, "Without arguments."),
      beforeAfter(this.#request),
      h(
        "details",
        { class: "raw" },
        h("summary", {}, "Exact arguments"),
        h("pre", { tabindex: "0" }, shown(this.#request.arguments)),
      ),
      h("div", { class: "buttons" }, yes, always, edit, deny),
      h(
        "p",
        { class: "hint" },
        "Waits until ",
        h("time", { datetime: expires_at }, until.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })),
        ".",
      ),
    );
  }

  #guard(...buttons) {
    const guarded = buttons.filter(Boolean);
    for (const button of guarded) button.disabled = true;
    setTimeout(() => {
      if (!this.closed) for (const button of guarded) button.disabled = false;
    }, GUARD);
  }

  #edit() {
    this.#buttons = [];
    const form = schemaForm(this.#request.schema, this.#request.arguments);
    const submit = (event) => {
      event.preventDefault();
      const result = form.read();
      if (!result.error) this.#approve({ scope: "once", arguments: result.value });
    };
    const yes = h("button", { type: "submit", class: "primary" }, "Approve with changes");
    this.#buttons.push(yes);
    this.#show(
      h(
        "form",
        { class: "edit", novalidate: true, autocomplete: "off", on: { submit } },
        form.node,
        h(
          "div",
          { class: "buttons" },
          yes,
          this.#button({}, "Back", () => {
            this.#ask();
            this.focus();
          }),
        ),
      ),
    );
    form.focusFirst();
  }

  #refuse() {
    this.#buttons = [];
    const id = freshId("reason");
    const input = h("textarea", { id, rows: 2, maxlength: 1000, "aria-describedby": `${id}-hint` });
    const submit = (event) => {
      event.preventDefault();
      this.#act("deny", input.value.trim() ? { reason: input.value.trim() } : {});
    };
    const no = h("button", { type: "submit", class: "danger" }, "Deny");
    this.#buttons.push(no);
    this.#show(
      h(
        "form",
        { class: "edit", autocomplete: "off", on: { submit } },
        h(
          "div",
          { class: "field" },
          h("label", { class: "label", for: id }, "Why not?"),
          h("p", { class: "hint", id: `${id}-hint` }, "May stay empty. The assistant reads it and can try another way."),
          input,
        ),
        h(
          "div",
          { class: "buttons" },
          no,
          this.#button({}, "Back", () => {
            this.#ask();
            this.focus();
          }),
        ),
      ),
    );
    input.focus();
  }

  #approve(choice) {
    this.#act("approve", choice);
  }

  #act(kind, choice) {
    const refused = (error) => {
      this.wake();
      this.#status.textContent = visible(error.message);
    };
    if (!this.#actions[kind](choice, refused)) {
      this.#status.textContent = "There is no connection right now. The card stays; try again in a moment.";
      return;
    }
    // A disabled button loses the focus at some later moment: whoever had it here is to be found here at the end.
    if (this.element.contains(document.activeElement)) this.focus();
    for (const button of this.#buttons) button.disabled = true;
    this.#status.textContent = kind === "approve" ? "Approving…" : "Denying…";
  }

  // What was sent did not arrive, or was refused: it can be answered again.
  wake() {
    if (this.closed) return;
    for (const button of this.#buttons) button.disabled = false;
    this.#status.textContent = "";
  }

  // The host says that the card is done with.
  close(outcome, reason) {
    this.closed = true;
    const had = this.element.contains(document.activeElement);
    this.#buttons = [];
    this.element.className = `approval closed outcome-${outcome}`;
    replace(this.#body);
    this.#status.textContent = `${OUTCOMES[outcome] ?? visible(outcome)}${reason ? `: ${visible(reason)}` : ""}`;
    return had;
  }
}
