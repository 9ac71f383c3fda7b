// chat.test.mjs - the chat's own life: signing in, bad messages, lost connections, sharing, expiry, signing out, and what is
// left in memory and in the log when somebody is gone. With the built-in assistant, except where a turn must be held.
import { test, describe, before, after } from "node:test";
import assert from "node:assert/strict";
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { Host, until } from "./lib/host.mjs";
import { Chat, isEvent, typed } from "./lib/chat.mjs";
import { Model, text, tool } from "./lib/model.mjs";

let host, ann, ben;
before(async () => {
  host = await Host.start({ env: { TALLYHOST_CHAT_AUTH_TIMEOUT: "2s" } });
  [ann, ben] = [host.person("Amelia"), host.person("Ben")];
});
after(() => host.stop());

const refusal = (promise) => promise.then(() => assert.fail("not refused"), (error) => {
  if (!error.answer) throw error;
  return error.answer;
});

describe("signing in", () => {
  test("with a key nobody knows, without an organisation, in a foreign one", async () => {
    const cases = [[{ ...ann, api_key: "practice-nobody" }, "bad_credential", 1008], [{ ...ann, org_id: "" }, "no_org", 1008],
      [{ ...ann, org_id: host.person("Ines").org_id }, "forbidden", 1008], [{ ...ann, org_id: "../x" }, /no_org|forbidden|bad_message/, 1008]];
    for (const [person, code, closing] of cases) {
      const chat = await Chat.open(host);
      const answer = await refusal(chat.signIn(person));
      if (code instanceof RegExp) assert.match(answer.code, code);
      else assert.equal(answer.code, code);
      assert.equal((await chat.closed).code, closing);
      chat.check();
    }
  });

  test("too late, or with anything else first, ends the connection", async () => {
    const late = await Chat.open(host);
    assert.equal((await late.wait(typed("error"), "the error")).code, "not_signed_in");
    assert.equal((await late.closed).code, 1008);
    for (const first of [{ type: "ask", id: "a", text: "hi" }, "{", "[]", "null", { type: "auth" }, { type: "hello" }, "x".repeat(1000),
      { type: "auth", api_key: ann.api_key, org_id: ann.org_id, admin: true },
      `{"type":"auth","api_key":"${ann.api_key}","api_key":"${ann.api_key}","org_id":"${ann.org_id}"}`]) {
      const chat = await Chat.open(host);
      chat.sendRaw(first);
      assert.equal((await chat.wait(typed("error"), "the error")).type, "error");
      assert.equal((await chat.closed).code, 1008, JSON.stringify(first));
      chat.check();
    }
    const log = host.log.split("\n").filter((line) => !line.includes('"credentials"')); // of the practice organisation
    assert.ok(log.length > 1 && !log.join("\n").includes(ann.api_key));
  });

  test("while the API cannot be asked: try later", async () => {
    const fresh = await Host.start({ practice: false, env: { TALLYHOST_TALLYFY_BASE_URL: "http://127.0.0.1:9",
      TALLYHOST_TALLYFY_PLAIN_HTTP: "true", TALLYHOST_TALLYFY_RETRIES: "0" } });
    const chat = await Chat.open(fresh);
    assert.equal((await refusal(chat.signIn(ann))).code, "unavailable");
    assert.equal((await chat.closed).code, 1013);
    await fresh.stop();
  });
});

