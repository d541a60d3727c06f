/** @import {Line} from './line.js' */

/** More are not counted. */
const AT_MOST = 99;
/** What comes close together is asked for once, ms. */
const TOGETHER = 400;

/**
 * Keeps the number of open reports beside the link to them, where the page hears of them.
 * @param {Pick<Line, 'on' | 'ask' | 'own'>} line
 * @param {object} [host] for tests
 * @param {() => Iterable<HTMLElement>} [host.badges]
 * @param {number} [host.together] ms
 */
export function queueBadge(line, { badges = () => document.querySelectorAll('#open-reports, [data-open-reports]'), together = TOGETHER } = {}) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  async function count() {
    timer = undefined;
    const answer = await line.ask('report:list', { state: 'open', limit: AT_MOST + 1 });
    if (answer.ok) show(answer.reports.length);
  }
  /** @param {number} n */
  function show(n) {
    for (const badge of badges()) {
      badge.hidden = n === 0;
      const number = badge.querySelector('[data-count]') ?? badge;
      number.textContent = n > AT_MOST ? `${AT_MOST}+` : String(n);
    }
  }
  const soon = () => { timer ??= setTimeout(count, together); };
  line.on('report', soon);
  line.on('connect', soon);
}
