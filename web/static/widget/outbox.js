/**
 * What the customer sent and the log has not shown yet. Everything keeps its own id however often it
 * is sent, so the server takes it once; it is kept over a reload, and sent in order, one by one.
 */
import { tabMemory } from "./memory.js";
import { Gone } from "./session.js";

const KEY = "outbox";
const ECHO_MS = 8_000;
const TRIES = 3;
const TRY_AGAIN_MS = 1_500;

/**
 * @typedef {{
 *   id: string, text: string, value: object | null, time: string,
 *   state: "sending" | "sent" | "waiting" | "failed", problem: string, tries: number,
 * }} Entry `problem` is the key of the words that say why
 */
export class Outbox {
  #session;
  #listeners;
  /** @type {Entry[]} */
  #entries = (tabMemory.get(KEY) ?? []).map((entry) => ({ ...entry, tries: 0 }));
  #busy = false;
  #online = false;

  /**
   * @param {import("./session.js").Session} session
   * @param {{onChange: (entry: Entry) => void, onUnseen: () => void, onGone: () => void}} listeners
   *   onUnseen: what was taken does not come back, so the connection is not what it seems
   */
  constructor(session, listeners) {
    this.#session = session;
    this.#listeners = listeners;
  }

  get entries() {
    return [...this.#entries];
  }

  /** @param {string} text @param {object | null} [value] what a button means, instead of a text */
  add(text, value = null) {
    const id = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`;
    const time = new Date().toISOString();
    const entry = { id, text, value, time, state: "sending", problem: "", tries: 0 };
    this.#entries.push(entry);
    this.#changed(entry);
    this.#sendNext();
  }

  /** The log has it. @param {string} id */
  confirm(id) {
    const kept = this.#entries.filter((entry) => entry.id !== id);
    if (kept.length === this.#entries.length) return;
    this.#entries = kept;
    this.#save();
  }

  /** @param {string} id */
  sendAgain(id) {
    const entry = this.#entries.find((each) => each.id === id);
    if (!entry) return;
    entry.tries = 0;
    this.#set(entry, "sending");
    this.#sendNext();
  }

  clear() {
    this.#entries = [];
    this.#save();
  }

  online() {
    this.#online = true;
    for (const entry of this.#entries) if (entry.state === "waiting") this.#set(entry, "sending");
    this.#sendNext();
  }

  offline() {
    this.#online = false;
  }

  async #sendNext() {
    const entry = this.#entries.find((each) => each.state === "sending");
    if (this.#busy || !entry || !this.#session.id) return;
    this.#busy = true;
    try {
      await this.#session.send(activityOf(entry));
      this.#set(entry, "sent");
      this.#expectEcho(entry);
    } catch (error) {
      this.#failed(entry, error);
    }
    this.#busy = false;
    this.#sendNext();
  }

  #failed(entry, error) {
    entry.tries += 1;
    if (error instanceof Gone) {
      this.#set(entry, "waiting", "waiting");
      this.#listeners.onGone();
    } else if (error.status === 429 && entry.tries < TRIES) {
      this.#set(entry, "waiting", "tooMany");
      this.#tryAgain(entry, error.wait * 1000);
    } else if (error.status) {
      this.#set(entry, "failed", problemOf(error.status));
    } else if (this.#online && entry.tries >= TRIES) {
      this.#set(entry, "failed", "notSent");
    } else {
      this.#set(entry, "waiting", "waiting");
      this.#tryAgain(entry, TRY_AGAIN_MS);
    }
  }

  /** Without a connection it waits on, until online() says there is one. */
  #tryAgain(entry, milliseconds) {
    setTimeout(() => {
      if (entry.state !== "waiting" || !this.#online) return;
      this.#set(entry, "sending");
      this.#sendNext();
    }, Math.max(milliseconds, TRY_AGAIN_MS));
  }

  #expectEcho(entry) {
    setTimeout(() => this.#entries.includes(entry) && this.#listeners.onUnseen(), ECHO_MS);
  }

  #set(entry, state, problem = "") {
    entry.state = state;
    entry.problem = problem;
    this.#changed(entry);
  }

  #changed(entry) {
    this.#save();
    if (this.#entries.includes(entry)) this.#listeners.onChange(entry);
  }

  #save() {
    tabMemory.set(KEY, this.#entries.length ? this.#entries : null);
  }
}

function problemOf(status) {
  if (status === 429) return "tooMany";
  return status >= 500 ? "notSaved" : "refused";
}

/** @param {Entry} entry */
function activityOf(entry) {
  const activity = { type: "message", locale: document.documentElement.lang, localTimestamp: entry.time };
  const data = { clientActivityID: entry.id };
  if (!entry.value) return { ...activity, text: entry.text, textFormat: "plain", channelData: data };
  return { ...activity, value: entry.value, channelData: { ...data, postBack: true } };
}
