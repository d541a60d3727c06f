/** @import {MessageWindow} from './window.js' */
/** @import {MessageList} from './messages.js' */
/** @import {History} from './history.js' */
/** @import {Scroller} from './scroll.js' */

/**
 * Leads to a place in the room's history, which is fetched if it is not on the page.
 * @param {{window: MessageWindow, list: MessageList, history: History, scroller: Scroller}} parts
 */
export function places({ window, list, history, scroller }) {
  /** @param {number} seq @param {boolean} [focus] gives the row the focus */
  function mark(seq, focus = false) {
    list.draw(); // what has just come
    const row = list.row(seq);
    if (!row) return false;
    document.querySelector('.message.is-focus')?.classList.remove('is-focus');
    row.classList.add('is-focus');
    scroller.toMiddle(row);
    if (focus) row.focus({ preventScroll: true });
    return true;
  }
  return {
    mark,

    /** @param {number} seq @returns {Promise<boolean>} whether it could be shown */
    async toMessage(seq) {
      return mark(seq, true) || ((await history.around(seq)) && mark(seq, true));
    },

    /**
     * @param {Date} at
     * @returns {Promise<Date | null | undefined>} when the message that is shown was sent: the first from then on, or
     *   the last of all; null if there is none, undefined if it could not be had
     */
    async toDay(at) {
      if (!(await history.at(at))) return undefined;
      const { messages } = window;
      const found = messages.find(({ sentAt }) => Date.parse(sentAt) >= at.getTime()) ?? messages[messages.length - 1];
      if (!found) return null;
      mark(found.seq, true);
      return new Date(found.sentAt);
    },
  };
}
