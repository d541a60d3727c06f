// Reading back and coming back: pages both ways, links to messages, the line above what is new, and what
// was missed while the machine slept.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { eventually, Stage } from './stage.mjs';

const SAID = 1000;
let stage, olga, reader, vera;
/** The seqs of all messages, in order. */
const said = [];

before(async () => {
  stage = await Stage.open();
  olga = await (await stage.server.signUp('olga')).join('lobby');
  reader = await stage.server.signUp('ada');
  vera = await stage.server.signUp('vera');
  for (let n = 1; n <= SAID;) {
    const some = [];
    for (; some.length < 100; n++) some.push(say(`number ${n}`));
    await Promise.all(some);
  }
});
afterEach(() => stage.clear());
after(() => stage.close());

async function say(text) {
  const { seq } = await olga.send('lobby', text);
  said.push(seq);
  return seq;
}

/** A window of somebody who has read up to a message. */
async function having(person, read) {
  const client = await person.connect('/general');
  await client.ok('room:read', { room: 'lobby', seq: read });
  client.close();
  return stage.window(person);
}

/** Goes one way as fast as pages come, until a message is held. Resolves with the seqs that were held at each stop. */
const walk = ({ page }, way, until) => page.evaluate(async ([way, until]) => {
  const log = document.querySelector('#log');
  const held = () => [...document.querySelectorAll('#messages [data-message]')].map(({ id }) => Number(id.slice(1)));
  const stops = [held()];
  while (!stops.at(-1).includes(until)) {
    log.scrollTop = way > 0 ? log.scrollHeight : 0;
    const edge = (seqs) => seqs.at(way > 0 ? -1 : 0);
    const left = edge(stops.at(-1));
    const late = performance.now() + 10_000;
    while (edge(held()) === left) {
      if (performance.now() > late) throw new Error(`nothing comes beyond ${left}`);
      await new Promise(requestAnimationFrame);
    }
    stops.push(held());
  }
  return stops;
}, [way, until]);

/** Fails unless each stop is a piece of the room without a hole, and not too long. */
function assertWhole(stops) {
  for (const seqs of stops) {
    const from = said.indexOf(seqs[0]);
    assert.deepEqual(seqs, said.slice(from, from + seqs.length));
    assert.ok(seqs.length <= 300, `${seqs.length} rows`);
  }
}

/** Resolves when the end of the room is in view. */
const atEnd = ({ page }) => eventually(() => page.locator('#log').evaluate(
  (log, last) => log.scrollHeight - log.scrollTop - log.clientHeight <= 1 && document.querySelector('#messages').lastElementChild.id === last,
  `m${said.at(-1)}`,
), 'the end is in view');

test('a link to a message opens the room around it, and both ways lead to the ends', async () => {
  const ada = await stage.window(reader);
  await ada.open('/rooms/lobby/42');
  const row = ada.page.locator('#m42');
  await eventually(() => row.evaluate((node) => {
    const { top, bottom } = node.getBoundingClientRect();
    return top >= 0 && bottom <= window.innerHeight && node.matches('.is-focus');
  }), 'the message is in view and marked');
  assertWhole(await walk(ada, -1, 1));
  assertWhole(await walk(ada, 1, said.at(-1)));
  await eventually(async () => !(await ada.page.locator('#jump').isVisible()) || ada.page.locator('#log').evaluate((log) => {
    log.scrollTop = log.scrollHeight;
  }), 'there is nothing to jump to at the end');
  await say('live again');
  await ada.sees('live again');
  await atEnd(ada);
  assertWhole(await walk(ada, -1, 1));
  await ada.page.getByText('This is where').waitFor();
});

test('far from the end what is new is counted, and one press or a message of one’s own leads there', async () => {
  const ada = await stage.window(reader);
  const jump = ada.page.locator('#jump');
  await ada.open('/rooms/lobby/42');
  await eventually(async () => (await jump.innerText()) === 'Jump to latest', 'the way to the end');
  for (const text of ['one', 'two', 'three']) await say(text);
  await eventually(async () => (await jump.innerText()) === 'Latest · 3 new', 'the count');
  assert.equal(await ada.message('three').count(), 0, 'it is not put below what does not join it');
  await jump.click();
  await atEnd(ada);
  await eventually(() => jump.isHidden(), 'arrived');

  await ada.open('/rooms/lobby/42');
  await ada.say('from far back');
  await ada.sees('from far back');
  said.push(await ada.page.locator('#messages > :last-child').evaluate(({ id }) => Number(id.slice(1))));
  await atEnd(ada);
  assertWhole(await walk(ada, 1, said.at(-1)));
});

