/** What the console asks of the server, and how it says no. */
import { call } from "../staff/page.js";
import { say } from "../widget/words.js";

/** `message` is for people; `code` is empty when the server could not be reached. */
export class Refusal extends Error {
  /** @param {number} status @param {string} code @param {string} message */
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** @param {string} path */
export async function read(path) {
  return answerOf(await reached(call(path)));
}

/** @param {string} path @param {object} body */
export async function post(path, body) {
  const headers = { "Content-Type": "application/json" };
  return answerOf(await reached(call(path, { method: "POST", headers, body: JSON.stringify(body) })));
}

/** @param {string} id a handoff's */
export function pathOf(id) {
  return `/agent/handoffs/${encodeURIComponent(id)}`;
}

/** @param {string} id @param {string} action @param {object} [body] */
export function act(id, action, body = {}) {
  return post(`${pathOf(id)}/${action}`, body);
}

export function newId() {
  return crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16)).join("");
}

async function reached(asked) {
  try {
    return await asked;
  } catch {
    throw new Refusal(0, "", say("failed.offline"));
  }
}

async function answerOf(response) {
  if (response.ok) return response.json();
  const { error } = await response.json().catch(() => ({ error: { code: "Unknown" } }));
  const message = response.status === 404 ? say("failed.gone") : response.status === 409 ? error.message : say("failed");
  throw new Refusal(response.status, error.code, message);
}
