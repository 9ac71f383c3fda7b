// composer.js - the message field. Enter sends and Shift+Enter begins a line; on touch screens Enter begins a line.
import { byId } from "./dom.js";

const TALLEST = 200;

export class Composer {
  #field = byId("message");
  #send = byId("send");
  #stop = byId("stop");
  #state = { connected: false, running: false };
  #history = [];
  #at = 0;

  // ask(text) gives false when it could not be sent; stop() ends the running turn.
  constructor({ ask, stop }) {
    const touch = matchMedia("(pointer: coarse)");
    byId("message-hint").textContent = touch.matches ? "" : "Enter sends, Shift+Enter begins a new line";
    this.submit = () => {
      const text = this.#field.value.trim();
      if (text === "" || this.#send.disabled || ask(text) === false) return;
      this.#history.push(text);
      this.#at = this.#history.length;
      this.set("");
    };
    byId("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.#stop.addEventListener("click", () => {
      stop();
      this.focus();
    });
    this.#field.addEventListener("input", () => this.#fit());
    this.#field.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "Enter" && !event.shiftKey && !touch.matches) {
        event.preventDefault();
        this.submit();
      } else if (event.key === "ArrowUp" && (this.#field.value === "" || this.#field.value === this.#history[this.#at]))
        this.#recall(event, -1);
      else if (event.key === "ArrowDown" && this.#field.value !== "" && this.#field.value === this.#history[this.#at])
        this.#recall(event, 1);
    });
    this.update({});
  }

  // What was said before, as in a shell.
  #recall(event, step) {
    const at = this.#at + step;
    if (at < 0 || at > this.#history.length) return;
    event.preventDefault();
    this.#at = at;
    this.set(this.#history[at] ?? "");
  }

  #fit() {
    this.#field.style.height = "auto";
    this.#field.style.height = `${Math.min(TALLEST, this.#field.scrollHeight)}px`;
  }

  update(state) {
    Object.assign(this.#state, state);
    const { connected, running } = this.#state;
    this.#stop.hidden = !running;
    this.#send.hidden = running;
    this.#send.disabled = !connected;
    this.#stop.disabled = !connected;
  }

  set(text) {
    this.#field.value = text;
    this.#fit();
  }

  get text() {
    return this.#field.value;
  }
  focus() {
    this.#field.focus();
  }
}
