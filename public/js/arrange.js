/** @import {Message, Pending} from './types.js' */
/** @import {Clockwork} from './time.js' */

/** Rows of one author this close together are drawn as one group, ms. */
export const GROUP_WITHIN = 5 * 60_000;

/**
 * @typedef {{key: string, type: 'day', day: string, at: Date}} DayItem
 * @typedef {{key: string, type: 'divider'}} DividerItem
 * @typedef {{key: string, type: 'message', message: Message, grouped: boolean}} MessageItem
 * @typedef {{key: string, type: 'pending', entry: Pending, grouped: boolean}} PendingItem
 * @typedef {DayItem | DividerItem | MessageItem | PendingItem} Item
 */

/**
 * Lays out a stretch of the conversation: day headings, the divider, groups. It always looks
 * at the whole stretch, so the seams between pages need no care of their own.
 * @param {Message[]} messages in order of seq
 * @param {Pending[]} pending what is on its way, in order; drawn at the end
 * @param {{me: string, time: Clockwork, dividerAfter?: number}} options dividerAfter: seq of
 *   the last message that had been read on entry, 0 for no divider; it is drawn below that message, and so
 *   not before its page has come
 * @returns {Item[]}
 */
export function arrange(messages, pending, { me, time, dividerAfter = 0 }) {
  /** @type {Item[]} */
  const items = [];
  let day = '';
  let author = '';
  let before = 0;

  /** @param {Date} at @param {string} who @param {boolean} divide @param {boolean} answers */
  const step = (at, who, divide, answers) => {
    const key = time.dayKey(at);
    if (key !== day) {
      items.push({ key: `d${key}`, type: 'day', day: key, at });
      author = '';
    }
    if (divide) {
      items.push({ key: 'new', type: 'divider' });
      author = '';
    }
    const grouped = !answers && who === author && Math.abs(at.getTime() - before) < GROUP_WITHIN;
    day = key;
    author = who;
    before = at.getTime();
    return grouped;
  };

  for (const [i, message] of messages.entries()) {
    const above = messages[i - 1]?.seq ?? Infinity;
    const divide = above <= dividerAfter && message.seq > dividerAfter && message.author.id !== me;
    const grouped = step(new Date(message.sentAt), message.author.id, divide, Boolean(message.replyTo ?? message.report));
    items.push({ key: `m${message.seq}`, type: 'message', message, grouped });
  }
  for (const entry of pending) {
    // What waits for review has no day yet.
    const grouped = !entry.status && step(new Date(entry.at), me, false, Boolean(entry.replyTo));
    items.push({ key: `p${entry.id}`, type: 'pending', entry, grouped });
  }
  return unique(items);
}

/**
 * A clock that was set back can bring a day twice; keys must not repeat.
 * @param {Item[]} items
 */
function unique(items) {
  const seen = new Set();
  for (const item of items) {
    while (seen.has(item.key)) item.key += '+';
    seen.add(item.key);
  }
  return items;
}
