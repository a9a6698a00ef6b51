/** New requests and replies while the agent looks elsewhere: title, sound, notification. */
import { toast } from "../staff/page.js";
import { recall, remember } from "./memory.js";
import { customerName } from "./names.js";
import { say } from "../widget/words.js";

const BEEP_HZ = [660, 880];
const title = document.title;

export class Alerts {
  #set = { notify: false, sound: true, title: true, ...recall("alerts") };
  #known = null;
  #sound = null;

  /** @param {{me: string, onOpen: (id: string) => void}} parts */
  constructor(parts) {
    this.parts = parts;
    const settings = document.getElementById("settings");
    for (const box of settings.querySelectorAll("input")) {
      box.checked = this.#set[box.name];
      box.addEventListener("change", () => this.#change(box));
    }
  }

  /** @param {any} list as it is now */
  listed({ counts, rows }) {
    const count = counts.unassigned + counts.awaiting;
    document.title = this.#set.title && count ? `(${count}) ${title}` : title;
    const waiting = new Map(rows.filter((row) => row.status === "waiting" || (row.awaits && row.agent.id === this.parts.me)).map((row) => [`${row.id} ${row.status === "waiting" ? "" : row.at}`, row]));
    const fresh = this.#known ? [...waiting].filter(([key]) => !this.#known.has(key)).map(([, row]) => row) : [];
    const more = this.#known && count > this.#count;
    this.#known = new Set([...(this.#known ?? []), ...waiting.keys()]);
    this.#count = count;
    if (fresh.length || more) this.#tell(fresh[0]);
  }

  #count = 0;

  #tell(row) {
    if (document.hasFocus() && document.visibilityState === "visible") return;
    if (this.#set.sound) this.#beep();
    if (!this.#set.notify || !row || !("Notification" in window) || Notification.permission !== "granted") return;
    const name = customerName(row.customer);
    const words = say(row.status === "waiting" ? "alert.new" : "alert.wrote", { name });
    const shown = new Notification(words, { body: row.words.slice(0, 140), tag: row.id });
    shown.onclick = () => {
      window.focus();
      this.parts.onOpen(row.id);
    };
  }

  async #change(box) {
    this.#set[box.name] = box.checked;
    if (box.name === "notify" && box.checked && (await allowed()) !== "granted") {
      this.#set.notify = box.checked = false;
      toast(say("alerts.denied"));
    }
    if (box.name === "sound" && box.checked) this.#beep();
    if (box.name === "title" && !box.checked) document.title = title;
    remember("alerts", this.#set);
  }

  /** Two short tones; a browser that was never touched stays silent. */
  #beep() {
    this.#sound ??= new AudioContext();
    BEEP_HZ.forEach((hz, at) => {
      const tone = this.#sound.createOscillator();
      const volume = this.#sound.createGain();
      const start = this.#sound.currentTime + at * 0.12;
      tone.frequency.value = hz;
      volume.gain.setValueAtTime(0.08, start);
      volume.gain.exponentialRampToValueAtTime(0.001, start + 0.2);
      tone.connect(volume).connect(this.#sound.destination);
      tone.start(start);
      tone.stop(start + 0.2);
    });
  }
}

async function allowed() {
  return "Notification" in window ? Notification.requestPermission() : "denied";
}
