/** @import {Line} from './line.js' */
/** @import {Report} from './types.js' */

/** More are not counted. */
const AT_MOST = 99;

/**
 * Keeps the number of open reports beside the link to them. It is asked for once a connection, and counted from then on.
 * @param {Pick<Line, 'on' | 'ask'>} line
 * @param {() => Iterable<HTMLElement>} [badges] for tests
 */
export function queueBadge(line, badges = () => document.querySelectorAll('#open-reports, [data-open-reports]')) {
  /** @type {Set<number>} ids */
  let open = new Set();
  /** There may be open ones that are not in the set. */
  let more = true;
  /** @type {Report[] | null} what was heard while the number was asked for */
  let heard = null;

  async function count() {
    if (heard) return;
    heard = [];
    const answer = await line.ask('report:list', { state: 'open', limit: AT_MOST + 1 });
    const since = heard;
    heard = null;
    open = new Set(answer.reports?.map((/** @type {Report} */ { id }) => id));
    more = answer.hasOlder ?? true;
    if (!answer.ok) return;
    for (const report of since) change(report);
    show();
  }
  /** @param {Report} report */
  function change({ id, state }) {
    if (state === 'open') open.add(id);
    else open.delete(id);
  }
  function show() {
    for (const badge of badges()) {
      badge.hidden = open.size === 0;
      const number = badge.querySelector('[data-count]') ?? badge;
      number.textContent = open.size > AT_MOST ? `${AT_MOST}+` : String(open.size);
    }
  }
  line.on('report', (report) => {
    if (heard) return void heard.push(report);
    change(report);
    if (more && open.size <= AT_MOST) count();
    else show();
  });
  line.on('connect', count);
}
