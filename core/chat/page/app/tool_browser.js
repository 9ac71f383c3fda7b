// tool_browser.js - every tool this person may use, by domain and by words; a form for each, made from its schema.
import { effectBadge } from "./approval_card.js";
import { byId, freshId, h, replace } from "./dom.js";
import { schemaForm } from "./schema_form.js";
import { visible, words } from "./visible.js";

const OTHER = "other";

export class ToolBrowser {
  #dialog = byId("tools");
  #body = byId("tools-body");
  #back = byId("tools-back");
  #tools = null; // null: not known, or no longer true
  #search = h("input", {
    type: "search",
    id: "tool-search",
    placeholder: "Search by name or what it does",
    autocomplete: "off",
    spellcheck: "false",
  });
  #count = h("p", { class: "hint", role: "status" });
  #groups = h("div", { class: "tool-groups" });
  #call;
  #load;

  // load() promises the `tools` reply; call(name, arguments, refused) gives false without a connection.
  constructor({ load, call }) {
    this.#load = load;
    this.#call = call;
    byId("tools-close").addEventListener("click", () => this.#dialog.close());
    this.#back.addEventListener("click", () => this.open());
    this.#search.addEventListener("input", () => this.#filter());
  }

  // What is known of the tools is no longer true. A form that somebody fills in stays: the host checks what it sends.
  forget() {
    this.#tools = null;
    if (this.#dialog.open && this.#back.hidden) this.open();
  }

  close() {
    this.#dialog.close();
  }

  // name: opens that tool's form, filled in with values; complaint: why the host did not take them.
  async open(name = undefined, values = undefined, complaint = undefined) {
    if (!this.#dialog.open) this.#dialog.showModal();
    if (!this.#tools) {
      this.#back.hidden = true;
      replace(this.#body, h("p", { class: "hint", role: "status" }, "Loading…"));
      try {
        this.#tools = (await this.#load()).tools;
        if (!this.#dialog.open) return; // closed meanwhile
      } catch (error) {
        replace(this.#body, h("p", { class: "problem", role: "alert" }, visible(error.message)));
        return;
      }
    }
    const tool = this.#tools.find((one) => one.name === name);
    if (tool) this.#form(tool, values, complaint);
    else this.#list();
  }

  #list() {
    this.#back.hidden = true;
    byId("tools-title").textContent = "Tools";
    replace(
      this.#body,
      h("div", { class: "field" }, h("label", { class: "label", for: "tool-search" }, "Find a tool"), this.#search),
      this.#count,
      this.#groups,
    );
    this.#filter();
    this.#search.focus();
  }

  #filter() {
    const wanted = this.#search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = this.#tools.filter((tool) => {
      const text = `${tool.name} ${tool.title} ${tool.description} ${tool.domain} ${tool.effect}`.toLowerCase();
      return wanted.every((word) => text.includes(word));
    });
    const domains = [...new Set(found.map((tool) => tool.domain || OTHER))].sort();
    replace(
      this.#groups,
      domains.map((domain) =>
        this.#group(
          domain,
          found.filter((tool) => (tool.domain || OTHER) === domain),
        ),
      ),
    );
    this.#count.textContent = found.length === 1 ? "1 tool" : `${found.length} tools`;
  }

  #group(domain, tools) {
    const id = freshId("domain");
    return h(
      "section",
      { "aria-labelledby": id },
      h("h3", { id, class: "domain" }, visible(words(domain))),
      h(
        "ul",
        { class: "tool-list" },
        tools.map((tool) =>
          h(
            "li",
            {},
            h(
              "button",
              { type: "button", class: "tool-row", on: { click: () => this.#form(tool) } },
              h("span", { class: "tool-row-head" }, h("strong", {}, visible(tool.title)), effectBadge(tool.effect)),
              h("span", { class: "hint" }, visible(tool.description)),
            ),
          ),
        ),
      ),
    );
  }

  #form(tool, values, complaint) {
    this.#back.hidden = false;
    byId("tools-title").textContent = visible(tool.title);
    const form = schemaForm(tool.inputSchema, values);
    const problem = h("p", { class: "problem", role: "alert", hidden: true });
    const complain = (text) => {
      problem.hidden = false;
      problem.textContent = visible(text);
    };
    const submit = (event) => {
      event.preventDefault();
      const result = form.read();
      if (result.error) return;
      problem.hidden = true;
      const refused = (error) => {
        this.open(tool.name, result.value, error.message);
      };
      if (this.#call(tool.name, result.value, refused) === false) complain("There is no connection right now.");
      else this.#dialog.close();
    };
    const asks = tool.effect !== "read" && !tool.standing;
    replace(
      this.#body,
      h("div", { class: "tool-about" }, effectBadge(tool.effect), h("span", { class: "mono hint" }, visible(tool.name))),
      h("p", {}, visible(tool.description)),
      h(
        "form",
        { class: "edit", novalidate: true, autocomplete: "off", on: { submit } },
        form.node,
        problem,
        h("div", { class: "buttons" }, h("button", { type: "submit", class: "primary" }, "Call")),
        asks ? h("p", { class: "hint" }, "You will see what would be done and be asked for your yes first.") : null,
      ),
    );
    this.#body.scrollTop = 0;
    if (complaint) complain(complaint);
    if (Object.keys(tool.inputSchema.properties ?? {}).length > 0) form.focusFirst();
    else this.#body.querySelector("button[type=submit]").focus();
  }
}
