/** @import {Message, Page} from './types.js' */

/** Rows the page holds at most, and rows of one page of history. */
export const WINDOW_SIZE = 300;
export const PAGE_SIZE = 50;

/**
 * The stretch of a room's log that the page holds: contiguous, in order of seq, bounded.
 * While hasNewer is set the end of the room is not in it, and live messages are not
 * added: that is what prevents holes after scrolling up.
 */
export class MessageWindow {
  /** @type {Message[]} */
  messages = [];
  hasOlder = false;
  hasNewer = false;
  /** the highest seq ever heard of, in the window or not */
  latest = 0;

  /** @param {number} [size] */
  constructor(size = WINDOW_SIZE) {
    this.size = size;
  }

  get first() {
    return this.messages[0]?.seq ?? 0;
  }

  get last() {
    return this.messages[this.messages.length - 1]?.seq ?? 0;
  }

  /**
   * Starts anew from a page.
   * @param {Page} page
   */
  reset({ messages, hasOlder = false, hasNewer = false }) {
    this.messages = [...messages].sort((a, b) => a.seq - b.seq);
    this.hasOlder = hasOlder;
    this.#joinEnd(hasNewer);
  }

  /** Forgets what has been heard: the room's log begins anew (another epoch). */
  forget() {
    this.latest = 0;
  }

  /**
   * Takes the whole current state of one message, new or changed.
   * @param {Message} message
   * @returns {'added' | 'changed' | 'outside' | 'stale'} outside: not within what is held
   */
  upsert(message) {
    this.latest = Math.max(this.latest, message.seq);
    const at = this.#indexOf(message.seq);
    const held = this.messages[at];
    if (held?.seq === message.seq) {
      if (held.rev >= message.rev) return 'stale';
      this.messages[at] = message;
      return 'changed';
    }
    if (at === this.messages.length && this.hasNewer) return 'outside';
    if (at === 0 && this.hasOlder) return 'outside';
    this.messages.splice(at, 0, message);
    return 'added';
  }

  /**
   * Adds the page above the window.
   * @param {Page} page asked for with before: first
   */
  prepend({ messages, hasOlder = false }) {
    const first = this.first;
    const older = messages.filter((m) => first === 0 || m.seq < first);
    this.messages = [...older, ...this.messages];
    this.hasOlder = hasOlder;
  }

  /**
   * Adds the page below the window.
   * @param {Page} page asked for with after: last
   */
  append({ messages, hasNewer = false }) {
    const last = this.last;
    this.messages = [...this.messages, ...messages.filter((m) => m.seq > last)];
    this.#joinEnd(hasNewer);
  }

  /**
   * Lets go of rows over the size, at the end the reader is not looking at.
   * @param {'older' | 'newer'} end which end to trim
   * @returns {boolean} whether anything went
   */
  trim(end) {
    const over = this.messages.length - this.size;
    if (over <= 0) return false;
    if (end === 'older') {
      this.messages = this.messages.slice(over);
      this.hasOlder = true;
    } else {
      this.messages = this.messages.slice(0, this.size);
      this.hasNewer = true;
    }
    return true;
  }

  /**
   * The messages between two, both included, as a span of the log.
   * @param {[number, number] | null} view
   */
  span(view) {
    if (!view || !this.get(view[0])) return null;
    const [first, last] = view;
    const above = this.messages[this.#indexOf(first) - 1]?.seq;
    return { after: above ?? (this.hasOlder ? first - 1 : 0), last };
  }

  /** @param {number} seq */
  get(seq) {
    const held = this.messages[this.#indexOf(seq)];
    return held?.seq === seq ? held : undefined;
  }

  /**
   * A page that was the room's end when it was read may be behind what has been heard since;
   * then the end is not reached yet.
   * @param {boolean} hasNewer
   */
  #joinEnd(hasNewer) {
    this.hasNewer = hasNewer || this.last < this.latest;
    this.latest = Math.max(this.latest, this.last);
  }

  /** @param {number} seq index of seq, or where it would stand */
  #indexOf(seq) {
    let low = 0;
    let high = this.messages.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.messages[middle].seq < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
