// The page against a host that plays a script: everything a person does, and everything a hostile answer tries.
import { test, describe, before, after, beforeEach, afterEach } from "node:test";
import assert from "node:assert/strict";
import { FakeHost, people } from "./lib/fake_host.mjs";
import { launch, say, tryAs, Window } from "./lib/browser.mjs";
import { call, cardOf, launchSchema, script, tools } from "./lib/script.mjs";

let browser, host, window, page;
const answers = (text) => page.locator(".answer").getByText(text);
const button = (name) => page.getByRole("button", { name, exact: true });
const card = () => page.locator(".approval:not(.closed)");
const received = (type) => host.received.filter((message) => message.type === type);

// One window on one host; own: sentences that this test plays itself.
async function begin({ own = {}, signedIn = true, practice = true, ...options } = {}) {
  host = await FakeHost.start({ script: script(own), tools, call, practice });
  window = await Window.open(browser, host.page, options);
  page = window.page;
  if (signedIn) await tryAs(page, /Ada/);
}

before(async () => {
  browser = await launch();
});
after(async () => browser.close());
beforeEach(() => {
  host = window = undefined;
});
afterEach(async () => {
  // always both, so that a failure in one does not leave the other open
  try {
    await window?.close();
  } finally {
    await host?.stop();
  }
});

describe("signing in", () => {
  test("with one's own key, which is kept nowhere but in memory", async () => {
    await begin({ signedIn: false });
    await page.getByLabel("API key").fill(people[1].api_key);
    await page.getByLabel("Organization id").fill(people[1].org_id);
    await page.getByLabel("API key").press("Enter");
    await page.locator("#who", { hasText: "Ben Okafor" }).waitFor();
    assert.equal(received("auth")[0].org_id, people[1].org_id);
    const kept = await page.evaluate(() =>
      JSON.stringify([
        { ...sessionStorage },
        { ...localStorage },
        document.cookie,
        document.querySelector("#api-key").value,
        document.body.outerHTML,
      ]),
    );
    assert.ok(!kept.includes(people[1].api_key));
    assert.deepEqual(await page.evaluate(() => Object.keys(sessionStorage)), ["tallyhost.resume"]);
  });

  test("a refused key says why and leaves the field to try again", async () => {
    await begin({ signedIn: false });
    await page.getByLabel("API key").fill("wrong-key-entirely");
    await button("Sign in").click();
    await page.getByText("Tallyfy refused this key").waitFor();
    assert.equal(await page.getByLabel("API key").inputValue(), "");
    await page.getByLabel("API key").fill(people[0].api_key);
    await button("Sign in").click();
    await page.getByRole("textbox", { name: "Message" }).waitFor();
  });

  test("without a key nothing is sent", async () => {
    await begin({ signedIn: false });
    await button("Sign in").click();
    await page.getByText("Your API key is needed.").waitFor();
    assert.equal(host.received.length, 0);
  });

  test("a host without practice organisation offers nobody", async () => {
    await begin({ signedIn: false, practice: false });
    window.allow(/404/);
    await button("Sign in").waitFor();
    await page.waitForLoadState("networkidle");
    assert.equal(await page.locator("#practice").isVisible(), false);
  });

  test("a host that is not there is told", async () => {
    await begin({ signedIn: false });
    window.allow(/WebSocket connection/);
    host.cut({ stay: true });
    await page.getByRole("button", { name: /Ada/ }).click();
    await page.getByText("The host cannot be reached").waitFor();
  });

  test("signing out ends everything", async () => {
    await begin();
    await say(page, "my tasks");
    await answers("3 open tasks").waitFor();
    await button("Sign out").click();
    await page.getByRole("heading", { name: "tallyhost" }).waitFor();
    assert.equal(received("sign_out").length, 1);
    assert.equal(await page.evaluate(() => sessionStorage.length), 0);
    assert.equal(await page.locator(".turn").count(), 0);
  });
});

