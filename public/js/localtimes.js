import { clockwork } from './time.js';

const { full, brief } = clockwork();

/** Writes times as their reader does: their zone, their habits. @param {ParentNode} root */
export function localTimes(root) {
  for (const time of /** @type {NodeListOf<HTMLTimeElement>} */ (root.querySelectorAll('time[data-local]'))) {
    const at = new Date(time.dateTime);
    if (time.dataset.local === 'brief') time.title = full(at);
    time.textContent = time.dataset.local === 'brief' ? brief(at) : full(at);
  }
}
