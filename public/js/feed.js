/** @import {Joined, Message, Refusal} from './types.js' */

/** What lets a refused request be made again. */
export const PASSING = new Set(['rate_limited', 'unavailable', 'internal']);

/** The place in a room's log up to which everything is known. */
export class Cursor {
  /** @param {string} epoch '': nothing is known yet @param {number} rev */
  constructor(epoch, rev) {
    this.epoch = epoch;
    this.rev = rev;
  }

  /**
   * Says whether a change is news, and if so moves past it.
   * @param {number} rev
   */
  accept(rev) {
    if (rev <= this.rev) return false;
    this.rev = rev;
    return true;
  }

  get position() {
    return { epoch: this.epoch, rev: this.rev };
  }
}

/**
 * Follows one room: joins from the cursor, takes the replay, then live changes, each once.
 * Live changes that arrive while a join is under way wait for its answer, since they come after it.
 */
export class Feed {
  #turn = 0;
  #joining = false;
  /** @type {Message[]} */
  #early = [];

  /**
   * @param {object} host
   * @param {string} host.room
   * @param {Cursor} host.cursor
   * @param {(event: string, body: object) => Promise<any>} host.request rejects when there was no answer
   * @param {(messages: Message[], replay: boolean) => void} host.onChanges
   * @param {(joined: Joined) => void} host.onReset the position could not be continued
   * @param {(joined: Joined) => void} host.onJoined after the changes or the reset
   * @param {(refusal: Refusal) => void} host.onRefused
   * @param {(ms: number) => Promise<void>} [host.pause]
   */
  constructor(host) {
    this.host = host;
    this.pause = host.pause ?? ((ms) => new Promise((done) => setTimeout(done, ms)));
  }

  /** Joins, or joins again to catch up; tries until it is answered or stopped. */
  async join() {
    const turn = ++this.#turn;
    this.#joining = true;
    for (let tries = 0; ; tries++) {
      const answer = await this.#ask();
      if (turn !== this.#turn) return;
      if (answer?.ok) return this.#take(answer);
      if (answer && !PASSING.has(answer.error.code)) {
        this.stop();
        return this.host.onRefused(answer.error);
      }
      await this.pause((answer?.error.retryAfter ?? Math.min(2 ** tries, 15)) * 1000);
      if (turn !== this.#turn) return;
    }
  }

  /** The connection is gone: an answer still to come counts no more. */
  stop() {
    this.#turn++;
    this.#joining = false;
    this.#early = [];
  }

  /** @param {Message} message */
  receive(message) {
    if (message.room !== this.host.room) return;
    if (this.#joining) this.#early.push(message);
    else if (this.host.cursor.accept(message.rev)) this.host.onChanges([message], false);
  }

  async #ask() {
    const { room, cursor, request } = this.host;
    try {
      return await request('room:join', cursor.epoch ? { room, since: cursor.position } : { room });
    } catch {
      return null;
    }
  }

  /** @param {Joined} joined */
  #take(joined) {
    const { cursor, onChanges, onReset, onJoined } = this.host;
    if (joined.reset || joined.room.epoch !== cursor.epoch) {
      cursor.epoch = joined.room.epoch;
      cursor.rev = joined.room.head;
      onReset(joined);
    } else {
      const news = joined.messages.filter((m) => cursor.accept(m.rev));
      cursor.accept(joined.room.head);
      if (news.length) onChanges(news, true);
    }
    this.#joining = false;
    const early = this.#early.filter((m) => cursor.accept(m.rev));
    this.#early = [];
    onJoined(joined);
    if (early.length) onChanges(early, false);
  }
}
