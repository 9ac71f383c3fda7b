// sign_in.js - the first screen. The key goes from the field to the connection and is taken out of the field at once.
import { byId, h, replace } from "./dom.js";
import { visible } from "./visible.js";

export class SignIn {
  #problem = byId("sign-in-problem");
  #key = byId("api-key");
  #button = byId("sign-in-button");
  #asked = false;

  // signIn({ api_key, org_id?, join? })
  constructor({ signIn }) {
    this.signIn = signIn;
    byId("sign-in").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  #submit() {
    const api_key = this.#key.value.trim();
    if (api_key === "") {
      this.#complain("Your API key is needed.");
      this.#key.setAttribute("aria-invalid", "true");
      this.#key.focus();
      return;
    }
    this.#key.value = "";
    this.#key.removeAttribute("aria-invalid");
    this.#go({ api_key, org_id: byId("org-id").value.trim() });
  }

  #go(credential) {
    this.#complain("");
    this.signIn({ ...credential, join: byId("join").checked });
  }

  #complain(text) {
    this.#problem.hidden = !text;
    this.#problem.textContent = visible(text ?? "");
  }

  busy(is) {
    this.#button.disabled = is;
    this.#button.textContent = is ? "Signing in…" : "Sign in";
    for (const button of byId("practice-people").querySelectorAll("button")) button.disabled = is;
  }

  // resuming: there is a conversation to come back to.
  show(message, resuming) {
    byId("welcome").hidden = false;
    this.busy(false);
    this.#complain(message);
    const hint = byId("sign-in-hint");
    hint.hidden = !resuming;
    hint.textContent = resuming ? "Your conversation is still here: sign in again to go on with it." : "";
    this.#practice();
    if (message) this.#problem.focus();
  }

  hide() {
    byId("welcome").hidden = true;
  }

  // The host offers made-up people only where it runs with the practice organisation.
  async #practice() {
    if (this.#asked) return;
    this.#asked = true;
    let people;
    try {
      const answer = await fetch("practice/people", { headers: { Accept: "application/json" }, credentials: "omit" });
      if (!answer.ok) return;
      people = await answer.json();
    } catch {
      this.#asked = false; // asked again when this screen is shown again
      return;
    }
    if (!Array.isArray(people) || people.length === 0) return;
    replace(
      byId("practice-people"),
      people.map((one) =>
        h(
          "button",
          { type: "button", class: "person", on: { click: () => this.#go({ api_key: one.api_key, org_id: one.org_id }) } },
          h("span", { class: "avatar", "aria-hidden": "true" }, initials(one.name)),
          h(
            "span",
            { class: "person-names" },
            h("strong", {}, visible(one.name)),
            h("span", { class: "hint" }, visible(`${one.role}, ${one.org_name}`)),
          ),
        ),
      ),
    );
    byId("practice").hidden = false;
  }
}

export const initials = (name) =>
  visible(name)
    .split(/\s+/)
    .filter(Boolean)
    .slice(0, 2)
    .map((word) => [...word][0].toUpperCase())
    .join("");
