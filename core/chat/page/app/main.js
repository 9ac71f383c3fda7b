// main.js - puts the page together: the connection's messages to the parts, the parts' wishes to the connection.
import { announce, announceUrgently } from "./announce.js";
import { Composer } from "./composer.js";
import { Connection } from "./connection.js";
import { Conversation } from "./conversation.js";
import { byId, h, replace } from "./dom.js";
import { SessionPanel } from "./session_panel.js";
import { SignIn } from "./sign_in.js";
import { ToolBrowser } from "./tool_browser.js";
import { duration, visible } from "./visible.js";

const NAME = "tallyhost";
const SUGGESTIONS = ["My tasks", "Templates", "Search onboarding", "Help"];

const url = new URL("chat", location.href);
url.protocol = url.protocol === "https:" ? "wss:" : "ws:";

const connection = new Connection({
  url: url.href,
  store: sessionStorage,
  receive,
  changed: connectionChanged,
  caughtUp: giveBack,
});
const asked = new Map(); // id -> text of what was sent and not yet seen as a turn
let title = NAME;
let warning = null; // the session's end is near: { text, idle }

const conversation = new Conversation({
  scroller: byId("scroll"),
  list: byId("timeline"),
  actions: {
    approve: ({ approval, digest }, choice, refused) =>
      connection.send("approve", { approval, digest, ...choice }, refused) !== null,
    deny: ({ approval }, choice, refused) => connection.send("deny", { approval, ...choice }, refused) !== null,
    reply: ({ question }, choice, refused) => connection.send("reply", { question, ...choice }, refused) !== null,
    cancel: (call) => connection.send("cancel", { call }, () => {}),
    again: (tool, values) => tools.open(tool, values),
    home: () => composer.focus(),
    changed: showState,
  },
});
const composer = new Composer({ ask, stop: () => connection.send("cancel", {}, () => {}) });
const tools = new ToolBrowser({ load: () => connection.request("tools"), call });
const panel = new SessionPanel({
  settings: (fields) => connection.request("settings", fields),
  forget: () => connection.send("forget", { what: "history" }, showError),
  signOut,
});
const signIn = new SignIn({ signIn: (credential) => connection.signIn(credential) });

function ask(text) {
  const id = connection.send("ask", { text }, (error) => {
    if (error.code === "lost") return; // it may have arrived: see giveBack()
    asked.delete(id);
    if (composer.text === "") composer.set(text);
    showError(error);
  });
  if (id === null) return false;
  asked.set(id, text);
  return true;
}

function call(tool, values, refused) {
  const id = connection.send("call", { tool, arguments: values }, (error) => {
    if (error.code === "lost") showError(error);
    else refused(error);
  });
  if (id === null) return false;
  conversation.expectCall(id);
  return true;
}

function signOut() {
  if (connection.send("sign_out") === null) connection.end();
}

// ---- what the host says ----

function receive(message) {
  switch (message.type) {
    case "session":
      return signedIn(message);
    case "answer":
      panel.spent(message.usage);
      return conversation.apply(message);
    case "turn":
      asked.delete(message.re);
      return conversation.apply(message);
    case "tools_changed":
      return tools.forget();
    case "expiring":
      return expiring(message);
    case "forgotten":
      return forgotten(message);
    case "hello":
    case "tools":
    case "history":
    case "settings":
    case "expired":
      return undefined;
    default:
      return conversation.apply(message);
  }
}

function signedIn(message) {
  warning = null;
  panel.begin(message);
  tools.forget();
  byId("org-name").textContent = visible(message.org.name);
  byId("who").textContent = visible(message.user.name);
  title = visible(`${message.org.name} · tallyhost`);
  const first = byId("chat").hidden;
  signIn.hide();
  byId("chat").hidden = false;
  if (message.replayed) conversation.wake();
  else {
    const had = !conversation.isEmpty;
    const snapshot = message.snapshot ?? [];
    conversation.reset();
    conversation.replay(snapshot);
    for (const [id, text] of asked)
      if (snapshot.some((event) => event.re === id || (event.type === "turn" && event.text === text))) asked.delete(id);
    if (had && !message.resumed) conversation.notice("The earlier conversation was over. This is a new one.");
  }
  announce(first ? `Signed in as ${message.user.name}` : "Connected again");
  if (first) composer.focus();
}

