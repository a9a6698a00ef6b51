/** One entry: what is written is saved, looked at and checked a moment later. */
import { toast, call } from "../staff/page.js";
import { exactTime, relativeTime, showTimes } from "../staff/times.js";
import { icon, make } from "../widget/elements.js";
import { say } from "../widget/words.js";
import "./entry_golden.js";
import { showFindings } from "./findings.js";
import { merge, note, otherSaved } from "./merging.js";
import { Preview } from "./preview.js";
import { Questions } from "./questions.js";
import { post, Saver } from "./saver.js";

const start = JSON.parse(document.getElementById("start").textContent);
const LOOK_MS = 350;
const BESIDE_MS = 1_500;
const COMPARING_MS = 4_000;
const element = (id) => document.getElementById(id);
const titles = new Map(start.entries.map((each) => [each.id, each.title]));

let follow = [];
let shownLanguage = start.languages[0];
let seen = null;
let beside = [];
let lookTimer = 0;
let besideTimer = 0;
let asked = 0;

const questions = Object.fromEntries(
  start.languages.map((language) => {
    const list = document.querySelector(`[data-questions="${language}"]`);
    return [language, new Questions(list, language, start.body.questions[language] ?? [], written)];
  }),
);
const preview = new Preview(start.partner);
const saver = new Saver(start, { read, onState: state, onConflict: conflict, onOther: otherSaved });

function read() {
  const body = { id: start.id, questions: {}, answer: {}, follow_ups: [...follow] };
  for (const [language, list] of Object.entries(questions)) if (list.texts().length) body.questions[language] = list.texts();
  for (const field of document.querySelectorAll("[data-answer]")) if (field.value.trim()) body.answer[field.dataset.answer] = field.value;
  for (const field of document.querySelectorAll("[data-text]")) body[field.dataset.text] = field.value.trim();
  for (const field of document.querySelectorAll("[data-maybe]")) body[field.dataset.maybe] = field.value || null;
  for (const field of document.querySelectorAll("[data-flag]")) body[field.dataset.flag] = field.checked;
  body.labels = element("labels").value.split(/[,，]/).map((label) => label.trim()).filter(Boolean);
  return body;
}

function write(body) {
  for (const [language, list] of Object.entries(questions)) list.show(body.questions?.[language] ?? []);
  for (const field of document.querySelectorAll("[data-answer]")) field.value = body.answer?.[field.dataset.answer] ?? "";
  for (const field of document.querySelectorAll("[data-text]")) field.value = body[field.dataset.text] ?? "";
  for (const field of document.querySelectorAll("[data-maybe]")) field.value = body[field.dataset.maybe] ?? "";
  for (const field of document.querySelectorAll("[data-flag]")) field.checked = Boolean(body[field.dataset.flag]);
  element("labels").value = (body.labels ?? []).join(", ");
  showFollow(body.follow_ups ?? []);
}

function written() {
  saver.changed();
  look();
}

/** Now, after the last key; what is slow comes when the keys have been still for longer. */
function look() {
  clearTimeout(lookTimer);
  clearTimeout(besideTimer);
  lookTimer = setTimeout(() => lookAt(false), LOOK_MS);
  besideTimer = setTimeout(() => lookAt(true), BESIDE_MS);
}

async function lookAt(withOthers) {
  const number = ++asked;
  const told = await post(`/editor/entries/${start.id}/look`, { body: read(), at: element("at").value, beside: withOthers }).catch(() => null);
  if (!told || number !== asked) return;
  seen = told;
  if (withOthers) beside = told.findings.filter((each) => each.other);
  const own = told.findings.filter((each) => !each.other);
  showFindings([...own, ...beside], told.problems, questions, mend);
  showPreview();
  if (told.comparing) besideTimer = setTimeout(() => lookAt(true), COMPARING_MS);
}

function showPreview() {
  preview.show(seen?.previews[shownLanguage] ?? null, shownLanguage);
  element("open-state").textContent = seen ? say(seen.open ? "preview.open" : "preview.closed") : "";
}

function state(now, told) {
  const line = element("saved");
  line.dataset.state = now;
  if (now !== "saved") {
    line.textContent = say(`saved.${now}`);
    return;
  }
  line.replaceChildren(say("saved.saved"), " ", make("time", { datetime: told.saved_at, title: exactTime(new Date(told.saved_at)) }, relativeTime(new Date(told.saved_at))));
  element("other-note").hidden = true;
  showStatus(told.status);
}

function showStatus(status) {
  element("status").textContent = say(`status.${status}`);
  element("status").className = `badge badge-${{ published: "success", draft: "accent", archived: "danger" }[status] ?? "warning"}`;
  element("discard").hidden = status === "published" || !start.published;
  element("archived-note").hidden = !saver.archived;
  element("archive").querySelector("span").textContent = say(saver.archived ? "restore" : "archive");
}

function conflict(told) {
  merge(told, saver, (body) => {
    write(body);
    saver.archived = saver.archived || told.theirs.archived;
    saver.resume(told.theirs);
    look();
  });
}

function showFollow(ids) {
  follow = [...ids];
  const lines = follow.map((id) =>
    make(
      "li",
      {},
      make("a", { href: `/editor/entries/${encodeURIComponent(id)}` }, titles.get(id) ?? id),
      make("button", { class: "icon-button", type: "button", "aria-label": say("follow.remove", { name: titles.get(id) ?? id }), onclick: () => { showFollow(follow.filter((each) => each !== id)); written(); } }, icon("close")),
    ),
  );
  element("follow").replaceChildren(...lines);
}

