/** @import {MessageWindow} from './window.js' */
/** @import {Page} from './types.js' */
/** @import {MessageList} from './messages.js' */
/** @import {Scroller} from './scroll.js' */
import { PAGE_SIZE } from './window.js';

/** This close to an end of what is loaded, the next page is fetched, px. */
const AHEAD = 800;
/** After a failure the end is left alone for this long, ms. */
const REST = 3000;

/**
 * Fetches pages of a room's history into the window as the reader moves.
 */
export class History {
  #busy = false;
  #restUntil = 0;
  #turn = 0;

  /**
   * @param {object} host
   * @param {string} host.room
   * @param {MessageWindow} host.window
   * @param {{above: number, below: number}} host.view
   * @param {(event: string, body: object) => Promise<any>} host.request
   * @param {() => void} host.onChange
   */
  constructor(host) {
    this.host = host;
  }

  /** To be called when the view moved or the list changed. */
  async follow() {
    const { window, view } = this.host;
    if (this.#busy || Date.now() < this.#restUntil) return;
    if (window.hasOlder && view.above < AHEAD) await this.#older();
    else if (window.hasNewer && view.below < AHEAD) await this.#newer();
  }

  /**
   * Replaces the window by the room's last page.
   * @returns {Promise<boolean>} whether it could be had
   */
  async latest() {
    const { window } = this.host;
    let had = await this.#replace({});
    // What was said while it was on its way is not on it.
    for (let last = 0; had && window.hasNewer && window.last > last;) {
      last = window.last;
      had = await this.#newer();
    }
    return had;
  }

  /**
   * Replaces the window by the page around a message.
   * @param {number} seq
   */
  around(seq) {
    return this.#replace({ around: seq });
  }

  /**
   * Replaces the window by the page around the first message sent then or later.
   * @param {Date} time
   */
  at(time) {
    return this.#replace({ at: time.toISOString() });
  }

  /** The window was replaced by others: a page still on its way no longer fits. */
  abandon() {
    this.#turn++;
  }

  #older() {
    const { window } = this.host;
    return this.#page({ before: window.first }, (page) => {
      window.prepend(page);
      window.trim('newer');
    });
  }

  #newer() {
    const { window } = this.host;
    return this.#page({ after: window.last }, (page) => {
      window.append(page);
      window.trim('older');
    });
  }

  /** @param {object} where */
  #replace(where) {
    this.#turn++;
    this.#busy = false;
    return this.#page(where, (page) => this.host.window.reset(page));
  }

  /**
   * @param {object} where
   * @param {(page: Page) => void} take
   */
  async #page(where, take) {
    const turn = ++this.#turn;
    this.#busy = true;
    try {
      const { room, request } = this.host;
      const answer = await request('room:history', { room, ...where, limit: PAGE_SIZE });
      if (turn !== this.#turn) return false;
      if (!answer.ok) throw new Error(answer.error.message);
      take(answer);
      this.host.onChange();
      return true;
    } catch {
      this.#restUntil = Date.now() + REST;
      setTimeout(() => this.follow(), REST + 1);
      return false;
    } finally {
      if (turn === this.#turn) this.#busy = false;
    }
  }
}

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
    scroller.list.querySelector('.message.is-focus')?.classList.remove('is-focus');
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
