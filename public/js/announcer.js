/** @import {Message} from './types.js' */
import { plainText } from './text.js';

/** What was said long enough ago to have been spoken is taken away, ms. */
const SPOKEN_AFTER = 10_000;

/**
 * Speaks for those who listen instead of looking: live messages of others, one by one; a replay as a number.
 * The list itself stays silent.
 * @param {HTMLElement} node a polite live region
 */
export function announcer(node) {
  /** @param {string} words */
  const say = (words) => {
    const line = document.createElement('p');
    line.textContent = words;
    node.append(line);
    setTimeout(() => line.remove(), SPOKEN_AFTER);
    return line;
  };
  return {
    say,
    /** @param {Message} message */
    live: (message) => {
      say(`${message.author.name}: ${plainText(message)}`).dataset.seq = String(message.seq);
    },
    /** @param {number} count */
    replayed: (count) => say(count === 1 ? '1 new message' : `${count} new messages`),
    /** @param {number} seq of a message whose words have changed or are gone */
    forget: (seq) => node.querySelector(`[data-seq="${seq}"]`)?.remove(),
  };
}