async function mend(finding, action) {
  const question = /^questions\.(\w+)\.(\d+)$/.exec(finding.field);
  const field = question ? questions[question[1]].at(Number(question[2])) : document.querySelector(`[data-at="${finding.field}"] :is(textarea, input)`);
  if (action === "go" || action === "value") {
    goTo(field ?? element("answer-en"), finding.line);
    if (action === "value" && field) pick(field);
  } else if (action === "remove") questions[question[1]].remove(field);
  else if (action === "move") {
    await move(question[1], field.value, finding.other);
    questions[question[1]].remove(field);
  } else if (action === "move_all") {
    for (const [language, list] of Object.entries(questions)) for (const text of list.texts()) await move(language, text, finding.other);
    saver.archived = true;
    written();
    toast(say("mend.moved_all", { other: finding.title }));
  }
}

async function move(language, question, to) {
  await post(`/editor/entries/${start.id}/move`, { question, language, to });
  toast(say("mend.moved", { other: titles.get(to) ?? to }));
}

/** @param {HTMLTextAreaElement | HTMLInputElement} field @param {number} line from 1; 0 for the whole */
function goTo(field, line) {
  field.focus();
  if (!line) return;
  const lines = field.value.split("\n");
  const from = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  field.setSelectionRange(from, from + (lines[line - 1]?.length ?? 0));
}

function pick(field) {
  const dialog = /** @type {HTMLDialogElement} */ (element("picker"));
  const words = element("picker-words");
  const list = element("picker-values");
  const show = () => {
    const wanted = words.value.toLowerCase().split(/\s+/);
    const found = start.values.filter((each) => wanted.every((word) => `${each.path} ${each.value}`.toLowerCase().includes(word)));
    list.replaceChildren(...found.slice(0, 60).map((each) => make("li", {}, make("button", { type: "button", class: "value", onclick: () => insert(each.path) }, make("code", {}, each.path), make("span", { class: "muted small" }, each.value)))));
  };
  const insert = (path) => {
    dialog.close();
    field.setRangeText(`{{ ${path} }}`, field.selectionStart, field.selectionEnd, "end");
    field.focus();
    written();
  };
  words.value = "";
  words.oninput = show;
  show();
  dialog.showModal();
  words.focus();
}

/** @param {number} [before] the oldest revision that is shown already */
async function showHistory(before) {
  const answer = await call(`/editor/drafts/${start.part}/-/history${before ? `?before=${before}` : ""}`);
  const { revisions, more } = await answer.json();
  const lines = revisions.map((each) =>
    make(
      "li",
      {},
      make("div", {}, make("b", {}, each.name || say("merge.files")), " ", make("time", { datetime: each.saved_at }, each.saved_at), make("p", { class: "muted small" }, each.fields.join(", "))),
      make("button", { class: "button button-small", type: "button", onclick: () => bringBack(each) }, say("history.back")),
    ),
  );
  if (more) lines.push(make("li", {}, make("button", { class: "button button-small", type: "button", onclick: (event) => earlier(event.target.closest("li"), revisions.at(-1).revision) }, say("history.more"))));
  if (!before) element("saves").replaceChildren(...(lines.length ? [] : [make("li", { class: "muted" }, say("history.none"))]));
  element("saves").append(...lines);
  showTimes(element("saves"));
  if (!before) element("history").showModal();
}

async function earlier(line, oldest) {
  await showHistory(oldest);
  line.remove();
}

function bringBack(each) {
  element("history").close();
  saver.archived = each.archived;
  write(each.body);
  written();
}

async function discard() {
  await saver.save();
  try {
    const gone = await post(`/editor/drafts/${start.part}/-/discard`, { based_on: saver.revision });
    sessionStorage.setItem("discarded", JSON.stringify({ part: start.part, ...gone }));
    saver.yield();
    location.reload();
  } catch (error) {
    if (error.told?.theirs) conflict(error.told);
    else toast(say("failed"), "toast-danger");
  }
}

/** What was just thrown away can be had back from the note that says so. */
function offerUndo() {
  const gone = JSON.parse(sessionStorage.getItem("discarded") ?? "null");
  sessionStorage.removeItem("discarded");
  if (gone?.part !== start.part) return;
  note(say("discarded"), () => {
    element("other-note").hidden = true;
    saver.revision = gone.revision;
    write(gone.body);
    written();
  });
}

document.addEventListener("input", (event) => {
  if (event.target.closest(".writing") && event.target.matches("[data-answer], [data-text], [data-maybe], [data-flag], [data-list]")) written();
});
element("follow-add").addEventListener("change", () => {
  const id = element("follow-add").value;
  if (!titles.has(id) || follow.includes(id)) return;
  element("follow-add").value = "";
  showFollow([...follow, id]);
  written();
});
for (const button of document.querySelectorAll("[data-pick]")) button.addEventListener("click", () => pick(element(button.dataset.pick)));
for (const button of document.querySelectorAll("[data-show]")) {
  button.addEventListener("click", () => {
    shownLanguage = button.dataset.show;
    for (const each of document.querySelectorAll("[data-show]")) each.setAttribute("aria-pressed", String(each === button));
    showPreview();
  });
}
element("at").addEventListener("change", () => lookAt(false));
element("at-now").addEventListener("click", () => {
  element("at").value = "";
  lookAt(false);
});
element("history-open").addEventListener("click", () => showHistory());
element("discard").addEventListener("click", discard);
element("archive").addEventListener("click", () => {
  saver.archived = !saver.archived;
  written();
});

showFollow(start.body.follow_ups);
const kept = saver.kept();
if (kept) {
  saver.archived = kept.archived;
  write(kept.body);
  saver.changed();
  toast(say("restored"));
}
showStatus(start.status);
if (start.saved_at && !kept) state("saved", start);
offerUndo();
lookAt(false);
besideTimer = setTimeout(() => lookAt(true), BESIDE_MS);
