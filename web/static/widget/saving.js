/** The conversation as a file of the customer's own. */
import { make } from "./elements.js";

const TRANSCRIPT = new URL("widget/transcript", document.baseURI);

/** @param {import("./session.js").Session} session */
export async function saveTranscript(session) {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  TRANSCRIPT.searchParams.set("zone", timeZone ?? "");
  const text = await session.call(TRANSCRIPT, { read: "text" });
  const href = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  const day = new Date().toLocaleDateString("sv"); // 2026-11-22
  make("a", { href, download: `${document.title} ${day}.txt` }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}
