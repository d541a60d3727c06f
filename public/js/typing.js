/** @import {User} from './types.js' */
import { sentenceOf } from './text.js';

/** Tells the others that one is writing at most this often, ms. */
const TELL_EVERY = 3000;
/** Somebody who was writing this long ago no longer is, ms. */
const FORGET_AFTER = 6000;

/**
 * The line that says who is writing, and what tells the others.
 */
export class Typing {
  /** @type {Map<string, {name: string, timer: ReturnType<typeof setTimeout>}>} */
  #writers = new Map();
  #told = 0;

  /** @param {{line: HTMLElement, me: string, tell: (on: boolean) => void, words?: (names: string[]) => string}} host */
  constructor(host) {
    this.host = host;
  }

  /** @param {boolean} writing the reader's own */
  mine(writing) {
    const now = Date.now();
    if (writing && now - this.#told >= TELL_EVERY) {
      this.#told = now;
      this.host.tell(true);
    } else if (!writing && this.#told) {
      this.#told = 0;
      this.host.tell(false);
    }
  }

  /** @param {{user: User, on: boolean}} event */
  heard({ user, on }) {
    if (user.id === this.host.me) return;
    this.stopped(user.id);
    if (on) {
      const timer = setTimeout(() => this.stopped(user.id), FORGET_AFTER);
      this.#writers.set(user.id, { name: user.name, timer });
    }
    this.#draw();
  }

  /** @param {string} id who sent or left */
  stopped(id) {
    const writer = this.#writers.get(id);
    if (!writer) return;
    clearTimeout(writer.timer);
    this.#writers.delete(id);
    this.#draw();
  }

  #draw() {
    const names = [...this.#writers.values()].map(({ name }) => `\u2068${name}\u2069`);
    const { line, words = writing } = this.host;
    line.textContent = names.length ? words(names) : '';
  }
}

/** @param {string[]} names */
function writing(names) {
  if (names.length > 3) return 'Several people are writing…';
  return `${sentenceOf(names)} ${names.length === 1 ? 'is' : 'are'} writing…`;
}
