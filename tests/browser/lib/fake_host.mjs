// fake_host.mjs - a host for the page's own tests: serves core/chat/page with the real host's policy and speaks
// tallyhost.chat.v1 after a script, with every message of both sides held against protocol.schema.json. It can do what a
// real host must not: send markup, cut, stay silent.
import { createServer } from "node:http";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv from "ajv/dist/2020.js";
import { WebSocketServer } from "ws";

const source = process.env.TH_SOURCE;
const root = join(source, "core/chat/page");
const types = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};
const schema = JSON.parse(readFileSync(join(source, "core/chat/protocol.schema.json"), "utf8"));
const ajv = new Ajv({ strict: false, allErrors: true });
ajv.addSchema(schema, "chat");
const checks = { client: ajv.compile({ $ref: "chat#/$defs/client" }), server: ajv.compile({ $ref: "chat#/$defs/server" }) };

// The policy that core/cli/chat_page.c writes, so that what works here works there.
const policy = (host) =>
  `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' ws://${host} wss://${host}; ` +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types answer";

export const people = [
  {
    name: "Ada Lindqvist",
    role: "admin",
    org_name: "Practice Works",
    org_id: "a".repeat(32),
    api_key: "practice-key-of-ada-0001",
  },
  {
    name: "Ben Okafor",
    role: "standard",
    org_name: "Practice Works",
    org_id: "a".repeat(32),
    api_key: "practice-key-of-ben-0002",
  },
];

export const zero = { input_tokens: 0, output_tokens: 0, cache_read_tokens: 0, cache_write_tokens: 0 };
const soon = (ms) => `${new Date(Date.now() + ms).toISOString().slice(0, 19)}Z`;
const key = () => randomBytes(16).toString("hex");
export const digestOf = (value) => createHash("sha256").update(JSON.stringify(value)).digest("hex");

// One person's conversation: events numbered and kept, sockets come and go.
class Conversation {
  constructor(host, person) {
    Object.assign(this, {
      host,
      person,
      seq: 0,
      events: [],
      sockets: new Set(),
      resume: key(),
      turns: 0,
      calls: 0,
      waiting: new Map(),
      usage: { ...zero },
      standing: [],
    });
  }

  reply(socket, message) {
    this.host.send(socket, { seq: this.seq, ...message });
  }

  event(message) {
    this.seq += 1;
    const event = { ...message, seq: this.seq };
    this.events.push(event);
    for (const socket of this.sockets) this.host.send(socket, event);
    return event;
  }

  // Resolves when the client answers that card or question.
  answerTo(id) {
    return new Promise((resolve) => this.waiting.set(id, resolve));
  }

  toolCall(tool, title, effect, args, where) {
    this.calls += 1;
    const call = `c${this.calls}`;
    this.event({ type: "tool_call", call, tool, title, effect, arguments: args, ...where });
    return call;
  }

  result(call, tool, fields, turn) {
    this.event({
      type: "tool_result",
      call,
      tool,
      ok: true,
      code: "ok",
      text: "",
      cut: false,
      again: false,
      duration: 12,
      ...(turn ? { turn } : {}),
      ...fields,
    });
  }

  answer(turn, text, html, fields = {}) {
    const spent = { input_tokens: 210, output_tokens: 34, cache_read_tokens: 1000, cache_write_tokens: 0, cost: 0.0021 };
    for (const name of Object.keys(spent)) this.usage[name] = (this.usage[name] ?? 0) + spent[name];
    this.event({
      type: "answer",
      turn,
      text,
      html,
      stop: "end",
      usage: { turn: spent, session: { ...this.usage } },
      duration: 640,
      ...fields,
    });
  }

  async approval(call, request) {
    const approval = key();
    const card = {
      type: "approval_request",
      call,
      approval,
      digest: digestOf(request),
      about: "Does a thing.",
      lines: [],
      scopes: ["once", "session"],
      schema: { type: "object" },
      arguments: {},
      expires_at: soon(600000),
      ...request,
    };
    this.event(card);
    for (;;) {
      const answer = await this.answerTo(approval);
      if (answer.type === "approve" && answer.digest !== card.digest) throw new Error("the page sent another digest");
      const outcome = answer.type === "deny" ? "denied" : answer.arguments ? "edited" : "approved";
      if (this.host.refuse?.(answer)) {
        this.reply(answer.socket, { type: "error", re: answer.id, code: "invalid_arguments", message: this.host.refuse(answer) });
        continue;
      }
      this.event({ type: "approval_closed", approval, call, outcome, ...(answer.reason ? { reason: answer.reason } : {}) });
      return answer;
    }
  }

  async question(fields) {
    const question = `q${this.seq + 1}`;
    this.event({ type: "question", question, kind: "form", expires_at: soon(600000), ...fields });
    const answer = await this.answerTo(question);
    this.event({ type: "question_closed", question, outcome: answer.action });
    return answer;
  }
}

export class FakeHost {
  // script(conversation, turn, text): what the assistant does; tools: the list; practice: whether people are offered.
  static async start({ script, tools = [], practice = true, call = undefined } = {}) {
    const host = new FakeHost();
    Object.assign(host, { script, tools, practice, call, conversations: [], received: [], faults: [], accepting: true });
    host.server = createServer((request, response) => host.serve(request, response));
    host.sockets = new WebSocketServer({
      noServer: true,
      handleProtocols: (offered) => (offered.has("tallyhost.chat.v1") ? "tallyhost.chat.v1" : false),
    });
    host.server.on("upgrade", (request, socket, head) => {
      if (!host.accepting || request.url !== "/chat") return socket.destroy();
      return host.sockets.handleUpgrade(request, socket, head, (ws) => host.connected(ws));
    });
    await new Promise((resolve) => host.server.listen(0, "127.0.0.1", resolve));
    host.page = `http://127.0.0.1:${host.server.address().port}/`;
    return host;
  }