function expiring({ reason, within }) {
  warning = {
    idle: reason === "idle",
    text:
      reason === "idle"
        ? `You will be signed out in ${duration(within)} unless you go on.`
        : `This session ends in ${duration(within)}; then you sign in again.`,
  };
  announceUrgently(warning.text);
  showState();
}

function forgotten({ what }) {
  if (what !== "approvals") conversation.reset();
  conversation.notice(
    what === "approvals" ? "What was approved for this session asks again." : "The conversation was forgotten.",
  );
}

function showError(error) {
  announceUrgently(error.message);
  conversation.notice(error.message);
}

// ---- what the page shows of the connection ----

function connectionChanged(state, { message, wait, reason } = {}) {
  if (state === "signing_in") signIn.busy(true);
  if (state === "out") leave(message, reason);
  if (state === "lost" && wait !== undefined) announce("The connection was lost. Connecting again.");
  showState();
}

// Everything missed has come: a question that was sent into the lost connection and is not among it goes back into the field.
function giveBack() {
  for (const text of asked.values()) if (composer.text === "") composer.set(text);
  asked.clear();
}

function leave(message, reason) {
  conversation.reset();
  asked.clear();
  panel.end();
  tools.close();
  tools.forget();
  composer.set("");
  warning = null;
  title = NAME;
  byId("chat").hidden = true;
  signIn.show(message, false);
  if (reason === "signed_out") announce("Signed out. The key was wiped.");
}

function banner() {
  if (connection.state === "lost") {
    return [
      h("span", {}, "The connection was lost. Connecting again…"),
      h("button", { type: "button", on: { click: () => connection.retryNow() } }, "Try now"),
    ];
  }
  if (!warning) return [];
  const stay = () => {
    warning = null;
    connection.request("settings").then(showState, showState);
  };
  return [
    h("span", {}, warning.text),
    warning.idle ? h("button", { type: "button", on: { click: stay } }, "Stay signed in") : null,
  ];
}

let shownBanner = "";
function showState() {
  const connected = connection.state === "in";
  const key = `${connection.state} ${warning?.text ?? ""}`;
  if (key !== shownBanner) {
    // not rebuilt under somebody's focus
    shownBanner = key;
    const parts = banner();
    byId("banner").hidden = parts.length === 0;
    replace(byId("banner"), parts);
  }
  composer.update({ connected, running: conversation.running !== null });
  byId("empty").hidden = !conversation.isEmpty;
  const waiting = conversation.open.length;
  byId("waiting").hidden = waiting === 0;
  document.title = `${waiting > 0 ? `(${waiting}) ` : ""}${title}`;
  byId("waiting-text").textContent = waiting === 1 ? "Waits for your answer" : `${waiting} wait for your answer`;
  showLatest();
}

// Not over a card whose buttons it might cover.
function showLatest() {
  byId("to-latest").hidden = conversation.isAtEnd || conversation.open.length > 0;
}

function buildEmpty() {
  replace(
    byId("empty"),
    h("h2", {}, "What shall we do?"),
    h(
      "p",
      { class: "hint" },
      "Ask about tasks, processes and templates, or say what should happen. Whatever changes something asks for your yes first.",
    ),
    h(
      "div",
      { class: "chips" },
      SUGGESTIONS.map((text) =>
        h(
          "button",
          {
            type: "button",
            class: "chip",
            on: {
              click: () => {
                ask(text);
                composer.focus();
              },
            },
          },
          text,
        ),
      ),
    ),
  );
}

byId("open-tools").addEventListener("click", () => tools.open());
byId("open-session").addEventListener("click", () => panel.open());
byId("sign-out").addEventListener("click", signOut);
byId("to-waiting").addEventListener("click", () => conversation.focusWaiting());
byId("to-latest").addEventListener("click", () => {
  conversation.toLatest();
  composer.focus();
});
byId("scroll").addEventListener("scroll", showLatest, { passive: true });
buildEmpty();
signIn.show("", connection.canResume);
