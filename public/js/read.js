/** Reading is told this long after it happened, ms. */
const SETTLE = 800;

/**
 * Moves the read pointer: only forward, and only while the page is seen.
 */
export class ReadMarker {
  #told;
  #seen = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {object} host
   * @param {number} host.lastRead
   * @param {() => number} host.visible the last seq in view, 0 for none
   * @param {(event: string, body: object) => Promise<any>} host.request adds the room
   * @param {(seq: number, unread: number, mentions: number) => void} host.onRead
   */
  constructor(host) {
    this.host = host;
    this.#told = host.lastRead;
  }

  /** The seq up to which the room has been read. */
  get last() {
    return this.#told;
  }

  /** To be called when the view moved, the list changed or the page was looked at. */
  look() {
    clearTimeout(this.#timer);
    if (document.hidden) return;
    this.#timer = setTimeout(() => this.#tell(), SETTLE);
  }

  /**
   * The page is left: what is in view counts as read without the delay.
   * @param {(seq: number) => void} send
   */
  flush(send) {
    if (document.hidden) return; // what arrived since was not seen
    clearTimeout(this.#timer);
    const seq = Math.max(this.#seen, this.host.visible());
    if (seq <= this.#told) return;
    this.#told = seq;
    send(seq);
  }

  /** @param {number} seq read elsewhere */
  moved(seq) {
    this.#told = Math.max(this.#told, seq);
  }

  async #tell() {
    if (document.hidden) return;
    this.#seen = Math.max(this.#seen, this.host.visible());
    const seq = this.#seen;
    if (seq <= this.#told) return;
    const before = this.#told;
    this.#told = seq;
    try {
      const answer = await this.host.request('room:read', { seq });
      if (answer.ok) this.host.onRead(answer.lastRead, answer.unread, answer.mentions);
      else this.#told = Math.min(this.#told, before);
    } catch {
      // Told again with the next look, at the latest after reconnecting.
      this.#told = before;
    }
  }
}
