/** What is known beside what was said: why, who, what became of it. */
import { Files } from "./files.js";
import { meter } from "./line.js";
import { asPercent, called, customerName, roleName } from "./names.js";
import { showTimes } from "../staff/times.js";
import { icon, make, spoken } from "../widget/elements.js";
import { say } from "../widget/words.js";

const PRIORITIES = [2, 1, 0, -1];

export class Details {
  #all = document.getElementById("details");
  #look = "";
  #files = new Files();

  /** @param {{onAct: (action: string, more?: any) => void, onOpen: (id: string) => void, onBack: () => void, address: (id: string) => string}} parts */
  constructor(parts) {
    this.parts = parts;
  }

  /** @param {any} detail null: nothing @param {{page: string, locale: string}} about where the customer asks from @param {number} last of what was said */
  show(detail, { page, locale }, last) {
    this.#all.hidden = !detail;
    this.#files.show(detail?.id ?? "", last);
    if (!detail) return;
    const look = JSON.stringify([detail, page, locale]);
    if (look === this.#look) return;
    this.#look = look;
    const focused = this.#all.contains(document.activeElement) ? document.activeElement.dataset.focus : "";
    this.#all.replaceChildren(
      make("button", { class: "button button-small only-narrow", type: "button", onclick: () => this.parts.onBack() }, icon("back"), say("back_to_talk")),
      this.#why(detail), this.#customer(detail, page, locale), this.#request(detail),
      ...[this.#escalations(detail), rating(detail), this.#episodes(detail)].filter(Boolean),
      this.#files.element, history(detail));
    showTimes(this.#all);
    if (focused) this.#all.querySelector(`[data-focus="${focused}"]`)?.focus();
  }

  focus() {
    this.#all.querySelector("h3")?.focus();
  }

  #why(detail) {
    const tried = detail.tried.map((one) => make("li", {}, make("span", { dir: "auto" }, one.question), answer(one)));
    return section(say("why"),
      make("p", {}, make("span", { class: "badge badge-accent" }, called(`reason.${detail.reason}`, detail.reason))),
      detail.question ? make("blockquote", { class: "asked", dir: "auto" }, detail.question) : null,
      detail.rejected.length ? make("h4", {}, say("rejected")) : null,
      detail.rejected.length ? make("ul", { class: "sures" }, ...detail.rejected.map(candidate)) : null,
      make("h4", {}, say("tried")),
      tried.length ? make("ol", { class: "tried" }, ...tried) : make("p", { class: "muted small" }, say("tried.none")));
  }

  #customer(detail, page, locale) {
    return section(say("customer"), pairs([
      [say("customer.name"), customerName(detail.customer)],
      [say("customer.contact"), detail.contact],
      [say("customer.channel"), called(`channel.${detail.channel}`, detail.channel)],
      [say("customer.language"), called(`language.${detail.language}`, detail.language)],
      [say("customer.locale"), locale],
      [say("customer.page"), page],
      [say("customer.id"), detail.customer.id],
    ]));
  }

  #request(detail) {
    const isOpen = detail.status === "waiting" || detail.status === "active";
    const set = (event) => this.parts.onAct("priority", { priority: Number(event.target.value) });
    const priority = make("select", { class: "input input-small", "aria-label": say("priority"), "data-focus": "priority", disabled: !isOpen, onchange: set },
      ...PRIORITIES.map((each) => make("option", { value: each, selected: each === detail.priority }, say(`priority.${each}`))));
    const edit = make("button", { class: "link", type: "button", "data-focus": "labels", disabled: !isOpen, onclick: () => this.parts.onAct("labels") }, say("labels.edit"));
    const labels = make("span", { class: "labels" }, ...detail.labels.map((label) => make("span", { class: "badge", dir: "auto" }, label)), isOpen ? edit : null);
    return section(say("request"), pairs([
      [say("priority"), priority],
      [say("labels"), labels],
      [say("request.for"), roleName(detail.role) + (detail.widened ? ` · ${say("request.widened")}` : "")],
      [say("request.topic"), detail.topic && called(`topic.${detail.topic}`, detail.topic)],
      [say("request.since"), when(detail.createdAt)],
      [say("request.claimed"), when(detail.claimedAt)],
      [say("snooze.until"), when(detail.snoozedUntil)],
      [say("request.ended"), when(detail.closedAt)],
      [say("resolve.how"), detail.disposition && called(`disposition.${detail.disposition}`, detail.disposition)],
    ]));
  }

