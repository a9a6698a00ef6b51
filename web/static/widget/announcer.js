/** Speaks to screen readers: each text once, in order. The transcript itself is not a live region,
    so nothing is read again when it changes. */
import { make } from "./elements.js";

const KEPT = 5;
const region = document.getElementById("announcer");

/** @param {string} text @param {string} [lang] the text's language when it is not the page's */
export function announce(text, lang) {
  region.append(make("p", { lang: lang || null }, text));
  while (region.children.length > KEPT) region.firstElementChild.remove();
}
