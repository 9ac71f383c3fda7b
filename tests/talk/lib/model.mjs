// model.mjs - a scripted model server that speaks both providers' wire: POST /v1/messages (Anthropic's Messages API, base URL
// `model.anthropic`) and POST /v1/chat/completions (OpenAI's, base URL `model.openai`).
//
// It has no clock and no chance of its own: the answer depends on the request and its script alone, so any number of
// conversations may run at once. A script belongs to what the person said last; its step is the number of answers the model
// has given since then. Requests are checked as strictly as the real APIs do (model_check.mjs): a wrong one gets their 400,
// and `model.refused` remembers it, so that a talk can insist on having been faithful. Every request is kept in
// `model.requests`.
//
//   const model = await Model.start();
//   model.plays(/my tasks/, [tool("get_my_tasks")], [text("You have three.")]);
//   model.plays(/trouble/, attempts(fails(529, { "retry-after": "0" }), [text("At last.")]));
//   model.plays(/slow/, { blocks: [text("Half an ans")], stalls: 4 });     // behind 4 events
//
// A step is a list of blocks, an answer, a function from the request to one of these, or attempts(...) of them: one for each
// time the same request comes. An answer:
//   blocks          text(), tool(), thinking(), redacted(), unknown(); default none
//   stop            the stop reason in Anthropic's words; default tool_use where a tool is called, else end_turn
//   stop_details    with a refusal: { category, explanation }
//   usage           { input_tokens, output_tokens, ... }; defaults are fixed
//   events          instead of blocks: the events as they are, [{ event, data }], data an object or text
//   extra           events put in front of everything behind the first (unknown ones, for instance)
//   deltas          how many characters of text or JSON one delta carries; default 8
//   write           bytes of one write to the socket; default all events at once
//   crlf, comments, pings   CRLF line ends; a comment before, a ping behind each event
//   stalls          behind so many events nothing comes until model.release() (model.stalled() waits for it)
//   dies            "before_head", "head", or a number of events behind which the connection is reset;
//                   "inside" resets it in the middle of the last event
//   gzip            packed, which nobody asked for (say so in headers)
//   errorEvent      the type of an error behind the blocks, the last of which does not end
//   status, headers, body   no stream but this (see fails())
import http from "node:http";
import { gzipSync } from "node:zlib";
import { checkAnthropic, checkOpenAI, Signatures } from "./model_check.mjs";
import { anthropicEvents, anthropicMessage, frame, openaiChunks, openaiMessage } from "./model_stream.mjs";

export const key = "sk-scripted-0123456789abcdef";

// ---- words for scripts ----

export const text = (words) => ({ type: "text", text: words });
export const tool = (name, input = {}, id = undefined) => ({ type: "tool_use", id, name, input });
// The input as text, well-formed or not.
export const brokenTool = (name, json, id = undefined) => ({ type: "tool_use", id, name, json });
export const thinking = (words) => ({ type: "thinking", thinking: words });
export const redacted = (data = "cmVkYWN0ZWQ=") => ({ type: "redacted_thinking", data });
export const unknown = (type = "hologram") => ({ type, unknown: true });
export const attempts = (...steps) => ({ attempts: steps });

const kinds = { 400: "invalid_request_error", 401: "authentication_error", 402: "billing_error", 403: "permission_error",
  404: "not_found_error", 408: "timeout_error", 409: "conflict_error", 413: "request_too_large", 429: "rate_limit_error",
  500: "api_error", 502: "api_error", 503: "api_error", 504: "timeout_error", 529: "overloaded_error" };

// An error answer of the provider's shape; <body> instead of it.
export const fails = (status, headers = {}, body = undefined) => ({ status, headers, body });
export const redirects = (location) => ({ status: 307, headers: { location }, body: "" });
export const answersHtml = (status = 502) => ({ status, headers: { "content-type": "text/html" }, body: "<html>Bad gateway</html>" });
// An `error` event in a stream that began with 200.
export const overloadedAfter = (...blocks) => ({ blocks, errorEvent: "overloaded_error" });