  #escalations(detail) {
    if (!detail.escalations.length) return null;
    const rows = detail.escalations.map((each) => make("li", { class: "escalation" },
      make("p", { class: "row" }, make("span", { class: `badge ${each.status === "closed" ? "" : "badge-warning"}` }, say(`escalation.${each.status}`)), make("b", { dir: "auto" }, each.reference || "–"), when(each.at)),
      make("p", { class: "small", dir: "auto" }, each.asked),
      make("button", { class: "link", type: "button", "data-focus": each.id, onclick: () => this.parts.onAct("escalation", each) }, say("escalation.status"))));
    return section(say("escalations"), make("ul", { class: "plain" }, ...rows));
  }

  #episodes(detail) {
    const others = detail.episodes.filter((each) => each.id !== detail.id);
    if (!others.length) return null;
    const open = (event, id) => {
      event.preventDefault();
      this.parts.onOpen(id);
    };
    const rows = others.map((each) => make("li", {},
      make("a", { href: this.parts.address(each.id), dir: "auto", onclick: (event) => open(event, each.id) }, each.question || called(`reason.${each.reason}`, each.reason)),
      make("span", { class: "muted small" }, " ", say(each.status === "active" ? "waiting" : `status.${each.status}`), " · ", when(each.createdAt))));
    return section(say("episodes"), make("ul", { class: "plain" }, ...rows));
  }
}

function section(title, ...children) {
  return make("section", { class: "detail" }, make("h3", { tabindex: "-1" }, title), ...children);
}

function pairs(rows) {
  const shown = rows.filter(([, value]) => value);
  return make("dl", { class: "pairs" }, ...shown.flatMap(([name, value]) => [make("dt", {}, name), make("dd", { dir: "auto" }, value)]));
}

function when(at) {
  return at ? make("time", { datetime: at }) : null;
}

function candidate({ entry, confidence }) {
  return make("li", {}, make("span", { title: entry?.id ?? null }, entry?.title ?? "–"), meter(confidence), make("span", { class: "numbers muted" }, asPercent(confidence)));
}

function answer(one) {
  if (!one.entry) return make("span", { class: "muted" }, ` → ${say("tried.nothing")}`);
  return make("span", { class: "muted" }, ` → ${one.entry.title} `, make("span", { class: "numbers" }, asPercent(one.confidence)));
}

function rating(detail) {
  if (!detail.rating) return null;
  const { score, comment } = detail.rating;
  return section(say("rating"), make("p", { class: "stars" }, make("span", { "aria-hidden": "true" }, "★".repeat(score) + "☆".repeat(5 - score)), spoken(say("rating.of", { score }))),
    comment ? make("blockquote", { class: "asked", dir: "auto" }, comment) : null);
}

function history(detail) {
  const rows = detail.history.map((each) => make("li", {}, make("b", { dir: "auto" }, who(each, detail)), " ", make("span", { dir: "auto" }, change(each)), " ", when(each.at)));
  return section(say("history"), make("ol", { class: "history" }, ...rows.reverse()));
}

function who(each, detail) {
  if (each.person === "customer") return customerName(detail.customer);
  return each.name || say("system");
}

function change({ action, details }) {
  const values = { ...details };
  if (values.role) values.role = roleName(values.role);
  if (values.labels) values.labels = values.labels.join(", ") || "–";
  for (const name of ["was", "became"]) if (values[name]) values[name] = called(`escalation.${values[name]}`, values[name]);
  if (values.disposition) values.disposition = called(`disposition.${values.disposition}`, values.disposition);
  return called(`change.${action}`, "") ? say(`change.${action}`, values) : action;
}
