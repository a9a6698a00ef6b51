/** The console: puts the parts together and keeps the address, the socket and the screen alike. */
import { toast } from "../staff/page.js";
import { showTimes } from "../staff/times.js";
import { make } from "../widget/elements.js";
import { say } from "../widget/words.js";
import { Alerts } from "./alerts.js";
import { act, pathOf, read } from "./api.js";
import { Composer } from "./composer.js";
import { Details } from "./details.js";
import { Dialogs } from "./dialogs.js";
import { Head, canTake } from "./head.js";
import { listenToKeys } from "./keys.js";
import { Presence } from "./presence.js";
import { Queue } from "./queue.js";
import { Replies } from "./replies.js";
import { Sending } from "./sending.js";
import { Socket } from "./socket.js";
import { Talk } from "./talk.js";

const start = JSON.parse(document.getElementById("start").textContent);
const me = start.me.id;
const root = document.getElementById("main");
const empty = document.getElementById("talk-empty");
const OFFLINE_AFTER_MS = 2_000;
const REFRESH_MS = 60_000;
const LEAVES = new Set(["assign", "queue", "bot", "snooze", "resolve"]);

let detail = null;
let about = { page: "", locale: "" };
let opening = "";

const sending = new Sending({ onChange: (entry) => entry.handoff === talk?.id && talk.pending() });
const talk = new Talk({ sending, onAgain: (number) => run("send-again", { number }) });
const composer = new Composer({
  me,
  onSend: (action, text) => {
    sending.add(talk.id, action, text);
    talk.sent();
  },
  onTyping: () => socket.typing(),
});
const replies = new Replies({ onInsert: (text) => composer.insert(text), onClosed: () => composer.write("reply") });
const details = new Details({ onAct: ask, onOpen: open, onBack: () => show("talk"), address: (id) => queue.address(id) });
const head = new Head({ me, onAct: ask, onBack: leave, onDetails: () => show("details") });
const dialogs = new Dialogs({ me, onAct: perform, people: () => queue.list.people, lastPair: () => talk.lastPair() });
const alerts = new Alerts({ me, onOpen: open });
const presence = new Presence(me);
const queue = new Queue(start.list, { onOpen: open, onListed: listed });

let offlineTimer = 0;
const socket = new Socket(
  { onFrame: heard, onOnline: online, onOffline: offline },
  () => (talk.id ? { watch: talk.id, after: talk.last } : { watch: null }),
);

function listed(list) {
  alerts.listed(list);
  presence.show(list.people);
}

/** @param {string} id */
async function open(id, { push = true } = {}) {
  opening = id;
  queue.mark(id);
  show("talk");
  if (push && new URLSearchParams(location.search).get("id") !== id) history.pushState({}, "", queue.address(id));
  if (talk.id === id) return;
  try {
    const found = await read(pathOf(id));
    if (opening === id) shown(found);
  } catch (refusal) {
    if (opening !== id) return;
    if (refusal.status === 404) gone();
    else toast(refusal.message, "toast-danger");
  }
}

function shown(found) {
  empty.hidden = true;
  about = { page: "", locale: "" };
  talk.open(found);
  learn(found.lines);
  update(found.detail);
  head.look([]);
  replies.show(talk.id, composer.canReply);
  socket?.follow();
}

function update(fresh) {
  const couldReply = composer.canReply;
  detail = fresh;
  head.show(detail);
  composer.show(detail);
  details.show(detail, about, talk.last);
  showTimes(document.getElementById("talk-head"));
  if (detail && couldReply !== composer.canReply) replies.show(talk.id, composer.canReply);
}

function learn(lines) {
  for (const line of lines) {
    if (line.author !== "customer") continue;
    about = { page: line.page || about.page, locale: line.lang || about.locale };
  }
}

function leave() {
  opening = "";
  talk.close();
  update(null);
  queue.mark("");
  nothing("talk");
  show("queue");
  history.pushState({}, "", queue.address(""));
  socket.follow();
}

function gone() {
  talk.close();
  update(null);
  nothing("gone");
  socket?.follow();
}

function nothing(why) {
  empty.hidden = false;
  empty.replaceChildren(make("h2", {}, say(`empty.${why}`)), make("p", {}, say(`empty.${why}.more`)));
}

/** On a narrow screen one part is seen at a time. @param {"queue" | "talk" | "details"} part */
function show(part) {
  root.dataset.part = part;
}

