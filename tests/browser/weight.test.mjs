// What a visit costs: bytes on the line, counted by the browser, headers included.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { Stage } from './stage.mjs';

const budget = 64_000;
const moderators = 74_000; // what they act with comes when they act
const words = ('the map on wall is late again and I think we should move our table to north side before noon because last year '
  + 'they lost one of two copies then somebody had to print it twice could you look at draft tell me if ochre reads well '
  + 'train station budget archive legend minutes morning coffee question answer https://example.org/map').split(' ');

let stage, people;

before(async () => {
  stage = await Stage.open();
  people = [];
  const clients = [];
  for (const name of ['Nora', 'Emil', 'Yusuf']) {
    const person = await stage.server.signUp(name);
    people.push(person);
    clients.push(await person.join('lobby'));
  }
  // The same words in an order without pattern, so that no message is a copy of another.
  let dice = 1;
  const roll = (n) => (dice = (dice * 48271) % 2147483647) % n;
  for (let n = 0; n < 50; n++) {
    const text = Array.from({ length: 4 + roll(20) }, () => words[roll(words.length)]).join(' ');
    await clients[roll(clients.length)].send('lobby', text);
  }
});
afterEach(() => stage.clear());
after(() => stage.close());

/** Opens the lobby and returns what came over the line for it, the chat's own connection apart. */
async function visit(window) {
  const session = await window.page.context().newCDPSession(window.page);
  const requests = new Map();
  session.on('Network.requestWillBeSent', ({ requestId, request, initiator }) => {
    requests.set(requestId, { path: new URL(request.url).pathname, initiator: initiator.type, bytes: 0 });
  });
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (requests.has(requestId)) requests.get(requestId).bytes = encodedDataLength;
  });
  await session.send('Network.enable');
  await window.open('/rooms/lobby');
  await window.page.waitForLoadState('load');
  await session.detach();
  return [...requests.values()].filter(({ path, bytes }) => bytes && !path.startsWith('/socket.io/'));
}

// Who was the first to come owns the site.
for (const [who, n, most] of [['a member', 1, budget], ['a moderator', 0, moderators]]) {
  test(`a first visit of ${who} is light, a later one brings the page only`, async (t) => {
    const window = await stage.window(people[n]);
    const first = await visit(window);
    const total = first.reduce((sum, { bytes }) => sum + bytes, 0);
    const list = first.map(({ path, bytes }) => `${String(bytes).padStart(7)} ${path}`).join('\n');
    t.diagnostic(`${total} bytes in ${first.length} answers`);
    t.diagnostic(list);
    assert.ok(first.length > 20 && first.some(({ path }) => path.endsWith('/socket.io.esm.min.js')), `not everything was counted:\n${list}`);
    assert.ok(total < most, `${total} bytes:\n${list}`);

    const later = await visit(window);
    assert.deepEqual(later.map(({ path }) => path), ['/rooms/lobby']);
  });
}

test('all modules are asked for at once', async () => {
  const modules = (await visit(await stage.window(people[2]))).filter(({ path }) => path.endsWith('.js'));
  assert.ok(modules.length > 20, `${modules.length} modules`);
  assert.deepEqual(modules.filter(({ initiator }) => initiator !== 'parser'), []);
});

test('the latest page is the same without script', async () => {
  const plain = await stage.window(people[2], { javaScriptEnabled: false });
  await plain.page.goto('/rooms/lobby');
  const scripted = await stage.window(people[2]);
  await scripted.open('/rooms/lobby');
  const texts = await plain.texts();
  assert.equal(texts.length, 50);
  assert.deepEqual(await scripted.texts(), texts);
});
