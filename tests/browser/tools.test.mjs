// The tool browser and its forms; the page by keyboard alone, for a screen reader, on a phone, in the dark.
import { test, describe, before, after, beforeEach, afterEach } from "node:test";
import assert from "node:assert/strict";
import { FakeHost } from "./lib/fake_host.mjs";
import { launch, say, tryAs, Window } from "./lib/browser.mjs";
import { call, script, tools } from "./lib/script.mjs";

let browser, host, window, page;
const button = (name) => page.getByRole("button", { name, exact: true });
const received = (type) => host.received.filter((message) => message.type === type);
const focused = () =>
  page.evaluate(() => document.activeElement.id || document.activeElement.textContent.trim() || document.activeElement.tagName);

async function begin({ ...options } = {}) {
  host = await FakeHost.start({ script: script(), tools, call });
  window = await Window.open(browser, host.page, options);
  page = window.page;
  await tryAs(page, /Ada/);
}

before(async () => {
  browser = await launch();
});
after(async () => browser.close());
beforeEach(() => {
  host = window = undefined;
});
afterEach(async () => {
  try {
    await window?.close();
  } finally {
    await host?.stop();
  }
});

async function openTool(name) {
  await button("Tools").click();
  await page.getByRole("button", { name }).click();
}

describe("the tool browser", () => {
  test("finds by words and calls a tool that reads", async () => {
    await begin();
    await button("Tools").click();
    await page.getByText("4 tools").waitFor();
    await page.getByLabel("Find a tool").fill("urgent task");
    await page.getByText("1 tool", { exact: true }).waitFor();
    await window.shot("tools");
    await page.getByRole("button", { name: /Get my tasks/ }).click();
    assert.equal(await page.getByLabel("Page").inputValue(), "1"); // its default
    await page.getByLabel("Page").fill("2");
    await button("Call").click();
    await page.locator(".tool .result", { hasText: 'Called with {"page":2}' }).waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.className), "tool");
    await button("Call again…").click();
    assert.equal(await page.getByLabel("Page").inputValue(), "2");
  });

  test("a form of every kind of field makes the arguments that the schema means", async () => {
    await begin();
    await openTool(/Launch process/);
    await page.getByLabel("Template id").fill("a1".repeat(16));
    await page.getByLabel("Name", { exact: false }).first().fill("Jane");
    await page.getByLabel("Owner id").fill("ben@example.com");
    await page.getByLabel("Tags").fill("red\n\n blue tag");
    await page.getByLabel("mail").check();
    await page.getByLabel("paper").check();
    await page.getByLabel("Colour").selectOption({ label: "Green" });
    await page.getByLabel("Urgent").selectOption({ label: "No" });
    await page.getByLabel("City").fill("Oslo");
    await page.getByLabel("Zip").fill("150");
    await page.getByLabel("Prerun").fill('{"start": [1, null]}');
    await window.shot("form");
    await button("Call").click();
    await button("Approve").click();
    await page.locator(".tool .result").waitFor();
    assert.deepEqual(received("call")[0].arguments, {
      template_id: "a1".repeat(16),
      name: "Jane",
      owner_id: "ben@example.com",
      tags: ["red", " blue tag"],
      kinds: ["mail", "paper"],
      colour: "g",
      urgent: false,
      address: { city: "Oslo", zip: 150 },
      prerun: { start: [1, null] },
    });
  });

  test("left empty is left out; numbers are numbers", async () => {
    await begin();
    await openTool(/Launch process/);
    await page.getByLabel("Template id").fill("a1".repeat(16));
    await page.getByLabel("Name", { exact: false }).first().fill("Jane");
    await page.getByLabel("Owner id").fill("12");
    await button("Call").click();
    await button("Approve").click();
    await page.locator(".tool .result").waitFor();
    assert.deepEqual(received("call")[0].arguments, { template_id: "a1".repeat(16), name: "Jane", owner_id: 12 });
  });

  test("what does not fit is told at its field and nothing is sent", async () => {
    await begin();
    await openTool(/Launch process/);
    const wrong = [
      ["Template id", "x", "Template id must be an id of 32 characters"],
      ["Tags", "a\nb\nc\nd", "Tags takes at most 3; there are 4."],
      ["Prerun", "{oops", "Prerun must be JSON"],
      ["Zip", "1.5", "Zip must be a whole number"],
    ];
    for (const [label, value] of wrong) await page.getByLabel(label).fill(value);
    await button("Call").click();
    for (const [, , text] of wrong) await page.getByText(text).first().waitFor();
    await page.getByText("Name is needed.").waitFor();
    assert.equal(received("call").length, 0);
    assert.equal(await page.evaluate(() => document.activeElement.value), "x");
    assert.equal(await page.getByLabel("Template id").getAttribute("aria-invalid"), "true");
  });

  test("a refused call brings its form back, filled in", async () => {
    await begin();
    host.call = (conversation, { id }) =>
      conversation.reply([...conversation.sockets][0], {
        type: "error",
        re: id,
        code: "invalid_arguments",
        message: "folder_id: there is no such folder",
      });
    await openTool(/Delete folder/);
    await page.getByLabel("Folder id").fill("Nowhere");
    await button("Call").click();
    await page.locator("#tools .problem", { hasText: "there is no such folder" }).waitFor();
    await page.waitForFunction(() => [...document.querySelectorAll("#tools input")].some((one) => one.value === "Nowhere"));
  });

  test("tools that changed are asked for again", async () => {
    await begin();
    await button("Tools").click();
    await page.getByText("4 tools").waitFor();
    await page.keyboard.press("Escape");
    host.tools = tools.slice(0, 2);
    host.conversations[0].event({ type: "tools_changed" });
    await button("Tools").click();
    await page.getByText("2 tools").waitFor();
  });
});

