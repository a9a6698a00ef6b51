/**
 * A form for a value, from its shape: text in each language, money, hours, lists that grow.
 * Every field says where it is (`data-field="support.contacts[2].name"`), as the checks do.
 */
import { icon, make } from "../widget/elements.js";
import { language, say } from "../widget/words.js";

const names = JSON.parse(document.getElementById("names").textContent);
const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const dayName = new Intl.DateTimeFormat(language, { weekday: "long", timeZone: "UTC" });
let count = 0;

/** @typedef {{kind: string, item?: any, fields?: [string, any][], options?: string[], optional?: boolean}} Shape */
/** @typedef {{node: HTMLElement, read: () => any, spread?: boolean}} Field */

export function nameOf(key) {
  return names[key] ?? key.replaceAll("_", " ");
}

/**
 * @param {Shape} shape @param {any} value @param {string} path
 * @param {{languages: string[], changed: () => void}} page @returns {Field}
 */
export function field(shape, value, path, page) {
  const label = nameOf(path.replace(/\[\d+\]$/, "").split(".").at(-1));
  return KINDS[shape.kind](shape, value, path, page, label);
}

const KINDS = { text, text_or_line: textOrLine, line, decimal: line, count: number, bool, date, choice, money, price, spans, list, map, group, weekly, own_hours: ownHours };

function framed(path, label, ...children) {
  return make("div", { class: "field", "data-field": path }, make("p", { class: "label" }, label), ...children, make("div", { class: "found", "data-found": path }));
}

function labelled(path, label, input) {
  const id = `field-${++count}`;
  input.id = id;
  return make("div", { class: "field", "data-field": path }, make("label", { for: id }, label), input, make("div", { class: "found", "data-found": path }));
}

function inputOf(type, value, page, more = {}) {
  const input = make("input", { class: "input", type, autocomplete: "off", oninput: page.changed, ...more });
  input.value = value ?? "";
  return input;
}

function line(shape, value, path, page, label) {
  const input = inputOf("text", value, page, shape.kind === "decimal" ? { inputmode: "decimal" } : { maxlength: "4000" });
  return { node: labelled(path, label, input), read: () => (shape.optional && !input.value.trim() ? null : input.value.trim()) };
}

function number(shape, value, path, page, label) {
  const input = inputOf("number", value, page, { min: "0", step: "1" });
  return { node: labelled(path, label, input), read: () => (input.value === "" ? null : Number(input.value)) };
}

function date(shape, value, path, page, label) {
  const input = inputOf("date", value, page);
  return { node: labelled(path, label, input), read: () => input.value || null };
}

function bool(shape, value, path, page, label) {
  const input = make("input", { type: "checkbox", onchange: page.changed });
  input.checked = Boolean(value);
  const node = make("div", { class: "field", "data-field": path }, make("label", { class: "check" }, input, make("span", {}, label)), make("div", { class: "found", "data-found": path }));
  return { node, read: () => input.checked };
}

function selectOf(options, value, page) {
  const select = make("select", { class: "input", onchange: page.changed }, ...options.map((each) => make("option", { value: each }, nameOf(each))));
  select.value = options.includes(value) ? value : options[0];
  return select;
}

function choice(shape, value, path, page, label) {
  const select = selectOf(shape.options, value, page);
  return { node: labelled(path, label, select), read: () => select.value };
}

/** What customers read, in each language. */
function text(shape, value, path, page, label) {
  const parts = page.languages.map((each) => {
    const area = make("textarea", { class: "input", rows: "1", lang: each === "zh" ? "zh-Hans" : each, maxlength: "4000", oninput: page.changed });
    area.value = value?.[each] ?? "";
    area.setAttribute("aria-label", `${label}, ${say(`language.${each}`)}`);
    return [each, area];
  });
  const shown = parts.map(([each, area]) => make("div", {}, make("span", { class: "small-label", "aria-hidden": "true" }, say(`language.${each}`)), area, make("div", { class: "found", "data-found": `${path}.${each}` })));
  const read = () => {
    const written = Object.fromEntries(parts.filter(([, area]) => area.value.trim()).map(([each, area]) => [each, area.value]));
    return shape.optional && !Object.keys(written).length ? null : written;
  };
  return { node: framed(path, label, make("div", { class: "texts" }, ...shown)), read, spread: true };
}

/** One line for every language, unless it was written in each. */
function textOrLine(shape, value, path, page, label) {
  return value && typeof value === "object" ? text(shape, value, path, page, label) : line(shape, value, path, page, label);
}

function moneyParts(value, page, label) {
  const amount = inputOf("text", value?.amount, page, { inputmode: "decimal", "aria-label": `${label}, ${say("amount")}` });
  const currency = inputOf("text", value?.currency, page, { maxlength: "3", "aria-label": `${label}, ${say("currency")}` });
  return { amount, currency, read: () => ({ amount: amount.value.trim(), currency: currency.value.trim().toUpperCase() }) };
}

function money(shape, value, path, page, label) {
  const { amount, currency, read } = moneyParts(value, page, label);
  return { node: framed(path, label, make("div", { class: "money" }, amount, currency)), read };
}

function price(shape, value, path, page, label) {
  const parts = moneyParts(value === "free" ? null : value, page, label);
  const free = selectOf(["free", "costs"], value === "free" ? "free" : "costs", page);
  free.setAttribute("aria-label", label);
  const show = () => {
    parts.amount.hidden = parts.currency.hidden = free.value === "free";
  };
  free.addEventListener("change", show);
  show();
  const read = () => (free.value === "free" ? "free" : parts.read());
  return { node: framed(path, label, make("div", { class: "money with-free" }, free, parts.amount, parts.currency)), read };
}

