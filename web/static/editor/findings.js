/** What is said beside the fields, each with its way to mend it. */
import { icon, make } from "../widget/elements.js";
import { say } from "../widget/words.js";

/** @typedef {{code: string, field: string, message: string, mend: string, other: string, title: string, line: number}} Finding */

/** Where a finding stands: its own field, or the nearest one around it. */
function placeOf(field, questions) {
  const question = /^questions\.(\w+)(?:\.(\d+)|\[(\d+)\])$/.exec(field);
  if (question) {
    const number = question[2] ? Number(question[2]) : Number(question[3]) - 1;
    const line = questions[question[1]]?.at(number)?.closest("li")?.querySelector(".found");
    if (line) return line;
  }
  let name = field.replace(/\[\d+\]/g, "");
  while (name) {
    const found = document.querySelector(`[data-found="${CSS.escape(name)}"]`);
    if (found) return found;
    name = name.slice(0, Math.max(name.lastIndexOf("."), 0));
  }
  return document.querySelector('[data-found="questions"]');
}

/**
 * @param {Finding[]} findings @param {{field: string, message: string, line: number, severity: string}[]} problems
 * @param {any} questions by language @param {(finding: any, action: string) => void} onMend
 */
export function showFindings(findings, problems, questions, onMend) {
  for (const place of document.querySelectorAll(".found")) place.replaceChildren();
  for (const field of document.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  const faulty = new Set(findings.filter((each) => each.code === "template").map((each) => each.field));
  for (const problem of problems) {
    if (faulty.has(problem.field)) continue;
    const place = placeOf(problem.field, questions);
    place.append(line("danger", problem.message, []));
    place.parentElement.querySelector(".input")?.setAttribute("aria-invalid", "true");
  }
  for (const finding of findings) placeOf(finding.field, questions).append(shown(finding, onMend));
}

function shown(finding, onMend) {
  const bad = finding.code === "template" || finding.code === "unknown_variable" || finding.code === "same_question";
  const buttons = actionsOf(finding).map((action) =>
    make("button", { class: "button button-small", type: "button", "data-mend": action, onclick: () => onMend(finding, action) }, say(`mend.do.${action}`)),
  );
  if (finding.other) buttons.push(make("a", { class: "button button-small", href: `/editor/entries/${finding.other}`, target: "_blank" }, say("mend.do.open")));
  return line(bad ? "danger" : "warning", finding.message, buttons, finding.mend);
}

function actionsOf(finding) {
  if (finding.code === "other_wins") return ["move", "remove"];
  if (finding.code === "other_first") return ["go", "move"];
  if (finding.code === "same_question") return ["remove"];
  if (finding.code === "near_duplicate") return ["move_all"];
  if (["unknown_variable", "languages_disagree", "entries_disagree"].includes(finding.code)) return ["go", "value"];
  return ["go"];
}

function line(kind, text, buttons, mend = "") {
  const what = make("div", {}, make("p", {}, text));
  if (mend) what.append(make("p", { class: "mend" }, mend));
  if (buttons.length) what.append(make("div", { class: "row" }, ...buttons));
  const drawn = icon(kind === "danger" ? "alert" : "warn");
  drawn.classList.add("icon-small");
  return make("div", { class: `finding finding-${kind}` }, drawn, what);
}