describe("talking", () => {
  test("text streams in, the tool is shown, the answer becomes HTML", async () => {
    await begin();
    await say(page, "my tasks");
    await answers("Order laptop, due Friday").waitFor();
    await page.locator(".answer strong", { hasText: "3 open tasks" }).waitFor();
    const tool = page.getByRole("article", { name: "Tool: Get my tasks" });
    assert.match(await tool.locator(".tool-state").innerText(), /Done\s*86 ms/);
    await tool.locator("summary").first().click();
    await tool.getByText("2. Prepare contract").waitFor();
    assert.equal(await page.locator(".answer", { hasText: "3 open tasks" }).count(), 1); // the sketch is gone
    assert.ok(await page.locator(".answer", { hasText: "Let me look." }).isVisible()); // what came before the tool stays
    await page.locator("#usage", { hasText: "1,210 tokens in, 34 out, cost 0.0021" }).waitFor();
    await window.shot("answer");
  });

  test("a turn can be stopped, and another begun", async () => {
    await begin();
    await say(page, "for ever");
    await page.locator(".streaming", { hasText: "and so on and so on" }).waitFor();
    assert.ok(await button("Send").isHidden());
    await button("Stop").click();
    await page.getByText("Stopped.").waitFor();
    await say(page, "my tasks");
    await answers("3 open tasks").waitFor();
  });

  test("a turn that fails says why", async () => {
    await begin();
    await say(page, "fail");
    await page.locator(".turn .problem", { hasText: "The model is overloaded." }).waitFor();
    await button("Send").waitFor();
  });

  test("an error that belongs to a message is shown, and the text comes back", async () => {
    await begin({ own: {} });
    host.ask = (conversation, { id }) =>
      conversation.reply([...conversation.sockets][0], {
        type: "error",
        re: id,
        code: "budget",
        message: "Your budget of tokens is used up.",
      });
    await say(page, "my tasks");
    await page.locator(".event", { hasText: "Your budget of tokens" }).waitFor();
    assert.equal(await page.getByRole("textbox", { name: "Message" }).inputValue(), "my tasks");
  });

  test("when a limit was met it asks whether to go on", async () => {
    await begin();
    await say(page, "go on");
    await button("Continue").click();
    await answers("The second half: accept.").waitFor();
    assert.equal(await page.locator(".answer", { hasText: "The first half" }).count(), 1);
  });

  test("the end of the session is announced and can be put off", async () => {
    await begin();
    host.conversations[0].event({ type: "expiring", reason: "idle", within: 300000 });
    await page.locator("#banner", { hasText: "You will be signed out in 5 min" }).waitFor();
    await button("Stay signed in").click();
    await page.locator("#banner").waitFor({ state: "hidden" });
    assert.equal(received("settings").length, 1);
    host.send([...host.conversations[0].sockets][0], {
      type: "expired",
      seq: host.conversations[0].seq,
      reason: "life",
      message: "The session is over. Sign in again.",
    });
    await page.locator("#sign-in-problem", { hasText: "The session is over." }).waitFor();
  });

  test("what happens in the organisation appears", async () => {
    await begin();
    host.conversations[0].event({
      type: "event",
      name: "task.completed",
      at: "2026-11-25T09:00:00Z",
      about: "Ben completed “Order laptop”",
      data: {},
    });
    await page.locator(".event", { hasText: "Ben completed “Order laptop”" }).waitFor();
  });
});

