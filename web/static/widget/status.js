/** The line that says how the connection is; a short break is not worth a word. */
import { announce } from "./announcer.js";
import { say } from "./words.js";

const PATIENCE_MS = 2000;
const GOOD_NEWS_MS = 3000;

export class Status {
  #line = document.getElementById("status");
  #text = document.getElementById("status-text");
  #retry = document.getElementById("retry");
  #timer = 0;
  #wasOnline = false;

  /** @param {() => void} onRetry */
  constructor(onRetry) {
    this.#retry.addEventListener("click", onRetry);
  }

  online() {
    this.#wasOnline = true;
    clearTimeout(this.#timer);
    if (this.#line.hidden || this.#line.dataset.kind === "good") return;
    this.#show("good", say("connectionBack"));
    this.#timer = setTimeout(() => this.#hide(), GOOD_NEWS_MS);
  }

  /** @param {Error & {status?: number} | null} problem */
  offline(problem) {
    if (!this.#line.hidden && this.#line.dataset.kind !== "good") return;
    const key = this.#wasOnline ? "connectionLost" : "cannotConnect";
    const text = say(problem?.status === 429 ? "tooManyChats" : key);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#show("bad", text), PATIENCE_MS);
  }

  /** @param {string} text */
  tell(text) {
    this.#show("good", text);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#hide(), 2 * GOOD_NEWS_MS);
  }

  #show(kind, text) {
    this.#line.dataset.kind = kind;
    this.#text.textContent = text;
    this.#retry.hidden = kind === "good";
    this.#line.hidden = false;
    announce(text);
  }

  #hide() {
    this.#line.hidden = true;
  }
}
