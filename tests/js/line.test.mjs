import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Line } from '../../public/js/moderation/line.js';

/** A socket of socket.io-client, as far as the line needs one. */
class Socket {
  connected = false;
  asked = [];
  calls = [];
  answers = async () => ({ ok: true });
  #heard = new Map();

  constructor(nsp, io) {
    Object.assign(this, { nsp, io });
  }

  on(event, take) {
    this.#heard.set(event, [...(this.#heard.get(event) ?? []), take]);
  }

  off(event, take) {
    this.#heard.set(event, (this.#heard.get(event) ?? []).filter((other) => other !== take));
  }

  fire(event, ...args) {
    for (const take of this.#heard.get(event) ?? []) take(...args);
  }

  connect() {
    this.calls.push('connect');
  }

  disconnect() {
    this.calls.push('disconnect');
    const was = this.connected;
    this.connected = false;
    if (was) this.fire('disconnect', 'io client disconnect');
  }

  /** The server lets it in. */
  up() {
    this.connected = true;
    this.fire('connect');
  }

  timeout() {
    return {
      emitWithAck: (event, body) => {
        this.asked.push([event, body]);
        return this.answers(event, body);
      },
    };
  }
}

/** The line of a page in a namespace, and the sockets under it. */
function stage({ nsp = '/general', within = 10_000 } = {}) {
  const admin = new Socket('/admin');
  const page = new Socket(nsp, { socket: () => admin });
  const line = new Line(page, within);
  page.up();
  return { page, admin, line };
}

test('it is opened over the connection of the page', async () => {
  const { admin, line } = stage();
  assert.deepEqual(admin.calls, ['connect']);
  const answer = line.ask('report:list', {});
  admin.up();
  assert.deepEqual(await answer, { ok: true });
  assert.deepEqual(admin.asked, [['report:list', {}]]);
});

test('what is asked meanwhile waits for the same opening', async () => {
  const { admin, line } = stage();
  const answers = [line.ask('one', {}), line.ask('two', {})];
  admin.up();
  await Promise.all(answers);
  assert.deepEqual(admin.calls, ['connect']);
  assert.deepEqual(admin.asked.map(([event]) => event), ['one', 'two']);
});

test('in the moderators’ room the page’s own socket is it', async () => {
  const { page, admin, line } = stage({ nsp: '/admin' });
  assert.deepEqual(await line.ask('stats', {}), { ok: true });
  assert.deepEqual(page.asked, [['stats', {}]]);
  assert.deepEqual(admin.calls, []);
});

test('it goes down with the page’s connection and comes back with it', async () => {
  const { page, admin, line } = stage();
  const answer = line.ask('one', {});
  admin.up();
  await answer;
  page.connected = false;
  page.fire('disconnect', 'transport close');
  assert.equal(admin.calls.at(-1), 'disconnect', 'or the page’s own retry would wait for it');
  assert.equal((await line.ask('two', {})).error.code, 'unavailable');
  page.up();
  assert.equal(admin.calls.at(-1), 'connect');
});

test('a connection that is lost alone is not taken up by the library', async () => {
  const { admin, line } = stage();
  const answer = line.ask('one', {});
  admin.up();
  await answer;
  const before = admin.calls.length;
  admin.connected = false;
  admin.fire('disconnect', 'transport error');
  assert.deepEqual(admin.calls.slice(before), ['disconnect']);
});

test('who is no moderator any more is told so, and it is not tried again', async () => {
  const { page, admin, line } = stage();
  const answer = line.ask('one', {});
  admin.fire('connect_error', Object.assign(new Error('no'), { data: { code: 'forbidden' } }));
  assert.match((await answer).error.message, /no moderator/);
  const before = admin.calls.length;
  page.up();
  assert.equal(admin.calls.length, before);
});

test('a server that says goodbye until later finds it back, one that says it for good does not', async () => {
  const { page, admin, line } = stage();
  for (const [bye, after] of [[{ reason: 'shutdown', retryAfter: 1 }, 'connect'], [{ reason: 'forbidden' }, 'disconnect']]) {
    const opened = line.open();
    admin.up();
    await opened;
    admin.fire('bye', bye);
    page.fire('disconnect', 'transport close');
    page.up();
    assert.equal(admin.calls.at(-1), after, bye.reason);
  }
});

test('a connection that is lost while it is opened is opened anew with the page’s', async () => {
  const { page, admin, line } = stage();
  const answer = line.ask('one', {});
  page.connected = false;
  page.fire('disconnect', 'transport close');
  assert.equal((await answer).error.code, 'unavailable');
  page.connected = true;
  page.up();
  assert.equal(admin.calls.at(-1), 'connect');
});

test('a server that is silent is an answer too', async () => {
  const { admin, line } = stage({ within: 5 });
  assert.equal((await line.ask('one', {})).error.code, 'unavailable', 'to the opening');
  assert.equal(admin.calls.at(-1), 'disconnect');
  const answer = line.ask('two', {});
  admin.answers = async () => { throw new Error('timeout'); };
  admin.up();
  assert.match((await answer).error.message, /no answer/i);
});
