// chat_load.test.mjs - two hundred people at once in two organisations, with reconnects, expiries, cancels and sign-outs in
// the middle of everything, on two workers. Everybody has a mark, and everything that is about them carries it: their
// question, their model's answer, what the API says of them. No mark of another ever reaches them, in a message, a prompt
// or a request to the API; every turn ends in an answer or an error; and the host ends clean (sanitizers look for leaks).
// TH_PEOPLE and TH_SEED change the number and the course.
import { test } from "node:test";
import assert from "node:assert/strict";
import http from "node:http";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Host } from "./lib/host.mjs";
import { Chat, typed } from "./lib/chat.mjs";
import { attempts, fails, Model, text, tool } from "./lib/model.mjs";

const people = Number(process.env.TH_PEOPLE ?? 200), seed = Number(process.env.TH_SEED ?? 7), steps = 6;
const secret = "load-secret-0123456789-abcdef";
const marks = /mk-[ab]-\d{3}/g;

function chance(start) {
  let state = start >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % bound;
  };
}

const files = {
  "whoami.lua": `tool "whoami" { title = "Who"; about = "Says who asks."; effect = "read";
  run = function (args, call)
    local me, err = call.api:get("/organizations/{org}/whoami")
    if not me then return nil, err end
    return { text = me.mark, data = { mark = me.mark, name = call.user.name } }
  end }`,
  "leave.lua": `tool "leave" { title = "Leave"; about = "Leaves a mark."; effect = "add"; input = { text "mark" { "M" } };
  run = function (args, call)
    local made, err = call.api:post("/organizations/{org}/tags", { body = { title = args.mark } })
    if not made then return nil, err end
    return "left " .. made.title
  end }`,
  "wonder.lua": `tool "wonder" { title = "Wonder"; about = "Asks."; effect = "read"; input = { text "mark" { "M" } };
  run = function (args, call)
    local answer, err = call.ask { message = args.mark .. "?", schema = { type = "object", properties = {} } }
    return answer and ("wondered " .. args.mark) or (err.code .. " " .. args.mark)
  end }`,
  "tell.lua": `on "task.completed" { about = "Tells"; run = function (event) return "handled for " .. event.process.title end }`,
};

// Keys look like nothing else, since the host blots them out wherever the API echoes them.
const keyOf = (mark) => `key-${Buffer.from(mark).toString("hex")}`;

