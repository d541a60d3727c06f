/** @import {Answer} from './types.js' */

/** How long connecting and an answer may take, ms. */
const WITHIN = 10_000;

/** @type {Answer} */
const NO_ANSWER = {
  ok: false,
  error: { code: 'unavailable', message: 'There was no answer. Look whether it was done, and try again when you are connected.' },
};
/** @type {Answer} */
const NOT_CONNECTED = { ok: false, error: { code: 'unavailable', message: 'You are not connected. Try again when you are.' } };
/** @type {Answer} */
const BARRED = { ok: false, error: { code: 'forbidden', message: 'You are no moderator any more.' } };

/**
 * The moderators' namespace over the page's own connection. Where the page is in it already there is nothing to
 * open; elsewhere it is opened after the page's own socket, over the same connection. It goes down with that one,
 * so that its retry is not held up by this, and comes back with it.
 */
export class Line {
  /** @type {Promise<Answer | null> | null} */
  #opening = null;
  /** The reader is no moderator any more, as far as this page has heard. */
  #barred = false;

  /**
   * @param {any} page's socket
   * @param {number} [within] ms; for tests
   */
  constructor(page, within = WITHIN) {
    this.page = page;
    this.within = within;
    this.own = page.nsp === '/admin';
    this.socket = this.own ? page : page.io.socket('/admin');
    if (this.own) return;
    page.on('connect', () => { if (!this.#barred) this.open(); });
    page.on('disconnect', () => this.socket.disconnect());
    this.socket.on('disconnect', () => this.socket.disconnect()); // not by itself
    this.socket.on('bye', (/** @type {{retryAfter?: number}} */ bye) => { this.#barred = bye.retryAfter === undefined; });
  }

  /** @param {string} event @param {(body: any) => void} take */
  on(event, take) {
    this.socket.on(event, take);
  }

  /**
   * @param {string} event
   * @param {object} body
   * @returns {Promise<any>} an Answer, whatever happens
   */
  async ask(event, body) {
    const trouble = await this.open();
    if (trouble) return trouble;
    try {
      return await this.socket.timeout(this.within).emitWithAck(event, body);
    } catch {
      return NO_ANSWER;
    }
  }

  /** @returns {Promise<Answer | null>} why it is not open, or null */
  async open() {
    if (this.socket.connected) return null;
    if (this.own || !this.page.connected) return NOT_CONNECTED;
    this.#opening ??= this.#connect().finally(() => { this.#opening = null; });
    return this.#opening;
  }

  /** @returns {Promise<Answer | null>} */
  #connect() {
    const { socket, page } = this;
    return new Promise((done) => {
      /** @param {Answer | null} trouble */
      const end = (trouble) => {
        clearTimeout(timer);
        socket.off('connect', up);
        socket.off('connect_error', failed);
        socket.off('disconnect', lost);
        page.off('disconnect', lost);
        if (trouble) socket.disconnect();
        done(trouble);
      };
      const up = () => {
        this.#barred = false;
        end(null);
      };
      const lost = () => end(NOT_CONNECTED);
      /** @param {any} error */
      const failed = (error) => {
        const { code } = error?.data ?? {};
        const barred = code === 'forbidden' || code === 'banned' || code === 'unauthenticated';
        this.#barred = barred;
        end(barred ? BARRED : NOT_CONNECTED);
      };
      const timer = setTimeout(lost, this.within);
      socket.on('connect', up);
      socket.on('connect_error', failed);
      socket.on('disconnect', lost);
      page.on('disconnect', lost);
      socket.connect();
    });
  }
}
