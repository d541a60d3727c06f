// Follows one room and loses nothing: a reference for clients in any language (tests/client/reference.test.mjs runs it).
// `socket` is a socket.io-client socket of /general. `reset(messages)` replaces what is shown with the latest page,
// `changed(message)` is called for each new or changed message, `rejected(id, error)` for a send that is refused.

export class Room {
  #position; // {epoch, rev}: everything up to here is known
  #early = null; // live messages that came while a join was unanswered; null if none is
  #outbox = new Map(); // id → text, in the order of sending
  #turn = 0; // counts the joins

  constructor(socket, slug, { reset, changed, rejected = () => {} }) {
    Object.assign(this, { socket, slug, reset, changed, rejected });
    socket.on('message', (message) => {
      if (message.room === slug) (this.#early ? this.#early.push(message) : this.#take(message));
    });
    socket.on('disconnect', () => this.#turn++);
    socket.on('connect', () => this.#join());
    if (socket.connected) this.#join();
  }

  send(text, id = crypto.randomUUID()) {
    this.#outbox.set(id, text);
    if (this.socket.connected && !this.#early && this.#outbox.size === 1) this.#flush(this.#turn);
    return id;
  }

  #take(message) {
    if (message.rev <= this.#position.rev) return;
    this.#position.rev = message.rev;
    this.changed(message);
  }

  async #join() {
    const turn = ++this.#turn;
    this.#early = []; // the answer is handled after later packets of the same payload: they wait for it
    const joined = await this.#ask(turn, 'room:join', { room: this.slug, since: this.#position });
    if (!joined?.ok) return;
    const { epoch, head } = joined.room;
    if (!this.#position || joined.reset) this.reset(joined.messages);
    else joined.messages.forEach((message) => this.#take(message));
    this.#position = { epoch, rev: head };
    const early = this.#early;
    this.#early = null;
    early.forEach((message) => this.#take(message));
    await this.#flush(turn);
  }

  async #flush(turn) {
    for (const [id, text] of this.#outbox) { // one after the other, which keeps their order
      const sent = await this.#ask(turn, 'message:send', { room: this.slug, id, text });
      if (!sent) return; // after the next join it is sent again, with the same id
      this.#outbox.delete(id);
      if (!sent.ok) this.rejected(id, sent.error);
    }
  }

  // Returns the answer, after retrying what may pass later, or null if the connection ended meanwhile.
  async #ask(turn, event, body) {
    while (turn === this.#turn) {
      const answer = await this.socket.timeout(15_000).emitWithAck(event, body).catch(() => null);
      if (turn !== this.#turn) return null;
      if (answer?.ok || (answer && !['rate_limited', 'unavailable', 'internal'].includes(answer.error.code))) return answer;
      await new Promise((resume) => setTimeout(resume, 1000 * (answer?.error.retryAfter ?? 1)));
    }
    return null;
  }
}
