// sdk2.mjs PORT UPSTREAM - the official TypeScript SDK 2.x, stateful, JSON answers, doing what bench_2k and bench_50k do.
import http from "node:http";
import { randomUUID } from "node:crypto";
import { McpServer } from "@modelcontextprotocol/server";
import { NodeStreamableHTTPServerTransport as StreamableHTTPServerTransport } from "@modelcontextprotocol/node";

const [port, upstream] = process.argv.slice(2);
const sessions = new Map();

function passThrough(server, name) {
  server.registerTool(name, { description: "For the benchmark" }, async (context) => {
    const answer = await fetch(`${upstream}/organizations/bench/${name.replace("_", "-")}`, {
      headers: { Authorization: context.http.req.headers.get("authorization"), "X-Tallyfy-Client": "bench", Accept: "application/json" } });
    const { data } = await answer.json();
    return { content: [{ type: "text", text: JSON.stringify(data) }], structuredContent: Array.isArray(data) ? { data } : data };
  });
}

http.createServer(async (request, response) => {
  const id = request.headers["mcp-session-id"];
  let transport = sessions.get(id);
  if (!transport) {
    transport = new StreamableHTTPServerTransport({ sessionIdGenerator: randomUUID, enableJsonResponse: true,
      onsessioninitialized: (made) => sessions.set(made, transport) });
    const server = new McpServer({ name: "bench", version: "1.0.0" });
    passThrough(server, "bench_2k");
    passThrough(server, "bench_50k");
    await server.connect(transport);
  }
  await transport.handleRequest(request, response);
}).listen(Number(port), "127.0.0.1", () => console.log("ready"));
