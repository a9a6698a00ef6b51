/** Every `<time datetime>` of a page: relative, with the exact time on hover, kept up to date. */

const SECOND = 1000;
const STEPS = /** @type {[Intl.RelativeTimeFormatUnit, number, number][]} */ ([
  ["minute", 60 * SECOND, 60],
  ["hour", 60 * 60 * SECOND, 24],
  ["day", 24 * 60 * 60 * SECOND, 7],
]);
const locale = document.documentElement.lang;
const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" });
const exact = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "medium" });
const date = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric" });
const now = new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(0, "second");

/** @param {Date} time @param {number} at what is now, in milliseconds */
export function relativeTime(time, at = Date.now()) {
  const away = time.getTime() - at;
  if (Math.abs(away) < 60 * SECOND) return now;
  for (const [unit, length, most] of STEPS) {
    const count = Math.trunc(away / length);
    if (Math.abs(count) < most) return relative.format(count, unit);
  }
  return date.format(time);
}

/** @param {Date} time */
export function exactTime(time) {
  return exact.format(time);
}

/** @param {ParentNode} within what was just added to the page, or all of it */
export function showTimes(within = document) {
  for (const element of within.querySelectorAll("time[datetime]")) {
    const time = new Date(element.dateTime);
    if (Number.isNaN(time.getTime())) continue;
    element.textContent = relativeTime(time);
    element.title = exactTime(time);
  }
}

showTimes();
setInterval(() => showTimes(), 30 * SECOND);
