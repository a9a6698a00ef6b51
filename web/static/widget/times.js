/** Times as people say them, in the interface's language. */
import { language, say } from "./words.js";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
// The same language as people of the visitor's country write it, if the browser knows which.
const locale = navigator.languages.find((tag) => tag.split("-")[0] === language) ?? language;
const relative = new Intl.RelativeTimeFormat(locale, { numeric: "always", style: "short" });
const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
const exact = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "medium" });
const weekday = new Intl.DateTimeFormat(locale, { weekday: "long" });
const dayAndMonth = new Intl.DateTimeFormat(locale, { weekday: "short", day: "numeric", month: "long" });
const fullDate = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", year: "numeric" });

/** @param {Date} time @param {Date} now minutes within the hour, then the time of day */
export function shortTime(time, now) {
  const minutes = Math.floor((now.getTime() - time.getTime()) / MINUTE);
  if (minutes < 1) return say("now");
  return minutes < 60 ? relative.format(-minutes, "minute") : clock.format(time);
}

/** @param {Date} time */
export function exactTime(time) {
  return exact.format(time);
}

/** @param {Date} time @param {Date} now the line above a day's messages */
export function dayName(time, now) {
  const days = Math.round((midnight(now) - midnight(time)) / DAY);
  if (days <= 0) return say("today");
  if (days === 1) return say("yesterday");
  if (days < 7) return weekday.format(time);
  return time.getFullYear() === now.getFullYear() ? dayAndMonth.format(time) : fullDate.format(time);
}

/** @param {Date} one @param {Date} other */
export function sameDay(one, other) {
  return midnight(one) === midnight(other);
}

function midnight(time) {
  return new Date(time.getFullYear(), time.getMonth(), time.getDate()).getTime();
}
