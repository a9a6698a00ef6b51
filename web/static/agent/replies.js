/** Replies from the knowledge base: those that fit what the customer said, and a search. */
import { pathOf, read } from "./api.js";
import { meter } from "./line.js";
import { asPercent } from "./names.js";
import { make } from "../widget/elements.js";
import { say } from "../widget/words.js";

const PATIENCE_MS = 200;
const SUGGESTED = 3;
const LEAST = 0.25; // a suggestion that is surely wrong only costs the eye

export class Replies {
  #suggested = document.getElementById("suggested");
  #panel = document.getElementById("replies");
  #words = document.getElementById("replies-words");
  #list = document.getElementById("replies-found");
  #opener = document.getElementById("replies-open");
  #id = "";
  #found = [];
  #chosen = 0;
  #asked = 0;

  /** @param {{onInsert: (text: string) => void, onClosed: () => void}} listeners */
  constructor(listeners) {
    this.listeners = listeners;
    this.#opener.addEventListener("click", () => (this.#panel.hidden ? this.open() : this.close()));
    document.getElementById("replies-close").addEventListener("click", () => this.close());
    this.#words.addEventListener("keydown", (event) => this.#key(event));
    let timer = 0;
    this.#words.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => this.#search(), PATIENCE_MS);
    });
  }

  /** @param {string} id @param {boolean} canReply suggestions are for who can reply */
  async show(id, canReply) {
    if (id !== this.#id) {
      this.#hide();
      this.#suggested.hidden = true;
    }
    this.#id = id;
    if (!canReply) {
      this.#suggested.hidden = true;
      return;
    }
    const found = await read(`${pathOf(id)}/replies`).catch(() => null);
    if (!found || id !== this.#id) return;
    const fitting = found.replies.filter((reply) => (reply.confidence ?? 0) >= LEAST).slice(0, SUGGESTED);
    this.#suggested.hidden = !fitting.length;
    this.#suggested.replaceChildren(...fitting.map((reply) => this.#chip(reply)));
  }

  open() {
    if (this.#opener.hidden) return;
    this.#panel.hidden = false;
    this.#opener.setAttribute("aria-expanded", "true");
    this.#words.value = "";
    this.#words.focus();
    this.#search();
  }

  close() {
    if (this.#panel.hidden) return;
    this.#hide();
    this.listeners.onClosed();
  }

  get isOpen() {
    return !this.#panel.hidden;
  }

  #hide() {
    this.#panel.hidden = true;
    this.#opener.setAttribute("aria-expanded", "false");
  }

  #chip(reply) {
    const insert = () => this.listeners.onInsert(reply.text);
    return make("button", { class: "chip", type: "button", title: reply.text, onclick: insert },
      meter(reply.confidence ?? 0), make("span", { class: "chip-title" }, reply.title));
  }

  async #search() {
    const asked = (this.#asked += 1);
    const id = this.#id;
    const found = await read(`${pathOf(id)}/replies?q=${encodeURIComponent(this.#words.value)}`).catch(() => ({ replies: [] }));
    if (asked !== this.#asked || id !== this.#id) return;
    this.#found = found.replies;
    this.#list.replaceChildren(...this.#found.map((reply, at) => this.#option(reply, at)));
    if (!this.#found.length) this.#list.append(make("li", { class: "replies-none", role: "option", "aria-disabled": true }, say("replies.none")));
    this.#choose(0);
  }

  #option(reply, at) {
    const sure = reply.confidence === null ? null : make("span", { class: "numbers muted" }, asPercent(reply.confidence));
    return make("li", { class: "reply", role: "option", id: `reply-${at}`, onclick: () => this.#insert(at) },
      make("span", { class: "reply-title" }, reply.title, reply.needsAccount ? make("span", { class: "badge" }, say("replies.account")) : null, sure),
      make("span", { class: "reply-text" }, reply.text));
  }

  #choose(at) {
    const options = [...this.#list.querySelectorAll(".reply")];
    this.#chosen = Math.max(0, Math.min(options.length - 1, at));
    options.forEach((option, each) => option.setAttribute("aria-selected", String(each === this.#chosen)));
    const chosen = options[this.#chosen];
    if (chosen) this.#words.setAttribute("aria-activedescendant", chosen.id);
    else this.#words.removeAttribute("aria-activedescendant");
    chosen?.scrollIntoView({ block: "nearest" });
  }

  #insert(at) {
    const reply = this.#found[at];
    if (!reply) return;
    this.#hide();
    this.listeners.onInsert(reply.text);
  }

  #key(event) {
    if (event.isComposing) return;
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in moves) this.#choose(this.#chosen + moves[event.key]);
    else if (event.key === "Enter") this.#insert(this.#chosen);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
