// conversation.js - the timeline: puts every event of the host where it belongs. Knows turns, cards and what waits for the
// person; sends nothing itself (actions do).
import { announce, announceUrgently } from "./announce.js";
import { ApprovalCard } from "./approval_card.js";
import { h, replace } from "./dom.js";
import { icon } from "./icons.js";
import { QuestionCard } from "./question_card.js";
import { ToolCard } from "./tool_card.js";
import { TurnView } from "./turn_view.js";
import { visible } from "./visible.js";

const NEAR = 120; // pixels from the end within which the view follows
const MARGIN = 40;
const CHILDREN_MOST = 500; // the oldest turns leave the page, not the conversation

export class Conversation {
  #scroller;
  #list;
  #actions;
  #turns = new Map();
  #calls = new Map(); // call -> ToolCard
  #cards = new Map(); // approval or question -> { card, call }
  #replaying = false;
  #news = null; // the card that came with this event
  #running = null; // the turn under way
  #mine = new Set(); // ids of direct calls made here: their card takes the focus

  // actions: approve, deny, reply (with the card's keys first), cancel, again, changed().
  constructor({ scroller, list, actions }) {
    this.#scroller = scroller;
    this.#list = list;
    this.#actions = actions;
  }

  get running() {
    return this.#running;
  }
  get isEmpty() {
    return this.#list.childElementCount === 0;
  }
  get open() {
    return [...this.#cards.values()].map((one) => one.card).filter((card) => !card.closed);
  }

  reset() {
    for (const card of this.#calls.values()) card.dispose();
    for (const map of [this.#turns, this.#calls, this.#cards]) map.clear();
    this.#running = null;
    replace(this.#list);
    this.#actions.changed();
  }

  // Events that bring an empty page up to date: nothing of it is news.
  replay(events) {
    this.#replaying = true;
    for (const event of events) this.apply(event);
    this.#replaying = false;
    this.toLatest();
  }

  // After a lost connection: what was sent may not have arrived.
  wake() {
    for (const card of this.open) card.wake();
  }
  expectCall(id) {
    this.#mine.add(id);
  }
  toLatest() {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }
  get isAtEnd() {
    return this.#scroller.scrollHeight - this.#scroller.scrollTop - this.#scroller.clientHeight < NEAR;
  }

  apply(event) {
    const handler = HANDLERS[event.type];
    if (!handler) return;
    const follow = this.#replaying || this.isAtEnd;
    this.#news = null;
    handler.call(this, event);
    while (this.#list.childElementCount > CHILDREN_MOST) this.#list.firstElementChild.remove();
    this.#actions.changed(); // before scrolling: it may change the room there is
    if (follow) this.#follow();
  }

  // To the end; but of a card that is higher than the view the beginning must be seen.
  #follow() {
    this.toLatest();
    if (this.#news && this.#news.offsetHeight > this.#scroller.clientHeight - MARGIN)
      this.#scroller.scrollTop +=
        this.#news.getBoundingClientRect().top - this.#scroller.getBoundingClientRect().top - MARGIN / 4;
  }

  say(text) {
    if (!this.#replaying) announce(text);
  }
  sayUrgently(text) {
    if (!this.#replaying) announceUrgently(text);
  }

  // A line of its own: something that happened around the conversation.
  notice(text, at = undefined) {
    this.#list.append(
      h(
        "p",
        { class: "event" },
        icon("notice"),
        h("span", {}, visible(text)),
        at ? h("time", { datetime: at }, new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })) : null,
      ),
    );
    this.say(text);
  }

  turn({ turn, text }) {
    if (this.#turns.has(turn)) return;
    const view = new TurnView(text);
    this.#turns.set(turn, view);
    this.#running = turn;
    this.#list.append(view.element);
    this.toLatest();
  }

  delta({ turn, text }) {
    this.#turnOf(turn).delta(text);
  }

  // Its beginning may have been forgotten by the host's bounded log.
  #turnOf(turn) {
    if (!this.#turns.has(turn)) this.turn({ turn });
    return this.#turns.get(turn);
  }

  #put(turn, node, isTool) {
    if (turn === undefined) this.#list.append(node);
    else this.#turnOf(turn).place(node, isTool);
  }

  toolCall(call) {
    if (this.#calls.has(call.call)) return;
    const card = new ToolCard(call, this.#actions);
    card.turn = call.turn;
    this.#calls.set(call.call, card);
    this.#put(call.turn, card.element, true);
    this.say(`${call.title}: running`);
    if (call.re !== undefined && this.#mine.delete(call.re)) card.focus();
  }

  progress(event) {
    this.#calls.get(event.call)?.progress(event);
  }

  approvalRequest(request) {
    const card = new ApprovalCard(request, {
      approve: (choice, refused) => this.#actions.approve(request, choice, refused),
      deny: (choice, refused) => this.#actions.deny(request, choice, refused),
    });
    this.#hold(request.approval, card, request, "approval");
    this.sayUrgently(`Your yes is needed: ${request.title}${request.target ? `, ${request.target}` : ""}`);
  }

  question(question) {
    const card = new QuestionCard(question, { reply: (choice, refused) => this.#actions.reply(question, choice, refused) });
    this.#hold(question.question, card, question, "question");
    this.sayUrgently(`A question: ${question.message}`);
  }

  #hold(key, card, { call, turn }, kind) {
    const holder = this.#calls.get(call);
    this.#cards.set(key, { card, call });
    this.#news = card.element;
    if (holder) holder.hold(card, kind);
    else this.#put(turn, card.element, false);
  }

  closeCard(key, outcome, reason) {
    const held = this.#cards.get(key);
    if (!held || held.card.closed) return;
    const had = held.card.close(outcome, reason);
    this.#calls.get(held.call)?.release();
    if (!had) return;
    const next = this.open[0];
    if (next) next.focus();
    else this.#actions.home();
  }

  toolResult(result) {
    const card = this.#calls.get(result.call);
    if (!card) return;
    card.finish(result);
    this.say(`${card.title}: ${result.ok ? "done" : result.code === "denied" ? "denied" : "did not work"}`);
  }

  answer(event) {
    this.#finish(event.turn).answer(event);
    this.say(event.text);
  }

  error(event) {
    if (event.turn === undefined) return;
    this.#finish(event.turn).fail(event);
    this.sayUrgently(event.message);
  }

  #finish(turn) {
    const view = this.#turnOf(turn);
    for (const card of this.#calls.values()) if (card.turn === turn) card.abandon();
    if (this.#running === turn) this.#running = null;
    return view;
  }

  focusWaiting() {
    this.open[0]?.focus();
  }
}

const HANDLERS = {
  turn: Conversation.prototype.turn,
  delta: Conversation.prototype.delta,
  tool_call: Conversation.prototype.toolCall,
  progress: Conversation.prototype.progress,
  approval_request: Conversation.prototype.approvalRequest,
  approval_closed({ approval, outcome, reason }) {
    this.closeCard(approval, outcome, reason);
  },
  question: Conversation.prototype.question,
  question_closed({ question, outcome }) {
    this.closeCard(question, outcome);
  },
  tool_result: Conversation.prototype.toolResult,
  answer: Conversation.prototype.answer,
  error: Conversation.prototype.error,
  event({ name, about, at }) {
    this.notice(about ? `${name}: ${about}` : name, at);
  },
};