test('a line stands above what is new until one answers', async () => {
  const read = said.at(-1);
  const first = await say('news, first');
  await say('news, second');
  const ada = await having(reader, read);
  await ada.open('/rooms/lobby');
  const line = ada.page.locator('#messages .divider');
  const below = () => line.evaluate((node) => node.nextElementSibling.id);
  assert.equal(await below(), `m${first}`);
  assert.equal(await ada.page.locator(`#m${first}.is-grouped`).count(), 0, 'it breaks a group');
  await say('news, third');
  await ada.sees('news, third');
  assert.equal(await below(), `m${first}`, 'it stays where it was on entry');
  await ada.say('an answer');
  await line.waitFor({ state: 'detached' });
  await ada.sees('an answer');
  said.push(await ada.page.locator('#messages > :last-child').evaluate(({ id }) => Number(id.slice(1))));
});

test('with more unread than a page the line waits for its place', async () => {
  const at = said.length - 101;
  const ada = await having(vera, said[at]);
  await ada.open('/rooms/lobby');
  const line = ada.page.locator('#messages .divider');
  assert.equal(await line.count(), 0);
  await walk(ada, -1, said[at]);
  assert.equal(await line.evaluate((node) => node.nextElementSibling.id), `m${said[at + 1]}`);
});

test('days are the reader’s own, and a time says the whole of itself when asked', async () => {
  const ada = await stage.window(reader, { timezoneId: 'Pacific/Kiritimati', locale: 'en-GB' });
  const tomorrow = new Date(Date.now() + 86_400_000);
  await ada.page.clock.setFixedTime(tomorrow); // wrong: the server's clock decides what today is
  await ada.open('/rooms/lobby');
  assert.equal(await ada.page.locator('#messages .day').last().innerText(), 'Today');
  const zone = { timeZone: 'Pacific/Kiritimati', dateStyle: 'full', timeStyle: 'short' };
  const { iso, title } = await ada.page.locator('#messages time[title]').last().evaluate((node) => ({ iso: node.dateTime, title: node.title }));
  assert.equal(title, new Intl.DateTimeFormat('en-GB', zone).format(new Date(iso)));
});

test('after sleep nothing is missing and it is said in one sentence', async () => {
  const ada = await stage.window(reader);
  const { page } = ada;
  let asleep = false;
  let upgrades = 0;
  let reads = 0;
  await page.routeWebSocket(/socket\.io/, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((frame) => {
      if (frame === '5') upgrades++;
      if (frame.includes('"room:read"')) reads++;
      server.send(frame);
    });
    server.onMessage((frame) => { if (!asleep) socket.send(frame); });
  });
  await page.clock.install();
  await ada.open('/rooms/lobby');
  await eventually(() => upgrades === 1, 'a WebSocket');
  const last = await say('before falling asleep');
  await eventually(() => reads > 0, 'it is read');
  await page.evaluate(() => {
    window.spoken = [];
    new MutationObserver((changes) => changes.forEach(({ addedNodes }) => addedNodes.forEach((node) => window.spoken.push(node.textContent))))
      .observe(document.querySelector('#announcer'), { childList: true });
  });
  const look = (hidden) => page.evaluate((hidden) => {
    Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
  const sleepThrough = async (count) => {
    asleep = true;
    await page.clock.setSystemTime(Date.now() - 120_000);
    await look(true);
    await page.clock.setSystemTime(Date.now());
    for (let n = 0; n < count; n++) await say(`while asleep ${n}`);
  };
  const told = async (count) => {
    await eventually(async () => (await page.evaluate(() => window.spoken)).includes(`${count} new messages`), `${count} are told of`);
    await page.locator(`#m${said.at(-1)}`).waitFor();
    assertWhole(await walk(ada, 1, said.at(-1)));
    const spoken = await page.evaluate(() => window.spoken.splice(0));
    assert.deepEqual(spoken.filter((words) => !words.includes('before falling asleep')), [`${count} new messages`], 'not one by one');
  };

  // The connection looks whole, but what was sent meanwhile never came.
  await sleepThrough(12);
  asleep = false;
  await look(false);
  await told(12);
  assert.equal(upgrades, 1, 'the connection is the same');
  assert.equal(await page.locator('#messages .divider').evaluate((node) => node.previousElementSibling.id), `m${last}`, 'the line');

  // Hours later the connection is found dead.
  await sleepThrough(7);
  await page.clock.fastForward('03:00:00');
  asleep = false;
  await told(7);
});
