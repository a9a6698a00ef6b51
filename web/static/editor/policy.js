/** A section of the policy as a form; what it would change is shown before it is saved. */
import { toast } from "../staff/page.js";
import { make } from "../widget/elements.js";
import { say } from "../widget/words.js";
import { field } from "./forms.js";
import { clear, partPage, placed } from "./part.js";
import { looking } from "./saver.js";

const start = JSON.parse(document.getElementById("start").textContent);
const element = (id) => document.getElementById(id);
const LOOK_MS = 400;
const page = { languages: start.languages, changed };
let body = structuredClone(start.body);
let parts = [];

const look = looking("/editor/policy/look", LOOK_MS, read, show);
const saver = partPage(start, { read, write, manual: true, changed: look });

function write(fresh) {
  body = structuredClone(fresh);
  parts = start.shapes.map((shape) => ({ path: shape.path, field: field(shape, at(body, shape.path), shape.path, page) }));
  element("form").replaceChildren(...parts.map((part) => part.field.node));
  if (parts.length === 1) bare(parts[0].field.node);
}

function read() {
  const made = structuredClone(body);
  for (const part of parts) put(made, part.path, part.field.read());
  return made;
}

/** Alone under its heading it needs no name and no frame of its own. */
function bare(node) {
  node.classList.remove("inset");
  node.querySelector(":scope > .label")?.remove();
}

function at(value, path) {
  return path.split(".").reduce((inside, key) => inside?.[key], value);
}

function put(value, path, fresh) {
  const keys = path.split(".");
  const last = keys.pop();
  keys.reduce((inside, key) => (inside[key] ??= {}), value)[last] = fresh;
}

function changed() {
  saver.changed();
  look();
}

function show(told) {
  clear();
  for (const problem of told.problems) placed(problem, element("form"));
  element("save").disabled = told.problems.length > 0 || !saver.isDirty;
  showEffects(told);
}

function showEffects({ changed: answers, count, problems }) {
  if (problems.length) return element("effects").replaceChildren(make("p", { class: "notice notice-danger small" }, say("policy.mend", { count: problems.length })));
  if (!count) return element("effects").replaceChildren(make("p", { class: "muted small" }, say("policy.no_effect")));
  const shown = answers.map((each) =>
    make(
      "article",
      { class: "effect" },
      make("h3", {}, make("a", { href: `/editor/entries/${each.id}`, target: "_blank" }, each.title), ` (${say(`language.${each.language}`)})`),
      make("ul", { class: "diff", role: "list" }, ...each.lines.map((line) => make("li", { "data-mark": line.mark, class: { "+": "is-added", "-": "is-removed" }[line.mark] ?? "" }, line.text))),
    ),
  );
  return element("effects").replaceChildren(make("p", { class: "small" }, say("policy.effects", { count })), ...shown);
}

element("save").addEventListener("click", async () => {
  await saver.save();
  if (!saver.isDirty) {
    toast(say("policy.saved"));
    element("save").disabled = true;
  }
});
document.addEventListener("click", (event) => {
  const link = event.target.closest(".sections a");
  // What was not saved yet waits in this browser, and the next section shows it again.
  if (link && saver.isDirty) saver.keep();
});

write(start.body);
saver.begin();
look();