test("messages the protocol does not know are refused one by one, and the connection stays", async () => {
  const chat = await Chat.as(host, ann);
  const cases = [["{", "bad_json"], ["[]", "bad_message"], ['{"type":"ask"}', "bad_message"], ['{"type":"dance"}', "unknown_type"],
    ['{"type":7}', /unknown_type|bad_message/], ['{"type":"ask","id":"1","text":"x","more":1}', "bad_message"],
    ['{"type":"ask","id":"1","text":"x","text":"y"}', /bad_json|duplicate_key|bad_message/], ['{"type":"ask","id":"","text":"x"}', "bad_message"],
    ['{"type":"approve","approval":"x","digest":"y"}', "bad_message"], ['{"type":"ask","id":"1","text":""}', "bad_message"],
    [`{"type":"ask","id":"1","text":"${"x".repeat(100001)}"}`, "bad_message"], ['{"type":"auth","api_key":"k"}', "signed_in"],
    [`{"type":"call","tool":"x","arguments":${"[".repeat(70)}${"]".repeat(70)}}`, /bad_json|bad_message|too_deep/]];
  for (const [raw, code] of cases) {
    const from = chat.messages.length;
    chat.sendRaw(raw);
    const answer = await chat.wait(typed("error"), raw.slice(0, 60), { from });
    if (code instanceof RegExp) assert.match(answer.code, code, raw.slice(0, 60));
    else assert.equal(answer.code, code, raw.slice(0, 60));
  }
  assert.match((await chat.say("help")).text, /\w/);
  chat.socket.send(Buffer.from("{}"), { binary: true });
  const end = await chat.closed;
  assert.ok([1003, 1007, 1008].includes(end.code), JSON.stringify(end));
  const large = await Chat.as(host, ann);
  large.sendRaw(`{"type":"ask","id":"1","text":"${"x".repeat(300 * 1024)}"}`);
  assert.ok([1009, 1008].includes((await large.closed).code));
});

test("too many messages at once end the connection, and the conversation can be resumed", async () => {
  const chat = await Chat.as(host, ann);
  for (let i = 0; i < 60; i++) chat.sendRaw({ type: "settings" });
  assert.equal((await chat.wait(typed("error", { code: "too_fast" }), "the refusal")).code, "too_fast");
  await chat.closed;
  const back = await Chat.as(host, ann, { resume: chat.session.resume, after: chat.last });
  assert.equal(back.session.resumed, true);
  await back.close();
});

describe("a lost connection", () => {
  let model, held;
  before(async () => {
    model = await Model.start();
    held = await Host.start({ env: { ...model.environment("anthropic"), TALLYHOST_CHAT_EVENTS_KEPT: "40" } });
    model.plays(/hold on$/, { blocks: [text("First half, and then the second half.")], stalls: 4 });
    model.plays(/(^|\n)work$/, [tool("get_me")], [tool("create_tag", { title: "resumed" })], [text("all done")]);
    model.plays(/many words$/, [text("word ".repeat(400))]);
  });
  after(async () => {
    await held.stop();
    model.check();
    model.close();
  });

  test("in the middle of a turn: what was missed comes, and the rest as it happens", async () => {
    const chat = await Chat.as(held, ann);
    const { turn } = await chat.ask("hold on");
    const stalled = await model.stalled();
    await chat.wait(typed("delta"), "the first words");
    const heard = chat.messages.filter(isEvent);
    const back = await Chat.as(held, ann, await chat.lose());
    assert.deepEqual([back.session.resumed, back.session.replayed], [true, true]);
    await back.lose().then(() => stalled.release()); // and again, while it ends
    const third = await Chat.as(held, ann, { resume: back.session.resume, after: back.last });
    const answer = await third.ending(turn);
    assert.equal(answer.text, "First half, and then the second half.");
    const all = [...heard, ...back.messages.filter(isEvent), ...third.messages.filter(isEvent)];
    assert.deepEqual(all.map((one) => one.seq), all.map((_, at) => at + 1));
    assert.equal(all.filter(typed("delta")).map((one) => one.text).join(""), answer.text);
    await third.close();
  });

  test("a turn runs on without a socket, and its approval waits", async () => {
    const chat = await Chat.as(held, ann);
    const { turn } = await chat.ask("work");
    const lost = await chat.lose();
    await until(() => model.requests.some((one) => one.ask.endsWith("work") && one.step === 1), "the second round");
    const back = await Chat.as(held, ann, lost);
    const card = await back.wait(typed("approval_request"), "the card");
    await back.approve(card);
    assert.equal((await back.ending(turn)).text, "all done");
    await back.close();
  });

  test("with too much missed, or without a number, a snapshot replaces what the client had", async () => {
    const chat = await Chat.as(held, ann);
    const first = await chat.say("many words");
    const lost = await chat.lose();
    const back = await Chat.as(held, ann, { resume: lost.resume, after: 0 });
    assert.deepEqual([back.session.resumed, back.session.replayed], [true, false]);
    const told = back.session.snapshot;
    assert.deepEqual(told.map((one) => one.type), ["turn", "answer"]);
    assert.equal(told[1].text, first.text);
    const history = await back.request({ type: "history" });
    assert.deepEqual(history.events, told);
    const again = await Chat.as(held, ann, { resume: (await back.lose()).resume });
    assert.deepEqual(again.session.snapshot, told);
    await again.close();
  });

  test("a resume key works once, for its own person, with a good credential", async () => {
    const chat = await Chat.as(held, ann);
    const { resume } = await chat.lose();
    for (const other of [held.person("Ben"), held.person("Ines")]) {
      const stranger = await Chat.as(held, other, { resume });
      assert.equal(stranger.session.resumed, false);
      await stranger.close();
    }
    const wrong = await Chat.open(held);
    assert.equal((await refusal(wrong.signIn({ ...ann, api_key: "no" }, { resume }))).code, "bad_credential");
    const back = await Chat.as(held, ann, { resume, after: 0 });
    assert.equal(back.session.resumed, true);
    const late = await Chat.as(held, ann, { resume, after: 0 });
    assert.equal(late.session.resumed, false);
    await Promise.all([back.close(), late.close()]);
    assert.match(held.log, /a resume key of somebody else.* refused/);
  });
});

