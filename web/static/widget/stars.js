/** How a person's help was: one to five stars and a comment, given once; then a thank-you. */
import { icon, make, spoken } from "./elements.js";
import { say } from "./words.js";

const SCORES = [1, 2, 3, 4, 5];
const LONGEST_COMMENT = 1000;

/** @typedef {{score: number, comment: string}} Given */
export class Stars {
  #onRate;
  #stars;
  #given;
  #comment;
  #more;
  #sentHere = false;

  /** @param {string} key of its message @param {(score: number, comment: string) => void} onRate */
  constructor(key, onRate) {
    this.#onRate = onRate;
    this.#stars = make("fieldset", { class: "stars" }, make("legend", { class: "visually-hidden" }, say("helpRating")),
      ...SCORES.map((score) => star(score, `help-${key}`)));
    this.#given = make("p", { class: "given", tabindex: "-1", hidden: true });
    const id = `comment-${key}`;
    this.#comment = make("textarea", { id, rows: "2", maxlength: LONGEST_COMMENT, autocomplete: "off" });
    const field = make("div", { class: "field" }, this.#comment);
    this.#more = make("div", { class: "more", hidden: true }, make("label", { for: id }, say("helpComment")), field,
      make("button", { type: "submit", class: "button button-main" }, say("helpSend")));
    this.element = make("form", { class: "help", novalidate: true, onsubmit: (event) => this.#submit(event),
      onchange: () => this.#chosen() }, this.#stars, this.#given, this.#more);
  }

  /** @param {Given | undefined} given undefined: not rated, or it could not be saved */
  show(given) {
    const asksMore = given ? this.#sentHere && !given.comment : this.#score() > 0;
    const hadFocus = this.element.contains(document.activeElement);
    this.#stars.hidden = Boolean(given);
    this.#given.hidden = !given;
    this.#more.hidden = !asksMore;
    this.#sentHere &&= Boolean(given);
    if (!given) return;
    this.#given.replaceChildren(make("span", { class: "stars", "aria-hidden": "true" },
      ...SCORES.map((score) => pictured(score <= given.score))), say("helpGiven", { count: given.score }));
    if (hadFocus && !asksMore) this.#given.focus({ preventScroll: true });
  }

  #score() {
    return Number(this.#stars.querySelector(":checked")?.value ?? 0);
  }

  #chosen() {
    if (!this.#score()) return;
    this.#more.hidden = false;
    this.element.scrollIntoView({ block: "nearest" });
  }

  #submit(event) {
    event.preventDefault();
    const comment = this.#comment.value.trim();
    if (!this.#score()) return;
    if (this.#sentHere && !comment) {
      this.#comment.focus();
      return;
    }
    this.#sentHere = true;
    this.#onRate(this.#score(), comment);
  }
}

function star(score, name) {
  return make("label", { class: "star", title: say("helpScore", { count: score }) },
    make("input", { type: "radio", name, value: score, class: "visually-hidden" }), icon("star"),
    spoken(say("helpScore", { count: score })));
}

function pictured(isFull) {
  return make("span", { class: isFull ? "star full" : "star" }, icon("star"));
}
