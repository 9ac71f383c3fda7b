// What comes from models, tools and the API is data: markup, scripts, links and odd characters do nothing on the page.
import { test, describe, before, after } from "node:test";
import assert from "node:assert/strict";
import { FakeHost } from "./lib/fake_host.mjs";
import { launch, say, tryAs, Window } from "./lib/browser.mjs";
import { call, cardOf, script, tools } from "./lib/script.mjs";

const evil = `<b>bold</b><ul><li>item</li></ul><table><tr><td>cell</td></tr></table><p>a\u202eb</p><p onclick="pwned()" style="position:fixed">text<img src=x onerror="pwned()"></p><script>pwned()</script><style>body{display:none}</style>
<svg onload="pwned()"><a xlink:href="javascript:pwned()"><text>svg</text></a></svg><iframe srcdoc="<script>parent.pwned()</script>"></iframe><object data="/x"></object>
<a href="javascript:pwned()">script link</a><a href="data:text/html,x">data link</a><a href="https://user:pass@evil.example/">login link</a>
<a href="https://evil.example/steal?x=1" onclick="pwned()">your bank</a><form action="https://evil.example"><input name=q><button>go</button></form>
<math><mtext><table><mglyph><style><img src=x onerror=pwned()></style></mglyph></table></mtext></math><template><img src=x onerror=pwned()></template>
<base href="https://evil.example/"><meta http-equiv="refresh" content="0;url=https://evil.example"><link rel=stylesheet href="https://evil.example/x.css">
<noscript><p title="</noscript><img src=x onerror=pwned()>"></noscript>`;
const text = '<img src=x onerror="pwned()"> <script>pwned()</script> \u202egnp\u200b';

const own = {
  evil: (conversation, turn) => {
    conversation.event({ type: "delta", turn, text: `# ${text}\n\n- ${text}\n\n**${text}** \`${text}\`` });
    const name = conversation.toolCall("x", text, "read", { [text]: text }, { turn });
    conversation.event({ type: "progress", call: name, done: 1, total: 2, message: text });
    conversation.result(name, "x", { text, data: { [text]: text } }, turn);
    conversation.event({ type: "event", name: text, at: "2026-11-25T09:00:00Z", about: text, data: {} });
    conversation.answer(turn, "evil", evil);
  },
  "evil card": async (conversation, turn) => {
    const name = conversation.toolCall("x", text, "change", {}, { turn });
    await conversation.approval(name, {
      turn,
      ...cardOf({
        title: text,
        about: text,
        target: text,
        before: text,
        after: text,
        arguments: { run_id: text },
        lines: [{ path: "/run_id", label: text, text, name: text, odd: true }],
      }),
    });
    await conversation.question({ turn, kind: "url", message: text, url: "javascript:pwned()" });
    conversation.event({ type: "error", turn, code: text, message: text });
  },
};

let browser, host, window, page;
before(async () => {
  browser = await launch();
  host = await FakeHost.start({
    script: script(own),
    tools: [
      ...tools,
      {
        ...tools[0],
        name: "evil",
        title: text,
        description: text,
        domain: text,
        inputSchema: {
          type: "object",
          properties: {
            [text]: { type: "string", title: text, description: text, enum: [text] },
            __proto__x: { type: "string" },
          },
        },
      },
    ],
    call,
  });
  window = await Window.open(browser, host.page);
  page = window.page;
  await page.evaluate(() => {
    globalThis.pwned = () => {
      globalThis.wasPwned = true;
    };
  });
  const requests = [];
  page.on("request", (request) => requests.push(request.url()));
  window.requests = requests;
  await tryAs(page, /Ada/);
});
after(async () => {
  try {
    await window?.close();
  } finally {
    await host?.stop();
    await browser?.close();
  }
});

const unharmed = async () => {
  assert.equal(await page.evaluate(() => globalThis.wasPwned), undefined);
  assert.deepEqual(
    window.requests.filter((url) => !url.startsWith(host.page)),
    [],
  );
  assert.equal(
    await page.evaluate(
      () =>
        document.querySelectorAll(
          "#timeline :is(script, style, iframe, object, img, form[action], base, meta, link, input[name=q])",
        ).length,
    ),
    0,
  );
  assert.equal(
    await page.evaluate(
      () =>
        [...document.querySelectorAll("#timeline *")]
          .flatMap((one) => [...one.attributes])
          .filter((one) => /^on|^style$|^srcdoc$/.test(one.name)).length,
    ),
    0,
  );
};

