// chat_models.test.mjs - the whole chat with a model server that speaks both providers' wire: streaming, tools, trouble in
// every place. Whatever the model's side does, a turn ends in an answer or in an error that says what happened.
import { test, describe, before, after } from "node:test";
import assert from "node:assert/strict";
import { Host, until } from "./lib/host.mjs";
import { Chat, typed } from "./lib/chat.mjs";
import { attempts, answersHtml, brokenTool, fails, key, Model, overloadedAfter, redirects, text, thinking, redacted, tool, unknown }
  from "./lib/model.mjs";

const files = {
  "slow.lua": `tool "slow" { title = "Slow"; about = "Waits for the person."; effect = "read";
  run = function (args, call)
    local answer, err = call.ask { message = "Go on?", schema = { type = "object", properties = { why = { type = "string" } } } }
    return answer and ("went on: " .. tostring(answer.why)) or ("stopped: " .. err.code)
  end }`,
  "count.lua": `tool "count" { title = "Count"; about = "Counts."; effect = "read"; input = { whole "n" { "N" } };
  run = function (args) return { text = "counted " .. args.n, data = { n = args.n } } end }`,
  "echo.lua": `tool "echo" { title = "Echo"; about = "Says how long it was."; effect = "read"; input = { text "words" { "W", max = 2000000 } };
  run = function (args) return tostring(#args.words) end }`,
};
// What was asked when a turn failed stands in front of the next question, so scripts look at the last paragraph.
const last = (words) => new RegExp(`(^|\\n)${words}$`);
const settings = { TALLYHOST_CHAT_STALL_TIMEOUT: "400ms", TALLYHOST_CHAT_RETRY_WAIT: "2s", TALLYHOST_CHAT_CONNECT_TIMEOUT: "1s",
  TALLYHOST_CHAT_MESSAGES: "1000" };

