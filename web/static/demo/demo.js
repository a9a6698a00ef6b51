/** The trial site's own script: opens the chat from its buttons, switches light and dark. */

const root = document.documentElement;
const button = document.getElementById("theme");
const language = /** @type {HTMLAnchorElement} */ (document.getElementById("language"));

function isDark() {
  return root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function label() {
  button.textContent = isDark() ? button.dataset.light : button.dataset.dark;
}

function switchTheme() {
  root.dataset.theme = isDark() ? "light" : "dark";
  window.billingAssistant?.theme(root.dataset.theme);
  const other = new URL(language.href);
  other.searchParams.set("theme", root.dataset.theme);
  language.href = other.href;
  label();
}

button.addEventListener("click", switchTheme);
for (const opener of document.querySelectorAll("[data-chat]")) {
  opener.addEventListener("click", () => window.billingAssistant?.open());
}
label();
