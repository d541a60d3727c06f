/** @import {Level, RoomView} from './types.js' */

/**
 * @typedef {object} Entry  A room as the list at the side has it.
 * @property {string} slug
 * @property {string} name
 * @property {boolean} private
 * @property {boolean} frozen
 * @property {Level} level
 * @property {number} posts  messages ever posted, as far as is known
 * @property {number} latest  seq of the last of them, 0 if that is not known
 * @property {number} lastRead  seq of the last that the reader has read
 * @property {boolean} sure  how many posts there were at the read pointer is known: posts − unread
 * @property {number} unread  of them, after the reader's pointer
 * @property {number} mentions  of the unread, those that mention the reader
 * @property {number[]} heard  seqs of the mentions that came while this page was open
 */

/**
 * What the reader has not read, room by room. How many posts there were at the read pointer is posts − unread, and
 * stays so while others post. News of posts come late, so after reading elsewhere it may not be known.
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
    const posts = view.posts ?? 0;
    this.#entries.set(view.slug, {
      slug: view.slug,
      name: view.name,
      private: Boolean(view.private),
      frozen: Boolean(view.frozen),
      level: view.level ?? before?.level ?? 'mentions',
      posts: before && !personal ? before.posts : posts,
      latest: personal ? 0 : before?.latest ?? 0,
      lastRead: view.lastRead ?? before?.lastRead ?? 0,
      sure: personal || (before?.sure ?? true),
      unread: view.unread ?? before?.unread ?? posts,
      mentions: view.mentions ?? before?.mentions ?? 0,
      heard: personal ? [] : before?.heard ?? [],
    });
  }

  /** @param {string} slug @returns {boolean} whether there was one */
  remove(slug) {
    return this.#entries.delete(slug);
  }

  /**
   * Somebody posted in a room that this page does not follow.
   * @param {string} slug
   * @param {number} posts ever posted there
   * @param {number} latest seq of the last of them
   * @returns {boolean} whether it is known how many of them are unread; else the server has to be asked
   */
  posted(slug, posts, latest) {
    const room = this.#entries.get(slug);
    if (!room || posts <= room.posts) return true;
    const read = latest <= room.lastRead;
    room.unread = read ? 0 : room.unread + posts - room.posts;
    room.posts = posts;
    room.latest = latest;
    room.sure ||= read;
    return room.sure;
  }

  /** @param {number} n messages of others that came in the room on the page */
  arrived(n) {
    const room = this.#entries.get(this.current);
    if (room) room.unread += n;
  }

  /** @param {string} slug @param {number} seq of a message that mentions the reader */
  mentioned(slug, seq) {
    const room = this.#entries.get(slug);
    if (!room || room.heard.includes(seq)) return;
    room.heard.push(seq);
    room.mentions++;
  }

  /**
   * The reader's pointer has moved.
   * @param {string} slug
   * @param {number} seq of the last message read
   * @param {number} unread after it
   */
  read(slug, seq, unread) {
    const room = this.#entries.get(slug);
    if (!room) return;
    const left = room.heard.filter((mention) => mention > seq);
    // Those from before this page are older than all it has heard of.
    const earlier = left.length < room.heard.length ? 0 : room.mentions - room.heard.length;
    room.heard = left;
    room.sure = unread === 0 && seq === room.latest;
    room.lastRead = seq;
    room.unread = unread;
    room.mentions = Math.min(left.length + earlier, unread);
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
