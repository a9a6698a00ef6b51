/** The list on the left: the views, the search, and a row for each conversation. */
import { read } from "./api.js";
import { called, customerName, initials } from "./names.js";
import { relativeTime, showTimes } from "../staff/times.js";
import { icon, make, spoken } from "../widget/elements.js";
import { say } from "../widget/words.js";

const FILTERS = ["role", "channel", "language"];
const PATIENCE_MS = 250; // after a letter of the search
const SOON_MS = 800; // at most one look at the server in this time
const LATE_MS = 10 * 60_000;
const CHANNELS = { web: "web", msteams: "people" };

export class Queue {
  #rows = document.getElementById("rows");
  #empty = document.getElementById("queue-empty");
  #load = make("li", { class: "rows-more" }, make("button", { class: "button button-small button-quiet", type: "button", onclick: () => this.#loadMore() }, say("more")));
  #undelivered = document.getElementById("undelivered");
  #views = document.getElementById("views");
  #search = document.getElementById("search-words");
  #filters = document.getElementById("filters");
  #elements = new Map();
  #asked = new URLSearchParams(location.search);
  #open = "";
  #limit = 0;
  #reading = null;
  #again = false;
  #pressed = false;

  /** @param {{onOpen: (id: string) => void, onListed: (list: object) => void}} listeners */
  constructor(list, listeners) {
    this.listeners = listeners;
    this.list = list;
    this.#search.value = this.#asked.get("q") ?? "";
    for (const name of FILTERS) this.#filters.querySelector(`[name=${name}]`).value = this.#asked.get(name) ?? "";
    this.#showFilters(FILTERS.some((name) => this.#asked.get(name)));
    this.#listen();
    this.#show(list);
  }

  get rows() {
    return this.list.rows;
  }

  /** @param {string} id the conversation that is shown beside */
  mark(id) {
    this.#open = id;
    for (const [each, { link }] of this.#elements) this.#current(link, each === id);
  }

  /** The address of the list as it is, with a conversation or without. @param {string} id */
  address(id) {
    const query = new URLSearchParams();
    query.set("view", this.list.view);
    for (const name of ["q", ...FILTERS]) if (this.#asked.get(name)) query.set(name, this.#asked.get(name));
    if (id) query.set("id", id);
    return `/agent?${query}`;
  }

  /** Something has changed: read again, once for all that changes meanwhile. */
  async refresh() {
    if (this.#reading) {
      this.#again = true;
      return;
    }
    this.#reading = this.#read();
    await this.#reading.catch(() => {});
    setTimeout(() => {
      this.#reading = null;
      if (!this.#again) return;
      this.#again = false;
      this.refresh();
    }, SOON_MS);
  }

  /** @param {string} view */
  choose(view) {
    this.#asked.set("view", view);
    this.#asked.delete("q");
    this.#search.value = "";
    this.#limit = 0;
    this.#now();
  }

  focusSearch() {
    this.#search.focus();
    this.#search.select();
  }

  focusViews() {
    this.#views.querySelector("[aria-current]")?.focus();
  }

  /** @param {number} by 1 is the next row, -1 the one before */
  step(by) {
    const links = [...this.#rows.querySelectorAll(".queue-row")];
    const at = links.indexOf(document.activeElement);
    const from = at >= 0 ? at : links.findIndex((link) => link.dataset.id === this.#open);
    const next = links[Math.max(0, Math.min(links.length - 1, from + by))];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  }

  async #read() {
    const query = new URLSearchParams(this.#asked);
    query.delete("id");
    if (this.#limit) query.set("limit", this.#limit);
    const wanted = String(this.#asked);
    const list = await read(`/agent/list?${query}`);
    if (wanted === String(this.#asked)) this.#show(list);
    else this.#again = true;
  }

  /** At once, whatever is being read. */
  async #now() {
    this.#again = false;
    this.#reading = this.#read();
    await this.#reading.catch(() => {});
    this.#reading = null;
    history.replaceState(history.state, "", this.address(this.#open));
  }

  /** While a row is pressed nothing moves: an element that was replaced gets no click. */
  #show(list) {
    this.list = list;
    if (!this.#pressed) this.#draw();
    this.listeners.onListed(list);
  }

  #draw() {
    const { list } = this;
    const shown = new Set(list.rows.map((row) => row.id));
    for (const [id, { item }] of this.#elements) {
      if (shown.has(id)) continue;
      item.remove();
      this.#elements.delete(id);
    }
    list.rows.forEach((row, at) => this.#place(row, at));
    if (!list.more) this.#load.remove();
    else if (this.#rows.lastElementChild !== this.#load) this.#rows.append(this.#load);
    this.#head(list);
    this.mark(this.#open);
  }

  #place(row, at) {
    const known = this.#elements.get(row.id) ?? this.#made(row.id);
    const look = JSON.stringify(row);
    if (known.look !== look) {
      known.look = look;
      known.link.replaceChildren(...parts(row));
      known.link.classList.toggle("awaits", row.awaits && row.status === "active");
      showTimes(known.link);
    }
    known.link.href = this.address(row.id);
    if (this.#rows.children[at] !== known.item) this.#rows.insertBefore(known.item, this.#rows.children[at] ?? null);
  }

  #made(id) {
    const link = make("a", { class: "queue-row", "data-id": id });
    const made = { item: make("li", {}, link), link, look: "" };
    this.#elements.set(id, made);
    return made;
  }

  #loadMore() {
    this.#limit = this.list.rows.length + 100;
    this.#now();
  }

  #head({ view, words, rows, counts, undelivered }) {
    for (const link of this.#views.querySelectorAll("[data-view]")) {
      this.#current(link, !words && link.dataset.view === view);
      const badge = link.querySelector(".count");
      const count = counts[badge.dataset.count] ?? 0;
      badge.hidden = !count;
      badge.textContent = count;
    }
    this.#undelivered.hidden = !undelivered;
    const told = say("undelivered", { count: undelivered });
    const text = this.#undelivered.querySelector("span");
    if (undelivered && text.textContent !== told) text.textContent = told;
    const found = document.getElementById("found");
    found.hidden = !words;
    if (words) document.getElementById("found-text").textContent = say("found", { words, count: rows.length });
    const kind = words ? "search" : view;
    this.#empty.hidden = rows.length > 0;
    if (!rows.length) this.#empty.replaceChildren(make("h2", {}, say(`empty.${kind}`)), make("p", {}, say(`empty.${kind}.more`)));
  }

  #current(link, is) {
    if (is) link.setAttribute("aria-current", link.dataset.view ? "page" : "true");
    else link.removeAttribute("aria-current");
  }

  #listen() {
    this.#rows.addEventListener("click", (event) => {
      const link = event.target.closest(".queue-row");
      if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      this.listeners.onOpen(link.dataset.id);
    });
    this.#rows.addEventListener("pointerdown", (event) => (this.#pressed = event.button === 0));
    for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, () => this.#pressed && setTimeout(() => this.#release()));
    this.#views.addEventListener("click", (event) => {
      const link = event.target.closest("[data-view]");
      if (!link || event.metaKey || event.ctrlKey) return;
      event.preventDefault();
      this.choose(link.dataset.view);
    });
    let timer = 0;
    this.#search.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => this.#searched(), PATIENCE_MS);
    });
    document.getElementById("search").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#searched();
    });
    document.getElementById("found-clear").addEventListener("click", () => {
      this.#search.value = "";
      this.#searched();
      this.focusSearch();
    });
    this.#filters.addEventListener("change", (event) => {
      this.#asked.set(event.target.name, event.target.value);
      this.#now();
    });
    document.getElementById("filter-open").addEventListener("click", () => this.#showFilters(this.#filters.hidden));
  }

  /** After the click, which follows the pointer's going up. */
  #release() {
    this.#pressed = false;
    this.#draw();
  }

  #searched() {
    const words = this.#search.value.trim();
    if (words === (this.#asked.get("q") ?? "")) return;
    this.#asked.set("q", words);
    this.#now();
  }

  #showFilters(shown) {
    this.#filters.hidden = !shown;
    document.getElementById("filter-open").setAttribute("aria-expanded", String(shown));
  }
}

