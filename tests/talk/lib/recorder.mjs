// recorder.mjs - stands in front of the host, passes HTTP on as it is, and hears every message for a Record (wire.mjs).
import http from "node:http";
import { versionKey } from "./wire.mjs";

// Calls <take>(event) with { event, data, id } for each event of an event stream, whatever the cuts between chunks.
export function eventReader(take) {
  let rest = "", event = {};
  return (bytes) => {
    rest += bytes;
    let end;
    while ((end = rest.indexOf("\n")) >= 0) {
      const line = rest.slice(0, end).replace(/\r$/, "");
      rest = rest.slice(end + 1);
      if (line === "") {
        if (Object.keys(event).length > 0) take(event);
        event = {};
        continue;
      }
      const colon = line.indexOf(":");
      if (colon === 0) continue; // a comment
      const name = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
      event[name] = name === "data" && event.data !== undefined ? `${event.data}\n${value}` : value;
    }
  };
}

function parse(text) {
  try { return JSON.parse(text); } catch { return undefined; }
}

export class Recorder {
  static async start(target, record) {
    const recorder = new Recorder();
    recorder.target = new URL(target);
    recorder.record = record;
    recorder.bySession = new Map(); // conversations by Mcp-Session-Id
    recorder.byPlace = new Map(); // and by the URL that an old event stream named
    recorder.server = http.createServer((request, response) => recorder.pass(request, response));
    recorder.server.keepAliveTimeout = 600000;
    await new Promise((resolve) => recorder.server.listen(0, "127.0.0.1", resolve));
    recorder.origin = `http://127.0.0.1:${recorder.server.address().port}`;
    recorder.url = recorder.origin + recorder.target.pathname;
    return recorder;
  }

  close() {
    this.server.close();
    this.server.closeAllConnections();
  }

  pass(request, response) {
    const onward = http.request({ host: this.target.hostname, port: this.target.port, path: request.url, method: request.method,
      headers: request.headers, setHost: false });
    const body = [];
    request.on("data", (bytes) => body.push(bytes));
    // An answer may come on another stream before this request's own: what is sent is known as soon as it is whole.
    request.on("end", () => this.known(request)?.sent(parse(Buffer.concat(body).toString()) ?? {}));
    request.on("aborted", () => onward.destroy());
    request.pipe(onward);
    onward.on("error", () => response.destroy());
    response.on("close", () => onward.destroy());
    onward.on("response", (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      response.flushHeaders(); // an event stream may be silent at first
      this.hear(request, Buffer.concat(body).toString(), answer);
      answer.on("data", (bytes) => response.write(bytes));
      answer.on("end", () => response.end());
      answer.on("aborted", () => response.destroy());
      answer.on("error", () => response.destroy());
    });
  }

  // The conversation that went on before this request, if one did.
  known(request) {
    return this.byPlace.get(request.url) ?? this.bySession.get(request.headers["mcp-session-id"]);
  }

  // The conversation that this request belongs to.
  conversation(request, sent, answer) {
    const { headers } = request;
    const first = Array.isArray(sent) ? sent[0] : sent;
    const modern = first?.params?._meta?.[versionKey] !== undefined || headers["mcp-protocol-version"] >= "2026";
    if (modern) return this.record.conversation("2026-07-28");
    const known = this.known(request);
    if (known) return known;
    const version = headers["mcp-protocol-version"];
    const one = this.record.conversation(/^2025-\d\d-\d\d$/.test(version ?? "") ? version : "2025-03-26");
    const minted = answer.headers["mcp-session-id"];
    if (minted) this.bySession.set(minted, one);
    return one;
  }

  hear(request, body, answer) {
    const type = answer.headers["content-type"] ?? "";
    if (new URL(request.url, this.origin).pathname.startsWith("/.well-known")) return; // no message of the protocol
    const sent = parse(body);
    const conversation = this.conversation(request, sent, answer);
    if (sent) conversation.sent(sent);
    if (type.startsWith("text/event-stream")) {
      answer.on("data", eventReader((event) => {
        if (event.event === "endpoint") {
          const place = new URL(event.data, this.origin);
          conversation.revision = "2024-11-05";
          this.byPlace.set(place.pathname + place.search, conversation);
        } else if (event.data) this.take(conversation, event.data);
      }));
    } else if (type.startsWith("application/json")) {
      const bytes = [];
      answer.on("data", (part) => bytes.push(part));
      answer.on("end", () => {
        const text = Buffer.concat(bytes).toString();
        // A refusal made before the protocol (403, 413, 415 ...) need not be a message of it.
        if (text && (answer.statusCode < 400 || parse(text)?.jsonrpc)) this.take(conversation, text);
      });
    }
  }

  take(conversation, text) {
    const message = parse(text);
    if (message === undefined) this.record.problems.push(`not JSON: ${text.slice(0, 300)}`);
    else conversation.received(message);
  }
}
