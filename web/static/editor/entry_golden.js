/** The golden questions of one entry: added, taken away, and asked of the live version. */
import { icon, make } from "../widget/elements.js";
import { say } from "../widget/words.js";
import { post } from "./saver.js";

const start = JSON.parse(document.getElementById("start").textContent);
const element = (id) => document.getElementById(id);

async function add(event) {
  event.preventDefault();
  const field = element("golden-question");
  const question = field.value.trim();
  if (!question) return;
  await post("/editor/golden/add", { question, expected: [start.id] });
  element("golden").append(lineOf(question));
  field.value = "";
}

function lineOf(question) {
  const remove = make("button", { class: "icon-button", type: "button", "data-golden-remove": true, "aria-label": say("golden.remove", { question }) }, icon("close"));
  return make("li", { "data-question": question }, make("span", { class: "golden-text" }, question), make("span", { class: "golden-result" }), remove);
}

async function run() {
  element("golden-run").disabled = true;
  for (const line of element("golden").children) {
    const told = await post("/editor/try/ask", { question: line.dataset.question, of: "live" }).catch(() => null);
    const best = told?.matches[0];
    const passes = best?.id === start.id;
    const text = passes ? say(`golden.${told.band}`) : best ? say("golden.wrong", { other: best.title }) : say("golden.none");
    line.querySelector(".golden-result").replaceChildren(make("span", { class: `badge badge-${passes ? "success" : "danger"}` }, text));
  }
  element("golden-run").disabled = false;
}

element("golden").addEventListener("click", async (event) => {
  const line = event.target.closest("[data-golden-remove]")?.closest("li");
  if (!line) return;
  await post("/editor/golden/remove", { question: line.dataset.question });
  line.remove();
});
element("golden-add").addEventListener("submit", add);
element("golden-run").addEventListener("click", run);
