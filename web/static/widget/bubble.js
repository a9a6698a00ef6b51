/** One message on the screen. */
import { initial } from "./desk.js";
import { icon, make, spoken } from "./elements.js";
import { markdown } from "./markdown.js";
import { Stars } from "./stars.js";
import { exactTime, shortTime } from "./times.js";
import { language, say } from "./words.js";

/**
 * @typedef {import("./messages.js").Message} Message
 * @typedef {{
 *   onSuggestion: (value: string) => void,
 *   onRate: (message: Message, rating: string) => void,
 *   onRateHelp: (handoff: string, score: number, comment: string) => void,
 *   onSendAgain: (key: string) => void,
 *   onDiscard: (key: string) => void,
 * }} Actions
 */
export class Bubble {
  /** @param {Message} message @param {Actions} actions */
  constructor(message, actions) {
    this.message = message;
    this.actions = actions;
    this.time = make("time", { class: "time" });
    this.foot = make("div", { class: "foot" });
    this.body = make("div", { class: "bubble", dir: "auto", lang: foreign(message.lang) });
    this.suggestions = message.suggestions.length ? this.#suggestions() : null;
    this.thumbs = message.ratings.map((choice) => this.#thumb(choice));
    this.stars = message.rateHelp ? this.#stars() : null;
    const kind = `message ${message.author}${this.stars ? " asks" : ""}`;
    this.element = make("li", { class: kind, "data-key": message.key }, this.#heading(), this.body,
      this.stars?.element ?? null, this.foot, this.suggestions);
    this.#writeBody();
    this.update(message, new Date());
  }

  /** The same message, further on its way. @param {Message} message @param {Date} now */
  update(message, now) {
    this.message = message;
    this.element.dataset.state = message.state;
    this.#writeFoot();
    this.tick(now);
  }

  /** @param {Date} now */
  tick(now) {
    const { time } = this.message;
    const text = shortTime(time, now);
    if (this.time.textContent === text) return;
    this.time.dateTime = time.toISOString();
    this.time.title = exactTime(time);
    this.time.textContent = text;
  }

  /** @param {string | undefined} rating */
  showRating(rating) {
    for (const thumb of this.thumbs) {
      thumb.setAttribute("aria-pressed", String(thumb.dataset.rating === rating));
    }
  }

  /** Which buttons can still be pressed. @param {boolean} stands @param {Set<string>} said since */
  offer(stands, said) {
    if (!this.suggestions) return;
    const buttons = [...this.suggestions.children];
    buttons.forEach((button, at) => (button.hidden = said.has(this.message.suggestions[at].value)));
    this.suggestions.hidden = !stands || buttons.every((button) => button.hidden);
  }

  /** What a screen reader says when it comes: who, what, and that there are buttons. */
  get spoken() {
    const { name, suggestions } = this.message;
    const titles = suggestions.map((each) => each.title).join(", ");
    return `${name}: ${this.body.innerText}${titles ? ` ${say("suggestions")}: ${titles}` : ""}`;
  }

  #heading() {
    const { author, name } = this.message;
    if (author === "customer") return spoken(`${name}: `);
    if (author === "system") return this.#newcomer();
    return heading(name, author === "agent");
  }

  /** The face of somebody who joins. */
  #newcomer() {
    const { handoff, text } = this.message;
    const joins = handoff?.status === "active" && text.includes(handoff.agent);
    return joins ? make("span", { class: "face", "aria-hidden": "true" }, initial(handoff.agent)) : null;
  }

  #writeBody() {
    const { text, isMarkdown } = this.message;
    this.body.replaceChildren(isMarkdown ? markdown(text) : text);
  }

  #writeFoot() {
    const { state, problem, key } = this.message;
    if (state === "sent") {
      this.foot.replaceChildren(this.time, ...(this.thumbs.length ? [this.#rating()] : []));
    } else if (state === "failed") {
      this.foot.replaceChildren(
        make("span", { class: "problem" }, icon("alert"), say(problem || "notSent")),
        textButton("sendAgain", "", () => this.actions.onSendAgain(key)),
        textButton("discard", "quiet", () => this.actions.onDiscard(key)),
      );
    } else {
      this.foot.replaceChildren(make("span", {}, say(problem || "sending")));
    }
  }

  #rating() {
    return make("div", { class: "thumbs", role: "group", "aria-label": say("rating") }, ...this.thumbs);
  }

  #thumb({ title, rating }) {
    const press = () => this.actions.onRate(this.message, rating);
    const name = rating === "positive" ? "thumb-up" : "thumb-down";
    const properties = { type: "button", class: "thumb", "aria-label": title, title, "aria-pressed": "false" };
    return make("button", { ...properties, "data-rating": rating, onclick: press }, icon(name));
  }

  #stars() {
    const { key, rateHelp } = this.message;
    return new Stars(key, (score, comment) => this.actions.onRateHelp(rateHelp, score, comment));
  }

  #suggestions() {
    const buttons = this.message.suggestions.map(({ title, value }) =>
      make("button", { type: "button", class: "suggestion", onclick: () => this.actions.onSuggestion(value) }, title));
    const properties = { class: "suggestions", role: "group", "aria-label": say("suggestions") };
    return make("div", { ...properties, lang: foreign(this.message.lang) }, ...buttons);
  }
}

/** Whose message follows. @param {string} name @param {boolean} isAgent */
export function heading(name, isAgent) {
  const face = isAgent ? initial(name) : icon("beacon");
  return make("div", { class: "who" }, make("span", { class: "face", "aria-hidden": "true" }, face),
    make("span", { class: "name" }, name), spoken(": "));
}

function textButton(word, kind, onclick) {
  return make("button", { type: "button", class: `text-button ${kind}`, onclick }, say(word));
}

/** A text in the page's own language needs no mark. */
function foreign(lang) {
  return lang && lang !== language ? lang : null;
}
