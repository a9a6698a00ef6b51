/** Sends a chosen or dropped file as it is, and goes to its preview. */
import { call } from "../staff/page.js";

const form = document.getElementById("upload");
const field = /** @type {HTMLInputElement} */ (document.getElementById("file"));
const language = /** @type {HTMLSelectElement} */ (document.getElementById("language"));
const drop = form.querySelector(".drop");
const state = document.getElementById("state");
const MIB = 1024 * 1024;
let busy = false;

function say(text, kind = "") {
  state.hidden = false;
  state.className = `notice ${kind}`;
  state.textContent = text;
}

/** @param {File} file */
async function send(file) {
  if (!file || busy) return;
  if (file.size > Number(form.dataset.largest) * MIB) {
    say(form.dataset.large, "notice-danger");
    return;
  }
  busy = true;
  say(form.dataset.waiting);
  try {
    const asked = new URLSearchParams({ name: file.name, language: language.value });
    const headers = { "Content-Type": "application/octet-stream" };
    const response = await call(`/editor/import?${asked}`, { method: "POST", headers, body: file });
    if (!response.ok) throw new Error(String(response.status));
    location.assign((await response.json()).preview);
  } catch {
    say(form.dataset.failed, "notice-danger");
  }
  busy = false;
  field.value = "";
}

field.addEventListener("change", () => send(field.files[0]));
for (const name of ["dragover", "dragleave", "drop"]) {
  drop.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.toggle("is-over", name === "dragover");
    if (name === "drop") send(event.dataTransfer.files[0]);
  });
}
form.addEventListener("submit", (event) => event.preventDefault());
