// The official client with everything it heard, and a deadline on everything it waits for.

import assert from 'node:assert/strict';

/** How long anything may take before a test calls it a hang, in milliseconds. */
export const deadline = 15_000;

/** Resolves like promise, or rejects when the deadline passes: no test waits for ever. */
export function within(promise, what, ms = deadline) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing within ${ms} ms`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** A client message id. */
export const messageID = () => crypto.randomUUID();

/** An official socket with its whole hearing: events and answers in the order they came. */
export class Client {
  #connected;
  #waiting = new Set();

  constructor(socket) {
    this.socket = socket;
    this.log = [];
    socket.onAny((event, body) => this.#note({ event, body }));
    socket.on('disconnect', (reason) => this.#note({ event: 'disconnect', body: reason }));
    this.#connected = new Promise((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('connect_error', reject);
    });
    this.#connected.catch(() => {});
  }

  #note(entry) {
    this.log.push(entry);
    this.#waiting.forEach((look) => look());
  }

  get engine() {
    return this.socket.io.engine;
  }

  /** Resolves when the namespace accepted the socket. */
  connected() {
    return within(this.#connected, `CONNECT to ${this.socket.nsp}`);
  }

  /** Resolves with the error by which the namespace refused the socket. */
  refused() {
    const refusal = this.#connected.then(
      () => assert.fail(`${this.socket.nsp} let the socket in`),
      (error) => error,
    );
    return within(refusal, `CONNECT_ERROR of ${this.socket.nsp}`);
  }

  /** Resolves when polling gave way to WebSocket. */
  async upgraded() {
    if (this.engine.transport.name === 'websocket') return;
    await within(new Promise((resolve) => this.engine.once('upgrade', resolve)), 'the upgrade');
  }

  /** Emits an event and resolves with its answer, whatever it says. Rejects if the connection ends. */
  ask(event, ...args) {
    const what = `the answer to ${event} ${JSON.stringify(args).slice(0, 200)}`;
    let ended;
    const answer = new Promise((resolve, reject) => {
      ended = (reason) => reject(new Error(`${what}: ${reason}`));
      this.socket.once('disconnect', ended);
      this.socket.emit(event, ...args, (body) => {
        this.#note({ answer: event, body });
        resolve(body);
      });
    });
    return within(answer, what).finally(() => this.socket.off('disconnect', ended));
  }

  /** Emits an event that must be granted and resolves with its answer. */
  async ok(event, request) {
    const answer = await this.ask(event, request);
    assert.equal(answer.ok, true, `${event} ${JSON.stringify(request)}: ${JSON.stringify(answer)}`);
    return answer;
  }

  /** Emits an event that must be refused and resolves with the error. */
  async refusal(event, ...args) {
    const answer = await this.ask(event, ...args);
    assert.equal(answer.ok, false, `${event} was granted: ${JSON.stringify(answer)}`);
    assert.equal(typeof answer.error.message, 'string');
    assert.notEqual(answer.error.message, '');
    return answer.error;
  }

  /** What was heard of one event, oldest first. */
  heard(event) {
    return this.log.filter((entry) => entry.event === event).map((entry) => entry.body);
  }

  /** Resolves with the first event, heard already or still to come, that matches. */
  hear(event, matches = () => true, what = event) {
    let look;
    const found = new Promise((resolve) => {
      look = () => {
        const entry = this.log.find((entry) => entry.event === event && matches(entry.body));
        if (entry) resolve(entry.body);
      };
      this.#waiting.add(look);
      look();
    });
    return within(found, `hearing ${what}`).finally(() => this.#waiting.delete(look));
  }

  /** Sends a message with a fresh id and resolves with the message. */
  async send(room, text, more = {}) {
    return (await this.ok('message:send', { room, id: messageID(), text, ...more })).message;
  }

  close() {
    this.socket.disconnect();
  }
}
