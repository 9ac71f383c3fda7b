// session_panel.js - who is signed in, until when, what it cost so far, the limits, and what runs without asking; and the
// one line of tokens and costs under the message field.
import { effectBadge } from "./approval_card.js";
import { byId, h, replace } from "./dom.js";
import { duration, visible } from "./visible.js";

const number = (value) => Number(value).toLocaleString("en");
const clock = (time) => new Date(time).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
const price = (cost) => (cost > 0 && cost < 0.0001 ? "less than 0.0001" : cost.toFixed(cost < 1 ? 4 : 2));

// "1,234 tokens in (1,000 from cache), 56 out, cost 0.0123"; brief: without the part in brackets.
export function usageText(tokens, brief = false) {
  const read = tokens.input_tokens + tokens.cache_read_tokens + tokens.cache_write_tokens;
  const cached = tokens.cache_read_tokens > 0 && !brief ? ` (${number(tokens.cache_read_tokens)} from cache)` : "";
  const cost = tokens.cost === undefined ? "" : `, cost ${price(tokens.cost)}`;
  return `${number(read)} tokens in${cached}, ${number(tokens.output_tokens)} out${cost}`;
}

function facts(rows) {
  return h(
    "dl",
    { class: "facts" },
    rows.filter(Boolean).map(([name, value]) => [h("dt", {}, name), h("dd", {}, visible(value))]),
  );
}

const count = (limit) => (limit === 0 ? "no limit" : number(limit));

export class SessionPanel {
  #dialog = byId("session");
  #body = byId("session-body");
  #session = null;
  #usage = null;
  #turn = null;
  #actions;

  // actions: settings(fields) promises the reply; forget(what); signOut().
  constructor(actions) {
    this.#actions = actions;
    byId("session-close").addEventListener("click", () => this.#dialog.close());
  }

  begin(session) {
    this.#session = session;
    this.#usage = session.usage;
    this.#line();
  }

  // Tokens of a finished turn and of the session so far.
  spent({ turn, session }) {
    this.#usage = session;
    this.#turn = turn;
    this.#line();
  }

  #line() {
    const { provider, model } = this.#session;
    const who = model && model !== provider ? `${provider} ${model}` : provider;
    const used = this.#usage.input_tokens + this.#usage.output_tokens > 0;
    byId("usage").textContent = visible(used ? `${who}: ${usageText(this.#usage, true)}` : who);
    byId("usage").title = this.#turn ? `Last turn: ${usageText(this.#turn)}` : "";
  }

  end() {
    this.#dialog.close();
    this.#session = this.#turn = null;
    replace(this.#body);
    byId("usage").textContent = "";
  }

  async open() {
    this.#dialog.showModal();
    await this.#show({});
  }

  async #show(fields) {
    try {
      const settings = await this.#actions.settings(fields);
      this.#usage = settings.usage;
      this.#line();
      replace(this.#body, this.#about(settings), this.#standing(settings), this.#ends());
    } catch (error) {
      replace(this.#body, h("p", { class: "problem", role: "alert" }, visible(error.message)), this.#ends());
    }
  }

  #about({ provider, model, limits }) {
    const { user, org, session, ends_at, idle, connections } = this.#session;
    return [
      facts([
        ["Name", user.name],
        ["E-mail", user.email],
        ["Role", user.role],
        ["Organization", org.name],
        ["Time zone", user.timezone],
      ]),
      h("h3", {}, "Assistant"),
      facts([
        ["Provider", provider],
        model ? ["Model", model] : null,
        ["So far", usageText(this.#usage)],
        this.#turn ? ["Last turn", usageText(this.#turn)] : null,
        ["In one turn", `${count(limits.rounds)} rounds, ${count(limits.calls)} calls, ${duration(limits.turn_time)}`],
        ["Tokens at most", `${count(limits.tokens_per_turn)} a turn, ${count(limits.tokens_per_session)} a session`],
      ]),
      h("h3", {}, "This session"),
      facts([
        ["Ends", `${clock(ends_at)}, or after ${duration(idle)} without a message`],
        ["Approvals wait", duration(limits.approval_life)],
        ["Open in", connections === 1 ? "this window only" : `${connections} windows`],
        ["Session number", session],
      ]),
    ];
  }

  #standing({ standing }) {
    const revoke = (tool) => this.#show({ revoke: tool });
    return [
      h("h3", {}, "Runs without asking"),
      standing.length === 0
        ? h("p", { class: "hint" }, "Nothing: everything that changes something asks you first.")
        : h(
            "ul",
            { class: "standing" },
            standing.map((one) =>
              h(
                "li",
                {},
                h("span", {}, visible(one.title), " ", effectBadge(one.effect)),
                h(
                  "button",
                  { type: "button", class: "small", on: { click: () => revoke(one.tool) } },
                  "Ask again",
                  h("span", { class: "unseen" }, ` for ${visible(one.title)}`),
                ),
              ),
            ),
          ),
    ];
  }

  #ends() {
    return h(
      "div",
      { class: "buttons ends" },
      h(
        "button",
        {
          type: "button",
          on: {
            click: () => {
              this.#dialog.close();
              this.#actions.forget();
            },
          },
        },
        "Forget this conversation",
      ),
      h("button", { type: "button", class: "danger", on: { click: () => this.#actions.signOut() } }, "Sign out"),
    );
  }
}
