/** @import {Held, Joined, Message, Pending, Refusal, RoomView, User} from '../types.js' */
/** @import {HubType} from './hub.js' */
import { Cursor, Feed } from '../feed.js';
import { Outbox } from '../outbox.js';
import { heldPrefix, outboxPrefix } from '../storage.js';

/**
 * @typedef {object} View  One who looks at a room.
 * @property {(messages: Message[], replay: boolean) => void} onChanges
 * @property {(page: Joined) => void} onReset
 * @property {(view: RoomView) => void} onRoom
 * @property {(count: number) => void} onPeople
 * @property {(event: {user: User, on: boolean}) => void} onTyping
 * @property {(seq: number) => void} onReadElsewhere
 * @property {(reason: string) => void} onRefused
 * @property {(entry: Pending, refusal: Refusal) => void} onRejected
 * @property {(ms: number) => void} onWait
 * @property {(words: 'heldSaid' | 'heldApproved' | 'heldRejected', reason: string) => void} onReview
 * @property {() => void} onChange  something of it is to be drawn anew
 */

/**
 * One room, for all who look at it on the page: a room can be followed only once over a connection. It keeps
 * the place in the log and what is on its way; what is shown is each view's own.
 */
export class Talk {
  /** @type {RoomView | null} */
  view = null;
  count = 0;
  refused = '';
  /** @type {Set<View>} */
  #views = new Set();
  /** @type {import('../review.js').Review | undefined} */
  #review;

  /**
   * @param {HubType} hub
   * @param {string} room '': which one it will be is not known yet
   * @param {() => void} onLeft nobody looks any more
   */
  constructor(hub, room, onLeft) {
    this.hub = hub;
    this.room = room;
    this.onLeft = onLeft;
    /** @param {string} event @param {object} body */
    this.ask = (event, body) => hub.request(event, { room, ...body });
    this.feed = new Feed({
      room,
      cursor: new Cursor('', 0),
      request: (event, body) => hub.request(event, body),
      onChanges: (messages, replay) => this.#take(messages, replay),
      onReset: (joined) => this.each((view) => view.onReset(joined)),
      onJoined: (joined) => this.#joined(joined),
      onRefused: ({ code }) => this.refuse(code),
    });
    this.outbox = new Outbox({
      store: hub.store,
      prefix: outboxPrefix(hub.me.id, room),
      send: ({ id, text, replyTo }) => this.ask('message:send', { id, text, replyTo }),
      onChange: () => this.changed(),
      onSent: (message) => this.show([message]),
      onRejected: (entry, refusal) => [...this.#views].slice(0, 1).forEach((view) => view.onRejected(entry, refusal)),
      onHeld: async (held, entry) => (await this.#reviewed()).add(held, entry.replyTo),
      onWait: (ms) => this.each((view) => view.onWait(ms)),
    });
  }

  /** @returns {Pending[]} what is not in the room yet, or never will be */
  get pending() {
    return [...this.outbox.entries, ...this.#review?.entries ?? []];
  }

  /**
   * @param {View} view
   * @returns {boolean} whether the room is followed already, and the view has to fetch what was said
   */
  open(view) {
    this.#views.add(view);
    const first = this.#views.size === 1;
    if (first && this.hub.state.name === 'live') this.up();
    return !first && this.view !== null;
  }

  /** @param {View} view */
  close(view) {
    this.#views.delete(view);
    if (this.#views.size > 0) return;
    this.down();
    this.onLeft();
    if (this.room) this.hub.request('room:leave', { room: this.room }).catch(() => {}); // then the connection is gone, too
  }

  /** @param {(view: View) => void} act */
  each(act) {
    for (const view of this.#views) act(view);
  }

  changed() {
    this.each((view) => view.onChange());
  }

  /** There is a connection. */
  up() {
    this.refused = '';
    if (this.room) this.feed.join();
  }

  /** There is none. */
  down() {
    this.feed.stop();
    this.outbox.close();
  }

  /** @param {string} reason why one may be here no more */
  refuse(reason) {
    this.down();
    this.refused = reason;
    this.each((view) => view.onRefused(reason));
  }

  /** @param {Partial<RoomView>} view its settings */
  update(view) {
    if (this.refused) return this.up();
    if (!this.view) return;
    this.view = { ...this.view, wait: 0, ...view };
    const now = this.view;
    this.each((one) => one.onRoom(now));
  }

  /** @param {number} count of people */
  present(count) {
    this.count = count;
    this.each((view) => view.onPeople(count));
  }

  /** @param {Held} held */
  async decided(held) {
    (await this.#reviewed()).heard(held);
  }

  /** @param {string} id the author has seen what became of it */
  dismiss(id) {
    this.#review?.settle(id);
  }

  /** @param {Message[]} messages as they are now, whoever has told it */
  show(messages) {
    for (const { author, id } of messages) {
      if (author.id !== this.hub.me.id) continue;
      this.outbox.settle(id);
      this.#review?.settle(id);
    }
    this.each((view) => view.onChanges(messages, true));
  }

  /** @param {Message[]} messages @param {boolean} replay */
  #take(messages, replay) {
    if (replay) return this.show(messages);
    const { me, rooms } = this.hub;
    for (const message of messages) {
      if (message.author.id === me.id) {
        this.outbox.settle(message.id);
        this.#review?.settle(message.id);
      }
    }
    rooms.live(this.room, messages, me.id);
    this.hub.changed();
    this.each((view) => view.onChanges(messages, false));
  }

  /** @param {Joined} joined */
  async #joined(joined) {
    this.view = joined.room;
    this.hub.rooms.change(joined.room);
    this.hub.changed();
    this.present(joined.room.online?.count ?? 0);
    this.each((view) => view.onRoom(joined.room));
    if (!this.hub.guest) this.outbox.open();
    if (joined.held?.length || this.#review || this.hub.store.keys(heldPrefix(this.hub.me.id, this.room)).length) {
      (await this.#reviewed()).joined(joined.held ?? [], Boolean(joined.reset));
    }
    this.changed();
  }

  async #reviewed() {
    const { Review } = await import('../review.js');
    const { me, store } = this.hub;
    return this.#review ??= new Review({
      store,
      user: me.id,
      room: this.room,
      posted: (id) => [...this.#views].some((view) => /** @type {any} */ (view).has?.(id)),
      settle: (id) => this.outbox.settle(id),
      onChange: () => this.changed(),
      speak: (words) => {
        const { key, reason } = reviewWords(words);
        this.each((view) => view.onReview(/** @type {any} */ (key), reason));
      },
      words: {
        waits: 'heldSaid|',
        approved: 'heldApproved|',
        notApproved: (reason) => `heldRejected|${reason}`,
        // Each view says it in its own language.
        waiting: 'heldWaiting|',
        rejected: (reason) => `heldOver|${reason}`,
        unknown: 'heldUnknown|',
      },
    });
  }
}

/**
 * What is said about a review, before it is put into words.
 * @param {string} words key and reason
 */
export function reviewWords(words) {
  const at = words.indexOf('|');
  return at < 0 ? { key: words, reason: '' } : { key: words.slice(0, at), reason: words.slice(at + 1) };
}
