import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { connectionBanner } from '../../public/js/banner.js';
import { Connection } from '../../public/js/connection.js';
import { askWhy, wordsOf } from '../../public/js/refusal.js';
import { refusalWords } from '../../public/js/widget/banner.js';
import { de } from '../../public/js/widget/de.js';

/** A socket of socket.io-client, as far as a Connection needs one. */
class Socket {
  active = true;
  connected = false;
  io = { uri: 'https://chat.example.net/general', opts: { path: '/socket.io' } };
  #heard = new Map();

  on(event, take) { this.#heard.set(event, take); }
  fire(event, ...args) { this.#heard.get(event)(...args); }
  connect() { return this; }
  disconnect() { return this; }
}

let states, socket;
const latest = () => states.at(-1);
const asked = [];
/** Has fetch give these answers, one after the other. */
const answers = (...all) => {
  globalThis.fetch = async (url, { method = 'GET', body = '' }) => {
    asked.push(`${method} ${url} ${body}`.trim());
    const [status, text] = all.shift();
    return { ok: status < 400, text: async () => text };
  };
};
/** Resolves once something that takes some turns of the event loop is so; the runner's time limit bounds it. */
const until = async (so) => { while (!so()) await new Promise(setImmediate); };
const fetched = globalThis.fetch;

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout'] });
  globalThis.addEventListener = () => {};
  Object.defineProperty(globalThis, 'navigator', { value: { onLine: true }, configurable: true });
  asked.length = 0;
  states = [];
  socket = new Socket();
  new Connection(socket, { onUp() {}, onDown() {}, onState: (state) => states.push(state) });
});
afterEach(() => {
  mock.timers.reset();
  delete globalThis.addEventListener;
  globalThis.fetch = fetched;
});

const refusedPoll = (status, body) => Object.assign(new Error('xhr poll error'), { description: status, context: { responseText: body } });

test('a refused poll is told in the words of its body', async () => {
  socket.fire('connect_error', refusedPoll(503, '{"code":4,"message":"Too many connections"}'));
  await until(() => latest().words);
  assert.deepEqual(latest(), { name: 'connecting', words: 'Too many connections' });
  socket.fire('connect_error', refusedPoll(421, 'This site is not served under this address.'));
  await until(() => latest().words !== 'Too many connections');
  assert.equal(latest().words, 'This site is not served under this address.');
});

test('the words stay when the session that could not begin ends', async () => {
  socket.fire('connect_error', refusedPoll(403, '{"code":4,"message":"Origin not allowed"}'));
  await until(() => latest().words);
  socket.fire('disconnect', 'transport error');
  assert.deepEqual(latest(), { name: 'connecting', words: 'Origin not allowed' });
  socket.fire('connect');
  socket.fire('disconnect', 'transport close');
  assert.deepEqual(latest(), { name: 'reconnecting', words: undefined });
});

test('a refused CONNECT that may pass is told in its own words', () => {
  socket.active = false;
  socket.fire('connect_error', Object.assign(new Error('The database is being moved.'), { data: { code: 'unavailable' } }));
  assert.deepEqual(latest(), { name: 'connecting', words: 'The database is being moved.' });
});

test('the page of a proxy is not taken for the words of the server', () => {
  for (const body of ['<html><h1>502 Bad Gateway</h1></html>', '', undefined, 'null', '{"message":7}', 'x'.repeat(300)]) {
    assert.equal(wordsOf(body), '');
  }
});

test('a refused WebSocket is explained by a POST, which opens nothing', async () => {
  answers([403, '{"code":4,"message":"Origin not allowed"}']);
  socket.fire('connect_error', Object.assign(new Error('websocket error'), { description: {} }));
  await until(() => latest().words);
  assert.deepEqual(latest(), { name: 'connecting', words: 'Origin not allowed' });
  assert.deepEqual(asked, ['POST https://chat.example.net/socket.io/?EIO=4&transport=polling']);
});

test('a full server is found out by a handshake', async () => {
  answers([400, '{"code":2,"message":"Bad handshake method"}'], [503, '{"code":4,"message":"Too many connections"}']);
  assert.equal(await askWhy('https://chat.example.net/socket.io/'), 'Too many connections');
});

test('a session that was only opened to ask is closed', async () => {
  answers([400, '{"code":2,"message":"Bad handshake method"}'], [200, '0{"sid":"abc"}'], [200, 'ok']);
  assert.equal(await askWhy('https://chat.example.net/socket.io/'), '');
  assert.equal(asked[2], 'POST https://chat.example.net/socket.io/?EIO=4&transport=polling&sid=abc 1');
});

test('an answer that comes after the connection is ignored', async () => {
  answers([403, '{"code":4,"message":"Origin not allowed"}']);
  socket.fire('connect_error', Object.assign(new Error('websocket error'), { description: {} }));
  socket.fire('connect');
  await until(() => asked.length > 0);
  await new Promise(setImmediate);
  assert.deepEqual(latest(), { name: 'live' });
});

test('the banner quotes the server, on the site and in the widget', () => {
  const node = () => ({ dataset: {}, children: [], append(...c) { this.children.push(...c); }, addEventListener() {} });
  globalThis.document = { createElement: node };
  let shown = '';
  const box = { replaceChildren: (...c) => { shown = c.length ? c[0].children[0].textContent : ''; } };
  const banner = connectionBanner({ banner: box, line: node(), retry() {}, signIn() {} });
  banner.update({ name: 'connecting', words: 'Origin not allowed' });
  mock.timers.tick(3000);
  delete globalThis.document;
  assert.match(shown, /The server says: “Origin not allowed”/);
  const t = (key, { words }) => de[key].replace('{words}', words);
  assert.match(refusalWords({ name: 'reconnecting', words: 'Origin not allowed' }, t), /Der Server meldet: „Origin not allowed“/);
  assert.equal(refusalWords({ name: 'closed', words: 'x' }, t), undefined);
});
