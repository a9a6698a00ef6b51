/** The questions that an action asks first, each in a dialog of its own. */
import { pathOf, read } from "./api.js";
import { initials, roleName } from "./names.js";
import { exactTime } from "../staff/times.js";
import { make } from "../widget/elements.js";
import { say } from "../widget/words.js";

const HOUR = 60 * 60_000;
const FIRST = ":checked:not(option), input:not([type=hidden]), select, textarea"; // Enter there submits

export class Dialogs {
  #detail = null;

  /** @param {{me: string, onAct: (action: string, body: any) => Promise<void>, people: () => any[], lastPair: () => any}} parts */
  constructor(parts) {
    this.parts = parts;
    for (const form of document.querySelectorAll("dialog form[data-act]")) {
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        this.#submit(form);
      });
    }
  }

  /** @param {string} name @param {any} detail @param {any} [more] */
  async open(name, detail, more) {
    this.#detail = detail;
    const dialog = /** @type {HTMLDialogElement} */ (document.getElementById(name));
    const form = dialog.querySelector("form");
    form.reset();
    this.#problem(form, "");
    dialog.showModal();
    const prepare = { transfer: this.#people, snooze: this.#times, escalate: this.#case, labels: this.#labels, propose: this.#pair, escalation: this.#escalation }[name];
    await prepare?.call(this, form, more);
    form.querySelector(FIRST)?.focus();
  }

  /** @param {string} title @param {string} text @param {() => void} agreed */
  confirm(title, text, agreed) {
    const dialog = document.getElementById("confirm");
    document.getElementById("confirm-title").textContent = title;
    document.getElementById("confirm-text").textContent = text;
    this.#problem(dialog.querySelector("form"), "");
    dialog.onclose = () => dialog.returnValue === "yes" && agreed();
    dialog.querySelector("[type=submit]").value = "yes";
    dialog.returnValue = "";
    dialog.showModal();
  }

  async #submit(form) {
    const asked = this.#asked(form);
    if (!asked) return;
    const button = form.querySelector("[type=submit]");
    button.disabled = true;
    try {
      await this.parts.onAct(...asked);
      form.closest("dialog").close();
    } catch (refusal) {
      this.#problem(form, refusal.message);
    }
    button.disabled = false;
  }

  /** @returns {[string, any] | null} the action and what it takes */
  #asked(form) {
    const given = Object.fromEntries(new FormData(form));
    switch (form.dataset.act) {
      case "assign": return transferred(given.to);
      case "snooze": return snoozed(given);
      case "labels": return ["labels", { labels: given.labels.split(/[,，、]/).map((label) => label.trim().slice(0, 40)).filter(Boolean).slice(0, 20) }];
      case "propose": return ["propose", { ...given, client: form.dataset.client }];
      default: return [form.dataset.act, given];
    }
  }

  #problem(form, text) {
    const line = form.querySelector("[data-problem]");
    line.textContent = text;
    line.hidden = !text;
  }

  #people() {
    const others = this.parts.people().filter((each) => each.id !== this.#detail.agent.id);
    const rank = (each) => (each.connected ? 0 : 2) + (each.availability === "available" ? 0 : 1);
    others.sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
    const list = document.getElementById("transfer-people");
    list.replaceChildren(...others.map(personOption));
    if (!others.length) list.append(make("p", { class: "hint" }, say("transfer.nobody")));
  }

  #times() {
    const now = new Date();
    const tomorrow = atNine(now, 1);
    const monday = atNine(now, ((8 - now.getDay()) % 7) || 7);
    const times = [["hour", new Date(now.getTime() + HOUR)], ["hours", new Date(now.getTime() + 3 * HOUR)], ["tomorrow", tomorrow]];
    if (monday.getTime() !== tomorrow.getTime()) times.push(["monday", monday]);
    document.getElementById("snooze-times").replaceChildren(...times.map(([key, time], at) =>
      make("label", { class: "option", title: exactTime(time) }, make("input", { type: "radio", name: "until", value: time.toISOString(), checked: at === 0 }), make("span", {}, say(`snooze.${key}`)))));
  }

  async #case(form) {
    const found = await read(`${pathOf(this.#detail.id)}/case`).catch((refusal) => this.#problem(form, refusal.message));
    if (!found) return;
    const ways = found.vehicles.map(({ id, name, ours }) => make("option", { value: id }, ours ? name : say("escalate.not_ours", { name })));
    document.getElementById("escalate-vehicle").replaceChildren(...ways);
    const asked = document.getElementById("escalate-asked");
    const ready = document.getElementById("escalate-text");
    const write = () => {
      ready.value = `${asked.value.trim() || "…"}\n\n${found.facts}`;
    };
    asked.oninput = write;
    write();
    for (const link of form.querySelectorAll("[data-transcript]")) link.href = `${pathOf(this.#detail.id)}/transcript.${link.dataset.transcript}`;
  }

  #labels() {
    document.getElementById("labels-text").value = this.#detail.labels.join(", ");
  }

  #pair(form) {
    const { question, answer } = this.parts.lastPair();
    document.getElementById("propose-question").value = this.#detail.question || question;
    document.getElementById("propose-answer").value = answer;
    document.getElementById("propose-language").value = this.#detail.language === "zh" ? "zh" : "en";
    form.dataset.client = `${Date.now()}-${Math.random().toString(36).slice(2, 12)}`;
  }

  #escalation(form, escalation) {
    form.elements.escalation.value = escalation.id;
    form.elements.status.value = escalation.status;
    form.elements.reference.value = escalation.reference;
  }
}

function transferred(to) {
  if (!to) return null;
  const [kind, id] = [to.slice(0, to.indexOf(":")), to.slice(to.indexOf(":") + 1)];
  return kind === "person" ? ["assign", { person: id }] : ["queue", { role: id }];
}

function snoozed({ until, at }) {
  const time = at ? new Date(at) : new Date(until);
  return Number.isNaN(time.getTime()) ? null : ["snooze", { until: time.toISOString() }];
}

function atNine(from, days) {
  const time = new Date(from);
  time.setDate(time.getDate() + days);
  time.setHours(9, 0, 0, 0);
  return time;
}

function personOption(each) {
  const here = each.connected && each.availability === "available";
  const load = here ? say("transfer.load", { active: each.active, capacity: each.capacity }) : say("transfer.away");
  return make("label", { class: "option" },
    make("input", { type: "radio", name: "to", value: `person:${each.id}` }),
    make("span", { class: "avatar", "aria-hidden": "true" }, initials(each.name)),
    make("span", { class: "option-text" }, make("span", {}, each.name), make("span", { class: "muted small" }, each.roles.map(roleName).join(", "))),
    make("span", { class: "option-load small numbers" }, make("span", { class: "dot", "data-is": here ? "available" : "away" }), load));
}
