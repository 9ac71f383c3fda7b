// raw.mjs - MCP spoken by hand: for what the official clients never do, and for revisions they no longer speak.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { eventReader } from "./recorder.mjs";
import { Record, versionKey } from "./wire.mjs";
import { headers as credential } from "./clients.mjs";
import { until } from "./host.mjs";

const both = { "Content-Type": "application/json", Accept: "application/json, text/event-stream" };
export const clientInfo = { name: "talk", version: "1.0.0" };
const capabilitiesKey = "io.modelcontextprotocol/clientCapabilities";

export function initializeMessage(revision, capabilities = {}, id = 0) {
  return { jsonrpc: "2.0", id, method: "initialize", params: { protocolVersion: revision, capabilities, clientInfo } };
}

// The messages of an HTTP answer, one by one, whether it is JSON or an event stream. Also says which events had ids.
export class Answer {
  constructor(response) {
    this.response = response;
    this.status = response.status;
    this.type = response.headers.get("content-type") ?? "";
    this.events = []; // { event, id, data, retry } as they came
    this.messages = [];
    this.ended = this.read().catch((error) => { this.broken = error; }).then(() => { this.done = true; });
  }

  async read() {
    if (this.type.startsWith("text/event-stream")) {
      const decoder = new TextDecoder();
      const feed = eventReader((event) => {
        this.events.push(event);
        if (event.data && event.event !== "endpoint") this.messages.push(JSON.parse(event.data));
      });
      for await (const bytes of this.response.body) feed(decoder.decode(bytes, { stream: true }));
    } else {
      this.text = await this.response.text();
      if (this.type.startsWith("application/json") && this.text) this.messages.push(JSON.parse(this.text));
    }
  }

  // The first message (or event) that fits, as soon as it is there.
  async message(fits, what = "a message") {
    await until(() => this.messages.some(fits) || this.done, what);
    const found = this.messages.find(fits);
    if (!found)
      throw new Error(`the answer ended (status ${this.status}) without ${what}: ${this.text ?? JSON.stringify(this.messages)}`);
    return found;
  }

  async event(fits, what = "an event") {
    await until(() => this.events.some(fits) || this.done, what);
    const found = this.events.find(fits);
    if (!found) throw new Error(`the stream ended without ${what}: ${JSON.stringify(this.events)}`);
    return found;
  }

  answerTo(id) { return this.message((one) => one.id === id && !one.method, `the answer to ${id}`); }
}

export async function send(url, person, message, { headers = {}, signal, method = "POST" } = {}) {
  const asItIs = message === undefined || typeof message === "string" || message instanceof Uint8Array;
  const body = asItIs ? message : JSON.stringify(message);
  const all = { ...both, ...(person ? credential(person) : {}), ...headers };
  for (const [name, value] of Object.entries(all)) if (value === undefined) delete all[name];
  return new Answer(await fetch(url, { method, body, headers: all, signal }));
}

// A legacy session over streamable HTTP.
export class Session {
  static async open(host, person, revision, capabilities = {}) {
    const session = new Session();
    Object.assign(session, { url: host.mcp, person, revision, next: 1 });
    const answer = await send(session.url, person, initializeMessage(revision, capabilities));
    session.initialized = (await answer.answerTo(0)).result;
    session.id = answer.response.headers.get("mcp-session-id");
    await session.post({ jsonrpc: "2.0", method: "notifications/initialized" });
    return session;
  }

  get headers() {
    const more = this.revision >= "2025-06-18" ? { "MCP-Protocol-Version": this.revision } : {};
    return { "Mcp-Session-Id": this.id, ...more };
  }

  post(message, options = {}) {
    return send(this.url, options.person ?? this.person, message, { ...options, headers: { ...this.headers, ...options.headers } });
  }

  get(headers = {}, options = {}) {
    return send(this.url, options.person ?? this.person, undefined, { method: "GET", ...options,
      headers: { Accept: "text/event-stream", "Content-Type": undefined, ...this.headers, ...headers } });
  }

  // Starts a request; the answer may still be a stream. Gives { id, answer }.
  async start(method, params, options) {
    const id = this.next++;
    return { id, answer: await this.post({ jsonrpc: "2.0", id, method, ...(params ? { params } : {}) }, options) };
  }

  // The whole response of a request.
  async request(method, params, options) {
    const { id, answer } = await this.start(method, params, options);
    return answer.answerTo(id);
  }

  call(name, args = {}, meta) {
    return this.request("tools/call", { name, arguments: args, ...(meta ? { _meta: meta } : {}) });
  }

  remove(options = {}) { return send(this.url, options.person ?? this.person, undefined, { method: "DELETE",
    headers: this.headers }); }
}

let modernId = 1000;
export const base64Header = (value) => (/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(value) && !/^=\?base64\?.*\?=$/.test(value)
  ? value : `=?base64?${Buffer.from(value).toString("base64")}?=`);

// One request of 2026-07-28 with the headers that belong to it. options: capabilities, meta, headers, id, signal
export async function modern(host, person, method, params = {}, options = {}) {
  const id = options.id ?? modernId++;
  const name = params.name ?? params.uri ?? params.taskId;
  const message = { jsonrpc: "2.0", id, method, params: { ...params, _meta: {
    [versionKey]: "2026-07-28", [capabilitiesKey]: options.capabilities ?? {}, ...options.meta } } };
  const headers = { "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": method,
    ...(name === undefined || method === "subscriptions/listen" ? {} : { "Mcp-Name": base64Header(String(name)) }),
      ...options.headers };
  const answer = await send(host.mcp, person, message, { ...options, headers });
  return { id, answer, response: () => answer.answerTo(id) };
}

