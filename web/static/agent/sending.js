/**
 * What the agent wrote and the server has not taken yet. Everything keeps its own id however often it
 * is sent, so that it is taken once; it is kept over a reload, and sent in order, one by one.
 */
import { act, newId } from "./api.js";
import { recall, remember } from "./memory.js";

const KEY = "sending";
const TRY_AGAIN_MS = 2_000;

/**
 * @typedef {{id: string, handoff: string, action: "say" | "note", text: string,
 *   state: "sending" | "waiting" | "failed", problem: string}} Entry
 */
export class Sending {
  /** @type {Entry[]} */
  #entries = (recall(KEY) ?? []).map((entry) => ({ ...entry, state: entry.state === "failed" ? "failed" : "sending" }));
  #busy = false;

  /** @param {{onChange: (entry: Entry, number?: number) => void}} listeners number: it was taken */
  constructor(listeners) {
    this.listeners = listeners;
    queueMicrotask(() => this.#next());
  }

  /** @param {string} handoff */
  of(handoff) {
    return this.#entries.filter((entry) => entry.handoff === handoff);
  }

  /** @param {string} handoff @param {"say" | "note"} action @param {string} text */
  add(handoff, action, text) {
    const entry = { id: newId(), handoff, action, text, state: "sending", problem: "" };
    this.#entries.push(entry);
    this.#changed(entry);
    this.#next();
  }

  /** @param {string} id */
  again(id) {
    const entry = this.#entries.find((each) => each.id === id);
    if (!entry) return;
    this.#set(entry, "sending");
    this.#next();
  }

  /** It is in the conversation, or not wanted any more. @param {string} id */
  remove(id) {
    const entry = this.#entries.find((each) => each.id === id);
    if (!entry) return;
    this.#entries = this.#entries.filter((each) => each !== entry);
    this.#changed(entry);
  }

  online() {
    for (const entry of this.#entries) if (entry.state === "waiting") this.#set(entry, "sending");
    this.#next();
  }

  async #next() {
    const entry = this.#entries.find((each) => each.state === "sending");
    if (this.#busy || !entry) return;
    this.#busy = true;
    try {
      await act(entry.handoff, entry.action, { text: entry.text, client: entry.id });
      this.remove(entry.id);
    } catch (refusal) {
      this.#refused(entry, refusal);
    }
    this.#busy = false;
    this.#next();
  }

  #refused(entry, refusal) {
    const passing = refusal.status === 0 || refusal.status === 429 || refusal.status >= 500;
    this.#set(entry, passing ? "waiting" : "failed", refusal.message);
    if (passing) setTimeout(() => this.online(), TRY_AGAIN_MS);
  }

  #set(entry, state, problem = "") {
    entry.state = state;
    entry.problem = problem;
    this.#changed(entry);
  }

  #changed(entry) {
    remember(KEY, this.#entries.length ? this.#entries : null);
    this.listeners.onChange(entry);
  }
}
