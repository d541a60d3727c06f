/**
 * @typedef {'connecting' | 'live' | 'reconnecting' | 'offline' | 'waiting' | 'closed' | 'ended' | 'refused'} Name
 *   waiting: the server asked to come back later; closed: it ended the connection and did not;
 *   ended: the session is over; refused: one may not enter
 * @typedef {{name: Name, reason?: string, words?: string}} State  words: why, for people, if that is known
 */

/** How long an answer may take, ms. */
const ANSWER_WITHIN = 10_000;
/** What the server says when it ends a connection for good. */
const OVER = new Set(['unauthenticated', 'signed_out']);
const BARRED = new Set(['forbidden', 'banned']);

/** There was no answer: what was asked may or may not have happened. */
export class NoAnswer extends Error {}

/**
 * One Socket.IO connection with a state in plain terms. It comes back by itself after losing the network,
 * and after a goodbye of the server only if that named a time.
 */
export class Connection {
  /** @type {State} */
  state = { name: 'connecting' };
  /** @type {{reason?: string, retryAfter?: number} | null} */
  #bye = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #refusals = 0;

  /**
   * @param {any} socket a Socket of socket.io-client, not yet connected
   * @param {{onUp: () => void, onDown: () => void, onState: (state: State) => void}} host
   */
  constructor(socket, host) {
    this.socket = socket;
    this.host = host;
    socket.on('connect', () => this.#up());
    socket.on('disconnect', (/** @type {string} */ why) => this.#down(why));
    socket.on('connect_error', (/** @type {any} */ error) => this.#failed(error));
    socket.on('bye', (/** @type {any} */ bye) => { this.#bye = bye ?? {}; });
    addEventListener('online', () => this.#network());
    addEventListener('offline', () => this.#network());
    // A poll that is cut by leaving the page is no outage worth showing.
    addEventListener('pagehide', () => socket.disconnect());
    addEventListener('pageshow', (event) => { if (event.persisted) this.retry(); });
  }

  start() {
    this.socket.connect();
  }

  /**
   * Ends it from this side, for good.
   * @param {string} reason
   */
  end(reason) {
    clearTimeout(this.#timer);
    this.socket.disconnect();
    this.#set({ name: 'ended', reason });
  }

  /** Tries at once instead of at the next planned time. */
  retry() {
    clearTimeout(this.#timer);
    this.#bye = null;
    if (this.socket.connected) return;
    // Disconnecting first ends the manager's own wait.
    this.socket.disconnect().connect();
    this.#set({ name: this.#lost(), words: this.state.words });
  }

  /**
   * Asks the server.
   * @param {string} event
   * @param {object} body
   * @returns {Promise<any>} its answer; rejects with NoAnswer
   */
  async request(event, body) {
    // The library would keep it and send it before the room is joined again.
    if (!this.socket.connected) throw new NoAnswer(event);
    try {
      return await this.socket.timeout(ANSWER_WITHIN).emitWithAck(event, body);
    } catch {
      throw new NoAnswer(event);
    }
  }

  /**
   * Tells the server, if it is there.
   * @param {string} event
   * @param {object} body
   */
  tell(event, body) {
    if (this.socket.connected) this.socket.volatile.emit(event, body);
  }

  #up() {
    clearTimeout(this.#timer);
    this.#bye = null;
    this.#refusals = 0;
    this.#set({ name: 'live' });
    this.host.onUp();
  }

  /** @param {string} why */
  #down(why) {
    this.host.onDown();
    if (this.#bye) return this.#leave(this.#bye);
    // The server closed this without a word: it will not have us back unasked.
    if (why === 'io server disconnect') return this.#leave({});
    // A session whose first packet is refused ends after its connect_error: the words stay.
    if (why !== 'io client disconnect') this.#set({ name: this.#lost(), words: this.state.words });
  }

  /** @param {{reason?: string, retryAfter?: number}} bye */
  #leave({ reason = '', retryAfter }) {
    this.socket.disconnect();
    if (OVER.has(reason)) return this.#set({ name: 'ended', reason });
    if (BARRED.has(reason)) return this.#set({ name: 'refused', reason });
    if (retryAfter === undefined) return this.#set({ name: 'closed', reason });
    this.#again(retryAfter * 1000, { name: 'waiting', reason });
  }

  /** A refused CONNECT is not repeated by the library; it may pass. @param {string} [words] */
  #knockAgain(words = '') {
    this.#refusals++;
    this.#again(Math.min(1000 * 2 ** this.#refusals, 30_000), { name: this.#lost(), words });
  }

  /** @param {any} error */
  #failed(error) {
    const code = error?.data?.code ?? (error?.description === 401 ? 'unauthenticated' : undefined);
    if (OVER.has(code)) {
      this.socket.disconnect();
      return this.#set({ name: 'ended', reason: code });
    }
    if (BARRED.has(code)) {
      this.socket.disconnect();
      return this.#set({ name: 'refused', reason: code, words: error.message });
    }
    if (!this.socket.active) return this.#knockAgain(error?.data ? error.message : '');
    this.#set({ name: this.#lost(), words: this.state.words });
    this.#explain(error);
  }

  /** Says why the server refuses, if there is no connection by the time that is known. @param {any} error */
  async #explain(error) {
    if (!error?.description) return; // 0: there is no server
    const body = error.context?.responseText; // the library clears it
    const words = await import('./refusal.js').then((m) => m.whyRefused(error.message, body, this.socket.io)).catch(() => '');
    if (/connecting/.test(this.state.name)) this.#set({ ...this.state, words });
  }

  /** @param {number} ms @param {State} state */
  #again(ms, state) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.retry(), ms);
    this.#set(state);
  }

  #network() {
    const { name } = this.state;
    if (name !== 'connecting' && name !== 'reconnecting' && name !== 'offline') return;
    if (navigator.onLine) this.retry();
    else this.#set({ name: 'offline' });
  }

  /** @returns {Name} */
  #lost() {
    if (navigator.onLine === false) return 'offline';
    return this.state.name === 'connecting' ? 'connecting' : 'reconnecting';
  }

  /** @param {State} state */
  #set(state) {
    this.state = state;
    this.host.onState(state);
  }
}
