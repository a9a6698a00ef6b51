/* The launcher: a button on any site, and the chat in an iframe that is loaded when it is opened.
   <script src="https://HOST/widget.js" data-title="Billing help" data-language="auto"
           data-theme="auto" data-accent="#0d5c86" async></script>
   It lives in a shadow root, so the site's styles and ours never meet. */
(() => {
  "use strict";
  const LANGUAGES = "__LANGUAGES__"; // the server puts the launcher's words of every language here
  const NARROW = "(max-width: 479.98px)"; // as in launcher.css
  const LOADING_MS = 15000;
  const STYLE = "__STYLE__"; // and launcher.css here

  const script = document.currentScript || document.querySelector('script[src*="/widget.js"]');
  if (!script || window.billingAssistant) return;
  const options = script.dataset;
  const chatUrl = new URL("widget", script.src);
  const language = chooseLanguage();
  const words = LANGUAGES[language];
  const memoryKey = "billing-assistant:state"; // this tab's: so that the chat stays open from page to page
  let theme = ["light", "dark"].includes(options.theme) ? options.theme : "auto";
  let unread = 0;
  let isOpen = false;
  let takesFocus = false;
  let parts, iframe, timer;

  function chooseLanguage() {
    const asked = options.language && options.language !== "auto" ? [options.language] : [];
    const wanted = [...asked, document.documentElement.lang, ...(navigator.languages || []), "en"];
    const known = wanted.map((tag) => (tag || "").toLowerCase().split("-")[0]);
    return known.find((code) => Object.hasOwn(LANGUAGES, code));
  }

  function element(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  function icon(name, path) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("class", name);
    svg.setAttribute("aria-hidden", "true");
    svg.append(document.createElementNS(svg.namespaceURI, "path"));
    svg.firstChild.setAttribute("d", path);
    return svg;
  }

  function build() {
    const badge = element("span", { class: "badge", "aria-hidden": "true", hidden: "" });
    const launcher = element("button", { type: "button", class: "launcher", "aria-expanded": "false" },
      icon("chat", "M5 4h14a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-7l-4.6 3.5V17H5a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2zM8 9h8M8 12.5h5"),
      icon("cross", "M6 6l12 12M18 6L6 18"), badge);
    const again = element("button", { type: "button" }, words.again);
    const wait = element("div", { class: "wait", role: "alert" }, element("div", { class: "ring" }),
      element("p", {}, words.failed), again);
    const panel = element("div", { class: "panel", role: "dialog", "aria-label": options.title || words.title,
      "data-open": "false", lang: language }, wait);
    const host = element("billing-assistant", { "data-theme": theme });
    const shadow = host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    shadow.adoptedStyleSheets = [sheet];
    const spoken = element("span", { class: "spoken", role: "status" });
    shadow.append(panel, launcher, spoken);
    launcher.addEventListener("click", () => (isOpen ? close() : open()));
    again.addEventListener("click", load);
    shadow.addEventListener("keydown", (event) => { if (event.key === "Escape" && isOpen) close(); });
    parts = { host, panel, launcher, badge, spoken };
    paintAccent();
    label();
    document.body.append(host);
  }

  function paintAccent() {
    const hex = (options.accent || "").replace(/^#(.)(.)(.)$/, "#$1$1$2$2$3$3");
    if (!/^#[0-9a-f]{6}$/i.test(hex)) return;
    const linear = [1, 3, 5].map((at) => (parseInt(hex.slice(at, at + 2), 16) / 255) ** 2.2);
    const luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
    for (const part of [parts.launcher, parts.panel]) {
      part.style.setProperty("--accent", hex);
      part.style.setProperty("--on-accent", luminance > 0.18 ? "#10181e" : "#ffffff");
    }
  }

  function label() {
    const { launcher, badge, spoken } = parts;
    const count = unread === 1 ? words.unread.one || words.unread.other : words.unread.other;
    const news = unread ? count.replace("{count}", unread) : "";
    launcher.setAttribute("aria-label", isOpen ? words.close : [words.open, news].filter(Boolean).join(", "));
    spoken.textContent = isOpen ? "" : news;
    launcher.setAttribute("aria-expanded", String(isOpen));
    badge.hidden = isOpen || !unread;
    badge.textContent = unread > 99 ? "99+" : String(unread);
  }

  function load() {
    const address = new URL(chatUrl);
    const asked = { language, theme, title: options.title, accent: options.accent, parent: location.origin };
    for (const [key, value] of Object.entries(asked)) if (value) address.searchParams.set(key, value);
    iframe?.remove();
    iframe = element("iframe", { src: address.href, title: options.title || words.title, allow: "clipboard-write" });
    parts.panel.dataset.state = "loading";
    parts.panel.append(iframe);
    clearTimeout(timer);
    timer = setTimeout(() => { parts.panel.dataset.state = "failed"; }, LOADING_MS);
  }

  function tell(message) {
    if (parts.panel.dataset.state !== "ready") return; // it is told when it says that it is
    iframe.contentWindow.postMessage({ from: "billing-assistant", ...message }, chatUrl.origin);
  }

  function remember(state) {
    try { sessionStorage.setItem(memoryKey, state); } catch { /* storage is blocked: nothing is kept */ }
  }

  function open({ focus = true } = {}) {
    isOpen = true;
    takesFocus = focus;
    if (!iframe || parts.panel.dataset.state === "failed") load();
    parts.panel.dataset.open = "true";
    label();
    fit();
    remember("open");
    if (focus) iframe.focus();
    tell({ type: "shown", focus });
  }

  function close() {
    isOpen = false;
    parts.panel.dataset.open = "false";
    label();
    remember("closed");
    tell({ type: "hidden" });
    parts.launcher.focus();
  }

  /** On a phone the keyboard covers the page: the panel takes the part that can be seen. */
  function fit() {
    const seen = window.visualViewport;
    if (!seen || !isOpen) return;
    parts.panel.style.setProperty("--height", `${seen.height}px`);
    parts.panel.style.setProperty("--top", `${seen.offsetTop}px`);
  }

  function hear(event) {
    if (event.origin !== chatUrl.origin || !iframe || event.source !== iframe.contentWindow) return;
    const message = event.data;
    if (message?.from !== "billing-assistant") return;
    if (message.type === "ready") {
      clearTimeout(timer);
      parts.panel.dataset.state = "ready";
      tell({ type: isOpen ? "shown" : "hidden", focus: takesFocus });
    } else if (message.type === "close") {
      close();
    } else if (message.type === "unread" && Number.isInteger(message.count)) {
      unread = message.count;
      label();
    }
  }

  function resume() {
    let state = null;
    try { state = sessionStorage.getItem(memoryKey); } catch { /* storage is blocked */ }
    if (state === "open" && !matchMedia(NARROW).matches) open({ focus: false });
    else if (state) load();
  }

  function setTheme(wanted) {
    theme = wanted;
    parts.host.dataset.theme = wanted;
    tell({ type: "theme", theme: wanted });
  }

  function start() {
    build();
    window.addEventListener("message", hear);
    window.visualViewport?.addEventListener("resize", fit);
    window.visualViewport?.addEventListener("scroll", fit);
    window.billingAssistant = Object.freeze({ open: () => open(), close, theme: setTheme });
    resume();
  }

  if (document.body) start();
  else document.addEventListener("DOMContentLoaded", start, { once: true });
})();
