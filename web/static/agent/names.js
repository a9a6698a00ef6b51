/** How things are called: people, channels, what a role is for. */
import { language, say } from "../widget/words.js";

const words = JSON.parse(document.getElementById("words").textContent);
const roles = JSON.parse(document.getElementById("role-words").textContent);
const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 });

/** @param {{name: string, id: string}} customer */
export function customerName(customer) {
  return customer.name || `${say("visitor")} ${customer.id.replace(/^dl_/, "").slice(-4)}`;
}

/** @param {string} key of words @param {string} other when there is no such word */
export function called(key, other) {
  return key in words ? say(key) : other;
}

/** @param {string} role */
export function roleName(role) {
  return roles[role] ?? role;
}

/** @param {number} share */
export function asPercent(share) {
  return percent.format(Math.min(share, 0.99));
}

/** Of a Chinese name its last two characters. @param {string} name */
export function initials(name) {
  const parts = name.split(/\s+/).filter(Boolean);
  if (parts.length === 1 && /[^\0-\x7f]/.test(name)) return [...name].slice(-2).join("");
  const letters = [parts[0], ...(parts.length > 1 ? [parts.at(-1)] : [])].map((part) => [...(part ?? "")][0] ?? "");
  return letters.join("").toUpperCase();
}
