/** @import {Store} from './storage.js' */

/**
 * @typedef {{emoji: string, codes: string[]}} Emoji  codes: its names between colons, the usual one first
 * @typedef {{name: string, emoji: Emoji[]}} Group
 */

/** What is offered before anybody has chosen, and how many of the chosen are. */
const USUAL = ['👍', '❤️', '😂', '🎉', '👀', '🙏'];
const RECENT = 18;

/** @type {Promise<Group[]> | undefined} */
let loading;

/**
 * The emoji to pick from, fetched once.
 * @returns {Promise<Group[]>}
 */
export function loadEmoji() {
  loading ??= fetchEmoji().catch((error) => {
    loading = undefined; // tried again when they are asked for again
    throw error;
  });
  return loading;
}

/** @returns {Promise<Group[]>} */
async function fetchEmoji() {
  const answer = await fetch(new URL('../emoji.json', import.meta.url));
  if (!answer.ok) throw new Error(`emoji: ${answer.status}`);
  const groups = /** @type {{name: string, emoji: [string, ...string[]][]}[]} */ (await answer.json());
  return groups.map(({ name, emoji }) => ({ name, emoji: emoji.map(([one, ...codes]) => ({ emoji: one, codes })) }));
}

/**
 * Those whose names have the words of the query in them; first what begins so.
 * @param {Group[]} groups
 * @param {string} query
 * @returns {Emoji[]}
 */
export function findEmoji(groups, query) {
  const words = query.toLowerCase().split(/[\s_]+/u).filter(Boolean);
  /** @param {string} code 0 for no match, more is better; of those that are alike the shorter one */
  const score = (code) => {
    if (!words.every((word) => code.includes(word))) return 0;
    if (code.startsWith(words[0])) return 300 - code.length;
    return (code.includes(`_${words[0]}`) ? 200 : 100) - code.length;
  };
  const all = groups.flatMap((group) => group.emoji);
  if (words.length === 0) return all;
  return all
    .map((emoji) => ({ emoji, rank: Math.max(...emoji.codes.map(score)) }))
    .filter(({ rank }) => rank > 0)
    .sort((a, b) => b.rank - a.rank)
    .map(({ emoji }) => emoji);
}

/** @param {Store} store @param {string} key @returns {string[]} the last chosen first, filled up with the usual ones */
export function recentEmoji(store, key) {
  const chosen = (store.get(key) ?? '').split(' ').filter(Boolean);
  return [...new Set([...chosen, ...USUAL])].slice(0, RECENT);
}

/** @param {Store} store @param {string} key @param {string} emoji that was chosen */
export function chose(store, key, emoji) {
  const chosen = (store.get(key) ?? '').split(' ').filter((one) => one && one !== emoji);
  store.set(key, [emoji, ...chosen].slice(0, RECENT).join(' '));
}
