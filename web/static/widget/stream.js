/**
 * The connection: everything since a watermark, and what comes, without end. A broken connection is
 * made again at the watermark, so nothing is lost; doubles are left out by whoever shows them.
 */
import { Gone } from "./session.js";

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;
const KEEP_ALIVE_MS = 20_000;
const OPENING_MS = 10_000;
const POLL_MS = 3_000;
const ASLEEP_MS = 60_000;
const FULL_PAGE = 100; // a long conversation is replayed in several sets
const SOCKETS_REFUSED = 2; // so many times in a row: something in between allows no WebSocket

/**
 * @typedef {import("./session.js").Session} Session
 * @typedef {{
 *   onActivities: (activities: object[], replayed: boolean) => void,
 *   onOnline: () => void,
 *   onOffline: (error: Error | null) => void,
 *   onGone: () => void,
 * }} Listeners
 */
export class Stream {
  #session;
  #listeners;
  #watermark = "";
  #begun = false;
  #replaying = true;
  #socket = null;
  #refusals = 0;
  #failures = 0;
  #running = null;
  #wake = () => {};

  /** @param {Session} session @param {Listeners} listeners */
  constructor(session, listeners) {
    this.#session = session;
    this.#listeners = listeners;
    window.addEventListener("online", () => this.retry());
    window.addEventListener("offline", () => this.drop());
    this.#watchForSleep();
  }

  /** @param {() => Promise<void>} prepare what must have been done once before the first connection */
  start(prepare) {
    const run = { prepare };
    this.#running = run;
    this.#watermark = "";
    this.#begun = false;
    this.#replaying = true;
    this.#failures = 0;
    this.drop();
    this.#loop(run);
  }

  stop() {
    this.#running = null;
    this.drop();
  }

  /** Close what may be half open; the loop connects again. */
  drop() {
    this.#socket?.close();
    this.#wake();
  }

  /** Do not wait any longer for the next attempt. */
  retry() {
    this.#failures = 0;
    this.#wake();
  }

  async #loop(run) {
    while (this.#running === run) {
      let problem = null;
      try {
        await run.prepare?.();
        run.prepare = null;
        await (this.#refusals >= SOCKETS_REFUSED ? this.#poll(run) : this.#connect(run));
      } catch (error) {
        problem = error;
      }
      if (this.#running !== run) return;
      if (problem instanceof Gone) {
        this.#running = null;
        this.#listeners.onGone();
        return;
      }
      this.#listeners.onOffline(problem);
      await this.#pause(this.#delay(problem));
    }
  }

  /** Full jitter: everybody comes back after a restart, but not everybody at once. */
  #delay(problem) {
    const longest = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#failures);
    this.#failures += 1;
    return Math.max(longest * (0.25 + 0.75 * Math.random()), (problem?.wait ?? 0) * 1000);
  }

  #pause(milliseconds) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #streamUrl() {
    const url = this.#begun ? await this.#session.reconnect(this.#watermark) : await this.#session.begin();
    this.#begun = true;
    return url;
  }

  /** Resolves when the connection has ended. */
  async #connect(run) {
    const url = await this.#streamUrl();
    if (this.#running !== run) return;
    const socket = new WebSocket(url);
    this.#socket = socket;
    const keepAlive = setInterval(() => socket.readyState === WebSocket.OPEN && socket.send(""), KEEP_ALIVE_MS);
    const tooLong = setTimeout(() => socket.close(), OPENING_MS);
    let opened = false;
    await new Promise((ended) => {
      socket.onopen = () => {
        clearTimeout(tooLong);
        opened = true;
        this.#online();
      };
      socket.onmessage = (event) => event.data && this.#running === run && this.#take(JSON.parse(event.data));
      socket.onclose = ended;
    });
    clearInterval(keepAlive);
    clearTimeout(tooLong);
    if (this.#socket === socket) this.#socket = null;
    this.#refusals = opened ? 0 : this.#refusals + 1;
  }

  /** Without WebSockets: ask every few seconds. A while later the loop tries a socket again. */
  async #poll(run) {
    if (!this.#begun) await this.#streamUrl();
    for (let round = 0; round < 20 && this.#running === run; round += 1) {
      this.#take(await this.#session.read(this.#watermark));
      this.#online();
      await this.#pause(POLL_MS);
    }
    this.#refusals = SOCKETS_REFUSED - 1;
    this.#failures = 0;
  }

  #online() {
    this.#failures = 0;
    this.#listeners.onOnline();
  }

  #take(set) {
    const replayed = this.#replaying;
    this.#replaying = replayed && set.activities.length >= FULL_PAGE;
    if (set.activities.length) this.#listeners.onActivities(set.activities, replayed);
    if (set.watermark) this.#watermark = set.watermark;
  }

  /** Timers stand still while a computer sleeps; afterwards a socket may look open and be dead. */
  #watchForSleep() {
    let last = Date.now();
    setInterval(() => {
      if (Date.now() - last > ASLEEP_MS) {
        this.retry();
        this.drop();
      }
      last = Date.now();
    }, KEEP_ALIVE_MS);
  }
}
