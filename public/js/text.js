/**
 * The text as people see it. initials, hue, line and who have twins among the template
 * functions of the server (handlers/views.go, handlers/words.go) and must agree with them.
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

/** Characters of a line, at the most; names before "and 3 others". */
const LINE_LENGTH = 160;
const NAMES_AT_ONCE = 10;

/** @type {Record<string, string>} what the server escapes */
const ESCAPED = { '&lt;': '<', '&gt;': '>', '&#34;': '"', '&#39;': "'", '&amp;': '&' };

/**
 * What a message says, without its markup.
 * @param {{text?: string, html?: string}} message
 */
export function plainText({ text = '', html = '' }) {
  if (!html) return text;
  return html
    .replace(/<\/?(?:p|br|li|ul|ol|pre|blockquote)\b[^>]*>/gu, ' ')
    .replace(/<[^>]*>/gu, '')
    .replace(/&(?:lt|gt|amp|#34|#39);/gu, (code) => ESCAPED[code]);
}

/**
 * What a message says in one line.
 * @param {{text?: string, html?: string}} message
 */
export function line(message) {
  const characters = [...plainText(message).trim().replace(/\s+/gu, ' ')];
  return characters.length > LINE_LENGTH ? `${characters.slice(0, LINE_LENGTH).join('').trim()}…` : characters.join('');
}

/**
 * Names those who set a reaction; the reader is "you", and comes last.
 * @param {{id: string, name: string}[]} users
 * @param {string} me
 */
export function who(users, me) {
  let names = users.filter(({ id }) => id !== me).map(({ name }) => name);
  const others = names.length - NAMES_AT_ONCE;
  if (others > 1) names = [...names.slice(0, NAMES_AT_ONCE), `${others} others`];
  return sentenceOf(users.some(({ id }) => id === me) ? [...names, 'you'] : names);
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
  const last = names.length - 1;
  return last > 0 ? `${names.slice(0, last).join(', ')} and ${names[last]}` : names.join('');
}
