/** Golden questions: added, taken away, and all asked of the drafts at once. */
import { toast } from "../staff/page.js";
import { make } from "../widget/elements.js";
import { say } from "../widget/words.js";
import { goldenResult, leftOut, prepared } from "./preparing.js";
import { post } from "./saver.js";

const element = (id) => document.getElementById(id);

async function run() {
  const place = element("result");
  place.hidden = false;
  element("run").disabled = true;
  try {
    const told = await prepared(null, (seconds) => place.replaceChildren(make("p", { class: "working" }, make("span", { class: "spinner" }), say("publish.working", { seconds }))));
    const result = told.golden ? goldenResult(told.golden) : [make("p", { class: "notice notice-danger" }, say("try.mend_first"))];
    place.replaceChildren(...leftOut(told.left_out), ...result);
  } catch {
    place.replaceChildren(make("p", { class: "notice notice-danger" }, say("failed")));
  }
  element("run").disabled = false;
}

element("run").addEventListener("click", run);
element("add").addEventListener("submit", async (event) => {
  event.preventDefault();
  const entry = element("add-entry").value;
  try {
    await post("/editor/golden/add", { question: element("add-question").value.trim(), expected: entry ? [entry] : [] });
    location.reload();
  } catch {
    toast(say("failed"), "toast-danger");
  }
});
document.addEventListener("click", async (event) => {
  const row = event.target.closest("[data-remove]")?.closest("tr");
  if (!row) return;
  try {
    await post("/editor/golden/remove", { question: row.dataset.question });
    row.remove();
    toast(say("golden.removed"));
  } catch {
    toast(say("failed"), "toast-danger");
  }
});
