/** What publishing would do, found out in a process of its own: asked for, awaited, shown. */
import { make } from "../widget/elements.js";
import { language, say } from "../widget/words.js";
import { post } from "./saver.js";

const ASK_AGAIN_MS = 700;
const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });

/**
 * Any process can be asked how far it is: one that does not know begins.
 * @param {[string, number][] | null} chosen drafts with their revisions; null for all
 * @param {(seconds: number) => void} onWorking
 */
export async function prepared(chosen, onWorking) {
  const began = Date.now();
  let told = await post("/editor/publish/prepare", { chosen });
  while (told.state === "working") {
    onWorking(Math.round((Date.now() - began) / 1000));
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
    told = await post("/editor/publish/prepare", { chosen });
  }
  return told;
}

/** The drafts that are left out are named, each with why and the way to it. @param {{title: string, why: string, path: string}[]} drafts */
export function leftOut(drafts) {
  const links = drafts.flatMap(({ title, why, path }) => [", ", make("a", { href: path }, title), ` (${why})`]).slice(1);
  return links.length ? [make("p", { class: "notice" }, make("span", {}, say("left_out"), " ", ...links))] : [];
}

/** @param {any} golden */
export function goldenResult(golden) {
  const share = golden.cases ? golden.passed / golden.cases : 1;
  const before = golden.cases ? golden.passed_before / golden.cases : 1;
  const made = [
    make("p", { class: "golden-sum" }, make("b", { class: "numbers" }, percent.format(share)), " ", say("publish.golden", { passed: golden.passed, cases: golden.cases, before: percent.format(before) })),
    make("p", { class: "muted small" }, say("publish.golden.more", { answered: golden.answered, asked: golden.asked_back, wrong: golden.answered_wrong })),
  ];
  if (golden.worse.length) made.push(moved("worse", golden.worse));
  if (golden.better.length) made.push(moved("better", golden.better));
  if (!golden.worse.length && !golden.better.length) made.push(make("p", {}, say("publish.golden.same")));
  return made;
}

/** @param {"worse" | "better"} kind @param {any[]} questions */
export function moved(kind, questions) {
  const lines = questions.map((each) =>
    make(
      "li",
      {},
      make("b", {}, each.question),
      make("span", { class: "muted small" }, say("publish.moved", { expected: each.expected.join(", ") || say("publish.nobody"), before: found(each.before), after: found(each.after) })),
    ),
  );
  return make("div", { class: `moved moved-${kind}` }, make("h3", {}, say(`publish.${kind}`, { count: questions.length })), make("ul", {}, ...lines));
}

function found(one) {
  return one.entry_id ? `${one.entry_id} (${percent.format(one.confidence)}, ${say(`band.${one.band}`)})` : say("publish.nothing");
}
