// clients.mjs - people with official MCP clients: both current major lines of the TypeScript SDK.
import { Client as Client1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as Http1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { SSEClientTransport as OldStream1 } from "@modelcontextprotocol/sdk/client/sse.js";
import { StdioClientTransport as Stdio1 } from "@modelcontextprotocol/sdk/client/stdio.js";
import { WebSocketClientTransport as WebSocket1 } from "@modelcontextprotocol/sdk/client/websocket.js";
import * as types1 from "@modelcontextprotocol/sdk/types.js";
import { Client as Client2, StreamableHTTPClientTransport as Http2 } from "@modelcontextprotocol/client";
import { StdioClientTransport as Stdio2 } from "@modelcontextprotocol/client/stdio";
import { Record } from "./wire.mjs";

const about = { name: "talk", version: "1.0.0" };

export function headers(person) {
  return { Authorization: `Bearer ${person.api_key}`, "X-Tallyfy-Org-Id": person.org_id };
}

// line: "1" (handshake, 2025-11-25), "2" (the 2.x client with 2025-11-25), "2-modern" (the 2.x client with 2026-07-28)
export const lines = ["1", "2", "2-modern"];

// options.capabilities: what the client declares; options.prepare(client): sets its handlers before it connects
function make(line, { capabilities = {}, prepare } = {}) {
  const mode = { "2-modern": { pin: "2026-07-28" }, "2-auto": "auto" }[line] ?? "legacy";
  const client = line === "1" ? new Client1(about, { capabilities }) : new Client2(about, { capabilities,
    versionNegotiation: { mode } });
  prepare?.(client);
  return client;
}

export async function connect(host, person, line = "1", options = {}) {
  const client = make(line, options);
  const Transport = line === "1" ? Http1 : Http2;
  const transport = new Transport(new URL(host.mcp), { requestInit: { headers: headers(person) } });
  await client.connect(transport);
  return client;
}

// Lets a conversation hear what passes through a transport of the SDK's.
export function recordTransport(transport, conversation) {
  let heard;
  Object.defineProperty(transport, "onmessage", { configurable: true, get: () => heard,
    set: (take) => { heard = take && ((message, ...more) => { conversation.received(message); return take(message,
      ...more); }); } });
  const send = transport.send.bind(transport);
  transport.send = (message, ...more) => { conversation.sent(message); return send(message, ...more); };
  return transport;
}

// client.close() fails when a message did not fit its revision.
export async function connectStdio(parameters, line = "1", options = {}) {
  const client = make(line, options);
  const Transport = line === "1" ? Stdio1 : Stdio2;
  const record = new Record();
  await client.connect(recordTransport(new Transport(parameters), record.conversation("2025-11-25")));
  const close = client.close.bind(client);
  client.close = async () => { await close(); record.check(); };
  return client;
}

// The 1.x client over HTTP+SSE, which 2024-11-05 spoke.
export async function connectOldStream(host, person, options = {}) {
  const client = make("1", options);
  const init = { headers: headers(person) };
  await client.connect(new OldStream1(new URL(host.at("/sse")), { requestInit: init,
    eventSourceInit: { fetch: (url, more) => fetch(url, { ...more, headers: { ...more.headers, ...init.headers } }) } }));
  return client;
}

// The 1.x client over WebSocket. Its transport has no place for headers, Node's WebSocket has: they are slipped in.
export async function connectWebSocket(host, person, options = {}) {
  const client = make("1", options);
  const record = new Record();
  const Plain = globalThis.WebSocket;
  globalThis.WebSocket = class extends Plain {
    constructor(url, protocols) { super(url, { protocols: [protocols], headers: headers(person) }); }
  };
  try {
    await client.connect(recordTransport(new WebSocket1(new URL(host.ready.websocket)), record.conversation("2025-11-25")));
  } finally {
    globalThis.WebSocket = Plain;
  }
  const close = client.close.bind(client);
  client.close = async () => { await close(); record.check(); };
  return client;
}

export function textOf(result) {
  return (result.content ?? []).map((block) => block.text ?? "").join("\n");
}

export async function call(client, name, args = {}, options) {
  return client.callTool({ name, arguments: args }, ...(client instanceof Client1 ? [undefined, options] : [options]));
}

// Both lines name handlers differently: 1.x by the schema of the message, 2.x by its method.
const schemas1 = {
  "elicitation/create": types1.ElicitRequestSchema, "sampling/createMessage": types1.CreateMessageRequestSchema,
  "roots/list": types1.ListRootsRequestSchema, "notifications/message": types1.LoggingMessageNotificationSchema,
  "notifications/tools/list_changed": types1.ToolListChangedNotificationSchema,
  "notifications/prompts/list_changed": types1.PromptListChangedNotificationSchema,
  "notifications/resources/updated": types1.ResourceUpdatedNotificationSchema,
};

// Has <client> answer requests of the host and hear its notifications: { "elicitation/create": (params) => result ... }
export function listen(client, handlers) {
  for (const [method, handler] of Object.entries(handlers)) {
    const key = client instanceof Client1 ? schemas1[method] : method;
    if (method.startsWith("notifications/")) client.setNotificationHandler(key, (message) => handler(message.params));
    else client.setRequestHandler(key, (message) => handler(message.params));
  }
}
