/** Where the agent writes: a reply to the customer, or a note for colleagues. */
import { recall, remember } from "./memory.js";
import { customerName } from "./names.js";
import { say } from "../widget/words.js";

const LONGEST = 4000;
const COUNT_FROM = 3600;
const TYPING_EVERY_MS = 3_000;

export class Composer {
  #all = document.getElementById("composer");
  #form = document.getElementById("write");
  #text = document.getElementById("text");
  #send = document.getElementById("send");
  #counter = document.getElementById("write-counter");
  #take = document.getElementById("take");
  #detail = null;
  #mode = "reply";
  #toldTyping = 0;

  /** @param {{me: string, onSend: (action: "say" | "note", text: string) => void, onTyping: () => void}} parts */
  constructor(parts) {
    this.parts = parts;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#form.addEventListener("click", (event) => {
      const mode = event.target.closest(".mode")?.dataset.mode;
      if (mode) this.write(mode);
    });
    this.#text.addEventListener("keydown", (event) => this.#key(event));
    this.#text.addEventListener("input", () => this.#changed(true));
  }

  get mode() {
    return this.#mode;
  }

  /** @param {any} detail of the conversation that is shown; null: none */
  show(detail) {
    const other = detail?.id !== this.#detail?.id;
    const couldReply = this.#canReply;
    this.#detail = detail;
    this.#all.hidden = !detail;
    if (!detail) return;
    this.#showTake();
    if (other || couldReply !== this.#canReply) this.#setMode(this.#canReply ? "reply" : "note");
    else this.#words();
  }

  /** @param {"reply" | "note"} mode */
  write(mode) {
    this.#setMode(mode === "reply" && !this.#canReply ? "note" : mode);
    this.#text.focus();
  }

  /** Put in for editing, behind what stands there. @param {string} text */
  insert(text) {
    if (this.#mode !== "reply") this.#setMode("reply");
    const before = this.#text.value.trimEnd();
    this.#text.value = before ? `${before}\n\n${text}` : text;
    this.#changed(true);
    this.#text.focus();
    this.#text.setSelectionRange(this.#text.value.length, this.#text.value.length);
  }

  get canReply() {
    return this.#canReply;
  }

  get #canReply() {
    return this.#detail?.status === "active" && this.#detail.agent.id === this.parts.me;
  }

  get #draft() {
    return `draft:${this.#mode}:${this.#detail.id}`;
  }

  #showTake() {
    const { status, agent } = this.#detail;
    this.#take.hidden = this.#canReply;
    const text = status === "waiting" ? say("take.waiting") : status === "active" ? say("take.other", { name: agent.name }) : say("take.closed");
    document.getElementById("take-text").textContent = text;
    document.getElementById("take-claim").hidden = status !== "waiting";
    const reply = this.#form.querySelector(".mode[data-mode=reply]");
    reply.disabled = !this.#canReply;
    document.getElementById("replies-open").hidden = !this.#canReply;
  }

  #setMode(mode) {
    this.#mode = mode;
    this.#form.dataset.mode = mode;
    for (const button of this.#form.querySelectorAll(".mode")) button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
    this.#text.value = recall(this.#draft) ?? "";
    this.#words();
    this.#changed(false);
  }

  #words() {
    const name = customerName(this.#detail.customer);
    const label = this.#mode === "note" ? say("write.note_to") : say("write.to", { name });
    this.#text.placeholder = label;
    this.#text.setAttribute("aria-label", label);
    document.getElementById("send-word").textContent = say(this.#mode === "note" ? "send.note" : "send");
  }

  /** Enter sends, Shift+Enter is a new line; an Enter that chooses Chinese characters is neither. */
  #key(event) {
    const composing = event.isComposing || event.keyCode === 229;
    if (event.key !== "Enter" || event.shiftKey || composing) return;
    event.preventDefault();
    this.#submit();
  }

  #submit() {
    const text = this.#text.value.trim();
    if (!text || [...text].length > LONGEST) return this.#text.focus();
    this.parts.onSend(this.#mode === "note" ? "note" : "say", text);
    this.#text.value = "";
    this.#toldTyping = 0;
    this.#changed(false);
    if (this.#mode === "note" && this.#canReply) this.#setMode("reply");
    return this.#text.focus();
  }

  #changed(typed) {
    const length = [...this.#text.value.trim()].length;
    const over = length - LONGEST;
    const words = over > 0 ? say("write.over", { count: over }) : say("write.left", { count: -over });
    this.#counter.textContent = length > COUNT_FROM ? words : "";
    this.#counter.classList.toggle("problem", over > 0);
    this.#text.setAttribute("aria-invalid", String(over > 0));
    this.#send.setAttribute("aria-disabled", String(over > 0 || !length));
    this.#text.style.height = "auto";
    this.#text.style.height = `${this.#text.scrollHeight + 2}px`;
    remember(this.#draft, this.#text.value);
    if (typed && length && this.#mode === "reply") this.#tellTyping();
  }

  #tellTyping() {
    if (Date.now() - this.#toldTyping < TYPING_EVERY_MS) return;
    this.#toldTyping = Date.now();
    this.parts.onTyping();
  }
}
