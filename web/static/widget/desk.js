/** Who has the conversation: the assistant, nobody yet, or a person. Shown at the top of the chat. */
import { icon } from "./elements.js";
import { say } from "./words.js";

/** @typedef {{id: string, status: string, agent: string}} Handoff as the desk told it last */
export class Desk {
  #mark = document.getElementById("mark");
  #title = document.getElementById("title");
  #subtitle = document.getElementById("subtitle");
  #assistant = { title: this.#title.textContent, subtitle: this.#subtitle.textContent };
  /** @type {Handoff | null} the one that is open */
  #handoff = null;

  /** @returns {string} the name of the person who has it, empty while nobody has */
  get agent() {
    return this.#handoff?.status === "active" ? this.#handoff.agent : "";
  }

  get isWaiting() {
    return this.#handoff?.status === "waiting";
  }

  /** @param {string} id */
  hasOpen(id) {
    return this.#handoff?.id === id;
  }

  /** @param {Handoff} handoff */
  update(handoff) {
    const isOpen = ["waiting", "active"].includes(handoff.status);
    if (!isOpen && !this.hasOpen(handoff.id)) return;
    this.#handoff = isOpen ? handoff : null;
    this.#show();
  }

  clear() {
    this.#handoff = null;
    this.#show();
  }

  #show() {
    const { agent, isWaiting } = this;
    const about = agent ? "personHere" : isWaiting && "personAwaited";
    this.#mark.classList.toggle("person", Boolean(agent));
    this.#mark.replaceChildren(agent ? initial(agent) : icon("beacon"));
    this.#title.textContent = agent || this.#assistant.title;
    this.#subtitle.textContent = about ? say(about) : this.#assistant.subtitle;
  }
}

/** @param {string} name */
export function initial(name) {
  return [...name][0]?.toUpperCase() ?? "";
}
