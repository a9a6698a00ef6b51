/**
 * The connection: hints that the list has changed, and one conversation from a number on. A broken
 * one is made again at the last number, so nothing is lost; doubles are left out by their number.
 */
import { post } from "./api.js";

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 20_000;
const OPENING_MS = 10_000;
const SIGNED_OUT = 4401;
const ASLEEP_MS = 60_000;
const TICK_MS = 15_000;

export class Socket {
  #listeners;
  #socket = null;
  #failures = 0;
  #wake = () => {};
  #wanted = () => ({ watch: null });

  /**
   * @param {{onFrame: (frame: any) => void, onOnline: () => void, onOffline: () => void}} listeners
   * @param {() => {watch: string | null, after?: number}} wanted what to follow, asked at each connection
   */
  constructor(listeners, wanted) {
    this.#listeners = listeners;
    this.#wanted = wanted;
    window.addEventListener("online", () => this.retry());
    window.addEventListener("offline", () => this.#socket?.close());
    this.#watchForSleep();
    this.#loop();
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Follow what is wanted now. */
  follow() {
    this.#send(this.#wanted());
  }

  typing() {
    this.#send({ typing: true });
  }

  retry() {
    this.#failures = 0;
    this.#wake();
  }

  #send(frame) {
    if (this.isOpen) this.#socket.send(JSON.stringify(frame));
  }

  async #loop() {
    for (;;) {
      const code = await this.#connection().catch(() => 0);
      if (code === SIGNED_OUT) {
        location.reload();
        return;
      }
      this.#listeners.onOffline();
      await this.#pause();
    }
  }

  /** Until it ends. @returns {Promise<number>} the code it was closed with */
  async #connection() {
    const { ticket } = await post("/agent/ticket", {});
    const url = new URL(`/agent/socket?ticket=${encodeURIComponent(ticket)}`, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url);
    this.#socket = socket;
    const slow = setTimeout(() => socket.close(), OPENING_MS);
    socket.addEventListener("open", () => {
      clearTimeout(slow);
      this.#failures = 0;
      this.#listeners.onOnline();
      this.follow();
    });
    socket.addEventListener("message", (event) => this.#listeners.onFrame(JSON.parse(event.data)));
    return new Promise((resolve) => {
      socket.addEventListener("close", (event) => {
        clearTimeout(slow);
        resolve(event.code);
      });
    });
  }

  /** Longer after each failure, and never the same for all. */
  async #pause() {
    const longest = Math.min(FIRST_DELAY_MS * 2 ** this.#failures, LONGEST_DELAY_MS);
    this.#failures += 1;
    await new Promise((resolve) => {
      this.#wake = resolve;
      setTimeout(resolve, longest / 2 + (Math.random() * longest) / 2);
    });
  }

  /** Timers stand still while a computer sleeps; afterwards a socket may look open and be dead. */
  #watchForSleep() {
    let last = Date.now();
    setInterval(() => {
      if (Date.now() - last > ASLEEP_MS) this.#socket?.close();
      last = Date.now();
    }, TICK_MS);
  }
}