/** @param {any} row */
function parts(row) {
  const name = customerName(row.customer);
  const waited = Date.now() - new Date(row.createdAt).getTime();
  const late = row.status === "waiting" && !row.contact && waited > LATE_MS;
  const since = row.escalatedAt || (row.status === "resolved" ? row.closedAt : row.createdAt);
  return [
    make("span", { class: "row-top" },
      make("b", { class: "row-name", dir: "auto" }, name),
      row.priority > 0 ? make("span", { class: `badge ${row.priority > 1 ? "badge-danger" : "badge-warning"}` }, say(`priority.${row.priority}`)) : null,
      make("time", { datetime: since, class: late ? "late" : "" }, relativeTime(new Date(since)))),
    make("span", { class: "row-words", dir: "auto" }, row.author === "agent" ? say("last.agent", { name: row.agent.name || say("you"), text: row.words }) : row.words || row.question),
    make("span", { class: "row-meta" },
      channelIcon(row.channel),
      make("span", {}, [called(`topic.${row.topic}`, row.topic), called(`reason.${row.reason}`, row.reason)].filter(Boolean).join(" · ")),
      row.language ? make("span", { class: "row-language" }, row.language.toUpperCase()) : null,
      row.awaits && row.status === "active" ? make("span", { class: "row-awaits" }, spoken(say("awaits"))) : null,
      owner(row)),
  ];
}

function channelIcon(channel) {
  const made = icon(CHANNELS[channel] ?? "chat");
  made.classList.add("icon-small");
  return make("span", { class: "row-channel", title: called(`channel.${channel}`, channel) }, made, spoken(called(`channel.${channel}`, channel)));
}

function owner(row) {
  if (!row.agent.name) return row.contact ? make("span", { class: "badge badge-warning push" }, row.contact) : null;
  return make("span", { class: "avatar row-owner push", title: row.agent.name }, initials(row.agent.name), spoken(` ${row.agent.name}`));
}