describe("approving", () => {
  test("a card shows exactly what would run; yes runs it once", async () => {
    await begin();
    await say(page, "complete 1");
    await card()
      .getByRole("heading", { name: /Complete a task: Order laptop \(Onboarding Jane\)\?/ })
      .waitFor();
    for (const text of [
      "Onboarding Jane",
      "3f".repeat(16),
      "Ben Okafor",
      "Order laptop: open, due 27 Nov",
      "Order laptop: done",
    ]) {
      assert.ok(await card().getByText(text).first().isVisible(), text);
    }
    assert.equal(received("approve").length, 0);
    await window.shot("approval");
    await button("Approve").click();
    await answers("Done: the task is complete.").waitFor();
    const [yes] = received("approve");
    assert.equal(yes.scope, "once");
    assert.equal(yes.arguments, undefined);
    await page.locator(".outcome-approved", { hasText: "Approved" }).waitFor();
  });

  test("yes for the session says so; it is not offered where the host does not", async () => {
    await begin();
    await say(page, "complete 1");
    await button("Approve for this session").click();
    await answers("Done: the task is complete.").waitFor();
    assert.equal(received("approve")[0].scope, "session");
    await say(page, "delete");
    await button("Approve").waitFor();
    assert.equal(await button("Approve for this session").count(), 0);
    await page.getByText("gnp.⟨U+202E⟩stcartnoc").first().waitFor();
    await page.getByText("Contains hidden characters").waitFor();
    await button("Approve").click();
    await page.locator(".answer", { hasText: "Done: the task is complete." }).nth(1).waitFor();
  });

  test("edited: what was not touched goes back unchanged", async () => {
    await begin();
    await say(page, "complete 1");
    await button("Edit…").click();
    await card().getByLabel("Is approved").selectOption({ label: "No" });
    await window.shot("edit");
    await button("Approve with changes").click();
    await answers("Done: the task is complete.").waitFor();
    assert.deepEqual(received("approve")[0].arguments, {
      run_id: "3f".repeat(16),
      task_id: "9c".repeat(16),
      is_approved: false,
      override_user: 7,
    });
    await page.locator(".outcome-edited").waitFor();
  });

  test("edited: values that a form could not write come back as they were", async () => {
    const given = {
      template_id: "a1".repeat(16),
      name: "Jane",
      summary: null,
      owner_id: "12",
      tags: [],
      urgent: null,
      address: { city: "Oslo", zip: null, street: "not in the schema" },
      prerun: { start: [1, null, "1"] },
      unknown: { kept: true },
    };
    const own = {
      launch: async (conversation, turn) => {
        const name = conversation.toolCall("launch_process", "Launch process", "add", given, { turn });
        await conversation.approval(name, { turn, ...cardOf({ arguments: given, schema: launchSchema }) });
        conversation.answer(turn, "Launched", "<p>Launched</p>");
      },
    };
    await begin({ own });
    await say(page, "launch");
    await button("Edit…").click();
    await card().getByLabel("Name", { exact: false }).first().fill("Joan");
    await button("Approve with changes").click();
    await answers("Launched").waitFor();
    assert.deepEqual(received("approve")[0].arguments, { ...given, name: "Joan" });
  });

  test("edited wrongly: told at the field, nothing is sent; told by the host: the card stays", async () => {
    await begin();
    await say(page, "complete 1");
    await button("Edit…").click();
    await card().getByLabel("Task id").fill("not an id");
    await button("Approve with changes").click();
    await page.getByText("Task id must be an id of 32 characters").waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.value), "not an id");
    assert.equal(received("approve").length, 0);
    await card().getByLabel("Task id").fill("0".repeat(32));
    host.refuse = () => "There is no such task.";
    await button("Approve with changes").click();
    await card().getByText("There is no such task.").waitFor();
    host.refuse = undefined;
    await button("Approve with changes").click();
    await answers("Done: the task is complete.").waitFor();
  });

  test("no, with a reason", async () => {
    await begin();
    await say(page, "delete");
    await button("Deny…").click();
    await page.getByLabel("Why not?").fill("Still needed");
    await button("Deny").click();
    await answers("Nothing was changed.").waitFor();
    assert.equal(received("deny")[0].reason, "Still needed");
    await page.locator(".outcome-denied", { hasText: "Denied: Still needed" }).waitFor();
    assert.equal(received("approve").length, 0);
  });

  test("two cards at once are told and answered each by itself", async () => {
    await begin();
    await say(page, "two cards");
    await page.getByText("2 wait for your answer").waitFor();
    await card().nth(1).getByRole("button", { name: "Deny…" }).click();
    await button("Deny").click();
    await page.getByText("Waits for your answer", { exact: true }).waitFor();
    await button("Approve").click();
    await answers("approve,deny").waitFor();
  });

  test("a card that appears under a finger is not a yes", async () => {
    await begin();
    await say(page, "complete 1");
    const early = await page.waitForFunction(() => {
      const yes = [...document.querySelectorAll(".approval .buttons button")].find((one) => one.textContent === "Approve");
      return yes ? { disabled: yes.disabled } : null;
    });
    assert.deepEqual(await early.jsonValue(), { disabled: true });
    await button("Approve").click(); // as soon as it can be
    await answers("Done: the task is complete.").waitFor();
  });
});

describe("questions", () => {
  test("a form from its schema; what is missing is told", async () => {
    await begin();
    await say(page, "ask me");
    await button("Answer").click();
    await page.getByText("Your name is needed.").waitFor();
    await page.getByLabel("Your name").fill("Ada");
    await page.getByLabel("Team").selectOption({ label: "Sales" });
    await page.getByLabel("Size").fill("51");
    await button("Answer").click();
    await page.getByText("Size must be at most 50.").waitFor();
    await page.getByLabel("Size").fill("5");
    await window.shot("question");
    await button("Answer").click();
    await answers("Thanks").waitFor();
    assert.deepEqual(received("reply")[0].content, { name: "Ada", team: "sales", size: 5 });
  });

  test("can be declined", async () => {
    await begin();
    await say(page, "ask me");
    await button("Decline").click();
    await answers("Thanks").waitFor();
    assert.equal(received("reply")[0].action, "decline");
  });

  test("a page to open is shown in full and only opened by the person", async () => {
    await begin();
    await say(page, "a page");
    const link = page.getByRole("link", { name: "https://account.example.com/link?x=1" });
    assert.equal(await link.getAttribute("rel"), "noopener noreferrer nofollow");
    await button("I agree to open it").click();
    await answers("accept").waitFor();
  });
});

