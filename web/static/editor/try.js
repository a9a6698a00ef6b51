/** Ask anything: what the live version and the drafts find, how sure, and why. */
import { toast } from "../staff/page.js";
import { make } from "../widget/elements.js";
import { markdown } from "../widget/markdown.js";
import { language, say } from "../widget/words.js";
import { leftOut } from "./preparing.js";
import { post } from "./saver.js";

const element = (id) => document.getElementById(id);
const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 });
const BADGES = { answer: "success", ask: "warning", none: "danger" };
let asked = "";
let number = 0;

async function ask(event) {
  event?.preventDefault();
  asked = element("question").value.trim();
  if (!asked) return;
  history.replaceState({}, "", `?q=${encodeURIComponent(asked)}`);
  const mine = ++number;
  await Promise.all(["live", "draft"].map((side) => askOne(side, mine)));
  if (mine === number) element("should").hidden = false;
}

async function askOne(side, mine) {
  const place = element(side);
  const waiting = make("p", { class: "working" }, make("span", { class: "spinner" }), say(side === "draft" ? "try.preparing" : "try.asking"));
  place.replaceChildren(waiting);
  try {
    const told = await post("/editor/try/ask", { question: asked, of: side });
    if (mine === number) place.replaceChildren(...leftOut(told.left_out ?? []), ...shown(told));
  } catch (error) {
    if (mine === number) place.replaceChildren(...leftOut(error.told?.left_out ?? []), ...refused(error));
  }
}

function refused(error) {
  const problems = error.told?.problems ?? [];
  const lines = problems.map((each) => make("li", {}, each.entry ? make("a", { href: `/editor/entries/${each.entry}` }, each.entry) : "", ` ${each.message}`));
  return [make("p", { class: "notice notice-danger" }, problems.length ? say("try.mend_first") : say("failed")), make("ul", { class: "why" }, ...lines)];
}

function shown(told) {
  const [best, ...others] = told.matches;
  const verdict = make("p", { class: "verdict" }, make("span", { class: `badge badge-${BADGES[told.band]}` }, say(`band.${told.band}`)));
  if (!best) return [verdict, make("p", { class: "muted" }, say("try.no_match"))];
  verdict.append(make("a", { href: `/editor/entries/${best.id}` }, make("b", {}, best.title)));
  const { limits } = told;
  const meter = make("meter", { min: 0, max: 1, low: Math.min(limits.ask, 1), high: Math.min(limits.answer, 1), optimum: 1, value: best.confidence, "aria-label": say("try.sure") });
  const sure = make("div", { class: "sure" }, meter, make("span", { class: "numbers" }, say("try.sure_of", { share: percent.format(best.confidence), limit: percent.format(limits.answer) })));
  const why = make("ul", { class: "why" }, make("li", {}, say("try.phrasing", { question: best.question })));
  if (told.repaired.length) why.append(make("li", {}, say("try.repaired", { words: told.repaired.map(([old, now]) => `${old} → ${now}`).join(", ") })));
  else if (told.read) why.append(make("li", {}, say("try.read", { read: told.read })));
  const runners = others.map((each) =>
    make("li", {}, make("a", { href: `/editor/entries/${each.id}` }, each.title), make("span", { class: "numbers" }, percent.format(each.confidence)), make("span", { class: "muted" }, say("try.phrasing", { question: each.question }))),
  );
  const said = make("div", { class: "said", lang: told.language }, markdown(told.answer));
  return [verdict, sure, why, said, make("h3", {}, say("try.runners")), make("ol", { class: "runners" }, ...runners)];
}

async function should(kind) {
  try {
    await post("/editor/try/should", { question: asked, to: element("should-entry").value, as: kind });
    toast(say(`try.done.${kind}`));
    if (kind === "phrasing") askOne("draft", number);
  } catch {
    toast(say("failed"), "toast-danger");
  }
}

element("ask").addEventListener("submit", ask);
for (const button of document.querySelectorAll("[data-should]")) button.addEventListener("click", () => should(button.dataset.should));
if (element("question").value) ask();
else element("question").focus();
