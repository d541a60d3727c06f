/**
 * The text as people see it. initials, hue and segments have twins among the template
 * functions of the server (handlers/views.go, handlers/links.go) and must agree with them.
 */

/** @param {string} name one or two capitals for the avatar */
export function initials(name) {
  const words = name.trim().split(/\s+/u).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  return letters.map((word) => [...word][0].toUpperCase()).join('');
}

/**
 * The author's hue: 0 to 7, FNV-1a of the id.
 * @param {string} id
 */
export function hue(id) {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(id)) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return hash % 8;
}

/**
 * Cuts text into plain parts and web addresses (with href).
 * @param {string} text
 * @returns {{text: string, href?: string}[]}
 */
export function segments(text) {
  const parts = [];
  let last = 0;
  for (const match of text.matchAll(/https?:\/\/[^\s<>"]+/giu)) {
    const href = trimAddress(match[0]);
    if (!URL.canParse(href)) continue;
    if (match.index > last) parts.push({ text: text.slice(last, match.index) });
    parts.push({ text: href, href });
    last = match.index + href.length;
  }
  if (last < text.length) parts.push({ text: text.slice(last) });
  return parts;
}

/**
 * An address in a sentence: without the sentence's own punctuation behind it.
 * @param {string} address
 */
function trimAddress(address) {
  for (;;) {
    const shorter = address.replace(/[.,;:!?']+$/u, '');
    const open = shorter.split('(').length;
    const closed = shorter.split(')').length;
    const next = shorter.endsWith(')') && closed > open ? shorter.slice(0, -1) : shorter;
    if (next === address) return address;
    address = next;
  }
}

/**
 * One to five emoji and nothing else: shown larger.
 * @param {string} text
 */
export function emojiOnly(text) {
  const compact = text.replace(/\s+/gu, '');
  if (!compact || compact.length > 60) return false;
  const one = '(?:\\p{RI}\\p{RI}|[0-9#*]\\uFE0F?\\u20E3|(?:\\p{Emoji_Presentation}|\\p{Extended_Pictographic}\\uFE0F)\\p{EMod}?(?:\\u200D(?:\\p{Extended_Pictographic})\\uFE0F?\\p{EMod}?)*)';
  return new RegExp(`^(?:${one}){1,5}$`, 'u').test(compact);
}

/**
 * Characters as the server counts them.
 * @param {string} text
 */
export function length(text) {
  let n = 0;
  for (const _ of text) n++;
  return n;
}

/**
 * A list of names in a sentence.
 * @param {string[]} names
 */
export function sentenceOf(names) {
  return new Intl.ListFormat('en', { type: 'conjunction' }).format(names);
}
