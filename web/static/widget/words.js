/** The interface's words, in the language the server chose; another language is one more file. */

const root = document.documentElement;

/** @type {Record<string, string | {one?: string, other: string}>} */
const words = JSON.parse(document.getElementById("words").textContent);
const plural = new Intl.PluralRules(root.lang);

export const language = root.lang;

/**
 * @param {string} key
 * @param {{count?: number, name?: string}} [values] put into {count} and {name}
 */
export function say(key, values = {}) {
  const found = words[key];
  const text = typeof found === "string" ? found : (found[plural.select(values.count)] ?? found.other);
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}
