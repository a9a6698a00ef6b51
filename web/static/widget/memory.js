/** What this browser keeps: shared by all tabs, or by one tab alone. Blocked storage keeps nothing. */

class Memory {
  #storage;
  #prefix;

  /** @param {() => Storage} storage @param {string} prefix */
  constructor(storage, prefix) {
    this.#prefix = prefix;
    try {
      this.#storage = storage();
    } catch {
      this.#storage = undefined; // the browser forbids storage on other people's sites
    }
  }

  /** Whether anything is kept at all; if not, other tabs cannot have the same conversation. */
  get isKept() {
    return Boolean(this.#storage);
  }

  /** @param {string} key @returns {any} what was kept, or null */
  get(key) {
    try {
      return JSON.parse(this.#storage?.getItem(this.#prefix + key) ?? "null");
    } catch {
      return null;
    }
  }

  /** @param {string} key @param {unknown} value null forgets it */
  set(key, value) {
    try {
      if (value === null) this.#storage?.removeItem(this.#prefix + key);
      else this.#storage?.setItem(this.#prefix + key, JSON.stringify(value));
    } catch {
      // full or forbidden: the conversation goes on, only a reload will not find it
    }
  }

  /** @param {string} key @param {(value: any) => void} changed called when another tab changed it */
  watch(key, changed) {
    window.addEventListener("storage", (event) => {
      const ours = event.key === this.#prefix + key && event.storageArea === this.#storage;
      if (ours) changed(this.get(key));
    });
  }
}

// A conversation is kept per site: one site's customer does not go on with another's.
const site = `billing-assistant:${document.documentElement.dataset.parent || "own"}:`;

export const sharedMemory = new Memory(() => window.localStorage, site);
export const tabMemory = new Memory(() => window.sessionStorage, site);

/**
 * One tab at a time; where storage is forbidden, so are locks, and no other tab minds.
 * @template T @param {string} name @param {() => Promise<T>} work @returns {Promise<T>}
 */
export function alone(name, work) {
  return sharedMemory.isKept && navigator.locks ? navigator.locks.request(site + name, work) : work();
}
