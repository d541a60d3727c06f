/** This close to the end counts as being there, px. */
const NEAR = 100;

/** This close to it is the end itself, px: browsers round. */
const TOUCH = 2;

/**
 * @typedef {object} Stand  Where the view stands on the list, px.
 * @property {number} top  how far it is scrolled
 * @property {number} max  how far it could be
 * @property {number} place  of the row that is looked at, from the beginning of the list
 * @property {boolean} [end]  it shows the end of the room, and is to go on doing so
 */

/**
 * Where the view belongs once heights have changed: at the end if it was there, else where the row that is
 * looked at has the same place on the screen as before.
 * @param {Stand} then as it was noted
 * @param {Stand} now as it is found; the reader may have moved meanwhile
 */
export function follow(then, now) {
  // A list that became shorter pulls the view up by itself; that was no move of the reader's.
  const pulled = then.top > now.max;
  if (then.end && (pulled || now.top >= then.top)) return now.max;
  return (pulled ? then.top : now.top) + now.place - then.place;
}

/**
 * The view onto the list. Without script the scroller is reversed, so that the page opens at its end; here it is
 * turned round and the end is kept by hand, and so is the place in the middle: it is noted after every move, and
 * found again whenever a height has changed, before that is painted. The browser's own anchoring is off, since it
 * rests at the top, where older pages come, and is not to be had everywhere.
 */
export class Scroller {
  /** Whether the end of the list is the end of the room; to be said with the change that makes it so. */
  complete = true;

  /** @type {Element | null} the row that is looked at */
  #anchor = null;
  /** @type {Stand & {height: number}} */
  #noted = { top: 0, max: 0, place: 0, height: 0 };

  /**
   * @param {HTMLElement} scroller
   * @param {HTMLElement} content its only child
   * @param {HTMLElement} list whose children are the rows
   * @param {() => void} onMove after any change of position
   */
  constructor(scroller, content, list, onMove) {
    this.scroller = scroller;
    this.list = list;
    scroller.classList.add('is-scripted');
    this.toEnd();
    scroller.addEventListener('scroll', () => {
      // With another height it was not the reader alone who moved; the observer comes before the next picture.
      if (!this.#resized) this.#note();
      onMove();
    }, { passive: true });
    const observer = new ResizeObserver(() => {
      this.#settle();
      onMove();
    });
    observer.observe(content);
    observer.observe(scroller);
  }

  get atEnd() {
    return this.below < NEAR;
  }

  /** Pixels of the list above the view. */
  get above() {
    return this.scroller.scrollTop;
  }

  /** Pixels of the list below the view. */
  get below() {
    return this.#max - this.scroller.scrollTop;
  }

  /** Goes to the end of the list and stays there. */
  toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.#note();
  }

  /** @param {HTMLElement} row shown from its beginning if it is higher than the view */
  toMiddle(row) {
    row.scrollIntoView({ block: row.offsetHeight < this.scroller.clientHeight ? 'center' : 'start' });
    this.#note();
  }

  /**
   * Changes the list and keeps what is in view where it is; near the end, goes along with what is added there.
   * @param {() => void} change
   */
  keep(change) {
    this.#settle();
    const along = this.atEnd && this.complete;
    const last = this.list.lastElementChild;
    change();
    if (along && this.complete && this.list.lastElementChild !== last) this.toEnd();
    else this.#settle();
  }

  /**
   * The first and the last seq of the messages in view: half of each, or half of the view.
   * @param {number} [covered] px of the view's top that something lies over
   * @returns {[number, number] | null}
   */
  inView(covered = 0) {
    const box = this.scroller.getBoundingClientRect();
    const start = Math.max(box.top + covered, 0);
    const end = Math.min(box.bottom, innerHeight);
    /** @type {[number, number] | null} */
    let seen = null;
    for (let row = this.#firstInView(); row; row = row.nextElementSibling) {
      const { top, bottom, height } = row.getBoundingClientRect();
      if (top >= end) break;
      const seq = /^m\d+$/.test(row.id) ? Number(row.id.slice(1)) : 0;
      const shown = Math.min(bottom, end) - Math.max(top, start);
      if (seq && shown > 0 && shown >= Math.min(height, end - start) / 2) seen = [seen?.[0] ?? seq, seq];
    }
    return seen;
  }

  get #max() {
    return this.scroller.scrollHeight - this.scroller.clientHeight;
  }

  get #resized() {
    const { scrollHeight, clientHeight } = this.scroller;
    return scrollHeight !== this.#noted.height || scrollHeight - clientHeight !== this.#noted.max;
  }

  /** Puts the view where it belongs after heights may have changed. */
  #settle() {
    const now = this.#stand();
    // A row that has gone, with the whole page it stood on, says nothing.
    if (!this.#anchor?.isConnected) now.place = this.#noted.place;
    const top = follow(this.#noted, now);
    if (top !== now.top) this.scroller.scrollTop = top;
    this.#note();
  }

  #note() {
    this.#anchor = this.#firstInView();
    this.#noted = { ...this.#stand(), end: this.below < TOUCH && this.complete, height: this.scroller.scrollHeight };
  }

  /** @returns {Stand} */
  #stand() {
    const { scrollTop } = this.scroller;
    return { top: scrollTop, max: this.#max, place: this.#anchor ? this.#placeOf(this.#anchor) : 0 };
  }

  /**
   * By its lower edge: joined to a group by the row above it, a row loses its head.
   * @param {Element} row
   */
  #placeOf(row) {
    return row.getBoundingClientRect().bottom - this.scroller.getBoundingClientRect().top + this.scroller.scrollTop;
  }

  /** Only messages: a day's heading goes to the top of its day when older ones come. */
  #firstInView() {
    const start = this.scroller.getBoundingClientRect().top;
    const rows = this.list.querySelectorAll('.message');
    let low = 0;
    let high = rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (rows[middle].getBoundingClientRect().bottom > start) high = middle;
      else low = middle + 1;
    }
    return /** @type {Element | null} */ (rows[low] ?? null);
  }
}

/** @param {number} arrived */
const latest = (arrived) => (arrived ? `Latest · ${arrived} new` : 'Jump to latest');

/**
 * The way back to the room's end, with the number of what arrived meanwhile.
 * @param {HTMLElement} button
 * @param {HTMLElement} words
 * @param {() => void} go
 * @param {(arrived: number) => string} [text]
 */
export function jumpButton(button, words, go, text = latest) {
  let arrived = 0;
  button.addEventListener('click', go);
  const show = () => {
    words.textContent = text(arrived);
    button.toggleAttribute('data-new', arrived > 0);
  };
  return {
    /** @param {{atEnd: boolean, hasNewer: boolean}} view */
    update({ atEnd, hasNewer }) {
      const away = hasNewer || !atEnd;
      if (!away) arrived = 0;
      button.hidden = !away;
      show();
    },
    /** @param {number} n messages that the reader does not see */
    arrived(n) {
      arrived += n;
      show();
    },
  };
}
