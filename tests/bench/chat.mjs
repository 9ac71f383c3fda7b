// chat.mjs [ROUNDS] - the chat beside a Node `ws` server in one interleaved run: memory per idle signed-in connection at
// 1,000 and 10,000, and the time from a message to the first word of a model that answers at once. The servers run on core
// 0; this process, which is clients, API and model, on core 1. Numbers are reported, never judged.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync, existsSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import WebSocket from "ws";

const rounds = Number(process.argv[2] ?? 5), asks = Number(process.env.BENCH_ASKS ?? 200);
const sizes = (process.env.BENCH_CONNECTIONS ?? "1000,10000").split(",").map(Number);
const source = process.env.TH_SOURCE, program = process.env.TH_PROGRAM;

function listen(handler) {
  const server = http.createServer({ keepAliveTimeout: 60000 }, handler);
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve([server, `http://127.0.0.1:${server.address().port}`])));
}

function api(request, response) {
  const number = Number(/bench-(\d+)$/.exec(request.headers.authorization)?.[1] ?? 0);
  const data = request.url.endsWith("/me") ? { id: number + 1, full_name: "Ada Lovelace", email: "ada@bench.example", role: "admin" }
    : { id: "bench", name: "Bench", timezone: "Europe/Berlin" };
  response.writeHead(200, { "Content-Type": "application/json" });
  response.end(JSON.stringify({ data }));
}

const chunk = (delta, more = {}) => `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m",
  choices: [{ index: 0, delta, finish_reason: null, ...more }] })}\n\n`;
const stream = chunk({ role: "assistant", content: "At once." }) + chunk({}, { finish_reason: "stop" }) + "data: [DONE]\n\n";

function model(request, response) {
  request.resume();
  request.on("end", () => {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.end(stream);
  });
}

// ---- servers ----

async function startHost(apiUrl, modelUrl) {
  const directory = mkdtempSync(join(tmpdir(), "tallyhost-bench-"));
  const ready = join(directory, "ready.json");
  writeFileSync(join(directory, "hello.lua"), 'tool "hello" { title = "T"; about = "A"; effect = "read"; run = function () return "hi" end }');
  const child = spawn("taskset", ["-c", "0", program, "serve", "--mcp", "127.0.0.1:0", "--chat", "127.0.0.1:0", "--tools",
    process.env.BENCH_TOOLS ?? directory, "--ready-file", ready], { cwd: directory, stdio: ["ignore", "ignore", "inherit"], env: { ...process.env,
    TALLYHOST_LOG_LEVEL: "error", TALLYHOST_TALLYFY_BASE_URL: apiUrl, TALLYHOST_TALLYFY_PLAIN_HTTP: "true", TALLYHOST_CHAT_PROVIDER: "openai",
    TALLYHOST_CHAT_BASE_URL: `${modelUrl}/v1`, TALLYHOST_CHAT_MODEL: "m", TALLYHOST_CHAT_MESSAGES: "100000", TALLYHOST_SESSION_COUNT: "20000",
    TALLYHOST_HTTP_CONNECTIONS: "20000", TALLYHOST_HTTP_CONNECTIONS_PER_ADDRESS: "20000", TALLYHOST_FETCH_QUEUE: "20000",
    TALLYHOST_CHAT_AUTH_TIMEOUT: "60s" } });
  while (!existsSync(ready) && child.exitCode === null) await new Promise((resume) => setTimeout(resume, 5));
  if (child.exitCode !== null) throw new Error(`the host ended with ${child.exitCode}`);
  const said = JSON.parse(readFileSync(ready, "utf8"));
  return { name: "tallyhost", url: said.chat, child, pid: said.pid, end: () => rmSync(directory, { recursive: true }) };
}

async function startPeer(apiUrl, modelUrl) {
  const child = spawn("taskset", ["-c", "0", process.execPath, join(source, "tests/bench/chat_peer.mjs"), apiUrl, modelUrl],
    { stdio: ["ignore", "pipe", "inherit"], cwd: join(source, "tests") });
  const [url] = await new Promise((resolve) => createInterface({ input: child.stdout }).once("line", (line) => resolve([line])));
  return { name: "node ws", url, child, pid: child.pid, end: () => {} };
}

const resident = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) * 1024;

// ---- a client ----