describe("the session", () => {
  test("shows who, until when, what it cost, and takes a standing yes back", async () => {
    await begin();
    host.conversations[0].standing.push({ tool: "complete_task", title: "Complete a task", effect: "change" });
    await button("Session").click();
    await page.getByText("Europe/Stockholm").waitFor();
    await window.shot("session");
    await page.getByRole("button", { name: "Ask again for Complete a task" }).click();
    await page.getByText("Nothing: everything that changes something asks you first.").waitFor();
    assert.equal(received("settings").at(-1).revoke, "complete_task");
  });

  test("the conversation can be forgotten", async () => {
    await begin();
    await say(page, "my tasks");
    await page.locator(".answer ol").waitFor();
    await button("Send").waitFor(); // the turn is over
    await button("Session").click();
    await button("Forget this conversation").click();
    await page.locator(".event", { hasText: "The conversation was forgotten." }).waitFor();
    assert.equal(await page.locator(".turn").count(), 0);
  });
});

describe("by keyboard alone", () => {
  test("sign in, ask, edit a card, approve, read a tool, sign out", async () => {
    host = await FakeHost.start({ script: script(), tools, call });
    window = await Window.open(browser, host.page);
    page = window.page;
    await page.getByRole("button", { name: /Ada/ }).waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter"); // the first person
    await page.waitForFunction(() => document.activeElement.id === "message");
    await page.keyboard.type("complete 1");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Approve", exact: true }).and(page.locator(":enabled")).waitFor();
    assert.equal(await focused(), "message"); // a card does not take the focus from somebody who types
    await page.keyboard.press("Shift+Tab"); // "Go to it" stands before the field
    assert.equal(await focused(), "to-waiting");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.activeElement.classList.contains("approval"));
    for (let i = 0; i < 20 && (await focused()) !== "Edit…"; i++) await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.value), "3f".repeat(16));
    for (let i = 0; i < 20 && (await focused()) !== "Approve with changes"; i++) await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.locator(".answer", { hasText: "Done: the task is complete." }).waitFor();
    await page.waitForFunction(() => document.activeElement.id === "message"); // the card is gone: back to the field
    for (let i = 0; i < 30 && (await focused()) !== "open-tools"; i++) await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.activeElement.id === "tool-search");
    await page.keyboard.type("get my");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Enter"); // in the form's only field
    await page.locator(".tool .result", { hasText: "Called with" }).last().waitFor();
    for (let i = 0; i < 40 && (await focused()) !== "sign-out"; i++) await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Enter");
    await page.getByLabel("API key").waitFor();
  });

  test("Escape closes a sheet and the focus returns to what opened it", async () => {
    await begin();
    await button("Session").click();
    await page.getByText("Europe/Stockholm").waitFor();
    await page.keyboard.press("Escape");
    assert.equal(await focused(), "open-session");
  });

  test("Shift+Enter begins a line, the arrow brings back what was said", async () => {
    await begin();
    const field = page.getByRole("textbox", { name: "Message" });
    await field.fill("my tasks");
    await field.press("Shift+Enter");
    assert.equal(await field.inputValue(), "my tasks\n");
    assert.equal(received("ask").length, 0);
    await field.press("Enter");
    await page.locator(".answer ol").waitFor();
    assert.equal(received("ask")[0].text, "my tasks");
    await field.press("ArrowUp");
    assert.equal(await field.inputValue(), "my tasks");
    await field.press("ArrowDown");
    assert.equal(await field.inputValue(), "");
  });
});

