/**
 * Markdown as answers use it, straight into elements: paragraphs, line breaks, lists, bold, italics,
 * code and links. Anything else stays the text it was.
 */
import { make, spoken } from "./elements.js";
import { say } from "./words.js";

const ITEM = /^( *)([-*+]|\d{1,9}[.)])\s+(.*)$/;
const FENCE = /^ {0,3}(```|~~~)/;
const SAFE_LINK = /^(?:https:\/\/|mailto:|tel:)[^\s<>"]+$/i;
const DEEPEST = 4;

// Tried at every place from left to right; the first that fits is taken.
const INLINE = [
  [/^\\([!-/:-@[-`{-~])/, (m) => m[1]],
  [/^(`+)([^`]|[^`][\s\S]*?[^`])\1(?!`)/, (m) => make("code", {}, m[2].trim() || m[2])],
  [/^\*\*(?=\S)([\s\S]*?\S)\*\*(?!\*)/, (m, depth) => within("strong", m[1], depth)],
  [/^__(?=\S)([\s\S]*?\S)__(?![_\p{L}\p{N}])/u, (m, depth) => within("strong", m[1], depth)],
  [/^\*(?=[^\s*])([^*]*[^\s*]|[^\s*])\*(?!\*)/, (m, depth) => within("em", m[1], depth)],
  [/^_(?=[^\s_])([^_]*[^\s_]|[^\s_])_(?![_\p{L}\p{N}])/u, (m, depth) => within("em", m[1], depth)],
  [/^\[((?:[^[\]\\]|\\.)+)\]\(\s*<?([^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*)>?(?:\s+"[^"]*")?\s*\)/, linked],
  [/^<((?:https:\/\/|mailto:|tel:)[^\s<>]+)>/i, (m) => link(m[1], m[1].replace(/^(?:mailto|tel):/i, ""))],
  [/^https:\/\/[\w.-]+(?:[/?#][\w\-./?%&=+#~:@,;!]*[\w\-/%&=+#~])?/i, (m) => link(m[0], m[0])],
  [/^[\w.+-]+@[\w-]+(?:\.[\w-]+)+/, (m) => link(`mailto:${m[0]}`, m[0])],
  [/^\+\d{1,3}[ -]?\d(?:[ -]?\d){5,12}(?!\d)/, (m) => link(`tel:${m[0].replace(/[ -]/g, "")}`, m[0])],
  [/^(?: {2,}|\\)?\n[ \t]*/, () => make("br")],
];
const WORD = /^(?:[A-Za-z0-9]+|[^\0-\x7f]+)/; // Chinese runs into an address without a space

/** @param {string} text @returns {DocumentFragment} */
export function markdown(text) {
  const fragment = document.createDocumentFragment();
  const lines = text.replace(/\r\n?/g, "\n").replace(/\t/g, "    ").split("\n");
  fragment.append(...blocks(lines, 0));
  return fragment;
}

/** @param {string[]} lines @param {number} depth @returns {Node[]} */
function blocks(lines, depth) {
  const made = [];
  let at = 0;
  while (at < lines.length) {
    if (!lines[at].trim()) {
      at += 1;
      continue;
    }
    const [block, next] = oneBlock(lines, at, depth);
    made.push(block);
    at = next;
  }
  return made;
}

function oneBlock(lines, at, depth) {
  if (FENCE.test(lines[at])) return fenced(lines, at);
  if (ITEM.test(lines[at]) && depth < DEEPEST) return list(lines, at, depth);
  return paragraph(lines, at, depth);
}

function paragraph(lines, at, depth) {
  let end = at + 1;
  while (end < lines.length && lines[end].trim() && !startsBlock(lines[end], depth)) end += 1;
  const text = lines.slice(at, end).join("\n").trim();
  const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(text);
  return [make("p", {}, ...(heading ? [within("strong", heading[1], 0)] : inline(text, 0))), end];
}

function startsBlock(line, depth) {
  return FENCE.test(line) || (ITEM.test(line) && depth < DEEPEST);
}

function fenced(lines, at) {
  const fence = FENCE.exec(lines[at])[1];
  let end = at + 1;
  while (end < lines.length && !lines[end].trimStart().startsWith(fence)) end += 1;
  const code = make("code", {}, lines.slice(at + 1, end).join("\n"));
  return [make("pre", { tabindex: "0" }, code), end + 1];
}

/** Items of the same kind at the same indent; what is indented deeper belongs to the item above. */
function list(lines, at, depth) {
  const [, indent, mark] = ITEM.exec(lines[at]);
  const ordered = /\d/.test(mark);
  const made = make(ordered ? "ol" : "ul", ordered && mark !== "1." ? { start: parseInt(mark, 10) } : {});
  let end = at;
  while (end < lines.length) {
    const item = ITEM.exec(lines[end]);
    if (!item || item[1].length !== indent.length || /\d/.test(item[2]) !== ordered) break;
    const next = endOfItem(lines, end + 1, indent.length);
    const inner = [item[3], ...lines.slice(end + 1, next)].map((line) => outdented(line, indent.length));
    made.append(make("li", {}, ...tight(blocks(inner, depth + 1))));
    end = skipBlank(lines, next, indent.length);
  }
  return [made, end];
}

function endOfItem(lines, at, indent) {
  let end = at;
  while (end < lines.length && lines[end].trim()) {
    const item = ITEM.exec(lines[end]);
    if (item && item[1].length <= indent) break;
    end += 1;
  }
  return end;
}

/** A blank line between two items does not end the list. */
function skipBlank(lines, at, indent) {
  let next = at;
  while (next < lines.length && !lines[next].trim()) next += 1;
  const item = next < lines.length && ITEM.exec(lines[next]);
  return item && item[1].length === indent ? next : at;
}

function outdented(line, indent) {
  return line.replace(new RegExp(`^ {0,${indent + 2}}`), "");
}

/** A paragraph alone in an item is only its text. */
function tight(nodes) {
  return nodes.flatMap((node) => (node.nodeName === "P" ? [...node.childNodes] : [node]));
}

function within(name, text, depth) {
  return make(name, {}, ...inline(text, depth + 1));
}

/** @param {string} text @param {number} depth @returns {(Node | string)[]} */
function inline(text, depth) {
  const made = [];
  let plain = "";
  let rest = text;
  while (rest) {
    const [taken, node] = depth < DEEPEST ? nextInline(rest, depth) : [rest, rest];
    if (typeof node === "string") plain += node;
    else {
      if (plain) made.push(plain);
      made.push(node);
      plain = "";
    }
    rest = rest.slice(taken.length);
  }
  return plain ? [...made, plain] : made;
}

function nextInline(rest, depth) {
  for (const [pattern, build] of INLINE) {
    const match = pattern.exec(rest);
    const node = match && build(match, depth);
    if (node) return [match[0], node];
  }
  const word = WORD.exec(rest)?.[0] ?? String.fromCodePoint(rest.codePointAt(0));
  return [word, word];
}

function linked(match, depth) {
  return link(match[2], ...inline(match[1].replace(/\\(.)/g, "$1"), Math.max(depth + 1, DEEPEST - 1)));
}

/** @returns {Node | null} nothing when the address is not one we let people press */
function link(address, ...children) {
  if (!SAFE_LINK.test(address)) return null;
  if (!/^https:/i.test(address)) return make("a", { href: address }, ...children);
  const outside = { href: address, target: "_blank", rel: "noopener noreferrer nofollow" };
  return make("a", outside, ...children, spoken(` ${say("opensOutside")}`));
}
