/**
 * What is being typed at the caret and can be completed: a name after "@", an emoji after ":".
 * @typedef {{kind: 'mention' | 'emoji', query: string, from: number, to: number}} Token  query without the sign
 */

// Scripts that put no spaces between words, as the server has them (IsUnspaced in realtime/filter/fold.go).
const UNSPACED = '[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}ー]';
// Neither within a word (a mail address) nor after a digit (a time) or a slash (a web address). Mail addresses are Latin.
const MENTION = /(?<![\p{Script=Latin}\p{N}_.:/@＠-]\p{M}*)[@＠]([\p{L}\p{N}][\p{L}\p{M}\p{N}._-]{0,31})$/u;
const EMOJI = /(?<![\p{Script=Latin}\p{N}_:/]\p{M}*):([a-z+-][a-z0-9_+-]{1,31})$/iu;
const GOES_ON = new RegExp(`^(?!${UNSPACED})[\\p{L}\\p{M}\\p{N}_]`, 'u');
const LONGEST = 40;

/**
 * @param {string} text
 * @param {number} caret
 * @returns {Token | null}
 */
export function tokenAt(text, caret) {
  if (GOES_ON.test(text.slice(caret))) return null;
  const before = text.slice(Math.max(0, caret - LONGEST), caret);
  const mention = MENTION.exec(before);
  const found = mention ?? EMOJI.exec(before);
  if (!found) return null;
  return { kind: mention ? 'mention' : 'emoji', query: found[1], from: caret - found[0].length, to: caret };
}

/**
 * Puts the whole in the place of its beginning, and a space behind it.
 * @param {string} text
 * @param {Token} token
 * @param {string} whole
 * @returns {{text: string, caret: number}}
 */
export function completed(text, { from, to }, whole) {
  const rest = text.slice(to);
  const start = `${text.slice(0, from)}${whole} `;
  return { text: start + (rest.startsWith(' ') ? rest.slice(1) : rest), caret: start.length };
}
