// connection.js - the WebSocket: signs in, counts events, and after a lost connection comes back by itself with the
// resume token. The key lives in this object only, while signed in; the token lies in sessionStorage, nothing else does.

const PROTOCOL = "tallyhost.chat.v1";
const STORED = "tallyhost.resume";
const FIRST_WAIT = 400;
const LONGEST_WAIT = 15000;
const PENDING_MOST = 200;

// Messages with a number of their own; in replies `seq` repeats the last event's. An error is one when it ends a turn.
const EVENTS = new Set([
  "turn",
  "delta",
  "tool_call",
  "progress",
  "approval_request",
  "approval_closed",
  "tool_result",
  "question",
  "question_closed",
  "answer",
  "event",
  "expiring",
  "tools_changed",
  "forgotten",
]);
const isEvent = (message) => EVENTS.has(message.type) || (message.type === "error" && message.turn !== undefined);
// Refusals of a sign-in that may pass by themselves: a connection that was signed in tries again.
const PASSING = new Set(["unavailable", "busy", "too_fast", "timeout", "no_memory"]);

export class Connection {
  #url;
  #store;
  #receive;
  #changed;
  #caughtUp;
  #socket = null;
  #credential = null; // { api_key, org_id?, join? } while signed in or signing in
  #last = null; // the last event seen; null: nothing to build on, a snapshot is wanted
  #until = null; // events up to here were missed and are on their way
  #attempts = 0;
  #timer = 0;
  #state = "out"; // out, signing_in, in, lost
  #prefix = crypto.getRandomValues(new Uint32Array(2)).reduce((text, number) => text + number.toString(36), "");
  #number = 0;
  #pending = new Map(); // id -> { resolve, reject }

  // receive(message): everything of the host but the replies that request() waits for. changed(state, detail): the state;
  // detail is { message } when a sign-in was refused, { wait } in ms when lost. caughtUp(): after a sign-in, everything that
  // was missed has been received.
  constructor({ url, store, receive, changed, caughtUp }) {
    this.#caughtUp = caughtUp;
    this.#url = url;
    this.#store = store;
    this.#receive = receive;
    this.#changed = changed;
    globalThis.addEventListener("online", () => this.retryNow());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.retryNow();
    });
  }

  get state() {
    return this.#state;
  }
  get canResume() {
    return this.#store.getItem(STORED) !== null;
  }

  signIn(credential) {
    this.#credential = credential;
    this.#last = null;
    this.#attempts = 0;
    this.#enter("signing_in");
    this.#dial();
  }

  // Forgets everything: the key, the token, the connection.
  end(detail) {
    this.#credential = null;
    this.#last = null;
    this.#store.removeItem(STORED);
    this.#drop();
    this.#enter("out", detail);
  }

  retryNow() {
    if (this.#state !== "lost" || this.#socket) return;
    clearTimeout(this.#timer);
    this.#dial();
  }

  // Returns the message's id; null when there is no connection. refused(error): an `error` came back for it.
  send(type, fields = {}, refused = undefined) {
    if (this.#state !== "in") return null;
    const id = this.#freshId();
    if (refused) this.#wait(id, { resolve() {}, reject: refused });
    this.#socket.send(JSON.stringify({ type, id, ...fields }));
    return id;
  }

  // For what has a reply. Rejects with the host's error or with { code: "lost" }.
  request(type, fields = {}) {
    return new Promise((resolve, reject) => {
      const id = this.send(type, fields);
      if (id === null) reject({ code: "lost", message: "There is no connection." });
      else this.#wait(id, { resolve, reject });
    });
  }

  #freshId() {
    this.#number += 1;
    return `${this.#prefix}-${this.#number}`;
  }

  #wait(id, waiter) {
    if (this.#pending.size >= PENDING_MOST) this.#pending.delete(this.#pending.keys().next().value);
    this.#pending.set(id, waiter);
  }

  #enter(state, detail = {}) {
    this.#state = state;
    this.#changed(state, detail ?? {});
  }

  #dial() {
    const socket = new WebSocket(this.#url, PROTOCOL);
    this.#socket = socket;
    socket.addEventListener("message", (event) => {
      if (socket === this.#socket) this.#take(event.data);
    });
    socket.addEventListener("close", (event) => {
      if (socket === this.#socket) this.#closed(event);
    });
  }

  // The socket that is dropped reports nothing any more.
  #drop() {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(1000);
    for (const waiter of this.#pending.values()) waiter.reject({ code: "lost", message: "The connection was lost." });
    this.#pending.clear();
  }

  #closed(event) {
    this.#drop();
    if (!this.#credential) return;
    if (this.#state === "signing_in" && this.#attempts === 0) {
      this.end({ message: event.reason || "The host cannot be reached. Is it running?" });
      return;
    }
    const most = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#attempts);
    const wait = Math.round(most * (0.6 + 0.4 * Math.random())); // many people lost together must not come back together
    this.#attempts += 1;
    this.#timer = setTimeout(() => this.#dial(), wait);
    this.#enter("lost", { wait });
  }

  #take(data) {
    let message;
    try {
      message = JSON.parse(data);
    } catch {
      return;
    }
    if (message === null || typeof message !== "object" || typeof message.type !== "string") return;
    if (message.type === "hello") this.#authenticate();
    else if (message.type === "session") this.#signedIn(message);
    else if (message.type === "error" && this.#state !== "in") this.#refused(message);
    else this.#deliver(message);
  }

  #authenticate() {
    const { api_key, org_id, join } = this.#credential;
    const message = { type: "auth", id: this.#freshId(), api_key };
    if (org_id) message.org_id = org_id;
    const resume = this.#store.getItem(STORED);
    if (resume) message.resume = resume;
    else if (join) message.join = true;
    if (resume && this.#last !== null) message.after = this.#last;
    this.#socket.send(JSON.stringify(message));
  }

  #signedIn(message) {
    this.#attempts = 0;
    this.#store.setItem(STORED, message.resume);
    if (!message.replayed) this.#last = message.seq;
    this.#until = message.seq;
    this.#state = "in";
    this.#receive(message);
    this.#enter("in");
    this.#checkCaughtUp();
  }

  #checkCaughtUp() {
    if (this.#until === null || this.#last < this.#until) return;
    this.#until = null;
    this.#caughtUp();
  }

  #refused(error) {
    if (this.#state === "lost" && PASSING.has(error.code)) return; // the host closes; then we wait and try again
    this.end({ message: error.message });
  }

  #deliver(message) {
    if (isEvent(message)) {
      if (this.#last !== null && message.seq <= this.#last) return;
      this.#last = message.seq;
    }
    const waiter = message.re === undefined ? undefined : this.#pending.get(message.re);
    if (waiter) this.#pending.delete(message.re);
    if (waiter && message.type === "error") waiter.reject(message);
    else if (waiter) waiter.resolve(message);
    this.#receive(message);
    this.#checkCaughtUp();
    if (message.type === "expired")
      this.end({ message: message.reason === "signed_out" ? "" : message.message, reason: message.reason });
  }
}