test("several connections share one conversation if they ask to, and each hears everything", async () => {
  const [first, own] = await Promise.all([Chat.as(host, ben), Chat.as(host, ann)]);
  const second = await Chat.as(host, ben, { join: true });
  assert.equal(second.session.session, first.session.session);
  assert.notEqual(second.session.resume, first.session.resume);
  assert.notEqual(own.session.session, first.session.session);
  const { turn, end } = await second.ask("my tasks");
  await Promise.all([end, first.ending(turn)]);
  assert.deepEqual(first.messages.filter(isEvent), second.messages.filter(isEvent));
  const busy = first.ask("help"), also = second.ask("help");
  const both = await Promise.allSettled([busy, also]);
  const won = both.filter((one) => one.status === "fulfilled");
  assert.ok(won.length >= 1);
  for (const one of both.filter((each) => each.status === "rejected")) assert.equal(one.reason.answer.code, "busy");
  await Promise.all(won.map((one) => one.value.end));
  assert.ok(!own.messages.some(isEvent));
  second.send({ type: "sign_out" });
  for (const one of [first, second]) {
    assert.equal((await one.wait(typed("expired"), "the farewell")).reason, "signed_out");
    assert.equal((await one.closed).code, 1000);
    one.check();
  }
  await own.close();
});

test("forget, history and settings", async () => {
  const chat = await Chat.as(host, ann);
  await chat.say("help");
  assert.equal((await chat.request({ type: "history" })).events.length, 2);
  assert.equal((await chat.request({ type: "forget" })).what, "history");
  assert.deepEqual((await chat.request({ type: "history" })).events, []);
  const tools = await chat.request({ type: "tools" });
  assert.ok(tools.tools.length > 90 && tools.tools.every((one) => one.domain !== "finder"));
  const light = await Chat.as(host, host.person("Carla"));
  assert.ok((await light.request({ type: "tools" })).tools.length < tools.tools.length);
  await Promise.all([chat.close(), light.close()]);
});

