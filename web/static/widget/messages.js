/** Activities of Direct Line as the chat shows them: messages, ratings, somebody writing. */
import { say } from "./words.js";

/**
 * @typedef {"customer" | "assistant" | "agent" | "system"} Author
 * @typedef {{
 *   key: string, id: string, order: number, author: Author, name: string, text: string,
 *   isMarkdown: boolean, lang: string, time: Date, suggestions: {title: string, value: string}[],
 *   ratings: {title: string, rating: "positive" | "negative"}[], rateHelp: string,
 *   handoff: import("./desk.js").Handoff | null,
 *   state: import("./outbox.js").Entry["state"], problem: string,
 * }} Message `key` stays the same from the outbox to the log; `order` is its place in the log;
 *   `rateHelp` is the handoff whose help it asks to rate, `handoff` how things stand at the desk
 */

/** @param {any} activity @returns {Author} */
export function authorOf(activity) {
  if (activity.from?.role === "user") return "customer";
  const said = activity.channelData?.author;
  return said === "agent" || said === "system" ? said : "assistant";
}

/** @param {any} activity @returns {Message} */
export function messageOf(activity) {
  const author = authorOf(activity);
  return {
    key: (author === "customer" && clientIdOf(activity)) || activity.id,
    id: activity.id,
    order: orderOf(activity.id),
    author,
    name: nameOf(activity),
    text: typeof activity.text === "string" ? activity.text : "",
    isMarkdown: author !== "customer" && activity.textFormat !== "plain",
    lang: activity.locale ?? "",
    time: new Date(activity.timestamp),
    state: "sent",
    problem: "",
    ...actionsOf(activity),
  };
}

/** @param {import("./outbox.js").Entry} entry @returns {Message} */
export function messageOfEntry(entry) {
  return {
    key: entry.id,
    id: "",
    order: Infinity,
    author: "customer",
    name: say("you"),
    text: entry.text,
    isMarkdown: false,
    lang: "",
    time: new Date(entry.time),
    suggestions: [],
    ratings: [],
    rateHelp: "",
    handoff: null,
    state: entry.state,
    problem: entry.problem,
  };
}

/** @param {any} activity @returns {{id: string, rating: string} | null} the answer rated, and how */
export function ratingOf(activity) {
  const { value } = activity;
  const isRating = activity.from?.role === "user" && value?.action === "rate";
  return isRating ? { id: value.activity, rating: value.rating } : null;
}

/** @param {any} activity @returns {{handoff: string, score: number, comment: string} | null} */
export function helpRatingOf(activity) {
  const { value } = activity;
  const isRating = activity.from?.role === "user" && value?.action === "rate_help";
  return isRating ? { handoff: value.handoff, score: Number(value.score), comment: value.comment ?? "" } : null;
}

/** @param {any} activity @returns {string} the id it was sent with, from this tab or another */
export function clientIdOf(activity) {
  const id = activity.channelData?.clientActivityID;
  return typeof id === "string" ? id : "";
}

/** @param {string} id "conversation|0000003" */
function orderOf(id) {
  const number = parseInt(id.slice(id.lastIndexOf("|") + 1), 10);
  return Number.isNaN(number) ? Infinity : number;
}

/** @param {any} activity @returns {string} who speaks, as people call them */
export function nameOf(activity) {
  const author = authorOf(activity);
  if (author === "customer") return say("you");
  return activity.from?.name || say(author === "agent" ? "agent" : "assistant");
}

/** Buttons of the bot: what is sent as text, and the thumbs, which are sent as a value. */
function actionsOf(activity) {
  const actions = activity.suggestedActions?.actions ?? [];
  const rates = actions.filter((action) => action.type === "postBack" && action.value?.action === "rate");
  const says = actions.filter((action) => action.type === "imBack" && typeof action.value === "string");
  return {
    suggestions: says.map(({ title, value }) => ({ title: title || value, value })),
    ratings: rates.map(({ title, value }) => ({ title, rating: value.rating })),
    rateHelp: activity.channelData?.rateHelp ?? "",
    handoff: activity.channelData?.handoff ?? null,
  };
}
