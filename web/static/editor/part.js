/** What the policy's and the messages' pages have in common: saving, merging, throwing away. */
import { toast } from "../staff/page.js";
import { exactTime, relativeTime } from "../staff/times.js";
import { icon, make } from "../widget/elements.js";
import { say } from "../widget/words.js";
import { merge, otherSaved } from "./merging.js";
import { post, Saver } from "./saver.js";

const element = (id) => document.getElementById(id);

/**
 * @param {any} start
 * @param {{read: () => any, write: (body: any) => void, changed: () => void, manual?: boolean}} page
 */
export function partPage(start, page) {
  const saver = new Saver({ ...start, manual: page.manual }, { read: page.read, onState: state, onConflict: conflict, onOther: otherSaved });

  function state(now, told) {
    const line = element("saved");
    line.dataset.state = now;
    if (now !== "saved") line.textContent = say(`saved.${page.manual && now === "saving" ? "unsaved" : now}`);
    else {
      line.replaceChildren(say("saved.saved"), " ", make("time", { datetime: told.saved_at, title: exactTime(new Date(told.saved_at)) }, relativeTime(new Date(told.saved_at))));
      element("other-note").hidden = true;
      status(told.status);
    }
  }

  function status(now) {
    element("status").textContent = say(`status.${now}`);
    element("status").className = `badge badge-${{ published: "success", draft: "accent" }[now] ?? "warning"}`;
    element("discard").hidden = now === "published";
  }

  function conflict(told) {
    merge(told, saver, (body) => {
      page.write(body);
      saver.resume(told.theirs);
      page.changed();
    });
  }

  element("discard").addEventListener("click", async () => {
    try {
      await post(`/editor/drafts/${start.part}/-/discard`, { based_on: saver.revision });
      saver.yield();
      location.reload();
    } catch (error) {
      if (error.told?.theirs) conflict(error.told);
      else toast(say("failed"), "toast-danger");
    }
  });

  saver.begin = () => {
    const kept = saver.kept();
    status(start.status);
    if (kept) {
      page.write(kept.body);
      saver.changed();
      page.changed();
    } else if (start.saved_at) state("saved", start);
  };
  return saver;
}

/** Beside no field anything is said. */
export function clear() {
  for (const place of document.querySelectorAll(".found")) place.replaceChildren();
  for (const field of document.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
}

/** A problem beside its field, or the nearest one around it. @param {{field: string, message: string}} problem */
export function placed(problem, within) {
  let name = problem.field;
  let place = null;
  while (name && !place) {
    place = within.querySelector(`[data-found="${CSS.escape(name)}"]`);
    name = name.replace(/(?:^|\.)[^.[]+$|\[\d+\]$/, "");
  }
  const line = make("div", { class: "finding finding-danger" }, icon("alert"), make("p", {}, problem.message));
  if (!place) return within.prepend(line);
  place.append(line);
  return place.parentElement.querySelector(".input")?.setAttribute("aria-invalid", "true");
}