function heard(frame) {
  if (frame.type === "queue") queue.refresh();
  if (!frame.id || frame.id !== talk.id) return;
  if (frame.type === "lines") said(frame);
  if (frame.type === "detail") {
    talk.update(frame.detail);
    update(frame.detail);
  }
  if (frame.type === "deliveries") talk.deliver(frame.states);
  if (frame.type === "viewers") head.look(frame.people);
  if (frame.type === "typing") talk.startTyping(frame.who === "customer" ? "" : frame.name);
  if (frame.type === "gone") gone();
}

function said({ lines, last }) {
  const fresh = talk.add(lines, last);
  learn(fresh);
  if (detail) details.show(detail, about, talk.last);
  if (fresh.some((line) => line.author === "customer")) replies.show(talk.id, composer.canReply);
}

function online() {
  clearTimeout(offlineTimer);
  offlineTimer = 0;
  const line = document.getElementById("offline");
  if (!line.hidden) toast(say("online"));
  line.hidden = true;
  sending.online();
  queue.refresh();
}

/** A short break is not worth a word. It counts from its beginning, however often we try meanwhile. */
function offline() {
  offlineTimer ||= setTimeout(() => {
    document.getElementById("offline-text").textContent = say("offline");
    document.getElementById("offline").hidden = false;
  }, OFFLINE_AFTER_MS);
}

/** What a button or a key asks for; most of it asks back in a dialog. */
function ask(action, more) {
  if (!detail) return undefined;
  const isOpen = detail.status === "waiting" || detail.status === "active";
  const mine = detail.status === "active" && detail.agent.id === me;
  if (action === "claim") return canTake(detail) && run("claim", {});
  if (action === "priority") return run("priority", more);
  if (action === "queue_back") return dialogs.confirm(say("queue_back"), say("queue_back.hint"), () => run("queue", {}));
  if (action === "bot_back") return dialogs.confirm(say("bot_back"), say("bot_back.hint"), () => run("bot", {}));
  if (action === "resolve" && !mine) return undefined;
  if (["transfer", "snooze", "escalate"].includes(action) && !isOpen) return undefined;
  return dialogs.open(action, detail, more);
}

async function run(action, body) {
  try {
    await perform(action, body);
  } catch (refusal) {
    toast(refusal.message, "toast-danger");
  }
}

/** Raises Refusal. What it changed is shown at once; the socket tells everybody else. */
async function perform(action, body) {
  const { id } = talk;
  const done = await act(id, action, body);
  if (LEAVES.has(action) || action === "escalate") toast(say(`done.${action}`));
  if (action === "propose") toast(say("propose.done"));
  queue.refresh();
  if (id !== talk.id || action === "propose") return;
  if (!done.detail) gone();
  else {
    talk.update(done.detail);
    update(done.detail);
  }
  if (action === "claim") composer.write("reply");
}

listenToKeys({
  j: () => queue.step(1),
  k: () => queue.step(-1),
  c: () => ask("claim"),
  r: () => detail && composer.write("reply"),
  n: () => detail && composer.write("note"),
  e: () => ask("resolve"),
  t: () => ask("transfer"),
  s: () => ask("snooze"),
  m: () => ask("escalate"),
  d: () => {
    show("details");
    details.focus();
  },
  g: () => queue.focusViews(),
  "/": () => {
    show("queue");
    queue.focusSearch();
  },
  "?": () => document.getElementById("shortcuts").showModal(),
  "ctrl+k": () => composer.canReply && replies.open(),
  Escape: () => (replies.isOpen ? replies.close() : root.dataset.part === "details" ? show("talk") : queue.step(0)),
});

document.getElementById("take-claim").addEventListener("click", () => ask("claim"));
document.getElementById("offline-retry").addEventListener("click", () => socket.retry());
window.addEventListener("popstate", () => {
  const id = new URLSearchParams(location.search).get("id") ?? "";
  if (id) open(id, { push: false });
  else if (talk.id) leave();
});
setInterval(() => queue.refresh(), REFRESH_MS);

show(start.conversation?.detail ? "talk" : "queue");
if (start.conversation?.detail) {
  queue.mark(start.conversation.detail.id);
  shown(start.conversation);
} else nothing(start.conversation?.gone ? "gone" : "talk");
