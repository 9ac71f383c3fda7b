// chat_peer.mjs API MODEL - the peer of the chat's benchmark: Node's `ws` doing what a chat does at the least, in the same
// protocol's words: signs in by asking the API the same two questions, and passes on a model's stream. No history, no tools,
// no approvals, no resumption, no limits: what it leaves out is on its side.
import http from "node:http";
import { WebSocketServer } from "ws";

const [api, model] = process.argv.slice(2);
const agent = new http.Agent({ keepAlive: true, maxSockets: 256 });

function ask(url, options, body) {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { ...options, agent }, resolve);
    request.on("error", reject);
    request.end(body);
  });
}

async function json(url, key) {
  const response = await ask(url, { headers: { Authorization: `Bearer ${key}` } });
  let text = "";
  for await (const piece of response) text += piece;
  return JSON.parse(text).data;
}

async function signIn(socket, state, message) {
  const base = `${api}/organizations/${message.org_id}`;
  const [me, org] = await Promise.all([json(`${base}/me`, message.api_key), json(base, message.api_key)]);
  Object.assign(state, { key: message.api_key, me, org, seq: 0 });
  socket.send(JSON.stringify({ type: "session", seq: 0, user: me, org }));
}

async function turn(socket, state, message) {
  const name = `t${(state.turns = (state.turns ?? 0) + 1)}`;
  socket.send(JSON.stringify({ type: "turn", seq: ++state.seq, re: message.id, turn: name, text: message.text }));
  const response = await ask(`${model}/v1/chat/completions`, { method: "POST", headers: { "Content-Type": "application/json" } },
    JSON.stringify({ model: "m", stream: true, messages: [{ role: "user", content: message.text }] }));
  let rest = "", said = "";
  response.setEncoding("utf8");
  for await (const piece of response) {
    rest += piece;
    for (let end; (end = rest.indexOf("\n\n")) >= 0; rest = rest.slice(end + 2)) {
      const data = rest.slice(6, end);
      const text = data === "[DONE]" ? undefined : JSON.parse(data).choices[0]?.delta?.content;
      if (!text) continue;
      said += text;
      socket.send(JSON.stringify({ type: "delta", seq: ++state.seq, turn: name, text }));
    }
  }
  socket.send(JSON.stringify({ type: "answer", seq: ++state.seq, turn: name, text: said }));
}

const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false, maxPayload: 256 * 1024 });
server.on("connection", (socket) => {
  const state = {};
  socket.on("message", (bytes) => {
    const message = JSON.parse(bytes);
    if (message.type === "auth") signIn(socket, state, message).catch(() => socket.close(1013));
    else if (message.type === "ask") turn(socket, state, message).catch(() => socket.close(1011));
    else if (message.type === "forget") socket.send(JSON.stringify({ type: "forgotten", seq: ++state.seq, re: message.id }));
  });
  socket.send(JSON.stringify({ type: "hello", seq: 0 }));
});
server.on("listening", () => console.log(`ws://127.0.0.1:${server.address().port}/`));