// ---- the server ----

export class Model {
  static async start() {
    const model = new Model();
    model.scripts = [];
    model.requests = []; // { provider, headers, body (parsed), raw, person, ask, step, attempt, aborted }
    model.refused = []; // sentences: requests that the real API would not have taken
    model.holding = [];
    model.waiting = [];
    model.seen = new Map();
    model.signatures = new Signatures();
    model.server = http.createServer((request, response) => model.#take(request, response));
    await new Promise((resolve) => model.server.listen(0, "127.0.0.1", resolve));
    model.url = `http://127.0.0.1:${model.server.address().port}`;
    model.anthropic = model.url;
    model.openai = `${model.url}/v1`;
    return model;
  }

  // The environment of a host that uses this server.
  environment(provider) {
    return { TALLYHOST_CHAT_PROVIDER: provider, TALLYHOST_CHAT_MODEL: "scripted-1", TALLYHOST_CHAT_BASE_URL: this[provider],
      TALLYHOST_CHAT_PLAIN_HTTP: "true", TALLYHOST_MODEL_KEY: key };
  }

  // The newest script whose pattern fits counts.
  plays(pattern, ...steps) {
    this.scripts.unshift({ pattern, steps });
  }

  // Waits until an answer stalls; gives { request, release(), aborted() }: the promise of aborted() is kept when the host hangs up.
  stalled() {
    const one = this.holding.shift();
    return one ? Promise.resolve(one) : new Promise((resolve) => this.waiting.push(resolve));
  }

  // Fails when a request was not as the provider wants it.
  check() {
    if (this.refused.length) throw new Error(`the model's API would have refused:\n${this.refused.join("\n")}`);
  }

  close() {
    this.server.close();
    this.server.closeAllConnections();
  }

  async #take(request, response) {
    const pieces = [];
    request.on("error", () => {});
    response.on("error", () => {});
    for await (const piece of request) pieces.push(piece);
    const raw = Buffer.concat(pieces).toString("utf8");
    const provider = request.url === "/v1/messages" ? "anthropic" : request.url === "/v1/chat/completions" ? "openai" : undefined;
    if (!provider || request.method !== "POST") return refuse(response, provider, 404, `there is no ${request.method} ${request.url}`);
    const check = provider === "anthropic" ? checkAnthropic : checkOpenAI;
    const problem = check(request.headers, raw, key, this.signatures);
    if (problem) {
      this.refused.push(`${request.url}: ${problem.status} ${problem.message}`);
      return refuse(response, provider, problem.status, problem.message);
    }
    const body = JSON.parse(raw);
    const one = { provider, headers: request.headers, body, raw, aborted: false, ...place(provider, body) };
    const same = `${provider} ${one.person} ${one.step} ${one.ask} ${one.answers}`;
    one.attempt = this.seen.get(same) ?? 0;
    this.seen.set(same, one.attempt + 1);
    this.requests.push(one);
    response.on("close", () => { one.aborted = !response.writableFinished; });
    await this.#play(this.#answer(one), one, response);
  }