describe("an answer full of markup", () => {
  test("leaves harmless elements and their text", async () => {
    await say(page, "evil");
    const answer = page.locator(".answer").last();
    await answer.getByText("cell").waitFor();
    await unharmed();
    for (const name of ["li", "td", "p"]) assert.ok((await answer.locator(name).count()) > 0, name);
  });

  test("links lead where they say, and nowhere else than http", async () => {
    const links = await page.locator(".answer a").evaluateAll((all) => all.map((one) => [one.href, one.rel, one.target]));
    assert.deepEqual(links, [["https://evil.example/steal?x=1", "noopener noreferrer nofollow", "_blank"]]);
    assert.ok(await page.locator(".answer", { hasText: "your bank (https://evil.example/steal?x=1)" }).isVisible());
  });

  test("characters that turn the reading round are shown as codes", async () => {
    assert.ok((await page.locator(".answer").last().innerText()).includes("a⟨U+202E⟩b"));
    assert.equal(await page.evaluate(() => /[\u202a-\u202e\u200b]/.test(document.querySelector("#timeline").textContent)), false);
  });

  test("in a card, a question and an error it is text", async () => {
    await say(page, "evil card");
    await page.getByRole("button", { name: "Edit…" }).click();
    await page.getByRole("button", { name: "Back" }).click();
    await page.getByRole("button", { name: "Approve", exact: true }).click();
    await page.getByRole("button", { name: "I agree to open it" }).waitFor();
    assert.equal(await page.locator(".question a").count(), 0);
    await page.getByRole("button", { name: "Decline" }).click();
    await page.locator(".turn .problem").waitFor();
    await unharmed();
  });

  test("in a tool's definition it is text", async () => {
    await page.getByRole("button", { name: "Tools" }).click();
    await page.locator(".tool-row", { hasText: "<img src=x" }).click();
    await page.getByRole("button", { name: "Call", exact: true }).waitFor();
    await unharmed();
    await page.getByRole("button", { name: "Call", exact: true }).click();
    await page.locator(".tool").last().getByText("Called with {").waitFor();
    await unharmed();
  });
});

describe("the page's parser of answers", () => {
  const clean = (html) =>
    page.evaluate(async (given) => {
      const { sanitised } = await import("/app/html.js");
      const place = document.createElement("div");
      place.append(sanitised(given));
      return place.innerHTML;
    }, html);

  const cases = [
    ["<p>a<b>b</b></p>", "<p>ab</p>"],
    ['<ol start="3" class=x><li>a</li></ol>', '<ol start="3"><li>a</li></ol>'],
    ['<ol start="x"><li>a</li></ol>', "<ol><li>a</li></ol>"],
    ['<a href="/relative">r</a>', "<span>r</span>"],
    ['<a href=" javascript:1">r</a>', "<span>r</span>"],
    [
      '<img src="https://a.example/x.png" alt="cat">',
      '<span><a href="https://a.example/x.png" rel="noopener noreferrer nofollow" target="_blank">cat</a><span class="address"> (https://a.example/x.png)</span></span>',
    ],
    ["<custom-element><p>a</p></custom-element>", "<p>a</p>"],
    ["<script>one()</script><style>p{}</style><textarea>two</textarea><svg><text>three</text></svg><p>a</p>", "<p>a</p>"],
    ["<p><!-- c -->a</p>", "<p>a</p>"],
    [
      '<a href="https://xn--80ak6aa92e.com/">apple.com</a>',
      '<span><a href="https://xn--80ak6aa92e.com/" rel="noopener noreferrer nofollow" target="_blank">apple.com</a><span class="address"> (https://xn--80ak6aa92e.com/)</span></span>',
    ],
  ];
  for (const [given, wanted] of cases) test(given, async () => assert.equal(await clean(given), wanted));

  test("depth and number of elements are bounded", async () => {
    assert.ok((await clean("<blockquote>".repeat(5000))).length < 5000);
    assert.ok((await clean("<p>a</p>".repeat(50000))).length < 400000);
  });

  test("no other way to make markup of text is open", async () => {
    const tried = await page.evaluate(() => {
      const results = [];
      for (const attempt of [
        () => {
          document.createElement("div").innerHTML = "<b>x</b>";
        },
        () => trustedTypes.createPolicy("mine", { createHTML: (x) => x }),
        () => trustedTypes.createPolicy("answer", { createHTML: (x) => x }),
      ]) {
        try {
          attempt();
          results.push("allowed");
        } catch (error) {
          results.push(error.constructor.name);
        }
      }
      return results;
    });
    window.allow(/policy|Policy|TrustedHTML|Trusted Type/i); // provoked here, on purpose, and last
    assert.ok(!tried.includes("allowed"), String(tried));
  });
});