function asSpans(text) {
  return text.split(/[,，;；]/).map((each) => each.trim().replace(/\s*[–—~至-]\s*/, "-")).filter(Boolean);
}

function spans(shape, value, path, page, label) {
  const input = inputOf("text", (value ?? []).join(", "), page, { placeholder: say("closed") });
  return { node: labelled(path, label, input), read: () => asSpans(input.value) };
}

function group(shape, value, path, page, label) {
  const parts = shape.fields.map(([key, each]) => [key, each, field(each, value?.[key], `${path}.${key}`, page)]);
  const inside = make("div", { class: "group" });
  for (const [, , part] of parts) {
    if (part.spread) part.node.classList.add("spread");
    inside.append(part.node);
  }
  const node = framed(path, label, inside);
  node.classList.add("inset");
  const read = () => Object.fromEntries(parts.map(([key, , part]) => [key, part.read()]));
  return { node, read, spread: true };
}

/** A list that grows, shrinks and is put in another order. */
function list(shape, value, path, page, label) {
  let values = [...(value ?? [])];
  let parts = [];
  const items = make("div", { class: "items" });
  const show = () => {
    parts = values.map((each, number) => field(shape.item, each, `${path}[${number + 1}]`, page));
    items.replaceChildren(...parts.map((part, number) => item(part, number)));
  };
  const move = (from, to) => {
    values = parts.map((part) => part.read());
    const [moved] = values.splice(from, 1);
    if (to !== null) values.splice(to, 0, moved);
    show();
    page.changed();
  };
  const item = (part, number) => {
    part.node.querySelector(":scope > .label")?.remove();
    part.node.classList.remove("inset");
    const button = (name, text, to) => {
      const made = make("button", { class: "icon-button", type: "button", title: text, "aria-label": `${text} ${number + 1}`, onclick: () => move(number, to) }, icon(name));
      made.firstChild.classList.add("icon-small");
      return made;
    };
    const buttons = [button("close", say("item.remove"), null)];
    if (number > 0) buttons.unshift(button("up", say("item.up"), number - 1));
    return make("div", { class: "item" }, part.node, make("div", { class: "item-buttons" }, ...buttons));
  };
  const add = () => {
    values = [...parts.map((part) => part.read()), blank(shape.item)];
    show();
    page.changed();
    items.lastElementChild.querySelector("input, textarea, select")?.focus();
  };
  show();
  const more = make("div", {}, make("button", { class: "button button-small", type: "button", onclick: add }, icon("plus"), say("item.add")));
  return { node: framed(path, label, items, more), read: () => parts.map((part) => part.read()), spread: true };
}

function blank(shape) {
  if (shape.kind === "group") return Object.fromEntries(shape.fields.map(([key, each]) => [key, each.optional ? null : blank(each)]));
  return { list: [], spans: [], text: {}, bool: false, price: "free", count: 0, choice: shape.options?.[0] }[shape.kind] ?? "";
}

/** Keys are the partner's own; they stay as they are. */
function map(shape, value, path, page, label) {
  const parts = Object.entries(value ?? {}).map(([key, each]) => [key, field(shape.item, each, `${path}.${key}`, page)]);
  const inside = make("div", { class: shape.item.kind === "group" ? "items" : "group" }, ...parts.map(([, part]) => part.node));
  return { node: framed(path, label, inside), read: () => Object.fromEntries(parts.map(([key, part]) => [key, part.read()])), spread: true };
}

function weekly(shape, value, path, page, label) {
  const how = selectOf(["week", "always", "never"], typeof value === "string" ? value : "week", page);
  how.setAttribute("aria-label", label);
  const days = DAYS.map((day, number) => {
    const input = inputOf("text", (value?.[day] ?? []).join(", "), page, { placeholder: say("closed"), id: `day-${++count}` });
    const name = dayName.format(new Date(Date.UTC(2026, 5, 1 + number)));
    return [day, input, [make("label", { class: "small", for: input.id }, name), make("div", {}, input, make("div", { class: "found", "data-found": `${path}.${day}` }))]];
  });
  const week = make("div", { class: "week" }, ...days.flatMap(([, , nodes]) => nodes));
  const show = () => {
    week.hidden = how.value !== "week";
  };
  how.addEventListener("change", show);
  show();
  const read = () => (how.value === "week" ? Object.fromEntries(days.map(([day, input]) => [day, asSpans(input.value)])) : how.value);
  return { node: framed(path, label, how, week), read, spread: true };
}

/** The support's hours, always, or hours of its own. */
function ownHours(shape, value, path, page, label) {
  const kind = value === "always" ? "always" : value ? "own" : "support_hours";
  const how = selectOf(["support_hours", "always", "own"], kind, page);
  const start = value && value !== "always" ? value : { time_zone: "Asia/Singapore", weekly: {}, special_days: [] };
  const own = group(shape.item, start, path, page, label);
  own.node.querySelector(":scope > .label").remove();
  const show = () => {
    own.node.hidden = how.value !== "own";
  };
  how.addEventListener("change", show);
  show();
  const read = () => ({ support_hours: null, always: "always" })[how.value] ?? (how.value === "own" ? own.read() : null);
  const node = labelled(path, label, how);
  node.append(own.node);
  return { node, read, spread: kind === "own" };
}
