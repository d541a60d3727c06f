/** @import {Message} from './types.js' */

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
    while (node.childElementCount > 5) node.firstElementChild?.remove();
  };
  return {
    say,
    /** @param {Message} message */
    live: (message) => say(`${message.author.name}: ${message.text ?? ''}`),
    /** @param {number} count */
    replayed: (count) => say(count === 1 ? '1 new message' : `${count} new messages`),
  };
}
