/** One line of a conversation: something said, a note, or what the customer pressed. */
import { asPercent, called, initials } from "./names.js";
import { exactTime } from "../staff/times.js";
import { icon, make, spoken } from "../widget/elements.js";
import { markdown } from "../widget/markdown.js";
import { language, say } from "../widget/words.js";

// The same language as people of the agent's country write it, if the browser knows which.
const locale = navigator.languages.find((tag) => tag.split("-")[0] === language.split("-")[0]) ?? language;
const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });

/**
 * @typedef {{
 *   n: number, author: "customer" | "bot" | "agent" | "system", name: string, at: string, text: string,
 *   markdown: boolean, lang: string, entry: {id: string, title: string} | null, version: number | null,
 *   confidence: number | null, buttons: string[], event: any, page: string, client: string, delivery: string,
 * }} Line
 */

/** @param {Line} line @param {string} customer the customer's name @param {(n: number) => void} again */
export function lineElement(line, customer, again) {
  if (line.event) return eventElement(line, speakerOf(line, customer));
  if (line.author === "system") return systemElement(line);
  const name = speakerOf(line, customer);
  const item = make("li", { class: `line ${line.author}` },
    make("p", { class: "line-name" }, line.author === "customer" ? null : make("span", { class: "avatar line-face", "aria-hidden": "true" }, line.author === "bot" ? icon("bot") : initials(name)), make("span", {}, name)),
    make("div", { class: "bubble prose", dir: "auto", lang: otherLanguage(line.lang) }, ...content(line)),
    line.entry || line.confidence !== null ? matched(line) : null,
    line.buttons.length ? make("p", { class: "line-offered" }, say("offered", { buttons: line.buttons.join(" · ") })) : null,
    make("p", { class: "line-foot" }, timeOf(line.at), deliveryOf(line, again)));
  return item;
}

/** @param {{name: string, text: string, at: string}} note */
export function noteElement(note) {
  return make("li", { class: "line note" },
    make("p", { class: "line-name" }, icon("note"), make("span", {}, note.name), make("span", { class: "badge badge-warning" }, say("note"))),
    make("div", { class: "bubble", dir: "auto" }, note.text),
    make("p", { class: "line-foot" }, timeOf(note.at)));
}

/** @param {import("./sending.js").Entry} entry @param {{again: () => void, remove: () => void}} actions */
export function pendingElement(entry, actions) {
  const failed = entry.state === "failed";
  const buttons = failed
    ? [make("button", { class: "link", type: "button", onclick: actions.again }, say("delivery.again")),
      make("button", { class: "link", type: "button", onclick: actions.remove }, say("delivery.remove"))]
    : [];
  const words = failed ? entry.problem || say("delivery.failed") : say(entry.state === "waiting" ? "delivery.waiting" : "delivery.sending");
  return make("li", { class: `line agent pending ${entry.action === "note" ? "note" : ""}`, "data-state": entry.state },
    make("div", { class: "bubble", dir: "auto" }, entry.text),
    make("p", { class: "line-foot" }, make("span", { class: failed ? "problem" : "" }, words), ...buttons));
}

/** What happened to it on its way. @param {Line} line */
export function deliveryOf(line, again) {
  if (!line.delivery) return null;
  const state = line.delivery === "queued" ? "sending" : line.delivery;
  const bad = ["late", "failed", "unknown"].includes(state);
  const words = make("span", { class: bad ? "problem" : "" }, say(`delivery.${state}`));
  if (!bad) return make("span", { class: "delivery", "data-state": state }, words);
  const button = make("button", { class: "link", type: "button", onclick: () => again(line.n) }, say("delivery.again"));
  return make("span", { class: "delivery", "data-state": state }, words, " ", button);
}

/** @param {Line} line @param {string} customer */
export function speakerOf(line, customer) {
  if (line.author === "customer") return customer;
  return line.name || say(line.author === "agent" ? "you" : line.author === "bot" ? "bot" : "system");
}

function content(line) {
  return [line.markdown ? markdown(line.text) : line.text];
}

function matched(line) {
  const sure = line.confidence ?? 0;
  const title = line.entry ? say("matched", { title: line.entry.title }) : "";
  const live = line.entry && line.version ? `/editor/versions/${line.version}/entries/${encodeURIComponent(line.entry.id)}?at=${encodeURIComponent(line.at)}` : "";
  return make("p", { class: "line-matched", title: line.entry?.id ?? null },
    meter(sure), live ? make("a", { href: live }, title) : make("span", {}, title), make("span", { class: "numbers" }, say("confidence", { percent: asPercent(sure) })));
}

/** @param {number} share drawn as a bar of ten */
export function meter(share) {
  const level = Math.round(share * 10);
  return make("span", { class: "meter", "data-level": level, "aria-hidden": "true" }, make("i"));
}

function systemElement(line) {
  return make("li", { class: "line system" },
    make("div", { class: "bubble prose", dir: "auto", lang: otherLanguage(line.lang) }, ...content(line)), timeOf(line.at));
}

function eventElement(line, who) {
  const { event } = line;
  const rating = called(`event.${event.rating}`, event.rating ?? "");
  const text = event.kind === "rate" ? say("event.rate", { rating })
    : event.kind === "rate_help" ? say("event.rate_help", { score: event.score })
    : event.kind === "messageUpdate" ? say("event.edited")
    : event.kind === "messageDelete" ? say("event.withdrawn")
      : say("event.other", { name: [event.name, event.value].filter(Boolean).join(" ") || event.kind });
  const quoted = event.comment || event.text;
  return make("li", { class: "line event" },
    make("div", { class: "bubble", dir: "auto" }, make("b", {}, who), ` ${text}`, quoted ? make("q", {}, quoted) : null), timeOf(line.at));
}

function timeOf(at) {
  const time = new Date(at);
  return make("span", { class: "numbers", title: exactTime(time) }, clock.format(time), spoken(`, ${exactTime(time)}`));
}

/** The page's own language needs no mark. */
function otherLanguage(lang) {
  const tag = /^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}$/.test(lang) ? lang : "";
  return tag && tag.split("-")[0] !== language.split("-")[0] ? tag : null;
}
