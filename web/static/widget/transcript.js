/** The list of messages: in the log's order, in groups, with a line for each day. */
import { Bubble, heading } from "./bubble.js";
import { icon, make, spoken } from "./elements.js";
import { dayName, sameDay } from "./times.js";
import { say } from "./words.js";

const GROUP_MS = 5 * 60_000;
const NEAR_END_PX = 80;
const TYPING_MS = 20_000;
const AGENT_TYPING_MS = 8_000; // said again every few seconds by who goes on
const TICK_MS = 30_000;

/** @typedef {import("./messages.js").Message} Message */
export class Transcript {
  #view = document.getElementById("transcript");
  #list = document.getElementById("messages");
  #jump = document.getElementById("jump");
  #actions;
  /** @type {Map<string, Bubble>} */
  #bubbles = new Map();
  /** @type {Map<string, string>} the rating chosen for an activity */
  #ratings = new Map();
  /** @type {Map<string, import("./stars.js").Given>} how a person's help was rated, by handoff */
  #helpRatings = new Map();
  #desk;
  #typing = null;
  #typingTimer = 0;
  #follows = true;

  /** @param {import("./bubble.js").Actions} actions @param {import("./desk.js").Desk} desk */
  constructor(actions, desk) {
    this.#actions = actions;
    this.#desk = desk;
    this.#view.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.#jump.addEventListener("click", () => this.toEnd());
    new ResizeObserver(() => this.#follows && this.toEnd(false)).observe(this.#view);
    setInterval(() => this.#tick(), TICK_MS);
  }

  /** Show messages that are new, and what became of those already here. @param {Message[]} messages */
  show(messages) {
    const fresh = messages.filter((message) => !this.#put(message));
    this.#arrange();
    const own = fresh.some((message) => message.author === "customer");
    if (own || this.#follows) this.#follow(fresh);
    else if (fresh.length) this.#jump.hidden = false;
    return fresh.map((message) => this.#bubbles.get(message.key));
  }

  remove(key) {
    this.#bubbles.get(key)?.element.remove();
    this.#bubbles.delete(key);
    this.#arrange();
  }

  clear() {
    this.#bubbles.clear();
    this.#ratings.clear();
    this.#helpRatings.clear();
    this.#list.replaceChildren();
    this.stopTyping();
    this.#follows = true;
    this.#jump.hidden = true;
  }

  /** @param {string} id @param {string | undefined} rating */
  rate(id, rating) {
    this.#ratings.set(id, rating);
    for (const bubble of this.#bubbles.values()) {
      if (bubble.message.id === id) bubble.showRating(rating);
    }
  }

  ratingOf(id) {
    return this.#ratings.get(id);
  }

  /** @param {string} handoff @param {import("./stars.js").Given | undefined} given */
  rateHelp(handoff, given) {
    const before = this.#helpRatings.get(handoff);
    if (given) this.#helpRatings.set(handoff, { ...given, comment: given.comment || (before?.comment ?? "") });
    else this.#helpRatings.delete(handoff);
    this.#arrange();
  }

  /** @param {string} name somebody writes; until a message comes, or it takes too long */
  startTyping(name, isAgent = false) {
    this.stopTyping();
    const dots = make("span", { class: "dots", "aria-hidden": "true" }, make("i"), make("i"), make("i"));
    const kind = isAgent ? "agent first" : "assistant";
    this.#typing = make("li", { class: `message typing ${kind}` }, isAgent ? heading(name, true) : null,
      make("div", { class: "bubble" }, dots, spoken(say("typing", { name }))));
    this.#list.append(this.#typing);
    this.#typingTimer = setTimeout(() => this.stopTyping(), isAgent ? AGENT_TYPING_MS : TYPING_MS);
    if (this.#follows) this.toEnd(false);
  }

  stopTyping() {
    clearTimeout(this.#typingTimer);
    this.#typing?.remove();
    this.#typing = null;
  }

  /** @param {boolean} [smooth] */
  toEnd(smooth = true) {
    this.#follows = true;
    this.#jump.hidden = true;
    this.#view.scrollTo({ top: this.#view.scrollHeight, behavior: smooth && !calm() ? "smooth" : "instant" });
  }

  focus() {
    this.#view.focus({ preventScroll: true });
  }

  /** @returns {boolean} whether it was here already */
  #put(message) {
    const known = this.#bubbles.get(message.key);
    const bubble = known ?? new Bubble(message, this.#actions);
    const moved = known && known.message.order !== message.order;
    if (known) known.update(message, new Date());
    else this.#bubbles.set(message.key, bubble);
    if (!known || moved) this.#insert(bubble);
    bubble.showRating(this.#ratings.get(message.id));
    return Boolean(known);
  }

  /** Before the first that comes later in the log; searched from the end, where it nearly always is. */
  #insert(bubble) {
    let next = this.#typing;
    for (const other of [...this.#list.querySelectorAll(":scope > [data-key]")].reverse()) {
      if (other === bubble.element) continue;
      if (this.#bubbles.get(other.dataset.key).message.order <= bubble.message.order) break;
      next = other;
    }
    this.#list.insertBefore(bubble.element, next);
  }

  /** Groups, day lines, and what can still be pressed. */
  #arrange() {
    for (const line of this.#list.querySelectorAll(".day")) line.remove();
    const elements = [...this.#list.querySelectorAll(":scope > [data-key]")];
    const bubbles = elements.map((element) => this.#bubbles.get(element.dataset.key));
    bubbles.forEach((bubble, at) => {
      const { message, element } = bubble;
      const before = bubbles[at - 1]?.message;
      const after = bubbles[at + 1]?.message;
      if (!before || !sameDay(before.time, message.time)) element.before(this.#dayLine(message.time));
      element.classList.toggle("first", !together(before, message));
      element.classList.toggle("last", !together(message, after));
    });
    this.#offer(bubbles);
    this.#askForRatings(bubbles);
  }

  /** Buttons stand until the customer writes; the desk's newest ones for as long as she waits. */
  #offer(bubbles) {
    const said = new Set();
    let isWaiting = this.#desk.isWaiting;
    for (const bubble of [...bubbles].reverse()) {
      const { author, text, handoff } = bubble.message;
      if (author === "customer") said.add(text);
      else if (!handoff) bubble.offer(!said.size, said);
      else if (bubble.suggestions) {
        bubble.offer(isWaiting, said);
        isWaiting = false;
      }
    }
  }

  /** Once an episode, at its end: of several requests the one that was answered, or the last. */
  #askForRatings(bubbles) {
    const asks = bubbles.filter((bubble) => bubble.stars);
    for (const handoff of new Set(asks.map((bubble) => bubble.message.rateHelp))) {
      const all = asks.filter((bubble) => bubble.message.rateHelp === handoff);
      const given = this.#helpRatings.get(handoff);
      const kept = given ? all[0] : all.at(-1);
      for (const bubble of all) {
        bubble.element.hidden = bubble !== kept || (!given && this.#desk.hasOpen(handoff));
        bubble.stars.show(given);
      }
    }
  }

  #dayLine(time) {
    return make("li", { class: "day" }, make("span", {}, dayName(time, new Date())));
  }

  /** A long answer is shown from its beginning, everything else to its end. */
  #follow(fresh) {
    const first = fresh.length === 1 && this.#bubbles.get(fresh[0].key).element;
    const isTall = first && first.offsetHeight > this.#view.clientHeight * 0.9;
    if (!isTall) return this.toEnd(false);
    return this.#view.scrollTo({ top: first.offsetTop - this.#list.offsetTop, behavior: "instant" });
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.#view;
    this.#follows = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
    if (this.#follows) this.#jump.hidden = true;
  }

  #tick() {
    const now = new Date();
    for (const bubble of this.#bubbles.values()) bubble.tick(now);
  }
}

/** @param {Message | undefined} one @param {Message | undefined} other */
function together(one, other) {
  return Boolean(one && other) && one.author === other.author && one.name === other.name &&
    other.time - one.time < GROUP_MS && sameDay(one.time, other.time);
}

function calm() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
