/** @import {Held, Pending} from './types.js' */
/** @import {Store} from './storage.js' */
import { heldPrefix } from './storage.js';

const WORDS = {
  waits: 'Your message waits for review.',
  approved: 'Your message was approved.',
  /** @param {string} reason */
  notApproved: (reason) => `Your message was not approved. ${reason}`,
  waiting: 'Waiting for review. Others do not see it yet.',
  /** @param {string} reason */
  rejected: (reason) => `Not approved.${reason && ' '}${reason}`,
  unknown: 'Reviewed while you were away. If it is not in the room, it was not approved.',
};

/**
 * @typedef {object} Kept
 * @property {string} text
 * @property {number} [replyTo]
 * @property {number} at  ms
 * @property {'waiting' | 'approved' | 'rejected' | 'unknown'} state  unknown: decided while nobody here heard of it
 * @property {string} [reason]
 */

/**
 * The reader's own messages that wait for a moderator, and those that were turned down, until the reader has
 * done with them. What waits is for the server to say; the words are stored here too, so that a rejection
 * that came while the reader was away does not take them.
 */
export class Review {
  /** @type {Map<string, Kept>} by client message id */
  #kept = new Map();
  /** those that have been seen to wait on this page: nothing about them is missed but while it is away */
  #watched = new Set();

  /**
   * @param {object} host
   * @param {Store} host.store
   * @param {string} host.user
   * @param {string} host.room
   * @param {(id: string) => boolean} host.posted the reader's message of that id is in the window
   * @param {(id: string) => void} host.settle it is not on its way any more
   * @param {() => void} host.onChange
   * @param {(words: string) => void} host.speak to those who listen
   * @param {typeof WORDS} [host.words]
   */
  constructor(host) {
    this.host = host;
    this.words = host.words ?? WORDS;
    const prefix = this.#key(host.room, '');
    for (const key of host.store.keys(prefix)) {
      const kept = this.#read(key);
      if (kept) this.#kept.set(key.slice(prefix.length), kept);
    }
  }

  /** @returns {Pending[]} as they are shown, the oldest first */
  get entries() {
    return [...this.#kept].map(([id, kept]) => ({ id, text: kept.text, replyTo: kept.replyTo, at: kept.at, status: statusOf(kept, this.words) }))
      .sort((a, b) => a.at - b.at);
  }

  /**
   * The server holds what was sent.
   * @param {Held} held
   * @param {number} [replyTo]
   */
  add(held, replyTo) {
    this.#wait(held, replyTo);
    this.host.speak(this.words.waits);
    this.host.onChange();
  }

  /**
   * The room was joined.
   * @param {Held[]} waiting all that wait
   * @param {boolean} reset what happened in the room meanwhile is not known
   */
  joined(waiting, reset) {
    const ids = new Set(waiting.map(({ id }) => id));
    for (const held of waiting) this.#wait(held);
    for (const [id, kept] of this.#kept) {
      if (kept.state === 'approved' || this.host.posted(id)) this.#forget(id);
      else if (kept.state === 'waiting' && !ids.has(id)) {
        this.#put(id, { ...kept, state: reset || !this.#watched.has(id) ? 'unknown' : 'rejected' });
      }
    }
    this.host.onChange();
  }

  /** A moderator has decided. @param {Held} held */
  heard({ room, id, state, reason }) {
    const here = room === this.host.room;
    const kept = here ? this.#kept.get(id) : this.#read(this.#key(room, id));
    if (!kept) return;
    const now = { ...kept, state, reason };
    if (!here) {
      this.host.store.set(this.#key(room, id), JSON.stringify(now));
      return;
    }
    this.#put(id, now); // one that is approved goes when the message comes
    this.host.speak(state === 'approved' ? this.words.approved : this.words.notApproved(reason ?? ''));
    this.host.onChange();
  }

  /**
   * Forgets one: it has its place in the room, or its author has seen that it does not get one.
   * @param {string} id
   */
  settle(id) {
    if (!this.#kept.has(id)) return;
    this.#forget(id);
    this.host.onChange();
  }

  /** @param {Held} held @param {number} [replyTo] */
  #wait({ id, text = '', at }, replyTo) {
    this.host.settle(id);
    this.#watched.add(id);
    this.#put(id, { replyTo, ...this.#kept.get(id), text, at: Date.parse(at), state: 'waiting' });
  }

  /** @param {string} id @param {Kept} kept */
  #put(id, kept) {
    this.#kept.set(id, kept);
    this.host.store.set(this.#key(this.host.room, id), JSON.stringify(kept));
  }

  /** @param {string} id */
  #forget(id) {
    this.#kept.delete(id);
    this.host.store.remove(this.#key(this.host.room, id));
  }

  /** @param {string} room @param {string} id */
  #key(room, id) {
    return heldPrefix(this.host.user, room) + id;
  }

  /** @param {string} key @returns {Kept | undefined} */
  #read(key) {
    try {
      const kept = JSON.parse(this.host.store.get(key) ?? '');
      if (typeof kept.text === 'string' && typeof kept.at === 'number') return kept;
    } catch {
      // Not ours, or not whole: it is no use to anybody.
    }
    this.host.store.remove(key);
  }
}

/** @param {Kept} kept @param {typeof WORDS} words @returns {import('./types.js').Status} */
function statusOf({ state, reason = '' }, words) {
  switch (state) {
    case 'rejected':
      return { failed: true, held: 'over', words: words.rejected(reason) };
    case 'unknown':
      return { failed: true, held: 'over', words: words.unknown };
    default:
      return { failed: false, held: 'waiting', words: words.waiting };
  }
}
