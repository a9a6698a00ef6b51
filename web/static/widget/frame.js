/** Between this page and the site that shows it: each side checks who speaks. */

const NAME = "billing-assistant";

/** The site the page was opened for; the browser gives our messages to that origin only. */
const site = document.documentElement.dataset.parent;

export const isFramed = window.parent !== window && Boolean(site);

/** @param {{type: "ready"} | {type: "close"} | {type: "unread", count: number}} message */
export function tellSite(message) {
  if (isFramed) window.parent.postMessage({ from: NAME, ...message }, site);
}

/** @param {Record<string, (message: any) => void>} handlers by the message's type */
export function hearSite(handlers) {
  window.addEventListener("message", (event) => {
    if (!isFramed || event.source !== window.parent || event.origin !== site) return;
    if (event.data?.from === NAME && Object.hasOwn(handlers, event.data.type)) {
      handlers[event.data.type](event.data);
    }
  });
}
