/**
 * Saves a draft while somebody writes: a moment after the last key, against the revision it was
 * written on. Until the server has it, this browser keeps it too, over a crash or a new sign-in.
 */
import { call } from "../staff/page.js";

const WAIT_MS = 700;
const AGAIN_MS = 5_000;
const LOOK_MS = 15_000;
const KEPT_ALIVE = 20_000; // characters: browsers take 64 KiB

export class Saver {
  /**
   * @param {{part: string, me: string, revision: number, version: number, archived?: boolean, manual?: boolean}} start `manual`: a button saves
   * @param {{read: () => object, onState: (state: "saving" | "saved" | "waiting" | "merging", told?: any) => void,
   *   onConflict: (told: any) => void, onOther: (told: any) => void}} page
   */
  constructor(start, page) {
    this.part = start.part;
    this.revision = start.revision;
    this.version = start.version;
    this.archived = start.archived ?? false;
    this.manual = start.manual ?? false;
    this.page = page;
    this.key = `draft:${start.me}:${start.part}`;
    this.count = 0;
    this.saved = 0;
    this.busy = false;
    this.stopped = false;
    this.timer = 0;
    this.watch = setInterval(() => this.look(), LOOK_MS);
    document.addEventListener("visibilitychange", () => document.hidden && this.isDirty && !this.manual && this.save());
    window.addEventListener("online", () => this.isDirty && !this.manual && this.save());
  }

  get isDirty() {
    return this.count !== this.saved;
  }

  /** What this browser kept because the server did not get it. @returns {{body: any, archived: boolean} | null} */
  kept() {
    try {
      const kept = JSON.parse(localStorage.getItem(this.key) ?? "null");
      if (!kept) return null;
      this.revision = kept.revision;
      this.version = kept.version;
      return kept;
    } catch {
      return null;
    }
  }

  changed() {
    this.count += 1;
    this.keep();
    this.page.onState("saving");
    clearTimeout(this.timer);
    if (!this.manual) this.timer = setTimeout(() => this.save(), WAIT_MS);
  }

  keep() {
    const { revision, version, archived } = this;
    const text = JSON.stringify({ body: this.page.read(), revision, version, archived });
    try {
      localStorage.setItem(this.key, text);
    } catch {
      // A full or forbidden store: the server alone keeps it then.
    }
  }

  async save() {
    if (this.busy || this.stopped) return;
    clearTimeout(this.timer);
    this.busy = true;
    const count = this.count;
    try {
      const told = await this.send();
      if (told.status === 409) this.stop(await told.json());
      else if (told.ok) this.done(count, await told.json());
      else this.again();
    } catch {
      this.again();
    } finally {
      this.busy = false;
    }
    if (this.isDirty && !this.stopped && !this.manual && count !== this.count) this.save();
  }

  send() {
    const { revision, version, archived } = this;
    const asked = posted({ body: this.page.read(), based_on: revision, version, archived });
    const keepalive = asked.body.length < KEPT_ALIVE; // it arrives although the page is left meanwhile
    return call(`/editor/drafts/${this.part}`, { ...asked, keepalive });
  }

  done(count, told) {
    this.saved = count;
    this.revision = told.revision;
    this.version = told.version;
    if (!this.isDirty) forget(this.key);
    this.page.onState(this.isDirty ? "saving" : "saved", told);
  }

  again() {
    this.page.onState("waiting");
    this.timer = setTimeout(() => this.save(), AGAIN_MS);
  }

  /** Somebody was faster: nothing is saved until the page has put both together. */
  stop(told) {
    this.stopped = true;
    this.page.onState("merging", told);
    this.page.onConflict(told);
  }

  /** Both are together now, on top of theirs. */
  resume(theirs) {
    this.stopped = false;
    this.revision = theirs.revision;
    this.version = theirs.version;
    this.changed();
    return this.save();
  }

  /** Theirs stands; what was written here is dropped. */
  yield() {
    forget(this.key);
    this.saved = this.count;
  }

  /** Whether somebody else saved in the meantime. */
  async look() {
    if (document.hidden || this.busy || this.stopped) return;
    const answer = await call(`/editor/drafts/${this.part}`).catch(() => null);
    if (!answer?.ok) return;
    const told = await answer.json();
    const theirs = told.revision ? told.revision !== this.revision : told.version !== this.version && this.revision;
    if (!this.busy && theirs && !this.isDirty) this.page.onOther(told);
  }
}

/**
 * Asks the server about what is written, a moment after the last key; of several answers under way
 * only the newest is shown. @param {string} path @param {number} wait in ms
 * @param {() => any} read @param {(told: any) => void} show @returns {() => void} call it at a change
 */
export function looking(path, wait, read, show) {
  let timer = 0;
  let asked = 0;
  async function look() {
    const number = ++asked;
    const told = await post(path, { body: read() }).catch(() => null);
    if (told && number === asked) show(told);
  }
  return () => {
    clearTimeout(timer);
    timer = setTimeout(look, wait);
  };
}

/** @param {object} body @returns {RequestInit} */
export function posted(body) {
  return { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
}

/** The answer to a change, or an Error with what is said of it. @param {string} path @param {object} body */
export async function post(path, body) {
  const answer = await call(path, posted(body));
  const told = await answer.json().catch(() => ({}));
  if (answer.ok) return told;
  throw Object.assign(new Error(told.error?.message ?? ""), { told, status: answer.status });
}

function forget(key) {
  try {
    localStorage.removeItem(key);
  } catch {
    // Nothing was kept then.
  }
}
