/** The conversation as a file, with what proves it whole: how many of how many, and the checksum. */
import { pathOf, read } from "./api.js";
import { icon, make } from "../widget/elements.js";
import { say } from "../widget/words.js";

const PATIENCE_MS = 1_000; // while one message follows the other

export class Files {
  #told = make("p", { class: "whole small muted" });
  #links = make("div", { class: "row" });
  element = make("section", { class: "detail" }, make("h3", { tabindex: "-1" }, say("files")), this.#links, this.#told);
  #id = "";
  #last = 0;
  #timer = 0;

  /** @param {string} id a handoff's, or "" @param {number} last the last number of its conversation */
  show(id, last) {
    if (id === this.#id && last === this.#last) return;
    clearTimeout(this.#timer);
    if (id !== this.#id) this.#begin(id);
    this.#last = last;
    if (id) this.#timer = setTimeout(() => this.#ask(id), PATIENCE_MS);
  }

  #begin(id) {
    this.#id = id;
    this.#told.replaceChildren();
    if (id) this.#links.replaceChildren(...["txt", "json"].map((kind) => link(id, kind)));
  }

  async #ask(id) {
    const whole = await read(`${pathOf(id)}/transcript`).catch(() => null);
    if (!whole || id !== this.#id) return;
    const count = make("span", { class: whole.count === whole.of ? "" : "problem" }, say("transcript.whole", whole));
    this.#told.replaceChildren(count, " · SHA-256 ", make("code", { class: "digest" }, whole.sha256));
  }
}

function link(id, kind) {
  return make("a", { class: "button button-small", href: `${pathOf(id)}/transcript.${kind}`, download: "" }, icon("file"), say(`transcript.${kind}`));
}
