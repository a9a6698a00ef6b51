/** The conversation this browser holds, and the calls that need its token. */
import { alone, sharedMemory } from "./memory.js";
import { language } from "./words.js";

const BASE = new URL("v3/directline/", document.baseURI);
const TOKEN = new URL("widget/token", document.baseURI);
const TIMEOUT_MS = 15_000;
const KEY = "conversation";

/** The server said no. `code` is its word for why, `wait` the seconds it asks us to wait. */
export class Refused extends Error {
  constructor(status, code, wait) {
    super(`${status} ${code}`);
    this.status = status;
    this.code = code;
    this.wait = wait;
  }
}

/** The conversation cannot be opened any more: a new one is needed. */
export class Gone extends Error {}

/**
 * @typedef {{id: string, token: string, refreshAt: number, resume: string}} Held
 */
export class Session {
  /** @type {Held | null} */
  #held = sharedMemory.get(KEY);
  /** @type {() => void} another tab began a new conversation */
  onSwitched = () => {};

  constructor() {
    sharedMemory.watch(KEY, (held) => this.#adopt(held));
  }

  get id() {
    return this.#held?.id ?? "";
  }

  /** Go on with the conversation that is kept, or begin one; tabs opened together begin only one. */
  open() {
    return alone("open", async () => {
      this.#held = sharedMemory.get(KEY) ?? this.#held;
      if (this.#held) return { isNew: false };
      this.#keep(await this.#askForToken({}));
      return { isNew: true };
    });
  }

  /** Leave this conversation for a new one. */
  restart() {
    return alone("open", async () => this.#keep(await this.#askForToken({})));
  }

  forget() {
    this.#held = null;
    sharedMemory.set(KEY, null);
  }

  /** Begin the stream's first connection: the server greets once. @returns {Promise<string>} */
  async begin() {
    const answer = await this.call("conversations", { method: "POST", body: { locale: language } });
    return answer.streamUrl;
  }

  /** @param {string} watermark @returns {Promise<string>} */
  async reconnect(watermark) {
    const answer = await this.call(`conversations/${this.id}?watermark=${watermark}`);
    return answer.streamUrl;
  }

  /** @param {string} watermark @returns {Promise<{activities: object[], watermark: string}>} */
  read(watermark) {
    return this.call(`conversations/${this.id}/activities?watermark=${watermark}`);
  }

  /** @param {object} activity */
  send(activity) {
    return this.call(`conversations/${this.id}/activities`, { method: "POST", body: activity });
  }

  /** A call with the token, which is renewed when it is old or refused. */
  async call(path, { method = "GET", body = undefined, read = "json" } = {}) {
    if (!this.#held) throw new Gone();
    if (Date.now() > this.#held.refreshAt) await this.#renew(this.#held.token);
    const used = this.#held.token;
    try {
      return await this.#fetch(new URL(path, BASE), method, body, used, read);
    } catch (error) {
      if (error.status !== 403) throw error;
      await this.#renew(used);
      return this.#fetch(new URL(path, BASE), method, body, this.#held.token, read);
    }
  }

  /** A new token for the same conversation, unless another tab has got one meanwhile. */
  #renew(old) {
    return alone("token", async () => {
      const kept = sharedMemory.get(KEY);
      if (kept && kept.id === this.id && kept.token !== old) this.#held = kept;
      else this.#keep(await this.#askForToken({ resume: this.#held.resume }));
    });
  }

  async #askForToken(body) {
    try {
      return await this.#fetch(TOKEN, "POST", body);
    } catch (error) {
      if (error.status === 403 && body.resume) throw new Gone();
      throw error;
    }
  }

  async #fetch(url, method, body, token, read = "json") {
    const headers = body ? { "Content-Type": "application/json" } : {};
    if (token) headers.Authorization = `Bearer ${token}`;
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(url, { method, headers, signal, body: body && JSON.stringify(body) });
    if (response.ok && read === "text") return response.text();
    const answer = await response.json().catch(() => ({}));
    if (response.ok) return answer;
    throw new Refused(response.status, answer.error?.code ?? "", Number(response.headers.get("Retry-After")) || 0);
  }

  #keep(answer) {
    const refreshAt = Date.now() + answer.expires_in * 500; // ms, at half its life
    this.#held = { id: answer.conversationId, token: answer.token, refreshAt, resume: answer.resume };
    sharedMemory.set(KEY, this.#held);
  }

  /** @param {Held | null} held what another tab kept */
  #adopt(held) {
    if (!held) return;
    const switched = held.id !== this.id;
    this.#held = held;
    if (switched) this.onSwitched();
  }
}
