// chat.mjs - a client of tallyhost.chat.v1. Every message of both sides is held against the protocol's own schema, and
// the numbers of events against the protocol's promise: no gap, none twice.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import WebSocket from "ws";
import { source } from "./host.mjs";

const require = createRequire(import.meta.url);
const { Ajv2020 } = require("ajv/dist/2020.js");
const schema = JSON.parse(readFileSync(join(source, "core/chat/protocol.schema.json"), "utf8"));
const ajv = new Ajv2020({ strict: false, allErrors: false });
ajv.addSchema(schema, "protocol");
const fitsClient = ajv.compile({ $ref: "protocol#/$defs/client" });
const fitsServer = ajv.compile({ $ref: "protocol#/$defs/server" });

const events = new Set(["turn", "delta", "answer", "tool_call", "approval_request", "approval_closed", "progress",
  "tool_result", "question", "question_closed", "event", "tools_changed", "expiring", "forgotten"]);
export const isEvent = (message) => events.has(message.type) || (message.type === "error" && message.turn !== undefined);

export const typed = (type, more = {}) => (message) => message.type === type &&
  Object.entries(more).every(([name, value]) => message[name] === value);

export class Chat {
  // Connects and waits for hello. options: headers (of the upgrade), url
  static async open(host, options = {}) {
    const chat = new Chat();
    chat.messages = []; // all that came, in order
    chat.misfits = [];
    chat.waiters = new Set();
    chat.next = 1;
    chat.last = 0; // seq of the last event
    chat.socket = new WebSocket(options.url ?? host.ready.chat, ["tallyhost.chat.v1"], { headers: options.headers,
      perMessageDeflate: false });
    chat.closed = new Promise((resolve) => chat.socket.on("close", (code, reason) => {
      chat.end = { code, reason: String(reason) };
      for (const waiter of [...chat.waiters]) waiter.fail();
      resolve(chat.end);
    }));
    chat.socket.on("message", (bytes) => chat.receive(String(bytes)));
    chat.socket.on("error", (error) => (chat.broken = error));
    await chat.wait(typed("hello"), "hello");
    return chat;
  }

  // Signed in as <person>. more: resume, after, join
  static async as(host, person, more = {}, options = {}) {
    const chat = await Chat.open(host, options);
    await chat.signIn(person, more);
    return chat;
  }

  async signIn(person, more = {}) {
    this.wanted = more;
    const id = this.send({ type: "auth", api_key: person.api_key, org_id: person.org_id, ...more });
    const answer = await this.wait((one) => one.type === "session" || one.re === id, "the session");
    if (answer.type !== "session") throw Object.assign(new Error(`${answer.code}: ${answer.message}`), { answer });
    this.person = person;
    this.session = answer;
    return answer;
  }

  misfit(what, message) {
    this.misfits.push(`${what}: ${JSON.stringify(message).slice(0, 600)}`);
  }

  receive(text) {
    const message = JSON.parse(text);
    if (!fitsServer(message)) this.misfit(ajv.errorsText(fitsServer.errors), message);
    if (message.type === "session")
      this.last = message.replayed ? this.wanted.after : message.seq;
    else if (isEvent(message)) {
      if (message.seq !== this.last + 1) this.misfit(`seq ${message.seq} behind ${this.last}`, message);
      this.last = message.seq;
    } else if (message.type !== "hello" && message.seq !== this.last)
      this.misfit(`a reply with seq ${message.seq} behind ${this.last}`, message);
    this.messages.push(message);
    this.onmessage?.(message);
    for (const waiter of [...this.waiters]) waiter.look(message);
  }

  // The first message that fits, of those behind <from> (an index into messages), as soon as it is there.
  wait(fits, what = "a message", { from = 0, limit = 60000 } = {}) {
    const found = this.messages.slice(from).find(fits);
    if (found) return Promise.resolve(found);
    return new Promise((resolve, reject) => {
      const tail = () => JSON.stringify(this.messages.slice(-4)).slice(-1500);
      const waiter = { look: (message) => { if (fits(message)) { done(); resolve(message); } },
        fail: () => { done(); reject(new Error(`closed (${JSON.stringify(this.end)} ${this.broken ?? ""}) without ${what}; last: ${tail()}`)); } };
      const timer = setTimeout(() => { done(); reject(new Error(`waited in vain for ${what}; last: ${tail()}`)); }, limit);
      const done = () => { clearTimeout(timer); this.waiters.delete(waiter); };
      if (this.end) waiter.fail();
      else this.waiters.add(waiter);
    });
  }

  // Sends a message that the protocol knows; gives its id.
  send(message) {
    const whole = { id: `m${this.next++}`, ...message };
    if (!fitsClient(whole)) throw new Error(`not sent: ${ajv.errorsText(fitsClient.errors)}: ${JSON.stringify(whole)}`);
    this.socket.send(JSON.stringify(whole));
    return whole.id;
  }

  // Anything, also what the protocol does not know.
  sendRaw(value) {
    this.socket.send(typeof value === "string" || value instanceof Uint8Array ? value : JSON.stringify(value));
  }

  // Sends and gives the reply or event that carries its id.
  async request(message, fits = () => true) {
    const from = this.messages.length;
    const id = this.send(message);
    return this.wait((one) => one.re === id && fits(one), `what comes of ${message.type}`, { from });
  }

  // Asks; gives { turn, end }: the turn's id, and a promise of its answer or error.
  async ask(text) {
    const began = await this.request({ type: "ask", text });
    if (began.type !== "turn") throw Object.assign(new Error(`${began.code}: ${began.message}`), { answer: began });
    const end = this.ending(began.turn);
    end.catch(() => {}); // whoever loses the connection need not wait for it
    return { turn: began.turn, end };
  }

  ending(turn) {
    return this.wait((one) => one.turn === turn && (one.type === "answer" || one.type === "error"), `the end of ${turn}`);
  }

  async say(text) {
    return (await this.ask(text)).end;
  }

  // Calls a tool directly; gives its call, or the error that stood against it.
  async call(tool, args = {}) {
    return this.request({ type: "call", tool, arguments: args });
  }

  result(call) { return this.wait(typed("tool_result", { call }), `the result of ${call}`); }

  card(call) { return this.wait(typed("approval_request", { call }), `the card of ${call}`); }

  // Says yes to a card as it was shown; gives approval_closed, or the error. more: scope, arguments, digest
  approve(card, more = {}) {
    return this.decide({ type: "approve", approval: card.approval, digest: card.digest, ...more });
  }

  deny(card, more = {}) {
    return this.decide({ type: "deny", approval: card.approval, ...more });
  }

  decide(message) {
    const from = this.messages.length;
    const id = this.send(message);
    return this.wait((one) => (one.type === "error" && one.re === id) ||
      (one.type === "approval_closed" && one.approval === message.approval), `what comes of ${message.type}`, { from });
  }

  // The connection is lost without a word.
  async lose() {
    this.socket.terminate();
    await this.closed;
    return { resume: this.session.resume, after: this.last };
  }

  check() {
    if (this.misfits.length > 0) throw new Error(`not as the protocol says:\n${this.misfits.slice(0, 5).join("\n")}`);
  }

  async close() {
    this.socket.close();
    await this.closed;
    this.check();
  }

  async signOut() {
    this.send({ type: "sign_out" });
    await this.wait(typed("expired", { reason: "signed_out" }), "the farewell");
    await this.closed;
    this.check();
  }
}