describe("the end", () => {
  test("idle and absolute: a warning, then goodbye; use helps against the one only", async () => {
    const short = await Host.start({ env: { TALLYHOST_SESSION_IDLE: "1s", TALLYHOST_SESSION_LIFE: "4s" } });
    const [quiet, busy] = await Promise.all([Chat.as(short, ann), Chat.as(short, ben)]);
    const use = setInterval(() => busy.end || busy.send({ type: "settings" }), 100);
    assert.equal((await quiet.wait(typed("expiring"), "the warning")).reason, "idle");
    assert.equal((await quiet.wait(typed("expired"), "the end")).reason, "idle");
    assert.equal((await quiet.closed).code, 1008);
    assert.equal((await busy.wait(typed("expiring", { reason: "life" }), "the other warning")).reason, "life");
    assert.equal((await busy.wait(typed("expired"), "the other end")).reason, "life");
    clearInterval(use);
    await busy.closed;
    const back = await Chat.as(short, ann, { resume: quiet.session.resume });
    assert.equal(back.session.resumed, false);
    await back.close();
    await short.stop();
  });

  test("a stopping host says so, and lets what runs end", async () => {
    const going = await Host.start();
    const chat = await Chat.as(going, ann);
    const stopped = going.stop();
    assert.equal((await chat.wait(typed("expired"), "the farewell")).reason, "shutdown");
    assert.equal((await chat.closed).code, 1001);
    await stopped;
  });

  // How many copies of <needle> are in the memory of process <pid>.
  function copies(pid, needle) {
    const wanted = Buffer.from(needle), memory = openSync(`/proc/${pid}/mem`, "r");
    const window = Buffer.alloc(1 << 22);
    let found = 0;
    for (const line of readFileSync(`/proc/${pid}/maps`, "utf8").split("\n")) {
      const [, from, to] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? [];
      if (!from) continue;
      const start = parseInt(from, 16), end = parseInt(to, 16);
      if (end - start > 2 ** 30) continue; // a sanitizer's shadow: terabytes, and not ours
      for (let at = start; at < end; at += window.length - wanted.length) {
        let got = 0;
        try { got = readSync(memory, window, 0, Math.min(window.length, end - at), at); } catch { continue; }
        for (let i = window.subarray(0, got).indexOf(wanted); i >= 0; i = window.subarray(0, got).indexOf(wanted, i + 1)) found++;
      }
    }
    closeSync(memory);
    return found;
  }

  test("leaves no copy of the key in memory or in the log: signed out, lost and expired, refused", async (context) => {
    if (process.getuid() !== 0) return context.skip("reading another process's memory takes root");
    // Without the practice organisation, which is in the same process and knows everybody's keys.
    const made = await Host.start({ practice: false, env: { TALLYHOST_TALLYFY_BASE_URL: host.ready.practice,
      TALLYHOST_TALLYFY_PLAIN_HTTP: "true", TALLYHOST_CHAT_RESUME: "300ms", TALLYHOST_SESSION_SWEEP: "100ms" } });
    const pid = made.ready.pid;
    const chat = await Chat.as(made, ann);
    await chat.say("my tasks");
    const { call } = await chat.call("create_tag", { title: "secret" });
    const card = await chat.card(call);
    assert.ok(copies(pid, ann.api_key) >= 1, "the search finds the key while it is in use");
    const lost = await Chat.as(made, ben);
    await lost.say("my tasks");
    await lost.lose();
    await chat.approve(card);
    await chat.result(call);
    await chat.signOut();
    await until(() => copies(pid, ann.api_key) === 0, "no copy of the key of who signed out", 10000);
    await until(() => copies(pid, ben.api_key) === 0, "no copy of the key of who did not come back", 10000);
    // Signed out in the middle of everything.
    const middle = await Chat.as(made, ann);
    for (let i = 0; i < 10; i++) middle.send({ type: "call", tool: "get_my_tasks" });
    middle.send({ type: "ask", text: "templates" });
    await middle.signOut();
    await until(() => copies(pid, ann.api_key) === 0, "no copy of the key of who left in the middle", 10000);
    const bad = await Chat.open(made);
    await refusal(bad.signIn({ ...ann, api_key: "practice-refused-0123456789abcdef" }));
    await bad.closed;
    const half = await Chat.open(made);
    half.sendRaw(`{"type":"auth","api_key":"practice-broken-0123456789abcdef","org_id":`);
    await half.closed;
    for (const key of ["practice-refused-0123456789abcdef", "practice-broken-0123456789abcdef"])
      await until(() => copies(pid, key) === 0, `no copy of ${key}`, 10000);
    for (const key of [ann.api_key, ben.api_key, "practice-refused", "practice-broken"]) assert.ok(!made.log.includes(key));
    for (const one of [chat, lost]) assert.ok(!made.log.includes(one.session.resume));
    await made.stop();
  });
});
