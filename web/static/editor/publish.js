/** Publishing: prepared at once for what is chosen; published only as it was looked at. */
import { toast } from "../staff/page.js";
import { make } from "../widget/elements.js";
import { say } from "../widget/words.js";
import { goldenResult, moved, prepared } from "./preparing.js";
import { post } from "./saver.js";

const element = (id) => document.getElementById(id);
const form = element("publish");
const WHY = { 401: "not_allowed", 403: "not_allowed", 404: "gone", 429: "busy", 503: "busy" };
let number = 0;
let ready = null;

function chosen() {
  return [...document.querySelectorAll(".change")]
    .filter((each) => each.querySelector("[data-choose]").checked)
    .map((each) => [each.dataset.part, Number(each.dataset.revision)]);
}

async function prepare() {
  const mine = ++number;
  const parts = chosen();
  ready = null;
  allow();
  if (!parts.length) return element("report").replaceChildren(make("p", { class: "muted" }, say("publish.choose")));
  try {
    const told = await prepared(parts, (seconds) => mine === number && working(seconds));
    if (mine !== number) return undefined;
    if (told.state === "failed") throw new Error();
    ready = told;
    element("report").replaceChildren(...report(told));
  } catch {
    if (mine === number) element("report").replaceChildren(make("p", { class: "notice notice-danger" }, say("failed")), again());
  }
  return allow();
}

function again() {
  return make("button", { class: "button", type: "button", onclick: prepare }, say("publish.again"));
}

function working(seconds) {
  const line = element("report").querySelector(".working span:last-child");
  const text = say("publish.working", { seconds });
  if (line) line.textContent = text;
  else element("report").replaceChildren(make("p", { class: "working", "aria-live": "off" }, make("span", { class: "spinner" }), make("span", {}, text)));
}

function report(told) {
  const errors = told.problems.filter((each) => each.severity === "error");
  const warnings = told.problems.filter((each) => each.severity !== "error");
  const made = [];
  if (errors.length) made.push(make("div", { class: "notice notice-danger" }, make("div", {}, make("b", {}, say("publish.errors", { count: errors.length })), list(errors))));
  if (warnings.length) made.push(make("details", { class: "quiet" }, make("summary", {}, say("publish.warnings", { count: warnings.length })), list(warnings)));
  if (told.golden) made.push(...goldenResult(told.golden));
  if (told.golden && !errors.length) made.push(make("p", { class: "muted small" }, say("publish.took", { seconds: told.seconds })));
  return made;
}

function list(problems) {
  const lines = problems.map((each) => {
    const where = each.entry && !each.entry.includes("/") && each.entry !== "policy" ? make("a", { href: `/editor/entries/${each.entry}` }, each.entry) : each.entry;
    return make("li", {}, where || "", where ? ": " : "", each.field ? `${each.field}: ` : "", each.message.replace(new RegExp(`^${each.field.replace(/[.[\]]/g, "\\$&")}:? `), ""));
  });
  return make("ul", { class: "problems" }, ...lines);
}

function isWell() {
  return ready && ready.golden && !ready.problems.some((each) => each.severity === "error");
}

/** What got worse is published with a reason or not at all; who reviews it can give that, too. */
function allow() {
  const worse = Boolean(ready?.golden?.worse.length);
  const reason = element("reason");
  if (reason) element("reason-field").hidden = !worse;
  const button = element("go");
  if (button) button.disabled = !isWell() || (worse && !("review" in form.dataset) && !reason?.value.trim());
}

/** A decision comes in the page's language; what the server says to every caller alike does not. */
function why(error) {
  if (error.message && (error.status === 409 || error.status === 422)) return error.message;
  return say(error.status in WHY ? `publish.${WHY[error.status]}` : "failed");
}

async function publish(event) {
  event.preventDefault();
  if (!isWell()) return;
  const button = element("go");
  button.disabled = true;
  element("refused").hidden = true;
  const body = { chosen: ready.chosen, version: ready.version, note: element("note").value, reason: element("reason")?.value ?? "", at: element("publish-at").value };
  try {
    const told = await post(form.dataset.path, body);
    sessionStorage.setItem("published", told.version ? say("publish.done", { version: told.version }) : say(`publish.${told.status}`));
    location.assign(told.version ? `/editor/versions/${told.version}` : "/editor/publish");
  } catch (error) {
    element("refused").textContent = why(error);
    element("refused").hidden = false;
    allow();
  }
}

async function decide(button) {
  const card = button.closest("[data-release]");
  const body = { answer: card.querySelector(".release-answer")?.value ?? "", reason: card.querySelector("[data-reason]")?.value ?? "" };
  for (const each of card.querySelectorAll("button")) each.disabled = true;
  try {
    await post(`/editor/publish/${card.dataset.release}/${button.dataset.decide}`, body);
    location.reload();
  } catch (error) {
    refused(card, error);
    for (const each of card.querySelectorAll("button")) each.disabled = false;
  }
}

/** Why not, and where golden questions fail a place to say why all the same. */
function refused(card, error) {
  const { problems = [], worse = [] } = error.told ?? {};
  const made = [make("p", { class: "notice notice-danger" }, why(error))];
  if (problems.length) made.push(list(problems));
  if (worse.length) made.push(moved("worse", worse));
  card.querySelector(".refused").replaceChildren(...made);
  const reason = card.querySelector(".release-reason");
  if (reason && worse.length && !problems.length) reason.hidden = false;
}

document.addEventListener("change", (event) => event.target.matches("[data-choose]") && prepare());
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-decide]");
  if (button) decide(button);
});
form?.addEventListener("submit", publish);
for (const each of document.querySelectorAll("[data-golden]")) each.replaceChildren(...goldenResult(JSON.parse(each.dataset.golden)));
element("reason")?.addEventListener("input", allow);
const done = sessionStorage.getItem("published");
sessionStorage.removeItem("published");
if (done) toast(done);
if (form) prepare();