// The API: knows the key of mk-a-001 in organisation a. Counts whoever comes with a key where it does not belong.
function startApi(wrong, left) {
  const server = http.createServer(async (request, response) => {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    const body = Buffer.concat(pieces).toString();
    const hex = /^Bearer key-([0-9a-f]+)$/.exec(request.headers.authorization)?.[1];
    const mark = hex && Buffer.from(hex, "hex").toString();
    const [, org, rest] = /^\/organizations\/([ab])\/?([^?]*)/.exec(request.url) ?? [];
    const answer = (status, value) => setImmediate(() => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(value));
    });
    if (!mark) return answer(401, { error: true, message: "Unauthenticated." });
    if (mark[3] !== org) { wrong.push(`${mark} in ${org}`); return answer(403, { error: true, message: "No." }); }
    for (const other of body.match(marks) ?? []) if (other !== mark) wrong.push(`${other} by ${mark}`);
    if (rest === "me") return answer(200, { data: { id: Number(mark.slice(5)), full_name: mark, email: `${mark}@x.example`, role: "admin" } });
    if (rest === "") return answer(200, { data: { id: org, name: `Organisation ${org}`, timezone: "Europe/Berlin" } });
    if (rest === "whoami") return answer(200, { data: { mark } });
    if (rest.startsWith("runs/")) return rest === `runs/of${org}` ? answer(200, { data: { id: rest } }) : answer(404, { error: true, message: "No." });
    if (rest === "tags" && request.method === "POST") {
      const title = JSON.parse(body).title;
      left.set(title, (left.get(title) ?? 0) + 1);
      return answer(200, { data: { id: "t1", title } });
    }
    return answer(404, { error: true, message: "Not here." });
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

function teach(model) {
  const mark = (one) => /mk-[ab]-\d{3}/.exec(one.ask)[0];
  model.plays(/plain$/, (one) => [text(`Plain words for ${mark(one)}, and some more of them for ${mark(one)}.`)]);
  model.plays(/who am i$/, (one) => [text(`Let me look, ${mark(one)}. `), tool("whoami")], (one) => [text(`You are ${mark(one)}.`)]);
  model.plays(/leave$/, (one) => [tool("leave", { mark: `${mark(one)} ${/#\d+/.exec(one.ask.split("\n").at(-1))[0]}` }), tool("whoami")],
    (one) => [text(`Left for ${mark(one)}.`)]);
  model.plays(/wonder$/, (one) => [tool("wonder", { mark: mark(one) })], (one) => [text(`Wondered, ${mark(one)}.`)]);
  model.plays(/trouble$/, attempts(fails(529, { "retry-after": "0" }), (one) => ({ blocks: [text(`Cut off, ${mark(one)}`)], dies: 4 })));
}

class Person {
  constructor(host, mark, number) {
    Object.assign(this, { host, mark, org: mark[3], random: chance(seed * 1000 + number), number, wrong: [], turns: new Map(), denied: new Set(),
      approved: new Set(), did: [] });
    this.credential = { api_key: keyOf(mark), org_id: this.org };
  }

  hear(chat) {
    const heard = (message) => {
      const raw = JSON.stringify(message);
      for (const other of raw.match(marks) ?? []) if (other !== this.mark) this.wrong.push(`${this.mark} got ${raw.slice(0, 300)}`);
      if (/of[ab]"/.test(raw) && raw.includes(`of${this.org === "a" ? "b" : "a"}"`)) this.wrong.push(`${this.mark} heard ${raw}`);
      if (message.type === "turn") this.turns.set(message.turn, false);
      if (message.type === "answer" || (message.type === "error" && message.turn)) this.turns.set(message.turn, true);
    };
    chat.messages.forEach(heard);
    chat.onmessage = heard;
  }

  async enter(more = {}) {
    const chat = await Chat.open(this.host);
    await chat.signIn(this.credential, more);
    this.chat = chat;
    for (const event of chat.session.snapshot ?? []) // what a snapshot tells counts as heard
      if (event.type === "answer" || event.type === "error") this.turns.set(event.turn, true);
    this.hear(chat);
  }

  async comeBack() {
    const lost = await this.chat.lose();
    this.chat.check();
    await this.enter(this.random(4) === 0 ? { resume: lost.resume } : lost);
    if (!this.chat.session.resumed) this.turns.clear(); // it had expired meanwhile
  }

  // Until the turn is over, whatever is asked on the way: yes, no, silence, a lost connection.
  async live(turn) {
    for (let from = 0; ;) {
      const next = await this.chat.wait((one) => one.turn === turn && ["answer", "error", "approval_request", "question"].includes(one.type),
        `what is next in ${turn}`, { from });
      from = this.chat.messages.indexOf(next) + 1;
      if (next.type === "answer" || next.type === "error") return next;
      if (this.random(5) === 0) {
        await this.comeBack();
        if (!this.chat.session.resumed) return undefined;
        if (this.turns.get(turn)) return undefined;
      }
      if (next.type === "question") this.chat.send({ type: "reply", question: next.question, action: this.random(2) ? "accept" : "decline",
        ...(next.kind === "form" ? { content: {} } : {}) });
      else this.answer(next);
      if (!this.chat.session.resumed) continue;
      from = 0; // a new connection: what is open is told anew, and answering twice is refused without harm
      const rest = await Promise.race([this.chat.ending(turn).catch(() => undefined)]);
      return rest;
    }
  }

  answer(card) {
    const kind = this.random(4);
    const what = card.arguments.mark;
    if (kind === 0) { this.denied.add(what); this.chat.send({ type: "deny", approval: card.approval }); }
    else if (kind === 1) this.denied.add(what); // let it expire
    else { this.approved.add(what); this.chat.send({ type: "approve", approval: card.approval, digest: card.digest }); }
  }

  async act(step) {
    const words = ["plain", "who am i", "leave", "wonder", "trouble"][this.random(5)];
    this.did.push(words);
    const kind = this.random(10);
    if (kind === 0) {
      await this.chat.signOut();
      this.turns.clear();
      return this.enter();
    }
    if (kind === 1) {
      const { call } = await this.chat.call("whoami");
      assert.equal((await this.chat.result(call)).text, this.mark);
    }
    const { turn } = await this.chat.ask(`${this.mark} #${step} ${words}`);
    if (kind === 2) this.chat.send({ type: "cancel" });
    if (kind === 3) {
      await this.comeBack();
      if (!this.chat.session.resumed) return undefined;
    }
    if (kind === 4) { // away in the middle, key and all
      await this.chat.signOut();
      this.turns.clear();
      return this.enter();
    }
    if (this.turns.get(turn)) return undefined;
    return this.live(turn);
  }

  async run() {
    await this.enter();
    for (let step = 0; step < steps; step++) await this.act(step);
    for (const [turn, over] of this.turns)
      if (!over) await this.chat.ending(turn);
    if (this.number % 20 === 0) { // stays until it is shown out
      await this.chat.wait(typed("expired", { reason: "idle" }), "the end for being idle");
      await this.chat.closed;
      this.chat.check();
    } else if (this.number % 3 === 0) await this.chat.lose();
    else if (this.number % 3 === 1) await this.chat.signOut();
    else await this.chat.close();
  }
}

test(`${people} people at once`, { timeout: 240000 }, async () => {
  const wrong = [], left = new Map();
  const directory = mkdtempSync(join(tmpdir(), "tallyhost-load-"));
  for (const [name, source] of Object.entries(files)) writeFileSync(join(directory, name), source);
  const [api, model] = await Promise.all([startApi(wrong, left), Model.start()]);
  teach(model);
  const host = await Host.start({ tools: directory, practice: false, record: false, env: { ...model.environment("anthropic"),
    TALLYHOST_TALLYFY_BASE_URL: `http://127.0.0.1:${api.address().port}`, TALLYHOST_TALLYFY_PLAIN_HTTP: "true",
    TALLYHOST_WORKER_COUNT: "2", TALLYHOST_HTTP_CONNECTIONS_PER_ADDRESS: "4000", TALLYHOST_CHAT_APPROVAL_LIFE: "700ms",
    TALLYHOST_CHAT_RESUME: "20s", TALLYHOST_SESSION_IDLE: "8s", TALLYHOST_CHAT_AUTH_TIMEOUT: "60s", TALLYHOST_CHAT_MESSAGES: "1000",
    TALLYHOST_WEBHOOK_SECRET: secret, TALLYHOST_LOG_LEVEL: "info" } });
  const crowd = Array.from({ length: people }, (_, i) =>
    new Person(host, `mk-${i % 2 ? "b" : "a"}-${String(i).padStart(3, "0")}`, i));
  let over = false;
  const news = (async () => {
    for (let i = 0; !over; i++) {
      const org = i % 2 ? "a" : "b";
      const answer = await fetch(new URL(`/webhooks/tallyfy/${secret}`, host.ready.page), { method: "POST", headers: { "X-Tallyfy-orgID": org },
        body: JSON.stringify({ this_task: { id: `t${i}`, title: "T" }, process: { id: `of${org}`, name: `Org ${org}` } }) });
      assert.equal(answer.status, 202);
      await new Promise((resume) => setTimeout(resume, 50));
    }
  })();
  const ends = await Promise.allSettled(crowd.map((one) => one.run()));
  over = true;
  await news;
  const failed = ends.flatMap((end, i) => (end.status === "rejected" ? [`${crowd[i].mark} (${crowd[i].did}): ${end.reason.stack}`] : []));
  assert.deepEqual(failed.slice(0, 3), [], `${failed.length} of ${people} failed`);
  assert.deepEqual(crowd.flatMap((one) => one.wrong).slice(0, 3), []);
  assert.deepEqual(wrong, []);
  for (const one of model.requests) assert.equal(new Set(one.raw.match(marks)).size, 1, one.raw.slice(0, 500));
  // Nothing was left that nobody approved, and nothing twice for one yes.
  const approved = new Set(crowd.flatMap((one) => [...one.approved]));
  for (const [title, times] of left) {
    assert.ok(approved.has(title), `${title} was left without a yes`);
    assert.ok(times <= crowd.filter((one) => one.approved.has(title)).length * 2);
  }
  assert.ok(left.size > people / 20, `${left.size} marks were left`);
  model.check();
  await host.stop();
  model.close();
  api.close();
  api.closeAllConnections();
  rmSync(directory, { recursive: true });
});
