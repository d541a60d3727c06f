// Unread messages: the way to the first of them, and that only what was on screen is read.

import assert from 'node:assert/strict';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { eventually, pictures, Stage } from './stage.mjs';

const desktop = { viewport: { width: 1280, height: 800 } };
const phone = { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true };

let stage, client;

before(async () => {
  stage = await Stage.open();
  client = await (await stage.server.signUp('olga')).connect('/general');
});
afterEach(() => stage.clear());
after(() => stage.close());

/** Makes a room, signs somebody up who has read it, and writes n messages that they have not. */
async function behind(name, n, mentionAt) {
  const { room } = await client.ok('room:create', { name: `Room ${name}` });
  const person = await stage.server.signUp(name);
  const other = await person.connect('/general');
  await other.ok('room:join', { room: room.slug });
  for (let i = 1; i <= n; i++) {
    const text = i === mentionAt ? `message ${i} @${name}` : `message ${i}`;
    await client.ok('message:send', { room: room.slug, id: crypto.randomUUID(), text });
  }
  const counts = async () => (await other.ok('room:list', {})).rooms.find(({ slug }) => slug === room.slug);
  return { person, counts, path: `/rooms/${room.slug}` };
}

const bar = (window) => window.page.locator('#unread');
const first = (window) => window.page.getByRole('button', { name: 'Jump to first unread' });

for (const [device, options] of [['desktop', desktop], ['phone', phone]]) {
  for (const [n, shown] of [[40, '40'], [62, '62'], [500, '99+']]) {
    test(`${n} unread messages are read only when shown: ${device}`, async () => {
      const { person, counts, path: route } = await behind(`${device}${n}`, n, 2);
      const window = await stage.enter('', { person, path: route, ...options });
      await first(window).getByText(`${shown} new · Jump to first unread`).waitFor();
      const mention = window.page.getByRole('button', { name: '1 mention above' });
      await mention.waitFor();
      await window.page.screenshot({ path: path.join(pictures, `unread-${device}-${n}.png`) });
      await window.page.waitForTimeout(1200);
      assert.equal((await counts()).unread, Math.min(n, 100));

      await first(window).click();
      await window.page.getByText('message 1', { exact: true }).waitFor();
      await bar(window).waitFor({ state: 'hidden' });
      await eventually(async () => (await counts()).mentions === 0, 'the mention is read');
      if (n > 62) return assert.equal((await counts()).unread, 100);
      // Of 40 the two views show all.
      if (n === 62) assert.ok((await counts()).unread > 0);
      await eventually(async () => {
        await window.page.locator('#log').evaluate((log) => { log.scrollTop += log.clientHeight / 2; });
        return (await counts()).unread === 0;
      }, 'all is read after scrolling through it', 20_000);
    });
  }
}

test('Mark as read clears what was not shown', async () => {
  const { person, counts, path: route } = await behind('marker', 40, 2);
  const window = await stage.enter('', { person, path: route, ...desktop, colorScheme: 'dark' });
  await bar(window).waitFor();
  await window.page.screenshot({ path: path.join(pictures, 'unread-dark.png') });
  await window.page.getByRole('button', { name: 'Mark as read' }).click();
  await bar(window).waitFor({ state: 'hidden' });
  await eventually(async () => (await counts()).unread === 0, 'all is read');
});

test('an own message reads nothing above the view', async () => {
  const { person, counts, path: route } = await behind('writer', 40, 2);
  const window = await stage.enter('', { person, path: route, ...desktop });
  await bar(window).waitFor();
  await window.say('my own words');
  await window.sees('my own words');
  await window.page.goto('/rooms/lobby');
  assert.equal((await counts()).unread, 40);
});
