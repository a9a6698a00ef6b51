/** Where the customer writes. */
import { announce } from "./announcer.js";
import { tabMemory } from "./memory.js";
import { say } from "./words.js";

const LONGEST = 4000; // characters, as the server counts them
const COUNT_FROM = 3600;
const SPEAK_MS = 1000;
const DRAFT = "draft";

export class Composer {
  #form = document.getElementById("composer");
  #text = document.getElementById("text");
  #send = document.getElementById("send");
  #counter = document.getElementById("counter");
  #hint = document.getElementById("hint");
  #speaking = 0;

  /** @param {{onSend: (text: string) => void, onTyping: () => void}} listeners */
  constructor({ onSend, onTyping }) {
    this.onSend = onSend;
    this.#text.value = tabMemory.get(DRAFT) ?? "";
    this.#text.addEventListener("input", () => {
      this.#changed();
      if (this.#text.value.trim()) onTyping();
    });
    this.#text.addEventListener("keydown", (event) => this.#key(event));
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#changed();
  }

  focus() {
    this.#text.focus({ preventScroll: true });
  }

  /** Enter sends, Shift+Enter is a new line; an Enter that chooses Chinese characters is neither. */
  #key(event) {
    const isComposing = event.isComposing || event.keyCode === 229;
    if (event.key !== "Enter" || event.shiftKey || isComposing) return;
    event.preventDefault();
    this.#submit();
  }

  #submit() {
    const text = this.#text.value.trim();
    if (!text) return this.focus();
    if (lengthOf(text) > LONGEST) return this.#refuse();
    this.#text.value = "";
    this.#changed();
    this.focus();
    return this.onSend(text);
  }

  #refuse() {
    this.focus();
    announce(this.#counter.textContent);
  }

  #changed() {
    const length = lengthOf(this.#text.value.trim());
    const over = length - LONGEST;
    this.#count(length, over);
    this.#text.setAttribute("aria-invalid", String(over > 0));
    this.#send.setAttribute("aria-disabled", String(over > 0 || !length));
    this.#text.style.height = "auto";
    this.#text.style.height = `${this.#text.scrollHeight}px`;
    tabMemory.set(DRAFT, this.#text.value || null);
  }

  #count(length, over) {
    const text = over > 0 ? say("tooLong", { count: over }) : say("left", { count: -over });
    const shown = length > COUNT_FROM ? text : "";
    this.#counter.classList.toggle("over", over > 0);
    this.#hint.hidden = Boolean(shown);
    if (this.#counter.textContent === shown) return;
    this.#counter.textContent = shown;
    clearTimeout(this.#speaking); // spoken after a pause in the writing, not at every letter
    if (shown) this.#speaking = setTimeout(() => announce(shown), SPEAK_MS);
  }
}

function lengthOf(text) {
  return [...text].length;
}
