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
  #isBad = false; // shown, or soon to be
  #wasOnline = false;

  /** @param {() => void} onRetry */
  constructor(onRetry) {
    this.#retry.addEventListener("click", onRetry);
  }

  online() {
    this.#wasOnline = true;
    if (!this.#isBad) return;
    this.#isBad = false;
    clearTimeout(this.#timer);
    if (!this.#line.hidden && this.#line.dataset.kind === "bad") this.#tell(say("connectionBack"), GOOD_NEWS_MS);
  }

  /** @param {Error & {status?: number} | null} problem */
  offline(problem) {
    if (this.#isBad) return;
    this.#isBad = true;
    const key = this.#wasOnline ? "connectionLost" : "cannotConnect";
    const text = say(problem?.status === 429 ? "tooManyChats" : key);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#show("bad", text), PATIENCE_MS);
  }

  /** @param {string} text */
  tell(text) {
    this.#isBad = false;
    this.#tell(text, 2 * GOOD_NEWS_MS);
  }

  #tell(text, milliseconds) {
    this.#show("good", text);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#hide(), milliseconds);
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
