// clients.mjs - people with official MCP clients: both current major lines of the TypeScript SDK.
import { Client as Client1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as Http1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { StdioClientTransport as Stdio1 } from "@modelcontextprotocol/sdk/client/stdio.js";
import { Client as Client2, StreamableHTTPClientTransport as Http2 } from "@modelcontextprotocol/client";
import { StdioClientTransport as Stdio2 } from "@modelcontextprotocol/client/stdio";

const about = { name: "talk", version: "1.0.0" };

export function headers(person) {
  return { Authorization: `Bearer ${person.api_key}`, "X-Tallyfy-Org-Id": person.org_id };
}

// line: "1" (handshake, 2025-11-25), "2" (the 2.x client with 2025-11-25), "2-modern" (the 2.x client with 2026-07-28)
export const lines = ["1", "2", "2-modern"];

function make(line) {
  if (line === "1") return new Client1(about, { capabilities: {} });
  const mode = line === "2-modern" ? { pin: "2026-07-28" } : "legacy";
  return new Client2(about, { capabilities: {}, versionNegotiation: { mode } });
}

export async function connect(host, person, line = "1") {
  const client = make(line);
  const Transport = line === "1" ? Http1 : Http2;
  const transport = new Transport(new URL(host.mcp), { requestInit: { headers: headers(person) } });
  await client.connect(transport);
  return client;
}

export async function connectStdio(parameters, line = "1") {
  const client = make(line);
  const Transport = line === "1" ? Stdio1 : Stdio2;
  await client.connect(new Transport(parameters));
  return client;
}

export function textOf(result) {
  return (result.content ?? []).map((block) => block.text ?? "").join("\n");
}

export async function call(client, name, args = {}, options) {
  return client.callTool({ name, arguments: args }, ...(client instanceof Client1 ? [undefined, options] : [options]));
}