  serve(request, response) {
    const path = request.url === "/" ? "/index.html" : request.url;
    const headers = {
      "Content-Security-Policy": policy(request.headers.host),
      "X-Content-Type-Options": "nosniff",
      "Referrer-Policy": "no-referrer",
      "Cache-Control": "no-store",
    };
    if (path === "/practice/people" && this.practice)
      return response.writeHead(200, { ...headers, "Content-Type": "application/json" }).end(JSON.stringify(people));
    const file = join(root, path);
    if (!/^\/(index\.html|app\/[a-z_]+\.[a-z]+)$/.test(path) || !existsSync(file)) return response.writeHead(404, headers).end();
    return response.writeHead(200, { ...headers, "Content-Type": types[path.split(".").pop()] }).end(readFileSync(file));
  }

  check(side, message) {
    if (!checks[side](message)) this.faults.push(`${side} ${JSON.stringify(message)}: ${ajv.errorsText(checks[side].errors)}`);
  }

  send(socket, message) {
    this.check("server", message);
    socket.send(JSON.stringify(message));
  }

  connected(socket) {
    this.send(socket, { type: "hello", seq: 0, protocol: "tallyhost.chat.v1", version: "0.1.0", auth_within: 10000 });
    socket.on("message", (bytes) => {
      const message = JSON.parse(bytes);
      this.check("client", message);
      this.received.push(message);
      if (message.type === "auth") this.authenticate(socket, message);
      else this.take(socket.conversation, socket, message);
    });
    socket.on("close", () => socket.conversation?.sockets.delete(socket));
  }

  authenticate(socket, message) {
    const person = people.find((one) => one.api_key === message.api_key);
    if (!person) {
      this.send(socket, {
        type: "error",
        seq: 0,
        re: message.id,
        code: "bad_credential",
        message: "Tallyfy refused this key. Is it whole, and of this organization?",
      });
      return socket.close(1008);
    }
    let conversation = this.conversations.find((one) => one.resume === message.resume && one.person === person);
    const resumed = conversation !== undefined;
    if (!conversation) this.conversations.push((conversation = new Conversation(this, person)));
    conversation.resume = key();
    socket.conversation = conversation;
    conversation.sockets.add(socket);
    const replayed = resumed && message.after !== undefined && !this.forgetful;
    conversation.reply(socket, {
      type: "session",
      re: message.id,
      session: "s-1",
      resume: conversation.resume,
      resumed,
      replayed,
      user: { id: 7, name: person.name, email: "ada@example.com", role: person.role, timezone: "Europe/Stockholm" },
      org: { id: person.org_id, name: person.org_name },
      provider: "offline",
      model: "",
      connections: conversation.sockets.size,
      idle: 3600000,
      ends_at: soon(36000000),
      resume_for: 600000,
      usage: conversation.usage,
      ...(replayed ? {} : { snapshot: resumed ? conversation.events.filter((one) => one.type !== "forgotten") : [] }),
    });
    if (replayed) for (const event of conversation.events) if ((event.seq > message.after || this.repeats)) this.send(socket, event);
    return undefined;
  }

  take(conversation, socket, message) {
    const { type, id } = message;
    const replies = {
      tools: () => ({ type: "tools", tools: this.tools }),
      settings: () => {
        if (message.revoke) conversation.standing = conversation.standing.filter((one) => one.tool !== message.revoke);
        return {
          type: "settings",
          provider: "offline",
          model: "",
          usage: conversation.usage,
          standing: conversation.standing,
          limits: {
            rounds: 12,
            calls: 40,
            turn_time: 300000,
            tokens_per_turn: 0,
            tokens_per_session: 0,
            tokens_per_person: 0,
            approval_life: 600000,
          },
        };
      },
      sign_out: () => ({ type: "expired", reason: "signed_out", message: "Signed out." }),
    };
    if (replies[type])
      this.send(socket, { seq: conversation.seq, ...replies[type](), ...(type === "sign_out" ? {} : { re: id }) });
    if (type === "sign_out") socket.close(1000);
    if (type === "ask") this.ask(conversation, message);
    if (type === "forget") {
      conversation.events = [];
      conversation.event({ type: "forgotten", re: id, what: message.what ?? "history" });
    }
    if (type === "call") this.call(conversation, message);
    if (type === "cancel") conversation.cancelled?.(message);
    const waiting = message.approval ?? message.question;
    if (waiting !== undefined) {
      conversation.waiting.get(waiting)?.({ ...message, socket });
    }
  }

  ask(conversation, { id, text }) {
    conversation.turns += 1;
    const turn = `t${conversation.turns}`;
    conversation.event({ type: "turn", re: id, turn, text });
    this.script(conversation, turn, text);
  }

  // Every connection breaks, without a close; with `stay`, none is accepted until accept().
  cut({ stay = false } = {}) {
    this.accepting = !stay;
    for (const socket of this.sockets.clients) socket.terminate();
  }

  accept() {
    this.accepting = true;
  }

  async stop() {
    for (const socket of this.sockets.clients) socket.terminate();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    if (this.faults.length > 0) throw new Error(`messages that do not fit the protocol:\n${this.faults.join("\n")}`);
  }
}