export async function ask(host, person, method, params, options) {
  return (await modern(host, person, method, params, options)).response();
}

// A peer over a pipe of messages: a child's stdio or a WebSocket. Its record is checked in close().
export class Pipe {
  constructor(revision) {
    this.record = new Record();
    this.conversation = this.record.conversation(revision);
    this.messages = [];
    this.next = 1;
    this.modern = revision >= "2026";
  }

  static stdio(command, args, { revision = "2025-11-25", env = {}, cwd } = {}) {
    const pipe = new Pipe(revision);
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"], cwd, env: { ...process.env, ...env } });
    pipe.child = child;
    pipe.log = "";
    child.stderr.on("data", (bytes) => (pipe.log += bytes));
    pipe.ended = new Promise((resolve) => child.on("close", (code, signal) => resolve({ code, signal })));
    pipe.ended.then(() => (pipe.closed = true));
    createInterface({ input: child.stdout }).on("line", (text) => pipe.receive(text));
    pipe.write = (text) => child.stdin.write(`${text}\n`);
    pipe.end = async () => {
      child.stdin.end();
      const end = await pipe.ended;
      if (end.code !== 0) throw new Error(`ended with ${JSON.stringify(end)}: ${pipe.log.slice(-3000)}`);
      if (/Sanitizer|runtime error/.test(pipe.log)) throw new Error(pipe.log.slice(-6000));
    };
    return pipe;
  }

  static async websocket(url, headers, { revision = "2025-11-25" } = {}) {
    const pipe = new Pipe(revision);
    const socket = new WebSocket(url, { protocols: ["mcp"], headers });
    pipe.socket = socket;
    pipe.ended = new Promise((resolve) => socket.addEventListener("close", (event) => resolve({ code: event.code,
      reason: event.reason })));
    pipe.ended.then(() => (pipe.closed = true));
    socket.addEventListener("message", (event) => pipe.receive(event.data));
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve);
      socket.addEventListener("error", (event) => reject(event.error ?? new Error("the WebSocket was refused")));
    });
    pipe.write = (text) => socket.send(text);
    pipe.end = async () => { socket.close(); await pipe.ended; };
    return pipe;
  }

  // HTTP+SSE of 2024-11-05: a stream that names the place to post to.
  static async eventStream(url, person, { headers = {} } = {}) {
    const pipe = new Pipe("2024-11-05");
    const stop = new AbortController();
    const response = await fetch(url, { headers: { ...credential(person), Accept: "text/event-stream", ...headers },
      signal: stop.signal });
    if (response.status !== 200) throw new Error(`GET ${url}: ${response.status} ${await response.text()}`);
    const decoder = new TextDecoder();
    const feed = eventReader((event) => {
      if (event.event === "endpoint") pipe.endpoint = new URL(event.data, url).href;
      else if (event.data) pipe.receive(event.data);
    });
    pipe.ended = (async () => { for await (const bytes of response.body) feed(decoder.decode(bytes, { stream: true })); })()
      .catch(() => {}).then(() => { pipe.closed = true; });
    await until(() => pipe.endpoint || pipe.closed, "the endpoint event");
    pipe.statuses = [];
    pipe.write = (text) => fetch(pipe.endpoint, { method: "POST", body: text,
      headers: { ...credential(person), "Content-Type": "application/json", ...headers } })
      .then(async (posted) => { pipe.statuses.push(posted.status); await posted.text(); }, () => pipe.statuses.push(0));
    pipe.end = async () => { stop.abort(); await pipe.ended; };
    return pipe;
  }

  receive(text) {
    const message = JSON.parse(text);
    this.conversation.received(message);
    for (const one of Array.isArray(message) ? message : [message]) this.messages.push(one);
    const handler = this.answer && !Array.isArray(message) && message.method && message.id !== undefined;
    if (handler) this.send({ jsonrpc: "2.0", id: message.id, ...this.answer(message) });
  }

  send(message) {
    this.conversation.sent(message);
    this.write(JSON.stringify(message));
  }

  async message(fits, what = "a message") {
    await until(() => this.messages.some(fits) || this.closed, what);
    const found = this.messages.find(fits);
    if (!found) throw new Error(`the peer closed without ${what}: ${JSON.stringify(this.messages).slice(0, 1000)} ${this.log ?? ""}`);
    return found;
  }

  // Sends a request; gives { id, response }: a promise of the whole response.
  start(method, params = {}, { capabilities = {}, meta, id = this.next++ } = {}) {
    const body = this.modern ? { ...params, _meta: { [versionKey]: "2026-07-28", [capabilitiesKey]: capabilities, ...meta } }
      : { ...params, ...(meta ? { _meta: meta } : {}) };
    this.send({ jsonrpc: "2.0", id, method, ...(Object.keys(body).length > 0 ? { params: body } : {}) });
    return { id, response: this.message((one) => one.id === id && !one.method, `the answer to ${method}`) };
  }

  request(method, params, options) { return this.start(method, params, options).response; }

  async initialize(revision, capabilities = {}) {
    this.send(initializeMessage(revision, capabilities));
    const { result } = await this.message((one) => one.id === 0 && !one.method, "the initialize result");
    this.send({ jsonrpc: "2.0", method: "notifications/initialized" });
    return result;
  }

  async close() {
    await this.end();
    this.record.check();
  }
}
