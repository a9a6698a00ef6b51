/** One click goes back to a version, once it was asked about. */
import { toast } from "../staff/page.js";
import { say } from "../widget/words.js";
import { post } from "./saver.js";

const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("back"));
const form = dialog?.querySelector("form");
let number = "";

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-back]");
  if (!button) return;
  number = button.dataset.back;
  document.getElementById("back-title").textContent = say("back.title", { number });
  dialog.showModal();
});

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  document.getElementById("back-working").hidden = false;
  try {
    const { version } = await post(`/editor/versions/${number}/restore`, { note: document.getElementById("back-note").value });
    sessionStorage.setItem("published", say("publish.done", { version }));
    location.assign(`/editor/versions/${version}`);
  } catch {
    toast(say("failed"), "toast-danger");
    button.disabled = false;
    document.getElementById("back-working").hidden = true;
  }
});

const done = sessionStorage.getItem("published");
sessionStorage.removeItem("published");
if (done) toast(done);
