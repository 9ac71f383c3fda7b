// question_card.js - a running call, or a limit that was met, asks the person: a form, a page to open, or whether to go on.
import { freshId, h, replace } from "./dom.js";
import { link } from "./html.js";
import { schemaForm } from "./schema_form.js";
import { visible } from "./visible.js";

const OUTCOMES = { accept: "Answered", decline: "Declined", cancel: "Cancelled", expired: "Not answered in time" };

export class QuestionCard {
  #actions;
  #question;
  #status = h("p", { class: "card-status", role: "status" });
  #body = h("div", { class: "approval-body" });
  #buttons = [];
  closed = false;

  // actions.reply({ action, content? }, refused) gives false without a connection.
  constructor(question, actions) {
    this.#question = question;
    this.#actions = actions;
    const titleId = freshId("question");
    this.element = h(
      "section",
      { class: "approval question", tabindex: "-1", "aria-labelledby": titleId },
      h("h3", { id: titleId, class: "approval-title" }, visible(question.message)),
      this.#body,
      this.#status,
    );
    replace(this.#body, this.#parts());
  }

  focus() {
    this.element.focus();
  }

  #button(label, action, attributes = {}) {
    const button = h("button", { type: "button", ...attributes, on: { click: () => this.#reply(action) } }, label);
    this.#buttons.push(button);
    return button;
  }

  #parts() {
    switch (this.#question.kind) {
      case "form":
        return this.#form();
      case "url":
        return [
          h("p", { class: "address" }, link(this.#question.url ?? "", this.#question.url ?? "")),
          h("p", { class: "hint" }, "Opens in a new window. Look at the address before you agree."),
          h(
            "div",
            { class: "buttons" },
            this.#button("I agree to open it", "accept", { class: "primary" }),
            this.#button("Decline", "decline"),
          ),
        ];
      default:
        return [
          h(
            "div",
            { class: "buttons" },
            this.#button("Continue", "accept", { class: "primary" }),
            this.#button("Stop here", "decline"),
          ),
        ];
    }
  }

  #form() {
    const form = schemaForm(this.#question.schema ?? { type: "object" });
    const submit = (event) => {
      event.preventDefault();
      const result = form.read();
      if (!result.error) this.#reply("accept", result.value);
    };
    const send = h("button", { type: "submit", class: "primary" }, "Answer");
    this.#buttons.push(send);
    return [
      h(
        "form",
        { class: "edit", novalidate: true, autocomplete: "off", on: { submit } },
        form.node,
        h("div", { class: "buttons" }, send, this.#button("Decline", "decline"), this.#button("Cancel", "cancel")),
      ),
    ];
  }

  #reply(action, content) {
    const refused = (error) => {
      this.wake();
      this.#status.textContent = visible(error.message);
    };
    if (!this.#actions.reply(content === undefined ? { action } : { action, content }, refused)) {
      this.#status.textContent = "There is no connection right now. The question stays; try again in a moment.";
      return;
    }
    // A disabled button loses the focus at some later moment: whoever had it here is to be found here at the end.
    if (this.element.contains(document.activeElement)) this.focus();
    for (const button of this.#buttons) button.disabled = true;
    this.#status.textContent = "Sending…";
  }

  wake() {
    if (this.closed) return;
    for (const button of this.#buttons) button.disabled = false;
    this.#status.textContent = "";
  }

  close(outcome) {
    this.closed = true;
    const had = this.element.contains(document.activeElement);
    this.#buttons = [];
    this.element.classList.add("closed", `outcome-${outcome}`);
    replace(this.#body);
    this.#status.textContent = OUTCOMES[outcome] ?? visible(outcome);
    return had;
  }
}
