/** The conversation in the middle: in the log's order, with notes at their place. */
import { pathOf, read } from "./api.js";
import { deliveryOf, lineElement, noteElement, pendingElement, speakerOf } from "./line.js";
import { customerName } from "./names.js";
import { make } from "../widget/elements.js";
import { language, say } from "../widget/words.js";

const NEAR_END_PX = 80;
const TYPING_MS = 8_000;
const GROUP_MS = 5 * 60_000;
const dayName = new Intl.DateTimeFormat(language, { weekday: "short", day: "numeric", month: "long" });

/** @typedef {{order: number, time: Date, element: HTMLElement, line?: any}} Item */
export class Talk {
  #view = document.getElementById("transcript");
  #list = document.getElementById("lines");
  #earlier = document.getElementById("earlier");
  #jump = document.getElementById("jump");
  #typing = document.getElementById("typing");
  #live = document.getElementById("live");
  /** @type {Map<string, Item>} */
  #items = new Map();
  #typingTimer = 0;
  #follows = true;
  id = "";
  last = 0;
  #first = 0;
  #customer = "";

  /** @param {{sending: import("./sending.js").Sending, onAgain: (n: number) => void}} parts */
  constructor(parts) {
    this.parts = parts;
    this.#view.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.#jump.addEventListener("click", () => this.#toEnd());
    this.#earlier.addEventListener("click", () => this.#loadEarlier());
    new ResizeObserver(() => this.#follows && this.#toEnd()).observe(this.#view);
  }

  /** @param {{lines: any[], first: number, last: number, earlier: boolean, detail: any}} found */
  open(found) {
    this.close();
    this.id = found.detail.id;
    this.last = found.last;
    this.#first = found.first;
    this.#customer = customerName(found.detail.customer);
    this.#view.hidden = false;
    this.#earlier.hidden = !found.earlier;
    for (const line of found.lines) this.#put(line);
    this.#notes(found.detail.notes);
    this.pending();
    this.#arrange();
    this.#toEnd();
  }

  close() {
    this.id = "";
    this.last = 0;
    this.#items.clear();
    this.#list.replaceChildren();
    this.#view.hidden = true;
    this.#jump.hidden = true;
    this.#follows = true;
    this.#stopTyping();
  }

  /** What came after what is shown. @param {any[]} lines @param {number} last */
  add(lines, last) {
    const fresh = lines.filter((line) => this.#put(line));
    this.last = Math.max(this.last, last);
    if (!fresh.length) return fresh;
    for (const line of fresh) if (line.client) this.parts.sending.remove(line.client);
    if (fresh.some((line) => line.author !== "bot")) this.#stopTyping();
    this.#arrange();
    this.#speak(fresh);
    if (this.#follows || fresh.some((line) => line.client)) this.#toEnd();
    else this.#jump.hidden = false;
    return fresh;
  }

  /** @param {any} detail */
  update(detail) {
    this.#notes(detail.notes);
    this.#arrange();
    if (this.#follows) this.#toEnd();
  }

  /** What became of messages on their way to another channel. @param {Record<string, string>} states */
  deliver(states) {
    for (const { line, element } of this.#items.values()) {
      const state = line && states[line.n];
      if (!state || state === line.delivery) continue;
      line.delivery = state;
      element.querySelector(".delivery")?.remove();
      const made = deliveryOf(line, this.parts.onAgain);
      if (made) element.querySelector(".line-foot")?.append(made);
    }
  }

  /** What the agent sent and is not in the log yet. */
  pending() {
    for (const key of [...this.#items.keys()]) if (key.startsWith("pending:")) this.#drop(key);
    this.parts.sending.of(this.id).forEach((entry, at) => {
      if (this.#items.has(`client:${entry.id}`)) return;
      const actions = { again: () => this.parts.sending.again(entry.id), remove: () => this.parts.sending.remove(entry.id) };
      this.#place(`pending:${entry.id}`, 1e12 + at, new Date(), pendingElement(entry, actions));
    });
    this.#arrange();
    if (this.#follows) this.#toEnd();
  }

  sent() {
    this.#toEnd();
  }

  /** @param {string} name */
  startTyping(name) {
    this.#typing.textContent = say("typing", { name: name || this.#customer });
    this.#typing.hidden = false;
    clearTimeout(this.#typingTimer);
    this.#typingTimer = setTimeout(() => this.#stopTyping(), TYPING_MS);
    if (this.#follows) this.#toEnd();
  }

  focus() {
    this.#view.focus({ preventScroll: true });
  }

  /** The last the customer and an agent said, to propose. */
  lastPair() {
    const lines = [...this.#items.values()].filter((item) => item.line?.text).sort((a, b) => a.order - b.order);
    const last = (author) => lines.findLast((item) => item.line.author === author)?.line.text ?? "";
    return { question: last("customer"), answer: last("agent") };
  }

  #stopTyping() {
    clearTimeout(this.#typingTimer);
    this.#typing.hidden = true;
    this.#typing.textContent = "";
  }

  /** @returns {boolean} whether it is new */
  #put(line) {
    const key = `line:${line.n}`;
    if (this.#items.has(key)) return false;
    if (line.client) this.#drop(`pending:${line.client}`);
    const element = lineElement(line, this.#customer, this.parts.onAgain);
    element.dataset.n = line.n;
    this.#place(key, line.n, new Date(line.at), element, line);
    return true;
  }

  #notes(notes) {
    notes.forEach((note, at) => {
      if (this.#items.has(`note:${note.id}`)) return;
      const client = note.id.slice(note.id.lastIndexOf("|") + 1);
      this.#drop(`pending:${client}`);
      this.parts.sending.remove(client);
      this.#place(`note:${note.id}`, note.after + 0.5 + at / 10_000, new Date(note.at), noteElement(note));
    });
  }

  #place(key, order, time, element, line = undefined) {
    element.dataset.key = key;
    this.#items.set(key, { order, time, element, line });
    const later = [...this.#list.children].find((other) => (this.#items.get(other.dataset.key)?.order ?? -1) > order);
    this.#list.insertBefore(element, later ?? null);
  }

  #drop(key) {
    this.#items.get(key)?.element.remove();
    this.#items.delete(key);
  }

  /** A line for each day; what one person says in a row belongs together. */
  #arrange() {
    for (const day of this.#list.querySelectorAll(".day")) day.remove();
    let before = null;
    for (const element of [...this.#list.children]) {
      const item = this.#items.get(element.dataset.key);
      if (!item) continue;
      const newDay = !before || before.time.toDateString() !== item.time.toDateString();
      if (newDay) element.before(make("li", { class: "day" }, make("span", {}, dayOf(item.time))));
      element.classList.toggle("again", !newDay && together(before, item));
      before = item;
    }
  }

  async #loadEarlier() {
    const { id } = this;
    const found = await read(`${pathOf(id)}?before=${this.#first}`).catch(() => null);
    if (!found || id !== this.id) return;
    const before = this.#view.scrollHeight;
    for (const line of found.lines) this.#put(line);
    this.#first = found.first;
    this.#earlier.hidden = !found.earlier;
    this.#arrange();
    this.#view.scrollTop += this.#view.scrollHeight - before;
  }

  #speak(lines) {
    for (const line of lines) {
      if (line.client || !line.text) continue;
      const said = make("p", {}, say("said", { name: speakerOf(line, this.#customer), text: line.text }));
      this.#live.append(said);
      setTimeout(() => said.remove(), 20_000);
    }
  }

  #toEnd() {
    this.#follows = true;
    this.#jump.hidden = true;
    this.#view.scrollTop = this.#view.scrollHeight;
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.#view;
    this.#follows = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
    if (this.#follows) this.#jump.hidden = true;
  }
}

function together(before, item) {
  const one = before?.line;
  const two = item.line;
  const plain = one && two && !one.event && !two.event && one.author !== "system";
  return Boolean(plain && one.author === two.author && one.name === two.name && item.time - before.time < GROUP_MS);
}

function dayOf(time) {
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(time).setHours(0, 0, 0, 0)) / 86_400_000);
  if (days === 0) return say("today");
  return days === 1 ? say("yesterday") : dayName.format(time);
}