for (const provider of ["anthropic", "openai"]) {
  describe(provider, () => {
    let host, model, ann, chat;
    before(async () => {
      model = await Model.start();
      host = await Host.start({ ownTools: true, files, env: { ...model.environment(provider), ...settings } });
      ann = host.person("Amelia");
      chat = await Chat.as(host, ann);
    });
    after(async () => {
      await chat.close();
      await host.stop();
      assert.ok(!host.log.includes(key), "the model's key is in the log");
      model.close();
    });

    test("text streams; what was said adds up to the answer", async () => {
      model.plays(last("hello"), [text("Hello **Amelia**, here is <b>HTML</b> and a [link](javascript:alert(1)).")]);
      const { turn, end } = await chat.ask("hello");
      const answer = await end;
      const deltas = chat.messages.filter(typed("delta", { turn })).map((one) => one.text);
      assert.ok(deltas.length > 0);
      assert.equal(deltas.join(""), answer.text);
      assert.match(answer.html, /<strong>Amelia<\/strong>/);
      assert.doesNotMatch(answer.html, /<b>|javascript:/);
      assert.equal(answer.stop, "end");
      assert.ok(answer.usage.turn.input_tokens > 0 && answer.usage.turn.output_tokens > 0);
    });

    test("tools run side by side, their results go back, an identical call is answered from the first", async () => {
      model.plays(last("count"), [text("Let me count."), tool("count", { n: 1 }), tool("count", { n: 2 }), tool("count", { n: 1 })],
        [tool("count", { n: 1 })], (request) => {
          const said = JSON.stringify(request.body);
          return [text(`counted 1: ${said.includes("counted 1")}, counted 2: ${said.includes("counted 2")}`)];
        });
      const { turn, end } = await chat.ask("count");
      assert.equal((await end).text, "counted 1: true, counted 2: true");
      const results = chat.messages.filter(typed("tool_result", { turn }));
      assert.deepEqual(results.map((one) => [one.tool, one.ok]), Array(4).fill(["count", true]));
      assert.equal(results.filter((one) => one.again).length, 2);
      const calls = chat.messages.filter(typed("tool_call", { turn })).map((one) => one.call);
      assert.deepEqual(new Set(results.map((one) => one.call)), new Set(calls));
    });

    test("a limit or a server that is down for a moment is waited for", async () => {
      const cases = { "wait 429": fails(429, { "retry-after": "0" }), "wait 529": fails(529, { "retry-after": "0" }),
        "wait 503": fails(503, { "retry-after": "0" }), "wait 500": fails(500), "wait cut": { dies: "before_head" } };
      for (const [ask, trouble] of Object.entries(cases)) {
        model.plays(last(`${ask}`), attempts(trouble, [text(`after ${ask}`)]));
        const answer = await chat.say(ask);
        assert.equal(answer.text, `after ${ask}`, JSON.stringify(answer));
      }
    });

    test("lasting trouble ends in an error with a code and a sentence", async () => {
      const cases = [
        ["rate", fails(429, { "retry-after": "0" }), "rate_limited"], ["long", fails(429, { "retry-after": "3600" }), "rate_limited"],
        ["over", fails(529, { "retry-after": "0" }), "overloaded"], ["down", fails(500, { "retry-after": "0" }), /unavailable|overloaded|broken/],
        ["key", fails(401), "unauthenticated"], ["bad", fails(400), "rejected"], ["gone", fails(404), "rejected"],
        ["large", fails(413), "too_large"], ["html", answersHtml(200), /bad_answer|broken/],
        ["redirect", redirects("http://127.0.0.1:9/steal"), /.+/], ["reset", { dies: "before_head" }, /unavailable|broken/],
      ];
      for (const [ask, trouble, code] of cases) {
        model.plays(last(`trouble ${ask}`), trouble);
        const end = await chat.say(`trouble ${ask}`);
        assert.equal(end.type, "error", `${ask}: ${JSON.stringify(end)}`);
        if (code instanceof RegExp) assert.match(end.code, code, ask);
        else assert.equal(end.code, code, `${ask}: ${end.message}`);
        assert.ok(end.message.length > 10 && !end.message.includes(key));
        assert.equal((await chat.say("hello")).stop, "end", `the turn behind ${ask}`);
      }
    });

    test("a stream cut in every place ends the turn, with what was said", async () => {
      const blocks = [text("One two three four five."), tool("count", { n: 3 })];
      let turns = 0;
      for (const dies of ["head", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, "inside"]) {
        model.plays(last(`cut ${dies}`), { blocks, dies }, [text("the end")]);
        const end = await chat.say(`cut ${dies}`);
        turns++;
        assert.ok(end.type === "answer" || end.type === "error", JSON.stringify(end));
        if (end.type === "error") assert.match(end.code, /broken|unavailable/, `${dies}: ${JSON.stringify(end)}`);
      }
      assert.equal(turns, 12);
      assert.equal((await chat.say("hello")).stop, "end"); // the history is whole: the model's server would refuse it otherwise
    });

    test("malformed events, errors within, unknown blocks and odd framing", async () => {
      const data = (value) => ({ event: provider === "anthropic" ? value.type : undefined, data: value });
      const cases = {
        "no json": { events: [{ event: "message_start", data: "{" }] },
        "array": { events: [{ event: "message_start", data: "[1,2]" }] },
        "nothing": { events: [] },
        "wrong types": { events: [data({ type: "message_start", message: 7, choices: "x" })] },
        "deep": { events: [{ event: "message_start", data: "[".repeat(5000) }] },
        "error inside": overloadedAfter(text("Half an ans")),
      };
      for (const [ask, step] of Object.entries(cases)) {
        model.plays(last(`odd ${ask}`), step);
        const end = await chat.say(`odd ${ask}`);
        assert.equal(end.type, "error", `${ask}: ${JSON.stringify(end)}`);
      }
      const fine = {
        "bytes": { blocks: [text("Ünï—😀 whole")], write: 1 }, "crlf": { blocks: [text("Ünï—😀 whole")], crlf: true, comments: true },
        "pings": { blocks: [text("Ünï—😀 whole")], pings: true, deltas: 1 },
      };
      for (const [ask, step] of Object.entries(fine)) {
        model.plays(last(`odd ${ask}`), step);
        assert.equal((await chat.say(`odd ${ask}`)).text, "Ünï—😀 whole", ask);
      }
      if (provider === "anthropic") {
        model.plays(last("odd blocks"), [thinking("hm"), redacted(), unknown(), tool("count", { n: 9 })], [text("still here")]);
        assert.equal((await chat.say("odd blocks")).text, "still here");
        assert.ok(!chat.messages.some((one) => one.type === "delta" && /must not be shown/.test(one.text)));
      }
    });

    test("a stall ends the turn, and the host hangs up", async () => {
      model.plays(last("stall"), { blocks: [text("Half an answer that goes on and on.")], stalls: 4 });
      const { end } = await chat.ask("stall");
      const held = await model.stalled();
      const error = await end;
      assert.deepEqual([error.type, error.code], ["error", "timeout"], JSON.stringify(error));
      await held.aborted();
    });

    test("cancel reaches the model's stream at once", async () => {
      model.plays(last("cancel me"), { blocks: [text("A very long answer indeed, with many words.")], stalls: 5 });
      const patient = await Host.start({ env: { ...model.environment(provider) } });
      const other = await Chat.as(patient, patient.person("Ben"));
      const { end } = await other.ask("cancel me");
      const held = await model.stalled();
      other.send({ type: "cancel" });
      const answer = await end;
      assert.deepEqual([answer.type, answer.stop], ["answer", "cancelled"]);
      await held.aborted();
      assert.equal((await other.say("hello")).stop, "end");
      await other.close();
      await patient.stop();
    });

    test("refusals, answers cut by their length, and stop reasons nobody knows", async () => {
      model.plays(last("refuse"), { blocks: [text("I will")], stop: "refusal", stop_details: { category: "x", explanation: "no" } });
      const refusal = await chat.say("refuse");
      assert.deepEqual([refusal.type, refusal.code], ["error", "refused"], JSON.stringify(refusal));
      model.plays(last("length"), { blocks: [text("As far as it g")], stop: "max_tokens" });
      const cut = await chat.say("length");
      assert.deepEqual([cut.type, cut.stop, cut.text.startsWith("As far as it g")], ["answer", "length", true], JSON.stringify(cut));
      model.plays(last("mystery"), { blocks: [text("Who knows")], stop: "moon_phase" });
      const odd = await chat.say("mystery");
      assert.ok(odd.type === "error" || odd.stop === "other" || odd.stop === "end", JSON.stringify(odd));
      assert.equal((await chat.say("hello")).stop, "end");
    });

    test("huge and broken tool inputs are refused; the model may try again", async () => {
      model.plays(last("huge"), { blocks: [tool("echo", { words: "x".repeat(1200 * 1024) })], deltas: 10000 }, [text("too much")]);
      const huge = await chat.say("huge");
      assert.ok(huge.type === "error" || huge.text === "too much", JSON.stringify(huge).slice(0, 500));
      model.plays(last("big"), { blocks: [tool("echo", { words: "x".repeat(300 * 1024) })], deltas: 10000 }, [text("fine")]);
      const big = await chat.ask("big");
      assert.equal((await big.end).text, "fine");
      assert.ok(chat.messages.some((one) => one.type === "tool_result" && one.turn === big.turn && one.text === String(300 * 1024)));
      for (const json of ['{"n":', "[]", "7", '{"n":1,"n":2}', '{"n":"\\ud800"}', "{\"n\":1}}"]) {
        model.plays(last("broken"), [brokenTool("count", json)], [text("tried")]);
        const { turn, end } = await chat.ask("broken");
        const done = await end;
        assert.ok(done.type === "error" || done.text === "tried", `${json}: ${JSON.stringify(done)}`);
        const result = chat.messages.find(typed("tool_result", { turn }));
        if (result) assert.equal(result.ok, false, `${json}: ${JSON.stringify(result)}`);
      }
      assert.equal((await chat.say("hello")).stop, "end");
    });

    test("a question of a tool is put to the person, and the turn goes on with the answer", async () => {
      model.plays(last("ask me"), [tool("slow")], [text("done")]);
      const { turn, end } = await chat.ask("ask me");
      const question = await chat.wait(typed("question", { turn }), "the question");
      assert.deepEqual([question.kind, question.message], ["form", "Go on?"]);
      await chat.request({ type: "reply", question: question.question, action: "accept", content: { why: 7 } })
        .then((one) => assert.equal(one.code, "invalid_answer"));
      chat.send({ type: "reply", question: question.question, action: "accept", content: { why: "because" } });
      assert.equal((await end).text, "done");
      assert.equal(chat.messages.find(typed("tool_result", { turn })).text, "went on: because");
    });

    test("every request was one that the provider takes", () => {
      model.check();
      assert.ok(model.requests.length > 40);
    });
  });
}