describe("for a screen reader", () => {
  test("what happens is said: the tool, the answer once whole, a card urgently", async () => {
    await begin();
    await page.evaluate(() => {
      globalThis.said = [];
      for (const id of ["polite", "urgent"]) {
        new MutationObserver(() => {
          const text = document.getElementById(id).textContent;
          if (text) globalThis.said.push(`${id}: ${text}`);
        }).observe(document.getElementById(id), { childList: true, characterData: true, subtree: true });
      }
    });
    await say(page, "my tasks");
    await page.waitForFunction(() => globalThis.said.some((text) => text.includes("Order laptop")));
    await say(page, "complete 1");
    await page.waitForFunction(() =>
      globalThis.said.some((text) => text.startsWith("urgent: Your yes is needed: Complete a task, Order laptop")),
    );
    const said = await page.evaluate(() => globalThis.said);
    assert.ok(
      said.some((text) => text.startsWith("polite:") && text.includes("Get my tasks: running")),
      said.join("\n"),
    );
    assert.equal(said.filter((text) => text.includes("Prepare contract")).length, 1); // not each piece of the stream
  });

  test("every control has a name, every field a label, ids are unique", async () => {
    await begin();
    await say(page, "complete 1");
    await button("Edit…").click();
    await openTool(/Launch process/);
    const faults = await page.evaluate(() => {
      const problems = [];
      const name = (one) =>
        one.getAttribute("aria-label") ||
        (one.getAttribute("aria-labelledby") ?? "")
          .split(" ")
          .map((id) => document.getElementById(id)?.textContent ?? "")
          .join("") ||
        [...(one.labels ?? [])].map((label) => label.textContent).join("") ||
        one.textContent;
      for (const one of document.querySelectorAll(
        "button, input, select, textarea, [role=group], dialog, main, section, article[aria-label]",
      )) {
        if (one.checkVisibility() && name(one).trim() === "") problems.push(one.outerHTML.slice(0, 120));
      }
      const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
      for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) problems.push(`twice: ${id}`);
      for (const one of document.querySelectorAll("[aria-describedby], [aria-labelledby], label[for]")) {
        for (const id of `${one.getAttribute("aria-describedby") ?? ""} ${one.getAttribute("aria-labelledby") ?? ""} ${one.getAttribute("for") ?? ""}`
          .split(" ")
          .filter(Boolean)) {
          if (!document.getElementById(id)) problems.push(`nowhere: ${id}`);
        }
      }
      return problems;
    });
    assert.deepEqual(faults, []);
  });
});

// The contrast of every visible text with what is behind it, after WCAG 2: 4.5, or 3 for large text.
const contrastFaults = () => {
  const parse = (colour) => {
    // color-mix and gradients are not used behind text that is checked
    const [r, g, b, a = 1] = colour.match(/[\d.]+/g).map(Number);
    return { r, g, b, a };
  };
  const luminance = ({ r, g, b }) =>
    [r, g, b]
      .map((one) => one / 255)
      .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4))
      .reduce((sum, one, i) => sum + one * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.a === 1) return colour;
    }
    return parse("rgb(255,255,255)");
  };
  const faults = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (
      !node.data.trim() ||
      !element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) ||
      element.closest(".unseen, :disabled")
    )
      continue;
    const style = getComputedStyle(element);
    const [one, other] = [luminance(parse(style.color)), luminance(behind(element))];
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) faults.push(`${ratio.toFixed(2)} ${element.className} ${node.data.trim().slice(0, 40)}`);
  }
  return faults;
};

for (const [name, options] of Object.entries({
  light: {},
  dark: { dark: true },
  phone: { size: "phone", touch: true },
  "phone-dark": { size: "phone", touch: true, dark: true },
})) {
  test(`readable and within the window: ${name}`, async () => {
    host = await FakeHost.start({ script: script(), tools, call });
    window = await Window.open(browser, host.page, options);
    page = window.page;
    const look = async (view) => {
      await window.shot(`${name}-${view}`);
      assert.deepEqual(await page.evaluate(contrastFaults), [], view);
      const wide = await page.evaluate(() =>
        [...document.querySelectorAll("body, #scroll, .sheet-body")]
          .filter((one) => one.scrollWidth > one.clientWidth + 1)
          .map((one) => one.id || one.className),
      );
      assert.deepEqual(wide, [], view);
      assert.equal(await page.evaluate(() => scrollX), 0);
    };
    const send = async (text) => {
      await page.getByRole("textbox", { name: "Message" }).fill(text);
      await button("Send").click();
    };
    await page.getByText("Try the practice organization").waitFor();
    await look("1-welcome");
    await tryAs(page, /Ada/);
    await look("2-empty");
    await send("my tasks");
    await page.locator(".answer ol li").nth(2).waitFor();
    await button("Send").waitFor();
    await look("3-answer");
    await send("complete 1");
    await page.getByRole("button", { name: "Approve", exact: true }).and(page.locator(":enabled")).waitFor();
    await look("4-approval");
    const title = await page.locator(".approval:not(.closed) h3").boundingBox();
    assert.ok(title.y >= (await page.locator("#scroll").boundingBox()).y, "the beginning of the card is in view");
    await button("Edit…").click();
    await look("5-edit");
    await button("Back").click();
    await button("Deny…").click();
    await look("6-deny");
    await button("Deny").click();
    await page.locator(".answer", { hasText: "Nothing was changed." }).waitFor();
    await send("ask me");
    await button("Answer").waitFor();
    await look("7-question");
    await button("Decline").click();
    await openTool(/Launch process/);
    await look("8-form");
    await page.keyboard.press("Escape");
    await button("Session").click();
    await page.getByText("Europe/Stockholm").waitFor();
    await look("9-session");
  });
}
