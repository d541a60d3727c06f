// Reading back: older pages come on scrolling up, and the view stays where the eye is.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { eventually, Stage } from './stage.mjs';

let stage, olga;

before(async () => {
  stage = await Stage.open();
  olga = await stage.server.signUp('olga');
  const client = await olga.join('lobby');
  for (let n = 1; n <= 200; n++) await client.send('lobby', `number ${n}${n % 7 ? '' : ', with\nmore than\none line'}`);
  client.close();
});
afterEach(() => stage.clear());
after(() => stage.close());

/** Distance of the view from the end of the log, in pixels. */
const fromEnd = (window) => window.page.locator('#log').evaluate((log) => log.scrollHeight - log.scrollTop - log.clientHeight);

/**
 * Scrolls to the top and returns a row in view with its place on the screen at that moment: the third,
 * since the first may join a group that the older page brings.
 */
const toTop = (window) => window.page.locator('#log').evaluate((log) => {
  log.scrollTop = 0;
  const row = document.querySelectorAll('#messages article')[2];
  return { key: row.dataset.key, top: row.getBoundingClientRect().top };
});

const rows = (window) => window.log.getByRole('article').count();

test('a room opens at its end', async () => {
  const ada = await stage.enter('ada');
  await ada.sees('number 200');
  assert.ok((await fromEnd(ada)) <= 1);
  assert.equal(await rows(ada), 50);
});

test('scrolling up brings older pages without a jump, until the room begins', async () => {
  const ada = await stage.enter('ada-two');
  for (let page = 2; page <= 4; page++) {
    const before = await rows(ada);
    const anchor = await toTop(ada);
    await eventually(async () => (await rows(ada)) > before, `page ${page}`);
    await eventually(async () => {
      const top = await ada.page.locator(`[data-key="${anchor.key}"]`).evaluate((row) => row.getBoundingClientRect().top);
      return Math.abs(top - anchor.top) <= 1;
    }, `the view stays, page ${page}`, 1000);
  }
  await ada.sees('number 1');
  const numbers = (await ada.texts()).map((text) => Number.parseInt(text.slice('number '.length), 10));
  assert.deepEqual(numbers, Array.from({ length: 200 }, (_, n) => n + 1), 'no hole, no repetition');
  await toTop(ada);
  await ada.page.getByText('This is where').waitFor();
});

test('while one reads history a new message does not move the view, and is one press away', async () => {
  const ada = await stage.enter('ada-three');
  const ben = await stage.enter('ben-three');
  const before = await rows(ada);
  await toTop(ada);
  await eventually(async () => (await rows(ada)) > before, 'the older page');
  const place = () => ada.page.locator('#log').evaluate((log) => log.scrollTop);
  await eventually(async () => (await place()) > 0, 'the view is kept');
  const reading = await place();
  await ben.say('news from below');
  await ben.sees('news from below');
  const jump = ada.page.locator('#jump');
  await jump.waitFor();
  await eventually(async () => /1/.test(await jump.innerText()), 'the count of new messages');
  assert.ok(Math.abs((await place()) - reading) <= 1, 'the view did not move');
  await jump.click();
  await ada.sees('news from below');
  await eventually(async () => (await fromEnd(ada)) <= 1, 'the end');
});

test('a link to a message opens the room around it', async () => {
  const ada = await stage.window(olga);
  await ada.page.goto('/rooms/lobby/30');
  await ada.page.locator('#m30').waitFor();
  await eventually(() => ada.page.locator('#m30').evaluate((row) => {
    const { top, bottom } = row.getBoundingClientRect();
    return top >= 0 && bottom <= window.innerHeight;
  }), 'the message is in view');
});
