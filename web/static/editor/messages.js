/** What the bot and the desk say, saved as one writes, and shown as customers would read it. */
import { icon, make } from "../widget/elements.js";
import { markdown } from "../widget/markdown.js";
import { say } from "../widget/words.js";
import { clear, partPage, placed } from "./part.js";
import { looking } from "./saver.js";

const start = JSON.parse(document.getElementById("start").textContent);
const element = (id) => document.getElementById(id);
const LOOK_MS = 350;
let common = [];

const look = looking("/editor/messages/look", LOOK_MS, read, show);
const saver = partPage(start, { read, write, changed: look });

function read() {
  const messages = {};
  for (const area of document.querySelectorAll("[data-message]")) {
    if (area.value.trim()) (messages[area.dataset.message] ??= {})[area.dataset.language] = area.value;
  }
  return { common_questions: [...common], messages };
}

function write(body) {
  for (const area of document.querySelectorAll("[data-message]")) area.value = body.messages?.[area.dataset.message]?.[area.dataset.language] ?? "";
  showCommon(body.common_questions ?? []);
}

function showCommon(ids) {
  common = [...ids];
  const remove = (id) => {
    showCommon(common.filter((each) => each !== id));
    changed();
  };
  const lines = common.map((id) =>
    make("li", {}, make("span", { class: "row" }, make("a", { href: `/editor/entries/${encodeURIComponent(id)}` }, start.titles[id] ?? id), make("button", { class: "icon-button", type: "button", "aria-label": say("follow.remove", { name: start.titles[id] ?? id }), onclick: () => remove(id) }, icon("close")))),
  );
  element("common").replaceChildren(...lines);
}

function changed() {
  saver.changed();
  look();
}

function show(told) {
  clear();
  for (const place of document.querySelectorAll("[data-shown]")) {
    const text = told.shown[place.dataset.shown];
    place.replaceChildren(...(text === undefined ? [] : [markdown(text)]));
  }
  const main = document.querySelector(".messages");
  const seen = new Set();
  for (const problem of told.problems) {
    if (seen.has(`${problem.field}${problem.line}`)) continue;
    seen.add(`${problem.field}${problem.line}`);
    placed(problem, main);
    document.querySelector(`[data-found="${CSS.escape(problem.field)}"]`)?.closest("details")?.setAttribute("open", "");
  }
}

document.addEventListener("input", (event) => event.target.matches("[data-message]") && changed());
element("common-add").addEventListener("change", () => {
  const id = element("common-add").value;
  if (!(id in start.titles) || common.includes(id)) return;
  element("common-add").value = "";
  showCommon([...common, id]);
  changed();
});

showCommon(start.body.common_questions ?? []);
saver.begin();
look();
