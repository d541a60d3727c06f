/** Reading is told this long after it happened, ms. */
const SETTLE = 800;

/** @typedef {{after: number, last: number}} Span  The messages above seq after, up to and including seq last. */

/**
 * Moves the read pointer: only forward, only over messages that were in view of a visible page, and never past one
 * that was not.
 */
export class ReadMarker {
  #told;
  #reached;
  /** @type {Span[]} what was in view beyond the pointer, disjoint */
  #spans = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {object} host
   * @param {number} host.lastRead
   * @param {() => Span | null} host.visible the messages in view
   * @param {(event: string, body: object) => Promise<any>} host.request adds the room
   * @param {(seq: number, unread: number, mentions: number) => void} host.onRead
   */
  constructor(host) {
    this.host = host;
    this.#told = this.#reached = host.lastRead;
  }

  /** The seq up to which the room has been read. */
  get last() {
    return this.#told;
  }

  /** The seq up to which it has been read, whether or not the server was told. */
  get reached() {
    return this.#reached;
  }

  /** To be called when the view moved, the list changed or the page was looked at. */
  look() {
    clearTimeout(this.#timer);
    if (document.hidden) return;
    this.#see();
    this.#timer = setTimeout(() => this.#tell(), SETTLE);
  }

  /**
   * The page is left: what is in view counts as read without the delay.
   * @param {(seq: number) => void} send
   */
  flush(send) {
    if (document.hidden) return; // what arrived since was not seen
    clearTimeout(this.#timer);
    this.#see();
    const seq = this.#reached;
    if (seq <= this.#told) return;
    this.#told = seq;
    send(seq);
  }

  /** @param {number} seq up to which nothing is unread, as the server says */
  moved(seq) {
    this.#told = Math.max(this.#told, seq);
    this.#advance(seq);
  }

  /** @param {number} seq up to which the reader says that all is read */
  mark(seq) {
    clearTimeout(this.#timer);
    this.#advance(seq);
    this.#tell();
  }

  #see() {
    const view = this.host.visible();
    if (!view) return;
    const { spans, joined } = join(this.#spans, view);
    this.#spans = [...spans, joined];
    this.#advance(0);
  }

  /** @param {number} seq */
  #advance(seq) {
    this.#reached = Math.max(this.#reached, seq);
    for (const { after, last } of this.#spans) {
      if (after <= this.#reached) this.#reached = Math.max(this.#reached, last);
    }
    this.#spans = this.#spans.filter(({ last }) => last > this.#reached);
  }

  async #tell() {
    if (document.hidden) return;
    const seq = this.#reached;
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

/**
 * Joins a span with those it touches.
 * @param {Span[]} spans
 * @param {Span} joined
 */
function join(spans, joined) {
  const apart = spans.filter(({ after, last }) => {
    if (last < joined.after || after > joined.last) return true;
    joined = { after: Math.min(after, joined.after), last: Math.max(last, joined.last) };
    return false;
  });
  return { spans: apart, joined };
}