test("limits of a turn end in a question whether to go on", async () => {
  const model = await Model.start();
  const host = await Host.start({ ownTools: true, files, env: { ...model.environment("anthropic"), TALLYHOST_CHAT_ROUNDS: "2" } });
  const chat = await Chat.as(host, host.person("Amelia"));
  model.plays(last("loop"), ...Array.from({ length: 5 }, (_, i) => [tool("count", { n: i })]), [text("out of breath")]);
  const { turn, end } = await chat.ask("loop");
  const first = await chat.wait(typed("question", { turn, kind: "continue" }), "the question");
  chat.send({ type: "reply", question: first.question, action: "accept" });
  const second = await chat.wait((one) => one.type === "question" && one.turn === turn && one.question !== first.question, "another");
  chat.send({ type: "reply", question: second.question, action: "decline" });
  const answer = await end;
  assert.deepEqual([answer.type, answer.stop], ["answer", "limit"], JSON.stringify(answer));
  assert.equal((await chat.say("again")).type, "answer");
  model.check();
  await chat.close();
  await host.stop();
  model.close();
});

test("a model that is not there, and a history longer than it takes", async () => {
  const host = await Host.start({ env: { TALLYHOST_CHAT_PROVIDER: "openai", TALLYHOST_CHAT_BASE_URL: "http://127.0.0.1:9/v1",
    TALLYHOST_CHAT_MODEL: "m", TALLYHOST_CHAT_RETRY_WAIT: "100ms" } });
  const chat = await Chat.as(host, host.person("Amelia"));
  const end = await chat.say("anybody?");
  assert.equal(end.type, "error");
  assert.match(end.code, /unavailable|broken|timeout/);
  await chat.close();
  await host.stop();
});
