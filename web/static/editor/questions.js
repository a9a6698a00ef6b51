/** The ways customers ask, one to a line; the first is what buttons show. */
import { icon, make } from "../widget/elements.js";
import { say } from "../widget/words.js";

export class Questions {
  /** @param {HTMLElement} list @param {string} language @param {string[]} texts @param {() => void} onChange */
  constructor(list, language, texts, onChange) {
    this.list = list;
    this.language = language;
    this.onChange = onChange;
    this.counter = document.querySelector(`[data-count="${language}"]`);
    document.querySelector(`[data-add="${language}"]`).addEventListener("click", () => this.add("").field.focus());
    this.show(texts);
  }

  /** @param {string[]} texts */
  show(texts) {
    this.list.replaceChildren(...texts.map((text) => this.row(text).line));
    this.count();
  }

  /** Without the lines that are still empty. @returns {string[]} */
  texts() {
    return this.fields().map((field) => field.value.trim()).filter(Boolean);
  }

  fields() {
    return [...this.list.querySelectorAll("input")];
  }

  /** The line of a finding, which counts only what is written. @param {number} number */
  at(number) {
    return this.fields().filter((field) => field.value.trim())[number];
  }

  add(text, after = null) {
    const made = this.row(text);
    if (after) after.after(made.line);
    else this.list.append(made.line);
    this.count();
    return made;
  }

  /** @param {HTMLInputElement} field */
  remove(field) {
    const line = field.closest("li");
    const next = (line.previousElementSibling ?? line.nextElementSibling)?.querySelector("input");
    line.remove();
    this.changed();
    next?.focus();
  }

  row(text) {
    const field = make("input", {
      class: "input question",
      maxlength: "1000",
      "aria-label": say("question"),
      autocomplete: "off",
      oninput: () => this.changed(),
      onkeydown: (event) => this.pressed(event, field),
      onpaste: (event) => this.pasted(event, field),
    });
    field.value = text;
    const first = make("button", { class: "icon-button", type: "button", title: say("question.first"), onclick: () => this.first(field) }, icon("star"));
    first.setAttribute("aria-label", say("question.first"));
    const gone = make("button", { class: "icon-button", type: "button", title: say("question.remove"), onclick: () => this.remove(field) }, icon("close"));
    gone.setAttribute("aria-label", say("question.remove"));
    const line = make("li", {}, make("div", { class: "question-row" }, first, field, gone), make("div", { class: "found" }));
    return { line, field };
  }

  first(field) {
    this.list.prepend(field.closest("li"));
    this.changed();
    field.focus();
  }

  pressed(event, field) {
    if (event.isComposing) return;
    if (event.key === "Enter") {
      event.preventDefault();
      this.add("", field.closest("li")).field.focus();
    } else if (event.key === "Backspace" && !field.value && this.fields().length > 1) {
      event.preventDefault();
      this.remove(field);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const line = field.closest("li");
      (event.key === "ArrowDown" ? line.nextElementSibling : line.previousElementSibling)?.querySelector("input").focus();
    }
  }

  /** Several lines at once become several questions. */
  pasted(event, field) {
    const texts = event.clipboardData.getData("text").split(/\r?\n/).map((text) => text.trim()).filter(Boolean);
    if (texts.length < 2) return;
    event.preventDefault();
    let line = field.closest("li");
    for (const text of texts) line = this.add(text, line).line;
    if (!field.value.trim()) field.closest("li").remove();
    this.changed();
  }

  changed() {
    this.count();
    this.onChange();
  }

  count() {
    this.counter.textContent = String(this.texts().length);
  }
}
