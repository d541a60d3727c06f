/** @import {Held, Message, Pending, Refusal, Status} from './types.js' */
/** @import {Store} from './storage.js' */
import { PASSING } from './feed.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-';

/** A fresh client message id: 22 characters, 132 random bits. */
export function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(22)), (byte) => ALPHABET[byte & 63]).join('');
}

/**
 * What has been written and is not yet acknowledged. Each entry is stored under a key of its own, so that
 * tabs of one user do not overwrite each other, and survives a reload. Entries are sent one
 * at a time, in order, with the same id however often: the server stores an id once. No answer
 * means "maybe stored", so nothing is given up but by its author.
 */
export class Outbox {
  /** @type {Pending[]} */
  entries = [];
  #open = false;
  #running = false;
  #tries = 0;
  /** ends the pause that the loop is in */
  #wake = () => {};

  /**
   * @param {object} host
   * @param {Store} host.store
   * @param {string} host.prefix of the storage keys
   * @param {(entry: Pending) => Promise<{ok: true, message?: Message, held?: Held} | {ok: false, error: Refusal}>} host.send
   *   rejects when there was no answer
   * @param {() => void} host.onChange entries or their state changed
   * @param {(message: Message) => void} host.onSent
   * @param {(held: Held, entry: Pending) => unknown} [host.onHeld] it waits for review, elsewhere; if this rejects, it is sent again
   * @param {(entry: Pending, refusal: Refusal) => void} host.onRejected the entry is gone from the outbox
   * @param {(ms: number) => void} [host.onWait] the server takes nothing more for so long
   * @param {() => number} [host.now]
   * @param {(ms: number) => Promise<void>} [host.pause]
   */
  constructor(host) {
    this.host = host;
    this.now = host.now ?? Date.now;
    this.pause = host.pause ?? ((ms) => new Promise((done) => setTimeout(done, ms)));
    this.#load();
  }

  /**
   * Takes a text to be sent.
   * @param {string} text
   * @param {number} [replyTo] seq of the message it answers
   */
  add(text, replyTo) {
    const last = this.entries[this.entries.length - 1]?.at ?? 0;
    const at = Math.max(this.now(), last + 1);
    /** @type {Pending} */
    const entry = { id: newId(), text, replyTo, at, since: this.now() };
    this.entries.push(entry);
    this.host.store.set(this.host.prefix + entry.id, JSON.stringify({ text, replyTo, at }));
    this.host.onChange();
    this.#hurry();
  }

  /** The room is joined: what waits may go. */
  open() {
    this.#open = true;
    this.#hurry();
  }

  /** The connection is gone. */
  close() {
    this.#open = false;
    this.#wake();
  }

  /** Tries again at once, from the first entry on. */
  retry() {
    for (const entry of this.entries) {
      entry.failed = false;
      entry.since = this.now();
    }
    this.host.onChange();
    this.#hurry();
  }

  /**
   * Forgets an entry: it has arrived, or its author does not want it any more.
   * @param {string} id
   * @returns {boolean} whether there was one
   */
  settle(id) {
    const index = this.entries.findIndex((entry) => entry.id === id);
    this.host.store.remove(this.host.prefix + id);
    if (index < 0) return false;
    this.entries.splice(index, 1);
    this.host.onChange();
    return true;
  }

  #load() {
    const { store, prefix } = this.host;
    for (const key of store.keys(prefix)) {
      try {
        const { text, replyTo, at } = JSON.parse(store.get(key) ?? '');
        if (typeof text !== 'string' || typeof at !== 'number') throw new TypeError('not an entry');
        this.entries.push({ id: key.slice(prefix.length), text, replyTo: Number(replyTo) || undefined, at, since: this.now() });
      } catch {
        store.remove(key);
      }
    }
    this.entries.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  }

  #hurry() {
    this.#tries = 0;
    this.#wake();
    if (!this.#running) this.#run();
  }

  async #run() {
    this.#running = true;
    while (this.#open && this.entries.length) {
      const wait = await this.#attempt(this.entries[0]);
      if (wait > 0 && this.#open) {
        await Promise.race([this.pause(wait), new Promise((wake) => { this.#wake = () => wake(undefined); })]);
      }
    }
    this.#running = false;
  }

  /**
   * Sends one entry once.
   * @param {Pending} entry
   * @returns {Promise<number>} how long to wait before the next, ms
   */
  async #attempt(entry) {
    let answer;
    try {
      answer = await this.host.send(entry);
      if (answer.ok && answer.held) await this.host.onHeld?.(answer.held, entry);
    } catch {
      answer = null;
    }
    if (answer?.ok) {
      this.#tries = 0;
      if (answer.message) this.host.onSent(answer.message);
      this.settle(entry.id);
      return 0;
    }
    if (!this.entries.includes(entry)) return 0;
    if (answer && !PASSING.has(answer.error.code)) {
      this.settle(entry.id);
      this.host.onRejected(entry, answer.error);
      return 0;
    }
    if (answer?.error.code === 'rate_limited') {
      const wait = (answer.error.retryAfter ?? 1) * 1000;
      entry.until = this.now() + wait;
      this.host.onWait?.(wait);
      return wait;
    }
    if (this.#open) {
      entry.failed = true;
      this.host.onChange();
    }
    return (answer?.error.retryAfter ?? Math.min(2 ** this.#tries++, 30)) * 1000;
  }
}

/**
 * What to say about an entry. For the first second: nothing.
 * @param {Pending} entry
 * @param {{now: number, state: string}} here state of the connection
 * @returns {Status}
 */
export function statusOf(entry, { now, state }) {
  if (entry.status) return entry.status;
  const age = now - (entry.since ?? entry.at);
  const left = Math.ceil(((entry.until ?? 0) - now) / 1000);
  if (state === 'ended') return { failed: true, words: 'Not sent. Your session has ended. It is kept here until you sign in again.' };
  if (state === 'refused') return { failed: true, words: 'Not sent. You may not write here any more.' };
  if (entry.failed) return { failed: true, words: 'Not sent yet. The server does not answer. It will be tried again.' };
  if (state === 'live' && left > 0) return { failed: false, words: `Waiting. It will be sent in ${left} s.` };
  if (state === 'live' || age < 10_000) return { failed: false, words: age < 1000 ? '' : 'Sending…' };
  if (state === 'offline') return { failed: true, words: 'Not sent. You are offline. It will be sent when you are back.' };
  return { failed: true, words: 'Not sent. The server cannot be reached. It will be sent when it is back.' };
}