class Client {
  static async open(server, number) {
    const client = new Client();
    client.socket = new WebSocket(server.url, ["tallyhost.chat.v1"], { perMessageDeflate: false, skipUTF8Validation: true });
    client.lost = new Promise((_, reject) => {
      client.socket.on("error", reject);
      client.socket.on("close", (code, reason) => reject(new Error(`${server.name} closed: ${code} ${reason}`)));
    });
    client.lost.catch(() => {});
    client.inbox = [];
    client.socket.on("message", (bytes) => client.look(JSON.parse(bytes)));
    await client.next("hello");
    const session = client.next("session");
    client.send({ type: "auth", api_key: `bench-${number}`, org_id: "bench" });
    await session;
    return client;
  }

  look(message) {
    if (message.type === "error") throw new Error(JSON.stringify(message));
    if (message.type !== this.wanted) return this.inbox.push(message.type);
    this.wanted = undefined;
    this.found();
  }

  // The next message of that type; what came before it is forgotten.
  next(type) {
    const there = this.inbox.indexOf(type);
    if (there >= 0) this.inbox.splice(0, there + 1);
    else this.inbox = [];
    return there >= 0 ? undefined : Promise.race([this.lost, new Promise((resolve) => { this.wanted = type; this.found = resolve; })]);
  }

  send(message) { this.socket.send(JSON.stringify(message)); }

  // Milliseconds from the message to the first words.
  async ask(number) {
    const delta = this.next("delta"), began = process.hrtime.bigint();
    this.send({ type: "ask", id: `a${number}`, text: "What is next?" });
    await delta;
    const took = Number(process.hrtime.bigint() - began) / 1e6;
    await this.next("answer");
    const forgotten = this.next("forgotten");
    this.send({ type: "forget", id: `f${number}` });
    await forgotten;
    return took;
  }

  close() { this.socket.terminate(); }
}

async function openMany(server, from, to) {
  const clients = [];
  for (let at = from; at < to; at += 50)
    clients.push(...await Promise.all(Array.from({ length: Math.min(50, to - at) }, (_, i) => Client.open(server, at + i))));
  return clients;
}

// ---- the run ----

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const share = (list, part) => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * part))];

async function memory(start, urls) {
  const server = await start(...urls);
  const first = await Client.open(server, 999999); // whatever is made for the first one
  await first.ask(0);
  const empty = resident(server.pid), rows = [];
  const clients = [first];
  for (const size of sizes) {
    clients.push(...await openMany(server, clients.length, size + 1));
    rows.push({ size, each: (resident(server.pid) - empty) / size, whole: resident(server.pid) });
  }
  const crowded = [];
  for (let i = 0; i < asks; i++) crowded.push(await first.ask(i + 1));
  for (const client of clients) client.close();
  server.child.kill("SIGTERM");
  server.end();
  return { name: server.name, rows, crowded };
}

async function main() {
  const [apiServer, apiUrl] = await listen(api), [modelServer, modelUrl] = await listen(model);
  const urls = [apiUrl, modelUrl];
  const servers = [await startHost(...urls), await startPeer(...urls)];
  const clients = await Promise.all(servers.map((server) => Client.open(server, 1)));
  const times = servers.map(() => []);
  for (const client of clients) for (let i = 0; i < asks; i++) await client.ask(`w${i}`); // Node's side warms up, too
  for (let round = 0; round < rounds; round++)
    for (let i = 0; i < servers.length; i++) {
      const took = [];
      for (let n = 0; n < asks; n++) took.push(await clients[i].ask(`r${round}-${n}`));
      times[i].push({ p50: share(took, 0.5), p99: share(took, 0.99) });
    }
  console.log(`\nchat: from a message to the first word of an instant model, ${rounds} rounds of ${asks}, ms`);
  servers.forEach((server, i) => console.log(`  ${server.name.padEnd(10)} p50 ${median(times[i].map((one) => one.p50)).toFixed(2)}` +
    `  p99 ${median(times[i].map((one) => one.p99)).toFixed(2)}`));
  for (const client of clients) client.close();
  for (const server of servers) { server.child.kill("SIGTERM"); server.end(); }

  console.log("\nchat: resident memory per idle signed-in connection, KB (whole process, MB)");
  for (const start of [startHost, startPeer]) {
    const { name, rows, crowded } = await memory(start, urls);
    console.log(`  ${name.padEnd(10)} ${rows.map((row) => `at ${row.size}: ${(row.each / 1024).toFixed(1)} (${(row.whole / 2 ** 20).toFixed(0)})`)
      .join("   ")}   first word beside them: p50 ${share(crowded, 0.5).toFixed(2)} ms`);
  }
  for (const server of [apiServer, modelServer]) { server.close(); server.closeAllConnections(); }
}

execFileSync("taskset", ["-cp", "1", String(process.pid)], { stdio: "ignore" });
await main();
process.exit(0);
