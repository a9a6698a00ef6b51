/** The chat: how its parts are put together. */
import { announce } from "./announcer.js";
import { applyAccent } from "./colour.js";
import { Composer } from "./composer.js";
import { Desk } from "./desk.js";
import { hearSite, isFramed, tellSite } from "./frame.js";
import { authorOf, clientIdOf, helpRatingOf, messageOf, messageOfEntry, nameOf, ratingOf } from "./messages.js";
import { Outbox } from "./outbox.js";
import { saveTranscript } from "./saving.js";
import { Session } from "./session.js";
import { Status } from "./status.js";
import { Stream } from "./stream.js";
import { Transcript } from "./transcript.js";
import { say } from "./words.js";

const root = document.documentElement;
const chat = document.getElementById("chat");
const confirmNew = /** @type {HTMLDialogElement} */ (document.getElementById("confirm"));
const hasKeyboard = matchMedia("(pointer: fine)");
const TYPING_EVERY_MS = 3000;

const session = new Session();
const desk = new Desk();
const transcript = new Transcript({ onSuggestion, onRate, onRateHelp, onSendAgain, onDiscard }, desk);
const composer = new Composer({ onSend: (text) => outbox.add(text), onTyping });
const status = new Status(() => stream.retry());
const outbox = new Outbox(session, { onChange: onOutbox, onUnseen: () => stream.drop(), onGone });
const stream = new Stream(session, { onActivities, onOnline, onOffline, onGone });
let isShown = !isFramed;
let unread = 0;
let isNew = false;
let typedAt = 0;

function start() {
  if (root.dataset.accent) applyAccent(root, root.dataset.accent);
  session.onSwitched = switched;
  listen();
  tellSite({ type: "ready" });
  transcript.show(outbox.entries.filter((entry) => !entry.value).map(messageOfEntry));
  open();
}

/** Begin or go on; without a connection this is tried again like any other. */
function open() {
  stream.start(async () => {
    const opened = await session.open();
    isNew ||= opened.isNew;
  });
}

function listen() {
  document.getElementById("save").addEventListener("click", onSave);
  document.getElementById("new").addEventListener("click", () => confirmNew.showModal());
  document.getElementById("confirm-no").addEventListener("click", () => confirmNew.close());
  document.getElementById("confirm-yes").addEventListener("click", startNew);
  const close = document.getElementById("close");
  close.hidden = !isFramed;
  close.addEventListener("click", askToClose);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !confirmNew.open && !event.isComposing) askToClose();
  });
  hearSite({ shown: onShown, hidden: onHidden, theme: ({ theme }) => setTheme(theme) });
}

function onActivities(activities, isReplay) {
  const messages = [];
  for (const activity of activities) {
    const [rating, help] = [ratingOf(activity), helpRatingOf(activity)];
    outbox.confirm(clientIdOf(activity));
    if (rating) transcript.rate(rating.id, rating.rating);
    else if (help) transcript.rateHelp(help.handoff, help);
    else if (activity.type === "message") messages.push(messageOf(activity));
    else if (activity.type === "typing" && authorOf(activity) !== "customer") {
      transcript.startTyping(nameOf(activity), Boolean(desk.agent));
    }
  }
  for (const { handoff } of messages) if (handoff) desk.update(handoff);
  const answers = messages.filter((message) => message.author !== "customer");
  if (answers.length) transcript.stopTyping();
  const fresh = transcript.show(messages).filter((bubble) => bubble.message.author !== "customer");
  if (!isReplay || isNew) news(fresh);
  chat.dataset.state = "ready";
}

/** @param {import("./bubble.js").Bubble[]} bubbles what came while the chat is open on this page */
function news(bubbles) {
  const seen = bubbles.filter((bubble) => !bubble.element.hidden);
  for (const bubble of seen) announce(bubble.spoken, bubble.message.lang);
  if (isShown || !seen.length) return;
  unread += seen.length;
  tellSite({ type: "unread", count: unread });
}

function onOnline() {
  status.online();
  outbox.online();
}

function onOffline(problem) {
  outbox.offline();
  transcript.stopTyping();
  status.offline(problem);
}

/** The server knows the conversation no longer; what waits to be sent goes into a new one. */
function onGone() {
  session.forget();
  clear();
  transcript.show(outbox.entries.filter((entry) => !entry.value).map(messageOfEntry));
  status.tell(say("gone"));
  open();
}

/** @param {import("./outbox.js").Entry} entry */
function onOutbox(entry) {
  if (!entry.value) transcript.show([messageOfEntry(entry)]);
  else if (entry.state === "failed") ratingFailed(entry);
}

function ratingFailed(entry) {
  const { action, activity, handoff } = entry.value;
  outbox.confirm(entry.id);
  if (action === "rate_help") transcript.rateHelp(handoff, undefined);
  else transcript.rate(activity, undefined);
  status.tell(say("ratingFailed"));
}

/** @param {string} value */
function onSuggestion(value) {
  outbox.add(value);
  if (hasKeyboard.matches) composer.focus();
  else transcript.focus();
}

/** @param {import("./messages.js").Message} message @param {string} rating */
function onRate(message, rating) {
  if (transcript.ratingOf(message.id) === rating) return;
  transcript.rate(message.id, rating);
  outbox.add("", { action: "rate", rating, activity: message.id });
}

/** @param {string} handoff @param {number} score @param {string} comment */
function onRateHelp(handoff, score, comment) {
  transcript.rateHelp(handoff, { score, comment });
  outbox.add("", { action: "rate_help", handoff, score, comment });
}

/** The person who has the conversation sees that the customer writes; nobody else is told. */
function onTyping() {
  if (!desk.agent || Date.now() - typedAt < TYPING_EVERY_MS) return;
  typedAt = Date.now();
  session.send({ type: "typing" }).catch(() => {});
}

async function onSave() {
  try {
    await saveTranscript(session);
  } catch {
    status.tell(say("notDownloaded"));
  }
}

function onSendAgain(key) {
  composer.focus();
  outbox.sendAgain(key);
}

function onDiscard(key) {
  outbox.confirm(key);
  transcript.remove(key);
  composer.focus();
}

function onShown({ focus }) {
  isShown = true;
  unread = 0;
  tellSite({ type: "unread", count: 0 });
  if (focus && hasKeyboard.matches) composer.focus();
  else if (focus) document.getElementById("title").focus();
}

function askToClose() {
  if (!isFramed) return;
  onHidden();
  tellSite({ type: "close" });
}

function onHidden() {
  isShown = false;
}

function setTheme(theme) {
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  else delete root.dataset.theme;
}

async function startNew() {
  confirmNew.close();
  stream.stop();
  try {
    await session.restart();
  } catch {
    status.tell(say("cannotConnect"));
    open();
    return;
  }
  switched();
  announce(say("started"));
  composer.focus();
}

/** This tab or another began a new conversation. */
function switched() {
  outbox.clear();
  clear();
  isNew = true;
  open();
}

function clear() {
  transcript.clear();
  desk.clear();
  chat.dataset.state = "opening";
}

start();