describe("the connection", () => {
  test("is lost in the middle of a turn: what was missed comes, the card can be answered", async () => {
    let goOn;
    await begin({
      own: {
        slowly: async (conversation, turn) => {
          conversation.event({ type: "delta", turn, text: "Before the cut. " });
          await new Promise((resolve) => {
            goOn = resolve;
          });
          conversation.event({ type: "delta", turn, text: "While away. " });
          const name = conversation.toolCall("complete_task", "Complete a task", "change", {}, { turn });
          const answer = await conversation.approval(name, { turn, ...cardOf() });
          conversation.result(name, "complete_task", { text: answer.type }, turn);
          conversation.answer(turn, "All done.", "<p>All done.</p>");
        },
      },
    });
    window.allow(/WebSocket connection/);
    await say(page, "slowly");
    await page.getByText("Before the cut.").waitFor();
    const first = received("auth")[0];
    host.cut({ stay: true });
    await page.locator("#banner", { hasText: "The connection was lost" }).waitFor();
    await window.shot("lost");
    goOn();
    host.accept();
    await button("Try now").click();
    await page.getByText("While away.").waitFor();
    await button("Approve").click();
    await answers("All done.").waitFor();
    assert.equal(await page.getByText("Before the cut.").count(), 1);
    const second = received("auth").at(-1);
    assert.equal(first.resume, undefined);
    assert.match(second.resume, /^[0-9a-f]{32}$/);
    assert.ok(second.after >= 2);
    assert.equal(host.conversations.length, 1);
  });

  test("events that come twice are taken once", async () => {
    let goOn;
    const own = {
      held: async (conversation, turn) => {
        conversation.event({ type: "delta", turn, text: "Once. " });
        await new Promise((resolve) => (goOn = resolve));
        conversation.event({ type: "delta", turn, text: "And on." });
      },
    };
    await begin({ own });
    window.allow(/WebSocket connection/);
    await say(page, "held");
    await page.locator(".streaming", { hasText: "Once." }).waitFor();
    host.repeats = true;
    host.cut();
    await page.waitForFunction(() => document.querySelector("#banner").hidden === false);
    await page.waitForFunction(() => document.querySelector("#banner").hidden === true);
    goOn();
    await page.locator(".streaming", { hasText: "And on." }).waitFor();
    assert.equal((await page.locator(".streaming").innerText()).trim(), "Once. And on.");
  });

  test("comes back by itself", async () => {
    await begin();
    window.allow(/WebSocket connection/);
    host.cut();
    await page.waitForFunction(() => document.querySelector("#banner").hidden === false);
    await page.waitForFunction(() => document.querySelector("#banner").hidden === true);
    await say(page, "my tasks");
    await answers("3 open tasks").waitFor();
    assert.equal(received("auth").length, 2);
  });

  test("a host that no longer has all events sends a snapshot; nothing appears twice", async () => {
    await begin();
    window.allow(/WebSocket connection/);
    await say(page, "my tasks");
    await answers("3 open tasks").waitFor();
    host.forgetful = true;
    host.cut();
    await page.waitForFunction(() => document.querySelector("#banner").hidden === false);
    await page.waitForFunction(() => document.querySelector("#banner").hidden === true);
    assert.equal(await page.locator(".turn").count(), 1);
    assert.equal(await page.locator(".tool").count(), 1);
    assert.equal(await page.locator(".answer", { hasText: "3 open tasks" }).count(), 1);
  });

  test("a question lost on the way stands in the field again", async () => {
    await begin();
    window.allow(/WebSocket connection/);
    host.take = () => host.cut();
    await say(page, "never arrives");
    await page.waitForFunction(() => document.querySelector("#banner").hidden === false);
    delete host.take;
    await page.waitForFunction(() => document.querySelector("#banner").hidden === true);
    assert.equal(await page.getByRole("textbox", { name: "Message" }).inputValue(), "never arrives");
  });

  test("after a reload the conversation is there once the person signs in again", async () => {
    await begin();
    await say(page, "my tasks");
    await answers("3 open tasks").waitFor();
    await page.reload();
    await page.getByText("Your conversation is still here").waitFor();
    await tryAs(page, /Ada/);
    await answers("3 open tasks").waitFor();
    assert.equal(host.conversations.length, 1);
    assert.equal(received("auth")[1].after, undefined);
  });

  test("a conversation that is over is replaced, and that is said", async () => {
    await begin();
    window.allow(/WebSocket connection/);
    await say(page, "my tasks");
    await answers("3 open tasks").waitFor();
    host.conversations.length = 0;
    host.cut();
    await page.getByText("This is a new one.").first().waitFor();
    assert.equal(await page.locator(".turn").count(), 0);
  });
});
