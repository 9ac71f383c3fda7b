// browser.mjs - real Chromium for a test: a page that reports every violation of the policy and every error, and pictures.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const shots = join(process.env.TH_SOURCE, "build/test/screenshots");
export const sizes = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 860 } };

export async function launch() {
  return chromium.launch({
    executablePath: process.env.TH_CHROMIUM ?? "/usr/bin/chromium",
    args: ["--disable-gpu", "--disable-dev-shm-usage", ...(process.getuid() === 0 ? ["--no-sandbox"] : [])],
  }); // root has no sandbox
}

export class Window {
  static async open(browser, url, { size = "desktop", dark = false, touch = false, reduced = true } = {}) {
    const window = new Window();
    window.size = size;
    window.context = await browser.newContext({
      viewport: sizes[size],
      colorScheme: dark ? "dark" : "light",
      hasTouch: touch,
      isMobile: touch,
      reducedMotion: reduced ? "reduce" : "no-preference",
      deviceScaleFactor: size === "phone" ? 2 : 1,
    });
    window.complaints = [];
    window.allowed = [];
    window.page = await window.context.newPage();
    window.page.setDefaultTimeout(20000);
    window.page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) window.complaints.push(`console: ${message.text()}`);
    });
    window.page.on("pageerror", (error) => window.complaints.push(`error: ${error.stack ?? error}`));
    await window.page.exposeFunction("reportViolation", (text) => window.complaints.push(`policy: ${text}`));
    await window.page.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) =>
        window.reportViolation(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`),
      );
    });
    await window.page.goto(url);
    return window;
  }

  allow(pattern) {
    this.allowed.push(pattern);
  }

  async shot(name) {
    mkdirSync(shots, { recursive: true });
    await this.page.screenshot({ path: join(shots, `${name}-${this.size}.png`) });
  }

  // No policy was violated and nothing went wrong that the test did not provoke.
  async close() {
    await this.context.close();
    assert.deepEqual(
      this.complaints.filter((text) => !this.allowed.some((pattern) => pattern.test(text))),
      [],
    );
  }
}

// ---- what a person does ----

export async function tryAs(page, name) {
  await page.getByRole("button", { name }).click();
  await page.getByRole("textbox", { name: "Message" }).waitFor();
}

export async function say(page, text) {
  await page.getByRole("textbox", { name: "Message" }).fill(text);
  await page.getByRole("textbox", { name: "Message" }).press("Enter");
}
