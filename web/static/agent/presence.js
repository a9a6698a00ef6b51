/** Whether this agent is there for customers, and for how many at a time. */
import { toast } from "../staff/page.js";
import { post } from "./api.js";
import { say } from "../widget/words.js";

export class Presence {
  #form = document.getElementById("presence-form");

  /** @param {string} me */
  constructor(me) {
    this.me = me;
    this.#form.addEventListener("change", () => this.#save());
    this.#form.addEventListener("submit", (event) => event.preventDefault());
  }

  /** @param {any[]} people */
  show(people) {
    const own = people.find((each) => each.id === this.me);
    // Before the first heartbeat nobody has been seen yet: whoever opens the page is there.
    const availability = own && (own.connected || own.availability === "available") ? own.availability : "available";
    document.getElementById("presence-dot").dataset.is = availability;
    document.getElementById("presence-now").textContent = say(`presence.${availability}`);
    if (this.#form.contains(document.activeElement)) return;
    this.#form.elements.availability.value = availability;
    this.#form.elements.capacity.value = own?.capacity ?? 5;
  }

  async #save() {
    const availability = this.#form.elements.availability.value;
    const capacity = Number(this.#form.elements.capacity.value);
    if (!Number.isInteger(capacity) || capacity < 1 || capacity > 50) return;
    document.getElementById("presence-dot").dataset.is = availability;
    document.getElementById("presence-now").textContent = say(`presence.${availability}`);
    await post("/agent/presence", { availability, capacity }).catch((refusal) => toast(refusal.message, "toast-danger"));
  }
}
