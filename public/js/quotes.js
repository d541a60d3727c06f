/** @import {Message} from './types.js' */

/** How many messages the server gives at once, and how many are kept. */
const AT_ONCE = 50;
const KEPT = 500;

/**
 * The messages that others answer, in their current state. What the window does not hold is fetched, all that
 * is wanted in one turn with one request, and kept.
 */
export class Quotes {
  /** @type {Map<number, Message | null>} null: there is no such message */
  #kept = new Map();
  /** @type {Set<number>} */
  #wanted = new Set();
  #asking = false;

  /**
   * @param {object} host
   * @param {{get: (seq: number) => Message | undefined}} host.window
   * @param {(event: string, body: object) => Promise<any>} host.request adds the room
   * @param {() => void} host.onChange more is known
   */
  constructor(host) {
    this.host = host;
  }

  /**
   * @param {number} seq
   * @returns {Message | null | undefined} undefined: not known
   */
  get(seq) {
    return this.host.window.get(seq) ?? this.#kept.get(seq);
  }

  /** @param {number} seq of a message to be fetched */
  want(seq) {
    this.#wanted.add(seq);
    if (this.#asking) return;
    this.#asking = true;
    queueMicrotask(() => this.#ask());
  }

  /**
   * Takes messages as they now are. A change of one that is not in the window may be one of a quote.
   * @param {Message[]} messages
   */
  take(messages) {
    for (const message of messages) {
      if (message.rev !== message.seq || this.#kept.has(message.seq)) this.#keep(message);
    }
  }

  /** The log of the room begins anew. */
  forget() {
    this.#kept.clear();
    this.#wanted.clear();
  }

  async #ask() {
    const seqs = [...this.#wanted].slice(0, AT_ONCE);
    this.#wanted.clear(); // what is over is wanted again when the list is drawn
    let answer;
    try {
      answer = await this.host.request('message:get', { seqs });
    } catch {
      answer = null; // wanted again with the next drawing, at the latest after reconnecting
    }
    this.#asking = false;
    if (!answer?.ok) return;
    const found = new Map(/** @type {Message[]} */ (answer.messages).map((message) => [message.seq, message]));
    for (const seq of seqs) {
      const message = found.get(seq);
      if (message) this.#keep(message);
      else this.#kept.set(seq, null);
    }
    this.host.onChange();
  }

  /** @param {Message} message */
  #keep(message) {
    const kept = this.#kept.get(message.seq);
    if (kept && kept.rev >= message.rev) return;
    this.#kept.delete(message.seq);
    this.#kept.set(message.seq, message);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT) this.#kept.delete(oldest);
  }
}
