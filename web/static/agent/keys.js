/** The keyboard: single letters while nothing is being written. */

/** @param {Record<string, () => void>} actions by key */
export function listenToKeys(actions) {
  document.addEventListener("keydown", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.isComposing || document.querySelector("dialog[open]")) return;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") return run(event, actions["ctrl+k"]);
    if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
    if (target.matches("input:not([type=radio], [type=checkbox]), textarea, select")) {
      if (event.key === "Escape") target.blur();
      return undefined;
    }
    if (event.key === "Escape") return actions.Escape?.();
    return run(event, actions[event.key]);
  });
}

function run(event, action) {
  if (!action) return;
  event.preventDefault();
  action();
}
