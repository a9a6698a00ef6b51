/** What every signed-in page does: times, menus that close, copying, and asking before. */
import "./times.js";

const words = JSON.parse(document.getElementById("page-words").textContent);
const csrf = document.querySelector("meta[name=csrf]").content;

/** fetch() to our own server as a signed-in page does it; signs in again when the session ended.
 * @param {string} url @param {RequestInit} options */
export async function call(url, options = {}) {
  const headers = { Accept: "application/json", "X-CSRF-Token": csrf, ...options.headers };
  const response = await fetch(url, { ...options, headers });
  if (response.status === 401) {
    location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
  }
  return response;
}

/** A sentence at the edge of the screen, spoken too, that goes by itself. @param {string} text */
export function toast(text, kind = "") {
  const line = document.createElement("p");
  line.className = `toast ${kind}`;
  line.textContent = text;
  document.getElementById("toasts").append(line);
  setTimeout(() => line.remove(), 6000);
}

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu !== except) menu.removeAttribute("open");
  }
}

document.addEventListener("click", (event) => {
  const target = /** @type {Element} */ (event.target);
  closeMenus(target.closest("details.menu"));
  const copy = target.closest("[data-copy]");
  if (copy) copyFrom(copy);
  const opener = target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens).showModal();
  if (target.closest("[data-closes]")) target.closest("dialog").close();
});

document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.removeAttribute("open");
  menu.querySelector("summary").focus();
});

document.querySelector("dialog[data-open]")?.showModal();
// Where the places at the top are wider than the screen, the one that is open is in sight.
document.querySelector(".nav [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest", behavior: "instant" });

async function copyFrom(button) {
  const field = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(field.value ?? field.textContent);
    toast(words.copied);
  } catch {
    field.select?.();
  }
}
