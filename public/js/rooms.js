/** @import {Level, RoomView} from './types.js' */

/**
 * @typedef {object} Entry  A room as the list at the side has it.
 * @property {string} slug
 * @property {string} name
 * @property {boolean} private
 * @property {boolean} frozen
 * @property {Level} level
 * @property {number} latest  seq up to which messages were counted here, 0 if that is not known
 * @property {number} lastRead  seq of the last that the reader has read
 * @property {number} unread  messages of others after it that are not deleted; 100 stands for that many or more
 * @property {number} mentions  of them, those that mention the reader
 */

/** Where the server stops counting. */
const MOST = 100;

/**
 * What the reader has not read, room by room. The server counts; this page only counts what comes live in a room that
 * it follows, of which the server sends no counts.
 */
export class Rooms {
  /** @type {Map<string, Entry>} */
  #entries = new Map();

  /** @param {string} current slug of the room on the page */
  constructor(current) {
    this.current = current;
  }

  get all() {
    return [...this.#entries.values()];
  }

  /** Unread mentions in the rooms that are not on the page. */
  get mentionsElsewhere() {
    return this.all.reduce((n, { slug, mentions }) => n + (slug === this.current ? 0 : mentions), 0);
  }

  /** @param {string} slug */
  get(slug) {
    return this.#entries.get(slug);
  }

  /** @param {RoomView[]} views all that the reader may read, as the server has them now */
  reset(views) {
    this.#entries.clear();
    views.forEach((view) => this.change(view));
  }

  /** @param {RoomView} view a room, new or changed; what is personal in it may be left out */
  change(view) {
    const before = this.#entries.get(view.slug);
    const personal = view.level !== undefined;
    this.#entries.set(view.slug, {
      slug: view.slug,
      name: view.name,
      private: Boolean(view.private),
      frozen: Boolean(view.frozen),
      level: view.level ?? before?.level ?? 'mentions',
      latest: personal ? view.head ?? 0 : before?.latest ?? 0,
      lastRead: view.lastRead ?? before?.lastRead ?? 0,
      unread: view.unread ?? before?.unread ?? 0,
      mentions: view.mentions ?? before?.mentions ?? 0,
    });
  }

  /** @param {string} slug @returns {boolean} whether there was one */
  remove(slug) {
    return this.#entries.delete(slug);
  }

  /**
   * What is unread in a room that this page does not follow has changed.
   * @param {{room: string, latest: number, lastRead: number, unread: number, mentions: number}} counts
   * @returns {boolean} whether something was posted there since the last counts
   */
  counted({ room: slug, latest, lastRead, unread, mentions }) {
    const room = this.#entries.get(slug);
    if (!room || lastRead < room.lastRead) return false; // counted before the reader read on
    const news = latest > room.latest;
    Object.assign(room, { latest: Math.max(latest, room.latest), lastRead, unread, mentions });
    return news;
  }

  /**
   * Messages came or changed live in a room that this page follows.
   * @param {string} slug
   * @param {import('./types.js').Message[]} messages
   * @param {string} me the reader's id
   */
  live(slug, messages, me) {
    const room = this.#entries.get(slug);
    if (!room) return;
    for (const { seq, author, deletedAt } of messages) {
      const isNew = seq > room.latest;
      if (isNew) room.latest = seq;
      if (author.id === me || seq <= room.lastRead) continue;
      if (isNew && !deletedAt) room.unread = Math.min(room.unread + 1, MOST);
      else if (!isNew && deletedAt) room.unread = Math.max(room.unread - 1, 0);
    }
  }

  /** @param {string} slug @param {number} seq of a message that mentions the reader */
  mentioned(slug, seq) {
    const room = this.#entries.get(slug);
    if (room && seq > room.lastRead) room.mentions++;
  }

  /**
   * The server counted anew for this reader, mostly as their pointer has moved.
   * @param {string} slug
   * @param {number} seq of the last message read
   * @param {number} unread after it
   * @param {number} mentions of them
   */
  read(slug, seq, unread, mentions) {
    const room = this.#entries.get(slug);
    if (room && seq >= room.lastRead) Object.assign(room, { lastRead: seq, unread, mentions });
  }

  /**
   * What the title counts: mentions, and every message where the reader wants to hear of each; of the room on the
   * page all that came while nobody looks.
   * @param {boolean} away nobody looks at the page
   */
  count(away) {
    let n = 0;
    for (const { slug, level, unread, mentions } of this.#entries.values()) {
      if (slug === this.current && !away) continue;
      const every = level === 'all' || (slug === this.current && level !== 'none');
      n += every ? unread : mentions;
    }
    return n;
  }
}
