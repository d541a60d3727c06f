// Searching: a page that needs no script, from a link in the room to the message.

import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { pictures, Stage } from './stage.mjs';

let stage, nora, emil;

before(async () => {
  await mkdir(pictures, { recursive: true });
  stage = await Stage.open();
  nora = await stage.server.signUp('Nora');
  emil = await stage.server.signUp('Emil');
  const clients = { Nora: await nora.join('lobby'), Emil: await emil.join('lobby') };
  await clients.Nora.ok('room:create', { name: 'Print shop' });
  await clients.Nora.ok('room:create', { name: 'Attic', private: true });
  await clients.Emil.ok('room:join', { room: 'print-shop' });
  for (const [name, room, text] of [
    ['Nora', 'lobby', 'The draft of the map is done. Have a look at the north side before we print it, please.'],
    ['Emil', 'print-shop', 'The paper for the map has come: A2, matt. I would print one copy first, look at the two reds side by side in daylight, and only then do the other five; the last time we did it the other way round we threw away four of them, and the archive got theirs a week late.'],
    ['Nora', 'print-shop', 'One <b>map</b> for the wall, two maps for the archive. They lost one last year.'],
    ['Emil', 'lobby', 'נדפיס את map ב־A2'],
  ]) await clients[name].send(room, text);
  for (let n = 1; n <= 25; n++) await clients.Emil.send('lobby', `Train ${n} is late`);
  for (const client of Object.values(clients)) client.close();
});
afterEach(() => stage.clear());
after(() => stage.close());

test('without JavaScript one finds a message and opens it in its room', async () => {
  const { page } = await stage.window(emil, { javaScriptEnabled: false });
  await page.goto('/rooms/lobby');
  await page.getByRole('link', { name: 'Search this room' }).click();
  assert.equal(await page.getByLabel('Where to search').inputValue(), 'lobby');
  await page.getByLabel('Words to search for').fill('archive map');
  await page.getByRole('button', { name: 'Search' }).click();
  await page.getByText('Nothing found for').waitFor();
  assert.equal(await page.getByRole('option', { name: 'Attic' }).count(), 0);
  await page.getByLabel('Where to search').selectOption('All rooms');
  await page.getByRole('button', { name: 'Search' }).click();
  const results = page.getByRole('listitem');
  await results.first().waitFor();
  assert.equal(await results.count(), 2);
  assert.match(await results.first().innerText(), /Nora\s+in Print shop[^]*One <b>map<\/b> for the wall/);
  assert.deepEqual(await results.first().locator('mark').allInnerTexts(), ['map', 'maps', 'archive']);
  await results.first().getByRole('link').click();
  await page.waitForURL('**/rooms/print-shop/2#m2');
});

test('older results are a link away, and so are the newest', async () => {
  const { page } = await stage.window(emil);
  await page.goto('/search?q=train');
  assert.equal(await page.getByRole('listitem').count(), 20);
  await page.getByRole('link', { name: 'Older results' }).click();
  await page.getByRole('link', { name: 'Newest results' }).waitFor();
  assert.equal(await page.getByRole('listitem').count(), 5);
  assert.match(await page.getByRole('listitem').last().innerText(), /Train 1 is late/);
});

test('the page is in its place however wide it is', async () => {
  const { page } = await stage.window(nora, { locale: 'en-GB', forgive: [/status of 400/] });
  for (const [what, address] of Object.entries({
    empty: '/search', found: '/search?q=map', pages: '/search?q=train&room=lobby', nothing: '/search?q=zeppelin', refused: '/search?q=%22',
  })) {
    await page.goto(address);
    for (const [name, viewport, colorScheme] of [
      ['desktop', { width: 1440, height: 900 }, 'light'], ['dark', { width: 1440, height: 900 }, 'dark'], ['phone', { width: 390, height: 844 }, 'light'],
    ]) {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: path.join(pictures, `search-${what}-${name}.png`) });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      assert.equal(wide, false, `${what}, ${name}: it is wider than the window`);
    }
  }
});