  #answer(one) {
    const script = this.scripts.find((candidate) => candidate.pattern.test(one.ask));
    let step = script?.steps[Math.min(one.step, script.steps.length - 1)];
    if (step?.attempts) step = step.attempts[Math.min(one.attempt, step.attempts.length - 1)];
    if (typeof step === "function") step = step(one);
    if (Array.isArray(step)) step = { blocks: step };
    return step ?? { blocks: [text(`No script fits "${one.ask}".`)] };
  }

  async #play(answer, one, response) {
    if (answer.dies === "before_head") return reset(response);
    if (answer.status) return plain(response, one.provider, answer);
    const whole = named(answer, one);
    this.signatures.keep(whole.blocks);
    if (!one.body.stream) return json(response, one.provider === "anthropic" ? anthropicMessage(whole, one) : openaiMessage(whole, one));
    const events = answer.events ?? (one.provider === "anthropic" ? anthropicEvents(whole, one) : openaiChunks(whole, one));
    const head = { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache", "request-id": "req_scripted",
      ...(answer.headers ?? {}) };
    response.writeHead(200, head);
    response.flushHeaders();
    response.socket?.setNoDelay(true);
    if (answer.dies === "head") return reset(response);
    const framed = events.map((event) => Buffer.from(frame(event, answer), "utf8"));
    if (answer.dies === "inside") framed.push(framed.pop().subarray(0, 12));
    if (answer.gzip) return response.end(gzipSync(Buffer.concat(framed)));
    await this.#stream(framed, answer, one, response);
  }

  async #stream(framed, answer, one, response) {
    const until = typeof answer.dies === "number" ? answer.dies : framed.length;
    const pause = answer.stalls ?? Infinity;
    await write(response, Buffer.concat(framed.slice(0, Math.min(until, pause))), answer.write);
    if (pause < until || pause === until) {
      await this.#hold(one, response);
      if (one.aborted || response.destroyed) return;
      await write(response, Buffer.concat(framed.slice(pause, until)), answer.write);
    }
    if (answer.dies !== undefined) return reset(response);
    response.end();
  }

  #hold(one, response) {
    return new Promise((resume) => {
      const aborted = new Promise((resolve) => response.on("close", () => { resolve(); resume(); }));
      const held = { request: one, release: resume, aborted: () => aborted };
      const taker = this.waiting.shift();
      if (taker) taker(held);
      else this.holding.push(held);
    });
  }
}

// ---- what a request is about ----

// What the person said last, how many answers the model gave since then, and how many in all.
function place(provider, body) {
  let ask = "", step = 0, answers = 0;
  for (const message of body.messages) {
    if (message.role === "assistant") {
      step += 1;
      answers += 1;
      continue;
    }
    if (message.role !== "user") continue;
    const words = provider === "openai" ? message.content
      : typeof message.content === "string" ? message.content
        : message.content.filter((block) => block.type === "text").map((block) => block.text).join("\n\n");
    if (words) [ask, step] = [words, 0];
  }
  return { ask, step, answers, person: body.metadata?.user_id ?? body.user ?? "" };
}

// Ids and signatures that are the same in every run.
function named(answer, one) {
  let number = 0;
  const blocks = (answer.blocks ?? []).map((block) => {
    if (block.type === "tool_use") return { ...block, id: block.id ?? `toolu_${one.answers}_${number++}` };
    if (block.type === "thinking") return { ...block, signature: Buffer.from(`signed: ${block.thinking}`).toString("base64") };
    return block;
  });
  return { ...answer, blocks };
}

// ---- bytes ----

// In pieces of <size> bytes, each a write of its own that the loop sends before the next.
async function write(response, bytes, size = Infinity) {
  for (let at = 0; at < bytes.length && !response.destroyed; at += size) {
    const more = response.write(bytes.subarray(at, at + size));
    if (size === Infinity) break;
    await new Promise((resume) => (more ? setImmediate(resume) : response.once("drain", resume).once("close", resume)));
  }
}

// What was written goes out first: the cut is where the script says.
function reset(response) {
  const socket = response.socket;
  if (!socket || socket.destroyed) return;
  if (!response.headersSent) return socket.resetAndDestroy();
  socket.end(() => socket.destroy());
}

function json(response, value, status = 200, headers = {}) {
  const body = JSON.stringify(value);
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(body), "request-id": "req_scripted",
    ...headers });
  response.end(body);
}

function problem(provider, status, message) {
  const type = kinds[status] ?? "api_error";
  if (provider === "openai") return { error: { message, type, code: status === 429 ? "rate_limit_exceeded" : null, param: null } };
  return { type: "error", error: { type, message }, request_id: "req_scripted" };
}

function refuse(response, provider, status, message) {
  json(response, problem(provider, status, message), status);
}

function plain(response, provider, answer) {
  if (answer.body !== undefined) {
    response.writeHead(answer.status, answer.headers);
    return response.end(typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body));
  }
  json(response, problem(provider, answer.status, "scripted"), answer.status, answer.headers);
}
