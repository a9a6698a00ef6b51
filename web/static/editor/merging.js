/** Two people wrote at once: what both did is together already; where both changed one thing, one
 * chooses, or writes a third. */
import { toast } from "../staff/page.js";
import { make } from "../widget/elements.js";
import { say } from "../widget/words.js";

const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("merge"));

/** A sentence above the page, with a button. */
export function note(text, onLook) {
  document.getElementById("other-text").textContent = text;
  document.getElementById("other-note").hidden = false;
  document.getElementById("other-merge").onclick = onLook;
}

/** Somebody else saved, and nothing here is waiting. */
export function otherSaved(told) {
  note(say("other.saved", { name: told.name || say("merge.files") }), () => location.reload());
}

/**
 * @param {any} told what the server said @param {import("./saver.js").Saver} saver
 * @param {(body: any) => void} together shows what was put together, and goes on from there
 */
export function merge(told, saver, together) {
  const name = told.theirs.name || say("merge.files");
  if (!told.clashes.length) {
    together(told.merged);
    toast(say("merged", { name, fields: told.changed.join(", ") }));
    return;
  }
  const theirs = () => {
    saver.yield();
    location.reload();
  };
  const ask = () => mergeByHand(told, together, theirs);
  note(say("other.clash", { name }), ask);
  ask();
}

function mergeByHand(told, onMerged, onTheirs) {
  const name = told.theirs.name || say("merge.files");
  document.getElementById("merge-who").textContent = say("merge.who", { name });
  const alone = told.changed.filter((field) => !told.clashes.some((clash) => field.startsWith(clash.path.join("."))));
  document.getElementById("merge-alone").textContent = alone.length ? say("merge.alone", { name, fields: alone.join(", ") }) : "";
  const choices = told.clashes.map((clash, number) => choice(clash, number, name));
  document.getElementById("clashes").replaceChildren(...choices.map((each) => each.shown));
  document.getElementById("merge-do").onclick = () => {
    for (const each of choices) put(told.merged, each.path, each.value());
    dialog.close();
    onMerged(told.merged);
  };
  document.getElementById("merge-theirs").onclick = () => {
    dialog.close();
    onTheirs();
  };
  dialog.showModal();
}

function choice(clash, number, name) {
  const field = make("textarea", { class: "input", id: `clash-${number}`, rows: "4", "aria-label": clash.path.join(".") });
  let chosen = clash.ours;
  const take = (value) => {
    chosen = value;
    field.value = asText(value);
  };
  const option = (label, value, on) => {
    const radio = make("input", { type: "radio", name: `clash-${number}`, checked: on, onchange: () => take(value) });
    const text = asText(value);
    return make("label", { class: "clash-option" }, radio, make("b", {}, label), make("span", { class: "clash-text" }, text || say("merge.nothing")));
  };
  take(clash.ours);
  const editable = typeof clash.ours === "string" || isLines(clash.ours);
  field.hidden = !editable;
  const shown = make(
    "fieldset",
    { class: "clash" },
    make("legend", {}, clash.path.join(" › ")),
    make("div", { class: "clash-options" }, option(say("merge.mine"), clash.ours, true), option(name, clash.theirs, false)),
    field,
  );
  const value = () => (field.value === asText(chosen) ? chosen : typeof chosen === "string" ? field.value : lines(field.value));
  return { path: clash.path, shown, value };
}

function isLines(value) {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

function asText(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value;
  return isLines(value) ? value.join("\n") : JSON.stringify(value, null, 1);
}

function lines(text) {
  return text.split("\n").filter((line) => line.trim());
}

/** A list's elements go by their id, as the server tells them apart. */
function put(body, path, value) {
  let at = body;
  for (const key of path.slice(0, -1)) at = Array.isArray(at) ? named(at, key) : (at[key] ??= {});
  const last = path.at(-1);
  if (Array.isArray(at)) {
    const number = at.indexOf(named(at, last));
    if (value === null) at.splice(number, 1);
    else at[number] = value;
  } else if (value === null) delete at[last];
  else at[last] = value;
}

function named(elements, name) {
  return elements.find((each) => each.id === name || each.question === name);
}
