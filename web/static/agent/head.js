/** Above the conversation: whose it is, who else looks, and what can be done with it. */
import { customerName, initials } from "./names.js";
import { icon, make, spoken } from "../widget/elements.js";
import { say } from "../widget/words.js";

export class Head {
  #head = document.getElementById("talk-head");
  #viewers = make("span", { class: "viewers" });
  #look = "";

  /** @param {{me: string, onAct: (action: string) => void, onBack: () => void, onDetails: () => void}} parts */
  constructor(parts) {
    this.parts = parts;
    this.#head.addEventListener("click", (event) => {
      const action = event.target.closest("[data-act]")?.dataset.act;
      if (action) this.#act(action);
    });
  }

  /** @param {any} detail null: no conversation is shown */
  show(detail) {
    this.#head.hidden = !detail;
    if (!detail) return;
    const look = JSON.stringify([detail.id, detail.status, detail.agent, detail.snoozedUntil, detail.priority, detail.escalations, detail.customer]);
    if (look === this.#look) return; // an open menu stays open
    this.#look = look;
    this.#head.replaceChildren(
      iconButton("back", say("back"), "back", "only-narrow"),
      make("div", { class: "talk-who" }, make("h2", { id: "talk-name", dir: "auto", tabindex: "-1" }, customerName(detail.customer)), make("p", { class: "talk-badges" }, ...badges(detail, this.parts.me))),
      this.#viewers,
      make("div", { class: "talk-acts" }, ...this.#acts(detail)));
  }

  /** @param {{id: string, name: string}[]} people */
  look(people) {
    const others = people.filter((each) => each.id !== this.parts.me);
    const names = others.map((each) => each.name).join(", ");
    this.#viewers.replaceChildren(...(others.length ? [spoken(say("viewers", { names })), ...others.slice(0, 3).map((each) => make("span", { class: "avatar", title: say("viewers", { names }), "aria-hidden": "true" }, initials(each.name)))] : []));
  }

  #act(action) {
    this.#head.querySelector("details[open]")?.removeAttribute("open");
    if (action === "back") this.parts.onBack();
    else if (action === "details") this.parts.onDetails();
    else this.parts.onAct(action);
  }

  #acts(detail) {
    const isOpen = detail.status === "waiting" || detail.status === "active";
    const mine = detail.status === "active" && detail.agent.id === this.parts.me;
    const made = [];
    if (canTake(detail)) made.push(button("claim", say("claim"), "button-main", "C"));
    if (mine) made.push(button("resolve", say("resolve"), "button-main", "E"));
    if (isOpen) made.push(iconButton("transfer", say("transfer"), "swap", "only-wide"), iconButton("snooze", say("snooze"), "moon", "only-wide"));
    made.push(menu(isOpen, mine), iconButton("details", say("details"), "info", "only-narrow"));
    return made;
  }
}

/** Who waits, and what was closed too early. @param {any} detail */
export const canTake = (detail) => ["waiting", "resolved", "expired"].includes(detail.status);

function badges(detail, me) {
  const mine = detail.agent.id === me;
  const status = detail.status === "active" ? (mine ? say("status.mine") : say("status.active", { name: detail.agent.name })) : say(`status.${detail.status}`);
  const kinds = { waiting: "badge-warning", active: mine ? "badge-accent" : "", resolved: "badge-success" };
  const made = [make("span", { class: `badge ${kinds[detail.status] ?? ""}` }, status)];
  if (detail.snoozedUntil) made.push(make("span", { class: "badge" }, say("status.snoozed"), " ", make("time", { datetime: detail.snoozedUntil })));
  if (detail.priority) made.push(make("span", { class: `badge ${detail.priority > 1 ? "badge-danger" : detail.priority > 0 ? "badge-warning" : ""}` }, say(`priority.${detail.priority}`)));
  if (detail.escalations.some((each) => each.status !== "closed")) made.push(make("span", { class: "badge badge-warning" }, say("escalated")));
  return made;
}

function button(action, words, kind, key) {
  return make("button", { class: `button button-small ${kind}`, type: "button", "data-act": action, title: `${words} (${key})` }, words);
}

function iconButton(action, words, name, kind) {
  return make("button", { class: `icon-button ${kind}`, type: "button", "data-act": action, title: words }, icon(name), spoken(words));
}

function menu(isOpen, mine) {
  const items = [];
  if (isOpen) items.push(["transfer", "swap", "only-narrow"], ["snooze", "moon", "only-narrow"], ["escalate", "up", ""]);
  items.push(["propose", "bulb", ""]);
  if (isOpen) items.push(["queue_back", "queue", ""]);
  if (mine) items.push(["bot_back", "bot", ""]);
  return make("details", { class: "menu talk-menu" },
    make("summary", { title: say("more_actions") }, icon("more"), spoken(say("more_actions"))),
    make("div", { class: "menu-panel" }, ...items.map(([action, name, kind]) =>
      make("button", { class: `menu-item ${kind}`, type: "button", "data-act": action }, icon(name), say(action)))));
}
