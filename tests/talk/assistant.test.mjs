// assistant.test.mjs - the built-in assistant as a person talks to it: plain sentences to the real program, with the practice
// organisation behind it. What each sentence is read as is in tests/unit/chat/test_offline.c; here it must come to something.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { Host } from "./lib/host.mjs";
import { Chat } from "./lib/chat.mjs";

let host;
before(async () => (host = await Host.start()));
after(() => host.stop());

// Says each sentence, with yes or no to its cards; gives the answers and the tools that cards were for.
async function talk(person, sentences) {
  const chat = await Chat.as(host, host.person(person));
  const cards = [];
  let no = false;
  chat.onmessage = (one) => {
    if (one.type !== "approval_request") return;
    cards.push(one.tool);
    (no ? chat.deny(one) : chat.approve(one)).catch(() => {}); // a failure shows itself in the answer
  };
  for (const [sentence, expected, refuse] of sentences) {
    no = refuse === "no";
    const end = await chat.say(sentence);
    assert.equal(end.type, "answer", JSON.stringify(end));
    assert.match(end.text, expected, sentence);
  }
  await chat.close();
  return cards;
}

test("a working day: what is late, deciding with reasons, handing over, moving, asking", async () => {
  const cards = await talk("Amelia", [
    ["What's overdue?", /Hold the lessons-learned meeting.*\*\*overdue\*\*/],
    ["reject 1 because price too high", /cannot be rejected/],
    ["reject 2 because price too high", /is rejected\.[^]*your comment is there/],
    ["comments on 2", /Amelia Hartmann.*price too high/],
    ["my tasks", /1\. \*\*Hold the lessons-learned meeting/],
    ["aprove 2", /Did you mean \*\*approve 2\*\*\?/],
    ["yes", /Approve the start package\*\* is approved/],
    ["assign 1 to Carla", /is now with Carla/],
    ["postpone 3", /To when\?/],
    ["next Tuesday", /Approve the new parking plan\*\*: Due/],
    ["archive process Northgate", /All right: it was not done/, "no"],
    ["status of Northgate", /Northgate Pallets[^]*Status: problem[^]*Run the credit check/],
    ["who is Ben", /Ben Okonkwo[^]*ben\.okonkwo@/],
  ]);
  assert.deepEqual(cards, ["complete_task", "complete_task", "add_task_comment", "complete_task", "reassign_tasks",
    "set_task_deadlines", "archive_process"]);
});

test("a launch that is told bit by bit, and a task that is told in two sentences", async () => {
  const cards = await talk("Ben", [
    ["launch onboarding", /New starter name[^]*Department[^]*Start date/],
    ["Department = Finance", /needs to know[^]*New starter name/],
    ["New starter name = Jane, Start date = Friday", /is running/],
    ["remind me to call mum", /Until when\?/],
    ["by Friday", /call mum\*\* is on the list/],
  ]);
  assert.deepEqual(cards, ["launch_process", "create_standalone_task"]);
});

test("what is not understood, or only in part, changes nothing", async () => {
  const cards = await talk("Dev", [
    ["my tasks", /./],
    ["complete 1 and approve 2", /One thing at a time/],
    ["complete 99", /There is no 99/],
    ["complete 0", /There is no number 0/],
    ["complete paint the moon green", /I found no task/],
    ["zeig mir meine Aufgaben", /in English only/],
    ["私のタスク", /I did not understand/],
    ["yes", /Nothing is waiting for a yes/],
    ["undo", /cannot take things back/],
    ["HELP!", /`my tasks`/],
  ]);
  assert.deepEqual(cards, []);
});
