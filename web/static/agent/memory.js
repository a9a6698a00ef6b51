/** What this browser remembers for the person who is signed in; it may be full or forbidden. */

const { me } = JSON.parse(document.getElementById("start").textContent);
const PREFIX = `agent:${me.id}:`;

/** @param {string} key */
export function recall(key) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + key));
  } catch {
    return null;
  }
}

/** @param {string} key @param {unknown} value null or "" forgets it */
export function remember(key, value) {
  try {
    if (value === null || value === "") localStorage.removeItem(PREFIX + key);
    else localStorage.setItem(PREFIX + key, JSON.stringify(value));
  } catch {
    // kept until the page is closed, by whoever asked
  }
}
